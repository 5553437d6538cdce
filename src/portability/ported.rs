//! The result of a port: `bakeoff.port/1`, field by field.

use super::Shifts;
use crate::stats::Estimate;
use crate::summary::Contrast;
use serde::Serialize;
use serde_json::Value;

/// Whether the prompt carries over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It does: not worse is shown, and no guard is broken.
    Portable,
    /// It does with the rewritten prompt.
    PortableAfterRewrite,
    /// The data cannot tell.
    Inconclusive,
    /// It does not.
    NotPortable,
    /// The data may not be compared.
    Invalid,
}

impl Answer {
    /// What readers are told.
    pub fn words(self) -> &'static str {
        match self {
            Answer::Portable => "portable",
            Answer::PortableAfterRewrite => "portable after rewrite",
            Answer::Inconclusive => "inconclusive",
            Answer::NotPortable => "not portable",
            Answer::Invalid => "invalid",
        }
    }
}

/// Something beside the deciding score that may not get worse.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Guard {
    /// What it is about: `refused`, `cut`, `empty`, `failed`, or a scorer's name.
    pub name: String,
    /// Worse is shown.
    pub broken: bool,
    /// The difference; of odd replies, in the share of those that are not.
    pub contrast: Contrast,
    /// Whether it is a share of replies, of which fewer are better.
    #[serde(skip)]
    pub share: bool,
    /// Whether its values lie within 0 and 1.
    #[serde(skip)]
    pub unit: bool,
}

/// What another prompt does for the target.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Rewrite {
    /// The candidate.
    pub name: String,
    /// The prompt.
    pub prompt: String,
    /// Whether it carries over.
    pub verdict: Answer,
    /// Against the first model with the prompt as it is.
    pub contrast: Contrast,
    /// Against the same model with the prompt as it is; null if that was not asked.
    pub gain: Option<Contrast>,
    /// Both limits of the difference lie within the margin.
    pub equivalent: bool,
    /// What may not get worse.
    pub guards: Vec<Guard>,
    /// Cost of an answer, in the first model's.
    pub cost_ratio: Option<Estimate>,
    /// Latency, in the first model's.
    pub latency_ratio: Option<Estimate>,
}

/// A case whose score moved.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Flip {
    /// The case.
    pub case: String,
    /// The first model's score.
    pub from: f64,
    /// The target's score.
    pub to: f64,
    /// What is odd about the target's answer, and what the scorer says of it.
    pub why: String,
    /// The beginning of the first model's answer.
    pub from_text: String,
    /// The beginning of the target's.
    pub to_text: String,
}

/// The cases of one tag. Exploratory: nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Slice {
    /// The tag.
    pub tag: String,
    /// The difference of scores.
    pub difference: Estimate,
    /// Cases that the target scores higher on.
    pub gains: usize,
    /// Cases that it scores lower on.
    pub losses: usize,
    /// Two-sided p of "no difference", adjusted for the number of slices (Benjamini & Hochberg).
    pub p_adjusted: Option<f64>,
    /// Always true.
    pub exploratory: bool,
}

/// The result for one target: `bakeoff.port/1`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Ported {
    /// Always `bakeoff.port/1`.
    pub schema: &'static str,
    /// Whether the prompt carries over.
    pub verdict: Answer,
    /// The first thing to read.
    pub sentence: String,
    /// The model that the prompt comes from.
    pub from: String,
    /// The model that it goes to.
    pub to: String,
    /// The run; null if nothing was asked.
    pub run: Option<String>,
    /// The scorer that decides.
    pub scorer: String,
    /// Within what difference the target counts as not worse.
    pub margin: f64,
    /// What the lint found, of all that take part.
    pub lint: Vec<Value>,
    /// The target against the first model; null if it was not asked.
    pub contrast: Option<Contrast>,
    /// Both limits of the difference (one-sided 5 % each) lie within the margin; null if it was not asked.
    pub equivalent: Option<bool>,
    /// Whether the verdict demands that.
    pub equivalence: bool,
    /// The target with another prompt.
    pub rewrite: Option<Rewrite>,
    /// The first model against itself, asked again: what no difference looks like.
    pub control: Option<Contrast>,
    /// What else may not get worse.
    pub guards: Vec<Guard>,
    /// How the answers changed.
    pub shifts: Shifts,
    /// Cost of an answer, in the first model's.
    pub cost_ratio: Option<Estimate>,
    /// Latency, in the first model's.
    pub latency_ratio: Option<Estimate>,
    /// Cases whose score moved, losses first.
    pub flips: Vec<Flip>,
    /// The difference by tag.
    pub slices: Vec<Slice>,
    /// What to try.
    pub hints: Vec<String>,
    /// What a reader must know before trusting it.
    pub notes: Vec<String>,
    /// What to do next; null if nothing.
    pub next: Option<String>,
    /// Whether the deciding scores lie within 0 and 1.
    #[serde(skip)]
    pub unit: bool,
}

impl Ported {
    /// The same where only the lint was asked, and found no error: whether the answers are as good is open.
    pub fn unasked(mut self) -> Self {
        self.verdict = Answer::Inconclusive;
        self.sentence = format!(
            "{} refuses nothing in these calls; nothing was asked, so how good its answers are is open",
            self.to
        );
        self.next = Some("the same command without --lint-only asks both models".to_owned());
        self
    }

    /// The same of a run that did not end: no verdict can be given.
    pub fn incomplete(mut self, why: &str, next: String) -> Self {
        self.verdict = Answer::Invalid;
        self.sentence = format!("invalid: the run is incomplete: {why}");
        self.next = Some(next);
        self
    }
}
