//! The same cases on both traces: which match, and the numbers that a rule compares. Missing counts against the candidate.

use crate::summary::{Asked, Trace, Tried};
use std::collections::BTreeMap;

/// A candidate and the baseline, case by case.
pub(super) struct Pairs<'a> {
    /// Cases that both have, with the same content.
    pub both: Vec<(&'a Asked, &'a Asked)>,
    /// Cases that only one has, or whose content changed, each with what is the matter.
    pub unmatched: Vec<String>,
}

impl<'a> Pairs<'a> {
    /// Matches by id and content.
    pub fn new(now: &'a Trace, before: &'a Trace) -> Self {
        let mut known: BTreeMap<&str, &Asked> = before
            .cases
            .iter()
            .map(|case| (case.id.as_str(), case))
            .collect();
        let (mut both, mut unmatched) = (Vec::new(), Vec::new());
        for case in &now.cases {
            match known.remove(case.id.as_str()) {
                Some(old) if old.hash == case.hash => both.push((case, old)),
                Some(_) => unmatched.push(format!("{} (changed)", case.id)),
                None => unmatched.push(format!("{} (new)", case.id)),
            }
        }
        let gone = before
            .cases
            .iter()
            .filter(|case| known.contains_key(case.id.as_str()));
        unmatched.extend(gone.map(|case| format!("{} (gone)", case.id)));
        Pairs { both, unmatched }
    }

    /// The scores by one scorer, over the cases that it is for.
    pub fn scores(&self, scorer: &str) -> Scores {
        let about = |case: &Asked| {
            case.trials
                .iter()
                .any(|trial| trial.scores.contains_key(scorer))
        };
        let relevant: Vec<_> = self
            .both
            .iter()
            .filter(|(now, before)| about(now) || about(before))
            .collect();
        let all = relevant.iter().flat_map(|(now, before)| [now, before]);
        let values = all.flat_map(|case| {
            let scores = case.trials.iter();
            scores.filter_map(|trial| trial.scores.get(scorer).copied().flatten())
        });
        let (worst, best) = values.fold((0.0_f64, 1.0_f64), |(low, high), score| {
            (low.min(score), high.max(score))
        });
        let mut scores = Scores {
            unmatched: self.unmatched.len() as f64,
            ..Scores::default()
        };
        for (now, before) in relevant {
            let (score, gap) = mean(&now.trials, scorer, worst);
            let (old, old_gap) = mean(&before.trials, scorer, best);
            scores.now.push(score);
            scores.before.push(old);
            scores.unmatched += gap.max(old_gap);
            scores.ids.push(now.id.clone());
            scores.groups.push(now.group.clone());
        }
        scores
    }
}

/// What a scorer's rule compares.
#[derive(Default)]
pub(super) struct Scores {
    /// The candidate's mean score of each case, missing as the worst.
    pub now: Vec<f64>,
    /// The baseline's, missing as the best.
    pub before: Vec<f64>,
    /// The cases' ids.
    pub ids: Vec<String>,
    /// Their clusters.
    pub groups: Vec<Option<String>>,
    /// Cases without a score on both traces; a case of which half the repeats are missing is half a case.
    pub unmatched: f64,
}

impl Scores {
    /// The share of cases that cannot be compared.
    pub fn unmatched_share(&self) -> f64 {
        let lonely = self.unmatched.min(f64::MAX);
        // unmatched cases stand beside the matched ones; gaps stand within them
        lonely / (self.now.len() as f64).max(lonely).max(1.0)
    }
}

/// The mean over a case's repeats with every gap filled, and the share of gaps.
fn mean(trials: &[Tried], scorer: &str, gap: f64) -> (f64, f64) {
    if trials.is_empty() {
        return (gap, 1.0);
    }
    let scores = trials
        .iter()
        .map(|trial| trial.scores.get(scorer).copied().flatten());
    let (mut sum, mut missing) = (0.0, 0.0);
    for score in scores {
        sum += score.unwrap_or(gap);
        missing += f64::from(u8::from(score.is_none()));
    }
    (sum / trials.len() as f64, missing / trials.len() as f64)
}

/// Numbers for clusters that have names; `None` where no two cases share one.
pub(super) fn groups<'a>(
    names: impl IntoIterator<Item = &'a Option<String>>,
) -> Option<Vec<usize>> {
    let mut known = BTreeMap::new();
    let numbers = names.into_iter().enumerate().map(|(index, name)| {
        // A case without a group is a cluster of its own.
        let name = name
            .as_ref()
            .map_or_else(|| (1, index.to_string()), |name| (0, name.clone()));
        let next = known.len();
        *known.entry(name).or_insert(next)
    });
    let numbers: Vec<usize> = numbers.collect();
    (known.len() < numbers.len()).then_some(numbers)
}
