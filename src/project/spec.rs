//! The suite: `bakeoff.yaml` as types. They alone describe the file: to serde, to the messages about
//! mistakes in it, and to editors (`bakeoff schema`).

use super::{
    DatasetSpec, Gate, HopMap, Limits, ModelMap, ModelSpec, Params, Price, PromptSpec, RouteMap,
    Serve,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What to compare, on which cases, scored how.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(title = "bakeoff suite")]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The suite's name; by default its folder's.
    #[serde(default)]
    pub name: String,
    /// The cases: a file, a folder with about.yaml, or a map with `path`.
    pub dataset: DatasetSpec,
    /// Prompts: files, or the same written here.
    #[serde(default)]
    pub prompts: Vec<PromptSpec>,
    /// Models: `provider/name`, or a map with `model`.
    #[serde(default)]
    pub models: Vec<ModelSpec>,
    /// Routing policies, each a candidate like a model.
    #[serde(default)]
    pub routes: Vec<RouteMap>,
    /// Parameters of every call; a prompt's and then a model's own go first.
    #[serde(default)]
    pub params: Params,
    /// Parameters that a model's API refuses are left out of its calls, with a warning on each reply;
    /// without this they stop the run before its first call.
    #[serde(default)]
    pub drop_params: bool,
    /// How often each case is asked.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub repeats: u32,
    /// The seed of all that is random: order, samples, resampling.
    #[serde(default)]
    pub seed: u64,
    /// Scorers, short (`exact`) or long (`{name: …, regex: …}`).
    #[serde(default)]
    pub scorers: Vec<Value>,
    /// The scorer that decides; by default the first.
    #[serde(default)]
    pub primary: Option<String>,
    /// The candidate that the others are compared with.
    #[serde(default)]
    pub reference: Option<String>,
    /// Limits of money, time and traffic.
    #[serde(default)]
    pub limits: Limits,
    /// What must hold against the baseline.
    #[serde(default)]
    pub gate: Option<Gate>,
    /// Your own prices in USD per million tokens, by model.
    #[serde(default)]
    pub prices: BTreeMap<String, Price>,
    /// A file of recorded replies: nothing is asked, the run is offline.
    #[serde(default)]
    pub replay: Option<String>,
    /// How `bakeoff serve` serves the models.
    #[serde(default)]
    pub serve: Serve,
}

impl Suite {
    /// The model of this name, as reports call it.
    pub fn listed(&self, name: &str) -> Option<&ModelSpec> {
        self.models.iter().find(|spec| {
            let map = spec.options();
            map.name.as_ref().unwrap_or(&map.model) == name
        })
    }

    /// Every model that is asked: of a chain or a route each of its own, with what the suite's model of that name says.
    pub fn asked(&self) -> Vec<ModelMap> {
        let of = |spec: &ModelSpec| match spec.chain() {
            Some(chain) => {
                let hops = chain.hops();
                let meant = |hop: HopMap| {
                    let listed = self.listed(&hop.model).filter(|it| it.chain().is_none());
                    hop.model(listed.map(ModelSpec::options).as_ref())
                };
                hops.into_iter().map(meant).collect()
            }
            None => vec![spec.options()],
        };
        let leaf = |model: String| {
            let listed = self.listed(&model).filter(|it| it.chain().is_none());
            let hop = HopMap {
                model,
                ..HopMap::default()
            };
            hop.model(listed.map(ModelSpec::options).as_ref())
        };
        let routed = self.routes.iter().flat_map(RouteMap::models).map(leaf);
        self.models.iter().flat_map(of).chain(routed).collect()
    }
}

fn one() -> u32 {
    1
}
