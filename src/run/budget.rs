//! The spending cap: the worst case is reserved before a request, what it really cost is settled after.
//!
//! Money is counted in whole nano-dollars, so that sums are exact and the cap holds to the cent.

use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// The next request could pass the cap, and nothing in flight can give money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

/// The cap of a run and what is left of it.
pub struct Budget {
    cap: Option<u64>,
    state: Mutex<State>,
    settled: Notify,
}

#[derive(Default)]
struct State {
    spent: u64,
    reserved: u64,
    open: usize,
    /// What the first request that found no room asked for.
    refused: Option<u64>,
}

/// Money set aside for one request. Dropped without being settled, it counts as spent in full.
pub struct Reservation<'a> {
    budget: &'a Budget,
    nanos: u64,
}

fn nanos(usd: f64) -> u64 {
    // Saturates: an absurd price must not wrap into a small one.
    (usd.max(0.0) * 1e9).ceil() as u64
}

impl Budget {
    /// A cap in USD (`None`: no cap), of which `spent` USD are gone already.
    pub fn new(cap: Option<f64>, spent: f64) -> Budget {
        let state = State {
            spent: nanos(spent),
            ..State::default()
        };
        Budget {
            cap: cap.map(|usd| (usd.max(0.0) * 1e9).floor() as u64),
            state: Mutex::new(state),
            settled: Notify::new(),
        }
    }

    /// USD spent so far, reservations not counted.
    pub fn spent(&self) -> f64 {
        self.lock().spent as f64 / 1e9
    }

    /// The most that the first request without room could have cost, USD.
    pub fn refused(&self) -> Option<f64> {
        self.lock().refused.map(|nanos| nanos as f64 / 1e9)
    }

    /// Sets the worst case of a request aside, waiting for others to settle if it does not fit yet.
    pub async fn reserve(&self, worst_usd: f64) -> Result<Reservation<'_>, Exhausted> {
        let nanos = nanos(worst_usd);
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            {
                let mut state = self.lock();
                let total = state
                    .spent
                    .saturating_add(state.reserved)
                    .saturating_add(nanos);
                if self.cap.is_none_or(|cap| total <= cap) {
                    state.reserved = state.reserved.saturating_add(nanos);
                    state.open += 1;
                    return Ok(Reservation {
                        budget: self,
                        nanos,
                    });
                }
                if state.open == 0 {
                    state.refused.get_or_insert(nanos);
                    return Err(Exhausted);
                }
            }
            settled.await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reservations for one request under several caps. Dropped without being settled, it counts as
/// spent in full under each.
#[derive(Default)]
pub struct Aside<'a>(Vec<Reservation<'a>>);

impl<'a> Aside<'a> {
    /// One cap more; where there is no room under it, what was set aside under the others is free again.
    pub fn add(&mut self, one: Result<Reservation<'a>, Exhausted>) -> Result<(), Exhausted> {
        match one {
            Ok(one) => self.0.push(one),
            Err(none) => {
                std::mem::take(self).settle(0.0);
                return Err(none);
            }
        }
        Ok(())
    }

    /// The request cost this much under each.
    pub fn settle(self, usd: f64) {
        for one in self.0 {
            one.settle(usd);
        }
    }
}

impl Reservation<'_> {
    /// The request cost this much; the rest of the reservation is free again.
    pub fn settle(mut self, usd: f64) {
        let cost = nanos(usd);
        self.close(cost);
    }

    fn close(&mut self, cost: u64) {
        let mut state = self.budget.lock();
        state.reserved = state.reserved.saturating_sub(self.nanos);
        state.spent = state.spent.saturating_add(cost);
        state.open -= 1;
        drop(state);
        self.nanos = u64::MAX;
        self.budget.settled.notify_waiters();
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if self.nanos != u64::MAX {
            self.close(self.nanos);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reservation_waits_for_those_in_flight_and_then_fits_or_ends() {
        let budget = Budget::new(Some(1.0), 0.0);
        let first = budget.reserve(0.7).await.expect("0.7 of 1.0 fits");
        let (second, ()) = tokio::join!(budget.reserve(0.7), async { first.settle(0.2) });
        second.expect("0.2 spent leaves room for 0.7").settle(0.7);
        assert!((budget.spent() - 0.9).abs() < 1e-9);
        assert_eq!(budget.refused(), None);
        assert_eq!(budget.reserve(0.2).await.err(), Some(Exhausted));
        assert_eq!(budget.refused(), Some(0.2));
        assert!(budget.reserve(0.1).await.is_ok());
    }

    #[tokio::test]
    async fn an_unsettled_reservation_counts_in_full() {
        let budget = Budget::new(Some(1.0), 0.5);
        drop(budget.reserve(0.4).await.expect("fits"));
        assert!((budget.spent() - 0.9).abs() < 1e-9);
        let free = Budget::new(None, 0.0);
        assert!(free.reserve(1e12).await.is_ok());
    }

    proptest::proptest! {
        #[test]
        fn the_cap_holds_whatever_is_asked(cap in 0.0..2.0f64, asks in proptest::collection::vec((0.0..0.5f64, 0.0..1.0f64), 1..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let budget = Budget::new(Some(cap), 0.0);
                for (worst, share) in asks {
                    if let Ok(reservation) = budget.reserve(worst).await {
                        reservation.settle(worst * share);
                    }
                }
                assert!(budget.spent() <= cap);
            });
        }
    }
}
