//! Who may ask: clients by the hash of their key, each with its limits.

use super::purse::Purse;
use super::shared::Clock;
use super::trouble::{Cause, Trouble};
use crate::project::Client;
use crate::store::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The time that a limit of requests counts over.
const MINUTE: Duration = Duration::from_secs(60);

/// The hash under which a suite knows a key. Keys have 256 random bits, so a fast hash is enough.
pub fn hash(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let mut hash = "sha256:".to_owned();
    for byte in digest {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// Every client, by the hash of its key.
#[derive(Default)]
pub struct Clients {
    by_hash: HashMap<String, Arc<Known>>,
}

/// A client and what it is doing.
pub(super) struct Known {
    pub client: Client,
    pub purse: Option<Purse>,
    /// When the requests of the last minute came; at most as many as the limit.
    recent: Mutex<VecDeque<Instant>>,
    under_way: AtomicU32,
}

/// A request of a client under way; ends with the value.
pub(super) struct Visit(Arc<Known>);

impl Clients {
    /// The suite's clients, with what they have spent.
    pub fn open(clients: &[Client], store: &Store, clock: &Clock) -> Result<Clients, StoreError> {
        let mut by_hash = HashMap::new();
        for client in clients {
            let open = |cap| Purse::open(cap, client.per, Some(&client.name), store, clock);
            let known = Known {
                client: client.clone(),
                purse: client.max_cost.map(open).transpose()?,
                recent: Mutex::default(),
                under_way: AtomicU32::new(0),
            };
            by_hash.insert(client.hash.clone(), Arc::new(known));
        }
        Ok(Clients { by_hash })
    }

    /// Whether nobody needs a key.
    pub fn is_open(&self) -> bool {
        self.by_hash.is_empty()
    }

    /// Whether spending is limited.
    pub fn capped(&self) -> bool {
        self.by_hash.values().any(|known| known.purse.is_some())
    }

    /// Who sends this key; nobody in particular where no keys are needed.
    pub(super) fn who(&self, key: Option<&str>) -> Result<Option<Arc<Known>>, Trouble> {
        if self.is_open() {
            return Ok(None);
        }
        let none = || {
            let why = "this server wants a key: `Authorization: Bearer KEY` or `x-api-key: KEY`";
            Trouble::new(Cause::NoKey, "no_key", why)
        };
        let known = self.by_hash.get(&hash(key.ok_or_else(none)?));
        let unknown = || {
            Trouble::new(
                Cause::NoKey,
                "wrong_key",
                "this server does not know the key",
            )
        };
        known.cloned().map(Some).ok_or_else(unknown)
    }
}

impl Known {
    /// Begins a request, if the client's limits let it.
    pub(super) fn enter(self: &Arc<Known>, model: &str) -> Result<Visit, Trouble> {
        let client = &self.client;
        if !client.models.is_empty() && !client.models.iter().any(|name| name == model) {
            let why = format!(
                "this key may not ask {model:?}; it may ask {}",
                client.models.join(", ")
            );
            return Err(Trouble::new(Cause::Forbidden, "model_not_allowed", why));
        }
        let most = client.concurrency.unwrap_or(u32::MAX);
        let under_way = self.under_way.fetch_add(1, Ordering::AcqRel);
        // From here on the place is given back when the visit ends, whatever comes.
        let visit = Visit(self.clone());
        if under_way >= most {
            let why = format!("this key may have {most} requests at once");
            let trouble = Trouble::new(Cause::RateLimit, "concurrency", why);
            return Err(trouble.after(Duration::from_secs(1)));
        }
        if let Some(rpm) = client.rpm {
            self.count(rpm as usize)?;
        }
        Ok(visit)
    }

    /// Counts a request; in any minute there are at most so many.
    fn count(&self, rpm: usize) -> Result<(), Trouble> {
        let now = Instant::now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|at| now - *at >= MINUTE) {
            recent.pop_front();
        }
        if recent.len() < rpm {
            recent.push_back(now);
            return Ok(());
        }
        let wait = recent.front().map_or(MINUTE, |at| MINUTE - (now - *at));
        let why = format!("this key may ask {rpm} times a minute");
        Err(Trouble::new(Cause::RateLimit, "rpm", why).after(wait))
    }
}

impl Visit {
    pub(super) fn known(&self) -> &Known {
        &self.0
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(rpm: Option<u32>, concurrency: Option<u32>) -> Arc<Known> {
        Arc::new(Known {
            client: Client {
                name: "web".into(),
                hash: hash("k"),
                models: vec!["a".into()],
                rpm,
                concurrency,
                max_cost: None,
                per: None,
            },
            purse: None,
            recent: Mutex::default(),
            under_way: AtomicU32::new(0),
        })
    }

    #[test]
    fn a_hash_is_that_of_other_tools() {
        let known = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash("abc"), known);
    }

    #[tokio::test(start_paused = true)]
    async fn in_no_minute_are_there_more_requests_than_allowed() {
        let known = known(Some(3), None);
        let mut let_in: Vec<Instant> = Vec::new();
        for _ in 0..400 {
            if known.enter("a").is_ok() {
                let_in.push(Instant::now());
            }
            tokio::time::advance(Duration::from_millis(700)).await;
        }
        assert!(let_in.len() >= 12, "{}", let_in.len());
        let tight = let_in.windows(4).all(|four| four[3] - four[0] >= MINUTE);
        assert!(tight, "four requests within a minute");
        let wait = (0..4).find_map(|_| known.enter("a").err()).unwrap().wait;
        assert!(wait.is_some_and(|wait| wait <= MINUTE));
    }

    #[test]
    fn places_come_back_and_other_models_are_refused() {
        let known = known(None, Some(2));
        let (first, _second) = (known.enter("a").ok(), known.enter("a").ok());
        let third = known.enter("a").err().unwrap();
        assert_eq!((third.cause, third.again), (Cause::RateLimit, true));
        drop(first);
        assert!(known.enter("a").is_ok());
        let other = known.enter("b").err().unwrap();
        assert_eq!(other.cause, Cause::Forbidden);
        assert!(other.message.contains("it may ask a"));
    }
}
