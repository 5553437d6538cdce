//! Which cases two sides can be compared on: same id, same content, a score on both.

use super::side::Side;
use std::collections::HashMap;
use std::sync::Arc;

/// The cases of two sides, matched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// Places in the first and the second side of the cases that both have a score for.
    pub both: Vec<(usize, usize)>,
    /// Places in the first side of cases that the second has no score for, or does not have.
    pub only_a: Vec<usize>,
    /// Places in the second side of cases that the first has no score for, or does not have.
    pub only_b: Vec<usize>,
    /// Places of cases with the same id but other content: not the same case.
    pub changed: Vec<(usize, usize)>,
}

impl Pairing {
    /// Matches two sides, in the order of the first.
    pub fn of(a: &Side, b: &Side) -> Pairing {
        if Arc::ptr_eq(&a.cases, &b.cases) {
            let places = (0..a.cells.len()).map(|place| (place, Some(place)));
            return Pairing::sorted(a, b, places);
        }
        let by_id: HashMap<&str, usize> = b
            .cases
            .iter()
            .enumerate()
            .map(|(place, case)| (case.id.as_str(), place))
            .collect();
        let places = a.cases.iter().enumerate();
        let places = places.map(|(place, case)| (place, by_id.get(case.id.as_str()).copied()));
        Pairing::sorted(a, b, places)
    }

    fn sorted(a: &Side, b: &Side, places: impl Iterator<Item = (usize, Option<usize>)>) -> Pairing {
        let mut found = Pairing::default();
        let mut met = vec![false; b.cells.len()];
        for (left, right) in places {
            let scored = a.cells[left].tries.n > 0;
            let Some(right) = right else {
                found.only_a.extend(scored.then_some(left));
                continue;
            };
            met[right] = true;
            let (x, y) = (&a.cases[left].content, &b.cases[right].content);
            let known = !x.is_empty() && !y.is_empty();
            if known && x != y {
                found.changed.push((left, right));
                continue;
            }
            match (scored, b.cells[right].tries.n > 0) {
                (true, true) => found.both.push((left, right)),
                (true, false) => found.only_a.push(left),
                (false, true) => found.only_b.push(right),
                (false, false) => {}
            }
        }
        let rest = (0..b.cells.len()).filter(|place| !met[*place] && b.cells[*place].tries.n > 0);
        found.only_b.extend(rest);
        found
    }

    /// Cases that only one side has a score for, or that are not the same any more.
    pub fn unmatched(&self) -> usize {
        self.only_a.len() + self.only_b.len() + self.changed.len()
    }

    /// The places in the first side of the matched cases.
    pub fn left(&self) -> Vec<usize> {
        self.both.iter().map(|both| both.0).collect()
    }

    /// The places in the second side of the matched cases.
    pub fn right(&self) -> Vec<usize> {
        self.both.iter().map(|both| both.1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::side::{CaseKey, Cell};

    fn side(cases: &[(&str, &str, Option<f64>)]) -> Side {
        let key = |(id, content, _): &(&str, &str, Option<f64>)| CaseKey {
            id: (*id).to_owned(),
            content: (*content).to_owned(),
            ..CaseKey::default()
        };
        let cell = |(_, _, score): &(&str, &str, Option<f64>)| {
            let mut cell = Cell::default();
            score.iter().for_each(|score| cell.tries.add(*score));
            cell
        };
        Side {
            name: "m".into(),
            id: "m".into(),
            cases: Arc::new(cases.iter().map(key).collect()),
            cells: cases.iter().map(cell).collect(),
            counts: None,
        }
    }

    #[test]
    fn same_id_and_content_and_two_scores_make_a_pair() {
        let a = side(&[
            ("one", "x", Some(1.0)),
            ("two", "x", Some(1.0)),
            ("three", "x", None),
            ("four", "x", Some(0.0)),
            ("five", "x", None),
        ]);
        let b = side(&[
            ("six", "x", Some(1.0)),
            ("three", "x", Some(1.0)),
            ("two", "y", Some(1.0)),
            ("one", "", Some(0.0)),
            ("five", "x", None),
        ]);
        let found = Pairing::of(&a, &b);
        assert_eq!(found.both, [(0, 3)]);
        assert_eq!(found.changed, [(1, 2)]);
        assert_eq!((found.only_a, found.only_b), (vec![3], vec![1, 0]));
    }
}
