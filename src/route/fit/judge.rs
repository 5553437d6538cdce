//! Which router may be trusted; and if none, what to do instead.

use super::{Single, Tried};
use serde::Serialize;

/// Coin flips are worth their trouble from this much more saving on.
const WORTH: f64 = 0.1;

/// What is recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recommended {
    /// A router.
    Route,
    /// One model for everything.
    Single,
    /// A coin flip between two models.
    Mixture,
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// What kind.
    pub recommended: Recommended,
    /// The router's place among those tried.
    pub tried: Option<usize>,
    /// The model, where it is one for everything: the cheapest that is shown not to be worse than the best.
    pub single: String,
    /// What it saves against the best one.
    pub single_saving: f64,
    /// The coin flip with the greatest saving that is shown not to be worse; null where nobody is cheaper.
    pub mixture: Option<Mixed>,
}

/// A coin flip between the best model and a cheaper one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mixed {
    /// The cheaper one.
    pub model: String,
    /// The share of requests that it gets.
    pub share: f64,
    /// What that saves.
    pub saving: f64,
    /// What it loses in quality, expected.
    pub difference: f64,
}

/// Decides: an approved router, the one with the highest lower bound of saving, unless a single model that is shown not to be
/// worse saves as much; else that single model; else a coin flip, where it saves much more.
pub(super) fn decide(tried: &[&Tried], models: &[Single], best: usize, margin: f64) -> Decision {
    let base = &models[best];
    let saving = |model: &Single| match base.cost > 0.0 {
        true => 1.0 - model.cost / base.cost,
        false => 0.0,
    };
    let enough = |model: &&Single| model.bound.is_some_and(|bound| bound > -margin);
    let cheapest = models.iter().filter(enough);
    let cheapest = cheapest
        .min_by(|a, b| a.cost.total_cmp(&b.cost))
        .unwrap_or(base);
    let mixture = models
        .iter()
        .filter(|model| model.cost < base.cost)
        .filter_map(|model| flip(model, margin, saving(model)))
        .max_by(|a, b| a.saving.total_cmp(&b.saving));
    let low = |place: &usize| tried[*place].saving.low.unwrap_or(0.0);
    let approved = (0..tried.len()).filter(|place| tried[*place].approved);
    let router = approved
        .max_by(|a, b| low(a).total_cmp(&low(b)).then(b.cmp(a)))
        .filter(|place| tried[*place].saving.value > saving(cheapest));
    let flips = mixture
        .as_ref()
        .is_some_and(|it| it.saving > saving(cheapest) + WORTH);
    Decision {
        recommended: match (router, flips) {
            (Some(_), _) => Recommended::Route,
            (None, true) => Recommended::Mixture,
            (None, false) => Recommended::Single,
        },
        tried: router,
        single: cheapest.name.clone(),
        single_saving: saving(cheapest),
        mixture,
    }
}

/// The largest share, in per cent, of requests that a cheaper model may get so that the bound of the whole stays within the
/// margin.
fn flip(model: &Single, margin: f64, saving: f64) -> Option<Mixed> {
    let bound = model.bound?;
    let share = if bound >= 0.0 {
        1.0
    } else {
        (margin / -bound).min(1.0)
    };
    let share = (share * 100.0).floor() / 100.0;
    (share > 0.0).then(|| Mixed {
        model: model.name.clone(),
        share,
        saving: share * saving,
        difference: share * model.difference.value,
    })
}
