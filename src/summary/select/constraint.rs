//! Constraints, judged with the interval: met, not met, or the data cannot tell.

use crate::stats::Estimate;
use serde::Serialize;

/// What every candidate must hold to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Limits {
    /// Least mean score.
    pub min_quality: Option<f64>,
    /// Most mean cost of a case, USD.
    pub max_cost: Option<f64>,
    /// Most P95 latency, ms.
    pub max_p95_ms: Option<f64>,
}

/// Whether a constraint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// The whole interval holds to it.
    Yes,
    /// No part of the interval does.
    No,
    /// The interval lies on both sides, or there is none.
    CannotTell,
}

/// A constraint and how a candidate does on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Check {
    /// `min_quality`, `max_cost` or `max_p95`.
    pub constraint: &'static str,
    /// The limit.
    pub limit: f64,
    /// Whether it holds.
    pub met: Met,
}

impl Limits {
    pub(super) fn check(
        &self,
        quality: Option<Estimate>,
        cost: Option<Estimate>,
        p95: Option<Estimate>,
    ) -> Vec<Check> {
        let negated = quality.map(|q| Estimate {
            value: -q.value,
            low: q.high.map(|v| -v),
            high: q.low.map(|v| -v),
            n: q.n,
        });
        let checks = [
            ("min_quality", self.min_quality, negated, -1.0),
            // what a fixed price makes the same for every case has no interval and no doubt
            ("max_cost", self.max_cost, cost.map(certain), 1.0),
            ("max_p95", self.max_p95_ms, p95, 1.0),
        ];
        let check = |(constraint, limit, found, sign): (
            &'static str,
            Option<f64>,
            Option<Estimate>,
            f64,
        )| {
            let limit = limit?;
            Some(Check {
                constraint,
                limit,
                met: at_most(found, sign * limit),
            })
        };
        checks.into_iter().filter_map(check).collect()
    }
}

fn certain(e: Estimate) -> Estimate {
    match (e.low, e.high) {
        (None, None) if e.n > 1 => Estimate {
            low: Some(e.value),
            high: Some(e.value),
            ..e
        },
        _ => e,
    }
}

fn at_most(found: Option<Estimate>, limit: f64) -> Met {
    let (low, high) = found.map_or((None, None), |e| (e.low, e.high));
    if high.is_some_and(|high| high <= limit) {
        Met::Yes
    } else if low.is_some_and(|low| low > limit) {
        Met::No
    } else {
        Met::CannotTell
    }
}
