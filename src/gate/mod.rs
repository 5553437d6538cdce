//! The gate: rules on a run, against a baseline. A verdict with its reasons; nothing is asked or printed here.
//!
//! The commit gate is a rule in two stages: a drop that shows at one-sided 5 % is *flagged*; only when both
//! sides have been asked afresh and the pooled data still show it at 1 % does it block. On unchanged code that
//! blocks about 1 commit in 200, where a threshold on means blocks 1 in 4. A release gate is non-inferiority:
//! not worse must be shown. A run that may stop early is judged by bets on its cases, valid at any look, with a
//! fifth of the error, and by the usual test with the rest. A limit that needs no baseline (`min`, `max`) is judged at once.

mod baseline;
mod early;
mod judge;
mod metric;
mod pair;
mod words;

pub use baseline::{Again, Baseline, Kept, SCHEMA as BASELINE_SCHEMA};
pub use early::{Looks, Rounds};
pub use judge::judge;
pub use words::{rule_text, sentence};

use crate::plan::Stopped;
use crate::project::Rule;
use crate::stats::Estimate;
use crate::summary::{Trace, Verdict};
use serde::{Deserialize, Serialize};

/// One-sided level at which a drop is flagged, and at which a release gate judges.
pub const FLAG: f64 = 0.05;
/// One-sided level at which pooled data block, shared among the rules against the baseline.
pub const BLOCK: f64 = 0.01;
/// How often unchanged code is blocked by one rule, simulated (n = 100, one to five repeats): at most this.
pub const FALSE_BLOCK: f64 = 0.006;
/// The share of the error that goes to bets where a run may stop early; the test at its end has the rest.
pub const BETS: f64 = 0.2;

/// Which burden of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Only a shown drop blocks.
    Commit,
    /// Not worse must be shown.
    Release,
}

/// What is to be judged.
pub struct Question<'a> {
    /// The rules.
    pub rules: &'a [Rule],
    /// The burden of proof.
    pub mode: Mode,
    /// The candidates of the run, each with the one of the baseline that it is held against.
    pub pairs: Vec<Versus<'a>>,
    /// Scorers that changed since the baseline, so that their scores may not be compared.
    pub changed_scorers: Vec<String>,
    /// Whether both sides hold fresh replies from a rerun too.
    pub pooled: bool,
    /// The seed of all resampling.
    pub seed: u64,
    /// How often the gate runs in a month, for the false alarms to expect.
    pub runs_a_month: f64,
    /// The order of the cases, where the run (or the rerun) may stop early.
    pub rounds: Option<Rounds>,
}

/// A candidate and what it is held against.
pub struct Versus<'a> {
    /// What is judged.
    pub now: &'a Trace,
    /// The baseline's; none where only fixed limits are judged.
    pub before: Option<&'a Trace>,
}

/// The gate's word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Nothing speaks against it.
    Pass,
    /// The data cannot tell yet.
    Undecided,
    /// A rule is broken.
    Fail,
    /// The data may not be compared.
    Invalid,
}

/// A rule with what it found; as `bakeoff.gate/1` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judged {
    /// The rule in words: `exact: at most 5 points worse`.
    pub rule: String,
    /// The scorer or metric that it is about.
    pub about: String,
    /// The candidate.
    pub candidate: String,
    /// What it found.
    pub verdict: Verdict,
    /// A drop was shown at 5 % and waits to be confirmed by a rerun.
    pub flagged: bool,
    /// The difference to the baseline with its 95 % interval (a ratio − 1 for costs and tokens); null for a fixed limit.
    pub difference: Option<Estimate>,
    /// The candidate's own value with its 95 % interval.
    pub value: Option<Estimate>,
    /// The margin, or the limit.
    pub limit: f64,
    /// Cases better than the baseline.
    pub gains: usize,
    /// Cases worse than the baseline.
    pub losses: usize,
    /// Cases that would decide it, if inconclusive: how many in all.
    pub need: Option<usize>,
    /// How it was computed.
    pub method: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// A case whose score moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Flip {
    /// The candidate.
    pub candidate: String,
    /// The scorer.
    pub scorer: String,
    /// The case.
    pub case: String,
    /// The baseline's score.
    pub before: f64,
    /// The score now.
    pub now: f64,
}

/// The whole result: `bakeoff.gate/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gated {
    /// Always `bakeoff.gate/1`.
    pub schema: String,
    /// The gate's word.
    pub verdict: Answer,
    /// The first thing to read.
    pub sentence: String,
    /// The burden of proof.
    pub mode: Mode,
    /// 1, or 2 after a rerun.
    pub stage: u8,
    /// The run that was judged.
    pub run: String,
    /// The run of the baseline; null where there is none.
    pub baseline: Option<String>,
    /// Every rule.
    pub rules: Vec<Judged>,
    /// What differs from the baseline in what was asked, a line each.
    pub changes: Vec<String>,
    /// Cases that only one side has, or whose content changed.
    pub unmatched: Vec<String>,
    /// Cases whose score moved, losses first.
    pub flips: Vec<Flip>,
    /// How often unchanged code is blocked, a month.
    pub false_alarms: f64,
    /// What to do next; null if nothing.
    pub next: Option<String>,
    /// What a reader must know before trusting it.
    pub notes: Vec<String>,
    /// Where the run (or the rerun) stopped because the verdict was certain; not there if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_early: Option<Stopped>,
}

#[cfg(test)]
mod tests;
