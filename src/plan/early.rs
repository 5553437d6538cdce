//! A run that may stop before its end: the order that it asks in, and where it stopped.

use super::{Plan, short_hash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Requests in flight of a run that may stop, where nobody says otherwise.
const CLOSE: u32 = 16;

/// That a run may stop once its verdict is certain, and whether it did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Early {
    /// Where it stopped; null if it has not, or ran to its end.
    #[serde(default)]
    pub stopped: Option<Stopped>,
}

/// Where a run stopped because its verdict was certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Stopped {
    /// Cases that were asked.
    pub cases: usize,
    /// Cases that would have been.
    pub of: usize,
    /// What was certain.
    pub why: String,
}

/// Indices of cases in an order drawn from the seed, whatever order they are given in: a cluster is one
/// round, a case without a cluster too. Evidence that is looked at again and again is valid in such an order only.
pub fn rounds<'a>(
    seed: u64,
    cases: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<Vec<usize>> {
    let seed = seed.to_string();
    let mut rounds: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    for (index, (id, group)) in cases.into_iter().enumerate() {
        let place = |kind, name| short_hash(&["round", &seed, kind, name]);
        let round = group.map_or_else(|| place("case", id), |group| place("group", group));
        let cases = rounds.entry(round).or_default();
        cases.push((place("case", id), index));
    }
    let in_order = |mut round: Vec<(String, usize)>| {
        round.sort();
        round.into_iter().map(|(_, index)| index).collect()
    };
    rounds.into_values().map(in_order).collect()
}

impl Plan {
    /// Asks round by round (see [`rounds`]), and few at once unless the user gave a number: what is in
    /// flight when the verdict is certain was asked for nothing.
    pub fn in_rounds(&mut self) {
        if !self.limits.given {
            self.limits.concurrency = self.limits.concurrency.min(CLOSE);
        }
        let cases = self.dataset.cases.iter();
        let cases = cases.map(|case| (case.id.as_str(), case.group.as_deref()));
        let mut place = vec![0; self.dataset.cases.len()];
        let order = rounds(self.seed, cases).into_iter().flatten();
        order.enumerate().for_each(|(at, case)| place[case] = at);
        self.trials.sort_by_key(|trial| place[trial.case as usize]);
    }

    /// Asks only the cases that hold.
    pub fn only(&mut self, holds: impl Fn(&str) -> bool) {
        let cases = &self.dataset.cases;
        let asked = |case: u32| holds(&cases[case as usize].id);
        self.trials.retain(|trial| asked(trial.case));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_hang_on_the_seed_and_the_ids_and_on_no_order() {
        let names: Vec<String> = (0..20).map(|at| format!("c{at}")).collect();
        let group = |at: usize| (at < 6).then_some("one");
        let cases = || names.iter().enumerate();
        let forth = rounds(1, cases().map(|(at, id)| (id.as_str(), group(at))));
        let back = rounds(1, cases().rev().map(|(at, id)| (id.as_str(), group(at))));
        assert_eq!(forth.len(), 15);
        assert_eq!(forth.iter().map(Vec::len).max(), Some(6));
        let mirrored: Vec<Vec<usize>> = back
            .into_iter()
            .map(|round| round.into_iter().map(|index| 19 - index).collect())
            .collect();
        assert_eq!(forth, mirrored);
        let other = rounds(2, cases().map(|(at, id)| (id.as_str(), group(at))));
        assert_ne!(forth, other);
    }
}
