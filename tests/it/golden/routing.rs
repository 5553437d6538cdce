//! Quality against cost, what a routing score recovers, chains of fallbacks.

use super::{Inputs, x};
use bakeoff::stats::fallback::{self, Hop};
use bakeoff::stats::{frontier, gap};
use serde_json::{Value, json};

pub fn ours(function: &str, i: &Inputs) -> Option<Value> {
    Some(match function {
        "cost_quality_hull" => {
            let points: Vec<(f64, f64)> = i.rows("points").iter().map(|p| (p[0], p[1])).collect();
            let hull = frontier::hull(&points)?;
            let pareto: Vec<_> = frontier::pareto(&points)
                .iter()
                .map(|p| points[*p])
                .collect();
            let low = points.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
            let high = points.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
            json!({"hull": hull.corners, "pareto": pareto, "aiq": x(hull.aiq(low, high)),
                "hull_quality_at_mid_cost": x(hull.at((low + high) / 2.0))})
        }
        "pgr_curve" => {
            let r = gap::recovered(&i.list("weak"), &i.list("strong"), &i.list("score"))?;
            json!({"apgr": r.average, "cpt50": r.calls_for(0.5), "cpt80": r.calls_for(0.8),
                "weak": r.weak(), "strong": r.strong()})
        }
        "fallback_chain" => {
            let (quality, cost) = (i.list("quality"), i.list("cost"));
            let availability = i.list("availability");
            let hop = |j: usize| Hop {
                availability: availability[j],
                quality: quality[j],
                cost: cost[j],
                latency: 0.0,
                failed_cost: 0.0,
                failed_latency: 0.0,
            };
            let hops: Vec<Hop> = (0..quality.len()).map(hop).collect();
            let d = fallback::chain(&hops, 0.0)?;
            json!({"availability": d.served, "unserved": d.unserved,
                "expected_quality_zero_when_down": d.quality,
                "expected_quality_when_served": d.quality_served, "expected_cost": d.cost})
        }
        _ => return None,
    })
}
