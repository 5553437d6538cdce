//! A reply passed on while it comes, to whoever asked for it: bounded, so that a slow reader slows the
//! model's stream down instead of filling memory.

use super::course::Place;
use super::redact::Redactor;
use crate::policy::Why;
use crate::provider::{Cursor, Delta, StreamDecoder};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// Pieces that may wait for a slow reader.
const WAITING: usize = 64;

/// What one read of the network brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The hop that is answering.
    pub hop: usize,
    /// The number of the attempt.
    pub number: u32,
    /// Why that hop answers, with the first piece.
    pub why: Option<Why>,
    /// What it said.
    pub deltas: Vec<Delta>,
}

/// Where a job's reply is passed on to. Once anything was passed on, no other model can answer.
#[derive(Debug)]
pub struct Tap {
    to: mpsc::Sender<Piece>,
    begun: AtomicBool,
}

impl Tap {
    /// A tap, and where its pieces come out.
    pub fn new() -> (Tap, mpsc::Receiver<Piece>) {
        let (to, pieces) = mpsc::channel(WAITING);
        let begun = AtomicBool::new(false);
        (Tap { to, begun }, pieces)
    }

    /// Whether anything was passed on.
    pub fn begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }
}

/// One attempt's part of a tap.
pub(super) struct Feed<'a> {
    tap: &'a Tap,
    here: &'a Place,
    number: u32,
}

impl<'a> Feed<'a> {
    pub(super) fn new(tap: &'a Tap, here: &'a Place, number: u32) -> Feed<'a> {
        Feed { tap, here, number }
    }

    /// What the decoder has that is new. Before the end, what could be the beginning of the key that
    /// the server sends back is held back.
    pub(super) fn news(
        &self,
        decoder: &dyn StreamDecoder,
        cursor: &mut Cursor,
        redactor: &Redactor,
        end: bool,
    ) -> Option<Piece> {
        let safe = |text: &str| match end {
            true => text.len(),
            false => redactor.safe(text),
        };
        let clean = |text: &str| redactor.cleaned(text);
        let deltas = cursor.news(&decoder.so_far(), &safe, &clean);
        (!deltas.is_empty()).then_some(Piece {
            hop: self.here.hop,
            number: self.number,
            why: (!self.tap.begun()).then(|| self.here.why.clone()),
            deltas,
        })
    }

    /// Passes it on, as soon as there is room.
    pub(super) async fn pass(&self, piece: Piece) {
        self.tap.begun.store(true, Ordering::Relaxed);
        // Nobody listens any more: whoever listened ends the job as well.
        let _ = self.tap.to.send(piece).await;
    }
}
