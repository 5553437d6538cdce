//! A router's value on cases that its rule was not made from, and how sure that is.

use super::choose::choose;
use super::family::Family;
use super::sums::{Row, Sums};
use crate::stats::excess::Course;
use crate::stats::folds::{Units, inflation};
use crate::stats::frontier::{Hull, hull};
use crate::stats::resample::{Draw, heavy};
use crate::stats::{cluster, moments, student};

/// Folds.
pub(super) const FOLDS: usize = 5;
/// How often the cases are dealt to folds anew.
pub(super) const REPEATS: usize = 10;
/// Bootstrap samples of the whole pipeline.
pub(super) const RESAMPLES: usize = 200;
/// Above so many cases × actions the pipeline is not run again: the naive errors are widened instead.
const DEAR: usize = 1_000_000;

/// All that one family is fitted from.
pub(super) struct Pipeline<'a> {
    pub family: &'a Family,
    pub rows: Vec<Row>,
    pub units: Units,
    /// The single models' cost carries no router.
    pub router_cost: f64,
    pub singles: usize,
    /// The model that the router is held against.
    pub base: usize,
    pub within: f64,
}

/// What a router is worth beside the best single model.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Worth {
    pub quality: f64,
    pub cost: f64,
    /// Quality less the best model's.
    pub difference: f64,
    /// ln of its cost over the best model's.
    pub log_ratio: f64,
    /// Quality less what coin flips reach at its cost.
    pub excess: f64,
}

/// The cross-fitted value, its errors, and the rules behind it.
pub(super) struct Found {
    pub worth: Worth,
    /// Standard errors of difference (by bootstrap, if it is not too dear), log ratio and excess; `None` where there are too
    /// few clusters.
    pub errors: Option<[f64; 3]>,
    /// Their degrees of freedom.
    pub df: f64,
    /// `bootstrap` or `nadeau_bengio`.
    pub method: &'static str,
    /// The rule made of all cases.
    pub rule: Vec<usize>,
    /// What that rule claims on the cases it was made from.
    pub claimed: Worth,
    /// By repeat, the action that each case got out of its fold.
    pub actions: Vec<Vec<usize>>,
}

impl Pipeline<'_> {
    /// Fits and cross-fits, without errors.
    pub fn cross(&self, seed: u64) -> Found {
        let whole = vec![1.0; self.units.len()];
        let mut actions = Vec::new();
        let worth = self.worth(&whole, &mut Draw::new(seed, u64::MAX), &mut |action| {
            actions.push(action);
        });
        let mut all = Sums::new(self.family.labels.len(), self.family.actions.len());
        self.rows.iter().for_each(|row| all.add(row, 1.0));
        let rule = self.choose(&all);
        let claimed = self.against(&all, all.under(&rule));
        Found {
            worth,
            errors: None,
            df: (self.units.len().max(2) - 1) as f64,
            method: "nadeau_bengio",
            rule,
            claimed,
            actions,
        }
    }

    /// Fits, cross-fits, and does both again on bootstrap samples.
    pub fn run(&self, seed: u64) -> Found {
        let mut found = self.cross(seed);
        if self.units.len() < cluster::FEWEST {
            return found;
        }
        let Some(errors) = self.naive(&found).map(|e| e.map(|e| e * inflation(FOLDS))) else {
            return found;
        };
        found.errors = Some(errors);
        if self.rows.len() * self.family.actions.len() > DEAR {
            return found;
        }
        let drawn: Vec<f64> = heavy(RESAMPLES, seed, |draw| {
            let weights = self.units.resample(draw);
            self.worth(&weights, draw, &mut |_| {}).difference
        });
        if let Some(error) = moments::deviation(&drawn) {
            found.method = "bootstrap";
            found.errors = Some([error, errors[1], errors[2]]);
        }
        found
    }

    fn choose(&self, train: &Sums) -> Vec<usize> {
        choose(train, &self.family.shape, self.singles, self.within)
    }

    /// The cross-fitted worth on weighted units; hears of each repeat's actions by case.
    fn worth(&self, weights: &[f64], draw: &mut Draw, hear: &mut dyn FnMut(Vec<usize>)) -> Worth {
        let (bins, actions) = (self.family.labels.len(), self.family.actions.len());
        let (mut quality, mut cost) = (0.0, 0.0);
        let mut all = Sums::new(bins, actions);
        for repeat in 0..REPEATS {
            let fold_of = self.units.deal(weights, FOLDS, draw);
            let mut sums = vec![Sums::new(bins, actions); FOLDS];
            for (row, unit) in self.rows.iter().zip(&self.units.of_row) {
                let weight = weights[*unit as usize];
                if weight > 0.0 {
                    sums[fold_of[*unit as usize] as usize].add(row, weight);
                }
            }
            if repeat == 0 {
                sums.iter().for_each(|fold| all.merge(fold, 1.0));
            }
            let mut rules = Vec::with_capacity(FOLDS);
            for test in &sums {
                let mut train = all.clone();
                train.merge(test, -1.0);
                settle(&mut train);
                let rule = self.choose(&train);
                let (q, c) = test.under(&rule);
                quality += q;
                cost += c;
                rules.push(rule);
            }
            let cases = self.rows.iter().zip(&self.units.of_row);
            hear(
                cases
                    .map(|(row, unit)| rules[fold_of[*unit as usize] as usize][row.bin as usize])
                    .collect(),
            );
        }
        let repeats = REPEATS as f64;
        self.against(&all, (quality / repeats, cost / repeats))
    }

    /// A total of quality and cost against the single models on the same cases.
    fn against(&self, all: &Sums, (quality, cost): (f64, f64)) -> Worth {
        let n = all.all();
        let (quality, cost) = (quality / n, cost / n);
        let points = self.points(all);
        let (base_cost, base) = points[self.base];
        let over = |hull: &Hull| quality - hull.at(cost).unwrap_or(hull.corners[0].1);
        Worth {
            quality,
            cost,
            difference: quality - base,
            log_ratio: (cost / base_cost).ln(),
            excess: hull(&points).as_ref().map_or(0.0, over),
        }
    }

    /// Mean cost and quality of each single model: nobody pays a router to ask always the same.
    fn points(&self, all: &Sums) -> Vec<(f64, f64)> {
        let n = all.all();
        let point = |action: usize| {
            let (quality, cost) = all.total(action);
            (cost / n - self.router_cost, quality / n)
        };
        (0..self.singles).map(point).collect()
    }

    /// The errors as if the folds' rules were fixed.
    fn naive(&self, found: &Found) -> Option<[f64; 3]> {
        let mean = |of: &dyn Fn(&Row, usize) -> f64| -> Vec<f64> {
            let of_case = |(case, row): (usize, &Row)| {
                let actions = found.actions.iter().map(|actions| actions[case]);
                actions.map(|action| of(row, action)).sum::<f64>() / REPEATS as f64
            };
            self.rows.iter().enumerate().map(of_case).collect()
        };
        let quality = mean(&|row, action| row.quality[action]);
        let cost = mean(&|row, action| row.cost[action]);
        let base = |of: &dyn Fn(&Row) -> f64| -> Vec<f64> { self.rows.iter().map(of).collect() };
        let base_quality = base(&|row| row.quality[self.base]);
        let base_cost = base(&|row| row.cost[self.base] - self.router_cost);
        let (mean_cost, mean_base) = (moments::mean(&cost)?, moments::mean(&base_cost)?);
        let pairs = |a: &[f64], b: &[f64], of: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| of(*a, *b)).collect()
        };
        let mut all = Sums::new(self.family.labels.len(), self.family.actions.len());
        self.rows.iter().for_each(|row| all.add(row, 1.0));
        let hull = hull(&self.points(&all))?;
        let course = Course {
            quality: &quality,
            cost: &cost,
        };
        let moves = [
            pairs(&quality, &base_quality, &|a, b| a - b),
            pairs(&cost, &base_cost, &|a, b| a / mean_cost - b / mean_base),
            self.over(&hull, course, mean_cost),
        ];
        let groups: Vec<usize> = self
            .units
            .of_row
            .iter()
            .map(|unit| *unit as usize)
            .collect();
        let error = |moves: &Vec<f64>| cluster::mean(moves, &groups).map(|found| found.cr2);
        let [a, b, c] = [error(&moves[0]), error(&moves[1]), error(&moves[2])];
        Some([a?, b?, c?])
    }

    /// By case, what moves the excess over the hull: the delta method on the piece of the hull that the policy is above.
    fn over(&self, hull: &Hull, course: Course<'_>, cost: f64) -> Vec<f64> {
        let right = hull.corners.partition_point(|corner| corner.0 <= cost);
        let right = right.min(hull.corners.len() - 1);
        let left = right.saturating_sub(1);
        let (a, b) = (hull.corners[left], hull.corners[right]);
        let (share, slope) = match b.0 > a.0 && cost < b.0 {
            true => ((cost - a.0) / (b.0 - a.0), (b.1 - a.1) / (b.0 - a.0)),
            false => (1.0, 0.0),
        };
        let (left, right) = (hull.places[left], hull.places[right]);
        let moved = |(row, (quality, cost)): (&Row, (&f64, &f64))| {
            let mix = |values: &[f64]| (1.0 - share) * values[left] + share * values[right];
            let flips = mix(&row.cost) - self.router_cost;
            quality - mix(&row.quality) - slope * (cost - flips)
        };
        let both = course.quality.iter().zip(course.cost);
        self.rows.iter().zip(both).map(moved).collect()
    }
}

/// Differences of sums leave rounding behind: what is as good as nothing is nothing.
fn settle(sums: &mut Sums) {
    for weight in &mut sums.weight {
        if weight.abs() < 1e-9 {
            *weight = 0.0;
        }
    }
}

/// A value with the limits that its error gives at a confidence.
pub(super) fn around(value: f64, error: f64, df: f64, confidence: f64) -> (f64, f64) {
    let half = error * student::two_sided(confidence, df);
    (value - half, value + half)
}
