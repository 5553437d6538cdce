//! How the models that a run asks have been doing lately: the clock and the lock around
//! [`policy::Recent`](crate::policy::Recent).

use super::engine::Engine;
use super::exchange::since;
use super::job::Job;
use crate::plan::{Asked, Target, input_ceiling};
use crate::policy::{Load, Recent, Ticket};
use crate::project::Timed;
use crate::store::Times;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Recent times by target.
pub struct Recents {
    began: Instant,
    kept: Mutex<BTreeMap<String, Recent>>,
}

/// A request on its way to a target; if nothing is said of its end, it was not sent.
pub(super) struct Timing<'a> {
    recents: &'a Recents,
    target: String,
    ticket: Ticket,
    open: bool,
}

impl Default for Recents {
    fn default() -> Recents {
        Recents {
            began: Instant::now(),
            kept: Mutex::default(),
        }
    }
}

impl Recents {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Recent>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> f64 {
        since(self.began)
    }

    /// A request is given to a target.
    pub(super) fn begin(&self, target: &Target) -> Timing<'_> {
        let target = name_of(target);
        let ticket = self.lock().entry(target.clone()).or_default().begin();
        Timing {
            recents: self,
            target,
            ticket,
            open: true,
        }
    }

    fn load(&self, target: &Target, by: Timed) -> Load {
        let now = self.now();
        let kept = self.lock();
        let found = kept.get(&name_of(target));
        found.map_or_else(Load::default, |recent| recent.load(by, now))
    }
}

impl Timing<'_> {
    fn tell(&self, what: impl FnOnce(&mut Recent, f64)) {
        let now = self.recents.now();
        if let Some(recent) = self.recents.lock().get_mut(&self.target) {
            what(recent, now);
        }
    }

    /// It is being sent.
    pub fn sent(&self) {
        self.tell(|recent, now| recent.sent(self.ticket, now));
    }

    /// The response has begun.
    pub fn heard(&self) {
        self.tell(|recent, _| recent.heard(self.ticket));
    }

    /// It is over, with an answer or without.
    pub fn over(mut self, times: &Times, answered: bool) {
        self.open = false;
        let (first, ms) = (times.to_first_token(), times.latency());
        self.tell(|recent, now| match answered {
            true => recent.answered(self.ticket, first, ms, now),
            false => recent.failed(self.ticket, ms, now),
        });
    }
}

impl Drop for Timing<'_> {
    fn drop(&mut self) {
        if self.open {
            self.tell(|recent, _| recent.withdrawn(self.ticket));
        }
    }
}

impl Engine {
    /// How the models of a job are doing, by hop; only what chooses by times looks.
    pub(super) fn loads(&self, job: &Job<'_>) -> Vec<Load> {
        let Some(latency) = job.policy.latency() else {
            return Vec::new();
        };
        let load = |asked: &Asked<'_>| {
            let target = asked.target;
            let input = input_ceiling(&asked.request);
            let closed = self.lanes[&target.lane].closed(&target.wire_model);
            // Where nothing may be sent, only what is known already can be had.
            let unknown = self.transport.is_none() && !self.is_known(asked);
            Load {
                cost_usd: target.worst_cost(&self.prices, input, asked.max_tokens),
                closed: closed.is_some() || unknown,
                ..self.recents.load(target, latency.by())
            }
        };
        job.hops.iter().map(load).collect()
    }
}

fn name_of(target: &Target) -> String {
    format!("{} {}", target.lane, target.wire_model)
}
