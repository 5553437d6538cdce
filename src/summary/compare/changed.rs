//! What came back on each side, and which cases could not be matched.

use crate::summary::pairing::Pairing;
use crate::summary::side::{Counts, Side};
use serde::Serialize;

/// Most ids that are listed of each kind.
const LISTED: usize = 20;

/// How often something happened on each side, over all its trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Shift {
    /// `failed`, `unsent`, `unscored`, `refused`, `cut` or `empty`.
    pub kind: &'static str,
    /// On the first side.
    pub a: usize,
    /// On the second.
    pub b: usize,
    /// Trials of the first side.
    pub of_a: usize,
    /// Trials of the second.
    pub of_b: usize,
}

/// Every kind that happened on either side; none where a side has only scores.
pub(super) fn shifts(a: &Side, b: &Side) -> Vec<Shift> {
    let (Some(x), Some(y)) = (a.counts, b.counts) else {
        return Vec::new();
    };
    type Count = fn(&Counts) -> usize;
    let kinds: [(&'static str, Count); 6] = [
        ("failed", |c| c.failed),
        ("unsent", |c| c.unsent),
        ("unscored", |c| c.unscored),
        ("refused", |c| c.refused),
        ("cut", |c| c.cut),
        ("empty", |c| c.empty),
    ];
    let shift = |(kind, of): (&'static str, Count)| Shift {
        kind,
        a: of(&x),
        b: of(&y),
        of_a: x.trials,
        of_b: y.trials,
    };
    let all = kinds.into_iter().map(shift);
    all.filter(|shift| shift.a + shift.b > 0).collect()
}

/// Cases that only one side has a score for, and cases that are not the same any more: how many, and the first ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Unmatched {
    /// Only the first side has a score.
    pub only_a: usize,
    /// Only the second side has one.
    pub only_b: usize,
    /// Same id, other content.
    pub changed: usize,
    /// Ids of the first kind.
    pub only_a_ids: Vec<String>,
    /// Ids of the second.
    pub only_b_ids: Vec<String>,
    /// Ids of the third.
    pub changed_ids: Vec<String>,
}

impl Unmatched {
    pub(super) fn of(a: &Side, b: &Side, pairing: &Pairing) -> Self {
        let ids = |side: &Side, places: &mut dyn Iterator<Item = usize>| -> Vec<String> {
            let places = places.take(LISTED);
            places.map(|place| side.cases[place].id.clone()).collect()
        };
        Unmatched {
            only_a: pairing.only_a.len(),
            only_b: pairing.only_b.len(),
            changed: pairing.changed.len(),
            only_a_ids: ids(a, &mut pairing.only_a.iter().copied()),
            only_b_ids: ids(b, &mut pairing.only_b.iter().copied()),
            changed_ids: ids(a, &mut pairing.changed.iter().map(|both| both.0)),
        }
    }
}
