//! What a policy is above the best that random mixtures of single models reach at its cost.

use super::folds::Units;
use super::frontier::{Point, hull};
use super::resample::replicates;
use super::{Estimate, moments, normal, quantile};

/// Quality and cost of each case under one choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course<'a> {
    /// Quality by case.
    pub quality: &'a [f64],
    /// Cost by case.
    pub cost: &'a [f64],
}

impl Course<'_> {
    /// The means of cost and quality.
    pub fn point(&self) -> Option<Point> {
        Some((moments::mean(self.cost)?, moments::mean(self.quality)?))
    }
}

/// Most additions that the resampling may take.
const WORK: usize = 200_000_000;
/// Most resamples.
const RESAMPLES: usize = 2_000;

/// V(π) - hull(C(π)) of each policy over the hull of the single `models`, with a percentile interval from drawing all cases
/// (clusters by `groups`) together, the hull made anew each time. `None` for a policy that costs less than the cheapest
/// model, where no mixture can go.
pub fn over_hull(
    models: &[Course],
    policies: &[Course],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Vec<Option<Estimate>> {
    let n = models.first().map_or(0, |m| m.quality.len());
    let all: Vec<Course> = models.iter().chain(policies).copied().collect();
    let plain: Option<Vec<Point>> = all.iter().map(Course::point).collect();
    let Some(plain) = plain.filter(|_| n > 0) else {
        return vec![None; policies.len()];
    };
    let values = above(&plain, models.len());
    let units = Units::new(groups, &vec![0; n]);
    let resamples = (WORK / (2 * n * all.len())).clamp(200, RESAMPLES);
    let drawn = replicates(resamples, seed, |draw| {
        let times = units.resample(draw);
        let weights: Vec<f64> = units.of_row.iter().map(|u| times[*u as usize]).collect();
        let total: f64 = weights.iter().sum();
        let mean = |values: &[f64]| {
            let parts = values.iter().zip(&weights).map(|(v, w)| v * w);
            parts.sum::<f64>() / total
        };
        let points: Vec<Point> = all
            .iter()
            .map(|c| (mean(c.cost), mean(c.quality)))
            .collect();
        above(&points, models.len())
    });
    let tail = normal::tail(confidence);
    let estimate = |(place, value): (usize, &Option<f64>)| {
        let mut known: Vec<f64> = drawn.iter().filter_map(|d| d[place]).collect();
        known.sort_unstable_by(f64::total_cmp);
        let enough = units.len() > 1 && 2 * known.len() > resamples;
        let limits = enough.then(|| {
            let at = |p| quantile::of_sorted(&known, p);
            (at(tail), at(1.0 - tail))
        });
        value.map(|value| Estimate::new(value, limits, n))
    };
    values.iter().enumerate().map(estimate).collect()
}

/// Of points, of which the first `models` make the hull, by how much the others lie above it.
fn above(points: &[Point], models: usize) -> Vec<Option<f64>> {
    let hull = hull(&points[..models]);
    let over = |p: &Point| Some(p.1 - hull.as_ref()?.at(p.0)?);
    points[models..].iter().map(over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_has_no_excess_and_a_router_that_knows_has() {
        let n = 200;
        let cheap: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 2 == 0))).collect();
        let dear = vec![1.0; n];
        let (low, high) = (vec![1.0; n], vec![3.0; n]);
        let mixed: Vec<f64> = cheap.iter().map(|q| (q + 1.0) / 2.0).collect();
        let costs: Vec<f64> = cheap.iter().map(|q| 3.0 - 2.0 * q).collect();
        let course = |quality, cost| Course { quality, cost };
        let models = [course(&cheap, &low), course(&dear, &high)];
        let half = vec![2.0; n];
        let policies = [course(&mixed, &half), course(&dear, &costs)];
        let found = over_hull(&models, &policies, None, 0.95, 1);
        let (mixture, knows) = (found[0].unwrap(), found[1].unwrap());
        assert!(mixture.value.abs() < 1e-12);
        assert!((knows.value - 0.25).abs() < 1e-12);
        assert!(knows.low.unwrap() > 0.2 && knows.high.unwrap() < 0.3);
    }

    #[test]
    fn nothing_is_cheaper_than_the_cheapest() {
        let (ones, none) = (vec![1.0; 20], vec![0.0; 20]);
        let course = |quality, cost| Course { quality, cost };
        let found = over_hull(
            &[course(&ones, &ones)],
            &[course(&ones, &none)],
            None,
            0.95,
            1,
        );
        assert_eq!(found, [None]);
    }
}
