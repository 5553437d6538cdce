//! How fast one lane – a provider with one key – may be asked.
//!
//! Concurrency adapts: one more in flight after a round without trouble, half as many after a 429
//! (additive increase, multiplicative decrease), never above the user's cap. Requests and tokens
//! per minute are paced by the generic cell rate algorithm (ITU-T I.371): each request moves the
//! time at which the next may be sent. A server's wish to wait pauses this lane only, and what it
//! states of its limits (`stated.rs`) holds requests to that model back before the first 429.

mod stated;

pub use stated::Need;

use crate::provider::{Allowance, Failure};
use stated::Stated;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// In flight at first, where the user does not say.
const SLOW_START: u32 = 20;

/// The user's caps for one lane.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Caps {
    /// Most requests in flight; where it is given, the lane starts there.
    pub concurrency: Option<u32>,
    /// Most requests a minute.
    pub rpm: Option<f64>,
    /// Most tokens a minute.
    pub tpm: Option<f64>,
}

/// One lane's state.
pub struct Lane {
    caps: Caps,
    /// The limit never grows above this.
    most: u32,
    state: Mutex<State>,
    /// Requests sent so far.
    sent: AtomicU64,
    /// A place has become free: wakes one that waits for it.
    freed: Notify,
    /// The lane was closed, or the server said something of its limits: wakes all.
    news: Notify,
}

struct State {
    limit: u32,
    in_flight: u32,
    clean: u32,
    halved_at: Option<Instant>,
    paused_until: Option<Instant>,
    next_request: Option<Instant>,
    next_tokens: Option<Instant>,
    /// Why nothing is sent any more: to a model, or (under no name) to the whole lane.
    closed: BTreeMap<Option<String>, Failure>,
    /// Models that have answered.
    answered: BTreeSet<String>,
    /// Answers so far.
    answers: u64,
    /// What the server states, by model.
    stated: BTreeMap<String, Stated>,
}

/// Leave to send one request; given back when dropped.
pub struct Pass<'a> {
    lane: &'a Lane,
    model: &'a str,
    need: Need,
    sent: Instant,
    /// Its number among the requests that were sent; 0 until it is.
    nth: AtomicU64,
    /// The head of its response is there.
    heard: AtomicBool,
}

/// What there is to do before the next request.
enum Next {
    Go,
    Until(Instant),
    Change,
}

impl Lane {
    /// A lane with these caps in a run of at most `most` in flight; it starts there if `given`, else slowly.
    pub fn new(caps: Caps, most: u32, given: bool) -> Lane {
        let usual = if given { most } else { SLOW_START.min(most) };
        let state = State {
            limit: caps.concurrency.unwrap_or(usual).max(1),
            in_flight: 0,
            clean: 0,
            halved_at: None,
            paused_until: None,
            next_request: None,
            next_tokens: None,
            closed: BTreeMap::new(),
            answered: BTreeSet::new(),
            answers: 0,
            stated: BTreeMap::new(),
        };
        Lane {
            most: caps.concurrency.unwrap_or(most).max(1),
            caps,
            state: Mutex::new(state),
            sent: AtomicU64::new(0),
            freed: Notify::new(),
            news: Notify::new(),
        }
    }

    /// Requests that may be in flight just now.
    pub fn limit(&self) -> usize {
        self.lock().limit as usize
    }

    /// Requests answered so far.
    pub fn answers(&self) -> u64 {
        self.lock().answers
    }

    /// Until when the lane waits, if it does.
    pub fn paused_until(&self) -> Option<Instant> {
        self.lock()
            .paused_until
            .filter(|until| *until > Instant::now())
    }

    /// Why nothing is sent to this model any more, if so.
    pub fn closed(&self, model: &str) -> Option<Failure> {
        self.lock().closed(model)
    }

    /// Waits for leave to send a request that needs so many tokens; the failure that closed the lane, if one did.
    pub async fn enter<'a>(&'a self, model: &'a str, need: Need) -> Result<Pass<'a>, Failure> {
        loop {
            let (freed, news) = (self.freed.notified(), self.news.notified());
            tokio::pin!(freed, news);
            news.as_mut().enable();
            let next = {
                let mut state = self.lock();
                if let Some(failure) = state.closed(model) {
                    return Err(failure);
                }
                let next = state.next(model, need);
                if matches!(next, Next::Change) {
                    freed.as_mut().enable();
                }
                if matches!(next, Next::Go) {
                    self.take(&mut state, model, need);
                }
                next
            };
            match next {
                Next::Go => {
                    return Ok(Pass {
                        lane: self,
                        model,
                        need,
                        sent: Instant::now(),
                        nth: AtomicU64::new(0),
                        heard: AtomicBool::new(false),
                    });
                }
                // Not listening for a free place here: that would take the wake-up of one who needs it.
                Next::Until(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = news => {}
                },
                Next::Change => tokio::select! {
                    () = freed => {}
                    () = news => {}
                },
            }
        }
    }

    fn take(&self, state: &mut State, model: &str, need: Need) {
        let now = Instant::now();
        state.in_flight += 1;
        if let Some(rpm) = self.caps.rpm {
            state.next_request =
                Some(state.next_request.unwrap_or(now).max(now) + per_minute(1.0, rpm));
        }
        if let Some(tpm) = self.caps.tpm {
            let spread = per_minute(need.tokens() as f64, tpm);
            state.next_tokens = Some(state.next_tokens.unwrap_or(now).max(now) + spread);
        }
        if !state.stated.contains_key(model) {
            state.stated.insert(model.to_owned(), Stated::default());
        }
        if let Some(stated) = state.stated.get_mut(model) {
            stated.took(need, now);
        }
    }

    /// A request that was let go and not sent: others may be in its stead.
    fn give_back(&self, state: &mut State, need: Need) {
        let earlier = |at: Option<Instant>, amount: f64, cap: Option<f64>| {
            let back = cap.map(|cap| per_minute(amount, cap))?;
            at?.checked_sub(back)
        };
        state.next_request = earlier(state.next_request, 1.0, self.caps.rpm);
        state.next_tokens = earlier(state.next_tokens, need.tokens() as f64, self.caps.tpm);
    }

    /// The server wants to be left alone for a while.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.lock();
        state.paused_until = Some(state.paused_until.map_or(until, |known| known.max(until)));
    }

    /// Nothing is to be sent to this model any more (no access), or, without one, on the whole lane
    /// (a wrong key, no money). A model that has answered is not closed for one refusal.
    /// Whether that was news.
    pub fn close(&self, model: Option<&str>, failure: &Failure) -> bool {
        let mut state = self.lock();
        if model.is_some_and(|model| state.answered.contains(model)) {
            return false;
        }
        let news = !state.closed.contains_key(&None)
            && !state.closed.contains_key(&model.map(str::to_owned));
        state
            .closed
            .entry(model.map(str::to_owned))
            .or_insert_with(|| failure.clone());
        drop(state);
        self.news.notify_waiters();
        news
    }

    /// Tries again what was closed: in a long life keys are changed and purses filled.
    pub fn reopen(&self) {
        self.lock().closed.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What there is to do before a request to this model.
    fn next(&mut self, model: &str, need: Need) -> Next {
        if self.in_flight >= self.limit {
            return Next::Change;
        }
        let now = Instant::now();
        let stated = self.stated.get_mut(model);
        let stated = stated.and_then(|stated| stated.wait(need, now));
        let waits = [
            self.paused_until,
            self.next_request,
            self.next_tokens,
            stated,
        ];
        let wait = waits.into_iter().flatten().max();
        wait.filter(|at| *at > now).map_or(Next::Go, Next::Until)
    }

    fn closed(&self, model: &str) -> Option<Failure> {
        let whole = self.closed.get(&None);
        whole
            .or_else(|| self.closed.get(&Some(model.to_owned())))
            .cloned()
    }
}

fn per_minute(amount: f64, limit: f64) -> Duration {
    Duration::from_secs_f64((60.0 * amount / limit.max(1e-3)).min(3600.0))
}

impl Pass<'_> {
    /// The request goes out now.
    pub fn go(&self) {
        if self.nth.load(Ordering::Relaxed) == 0 {
            let nth = self.lane.sent.fetch_add(1, Ordering::Relaxed) + 1;
            self.nth.store(nth, Ordering::Relaxed);
        }
    }

    /// The head of the response is there, with what the server says of its limits.
    pub fn heard(&self, said: &[Allowance]) {
        if self.heard.swap(true, Ordering::Relaxed) {
            return;
        }
        let nth = self.nth.load(Ordering::Relaxed);
        let mut state = self.lane.lock();
        if let Some(stated) = state.stated.get_mut(self.model) {
            stated.heard(self.need, nth, said, Instant::now());
        }
        drop(state);
        self.lane.news.notify_waiters();
    }

    /// The request went well: after a whole round of these, with all places in use, the lane grows by one.
    pub fn clean(self) {
        self.go();
        let mut state = self.lane.lock();
        state.answers += 1;
        if !state.answered.contains(self.model) {
            state.answered.insert(self.model.to_owned());
        }
        if state.in_flight < state.limit {
            return;
        }
        state.clean += 1;
        if state.clean >= state.limit && state.limit < self.lane.most {
            state.clean = 0;
            state.limit += 1;
            self.lane.freed.notify_one();
        }
    }

    /// The server said "too many": half as many, once for all requests that were in flight together.
    pub fn limited(self) {
        self.go();
        let mut state = self.lane.lock();
        state.clean = 0;
        if state.halved_at.is_none_or(|at| self.sent > at) {
            state.limit = (state.limit / 2).max(1);
            state.halved_at = Some(Instant::now());
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let (sent, heard) = (*self.nth.get_mut() > 0, *self.heard.get_mut());
        let mut state = self.lane.lock();
        state.in_flight -= 1;
        if !sent {
            self.lane.give_back(&mut state, self.need);
        }
        if !heard && let Some(stated) = state.stated.get_mut(self.model) {
            stated.lost(self.need, sent);
            self.lane.news.notify_waiters();
        }
        drop(state);
        self.lane.freed.notify_one();
    }
}

#[cfg(test)]
mod tests;
