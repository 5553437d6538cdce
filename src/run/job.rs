//! One call to be made, and how it can end.

use crate::plan::Target;
use crate::provider::HttpRequest;
use crate::store::{Attempt, Origin, Outcome, Record};

/// All that a trial needs to be asked.
pub struct Job<'a> {
    /// The trial's id.
    pub trial: String,
    /// For a judge's call: the trial that it judges.
    pub judged: Option<String>,
    /// The case's id.
    pub case: String,
    /// The candidate's name.
    pub candidate: String,
    /// From 0.
    pub repeat: u32,
    /// Hash of all that is sent.
    pub key: String,
    /// Where to.
    pub target: &'a Target,
    /// What is sent.
    pub request: HttpRequest,
    /// Most tokens of output that it asks for.
    pub max_tokens: u64,
    /// Attempts that earlier sessions of the run made.
    pub made: u32,
}

/// How a job ended.
pub enum Ended {
    /// With an outcome.
    Record(Box<Record>),
    /// It was not sent.
    Unsent(Unsent),
}

/// Why a trial was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// The run is stopping.
    Stopped,
    /// It could pass the spending cap.
    Cap,
    /// The store cannot be written.
    Store(String),
    /// Nothing is recorded for it, and nothing may be sent.
    Offline,
}

impl Job<'_> {
    /// Attempts of another run, numbered after this one's own.
    pub(super) fn renumbered(&self, attempts: &[Attempt]) -> Vec<Attempt> {
        let numbers = self.made + 1..;
        let renumbered = numbers.zip(attempts.iter().cloned());
        renumbered
            .map(|(number, attempt)| Attempt { number, ..attempt })
            .collect()
    }

    /// The record of this job's end.
    pub(super) fn record(
        &self,
        outcome: Outcome,
        origin: Origin,
        attempts: Vec<Attempt>,
    ) -> Record {
        Record {
            trial: self.trial.clone(),
            judged: self.judged.clone(),
            case: self.case.clone(),
            candidate: self.candidate.clone(),
            repeat: self.repeat,
            key: self.key.clone(),
            outcome,
            origin,
            attempts,
        }
    }
}
