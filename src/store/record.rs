//! The rows of the store, as types.

use super::{Preference, Scored, Served};
use crate::dataset::Dataset;
use crate::policy::{Verdict, Why};
use crate::project::Trigger;
use crate::provider::{Cost, Failure, Reply, Usage};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Milliseconds since the attempt was queued, on the monotonic clock; `None` where it did not get that far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Times {
    /// A slot of its lane was free.
    pub admitted: f64,
    /// The request was handed to the transport.
    pub sent: f64,
    /// The response's headers were there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<f64>,
    /// The first event with any generated token; streams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token: Option<f64>,
    /// The first visible output; streams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_output: Option<f64>,
    /// The last event with any generated token; streams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_token: Option<f64>,
    /// It was over, one way or the other.
    pub end: f64,
}

impl Times {
    /// From sent to end, ms: what a report calls latency.
    pub fn latency(&self) -> f64 {
        self.end - self.sent
    }

    /// As if it had been sent at once, without a wait in a lane, and answered so much later.
    pub fn at_once(&mut self, late: std::time::Duration) {
        let ms = 1000.0 * late.as_secs_f64() - self.sent;
        (self.admitted, self.sent) = (0.0, 0.0);
        let stamps = [
            &mut self.headers,
            &mut self.first_token,
            &mut self.first_output,
            &mut self.last_token,
        ];
        for stamp in stamps.into_iter().flatten() {
            *stamp += ms;
        }
        self.end += ms;
    }

    /// From sent to the first generated token, ms.
    pub fn to_first_token(&self) -> Option<f64> {
        self.first_token.map(|at| at - self.sent)
    }
}

/// The model of a chain that an attempt was made at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct At {
    /// Its place in the chain, from 1.
    pub hop: u32,
    /// Its model as the suite spells it.
    pub model: String,
    /// Its lane.
    pub lane: String,
    /// Why this one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

/// What a route's check said of an answer, and what that took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checked {
    /// Accepted or not, and why.
    pub verdict: Verdict,
    /// How long it took, ms.
    #[serde(default)]
    pub ms: f64,
    /// What it cost, USD; `None` is unknown.
    #[serde(default)]
    pub usd: Option<f64>,
}

/// An answer that led on to the next hop, because the chain asks for that; or a classifier's word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Passed {
    /// What was odd about it.
    pub why: Vec<Trigger>,
    /// The answer: what the trial ends with if no later hop answers.
    pub reply: Box<Reply>,
}

/// One HTTP exchange of a trial.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Where it was made, if the candidate is a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Box<At>>,
    /// Milliseconds from the queueing of the trial's first attempt to the queueing of this one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after: f64,
    /// When it went how far.
    pub times: Times,
    /// Why it failed; `None` if it brought a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Its reply was passed over for a later hop's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Box<Passed>>,
    /// What a route's check said of its reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Box<Checked>>,
    /// Its reply, where that was one turn of a conversation that went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Box<Reply>>,
    /// It was made by another run, whose answer was found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// The tokens it was billed, as far as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What it cost; `None` is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

impl Attempt {
    /// It did not bring the trial's answer.
    pub fn wasted(&self) -> bool {
        self.failure.is_some() || self.passed.is_some()
    }

    /// What it cost with the check of its reply, USD; `None` if one of them is unknown.
    pub fn whole_cost(&self) -> Option<f64> {
        let check = self.checked.as_ref().map_or(Some(0.0), |it| it.usd);
        Some(self.cost.as_ref()?.usd + check?)
    }

    /// Drops what no figure and no page needs.
    pub(super) fn lighten(&mut self) {
        let partial = self.failure.iter_mut().flat_map(|it| &mut it.partial);
        partial.for_each(|reply| lighten(reply));
        self.passed.iter_mut().for_each(|it| lighten(&mut it.reply));
        if let Some(usage) = &mut self.usage {
            usage.raw = None;
        }
    }

    /// The place in the chain that it was made at, from 0; 0 without a chain.
    pub fn hop(&self) -> usize {
        self.at
            .as_ref()
            .map_or(0, |at| (at.hop as usize).saturating_sub(1))
    }
}

/// Drops the provider's own usage object, and what it wants back.
fn lighten(reply: &mut Reply) {
    reply.usage.raw = None;
    reply.state = None;
}

fn is_zero(ms: &f64) -> bool {
    *ms == 0.0
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The model replied; whatever it said is an answer.
    Answered(Box<Reply>),
    /// No reply: missing, not wrong.
    Failed(Failure),
}

/// Where an outcome came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Asked in this run.
    Live,
    /// Found in the store by the hash of all that would be sent; when its run was started.
    Cache(String),
    /// Read from a replay file; when it was recorded.
    Recorded(String),
}

/// A trial's end: what it was, how it ended, where that came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Record {
    /// The trial's id; a judge's call has one too.
    pub trial: String,
    /// For a judge's call: the trial that it judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<String>,
    /// The case's id.
    pub case: String,
    /// The candidate's name.
    pub candidate: String,
    /// From 0.
    pub repeat: u32,
    /// Hash of all that was sent.
    pub key: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Where the outcome came from.
    pub origin: Origin,
    /// Every exchange, in order.
    pub attempts: Vec<Attempt>,
}

impl Record {
    /// Drops what no figure and no page needs.
    pub(super) fn lighten(&mut self) {
        match &mut self.outcome {
            Outcome::Answered(reply) => lighten(reply),
            Outcome::Failed(failure) => {
                let partial = failure.partial.iter_mut();
                partial.for_each(|reply| lighten(reply));
            }
        }
    }

    /// The attempt that brought the reply.
    pub fn answering(&self) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|attempt| !attempt.wasted())
    }

    /// What the answer cost, USD: of a conversation, all its turns. `None` if one of them is unknown.
    pub fn answer_cost(&self) -> Option<f64> {
        let answering = self.answering()?;
        let turns = self.attempts.iter().filter(|it| it.turn.is_some());
        let costs = turns.chain([answering]);
        costs.map(|it| Some(it.cost.as_ref()?.usd)).sum()
    }

    /// What the answer took to get, USD: its own cost, that of the answers of other hops that were
    /// passed over for it, a classifier's, and their checks. `None` if one of them is unknown.
    pub fn whole_cost(&self) -> Option<f64> {
        let own = self.answering().and_then(|it| it.checked.as_ref());
        let check = own.map_or(Some(0.0), |it| it.usd);
        let passed = self.attempts.iter().filter(|it| it.passed.is_some());
        let costs = passed.map(Attempt::whole_cost).chain([check]);
        costs.fold(self.answer_cost(), |sum, cost| Some(sum? + cost?))
    }

    /// The attempts that were sent in this run: what was found in a cache or a recording was not.
    pub fn sent(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| match self.origin {
            Origin::Live => !attempt.adopted,
            // The hops of a chain before the one whose reply was known.
            Origin::Cache(_) | Origin::Recorded(_) => attempt.wasted() && !attempt.adopted,
        })
    }

    /// Milliseconds from sending the first attempt to the end of the answering one and its check: with
    /// failed attempts, other hops and the waits between.
    pub fn total_ms(&self) -> Option<f64> {
        let answering = self.answering()?;
        let mut before = self.attempts.iter().rev();
        let first =
            before.find(|attempt| attempt.number <= answering.number && attempt.after == 0.0)?;
        let check = answering.checked.as_ref().map_or(0.0, |it| it.ms);
        Some(answering.after + answering.times.end + check - first.times.sent)
    }
}

/// A run as the store lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RunRow {
    /// UUIDv7.
    pub id: String,
    /// The suite's name.
    pub suite: String,
    /// When it was started, RFC 3339.
    pub started: String,
    /// The plan's description: what `resume` compares and `report` reads.
    pub plan: serde_json::Value,
    /// How many trials were planned.
    pub trials: usize,
    /// Every trial has an outcome.
    pub complete: bool,
}

/// Something for the writer thread to put on disk.
#[derive(Debug, Clone)]
pub enum Note {
    /// A run begins, with the cases that it asks.
    Run(Box<RunRow>, Arc<Dataset>),
    /// An attempt is about to be sent.
    Intent {
        /// The run.
        run: String,
        /// The trial.
        trial: String,
        /// Attempt number, from 1.
        number: u32,
        /// Where, if the candidate is a chain.
        at: Option<Box<At>>,
        /// The most it can cost, USD.
        worst_usd: Option<f64>,
    },
    /// An attempt is over.
    Attempt {
        /// The run.
        run: String,
        /// The trial.
        trial: String,
        /// The attempt.
        attempt: Box<Attempt>,
    },
    /// A trial is over. Its last attempt's row goes with it.
    Record {
        /// The run.
        run: String,
        /// The record.
        record: Box<Record>,
    },
    /// An intent that was not followed by a request is taken back.
    Unsent {
        /// The run.
        run: String,
        /// The trial.
        trial: String,
        /// Attempt number.
        number: u32,
    },
    /// Scores, replacing those of the same trial and scorer.
    Scores {
        /// The run.
        run: String,
        /// The scores.
        scores: Vec<Scored>,
    },
    /// Preferences, replacing those of the same two trials and scorer.
    Preferences {
        /// The run.
        run: String,
        /// The preferences.
        preferences: Vec<Preference>,
    },
    /// The run never began: nothing was asked. It is forgotten.
    Forget {
        /// The run.
        run: String,
    },
    /// A request that is served, at its beginning or over.
    Served(Box<Served>),
    /// The run has ended; whether every trial has an outcome.
    Ended {
        /// The run.
        run: String,
        /// Every trial has an outcome.
        complete: bool,
    },
}
