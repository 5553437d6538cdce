//! What a run tells while it goes on. A [`Watch`] looks; it owns no data and decides nothing.

use crate::provider::FailureKind;
use serde::Serialize;
use std::time::Duration;

/// Something happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins: what there is to do.
    Started {
        /// The run's id.
        run: String,
        /// Candidates by name, with how many trials each has.
        candidates: Vec<(String, usize)>,
        /// Trials that are done already (a resumed run).
        done: usize,
        /// The spending cap, USD.
        cap_usd: Option<f64>,
    },
    /// An attempt failed and will be made again.
    Retrying {
        /// The candidate's name.
        candidate: String,
        /// The case's id.
        case: String,
        /// The attempt that failed, from 1.
        number: u32,
        /// Why.
        kind: FailureKind,
        /// How long until the next, seconds.
        #[serde(rename = "wait_s", serialize_with = "seconds")]
        wait: Duration,
    },
    /// A chain leaves a model for a later one.
    Fallback {
        /// The candidate's name.
        candidate: String,
        /// The case's id.
        case: String,
        /// The model that is left.
        from: String,
        /// The model that is asked now.
        to: String,
        /// The kind of failure, or what was odd about the answer.
        why: String,
    },
    /// A lane waits because its server asked for it.
    Waiting {
        /// The provider.
        lane: String,
        /// Why.
        kind: FailureKind,
        /// How long, seconds.
        #[serde(rename = "wait_s", serialize_with = "seconds")]
        wait: Duration,
    },
    /// A lane was closed: nothing more is sent on it.
    Closed {
        /// The provider.
        lane: String,
        /// Why.
        kind: FailureKind,
        /// What the provider said.
        message: String,
    },
    /// A trial has its outcome, and it is on disk.
    Finished {
        /// The candidate's name.
        candidate: String,
        /// The case's id.
        case: String,
        /// From 0.
        repeat: u32,
        /// `None` if it was answered.
        failure: Option<FailureKind>,
        /// `live`, `cache` or `recorded`.
        origin: &'static str,
        /// Spent on answers of this run so far, USD.
        spent_usd: f64,
    },
    /// Time has passed; nothing else happened that would be told.
    Tick,
    /// No more is sent; what is in flight is finished.
    Stopping {
        /// Why.
        why: String,
    },
    /// The run is over.
    Ended {
        /// Every trial has an outcome.
        complete: bool,
        /// Trials that were not sent.
        unsent: usize,
    },
}

fn seconds<S: serde::Serializer>(wait: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(wait.as_secs_f64())
}

/// Looks on while a run goes.
pub trait Watch: Send {
    /// Something happened.
    fn see(&mut self, event: &Event);
}

/// Nobody looks.
impl Watch for () {
    fn see(&mut self, _event: &Event) {}
}
