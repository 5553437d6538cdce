//! The cases that moved a difference most.

use crate::summary::pairing::Pairing;
use crate::summary::side::Side;
use serde::Serialize;

/// Most cases that are listed.
const LISTED: usize = 20;

/// A case on which two sides differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// Its id.
    pub case: String,
    /// The first side's score.
    pub a: f64,
    /// The second side's.
    pub b: f64,
    /// What it adds to the mean difference.
    pub contribution: f64,
}

/// The cases with the largest differences either way, losses of the first side before gains of the same size.
pub(super) fn moved(a: &Side, b: &Side, pairing: &Pairing) -> Vec<Moved> {
    let n = pairing.both.len() as f64;
    let gap =
        |(left, right): &(usize, usize)| a.cells[*left].tries.mean - b.cells[*right].tries.mean;
    let mut places: Vec<&(usize, usize)> = pairing.both.iter().filter(|p| gap(p) != 0.0).collect();
    let order = |p: &&(usize, usize), q: &&(usize, usize)| {
        let (x, y) = (gap(p), gap(q));
        y.abs()
            .total_cmp(&x.abs())
            .then(x.total_cmp(&y))
            .then(p.cmp(q))
    };
    if places.len() > LISTED {
        places.select_nth_unstable_by(LISTED - 1, order);
        places.truncate(LISTED);
    }
    places.sort_by(order);
    let moved = |both: &&(usize, usize)| Moved {
        case: a.cases[both.0].id.clone(),
        a: a.cells[both.0].tries.mean,
        b: b.cells[both.1].tries.mean,
        contribution: gap(both) / n,
    };
    places.iter().map(moved).collect()
}
