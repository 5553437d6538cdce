//! What quality is worth: at which price of a point another candidate becomes the right one.

use super::choice::Drawn;
use crate::stats::frontier::Hull;
use serde::Serialize;

/// A candidate and the prices at which it is the right one.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Switch {
    /// The candidate.
    pub name: String,
    /// It is right from this price on, USD a case for a whole score of quality; 0 for the cheapest.
    pub from: f64,
    /// Up to this price; null for the best.
    pub to: Option<f64>,
    /// In what share of resamples it is the right one at the middle of that range.
    pub share: f64,
}

/// One switch a corner of the hull of (cost, quality), from the cheapest to the best: between two corners a score is worth
/// Δcost/Δquality.
pub(super) fn switches(hull: &Hull, drawn: &Drawn, name: &dyn Fn(usize) -> String) -> Vec<Switch> {
    let price = |at: usize| {
        let (left, right) = (hull.corners[at - 1], hull.corners[at]);
        (right.0 - left.0) / (right.1 - left.1)
    };
    let last = hull.corners.len() - 1;
    (0..=last)
        .map(|at| {
            let from = if at == 0 { 0.0 } else { price(at) };
            let to = (at < last).then(|| price(at + 1));
            let middle = match to {
                Some(to) if from > 0.0 => (from * to).sqrt(),
                Some(to) => to / 2.0,
                None => from * 2.0,
            };
            Switch {
                name: name(hull.places[at]),
                from,
                to,
                share: share(drawn, hull.places[at], middle),
            }
        })
        .collect()
}

/// How often `place` has the highest quality·price − cost.
fn share(drawn: &Drawn, place: usize, price: f64) -> f64 {
    let worth = |(quality, cost): &(f64, f64)| quality * price - cost;
    let wins = drawn.means.iter().filter(|means| {
        let own = worth(&means[place]);
        means.iter().all(|other| worth(other) <= own)
    });
    wins.count() as f64 / drawn.means.len().max(1) as f64
}
