//! How a model has been doing lately: times in, a load out. The clock is the caller's.
//!
//! The moving average forgets with the time since, not with the number of answers, and jumps to a
//! time that is worse than itself at once (Finagle's `PeakEwma`): trouble is seen with the first
//! slow answer, recovery is believed little by little. While nothing is heard it sinks, so that a
//! model that was slow is tried again; what is under way longer than the average says counts as
//! that slow already. A failure is no quick answer: it counts as a slow one.

use crate::project::Timed;
use std::collections::{BTreeMap, VecDeque};

/// After this long an answer counts 1/e, ms.
const DECAY_MS: f64 = 10_000.0;
/// Times older than this say nothing of a p95, ms.
const WINDOW_MS: f64 = 30_000.0;
/// Most times that are kept.
const KEPT: usize = 512;
/// What a failure counts as at least, ms: twice what is usual there, within these.
const FAILED_MS: f64 = 1000.0;
const FAILED_MOST_MS: f64 = 60_000.0;

/// How a model is doing just now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Load {
    /// The moving average of its times, ms; `None` if it has not been heard of.
    pub time_ms: Option<f64>,
    /// Requests that are on their way to it.
    pub in_flight: u32,
    /// How long the oldest of them has been waiting, ms.
    pub oldest_ms: f64,
    /// The time that 95 of 100 recent answers kept, ms; `None` if there was none lately.
    pub p95_ms: Option<f64>,
    /// What this request would cost there, USD.
    pub cost_usd: Option<f64>,
    /// It takes no requests.
    pub closed: bool,
}

/// One request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What is kept of a model's times.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    first_token: Peak,
    total: Peak,
    /// When, time to the first token, time in all; the latest last.
    times: VecDeque<(f64, f64, f64)>,
    flying: BTreeMap<Ticket, Flight>,
    next: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Flight {
    /// When it was sent, if it was.
    sent: Option<f64>,
    /// Its first token is there.
    heard: bool,
}

/// A peak-sensitive moving average.
#[derive(Debug, Clone, Copy, Default)]
struct Peak {
    /// Value and when it was last told something.
    known: Option<(f64, f64)>,
}

impl Peak {
    fn at(self, now_ms: f64) -> Option<f64> {
        let (value, when) = self.known?;
        Some(value * (-(now_ms - when).max(0.0) / DECAY_MS).exp())
    }

    fn observe(&mut self, time_ms: f64, now_ms: f64) {
        let value = match self.known {
            Some((value, when)) if time_ms < value => {
                let old = (-(now_ms - when).max(0.0) / DECAY_MS).exp();
                value * old + time_ms * (1.0 - old)
            }
            _ => time_ms,
        };
        self.known = Some((value, now_ms));
    }
}

impl Recent {
    /// A request has been given to this model; it may still have to wait for its turn.
    pub fn begin(&mut self) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.flying.insert(ticket, Flight::default());
        ticket
    }

    /// It was sent.
    pub fn sent(&mut self, ticket: Ticket, now_ms: f64) {
        if let Some(flight) = self.flying.get_mut(&ticket) {
            flight.sent = Some(now_ms);
        }
    }

    /// Its first token is there.
    pub fn heard(&mut self, ticket: Ticket) {
        if let Some(flight) = self.flying.get_mut(&ticket) {
            flight.heard = true;
        }
    }

    /// It was answered, in this time and with the first token after this long; without a stream that
    /// is the whole time.
    pub fn answered(&mut self, ticket: Ticket, first_token_ms: Option<f64>, ms: f64, now_ms: f64) {
        self.flying.remove(&ticket);
        let first = first_token_ms.unwrap_or(ms);
        self.observe(first, ms, now_ms);
    }

    /// It failed, after this time.
    pub fn failed(&mut self, ticket: Ticket, ms: f64, now_ms: f64) {
        self.flying.remove(&ticket);
        let slow = |peak: Peak| {
            let usual = peak.at(now_ms).unwrap_or(0.0);
            ms.max((2.0 * usual).clamp(FAILED_MS, FAILED_MOST_MS))
        };
        self.observe(slow(self.first_token), slow(self.total), now_ms);
    }

    /// It was not sent after all.
    pub fn withdrawn(&mut self, ticket: Ticket) {
        self.flying.remove(&ticket);
    }

    fn observe(&mut self, first: f64, total: f64, now_ms: f64) {
        self.first_token.observe(first, now_ms);
        self.total.observe(total, now_ms);
        self.times.push_back((now_ms, first, total));
        let old = |when: f64| when < now_ms - WINDOW_MS;
        while self.times.len() > KEPT || self.times.front().is_some_and(|it| old(it.0)) {
            self.times.pop_front();
        }
    }

    /// How the model is doing. What it would cost and whether it is closed is for the caller to add.
    pub fn load(&self, by: Timed, now_ms: f64) -> Load {
        let of_stream = by == Timed::FirstToken;
        let waiting = self.flying.values().filter(|it| !(of_stream && it.heard));
        let ages = waiting.filter_map(|it| Some(now_ms - it.sent?));
        let peak = if of_stream {
            self.first_token
        } else {
            self.total
        };
        Load {
            time_ms: peak.at(now_ms),
            in_flight: self.flying.len() as u32,
            oldest_ms: ages.fold(0.0, f64::max),
            p95_ms: self.p95(of_stream, now_ms),
            cost_usd: None,
            closed: false,
        }
    }

    /// The least time that at least 95 of 100 of the recent ones kept.
    fn p95(&self, of_stream: bool, now_ms: f64) -> Option<f64> {
        let recent = self.times.iter().filter(|it| it.0 >= now_ms - WINDOW_MS);
        let pick = |it: &(f64, f64, f64)| if of_stream { it.1 } else { it.2 };
        let mut times: Vec<f64> = recent.map(pick).collect();
        times.sort_by(f64::total_cmp);
        let rank = (times.len() as f64 * 0.95).ceil() as usize;
        times.get(rank.checked_sub(1)?).copied()
    }
}
