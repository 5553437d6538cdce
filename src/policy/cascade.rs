//! A cascade: models in order, the cheap ones first, until an answer is accepted.

use super::{Came, Pick, Step};
use crate::provider::{FailureKind, Reply};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The stages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cascade {
    /// Hop and check, no hop twice.
    pub stages: Vec<(usize, Option<Check>)>,
}

/// What an answer must pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// This scorer says that it passed.
    Scorer(String),
    /// Its JSON states a confidence of at least this.
    Confidence {
        /// A JSON pointer (RFC 6901).
        path: String,
        /// The least that is accepted.
        at_least: f64,
    },
    /// The mean log probability of its tokens is at least this.
    Logprob(f64),
}

/// What a check says of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Verdict {
    /// The answer stands.
    pub accepted: bool,
    /// `accepted by valid`, `confidence 0.3 < 0.8`.
    pub why: String,
}

impl Verdict {
    /// What a scorer said: passed or not, or why it could not say.
    pub fn scored(scorer: &str, passed: Result<bool, &str>) -> Verdict {
        let why = match passed {
            Ok(true) => format!("accepted by {scorer}"),
            Ok(false) => format!("rejected by {scorer}"),
            Err(why) => format!("{scorer} cannot say: {why}"),
        };
        Verdict {
            accepted: passed == Ok(true),
            why,
        }
    }

    fn at_least(what: &str, value: f64, least: f64) -> Verdict {
        let accepted = value >= least;
        let sign = if accepted { "≥" } else { "<" };
        Verdict {
            accepted,
            why: format!("{what} {} {sign} {least}", short(value)),
        }
    }

    fn unknown(why: impl Into<String>) -> Verdict {
        Verdict {
            accepted: false,
            why: why.into(),
        }
    }
}

impl Check {
    /// The scorer that it asks.
    pub fn scorer(&self) -> Option<&str> {
        match self {
            Check::Scorer(name) => Some(name),
            _ => None,
        }
    }

    /// What it says of a reply; `scored` is the word of the scorer that it names. What cannot be
    /// told is not accepted.
    pub fn verdict(&self, reply: &Reply, scored: Option<Verdict>) -> Verdict {
        match self {
            Check::Scorer(name) => {
                scored.unwrap_or_else(|| Verdict::scored(name, Err("it was not asked")))
            }
            Check::Confidence { path, at_least } => match confidence(&reply.text, path) {
                Some(value) => Verdict::at_least("confidence", value, *at_least),
                None => Verdict::unknown(format!("no number at {path} of the answer")),
            },
            Check::Logprob(least) => match reply.logprob {
                Some(value) => Verdict::at_least("logprob", value, *least),
                None => Verdict::unknown("the API gave no log probabilities"),
            },
        }
    }
}

impl Cascade {
    /// What the answer of a hop must pass.
    pub fn check(&self, hop: usize) -> Option<&Check> {
        let stage = self.stages.iter().find(|(stage, _)| *stage == hop)?;
        stage.1.as_ref()
    }

    /// The stage after what came so far: no answer is as good as one that is not accepted.
    pub fn next(&self, so_far: &[Step]) -> Option<Pick> {
        let Some(last) = so_far.last() else {
            return Some(Pick::new(self.stages.first()?.0, "first", ""));
        };
        let at = self.stages.iter().position(|(hop, _)| *hop == last.hop)?;
        let why = match (&last.came, &last.verdict) {
            (Came::Failed(FailureKind::Budget) | Came::Closed(FailureKind::Budget), _) => {
                return None;
            }
            (Came::Failed(kind) | Came::Closed(kind), _) => kind.name().to_owned(),
            (_, Some(verdict)) if !verdict.accepted => verdict.why.clone(),
            _ => return None,
        };
        let (hop, _) = self.stages.get(at + 1)?;
        Some(Pick::new(*hop, "escalated", why))
    }

    /// The first stage alone, the first two, and so on.
    pub fn paths(&self) -> Vec<Vec<usize>> {
        let hops: Vec<usize> = self.stages.iter().map(|(hop, _)| *hop).collect();
        (1..=hops.len()).map(|n| hops[..n].to_vec()).collect()
    }
}

/// The number at a place of the answer's JSON. A share in per cent or as text counts too.
fn confidence(text: &str, path: &str) -> Option<f64> {
    let value = json(text)?;
    let number = match value.pointer(path)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.trim().strip_suffix('%') {
            Some(share) => share.trim().parse::<f64>().ok().map(|share| share / 100.0),
            None => text.trim().parse().ok(),
        },
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// The answer as JSON: all of it, else from its first brace to its last (a fence, a sentence before).
fn json(text: &str) -> Option<Value> {
    let whole = serde_json::from_str(text.trim()).ok();
    whole.or_else(|| {
        let part = text.get(text.find('{')?..=text.rfind('}')?)?;
        serde_json::from_str(part).ok()
    })
}

/// Three digits after the point at the most.
fn short(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
