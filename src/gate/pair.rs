//! The same cases on both sides: which match, and the numbers that a rule compares. Missing counts against the candidate.

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
        let relevant: Vec<_> = self
            .both
            .iter()
            .filter(|(now, before)| about(scorer, now.trials.iter().chain(&before.trials)))
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
            lonely: self.unmatched.len(),
            ..Scores::default()
        };
        for (now, before) in relevant {
            let (score, gap) = mean(&now.trials, scorer, worst);
            let (old, old_gap) = mean(&before.trials, scorer, best);
            scores.now.push(score);
            scores.before.push(old);
            scores.gaps += gap.max(old_gap);
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
    /// Matched cases that lack a score on one side or the other; a case of which half the repeats are missing is half a case.
    pub gaps: f64,
    /// Cases that only one side has, or whose content changed.
    pub lonely: usize,
}

impl Scores {
    /// The share of cases that cannot be compared.
    pub fn unmatched_share(&self) -> f64 {
        // Lonely cases stand beside the matched ones; gaps stand within them.
        let (lonely, all) = (self.lonely as f64, self.now.len() + self.lonely);
        (lonely + self.gaps) / all.max(1) as f64
    }
}

/// Whether a scorer is for the case of these trials: an answer has an entry of it, or there is no answer that
/// could tell. A failed case is a gap; one that was answered and has no entry is not the scorer's.
pub(super) fn about<'a>(scorer: &str, trials: impl Iterator<Item = &'a Tried> + Clone) -> bool {
    let mut answers = trials.clone().filter(|trial| trial.missing.is_none());
    let has = |trial: &Tried| trial.scores.contains_key(scorer);
    trials.clone().any(has) || answers.next().is_none()
}

/// The mean over a case's repeats with every gap filled, and the share of gaps.
pub(super) fn mean(trials: &[Tried], scorer: &str, gap: f64) -> (f64, f64) {
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
