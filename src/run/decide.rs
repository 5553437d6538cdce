//! A hook that is asked after each stored reply whether the run goes on.

use crate::store::Record;
use futures_util::future::BoxFuture;

/// What is to be done after a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask the rest.
    GoOn,
    /// Begin no new case, for this reason; those that are begun are finished.
    Enough(String),
}

/// Decides from what is known so far; a run without one asks everything.
pub trait Decide: Send + Sync {
    /// What is known so far says.
    fn next(&self) -> Next;
    /// An outcome is on disk. Others go on while this is thought about.
    fn stored<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, ()>;
}
