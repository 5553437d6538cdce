//! One side of a comparison: what a candidate made of each case, wherever it comes from (a run, a table, a baseline).

use super::clusters;
use super::matrix::{Cell as Trial, Matrix, answer, odd};
use super::whole::Whole;
use crate::plan::Snapshot;
use crate::stats::repeats::Tries;
use crate::stats::{Estimate, mean};
use crate::store::{Origin, Outcome, Record, Stored};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A case as far as pairing needs it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CaseKey {
    /// Its id.
    pub id: String,
    /// Hash of what it asks and expects; empty where that is not known.
    pub content: String,
    /// The cluster it belongs to.
    pub group: Option<String>,
    /// Words to slice by.
    pub tags: Vec<String>,
}

/// What a candidate made of one case, all repeats together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cell {
    /// Its scores.
    pub tries: Tries,
    /// How often it was to be asked and brought no score.
    pub missing: u32,
    /// Mean cost of an answer, USD, where known.
    pub cost: Option<f64>,
    /// Geometric mean of the latencies that count, ms.
    pub latency: Option<f64>,
}

impl Cell {
    /// The mean score; `None` without one.
    pub fn score(&self) -> Option<f64> {
        (self.tries.n > 0).then_some(self.tries.mean)
    }
}

/// How often something happened over all trials of a side.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Counts {
    /// Trials planned.
    pub trials: usize,
    /// No reply.
    pub failed: usize,
    /// Not asked yet.
    pub unsent: usize,
    /// Answered, but the scorer failed.
    pub unscored: usize,
    /// Answers that were refusals or filtered.
    pub refused: usize,
    /// Answers cut by the token limit.
    pub cut: usize,
    /// Answers without any visible text or tool call.
    pub empty: usize,
}

/// A candidate's results by case.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Its name, as readers see it.
    pub name: String,
    /// Its id: a hash of model, prompt and parameters, or the name where there is none.
    pub id: String,
    /// The cases.
    pub cases: Arc<Vec<CaseKey>>,
    /// A cell a case.
    pub cells: Vec<Cell>,
    /// What came of all its trials; `None` where only scores are known.
    pub counts: Option<Counts>,
    /// What the scores add up to, where that is more than their mean.
    pub(super) whole: Option<Whole>,
}

/// Every candidate of a run by one scorer, in the plan's order.
pub fn sides(plan: &Snapshot, stored: &Stored, scorer: &str) -> Vec<Side> {
    of_matrix(&Matrix::new(plan, stored), scorer)
}

pub(super) fn of_matrix(matrix: &Matrix<'_>, scorer: &str) -> Vec<Side> {
    let key = |case: &crate::dataset::Case| CaseKey {
        id: case.id.clone(),
        content: case.content(),
        group: case.group.clone(),
        tags: case.tags.clone(),
    };
    let cases: Arc<Vec<CaseKey>> = Arc::new(matrix.stored.cases.iter().map(key).collect());
    let side = |index: usize| {
        let column = &matrix.plan.candidates[index];
        let mut side = Side {
            name: column.name.clone(),
            id: column.id.clone(),
            cases: cases.clone(),
            cells: vec![Cell::default(); cases.len()],
            counts: None,
            whole: Whole::of(matrix, index, scorer),
        };
        side.fill(matrix, &matrix.cells[index], scorer);
        side
    };
    (0..matrix.plan.candidates.len()).map(side).collect()
}

impl Side {
    fn fill(&mut self, matrix: &Matrix<'_>, trials: &[Trial<'_>], scorer: &str) {
        let live = |record: &Record| record.origin == Origin::Live;
        let live = trials.iter().filter_map(|t| t.record).any(live);
        let mut sums = vec![(Vec::new(), Vec::new()); self.cells.len()];
        let mut counts = Counts {
            trials: trials.len(),
            ..Counts::default()
        };
        for trial in trials {
            let cell = &mut self.cells[trial.case];
            let scored = matrix.stored.scores.get(&trial.trial);
            match scored.and_then(|s| s.get(scorer)).map(|s| &s.result) {
                Some(Ok(score)) => cell.tries.add(score.value),
                Some(Err(_)) => {
                    cell.missing += 1;
                    counts.unscored += 1;
                }
                None => cell.missing += 1,
            }
            let Some(record) = trial.record else {
                counts.unsent += 1;
                continue;
            };
            let Some(reply) = answer(record) else {
                counts.failed += usize::from(matches!(record.outcome, Outcome::Failed(_)));
                continue;
            };
            let [refused, cut, empty] = odd(reply).map(usize::from);
            counts.refused += refused;
            counts.cut += cut;
            counts.empty += empty;
            let Some(attempt) = record.answering() else {
                continue;
            };
            let (costs, times) = &mut sums[trial.case];
            costs.extend(record.whole_cost());
            let timed = match record.origin {
                Origin::Live => true,
                Origin::Recorded(_) => !live,
                Origin::Cache(_) => false,
            };
            let took = attempt.times.latency();
            times.extend((timed && took > 0.0).then(|| took.ln()));
        }
        for (cell, (costs, times)) in self.cells.iter_mut().zip(sums) {
            let mean =
                |x: Vec<f64>| (!x.is_empty()).then(|| x.iter().sum::<f64>() / x.len() as f64);
            cell.cost = mean(costs);
            cell.latency = mean(times).map(f64::exp);
        }
        self.counts = Some(counts);
    }

    /// How many cases have a score.
    pub fn scored(&self) -> usize {
        self.cells.iter().filter(|c| c.tries.n > 0).count()
    }

    /// The cluster numbers of some cases; `None` where no two of them share a group.
    pub fn groups(&self, cases: &[usize]) -> Option<Vec<usize>> {
        clusters(cases.iter().map(|case| self.cases[*case].group.as_deref()))
    }

    /// What stands for the candidate, with its interval and its name: the mean score of some cases, each of
    /// which has one, or a figure over all of them.
    pub fn score(
        &self,
        cases: &[usize],
        confidence: f64,
        seed: u64,
    ) -> Option<(Estimate, &'static str)> {
        let groups = self.groups(cases);
        let figure = self
            .whole
            .as_ref()
            .and_then(|whole| whole.over(cases, groups.as_deref(), confidence, seed));
        if let Some(figure) = figure {
            return Some((figure.estimate, figure.method));
        }
        let found = mean::of_scores(&self.scores(cases), groups.as_deref(), confidence, seed)?;
        Some((found.estimate, found.method))
    }

    /// The mean scores of some cases, each of which has one.
    pub fn scores(&self, cases: &[usize]) -> Vec<f64> {
        cases.iter().map(|c| self.cells[*c].tries.mean).collect()
    }

    /// The figure over some cases, where that is not their mean.
    pub(super) fn figure(&self, cases: &[usize]) -> Option<f64> {
        self.whole.as_ref()?.plain(cases)
    }

    /// A number for each of some cases, each of which has a score: the scores themselves, or what stands
    /// for a figure that is not their mean.
    pub(super) fn standing(&self, cases: &[usize]) -> Vec<f64> {
        let whole = self.whole.as_ref().and_then(|whole| whole.standing(cases));
        whole.unwrap_or_else(|| self.scores(cases))
    }
}
