//! A spending cap over a window of time: a budget that begins anew with each day or month.

use super::shared::Clock;
use crate::project::Window;
use crate::run::Budget;
use crate::store::{Store, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// A cap, and the budget of the window that is now.
pub struct Purse {
    cap: f64,
    window: Option<Window>,
    now: Mutex<(String, Arc<Budget>)>,
}

impl Purse {
    /// A cap in USD, of which the store knows what is spent: by all, or by one client.
    pub fn open(
        cap: f64,
        window: Option<Window>,
        client: Option<&str>,
        store: &Store,
        clock: &Clock,
    ) -> Result<Purse, StoreError> {
        let since = since(window, &(clock.now)());
        let spent = store.served_usd(client, &since)?;
        let budget = Arc::new(Budget::new(Some(cap), spent));
        Ok(Purse {
            cap,
            window,
            now: Mutex::new((since, budget)),
        })
    }

    /// The budget at this time (RFC 3339).
    pub fn at(&self, now: &str) -> Arc<Budget> {
        let since = since(self.window, now);
        let mut known = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        // Time that goes back opens nothing.
        if since > known.0 {
            *known = (since, Arc::new(Budget::new(Some(self.cap), 0.0)));
        }
        known.1.clone()
    }
}

/// When the window of this time began: a prefix of RFC 3339.
fn since(window: Option<Window>, now: &str) -> String {
    let length = match window {
        None => 0,
        Some(Window::Day) => "2026-01-01".len(),
        Some(Window::Month) => "2026-01".len(),
    };
    now.get(..length).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_day_is_a_new_purse() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db")).unwrap();
        let clock = Clock {
            now: || "2026-03-01T10:00:00Z".to_owned(),
            seconds: || 0,
            id: String::new,
        };
        let purse = Purse::open(1.0, Some(Window::Day), None, &store, &clock).unwrap();
        let today = purse.at("2026-03-01T12:00:00Z");
        today.reserve(1.0).await.unwrap().settle(1.0);
        assert!(purse.at("2026-03-01T23:59:59Z").reserve(0.1).await.is_err());
        assert!(purse.at("2026-03-02T00:00:00Z").reserve(0.1).await.is_ok());
    }
}
