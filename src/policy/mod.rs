//! Which model is asked next: a route's decision, pure. No sending, no clock, no store.
//!
//! A policy sees what has come of a request so far and names the next hop, or says that it is over.
//! One policy a file; the engine does what it is told.

mod fallback;

pub use fallback::{DEFAULT, Fallback, MOST_HOPS};

use crate::project::Trigger;
use crate::provider::{FailureKind, Finish, Reply};

/// An estimate of the tokens of a prompt of so many bytes of text: 3.6 bytes each, the middle of what
/// common vocabularies reach on English and JSON.
pub fn prompt_tokens(bytes: usize) -> u64 {
    (bytes as f64 / 3.6).ceil() as u64
}

/// What came of one hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which of the route's models, from 0.
    pub hop: usize,
    /// What came of it.
    pub came: Came,
}

/// What came of asking a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It answered; what is odd about the answer: `refusal`, `cut`, `empty`.
    Answered(Vec<Trigger>),
    /// It was asked, as often as allowed, and failed.
    Failed(FailureKind),
    /// It was not asked: its lane is closed by an earlier failure of this kind.
    Closed(FailureKind),
}

impl Came {
    /// An answer, with what is odd about it: by the same rules as a report's columns.
    pub fn answered(reply: &Reply) -> Came {
        let odd = [
            (
                Trigger::Refusal,
                reply.refusal.is_some() || reply.finish == Some(Finish::ContentFilter),
            ),
            (Trigger::Cut, reply.finish == Some(Finish::Length)),
            (
                Trigger::Empty,
                reply.text.trim().is_empty() && reply.tool_calls.is_empty(),
            ),
        ];
        let odd = odd.into_iter().filter(|(_, is)| *is);
        Came::Answered(odd.map(|(word, _)| word).collect())
    }
}
