//! Several models that judge the same answer, and how their grades make one.

use super::params::Params;
use super::verdict::Verdict;
use crate::source::clip;
use schemars::JsonSchema;
use serde::Deserialize;

/// How the members of a panel make one grade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Combine {
    /// The mean of the members' grades.
    #[default]
    Mean,
    /// The grade that most members gave; between equals their mean.
    Majority,
    /// The middle grade.
    Median,
}

impl Combine {
    /// Its name in a suite.
    pub(super) fn name(self) -> &'static str {
        match self {
            Combine::Mean => "mean",
            Combine::Majority => "majority",
            Combine::Median => "median",
        }
    }

    /// One number from the members' numbers, of which there is at least one. Their order does not matter.
    pub(super) fn of(self, values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        match self {
            Combine::Mean => mean(&sorted),
            Combine::Median => {
                let (low, high) = ((sorted.len() - 1) / 2, sorted.len() / 2);
                (sorted[low] + sorted[high]) / 2.0
            }
            Combine::Majority => {
                let groups: Vec<&[f64]> = sorted.chunk_by(|a, b| (a - b).abs() < 1e-9).collect();
                let most = groups.iter().map(|group| group.len()).max().unwrap_or(0);
                let first = groups.iter().filter(|group| group.len() == most);
                let first: Vec<f64> = first.map(|group| group[0]).collect();
                mean(&first)
            }
        }
    }
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Panel {
    /// The models, as the suite spells them.
    pub models: Vec<String>,
    /// How their grades make one.
    pub combine: Combine,
    /// How many must give a verdict.
    pub quorum: usize,
}

/// Most members.
const MOST: usize = 20;

impl Panel {
    /// The panel that is meant, or the key that is wrong and why.
    pub(super) fn new(params: &Params) -> Result<Panel, (&'static str, String)> {
        let (key, models) = match (&params.model, params.models.as_slice()) {
            (Some(_), [_, ..]) => {
                return Err(("models", "`model` and `models`: give one of them".into()));
            }
            (Some(model), []) => ("model", vec![model.clone()]),
            (None, []) => {
                return Err(("model", "missing key `model`: who judges?".into()));
            }
            (None, all) => ("models", all.to_vec()),
        };
        if models.len() > MOST {
            return Err((key, format!("a panel takes at most {MOST} models")));
        }
        for (index, model) in models.iter().enumerate() {
            if model.trim().is_empty() {
                return Err((key, format!("`{key}` is empty")));
            }
            if models[..index].contains(model) {
                let title = format!("`{}` twice in one panel: its vote is one", clip(model));
                return Err((key, title));
            }
        }
        let quorum = params.quorum.unwrap_or(models.len());
        if quorum > models.len() {
            let why = format!("a quorum of {quorum} among {} judges", models.len());
            return Err(("quorum", why));
        }
        Ok(Panel {
            models,
            combine: params.combine,
            quorum,
        })
    }

    /// Whether several models judge.
    pub(super) fn several(&self) -> bool {
        self.models.len() > 1
    }
}

/// What one member said of an answer: its verdicts by repeat, each one a criterion.
pub(super) struct Said {
    /// The member's place in the panel.
    pub member: usize,
    /// Its verdicts, at least one repeat.
    pub repeats: Vec<Vec<Verdict>>,
}

impl Said {
    /// The member's value for a criterion: the mean over its repeats.
    pub(super) fn value(&self, criterion: usize) -> f64 {
        let all = self.repeats.iter().map(|one| one[criterion].grade.value);
        all.sum::<f64>() / self.repeats.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn majorities_and_middles() {
        assert_eq!(Combine::Majority.of(&[1.0, 0.0, 1.0]), 1.0);
        assert_eq!(Combine::Majority.of(&[0.0, 1.0]), 0.5);
        assert_eq!(Combine::Majority.of(&[0.25, 0.5, 0.25, 1.0]), 0.25);
        assert_eq!(Combine::Median.of(&[1.0, 0.0, 0.25]), 0.25);
        assert_eq!(Combine::Median.of(&[1.0, 0.0, 0.25, 0.75]), 0.5);
        assert_eq!(Combine::Mean.of(&[1.0, 0.0, 0.5]), 0.5);
    }

    proptest! {
        #[test]
        fn within_the_votes_and_in_any_order(votes in prop::collection::vec(0.0..=1.0f64, 1..8)) {
            let mut back = votes.clone();
            back.reverse();
            for combine in [Combine::Mean, Combine::Majority, Combine::Median] {
                let one = combine.of(&votes);
                let low = votes.iter().copied().fold(f64::INFINITY, f64::min);
                let high = votes.iter().copied().fold(0.0, f64::max);
                prop_assert!(one >= low - 1e-9 && one <= high + 1e-9);
                prop_assert_eq!(one, combine.of(&back));
            }
        }
    }
}
