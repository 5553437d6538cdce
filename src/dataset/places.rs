//! Where what is said of a dataset stands: in the suite, else in the dataset's about.yaml.

use crate::source::{Block, Document, Problem};

/// The two places.
pub(super) struct Places<'a> {
    /// The suite's `dataset:`.
    pub(super) suite: Option<&'a Block<'a>>,
    /// The folder's about.yaml.
    pub(super) about: Option<Document>,
}

impl Places<'_> {
    /// The part that these keys lead to, or as near to it as they lead.
    pub(super) fn part(&self, keys: &[&str]) -> Option<Block<'_>> {
        let (key, below) = keys.split_first()?;
        let suite = || self.suite.and_then(|suite| suite.child(key));
        let about = || {
            let about = self.about.as_ref()?.top();
            let columns = about.child("columns");
            columns
                .and_then(|columns| columns.child(key))
                .or_else(|| about.child(key))
        };
        let part = suite().or_else(about).or_else(|| self.suite.cloned())?;
        Some(
            below
                .iter()
                .fold(part, |part, key| part.child(key).unwrap_or(part)),
        )
    }

    /// The problem at the part that these keys lead to, unless it has a place already.
    pub(super) fn place(&self, problem: Problem, keys: &[&str]) -> Problem {
        match self.part(keys) {
            Some(part) if problem.at.is_none() => {
                let at = part.problem("", "").at;
                Problem { at, ..problem }
            }
            _ => problem,
        }
    }
}
