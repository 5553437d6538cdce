//! What a policy must be held against: the single models, mixtures of them, and the oracle.

use super::{Matrix, Replay};
use crate::stats::frontier::{Hull, Point, hull};
use crate::stats::luck;

/// Every candidate alone.
pub fn singles(matrix: &Matrix) -> Vec<Replay> {
    let alone = |(place, name): (usize, &String)| {
        Replay::of_choices(name.clone(), &vec![place; matrix.len()])
    };
    matrix.candidates.iter().enumerate().map(alone).collect()
}

/// The point (cost, quality) of each candidate; `None` if costs are not known.
pub fn points(matrix: &Matrix) -> Option<Vec<Point>> {
    Some(
        matrix
            .mean_costs()?
            .into_iter()
            .zip(matrix.means())
            .collect(),
    )
}

/// The non-decreasing hull of the single candidates: what coin flips between them reach.
pub fn zero_router(matrix: &Matrix) -> Option<Hull> {
    hull(&points(matrix)?)
}

/// The cheapest coin flip of the candidates that reaches a mean quality: who, and with what share. `None` if nothing does.
pub fn mixture(hull: &Hull, quality: f64) -> Option<Vec<(usize, f64)>> {
    let at = hull.corners.iter().position(|corner| corner.1 >= quality)?;
    let Some(left) = at.checked_sub(1) else {
        return Some(vec![(hull.places[at], 1.0)]);
    };
    let (below, above) = (hull.corners[left].1, hull.corners[at].1);
    let share = (quality - below) / (above - below);
    let parts = [(hull.places[left], 1.0 - share), (hull.places[at], share)];
    Some(parts.into_iter().filter(|part| part.1 > 0.0).collect())
}

/// The best answer of every case, the cheapest of equal ones.
pub fn oracle(matrix: &Matrix) -> Replay {
    let cost = |c: usize, case: usize| matrix.cost.as_ref().map_or(0.0, |costs| costs[c][case]);
    let pick = |case: usize| {
        let all = 0..matrix.candidates.len();
        let better = |a: &usize, b: &usize| {
            let scores = matrix.quality[*a][case].total_cmp(&matrix.quality[*b][case]);
            scores
                .then(cost(*b, case).total_cmp(&cost(*a, case)))
                .then(b.cmp(a))
        };
        all.max_by(better).unwrap_or(0)
    };
    let choices: Vec<usize> = (0..matrix.len()).map(pick).collect();
    Replay::of_choices("oracle", &choices)
}

/// What an oracle would show if which case is asked had nothing to do with who is right: luck alone.
pub fn lucky(matrix: &Matrix) -> Option<f64> {
    luck::highest(&matrix.quality)
}

/// Every candidate as often as every other.
pub fn random(matrix: &Matrix) -> Replay {
    let all: Vec<(usize, f64)> = (0..matrix.candidates.len()).map(|c| (c, 1.0)).collect();
    Replay::of_shares("random", &all, matrix.len())
}
