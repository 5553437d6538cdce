//! What a server has stated of its limits for one model, and what that allows before the next answer
//! says more. Only ever holds a request back: the user's caps stand beside it, untouched.

use crate::provider::{Allowance, Counted};
use std::time::Duration;
use tokio::time::Instant;

/// No statement holds a lane for longer: then one request goes, to hear what is true now.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a limit that is used up is believed, where its renewal is not stated.
const UNTOLD: Duration = Duration::from_secs(10);
/// Renewals no further apart than this, and a fifth of the wait, are the same.
const JITTER: Duration = Duration::from_millis(50);
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
    unheard: Vec<(Need, Instant)>,
    /// What is scarce is spread: not before this.
    next: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Limit {
    of: Counted,
    limit: Option<u64>,
    left: Left,
    /// Which request was told so.
    nth: u64,
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
        let young = || {
            let young = self.unheard.iter().filter(|(_, at)| *at + LONGEST > now);
            young.map(|(need, at)| (*need, *at))
        };
        // What is under way may say more; what takes longer than that is not waited for.
        let soon = young().map(|(_, at)| at + LONGEST).min();
        let alone = soon.is_none();
        let blocked = self.limits.iter().filter_map(|limit| {
            let under_way: f64 = young().map(|(need, _)| need.of(limit.of)).sum();
            let fits = |left: f64| left - under_way >= need.of(limit.of);
            match limit.left {
                Left::Known { left, until, .. } => {
                    // A request that needs more than there ever is goes alone.
                    let goes = fits(left) || (alone && left >= 1.0);
                    (!goes).then_some(until)
                }
                Left::Renewed(left) => soon.filter(|_| !fits(left)),
                Left::Unknown => soon,
            }
        });
        let spread = self.next.filter(|next| *next > now);
        blocked.chain(spread).max()
    }

    /// A request was let go.
    pub fn took(&mut self, need: Need, now: Instant) {
        self.unheard.push((need, now));
        let pauses = self.limits.iter().filter_map(|limit| {
            let Left::Known { left, until, .. } = limit.left else {
                return None;
            };
            let under_way: f64 = self.unheard.iter().map(|(it, _)| it.of(limit.of)).sum();
            let (rest, all) = ((left - under_way).max(0.0), limit.limit? as f64);
            let share = need.of(limit.of) / (rest + need.of(limit.of)).max(1.0);
            (rest < SCARCE * all).then(|| until.saturating_duration_since(now).mul_f64(share))
        });
        self.next = pauses.max().map(|pause| now + pause);
    }

    /// The request that was sent as the `nth` was answered, with what the server said.
    pub fn heard(&mut self, need: Need, nth: u64, said: &[Allowance], now: Instant) {
        self.forget(need);
        if said.is_empty() {
            return self.silent(need);
        }
        let states = |limit: &Limit| said.iter().any(|it| it.of == limit.of);
        self.limits
            .retain(|limit| states(limit) || matches!(limit.left, Left::Known { .. }));
        for stated in said {
            let wait = stated.reset.unwrap_or(UNTOLD).min(LONGEST);
            // Renewed this very moment: it says nothing of what comes.
            let known = (!wait.is_zero()).then(|| Limit {
                of: stated.of,
                limit: stated.limit,
                nth,
                left: Left::Known {
                    left: stated.left as f64,
                    until: now + wait,
                    firm: stated.reset.is_some_and(|reset| reset <= LONGEST),
                },
            });
            let before = self.limits.iter().position(|limit| limit.of == stated.of);
            match (before.map(|at| &mut self.limits[at]), known) {
                (Some(before), Some(now)) => before.correct(now, wait),
                (None, Some(now)) => self.limits.push(now),
                (_, None) => self.limits.retain(|limit| limit.of != stated.of),
            }
        }
        if !self.limits.iter().any(Limit::is_scarce) {
            self.next = None;
        }
    }

    /// A request came to nothing: the server may have counted it (`sent`) or cannot have.
    pub fn lost(&mut self, need: Need, sent: bool) {
        self.forget(need);
        match sent {
            true => self.silent(need),
            false => self.next = None,
        }
    }

    fn forget(&mut self, need: Need) {
        if let Some(at) = self.unheard.iter().position(|(known, _)| *known == need) {
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
    /// Takes in what another request was told. Answers do not come in the order in which the server
    /// counted: of what ends at the same time the least is true, and of the rest the latest sent.
    fn correct(&mut self, other: Limit, wait: Duration) {
        let (
            Left::Known { left, until, .. },
            Left::Known {
                left: more,
                until: end,
                ..
            },
        ) = (&mut self.left, other.left)
        else {
            *self = other;
            return;
        };
        let apart = end.max(*until) - end.min(*until);
        if apart <= JITTER + wait.mul_f64(0.2) {
            *left = left.min(more);
        } else if other.nth > self.nth {
            *self = other;
        }
    }

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

#[cfg(test)]
mod tests;
