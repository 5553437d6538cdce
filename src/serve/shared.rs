//! What every request shares: the engine, the names that are served, the limits, the log, the counters.

use super::clients::Clients;
use super::content::Blank;
use super::guard::Guard;
use super::metrics::Metrics;
use super::purse::Purse;
use super::trouble::{Cause, Trouble};
use crate::plan::Candidate;
use crate::provider::lint::Drops;
use crate::run::Engine;
use crate::source::did_you_mean;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// The world's time and chance, passed in.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Now, RFC 3339 in UTC.
    pub now: fn() -> String,
    /// Seconds since 1970.
    pub seconds: fn() -> i64,
    /// A new id, sortable by time.
    pub id: fn() -> String,
}

/// What is served, to whom and how.
pub struct Setup {
    /// Asks.
    pub engine: Engine,
    /// What may be asked, by its own name.
    pub candidates: Vec<Candidate>,
    /// Other names for them.
    pub names: BTreeMap<String, String>,
    /// Who may ask.
    pub clients: Clients,
    /// The cap over all of them.
    pub purse: Option<Purse>,
    /// What is kept of requests and replies.
    pub blank: Option<Blank>,
    /// Which requests are listened to.
    pub guard: Guard,
    /// What may be taken out of calls.
    pub drops: Drops,
    /// The longest that one request may take.
    pub patience: Duration,
    /// Most requests at once, those that wait among them.
    pub most: usize,
    /// The time.
    pub clock: Clock,
}

/// What every request shares.
pub struct Shared {
    pub(super) setup: Setup,
    pub(super) metrics: Metrics,
    /// Requests under way.
    inside: AtomicUsize,
    /// The log cannot be written: nothing more is asked.
    broken: AtomicBool,
    /// The server is going down: nothing new is begun.
    leaving: AtomicBool,
}

/// A request's place among those under way; free again when it is dropped.
pub(super) struct Inside(Arc<Shared>);

impl Shared {
    /// All of it, before the first request.
    pub fn new(setup: Setup) -> Arc<Shared> {
        Arc::new(Shared {
            setup,
            metrics: Metrics::default(),
            inside: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
        })
    }

    /// A place for one more request.
    pub(super) fn enter(self: &Arc<Shared>) -> Result<Inside, Trouble> {
        let busy = |word, why: &str| Trouble::new(Cause::Overloaded, word, why);
        if self.broken.load(Ordering::Relaxed) {
            return Err(busy(
                "log_broken",
                "this server cannot write its log, and so asks nothing",
            ));
        }
        if self.leaving.load(Ordering::Relaxed) {
            let trouble = busy("leaving", "this server is going down");
            return Err(trouble.after(Duration::from_secs(1)));
        }
        let before = self.inside.fetch_add(1, Ordering::AcqRel);
        let inside = Inside(self.clone());
        if before >= self.setup.most {
            let trouble = busy("full", "this server has as many requests as it can take");
            return Err(trouble.after(Duration::from_secs(1)));
        }
        Ok(inside)
    }

    /// The candidate that a caller's model name stands for.
    pub(super) fn candidate(&self, name: &str) -> Result<&Candidate, Trouble> {
        let meant = self.setup.names.get(name).map_or(name, String::as_str);
        let mut all = self.setup.candidates.iter();
        all.find(|candidate| candidate.name == meant)
            .ok_or_else(|| {
                let names = self.names();
                let near = did_you_mean(name, names.iter().copied());
                let near = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
                let why = format!(
                    "no model {name:?} is served here{near} There are: {}",
                    names.join(", ")
                );
                Trouble {
                    param: Some("model".to_owned()),
                    ..Trouble::new(Cause::NotFound, "model_not_found", why)
                }
            })
    }

    /// Every name that can be asked.
    pub(super) fn names(&self) -> Vec<&str> {
        let own = self.setup.candidates.iter().map(|it| it.name.as_str());
        own.chain(self.setup.names.keys().map(String::as_str))
            .collect()
    }

    /// Whether what is asked counts under any cap.
    pub(super) fn capped(&self) -> bool {
        self.setup.purse.is_some() || self.setup.clients.capped()
    }

    pub(super) fn under_way(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    pub(super) fn break_off(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
    }
}
