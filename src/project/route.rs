//! A routing policy as the suite writes it: which of several models is asked for a request.

use super::{HopSpec, Params, Period, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A routing policy, a candidate like a model. It has one of `cost`, `latency`, `cascade` and
/// `weighted`, or none of them and a `fallback`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteMap {
    /// What to call it in reports.
    pub name: String,
    /// By what the request says: rules in order, a classifier, else one model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostMap>,
    /// By how fast its models answered lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencyMap>,
    /// One model after the other, until an answer is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub cascade: Option<Vec<StageSpec>>,
    /// By a draw: each model's share, in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted: Option<BTreeMap<String, f64>>,
    /// The models to ask when those that the policy names give no answer; without a policy, all of its models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<HopSpec>,
    /// The model to ask when all else gave no answer, whatever the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resort: Option<String>,
    /// Parameters of all its calls, over the suite's and the prompt's; a model's own go first.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

impl RouteMap {
    /// Every model that it names, as often as it does.
    pub fn models(&self) -> Vec<String> {
        let mut models = Vec::new();
        if let Some(cost) = &self.cost {
            models.extend(cost.rules.iter().map(|rule| rule.model.clone()));
            if let Some(classifier) = &cost.classifier {
                models.push(classifier.model.clone());
                models.extend(classifier.labels.values().cloned());
            }
            models.push(cost.otherwise.clone());
        }
        models.extend(self.latency.iter().flat_map(|it| it.of.iter().cloned()));
        let stages = self.cascade.iter().flatten();
        models.extend(stages.map(|stage| stage.options().model));
        models.extend(self.weighted.iter().flat_map(|it| it.keys().cloned()));
        models.extend(self.fallback.iter().map(|hop| hop.options().model));
        models.extend(self.last_resort.clone());
        models
    }
}

/// Routing by what the request says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostMap {
    /// The first that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleMap>,
    /// A light model that is asked which label fits, where no rule did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classifier: Option<ClassifierMap>,
    /// The model where nothing else decides.
    #[serde(rename = "else")]
    pub otherwise: String,
}

/// A rule: all that it says must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleMap {
    /// The rendered prompt has at most so many tokens (estimated from its bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_prompt_tokens: Option<u64>,
    /// The rendered prompt has at least so many tokens (estimated from its bytes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_prompt_tokens: Option<u64>,
    /// The case has one of these tags, and none of those written `not:TAG`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Words>,
    /// A regular expression that the rendered user text matches somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// A column whose value is one of `is`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The values of `column` that fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Words>,
    /// The model to ask: `provider/name`, or the name of a model of this suite.
    #[serde(rename = "use")]
    pub model: String,
}

/// A light model that says which label fits a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifierMap {
    /// The model: `provider/name`, or the name of a model of this suite.
    pub model: String,
    /// What it is asked: a template over the case's columns and `{{request}}`, the rendered user text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The labels, each with the model that it leads to.
    pub labels: BTreeMap<String, String>,
    /// Parameters of its calls, over the suite's.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

/// Routing by how fast models answered lately.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LatencyMap {
    /// The models to choose from.
    #[schemars(length(min = 1))]
    pub of: Vec<String>,
    /// Which time counts.
    #[serde(default)]
    pub by: Timed,
    /// Take the cheapest model that is expected to answer 95 of 100 requests within this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_p95: Option<Period>,
}

/// Which time of an answer counts.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Timed {
    /// To its first token.
    FirstToken,
    /// To its end.
    #[default]
    Total,
}

/// A stage of a cascade: a model's name, or a map with `use` and what its answer must pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StageSpec {
    /// A model whose answer is taken as it is.
    Name(String),
    /// A model with a check of its answer.
    Map(Box<StageMap>),
}

impl StageSpec {
    /// The long form.
    pub fn options(&self) -> StageMap {
        match self {
            StageSpec::Map(map) => (**map).clone(),
            StageSpec::Name(model) => StageMap {
                model: model.clone(),
                accept: None,
            },
        }
    }
}

/// A stage of a cascade with a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageMap {
    /// The model: `provider/name`, or the name of a model of this suite.
    #[serde(rename = "use")]
    pub model: String,
    /// What the answer must pass; if it does not, the next stage is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<AcceptMap>,
}

/// What an answer must pass: one of these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptMap {
    /// A scorer of the suite says that it passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scorer: Option<String>,
    /// The answer is JSON and states a confidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<ConfidenceMap>,
    /// The mean log probability of its tokens is at least this (natural logarithm, 0 or less).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 0.0))]
    pub logprob: Option<f64>,
}

/// A confidence that an answer states of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceMap {
    /// Where it stands in the answer's JSON: a JSON pointer such as `/confidence`.
    pub path: String,
    /// The least that is accepted.
    pub at_least: f64,
}
