//! What must hold against the baseline.

use super::units::{Amount, Share};
use schemars::JsonSchema;
use serde::Deserialize;

/// A baseline and the rules against it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    /// The baseline's file, written by `bakeoff baseline set`.
    pub baseline: Option<String>,
    /// The rules; by default the primary scorer may not fall by more than its margin.
    pub rules: Vec<Rule>,
}

/// One rule: about a scorer, or about a metric.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rule {
    /// About a scorer.
    Scorer(ScorerRule),
    /// About a metric.
    Metric(MetricRule),
}

/// A score may not be worse than the baseline's, or than a fixed least value.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScorerRule {
    /// The scorer's name.
    pub scorer: String,
    /// How much worse still counts as not worse; by default 2 points, 5 with at most 100 cases.
    #[serde(default)]
    pub margin: Option<Share>,
    /// The least score.
    #[serde(default)]
    pub min: Option<f64>,
    /// Let a judge decide that was never held against people's labels.
    #[serde(default)]
    pub allow_uncalibrated: bool,
}

/// A metric may not pass a limit, or rise by more than a share.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricRule {
    /// The metric.
    pub metric: Metric,
    /// The most it may be.
    #[serde(default)]
    pub max: Option<Amount>,
    /// The most it may rise against the baseline.
    #[serde(default)]
    pub max_rise: Option<Share>,
}

/// What a rule can be about beside scores; lower is better for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// USD an answered case.
    CostPerCase,
    /// Median latency.
    LatencyP50,
    /// 95th percentile of latency.
    LatencyP95,
    /// Median time to the first token.
    FirstTokenP50,
    /// 95th percentile of the time to the first token.
    FirstTokenP95,
    /// Output tokens an answer.
    OutputTokens,
    /// Share of trials without a reply.
    Failed,
    /// Share of answers that are refusals.
    Refused,
    /// Share of answers cut by the token limit.
    Cut,
    /// Share of answers without text.
    Empty,
}

impl Metric {
    /// Whether it is a share of trials.
    pub fn is_share(self) -> bool {
        use Metric::{Cut, Empty, Failed, Refused};
        matches!(self, Failed | Refused | Cut | Empty)
    }

    /// Whether it is a time, so that a limit of it has a unit.
    pub fn is_time(self) -> bool {
        use Metric::{FirstTokenP50, FirstTokenP95, LatencyP50, LatencyP95};
        matches!(
            self,
            LatencyP50 | LatencyP95 | FirstTokenP50 | FirstTokenP95
        )
    }
}
