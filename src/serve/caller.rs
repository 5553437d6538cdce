//! The caller's side of a request: what it is told, whole or piece by piece, and whether it is still there.

use super::trouble::Trouble;
use super::wire::{Events, Head, Wire};
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a caller may read nothing at all.
const STUCK: Duration = Duration::from_secs(60);

/// Pieces of a stream that may wait for the caller.
const WAITING: usize = 16;

/// A header of ours.
pub(super) type Header = (&'static str, String);

/// What the caller is told.
pub(super) enum Told {
    /// All of it.
    Whole(u16, Vec<Header>, Vec<u8>),
    /// A stream of events.
    Stream(Vec<Header>, mpsc::Receiver<Bytes>),
}

/// The caller's side of it.
pub(super) struct Caller {
    tell: Option<oneshot::Sender<Told>>,
    out: Option<mpsc::Sender<Bytes>>,
    events: Option<Box<dyn Events>>,
    /// When the first piece was passed on, ms after the request.
    pub first_ms: Option<f64>,
}

impl Caller {
    /// A caller who was told nothing yet.
    pub fn new(tell: oneshot::Sender<Told>) -> Caller {
        Caller {
            tell: Some(tell),
            out: None,
            events: None,
            first_ms: None,
        }
    }

    /// Whether a stream has begun.
    pub fn begun(&self) -> bool {
        self.out.is_some()
    }

    /// Adds to the stream's events, if it has begun.
    pub fn events(&mut self, add: impl FnOnce(&mut dyn Events)) {
        if let Some(events) = &mut self.events {
            add(&mut **events);
        }
    }

    /// Resolves when nobody waits for the answer any more.
    pub async fn gone(&mut self) {
        match (&self.out, &mut self.tell) {
            (Some(out), _) => out.closed().await,
            (None, Some(tell)) => tell.closed().await,
            (None, None) => std::future::pending().await,
        }
    }

    /// Begins a stream, if none has begun.
    pub fn begin(&mut self, wire: &dyn Wire, head: Head, headers: Vec<Header>) {
        let Some(tell) = self.tell.take() else { return };
        let (out, pieces) = mpsc::channel(WAITING);
        self.events = Some(wire.stream(head));
        self.out = Some(out);
        // Whoever has gone is noticed by the next piece.
        let _ = tell.send(Told::Stream(headers, pieces));
    }

    /// Sends a piece of the stream, waiting while the caller is slow; whether it is still there.
    pub async fn say(&mut self, text: String) -> bool {
        let Some(out) = self.out.as_ref().filter(|_| !text.is_empty()) else {
            return true;
        };
        matches!(timeout(STUCK, out.send(text.into())).await, Ok(Ok(())))
    }

    /// Tells all of it at once.
    pub fn whole(&mut self, status: u16, headers: Vec<Header>, body: &Value) {
        if let Some(tell) = self.tell.take() {
            let body = serde_json::to_vec(body).expect("JSON values can be written");
            let _ = tell.send(Told::Whole(status, headers, body));
        }
    }
}

/// Whether the caller's SDK should try again, and when.
pub(super) fn again(trouble: &Trouble) -> Vec<Header> {
    let mut headers = vec![("x-should-retry", trouble.again.to_string())];
    if let Some(wait) = trouble.wait {
        let seconds = wait.as_secs_f64().ceil().clamp(1.0, 86_400.0);
        headers.push(("retry-after", format!("{seconds:.0}")));
    }
    headers
}
