//! One call to be made, and how it can end.

use super::budget::Budget;
use super::tap::Tap;
use crate::plan::{Asked, Told};
use crate::policy::{Policy, Why};
use crate::store::{At, Attempt, Origin, Outcome, Record};
use std::sync::Arc;

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
    /// What may be sent, by hop; at least one.
    pub hops: Vec<Asked<'a>>,
    /// Which of them is asked when.
    pub policy: &'a Policy,
    /// What the policy is told of the request.
    pub told: Told<'a>,
    /// Attempts that earlier sessions of the run made.
    pub made: u32,
    /// Of them, those of a session that was cut off in the middle of this chain.
    pub before: &'a [Attempt],
    /// Who wants the reply while it comes.
    pub tap: Option<&'a Tap>,
    /// Spending caps over that of the engine.
    pub purses: &'a [Arc<Budget>],
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
    /// Whether there is more than one model to ask.
    pub(super) fn is_chain(&self) -> bool {
        self.hops.len() > 1
    }

    /// Who wants this hop's reply while it comes; nobody where the chain may want another after it.
    pub(super) fn tap(&self, hop: usize) -> Option<&Tap> {
        self.tap.filter(|_| !self.policy.may_pass_over(hop))
    }

    /// Whether a part of the reply is out already: then nobody else can answer.
    pub(super) fn is_out(&self) -> bool {
        self.tap.is_some_and(Tap::begun)
    }

    /// What an attempt at this hop says of where it was made, and why there.
    pub(super) fn at(&self, hop: usize, why: &Why) -> Option<Box<At>> {
        let target = self.hops[hop].target;
        self.is_chain().then(|| {
            Box::new(At {
                hop: hop as u32 + 1,
                model: target.name.clone(),
                lane: target.lane.clone(),
                why: (!why.word.is_empty()).then(|| why.clone()),
            })
        })
    }

    /// Attempts of another run that brought a reply to this hop, numbered from `first` on. A chain's
    /// are told where they were made; of another's chain a single model takes only its own.
    pub(super) fn adopted(&self, hop: usize, attempts: &[Attempt], first: u32) -> Vec<Attempt> {
        let last = attempts.last().map_or(0, Attempt::hop);
        let own = attempts
            .iter()
            .filter(|attempt| self.is_chain() || attempt.hop() == last);
        let renumbered = (first..).zip(own.cloned());
        renumbered
            .map(|(number, mut attempt)| {
                if !self.is_chain() {
                    attempt.at = None;
                } else if attempt.at.is_none() {
                    attempt.at = self.at(hop, &Why::default());
                }
                Attempt {
                    number,
                    adopted: true,
                    ..attempt
                }
            })
            .collect()
    }

    /// The record of this job's end; `hop` is the one that answered, or was asked last.
    pub(super) fn record(
        &self,
        hop: usize,
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
            key: self.hops[hop].key.clone(),
            outcome,
            origin,
            attempts,
        }
    }
}
