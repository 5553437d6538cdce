//! What a server has stated of its limits for one model, and what that allows before the next answer
//! says more. Only ever holds a request back: the user's caps stand beside it, untouched.

use crate::provider::{Allowance, Counted};
use std::time::Duration;
use tokio::time::Instant;

/// No statement holds a lane for longer: then one request goes, to hear what is true now.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a limit that is used up is believed, where its renewal is not stated.
const UNTOLD: Duration = Duration::from_secs(10);
/// When less than this share of a limit is left, what is left is spread over the time to its renewal.
const SCARCE: f64 = 0.2;

/// Tokens that a request needs, at the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need {
    /// Of input.
    pub input: u64,
    /// Of output.
    pub output: u64,
}

impl Need {
    fn of(self, counted: Counted) -> f64 {
        (match counted {
            Counted::Requests => 1,
            Counted::Tokens => self.input.saturating_add(self.output),
            Counted::Input => self.input,
            Counted::Output => self.output,
        }) as f64
    }

    pub(super) fn tokens(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// One model's limits.
#[derive(Debug, Default)]
pub(super) struct Stated {
    limits: Vec<Limit>,
    /// Requests that were let go and not answered yet: what is left does not count them for sure.
    unheard: Vec<Need>,
    /// What is scarce is spread: not before this.
    next: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    of: Counted,
    limit: Option<u64>,
    left: Left,
}

#[derive(Debug, Clone, Copy)]
enum Left {
    /// So much, until it is renewed or no longer believed.
    Known {
        left: f64,
        until: Instant,
        firm: bool,
    },
    /// Renewed: all of it.
    Renewed(f64),
    /// Nobody knows: one request at a time, until one is answered.
    Unknown,
}

impl Stated {
    /// Until when this request has to wait, if it has to.
    pub fn wait(&mut self, need: Need, now: Instant) -> Option<Instant> {
        for limit in &mut self.limits {
            limit.renew(now);
        }
        let alone = self.unheard.is_empty();
        let blocked = self.limits.iter().filter_map(|limit| {
            let under_way: f64 = self.unheard.iter().map(|need| need.of(limit.of)).sum();
            let fits = |left: f64| left - under_way >= need.of(limit.of);
            match limit.left {
                Left::Known { left, until, .. } => {
                    // A request that needs more than there ever is goes alone.
                    let goes = fits(left) || (alone && left >= 1.0);
                    (!goes).then_some(until)
                }
                Left::Renewed(left) => (!fits(left) && !alone).then_some(now + LONGEST),
                Left::Unknown => (!alone).then_some(now + LONGEST),
            }
        });
        let spread = self.next.filter(|next| *next > now);
        blocked.chain(spread).max()
    }

    /// A request was let go.
    pub fn took(&mut self, need: Need, now: Instant) {
        self.unheard.push(need);
        let pauses = self.limits.iter().filter_map(|limit| {
            let Left::Known { left, until, .. } = limit.left else {
                return None;
            };
            let under_way: f64 = self.unheard.iter().map(|need| need.of(limit.of)).sum();
            let (rest, all) = ((left - under_way).max(0.0), limit.limit? as f64);
            let share = need.of(limit.of) / (rest + need.of(limit.of)).max(1.0);
            (rest < SCARCE * all).then(|| until.saturating_duration_since(now).mul_f64(share))
        });
        self.next = pauses.max().map(|pause| now + pause);
    }

    /// A request was answered, with what the server said.
    pub fn heard(&mut self, need: Need, said: &[Allowance], now: Instant) {
        self.forget(need);
        if said.is_empty() {
            return self.silent(need);
        }
        let limits = said.iter().filter_map(|it| {
            let wait = it.reset.unwrap_or(UNTOLD).min(LONGEST);
            // Renewed this very moment: it says nothing of what comes.
            (!wait.is_zero()).then(|| Limit {
                of: it.of,
                limit: it.limit,
                left: Left::Known {
                    left: it.left as f64,
                    until: now + wait,
                    firm: it.reset.is_some_and(|reset| reset <= LONGEST),
                },
            })
        });
        self.limits = limits.collect();
        if !self.limits.iter().any(Limit::is_scarce) {
            self.next = None;
        }
    }

    /// A request came to nothing: the server may have counted it (`sent`) or cannot have.
    pub fn lost(&mut self, need: Need, sent: bool) {
        self.forget(need);
        if sent {
            self.silent(need);
        }
    }

    fn forget(&mut self, need: Need) {
        if let Some(at) = self.unheard.iter().position(|known| *known == need) {
            self.unheard.swap_remove(at);
        }
    }

    /// An answer that says nothing of limits: it counts, and what was only guessed is dropped.
    fn silent(&mut self, need: Need) {
        self.limits.retain_mut(|limit| match &mut limit.left {
            Left::Known { left, .. } => {
                *left = (*left - need.of(limit.of)).max(0.0);
                true
            }
            Left::Renewed(_) | Left::Unknown => false,
        });
    }
}

impl Limit {
    fn is_scarce(&self) -> bool {
        let all = self.limit.unwrap_or(0) as f64;
        matches!(self.left, Left::Known { left, .. } if left < SCARCE * all)
    }

    fn renew(&mut self, now: Instant) {
        let Left::Known { until, firm, .. } = self.left else {
            return;
        };
        if until <= now {
            self.left = match self.limit.filter(|_| firm) {
                Some(all) => Left::Renewed(all as f64),
                None => Left::Unknown,
            };
        }
    }
}
