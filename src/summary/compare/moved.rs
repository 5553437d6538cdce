//! The cases that moved a difference most.

use crate::summary::pairing::Pairing;
use crate::summary::side::Side;
use serde::Serialize;

/// Most cases that are listed.
const LISTED: usize = 20;

/// A case on which two sides differ.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
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

/// The cases with the largest differences; among equally large ones gains and losses take turns, so that neither hides the
/// other.
pub(super) fn moved(a: &Side, b: &Side, pairing: &Pairing) -> Vec<Moved> {
    let n = pairing.both.len() as f64;
    let gap =
        |(left, right): &(usize, usize)| a.cells[*left].tries.mean - b.cells[*right].tries.mean;
    let largest = |gains: bool| -> Vec<(usize, (usize, usize))> {
        let on_side = |both: &&(usize, usize)| {
            if gains {
                gap(both) > 0.0
            } else {
                gap(both) < 0.0
            }
        };
        let mut places: Vec<(usize, usize)> =
            pairing.both.iter().filter(on_side).copied().collect();
        let order = |p: &(usize, usize), q: &(usize, usize)| {
            gap(q).abs().total_cmp(&gap(p).abs()).then(p.cmp(q))
        };
        if places.len() > LISTED {
            places.select_nth_unstable_by(LISTED - 1, order);
            places.truncate(LISTED);
        }
        places.sort_by(order);
        places.into_iter().enumerate().collect()
    };
    let mut all = [largest(false), largest(true)].concat();
    let size = |both: &(usize, usize)| gap(both).abs();
    // stable: of equal rank the loss comes first
    all.sort_by(|(i, p), (j, q)| size(q).total_cmp(&size(p)).then(i.cmp(j)));
    all.truncate(LISTED);
    let moved = |(_, both): &(usize, (usize, usize))| Moved {
        case: a.cases[both.0].id.clone(),
        a: a.cells[both.0].tries.mean,
        b: b.cells[both.1].tries.mean,
        contribution: gap(both) / n,
    };
    all.iter().map(moved).collect()
}
