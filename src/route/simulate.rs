//! Policies replayed on the matrix, beside the baselines that must always be shown.
//!
//! These types are the simulation's part of the `bakeoff.route/1` JSON, field by field.

use super::baseline::{lucky, mixture, oracle, points, random, singles, zero_router};
use super::fit::{Wishes, length_router};
pub use super::gap::{Gap, Recovery, gap};
use super::replay::Played;
use super::{Matrix, Missing, Replay};
use crate::stats::excess::{Course, over_hull};
use crate::stats::frontier::{Hull, hull};
use crate::stats::{Estimate, mean, moments, paired, ratio};
use serde::Serialize;

const CONFIDENCE: f64 = 0.95;

/// A simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// The run, or the table.
    pub sources: Vec<String>,
    /// The scorer that is quality.
    pub scorer: String,
    /// Cases in the matrix.
    pub cases: usize,
    /// Clusters, if cases come in clusters.
    pub clusters: Option<usize>,
    /// The margin of "not worse".
    pub margin: f64,
    /// The best single model: what everything is held against.
    pub best: String,
    /// What coin flips between single models reach.
    pub zero_router: Option<ZeroRouter>,
    /// Every policy and baseline.
    pub policies: Vec<Policy>,
    /// What is known before the dear model is asked, and how much of the gap it recovers.
    pub gap: Option<Gap>,
    /// What the oracle would reach by luck alone: the expected best of independent draws from each model's scores.
    pub oracle_by_chance: Option<f64>,
    /// What cannot be simulated, and why.
    pub cannot: Vec<Missing>,
    /// Who is not in the matrix.
    pub left_out: Vec<Missing>,
    /// Cases left out, since somebody has no score for them.
    pub dropped: usize,
    /// What a reader must know first, a sentence each.
    pub notes: Vec<String>,
}

/// The non-decreasing hull of the single models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZeroRouter {
    /// Its corners by rising cost.
    pub corners: Vec<Corner>,
    /// Average improvement in quality over the models' range of cost: ∫hull(c)dc/(to − from).
    pub aiq: Option<f64>,
    /// The same with the policies' points among the models'.
    pub aiq_with_policies: Option<f64>,
    /// The range, USD a case.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

/// A corner of the hull.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Corner {
    /// The model.
    pub model: String,
    /// Mean cost of a case, USD.
    pub cost: f64,
    /// Mean score.
    pub quality: f64,
}

/// What a row of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A policy of `routes:`.
    Route,
    /// One model alone.
    Single,
    /// A coin flip between two models.
    Mixture,
    /// A threshold on the prompt's length, cross-fitted.
    PromptLength,
    /// Every model as often as every other.
    Random,
    /// The best answer of each case, known afterwards.
    Oracle,
}

/// A policy, or a baseline, with what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Mean score.
    pub quality: Estimate,
    /// Mean cost of a case, USD.
    pub cost: Option<f64>,
    /// Median latency, ms, over all that its cases waited.
    pub p50: Option<Estimate>,
    /// 95th percentile of it.
    pub p95: Option<Estimate>,
    /// By model: the share of cases that it answers.
    pub shares: Vec<(String, f64)>,
    /// Calls a case.
    pub calls: f64,
    /// Its score less the best single model's, case by case; null for that model itself.
    pub difference: Option<Estimate>,
    /// Cases where it scores higher.
    pub gains: usize,
    /// Cases where it scores lower.
    pub losses: usize,
    /// One-sided 95 % lower bound of the difference.
    pub bound: Option<f64>,
    /// 1 − its cost over the best single model's.
    pub saving: Option<Estimate>,
    /// Saving at the same quality: 1 − its cost over that of the cheapest coin flip as good; null where none is.
    pub saving_at_iso_quality: Option<f64>,
    /// Gain at the same cost: its score less that of the best single model that costs no more; null where none does.
    pub gain_at_iso_cost: Option<f64>,
    /// Its score less what coin flips reach at its cost.
    pub excess: Option<Estimate>,
    /// The oracle's mean score less its own.
    pub regret: f64,
    /// Of 100 cases, those that it does not have answered by the best single model.
    pub changed_per_100: f64,
    /// Below which price the best model makes it pointless.
    pub stops_paying: Option<Stops>,
}

/// The price ratio at which a policy saves nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stops {
    /// How many times more a case costs at the best model than at the others that the policy asks, as recorded.
    pub price_ratio: f64,
    /// Below this ratio the policy costs more than the best model alone.
    pub below: f64,
}

/// Replays `routes` and every baseline.
pub fn simulate(
    matrix: &Matrix,
    routes: &[Replay],
    cannot: Vec<Missing>,
    wishes: &Wishes,
    scorer: &str,
) -> Simulation {
    let best = matrix.best();
    let hull = zero_router(matrix);
    let mut all: Vec<(Kind, Replay)> = Vec::new();
    all.extend(routes.iter().map(|replay| (Kind::Route, replay.clone())));
    all.extend(
        singles(matrix)
            .into_iter()
            .map(|replay| (Kind::Single, replay)),
    );
    let means = matrix.means();
    if let Some(hull) = &hull {
        all.extend(flips(matrix, hull, means[best], wishes));
    }
    all.extend(length_router(matrix, wishes).map(|mut replay| {
        replay.name = "prompt length, cross-fitted".to_owned();
        (Kind::PromptLength, replay)
    }));
    all.push((Kind::Random, random(matrix)));
    all.push((Kind::Oracle, oracle(matrix)));
    let played: Vec<Played> = all.iter().map(|(_, replay)| replay.play(matrix)).collect();
    let excess = excess(matrix, &played, wishes.seed);
    let top = played.last().map_or(0.0, Played::value);
    let mut notes = Vec::new();
    if matrix.cost.is_none() {
        notes
            .push("costs are not known: savings, coin flips and the hull are not shown".to_owned());
    }
    let view = View {
        matrix,
        best,
        hull: hull.as_ref(),
        oracle: top,
        seed: wishes.seed,
    };
    let rows = all.iter().zip(&played).zip(excess);
    let policies: Vec<Policy> = rows
        .map(|(((kind, replay), played), excess)| view.row(*kind, replay, played, excess))
        .collect();
    let weak = hull.as_ref().map(|hull| hull.places[0]);
    let weak = weak.or_else(|| (0..means.len()).min_by(|a, b| means[*a].total_cmp(&means[*b])));
    Simulation {
        sources: Vec::new(),
        scorer: scorer.to_owned(),
        cases: matrix.len(),
        clusters: matrix
            .groups
            .as_ref()
            .map(|groups| groups.iter().max().map_or(0, |m| m + 1)),
        margin: wishes.margin,
        best: matrix.candidates[best].clone(),
        zero_router: hull
            .as_ref()
            .and_then(|hull| corners(matrix, hull, &policies)),
        gap: weak.and_then(|weak| gap(matrix, weak, best)),
        oracle_by_chance: lucky(matrix),
        policies,
        cannot,
        left_out: matrix.left_out.clone(),
        dropped: matrix.dropped,
        notes,
    }
}

/// Coin flips: the cheapest that loses no more than what a fit aims at, and no more than the margin.
fn flips(matrix: &Matrix, hull: &Hull, best: f64, wishes: &Wishes) -> Vec<(Kind, Replay)> {
    let mut found: Vec<(Kind, Replay)> = Vec::new();
    for lost in [wishes.within, wishes.margin] {
        let Some(parts) = mixture(hull, best - lost).filter(|parts| parts.len() > 1) else {
            continue;
        };
        let named = parts.iter().map(|(c, share)| {
            let name = matrix.candidates[*c].rsplit('/').next().unwrap_or_default();
            format!("{:.0}% {name}", 100.0 * share)
        });
        let name = format!("coin flip: {}", named.collect::<Vec<_>>().join(", "));
        if found.iter().all(|(_, known)| known.name != name) {
            found.push((Kind::Mixture, Replay::of_shares(name, &parts, matrix.len())));
        }
    }
    found
}

fn excess(matrix: &Matrix, played: &[Played], seed: u64) -> Vec<Option<Estimate>> {
    let courses: Option<Vec<Course<'_>>> = played.iter().map(Played::course).collect();
    let (Some(costs), Some(courses)) = (&matrix.cost, courses) else {
        return vec![None; played.len()];
    };
    let pairs = matrix.quality.iter().zip(costs);
    let models: Vec<Course<'_>> = pairs
        .map(|(quality, cost)| Course { quality, cost })
        .collect();
    let seed = matrix.seed(seed, "excess");
    over_hull(
        &models,
        &courses,
        matrix.groups.as_deref(),
        CONFIDENCE,
        seed,
    )
}

fn corners(matrix: &Matrix, zero: &Hull, policies: &[Policy]) -> Option<ZeroRouter> {
    let costs = matrix.mean_costs()?;
    let from = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let to = costs.iter().copied().fold(0.0, f64::max);
    let corner = |(place, point): (&usize, &(f64, f64))| Corner {
        model: matrix.candidates[*place].clone(),
        cost: point.0,
        quality: point.1,
    };
    let routes = policies.iter().filter(|policy| policy.kind == Kind::Route);
    let routes: Vec<(f64, f64)> = routes
        .filter_map(|p| Some((p.cost?, p.quality.value)))
        .collect();
    let mut with = points(matrix)?;
    with.extend(&routes);
    let with = hull(&with).filter(|_| !routes.is_empty());
    Some(ZeroRouter {
        corners: zero.places.iter().zip(&zero.corners).map(corner).collect(),
        aiq: zero.aiq(from, to),
        aiq_with_policies: with.and_then(|hull| hull.aiq(from, to)),
        from,
        to,
    })
}

/// What every row is seen against.
struct View<'a> {
    matrix: &'a Matrix,
    best: usize,
    hull: Option<&'a Hull>,
    oracle: f64,
    seed: u64,
}

impl View<'_> {
    fn row(
        &self,
        kind: Kind,
        replay: &Replay,
        played: &Played,
        excess: Option<Estimate>,
    ) -> Policy {
        let matrix = self.matrix;
        let groups = matrix.groups.as_deref();
        let seed = |purpose: &str| matrix.seed(self.seed, &format!("{purpose} {}", replay.name));
        let own = kind == Kind::Single && replay.name == matrix.candidates[self.best];
        let base = &matrix.quality[self.best];
        let found = paired::paired(&played.quality, base, groups, CONFIDENCE, seed("paired"));
        let found = found.filter(|_| !own);
        let value = played.value();
        let quality = mean::of_scores(&played.quality, groups, CONFIDENCE, seed("mean"));
        let price = played.price();
        let flip = self.hull.and_then(|hull| hull.cost_of(value));
        let shares = matrix
            .candidates
            .iter()
            .cloned()
            .zip(played.shares.iter().copied());
        Policy {
            name: replay.name.clone(),
            kind,
            quality: quality.map_or(Estimate::new(value, None, matrix.len()), |q| q.estimate),
            cost: price,
            p50: played.quantile(0.5),
            p95: played.quantile(0.95),
            shares: shares.filter(|(_, share)| *share > 0.0).collect(),
            calls: played.calls.iter().sum(),
            bound: found
                .as_ref()
                .and_then(|p| p.one_sided_95)
                .map(|limits| limits.0),
            gains: found.as_ref().map_or(0, |p| p.gains),
            losses: found.as_ref().map_or(0, |p| p.losses),
            difference: found.map(|p| p.difference),
            saving: if own { None } else { self.saving(played) },
            saving_at_iso_quality: price
                .zip(flip)
                .and_then(|(price, flip)| (flip > 0.0).then(|| 1.0 - price / flip)),
            gain_at_iso_cost: price.and_then(|price| self.gain(value, price)),
            excess,
            regret: self.oracle - value,
            changed_per_100: (100.0 * (1.0 - played.shares[self.best])).max(0.0),
            stops_paying: self.stops(replay, played),
        }
    }

    fn saving(&self, played: &Played) -> Option<Estimate> {
        let (cost, base) = (
            played.cost.as_ref()?,
            &self.matrix.cost.as_ref()?[self.best],
        );
        let found = match &self.matrix.groups {
            Some(groups) => ratio::of_means_clustered(cost, base, groups, CONFIDENCE),
            None => ratio::of_means(cost, base, CONFIDENCE),
        };
        let n = self.matrix.len();
        match found {
            Some(it) => Some(Estimate::new(
                1.0 - it.ratio,
                Some((1.0 - it.high, 1.0 - it.low)),
                n,
            )),
            None => {
                let (cost, base) = (moments::mean(cost)?, moments::mean(base)?);
                (base > 0.0).then(|| Estimate::new(1.0 - cost / base, None, n))
            }
        }
    }

    /// Beside the best single model that costs no more.
    fn gain(&self, value: f64, price: f64) -> Option<f64> {
        let points = points(self.matrix)?;
        let afforded = points
            .iter()
            .filter(|point| point.0 <= price * (1.0 + 1e-12));
        let best = afforded.map(|point| point.1).reduce(f64::max)?;
        Some(value - best)
    }

    /// With the best model's prices times f the policy costs f·b + o and the best model alone f·B: nothing is saved below
    /// f = o/(B − b).
    fn stops(&self, replay: &Replay, played: &Played) -> Option<Stops> {
        let costs = self.matrix.cost.as_ref()?;
        let all = moments::mean(&costs[self.best])?;
        let n = self.matrix.len() as f64;
        let mut own = 0.0;
        for (case, ways) in replay.ways.iter().enumerate() {
            for way in ways {
                let times = way.asked.iter().filter(|c| **c == self.best).count() as f64;
                own += way.share * times * costs[self.best][case] / n;
            }
        }
        let other = played.price()? - own;
        let calls: f64 = played.calls.iter().sum::<f64>() - played.calls[self.best];
        if calls <= 1e-9 || other <= 0.0 || all - own <= 0.0 {
            return None;
        }
        let price_ratio = all / (other / calls);
        let below = price_ratio * other / (all - own);
        Some(Stops { price_ratio, below })
    }
}
