//! The mean of clustered values: cases of one group share their luck, so the groups are the sample.

use super::{moments, student};

/// Below this many clusters no interval is given.
pub const FEWEST: usize = 5;
/// Below this many clusters an interval is given with a warning.
pub const FEW: usize = 10;

/// A mean with its cluster-robust standard errors. e are residuals, S_c their sum in cluster c, w_c its share of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustered {
    /// The mean over all rows.
    pub mean: f64,
    /// How many rows.
    pub rows: usize,
    /// How many clusters.
    pub clusters: usize,
    /// √ΣS_c²/N, the sandwich as it is (Miller 2024's clustered SE but for N/(N-1)).
    pub cr0: f64,
    /// CR0·√(G/(G-1)).
    pub cr1: f64,
    /// √Σ S_c²/(1-w_c) / N (Bell & McCaffrey 2002).
    pub cr2: f64,
    /// √Σ S_c²/(1-w_c)² / N, the jackknife.
    pub cr3: f64,
    /// The Bell-McCaffrey degrees of freedom of CR2: 1/(Σw_c² + Σ_{c≠c'} w_c²w_c'²/((1-w_c)(1-w_c'))), G-1 for equal
    /// clusters.
    pub df: f64,
}

/// The clustered mean of `y`, row i belonging to cluster `groups[i]`. `None` below two clusters or if lengths differ.
pub fn mean(y: &[f64], groups: &[usize]) -> Option<Clustered> {
    if y.len() != groups.len() {
        return None;
    }
    let members = members(groups);
    let (rows, clusters) = (y.len() as f64, members.len());
    if clusters < 2 {
        return None;
    }
    let mean = moments::mean(y)?;
    let sums: Vec<f64> = members
        .iter()
        .map(|m| moments::sum(m.iter().map(|&i| y[i] - mean)))
        .collect();
    let shares: Vec<f64> = members.iter().map(|m| m.len() as f64 / rows).collect();
    let error = |power: i32| {
        let parts = sums
            .iter()
            .zip(&shares)
            .map(|(s, w)| s * s / (1.0 - w).powi(power));
        moments::sum(parts).sqrt() / rows
    };
    let cr0 = error(0);
    Some(Clustered {
        mean,
        rows: y.len(),
        clusters,
        cr0,
        cr1: cr0 * (clusters as f64 / (clusters - 1) as f64).sqrt(),
        cr2: error(1),
        cr3: error(2),
        df: bell_mccaffrey(&shares),
    })
}

impl Clustered {
    /// The CR2 interval with Bell-McCaffrey degrees of freedom, our default.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        around(
            self.mean,
            self.cr2 * student::two_sided(confidence, self.df),
        )
    }

    /// The CR1 interval with t(G-1), as most packages give it.
    pub fn interval_cr1(&self, confidence: f64) -> (f64, f64) {
        let df = (self.clusters - 1) as f64;
        around(self.mean, self.cr1 * student::two_sided(confidence, df))
    }
}

/// Σ over pairs of distinct clusters factors into (Σv)² - Σv² with v = w²/(1-w).
fn bell_mccaffrey(shares: &[f64]) -> f64 {
    let v = || shares.iter().map(|w| w * w / (1.0 - w));
    let pairs = moments::sum(v()).powi(2) - moments::sum(v().map(|v| v * v));
    1.0 / (moments::sum(shares.iter().map(|w| w * w)) + pairs)
}

/// The rows of each cluster, clusters by ascending number.
pub(crate) fn members(groups: &[usize]) -> Vec<Vec<usize>> {
    let mut by_group = std::collections::BTreeMap::<usize, Vec<usize>>::new();
    for (row, group) in groups.iter().enumerate() {
        by_group.entry(*group).or_default().push(row);
    }
    by_group.into_values().collect()
}

/// The groups, if they matter: one per row, and some row shares its group with another.
pub(crate) fn effective(groups: Option<&[usize]>, rows: usize) -> Option<&[usize]> {
    groups.filter(|g| g.len() == rows && members(g).len() < rows)
}

/// Kish's design effect 1+(m-1)ρ for clusters of `size` rows with intraclass correlation `icc`, and the effective number
/// of the `n` rows, n/deff.
pub fn design_effect(size: f64, icc: f64, n: f64) -> (f64, f64) {
    let effect = 1.0 + (size - 1.0) * icc;
    (effect, n / effect)
}

pub(crate) fn around(centre: f64, half: f64) -> (f64, f64) {
    (centre - half, centre + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_one_are_the_plain_t_interval() {
        let y = [0.2, 0.9, 0.4, 0.7, 0.1, 0.6];
        let plain = super::super::mean::t_interval(&y, 0.95).unwrap();
        let clustered = mean(&y, &[5, 4, 3, 2, 1, 0]).unwrap();
        assert!((clustered.df - 5.0).abs() < 1e-9);
        let (low, high) = clustered.interval(0.95);
        assert!((low - plain.low).abs() < 1e-12 && (high - plain.high).abs() < 1e-12);
    }

    #[test]
    fn one_cluster_or_wrong_lengths_have_no_error() {
        assert_eq!(mean(&[0.1, 0.2], &[3, 3]), None);
        assert_eq!(mean(&[0.1, 0.2], &[3]), None);
        assert_eq!(mean(&[], &[]), None);
    }
}
