//! Many cases: the models' means are as good as jointly normal, and drawing them costs nothing a case.

use super::Difference;
use crate::stats::quantile;
use crate::stats::resample::{Draw, RESAMPLES, replicates};

/// The joint normal distribution of the models' means, as a lower triangle L with LLᵀ their covariance.
pub(super) struct Joint {
    triangle: Vec<Vec<f64>>,
}

impl Joint {
    /// The cluster-robust covariance (CR1) of the means of models whose scores are summed by cluster.
    pub fn of(sums: &[Vec<f64>], sizes: &[f64]) -> Self {
        let rows: f64 = sizes.iter().sum();
        let clusters = sizes.len() as f64;
        let scale = clusters / (clusters - 1.0) / (rows * rows);
        let means: Vec<f64> = sums.iter().map(|s| s.iter().sum::<f64>() / rows).collect();
        let residual =
            |model: usize, cluster: usize| sums[model][cluster] - sizes[cluster] * means[model];
        let covariance = |i: usize, j: usize| {
            let products = (0..sizes.len()).map(|c| residual(i, c) * residual(j, c));
            scale * products.sum::<f64>()
        };
        let mut triangle: Vec<Vec<f64>> = Vec::new();
        for i in 0..sums.len() {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for (j, above) in triangle.iter().enumerate() {
                let known: f64 = row.iter().zip(above).map(|(x, y)| x * y).sum();
                let pivot = above[j];
                let value = (covariance(i, j) - known) / pivot;
                row.push(if pivot > 0.0 { value } else { 0.0 });
            }
            let known: f64 = row.iter().map(|v| v * v).sum();
            row.push((covariance(i, i) - known).max(0.0).sqrt());
            triangle.push(row);
        }
        Joint { triangle }
    }

    /// Means drawn around `centre`.
    pub fn around(&self, centre: &[f64], draw: &mut Draw) -> Vec<f64> {
        let luck: Vec<f64> = centre.iter().map(|_| draw.normal()).collect();
        let shift = |row: &Vec<f64>| row.iter().zip(&luck).map(|(l, z)| l * z).sum::<f64>();
        let shifts = self.triangle.iter().map(shift);
        centre.iter().zip(shifts).map(|(c, s)| c + s).collect()
    }

    /// The `confidence` quantile of the largest |t| over `pairs`.
    pub fn critical(&self, pairs: &[Difference], confidence: f64, seed: u64) -> f64 {
        let zero = vec![0.0; self.triangle.len()];
        let mut largest = replicates(RESAMPLES, seed, |draw| {
            let means = self.around(&zero, draw);
            let t = |p: &Difference| (means[p.first] - means[p.second]).abs() / p.error;
            // 0/0: two models that never differ
            pairs
                .iter()
                .map(t)
                .filter(|t| !t.is_nan())
                .fold(0.0, f64::max)
        });
        largest.sort_unstable_by(f64::total_cmp);
        quantile::of_sorted(&largest, confidence.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use crate::stats::many::{simultaneous, winner};

    /// Three models over many cases, the third behind.
    fn scores(n: usize) -> Vec<Vec<f64>> {
        let model = |step: usize, wrong: usize| {
            let fails = (0..n).map(|i| i * step % 101 < wrong);
            fails.map(|fail| f64::from(u8::from(!fail))).collect()
        };
        vec![model(7, 20), model(11, 20), model(13, 40)]
    }

    #[test]
    fn large_and_small_agree_on_the_critical_value() {
        let (large, small) = (scores(12_000), scores(2_000));
        let of = |scores: &[Vec<f64>]| simultaneous(scores, None, 0.95, 3).unwrap();
        let (large, small) = (of(&large), of(&small));
        assert!(
            (large.critical - small.critical).abs() < 0.08,
            "{} {}",
            large.critical,
            small.critical
        );
        // Tukey's for three uncorrelated means is 2.34
        assert!((2.2..2.5).contains(&large.critical), "{}", large.critical);
    }

    #[test]
    fn the_winner_s_luck_is_small_with_many_cases() {
        let found = winner(&scores(12_000), None, 3).unwrap();
        assert!(found.first[2] == 0.0 && found.first[0] > 0.2 && found.first[1] > 0.2);
        let luck = found.mean - found.corrected;
        assert!(luck > 0.0 && luck < 0.01, "{luck}");
    }

    #[test]
    fn models_that_never_differ_are_no_division_by_nothing() {
        let one = &scores(11_000)[0];
        let found = simultaneous(&[one.clone(), one.clone()], None, 0.95, 3).unwrap();
        assert!(found.critical.is_finite());
    }
}
