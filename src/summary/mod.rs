//! What a run says: per candidate its scores, cost and latency; between candidates the differences.
//!
//! These types are the `bakeoff.summary/1` JSON, field by field.

mod build;
mod cells;
mod cluster;
pub mod compare;
mod contrast;
mod field;
mod hops;
pub mod judge;
mod judged;
mod labels;
mod matrix;
pub mod outlook;
pub mod pairing;
mod pairwise;
mod reprice;
pub mod select;
pub mod sheet;
pub mod side;
pub mod table;
mod trace;
pub mod usage;
mod whole;

pub use build::summarise;
pub use cluster::clusters;
pub use judged::answer_hash;
pub use labels::{LabelCell, LabelReport};
pub use matrix::odd;
pub use pairwise::{Consistency, Meeting, Pairwise, Strength};
pub use reprice::{Repriced, reprice};
pub use trace::{Asked, Trace, Tried, traces, tried};

use crate::plan::Stopped;
use crate::stats::Estimate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Summary {
    /// Always `bakeoff.summary/1`.
    pub schema: String,
    /// The run's id.
    pub run: String,
    /// The suite's name.
    pub suite: String,
    /// Every trial has an outcome.
    pub complete: bool,
    /// The run's seed.
    pub seed: u64,
    /// How many cases were asked.
    pub cases: usize,
    /// How many times each case was asked of each candidate.
    pub repeats: u32,
    /// Scorer names in the suite's order; the primary one is `best.scorer`.
    pub scorers: Vec<String>,
    /// One row a candidate, in the suite's order.
    pub candidates: Vec<Row>,
    /// Differences: each candidate against the best, and against the reference where one is named.
    pub contrasts: Vec<Contrast>,
    /// Which candidates could be the best.
    pub best: Best,
    /// What scorers that compare answers said, one each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairwise: Vec<Pairwise>,
    /// Requests of the whole run.
    pub usage: Traffic,
    /// Date of the price table.
    pub prices: String,
    /// SHA-256 of the price table.
    pub prices_hash: String,
    /// Where the price table is from.
    pub price_table: String,
    /// That costs were recomputed, with which table; null where they are as recorded.
    pub repriced: Option<Repriced>,
    /// When the replies were recorded, if they were replayed: oldest date, else null.
    pub recorded: Option<String>,
    /// Hash of the dataset.
    pub dataset: String,
    /// What a reader must know before trusting the numbers, a sentence each.
    pub notes: Vec<String>,
    /// Where the run stopped because its verdict was certain; `cases` are those that were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_early: Option<Stopped>,
    /// The outage that the run rehearsed, fault by fault; its figures are of that, not of the models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drill: Vec<String>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Row {
    /// The candidate's name.
    pub name: String,
    /// Its model, `provider/name`.
    pub model: String,
    /// Its prompt's name.
    pub prompt: String,
    /// Models as the providers named them, with how many replies each gave.
    pub served: BTreeMap<String, usize>,
    /// Trials planned.
    pub trials: usize,
    /// Trials answered.
    pub answered: usize,
    /// Trials that failed.
    pub failed: usize,
    /// Failures by kind.
    pub failures: BTreeMap<String, usize>,
    /// Answers that were refusals or filtered.
    pub refused: usize,
    /// Answers cut by the token limit.
    pub cut: usize,
    /// Answers without any visible text or tool call.
    pub empty: usize,
    /// Scores by scorer name.
    pub scores: BTreeMap<String, ScoreCell>,
    /// Money.
    pub cost_usd: CostCell,
    /// Answers whose cost is unknown.
    pub cost_unknown: usize,
    /// Where the costs come from, with how many answers each.
    pub cost_sources: BTreeMap<String, usize>,
    /// What the provider stated against the price table; null where it states nothing.
    pub cost_check: Option<CostCheck>,
    /// Tokens of all answers, where stated.
    pub tokens: Tokens,
    /// From sent to end of the successful attempt.
    pub latency_ms: Latency,
    /// From sent to the first generated token.
    pub first_token_ms: Latency,
    /// Output speed: (output tokens − 1) / (last token − first token).
    pub tokens_per_s: Latency,
    /// From the first attempt's sending to the answer's end: failed attempts, other hops and the
    /// waits between them included.
    #[serde(default)]
    pub total_ms: Latency,
    /// Of a chain: its models in the order of asking. Of a route: all that it may ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<HopRow>,
}

/// One model of a chain or a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HopRow {
    /// The model as the suite spells it.
    pub model: String,
    /// Trials that it answered.
    pub answered: usize,
    /// Trials in which it was asked and another hop, or none, gave the answer; of a route, those in
    /// which it gave none.
    pub failed: usize,
    /// Of a route: trials in which it answered and another one was asked all the same. Of a
    /// classifier: those in which it said something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<usize>,
    /// Its share of the answers; null if there are none.
    pub share: Option<f64>,
    /// What its attempts that brought no answer cost, USD; null if one of them is unknown.
    pub waste_usd: Option<f64>,
    /// Why it was asked: trials by the word for the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, usize>,
}

/// One scorer's result for one candidate, over its scored answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScoreCell {
    /// Mean score, or the scorer's figure over all cases; null if nothing was scored.
    pub value: Option<f64>,
    /// Lower limit, 95 %.
    pub low: Option<f64>,
    /// Upper limit, 95 %.
    pub high: Option<f64>,
    /// Scored answers (cases, where a case was asked several times).
    pub n: usize,
    /// Answers that could not be scored.
    pub unscored: usize,
    /// `wilson`, `bca`, `cr2`, `bootstrap` for a figure that is no mean, or `none`; of a judge corrected
    /// by labels `ppi++`, `rogan_gladen` or `labels`.
    pub method: String,
    /// The share of scored answers that passed, where the scorer says so.
    pub passed: Option<f64>,
    /// Which label was given where which was expected, if the scorer's scores are of labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<LabelReport>,
    /// The judge's own mean, where `value` is corrected by people's labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawScore>,
    /// What is known of the judge, where the scorer is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgeCell>,
}

/// A judge's mean as it stands, before people's labels corrected it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RawScore {
    /// The mean.
    pub value: f64,
    /// Lower limit, 95 %.
    pub low: Option<f64>,
    /// Upper limit, 95 %.
    pub high: Option<f64>,
    /// Its method.
    pub method: String,
}

/// What is known of a judge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JudgeCell {
    /// Its agreement with people was measured, for this very judge and rubric, and it is better than a coin.
    pub calibrated: bool,
    /// Share of labelled answers on which it says what people say; null if nobody labelled.
    pub agreement: Option<f64>,
    /// How many labels that rests on.
    pub n_labels: usize,
    /// How many independent votes a panel is worth; null for a single judge.
    pub n_eff: Option<f64>,
}

/// Money in USD; null is unknown, never 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostCell {
    /// The successful attempts.
    pub answers: Option<f64>,
    /// Failed and retried attempts.
    pub waste: Option<f64>,
    /// Of a route: answers that were passed over, and what its classifier said; not in `waste`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<f64>,
    /// Judges; null if there are none.
    pub judges: Option<f64>,
    /// Answers ÷ answered trials of known cost.
    pub per_case: Option<f64>,
    /// Lower limit of `per_case`, 95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper limit of `per_case`, 95 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// Costs that the provider stated, and what the price table makes of the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CostCheck {
    /// As stated, USD.
    pub stated: f64,
    /// By the table, USD.
    pub table: f64,
    /// Answers that have both.
    pub n: usize,
}

/// Sums of token counts over the answers that state them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tokens {
    /// Input.
    pub input: Option<u64>,
    /// Output.
    pub output: Option<u64>,
    /// Of the input, from a cache.
    pub cached_input: Option<u64>,
    /// Of the output, reasoning.
    pub reasoning: Option<u64>,
}

/// Quantiles of a time or a speed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Latency {
    /// Median.
    pub p50: Option<Estimate>,
    /// 95th percentile.
    pub p95: Option<Estimate>,
    /// Replies measured.
    pub n: usize,
    /// Replies left out (cache hits, not streamed, not stated).
    pub excluded: usize,
}

/// A paired difference: `a` minus `b`, case by case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Contrast {
    /// The candidate.
    pub a: String,
    /// What it is held against.
    pub b: String,
    /// By which scorer.
    pub scorer: String,
    /// Mean difference of scores.
    pub difference: Estimate,
    /// Cases where `a` scored higher.
    pub gains: usize,
    /// Cases where `a` scored lower.
    pub losses: usize,
    /// Cases that only one of the two has a score for.
    pub unmatched: usize,
    /// Within what margin "not worse" is meant.
    pub margin: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// Cases needed to decide, if inconclusive: how many in all.
    pub need: Option<usize>,
    /// `newcombe`, `t`, `bca`, `cr2` or `bootstrap`.
    pub method: String,
    /// Two-sided p of "no difference"; null where there is no test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The same by a test whose error is guaranteed, for claims among many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_exact: Option<f64>,
    /// What a reader must know before trusting the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why the verdict is `invalid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a paired difference shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Shown to be better.
    Improved,
    /// Not worse by more than the margin.
    NotWorse,
    /// Shown to be worse, by less than the margin.
    SlightlyWorse,
    /// Shown to be worse.
    Regressed,
    /// The data cannot tell.
    Inconclusive,
    /// The data may not be compared.
    Invalid,
}

/// Who could be the best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Best {
    /// The primary scorer.
    pub scorer: String,
    /// The candidate with the highest estimate of those that may be compared; null if there is none.
    pub name: Option<String>,
    /// Candidates that the data cannot tell from the best, the best itself included.
    pub tied: Vec<String>,
    /// Candidates with a score that are neither, since they may not be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A candidate that may not be held against the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// Requests of the whole run.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Traffic {
    /// HTTP requests sent.
    pub requests: usize,
    /// Of them, beyond the first of their trial.
    pub retries: usize,
    /// Replies found in the store.
    pub cache_hits: usize,
    /// Replies read from a replay file.
    pub replayed: usize,
}
