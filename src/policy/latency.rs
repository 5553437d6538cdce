//! Routing by recent times: the less loaded of two models drawn at random, or the cheapest one that
//! is expected to hold a target.
//!
//! The load of a model is its peak-sensitive moving average (`recent.rs`) times the requests under
//! way and this one, as in Finagle's and linkerd's `PeakEwma` balancers; comparing two drawn at
//! random keeps a herd from running to the one that looks best (Mitzenmacher 2001, "The power of
//! two choices in randomized load balancing").

use super::fallback::leads;
use super::{DEFAULT, Load, Pick, Seen, Step};
use crate::project::Timed;

/// What an idle model that has not answered yet is taken for once a request is under way, ms.
const UNKNOWN_MS: f64 = 1000.0;

/// Models to choose from by their times.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// Their hops.
    pub(super) of: Vec<usize>,
    /// Which time counts.
    pub(super) by: Timed,
    /// The p95 that is wanted, ms.
    pub(super) target_ms: Option<f64>,
}

impl Latency {
    /// The hops to choose from.
    pub fn of(&self) -> &[usize] {
        &self.of
    }

    /// Which time counts.
    pub fn by(&self) -> Timed {
        self.by
    }

    /// The model to ask first, or when one of them could not be had.
    pub(super) fn next(&self, seen: &Seen<'_>, so_far: &[Step]) -> Option<Pick> {
        if let Some(last) = so_far.last()
            && !(self.of.contains(&last.hop) && leads(&DEFAULT, &last.came))
        {
            return None;
        }
        let asked = |hop: &usize| so_far.iter().any(|step| step.hop == *hop);
        let left: Vec<usize> = self.of.iter().copied().filter(|hop| !asked(hop)).collect();
        let open = left.iter().copied().filter(|hop| !seen.load(*hop).closed);
        let open: Vec<usize> = open.collect();
        if open.is_empty() {
            // Why it cannot be asked is said by trying.
            let hop = *left.first()?;
            return Some(Pick::new(hop, "peak_ewma", "no other is left"));
        }
        let held = self
            .target_ms
            .and_then(|target| holding(seen, &open, target));
        Some(held.unwrap_or_else(|| least_loaded(seen, &open, so_far.len())))
    }
}

/// The cheapest model that is expected to hold the target.
fn holding(seen: &Seen<'_>, open: &[usize], target_ms: f64) -> Option<Pick> {
    let holds = |load: &Load| {
        let known = match (load.p95_ms, load.time_ms) {
            // The average sees trouble before it is five of a hundred.
            (Some(p95), time) => p95.max(time.unwrap_or(0.0)) <= target_ms,
            // Long not asked: one request finds out.
            (None, Some(_)) => load.in_flight == 0,
            (None, None) => true,
        };
        known && load.oldest_ms <= target_ms
    };
    let held = open.iter().map(|hop| (*hop, seen.load(*hop)));
    let held = held.filter(|(_, load)| holds(load));
    let price = |load: &Load| load.cost_usd.unwrap_or(f64::INFINITY);
    let cheapest = held.min_by(|(_, a), (_, b)| {
        let by_price = price(a).total_cmp(&price(b));
        by_price.then(weight(a).total_cmp(&weight(b)))
    });
    cheapest.map(|(hop, load)| {
        let detail = load.p95_ms.map_or("not known yet".to_owned(), seconds);
        Pick::new(hop, "target_p95", detail)
    })
}

/// The less loaded of two that are drawn.
fn least_loaded(seen: &Seen<'_>, open: &[usize], turn: usize) -> Pick {
    let n = open.len();
    let purpose = 1 + 2 * turn as u64;
    let first = seen.draw.below(purpose, n);
    // One of the others, each as likely.
    let second = match n {
        1 => first,
        _ => (first + 1 + seen.draw.below(purpose + 1, n - 1)) % n,
    };
    let (first, second) = (open[first], open[second]);
    let (a, b) = (seen.load(first), seen.load(second));
    let (hop, load) = match weight(&b) < weight(&a) {
        true => (second, b),
        false => (first, a),
    };
    let detail = load.time_ms.map_or("not known yet".to_owned(), seconds);
    Pick::new(hop, "peak_ewma", detail)
}

/// How loaded a model is. One that nothing is known of is asked at once, but not by everybody.
fn weight(load: &Load) -> f64 {
    let flying = f64::from(load.in_flight);
    match load.time_ms {
        Some(time) => time.max(load.oldest_ms) * (flying + 1.0),
        None => UNKNOWN_MS.max(load.oldest_ms) * flying,
    }
}

fn seconds(ms: f64) -> String {
    format!("{:.2} s", ms / 1000.0)
}

#[cfg(test)]
mod tests;
