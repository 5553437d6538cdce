//! What the store keeps of a plan: enough to report on the run, and to see whether it is still the same.

use super::{Candidate, Early, Plan, Stopped, Target, short_hash};
use crate::calibration::Calibration;
use crate::dataset::Case;
use crate::project::{Params, RouteMap, Trigger};
use crate::prompt::Kept;
use crate::provider::price::Edition;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A plan without what is needed only for sending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Snapshot {
    /// The suite's name.
    pub suite: String,
    /// The one seed.
    pub seed: u64,
    /// How often each case is asked of each candidate.
    pub repeats: u32,
    /// The dataset's name and hash.
    pub dataset: DatasetRef,
    /// The columns of the matrix.
    pub candidates: Vec<Column>,
    /// The scorers.
    pub scorers: Vec<ScorerRef>,
    /// The scorer that decides.
    pub primary: String,
    /// The candidate that the others are held against, if named.
    pub reference: Option<String>,
    /// Within what difference a candidate counts as not worse.
    pub margin: f64,
    /// The share of failed trials a candidate may have.
    pub max_failed: f64,
    /// Date of the price table.
    pub prices: String,
    /// SHA-256 of the price table.
    #[serde(default)]
    pub prices_hash: String,
    /// Where the price table is from.
    #[serde(default)]
    pub price_table: String,
    /// The scorers that are a model's judgement.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub judges: BTreeMap<String, JudgeRef>,
    /// The environment variables of the models' keys, by model; never a key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// The prompts' messages, by the prompt's hash: what the models were asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, Kept>,
    /// What the command line chose of the suite.
    #[serde(default)]
    pub chosen: Chosen,
    /// That the run may stop before its end, and where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<Early>,
    /// The run whose gate asks both sides again in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<String>,
    /// The outage that the run rehearsed, fault by fault, as it was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drill: Vec<String>,
}

/// What the command line chose of the suite, so that `resume` can choose the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Chosen {
    /// Only these candidates.
    pub models: Vec<String>,
    /// Only these prompts.
    pub prompts: Vec<String>,
    /// Only these cases.
    pub only: Vec<String>,
    /// Only the first cases.
    pub limit: Option<usize>,
    /// A random sample.
    pub sample: Option<usize>,
    /// A part of several: which, and of how many.
    pub shard: Option<(usize, usize)>,
    /// How often each case is asked.
    pub repeats: Option<u32>,
    /// The seed.
    pub seed: Option<u64>,
    /// Most money, USD.
    pub max_cost: Option<f64>,
    /// Under a cap, models without a known price are asked too.
    pub allow_unpriced: bool,
    /// Neither cache nor the suite's replay file is used.
    #[serde(default)]
    pub fresh: bool,
    /// Parameters that a target refuses are dropped.
    #[serde(default)]
    pub drop_params: bool,
}

/// The dataset of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DatasetRef {
    /// The file, or the folder that it is in.
    pub name: String,
    /// The file with the rows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Hash of the selected cases.
    pub hash: String,
    /// How many.
    pub cases: usize,
    /// Of a shard: hash of all the cases that the shards are parts of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
}

/// A candidate of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Hash of model, prompt and parameters.
    pub id: String,
    /// Its model as the suite spells it.
    pub model: String,
    /// The wire format's name.
    #[serde(default)]
    pub api: String,
    /// Where it is asked.
    pub base_url: String,
    /// Its prompt's name.
    pub prompt: String,
    /// Hash of the prompt.
    pub prompt_hash: String,
    /// Its parameters.
    pub params: Value,
    /// How many earlier candidates send exactly the same.
    pub twin: u32,
    /// The suite's own price, USD per million tokens: nominal where nobody is billed.
    pub price: Option<Value>,
    /// Of a chain: its models in the order of asking. Of a route: all that it may ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<ColumnHop>,
    /// The route as it is written, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteMap>,
}

/// A model of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ColumnHop {
    /// The model as the suite spells it.
    pub model: String,
    /// The wire format's name.
    pub api: String,
    /// Where it is asked.
    pub base_url: String,
    /// Its parameters.
    pub params: Value,
    /// Most attempts, where the chain says so.
    pub attempts: Option<u32>,
    /// What leads to it; empty for the first.
    pub on: Vec<Trigger>,
    /// The suite's own price, USD per million tokens.
    pub price: Option<Value>,
}

/// A scorer of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScorerRef {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Hash of its definition.
    pub hash: String,
}

/// A scorer of a run that is a model's judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JudgeRef {
    /// Who judges, as the suite spells it.
    pub models: Vec<String>,
    /// The families of those models, where their names tell.
    pub families: Vec<String>,
    /// Hash of models, rubric and parameters: what a calibration holds for.
    pub hash: String,
    /// The grades that a person may give in its place, each with its worth.
    #[serde(default)]
    pub grades: Vec<(String, f64)>,
    /// What its agreement with people was found to be; of this very judge or of an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

impl JudgeRef {
    /// The calibration, if it is of this very judge.
    pub fn calibrated(&self) -> Option<&Calibration> {
        self.calibration.as_ref().filter(|it| it.judge == self.hash)
    }
}

impl Snapshot {
    /// The trial id of a case, a candidate and a repeat.
    pub fn trial_id(&self, case: &Case, column: &Column, repeat: u32) -> String {
        trial_id(&case.id, &column.id, column.twin, repeat)
    }

    /// Where the run stopped because its verdict was certain, if it did.
    pub fn stopped(&self) -> Option<&Stopped> {
        self.early.as_ref()?.stopped.as_ref()
    }

    /// What differs in what is asked, a line each; scorers do not count, since they ask nothing again.
    pub fn changes(&self, now: &Snapshot) -> Vec<String> {
        let mut lines = Vec::new();
        let mut differ = |what: &str, before: String, after: String| {
            if before != after {
                lines.push(format!("{what}: was {before}, is {after}"));
            }
        };
        differ("suite", self.suite.clone(), now.suite.clone());
        differ("seed", self.seed.to_string(), now.seed.to_string());
        differ("repeats", self.repeats.to_string(), now.repeats.to_string());
        let dataset =
            |it: &DatasetRef| format!("{} ({} cases, {})", it.name, it.cases, short(&it.hash));
        differ("dataset", dataset(&self.dataset), dataset(&now.dataset));
        let dropped = |it: &Snapshot| match it.chosen.drop_params {
            true => "dropped".to_owned(),
            false => "an error".to_owned(),
        };
        differ("refused parameters", dropped(self), dropped(now));
        let names = |it: &Snapshot| {
            it.candidates
                .iter()
                .map(|c| c.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        differ("candidates", names(self), names(now));
        for before in &self.candidates {
            let after = now.candidates.iter().find(|it| it.name == before.name);
            lines.extend(after.into_iter().flat_map(|after| before.changes(after)));
        }
        lines
    }
}

impl Column {
    /// What differs in what is asked, a line each.
    pub fn changes(&self, now: &Column) -> Vec<String> {
        let prompt = |it: &Column| format!("{} ({})", it.prompt, short(&it.prompt_hash));
        let api = |it: &Column| match it.api.as_str() {
            "" => now.api.clone(),
            api => api.to_owned(),
        };
        let hops = |it: &Column| match &it.route {
            Some(route) => serde_json::to_string(&(route, &it.hops)).unwrap_or_default(),
            None => serde_json::to_string(&it.hops).unwrap_or_default(),
        };
        let pairs = [
            ("model", self.model.clone(), now.model.clone()),
            ("api", api(self), api(now)),
            ("address", self.base_url.clone(), now.base_url.clone()),
            ("prompt", prompt(self), prompt(now)),
            (
                "parameters",
                self.params.to_string(),
                now.params.to_string(),
            ),
        ];
        let differ = pairs.iter().filter(|(_, before, after)| before != after);
        let mut lines: Vec<String> = differ
            .map(|(what, before, after)| {
                format!("{what} of {}: was {before}, is {after}", self.name)
            })
            .collect();
        let chains = !self.hops.is_empty() || !now.hops.is_empty();
        if lines.is_empty() && self.id != now.id && chains {
            let (name, before, after) = (&self.name, hops(self), hops(now));
            let what = match (&self.route, &now.route) {
                (None, None) => "chain",
                _ => "route",
            };
            lines.push(format!("{what} of {name}: was {before}, is {after}"));
        }
        if lines.is_empty() && self.id != now.id {
            lines.push(format!("api of {}: is {} now", self.name, now.api));
        }
        lines
    }
}

fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

/// A trial's id: a hash of content, the same in every run that asks the same.
pub(super) fn trial_id(case: &str, candidate: &str, twin: u32, repeat: u32) -> String {
    short_hash(&[case, candidate, &twin.to_string(), &repeat.to_string()])
}

fn plain<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("parameters and prices are plain data")
}

impl Candidate {
    /// Its model as the suite spells it; of a chain all of them, with arrows between; of a route too,
    /// with strokes.
    pub fn model(&self) -> String {
        let names: Vec<&str> = self.targets().map(|target| target.name.as_str()).collect();
        names.join(if self.policy.is_chain() {
            " → "
        } else {
            " | "
        })
    }

    fn column_hops(&self) -> Vec<ColumnHop> {
        if self.fallback.is_empty() {
            return Vec::new();
        }
        let hop = |at: usize, target: &Target, params: &Params, attempts| ColumnHop {
            model: target.name.clone(),
            api: target.api.to_owned(),
            base_url: target.endpoint.base_url.clone(),
            params: plain(params),
            attempts,
            on: self.policy.on(at).to_vec(),
            price: target.price.as_ref().map(plain),
        };
        let first = hop(0, &self.target, &self.params, self.attempts);
        let later = self.fallback.iter().enumerate();
        let later = later.map(|(at, it)| hop(at + 1, &it.target, &it.params, it.attempts));
        std::iter::once(first).chain(later).collect()
    }
}

impl Plan {
    /// What the store keeps of this plan, priced by this table.
    pub fn snapshot(&self, prices: &Edition) -> Snapshot {
        let columns = self.candidates.iter().map(|candidate| Column {
            name: candidate.name.clone(),
            id: candidate.id.clone(),
            model: candidate.model(),
            api: candidate.target.api.to_owned(),
            base_url: candidate.target.endpoint.base_url.clone(),
            prompt: candidate.prompt.name.clone(),
            prompt_hash: candidate.prompt.hash.clone(),
            params: plain(&candidate.params),
            twin: candidate.twin,
            price: candidate.target.price.as_ref().map(plain),
            hops: candidate.column_hops(),
            route: candidate.route.as_deref().cloned(),
        });
        let candidates = self.candidates.iter().flat_map(Candidate::targets);
        let keys = candidates.chain(self.judges.values());
        let keys = keys.filter_map(|it| Some((it.name.clone(), it.key_from.clone()?)));
        Snapshot {
            keys: keys.collect(),
            suite: self.suite.clone(),
            seed: self.seed,
            repeats: self.repeats,
            dataset: DatasetRef {
                name: self.dataset.name.clone(),
                file: self.dataset.file.clone(),
                hash: self.dataset.hash.clone(),
                cases: self.dataset.cases.len(),
                whole: self.dataset.whole.clone(),
            },
            candidates: columns.collect(),
            scorers: self.scorers.clone(),
            primary: self.primary.clone(),
            reference: self.reference.clone(),
            margin: self.margin,
            max_failed: self.limits.max_failed,
            prices: prices.date.clone(),
            prices_hash: prices.sha256.clone(),
            price_table: prices.name.clone(),
            judges: BTreeMap::new(),
            prompts: self
                .candidates
                .iter()
                .map(|it| (it.prompt.hash.clone(), it.prompt.kept()))
                .collect(),
            chosen: Chosen::default(),
            early: None,
            confirms: None,
            drill: Vec::new(),
        }
    }
}
