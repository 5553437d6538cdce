//! One router as it was found to be, and one model alone.

use super::choose::constant;
use super::crossfit::{Found, REPEATS, around};
use super::family::{By, Family};
use super::{Wishes, yaml};
use crate::route::Matrix;
use crate::route::baseline::zero_router;
use crate::route::replay::{Replay, Way};
use crate::stats::{Estimate, paired};
use serde::Serialize;

/// One model alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Single {
    /// Its name.
    pub name: String,
    /// Mean score.
    pub quality: f64,
    /// Mean cost of a case, USD.
    pub cost: f64,
    /// Its score less the best model's.
    pub difference: Estimate,
    /// One-sided 95 % lower bound of that.
    pub bound: Option<f64>,
}

/// One kind of router, fitted and judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// What it looks at, in words.
    pub name: String,
    /// The same for programs.
    pub by: By,
    /// The rule made of all cases: when, and whom to ask.
    pub rule: Vec<Branch>,
    /// The rule asks the same whatever the case: it is no router.
    pub constant: bool,
    /// Saving that the rule shows on the cases it was made from: what must not be believed.
    pub claimed_saving: f64,
    /// Its difference in quality there.
    pub claimed_difference: f64,
    /// Mean score, cross-fitted.
    pub quality: f64,
    /// Mean cost of a case, USD, cross-fitted.
    pub cost: f64,
    /// Quality less the best single model's.
    pub difference: Estimate,
    /// 1 − its cost over the best single model's.
    pub saving: Estimate,
    /// Quality less what coin flips between models reach at the same cost.
    pub excess: Estimate,
    /// What coin flips of the same quality save; null if they cannot have it.
    pub coin_flip: Option<f64>,
    /// Median latency, ms.
    pub p50: Option<f64>,
    /// 95th percentile, ms.
    pub p95: Option<f64>,
    /// By model: the share of cases that it answers.
    pub shares: Vec<(String, f64)>,
    /// The lower bound of the quality is above −margin.
    pub quality_holds: bool,
    /// The lower bound of the saving is above 0.
    pub saving_holds: bool,
    /// The lower bound of the excess is above 0.
    pub excess_holds: bool,
    /// All three, and it is a router.
    pub approved: bool,
    /// How the quality's interval was made: `bootstrap` of the whole pipeline, or `nadeau_bengio` where that would be too
    /// dear. Those of saving and excess are always `nadeau_bengio`.
    pub method: &'static str,
}

/// One line of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Branch {
    /// The condition, in words.
    pub when: String,
    /// The models asked, in order.
    pub ask: Vec<String>,
    /// Cases it holds for.
    pub cases: usize,
}

/// A model alone, against the best one.
pub(super) fn single(
    matrix: &Matrix,
    c: usize,
    best: usize,
    costs: &[(f64, f64)],
    seed: u64,
) -> Single {
    let (own, other) = (&matrix.quality[c], &matrix.quality[best]);
    let seed = matrix.seed(seed, &format!("paired {}", matrix.candidates[c]));
    let found = paired::paired(own, other, matrix.groups.as_deref(), 0.95, seed);
    let none = Estimate::new(0.0, None, matrix.len());
    Single {
        name: matrix.candidates[c].clone(),
        quality: costs[c].1,
        cost: costs[c].0,
        bound: match c == best {
            true => Some(0.0),
            false => found
                .as_ref()
                .and_then(|p| p.one_sided_95)
                .map(|limits| limits.0),
        },
        difference: found.map_or(none, |paired| paired.difference),
    }
}

/// A fitted router as it is reported.
pub(super) fn tried(
    matrix: &Matrix,
    family: &Family,
    found: &Found,
    wishes: &Wishes,
    confidence: f64,
) -> Tried {
    let n = matrix.len();
    let (worth, df) = (found.worth, found.df);
    let limits = |value: f64, place: usize| {
        let error = found.errors?[place];
        Some(around(value, error, df, confidence))
    };
    let difference = Estimate::new(worth.difference, limits(worth.difference, 0), n);
    let saving = limits(worth.log_ratio, 1).map(|(low, high)| (1.0 - high.exp(), 1.0 - low.exp()));
    let saving = Estimate::new(1.0 - worth.log_ratio.exp(), saving, n);
    let excess = Estimate::new(worth.excess, limits(worth.excess, 2), n);
    let above = |estimate: &Estimate, least: f64| estimate.low.is_some_and(|low| low > least);
    let played = crossfitted(family, found).play(matrix);
    let names = |shares: &[f64]| {
        let shares = matrix
            .candidates
            .iter()
            .cloned()
            .zip(shares.iter().copied());
        shares.filter(|(_, share)| *share > 0.0).collect()
    };
    let constant = constant(&found.rule);
    let holds = [
        above(&difference, -wishes.margin),
        above(&saving, 0.0),
        above(&excess, 0.0),
    ];
    let base = worth.cost / worth.log_ratio.exp();
    let coin_flip = zero_router(matrix).and_then(|hull| hull.cost_of(worth.quality));
    Tried {
        name: family.by.name(),
        by: family.by.clone(),
        rule: yaml::branches(matrix, family, &found.rule),
        constant,
        claimed_saving: 1.0 - found.claimed.log_ratio.exp(),
        claimed_difference: found.claimed.difference,
        quality: worth.quality,
        cost: worth.cost,
        difference,
        saving,
        excess,
        coin_flip: coin_flip.map(|cost| 1.0 - cost / base),
        p50: played.quantile(0.5).map(|it| it.value),
        p95: played.quantile(0.95).map(|it| it.value),
        shares: names(&played.shares),
        quality_holds: holds[0],
        saving_holds: holds[1],
        excess_holds: holds[2],
        approved: !constant && holds == [true; 3],
        method: found.method,
    }
}

/// The router as its folds' rules sent each case: one way a repeat.
pub(super) fn crossfitted(family: &Family, found: &Found) -> Replay {
    let ways = |case: usize| {
        let way = |actions: &Vec<usize>| Way {
            share: 1.0 / REPEATS as f64,
            asked: family.actions[actions[case]].clone(),
        };
        found.actions.iter().map(way).collect()
    };
    Replay {
        name: family.by.name(),
        ways: (0..family.bins.len()).map(ways).collect(),
        router_cost: 0.0,
    }
}
