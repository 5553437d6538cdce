//! Tiers: who plays at the top, and what is lost for how much less money below it.

use super::{Offer, Wishes};
use crate::stats::Estimate;
use crate::summary::judge::{Terms, judge};
use crate::summary::matrix::seed;
use crate::summary::pairing::Pairing;
use crate::summary::side::Side;
use serde::Serialize;

/// Where a candidate stands.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Tier {
    /// `frontier` (could be the best), `mid`, `fast` (the cheapest that nothing beats), or `beaten`.
    pub tier: &'static str,
    /// How many times cheaper than the cheapest of the frontier; null where a cost is unknown.
    pub times_cheaper: Option<f64>,
    /// Its score minus that of the best.
    pub loss: Option<Estimate>,
}

/// Gives every eligible candidate its tier.
pub(super) fn assign(
    sides: &[Side],
    eligible: &[usize],
    cases: &[usize],
    options: &mut [Offer],
    wishes: &Wishes,
) {
    let mean = |index: usize| {
        let scores = sides[index].scores(cases);
        scores.iter().sum::<f64>()
    };
    let best = eligible.iter().copied();
    let best = best.max_by(|a, b| mean(*a).total_cmp(&mean(*b)).then(b.cmp(a)));
    let Some(best) = best else { return };
    let cost = |option: &Offer| option.cost.map(|cost| cost.value);
    let least = |options: &[Offer], of: &dyn Fn(&Offer) -> bool| {
        let of = eligible.iter().filter(|index| of(&options[**index]));
        let known = of.filter_map(|index| Some((cost(&options[*index])?, *index)));
        known.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let top = least(options, &|option| option.tied);
    let cheapest = least(options, &|option| option.front && !option.tied);
    for index in eligible {
        let option = &options[*index];
        let tier = match option {
            Offer { tied: true, .. } => "frontier",
            Offer { front: false, .. } => "beaten",
            _ if cheapest.is_some_and(|(_, place)| place == *index) => "fast",
            _ => "mid",
        };
        let times = top.and_then(|(top, _)| Some(top / cost(option).filter(|cost| *cost > 0.0)?));
        let loss = (*index != best).then(|| {
            let (a, b) = (&sides[*index], &sides[best]);
            let terms = Terms {
                scorer: &wishes.scorer,
                margin: wishes.margin.unwrap_or(0.05),
                alpha: 0.05,
                seed: seed(
                    wishes.seed,
                    &wishes.cases,
                    &["paired", &wishes.scorer, &a.id, &b.id],
                ),
            };
            judge(a, b, &Pairing::of(a, b), terms).difference
        });
        options[*index].tier = Some(Tier {
            tier,
            times_cheaper: times,
            loss,
        });
    }
}
