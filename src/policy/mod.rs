//! Which model is asked next: a route's decision, pure. No sending, no clock, no store.
//!
//! A policy sees what is known of a request, how its models have been doing, and what has come of
//! the request so far; it names the next hop and why, or says that it is over. One policy a file.
//! The engine does what it is told, and so do a replay on recorded replies and the endpoint.

mod cascade;
mod classify;
mod draw;
mod fallback;
mod latency;
mod recent;
mod route;
mod rules;
mod weighted;

pub use cascade::{Check, Verdict};
pub use classify::Classifier;
pub use draw::Draw;
pub use fallback::{DEFAULT, Fallback, MOST_HOPS};
pub use latency::Latency;
pub use recent::{Load, Recent, Ticket};
pub use route::{Fault, Leaf, MOST_MODELS, Route};

use crate::project::Trigger;
use crate::provider::{FailureKind, Finish, Reply};
use cascade::Cascade;
use rules::Rules;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use weighted::Weighted;

/// What a request says, before any model is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// Tokens of the rendered prompt, by [`prompt_tokens`].
    pub prompt_tokens: u64,
    /// The text of its user messages.
    pub text: &'a str,
    /// The case's tags.
    pub tags: &'a [String],
    /// The case's columns.
    pub vars: Option<&'a Map<String, Value>>,
}

/// All that a policy decides by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen<'a> {
    /// What the request says.
    pub request: Request<'a>,
    /// How each hop's model is doing; what is missing is unknown.
    pub loads: &'a [Load],
    /// The request's luck.
    pub draw: Draw,
}

impl Seen<'_> {
    /// How a hop's model is doing.
    pub fn load(&self, hop: usize) -> Load {
        self.loads.get(hop).copied().unwrap_or_default()
    }
}

/// An estimate of the tokens of a prompt of so many bytes of text: 3.6 bytes each, the middle of what
/// common vocabularies reach on English and JSON.
pub fn prompt_tokens(bytes: usize) -> u64 {
    (bytes as f64 / 3.6).ceil() as u64
}

/// What came of one hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which of the route's models, from 0.
    pub hop: usize,
    /// What came of it.
    pub came: Came,
    /// What the stage's check says of the answer, if it has one.
    pub verdict: Option<Verdict>,
}

impl Step {
    /// A step whose answer, if it is one, nothing checks.
    pub fn new(hop: usize, came: Came) -> Step {
        let verdict = None;
        Step { hop, came, verdict }
    }
}

/// What came of asking a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It answered; what is odd about the answer: `refusal`, `cut`, `empty`.
    Answered(Vec<Trigger>),
    /// It is the classifier, and said this.
    Said(String),
    /// It was asked, as often as allowed, and failed.
    Failed(FailureKind),
    /// It was not asked: its lane is closed by an earlier failure of this kind.
    Closed(FailureKind),
}

impl Came {
    /// An answer, with what is odd about it: by the same rules as a report's columns.
    pub fn answered(reply: &Reply) -> Came {
        let odd = [
            (
                Trigger::Refusal,
                reply.refusal.is_some() || reply.finish == Some(Finish::ContentFilter),
            ),
            (Trigger::Cut, reply.finish == Some(Finish::Length)),
            (
                Trigger::Empty,
                reply.text.trim().is_empty() && reply.tool_calls.is_empty(),
            ),
        ];
        let odd = odd.into_iter().filter(|(_, is)| *is);
        Came::Answered(odd.map(|(word, _)| word).collect())
    }

    /// What came, in a few words: `rate_limit`, `refusal`.
    pub fn words(&self) -> String {
        match self {
            Came::Failed(kind) | Came::Closed(kind) => kind.name().to_owned(),
            Came::Said(text) => text.clone(),
            Came::Answered(odd) => {
                let words: Vec<&str> = odd.iter().map(|word| word.name()).collect();
                words.join(", ")
            }
        }
    }
}

/// Why a model is asked.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub struct Why {
    /// The kind of reason, to count by: `rule 2`, `else`, `label easy`, `weight`, `peak_ewma`,
    /// `target_p95`, `first`, `escalated`, `fallback`.
    pub word: String,
    /// What it was this time: `0.42 s`, `confidence 0.3 < 0.8`, `rate_limit`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.as_str() {
            "" => f.write_str(&self.word),
            detail => write!(f, "{}: {detail}", self.word),
        }
    }
}

/// A decision: whom to ask, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Which of the route's models.
    pub hop: usize,
    /// Why that one.
    pub why: Why,
}

impl Pick {
    fn new(hop: usize, word: impl Into<String>, detail: impl Into<String>) -> Pick {
        let (word, detail) = (word.into(), detail.into());
        let why = Why { word, detail };
        Pick { hop, why }
    }
}

/// How a route decides. The default is a single model.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    choice: Choice,
    fallback: Fallback,
}

/// What decides before the fallback does.
#[derive(Debug, Clone, Default)]
enum Choice {
    /// The first model, always.
    #[default]
    First,
    Rules(Rules),
    Latency(Latency),
    Cascade(Cascade),
    Weighted(Weighted),
}

impl Policy {
    /// A chain: the first hop, and after it what the fallback says.
    pub fn chain(fallback: Fallback) -> Policy {
        let choice = Choice::First;
        Policy { choice, fallback }
    }

    /// The hop to ask after what came so far; `None` when it is over: the last answer stands.
    pub fn next(&self, seen: &Seen<'_>, so_far: &[Step]) -> Option<Pick> {
        let pick = match (&self.choice, so_far) {
            (Choice::First, []) => Some(Pick::new(0, "first", "")),
            (Choice::Weighted(weighted), []) => Some(weighted.pick(seen.draw)),
            (Choice::First | Choice::Weighted(_), _) => None,
            (Choice::Rules(rules), _) => rules.next(seen, so_far),
            (Choice::Latency(latency), _) => latency.next(seen, so_far),
            (Choice::Cascade(cascade), _) => cascade.next(so_far),
        };
        pick.or_else(|| {
            let hop = self.fallback.next(so_far)?;
            let came = so_far.last().map(|step| step.came.words());
            Some(Pick::new(hop, "fallback", came.unwrap_or_default()))
        })
    }

    /// The step that a reply at this hop makes. `scored` is what the scorer that the stage's check
    /// names said of it.
    pub fn answered(&self, hop: usize, reply: &Reply, scored: Option<Verdict>) -> Step {
        if self.classifier(hop).is_some() {
            return Step::new(hop, Came::Said(reply.text.clone()));
        }
        let check = self.check(hop);
        Step {
            hop,
            came: Came::answered(reply),
            verdict: check.map(|check| check.verdict(reply, scored)),
        }
    }

    /// What the answer of this hop must pass, if it is a stage of a cascade with a check.
    pub fn check(&self, hop: usize) -> Option<&Check> {
        match &self.choice {
            Choice::Cascade(cascade) => cascade.check(hop),
            _ => None,
        }
    }

    /// The scorer that has to be asked about an answer of this hop.
    pub fn scorer(&self, hop: usize) -> Option<&str> {
        self.check(hop).and_then(Check::scorer)
    }

    /// The classifier, if this hop is one: it is asked something else, and its reply is no answer.
    pub fn classifier(&self, hop: usize) -> Option<&Classifier> {
        match &self.choice {
            Choice::Rules(rules) => rules.classifier().filter(|it| it.hop == hop),
            _ => None,
        }
    }

    /// Whether an answer of this hop may lead on to another one: then it is not told before it is known
    /// to stand.
    pub fn may_pass_over(&self, hop: usize) -> bool {
        let looked_at = self.check(hop).is_some() || self.classifier(hop).is_some();
        looked_at || self.fallback.may_pass_over(hop)
    }

    /// How it chooses by times, if it does.
    pub fn latency(&self) -> Option<&Latency> {
        match &self.choice {
            Choice::Latency(latency) => Some(latency),
            _ => None,
        }
    }

    /// Whether it asks its models in a fixed order, whatever is asked: a chain, or a single model.
    pub fn is_chain(&self) -> bool {
        matches!(self.choice, Choice::First)
    }

    /// What leads to a hop when those before it gave no answer.
    pub fn on(&self, hop: usize) -> &[Trigger] {
        self.fallback.on(hop)
    }

    /// Every list of hops that one answer to this request may take as long as nothing fails, in the
    /// order of asking: what it costs at the least and at the most.
    pub fn paths(&self, seen: &Seen<'_>) -> Vec<Vec<usize>> {
        match &self.choice {
            Choice::First => vec![vec![0]],
            Choice::Weighted(weighted) => vec![vec![weighted.pick(seen.draw).hop]],
            Choice::Rules(rules) => rules.paths(seen),
            Choice::Latency(latency) => latency.of().iter().map(|hop| vec![*hop]).collect(),
            Choice::Cascade(cascade) => cascade.paths(),
        }
    }

    /// The hops that are asked only when those of the policy's own choice give no answer.
    pub fn spares(&self) -> impl Iterator<Item = usize> {
        self.fallback.hops()
    }
}

#[cfg(test)]
mod tests;
