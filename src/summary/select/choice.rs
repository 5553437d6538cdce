//! The rule that chooses, applied to the data and to resamples of them.

use super::{FIRM, Met, Offer, Recommended, Weights, Wishes};
use crate::stats::resample::replicates;
use crate::stats::{Estimate, cluster, frontier, many, student};
use crate::summary::judge::CONFIDENCE;
use crate::summary::matrix::seed;
use crate::summary::side::Side;

/// The eligible candidates over the cases that all have a score for.
pub(super) struct Matrix {
    pub scores: Vec<Vec<f64>>,
    /// NaN where unknown.
    costs: Vec<Vec<f64>>,
    /// P95 over all calls.
    latency: Vec<Option<f64>>,
    pub groups: Option<Vec<usize>>,
}

/// What the choice goes by.
pub(super) struct Rule {
    /// Who could be the best (or, with a margin, is not worse by more than that).
    pub tied: Vec<bool>,
    /// By how much each may lie behind the best and still count, for each pair.
    slack: Vec<Vec<f64>>,
    weights: Option<Weights>,
    pub chosen: usize,
}

/// What resamples choose.
pub(super) struct Drawn {
    /// The share of resamples that chooses each.
    pub chosen: Vec<f64>,
    /// Mean score and cost of each in every resample.
    pub means: Vec<Vec<(f64, f64)>>,
}

impl Matrix {
    pub fn of(
        sides: &[Side],
        eligible: &[usize],
        cases: &[usize],
        p95: &[Option<Estimate>],
    ) -> Self {
        let cost = |side: &Side| {
            let cell = |case: &usize| side.cells[*case].cost.unwrap_or(f64::NAN);
            cases.iter().map(cell).collect()
        };
        let all = eligible.iter().map(|index| &sides[*index]);
        Matrix {
            scores: all.clone().map(|side| side.scores(cases)).collect(),
            costs: all.clone().map(cost).collect(),
            latency: eligible.iter().map(|i| p95[*i].map(|e| e.value)).collect(),
            groups: eligible
                .first()
                .and_then(|first| sides[*first].groups(cases)),
        }
    }

    /// Every candidate's cost is known on at least one case.
    pub fn priced(&self) -> bool {
        self.points().iter().all(|point| point.0.is_finite())
    }

    /// Mean cost and mean score of each.
    pub fn points(&self) -> Vec<frontier::Point> {
        let once = vec![1.0; self.scores.first().map_or(0, Vec::len)];
        let means = self.means(&once);
        means
            .into_iter()
            .map(|(score, cost)| (cost, score))
            .collect()
    }

    /// Mean score and cost when case i stands `times[i]` times in the sample.
    fn means(&self, times: &[f64]) -> Vec<(f64, f64)> {
        let mean = |values: &[f64]| {
            let known = values.iter().zip(times).filter(|(v, _)| !v.is_nan());
            let (sum, n) = known.fold((0.0, 0.0), |(s, n), (v, t)| (s + v * t, n + t));
            sum / n
        };
        let both = self.scores.iter().zip(&self.costs);
        both.map(|(scores, costs)| (mean(scores), mean(costs)))
            .collect()
    }

    pub fn rule(&self, wishes: &Wishes) -> Rule {
        let n = self.scores.len();
        let groups = self.groups.as_deref();
        let seed = seed(wishes.seed, &wishes.cases, &["tied"]);
        let mut slack = vec![vec![f64::INFINITY; n]; n];
        if let Some(found) = many::simultaneous(&self.scores, groups, CONFIDENCE, seed) {
            for pair in &found.pairs {
                let half = match wishes.margin {
                    // one-sided 95 %: shown not to be worse by the margin
                    Some(margin) => margin - student::quantile(0.95, self.df()) * pair.error,
                    None => found.critical * pair.error,
                };
                slack[pair.first][pair.second] = half;
                slack[pair.second][pair.first] = half;
            }
        }
        let mut rule = Rule {
            tied: vec![true; n],
            slack,
            weights: wishes.weights,
            chosen: 0,
        };
        let once = vec![1.0; self.scores.first().map_or(0, Vec::len)];
        let means = self.means(&once);
        rule.tied = rule.tied(&means);
        rule.chosen = self.choose(&rule, &means);
        rule
    }

    /// Cases, or clusters: what is drawn again.
    fn units(&self) -> usize {
        let n = self.scores.first().map_or(0, Vec::len);
        let groups = self.groups.as_ref();
        groups.map_or(n, |g| cluster::members(g).len())
    }

    fn df(&self) -> f64 {
        (self.units().max(2) - 1) as f64
    }

    /// The candidate that the rule takes at these means.
    fn choose(&self, rule: &Rule, means: &[(f64, f64)]) -> usize {
        let all = 0..means.len();
        if let Some(weights) = rule.weights {
            let most = |of: &dyn Fn(usize) -> f64| all.clone().map(of).fold(0.0, f64::max);
            let dearest = most(&|i| means[i].1);
            let slowest = most(&|i| self.latency[i].unwrap_or(0.0));
            let share = |v: f64, of: f64| {
                if of > 0.0 && v.is_finite() {
                    v / of
                } else {
                    1.0
                }
            };
            let utility = |i: usize| {
                let slow = self.latency[i].unwrap_or(f64::INFINITY);
                weights.quality * means[i].0
                    - weights.cost * share(means[i].1, dearest)
                    - weights.latency * share(slow, slowest)
            };
            let best = all.max_by(|a, b| utility(*a).total_cmp(&utility(*b)).then(b.cmp(a)));
            return best.unwrap_or(0);
        }
        let tied = rule.tied(means);
        let could = all.filter(|i| tied[*i]);
        // cheapest first; where costs are unknown the better one
        let order = |a: &usize, b: &usize| {
            let by_cost = match self.priced() {
                true => means[*a].1.total_cmp(&means[*b].1),
                false => std::cmp::Ordering::Equal,
            };
            by_cost.then(means[*b].0.total_cmp(&means[*a].0))
        };
        could.min_by(order).unwrap_or(0)
    }

    /// The rule on resamples of cases, or of clusters.
    pub fn resample(&self, rule: &Rule, seed: u64) -> Drawn {
        let n = self.scores.first().map_or(0, Vec::len);
        let members = match cluster::effective(self.groups.as_deref(), n) {
            Some(groups) => cluster::members(groups),
            None => (0..n).map(|i| vec![i]).collect(),
        };
        let resamples = (400_000_000 / (n * self.scores.len()).max(1)).clamp(200, 2_000);
        let means = replicates(resamples, seed, |draw| {
            let clusters = draw.times(members.len());
            let mut times = vec![0.0; n];
            for (members, count) in members.iter().zip(clusters) {
                members.iter().for_each(|case| times[*case] = count);
            }
            self.means(&times)
        });
        let mut chosen = vec![0.0; self.scores.len()];
        for means in &means {
            // Who is the same in score and cost is chosen as well: the suite's order is no evidence.
            let first = self.choose(rule, means);
            let same = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
            let alike =
                |i: &usize| same(means[*i].0, means[first].0) && same(means[*i].1, means[first].1);
            let as_good: Vec<usize> = (0..means.len()).filter(alike).collect();
            let part = 1.0 / (resamples * as_good.len()) as f64;
            as_good.iter().for_each(|i| chosen[*i] += part);
        }
        Drawn { chosen, means }
    }

    /// Those that nobody beats in quality, cost and latency together; what is unknown beats nothing.
    pub fn front(&self) -> Vec<usize> {
        let points = self.points();
        let worth = |i: usize| {
            let (cost, quality) = points[i];
            let known = |v: f64| if v.is_finite() { v } else { f64::INFINITY };
            [
                -quality,
                known(cost),
                self.latency[i].map_or(f64::INFINITY, known),
            ]
        };
        let beats = |j: usize, i: usize| {
            let (a, b) = (worth(j), worth(i));
            a.iter().zip(&b).all(|(a, b)| a <= b) && a != b
        };
        let all = 0..points.len();
        all.clone()
            .filter(|i| !all.clone().any(|j| beats(j, *i)))
            .collect()
    }
}

impl Rule {
    fn tied(&self, means: &[(f64, f64)]) -> Vec<bool> {
        let all = 0..means.len();
        let best = all
            .clone()
            .max_by(|a, b| means[*a].0.total_cmp(&means[*b].0).then(b.cmp(a)));
        let best = best.unwrap_or(0);
        // not shown to be behind any other one
        let near = |i: usize, j: usize| means[j].0 - means[i].0 <= self.slack[i][j];
        all.clone()
            .map(|i| i == best || all.clone().all(|j| i == j || near(i, j)))
            .collect()
    }
}

/// The choice, and how firm it is.
pub(super) fn recommend(
    matrix: &Matrix,
    rule: &Rule,
    drawn: &Drawn,
    options: &[Offer],
    eligible: &[usize],
) -> Option<Recommended> {
    let first = rule.chosen;
    // Of one case, or one cluster, every resample is the same: it shows nothing.
    let single = matrix.units() < 2;
    let others =
        (0..drawn.chosen.len()).filter(|i| *i != first && (single || drawn.chosen[*i] > 0.0));
    let second = others.max_by(|a, b| drawn.chosen[*a].total_cmp(&drawn.chosen[*b]).then(b.cmp(a)));
    let stability = drawn.chosen[first];
    let separated = stability >= FIRM && (!single || drawn.chosen.len() < 2);
    let points = matrix.points();
    let cheaper = |a: usize, b: usize| matrix.priced() && points[a].0 < points[b].0;
    let (taken, other) = match second {
        Some(second) if !separated && cheaper(second, first) => (second, Some(first)),
        second => (first, second),
    };
    let name = |place: usize| options[eligible[place]].name.clone();
    let option = &options[*eligible.get(taken)?];
    Some(Recommended {
        name: name(taken),
        stability: drawn.chosen[taken],
        separated,
        runner_up: other.map(name),
        sure: option.constraints.iter().all(|check| check.met == Met::Yes),
    })
}
