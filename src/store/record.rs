//! The rows of the store, as types.

use super::{Preference, Scored};
use crate::dataset::Dataset;
use crate::provider::{Cost, Failure, Reply, Usage};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Milliseconds since the attempt was queued, on the monotonic clock; `None` where it did not get that far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
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

    /// From sent to the first generated token, ms.
    pub fn to_first_token(&self) -> Option<f64> {
        self.first_token.map(|at| at - self.sent)
    }
}

/// One HTTP exchange of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it went how far.
    pub times: Times,
    /// Why it failed; `None` for the one that brought the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The tokens it was billed, as far as stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What it cost; `None` is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The model replied; whatever it said is an answer.
    Answered(Box<Reply>),
    /// No reply: missing, not wrong.
    Failed(Failure),
}

/// Where an outcome came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// The attempt that brought the reply.
    pub fn answering(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .rev()
            .find(|attempt| attempt.failure.is_none())
    }
}

/// A run as the store lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// The run has ended; whether every trial has an outcome.
    Ended {
        /// The run.
        run: String,
        /// Every trial has an outcome.
        complete: bool,
    },
}
