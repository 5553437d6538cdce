//! The filled table of a run: cells by candidate and case, and the scores of each.

use super::clusters;
use crate::plan::{Column, Snapshot, short_hash};
use crate::provider::{Finish, Reply};
use crate::store::{Outcome, Record, Stored};

/// One cell of the matrix: a case asked of a candidate, once.
pub(super) struct Cell<'a> {
    /// Index of the case.
    pub case: usize,
    /// The trial's id.
    pub trial: String,
    /// What came of it; `None` if it was not sent.
    pub record: Option<&'a Record>,
}

/// All that the numbers are made from.
pub(super) struct Matrix<'a> {
    pub plan: &'a Snapshot,
    pub stored: &'a Stored,
    /// Cells by candidate, in case order, then repeat.
    pub cells: Vec<Vec<Cell<'a>>>,
    /// Cluster of each case; `None` if there are no clusters.
    pub groups: Option<Vec<usize>>,
}

impl<'a> Matrix<'a> {
    pub fn new(plan: &'a Snapshot, stored: &'a Stored) -> Matrix<'a> {
        let cells = |column: &Column| {
            let cases = stored.cases.iter().enumerate();
            let cells = cases.flat_map(|(case, asked)| {
                (0..plan.repeats).map(move |repeat| (case, plan.trial_id(asked, column, repeat)))
            });
            let cell = |(case, trial): (usize, String)| Cell {
                case,
                record: stored.records.get(&trial),
                trial,
            };
            cells.map(cell).collect()
        };
        Matrix {
            plan,
            stored,
            cells: plan.candidates.iter().map(cells).collect(),
            groups: clusters(stored.cases.iter().map(|case| case.group.as_deref())),
        }
    }

    /// A candidate's mean score of each case over its repeats; `None` where there is no score.
    pub fn by_case(&self, candidate: usize, scorer: &str) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0u32); self.stored.cases.len()];
        for cell in &self.cells[candidate] {
            let score = self
                .stored
                .scores
                .get(&cell.trial)
                .and_then(|scores| scores.get(scorer)?.result.as_ref().ok());
            if let Some(score) = score {
                sums[cell.case].0 += score.value;
                sums[cell.case].1 += 1;
            }
        }
        sums.into_iter()
            .map(|(sum, n)| (n > 0).then(|| sum / f64::from(n)))
            .collect()
    }

    /// The clusters of some cases.
    pub fn groups_of(&self, cases: &[usize]) -> Option<Vec<usize>> {
        self.groups
            .as_ref()
            .map(|groups| cases.iter().map(|case| groups[*case]).collect())
    }

    /// A seed for one purpose, from the ids it is about: the same input gives the same bytes.
    pub fn seed(&self, purpose: &[&str]) -> u64 {
        seed(self.plan.seed, &self.plan.dataset.hash, purpose)
    }
}

/// A seed for one purpose, from the run's seed, what the cases are, and the ids it is about.
pub(super) fn seed(seed: u64, cases: &str, purpose: &[&str]) -> u64 {
    let hash = short_hash(&[&[cases], purpose].concat());
    seed ^ u64::from_str_radix(&hash[..16], 16).unwrap_or_default()
}

/// The reply of a record that has one.
pub(super) fn answer(record: &Record) -> Option<&Reply> {
    match &record.outcome {
        Outcome::Answered(reply) => Some(reply),
        Outcome::Failed(_) => None,
    }
}

/// Whether an answer is a refusal (or filtered), cut by the token limit, empty.
pub fn odd(reply: &Reply) -> [bool; 3] {
    [
        reply.refusal.is_some() || reply.finish == Some(Finish::ContentFilter),
        reply.finish == Some(Finish::Length),
        reply.text.trim().is_empty() && reply.tool_calls.is_empty(),
    ]
}
