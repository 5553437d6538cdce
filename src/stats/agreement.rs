//! How far raters agree beyond chance. Kappa alone misleads where one category prevails; show it beside plain agreement
//! and AC1.

use super::{Alternative, binomial, cluster, moments, normal};
use std::collections::BTreeMap;

/// Two raters on the same cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    /// Share of cases on which both say the same.
    pub observed: f64,
    /// Cohen's κ = (p_o - p_e)/(1 - p_e) (1960); `None` where chance alone agrees on all.
    pub kappa: Option<f64>,
    /// κ weighted by |i-j|, for ordered categories.
    pub linear: Option<f64>,
    /// κ weighted by (i-j)².
    pub quadratic: Option<f64>,
    /// Large-sample standard error of κ (Fleiss, Cohen & Everitt 1969).
    pub error: Option<f64>,
    /// κ ± z·SE.
    pub interval: Option<(f64, f64)>,
}

/// Cohen's kappa of two raters' categories, numbers below `categories`. `None` for no cases, unequal lengths, or a category
/// out of range.
pub fn kappa(a: &[usize], b: &[usize], categories: usize, confidence: f64) -> Option<Kappa> {
    let n = a.len() as f64;
    if a.is_empty() || a.len() != b.len() || a.iter().chain(b).any(|c| *c >= categories) {
        return None;
    }
    let mut p = vec![vec![0.0; categories]; categories];
    for (i, j) in a.iter().zip(b) {
        p[*i][*j] += 1.0 / n;
    }
    let rows: Vec<f64> = p.iter().map(|r| r.iter().sum()).collect();
    let columns: Vec<f64> = (0..categories)
        .map(|j| p.iter().map(|r| r[j]).sum())
        .collect();
    let cells = || (0..categories).flat_map(|i| (0..categories).map(move |j| (i, j)));
    let weighted = |distance: fn(f64) -> f64| {
        let far = |i: usize, j: usize| distance(i.abs_diff(j) as f64);
        let seen = moments::sum(cells().map(|(i, j)| far(i, j) * p[i][j]));
        let chance = moments::sum(cells().map(|(i, j)| far(i, j) * rows[i] * columns[j]));
        (chance > 1e-15).then(|| 1.0 - seen / chance)
    };
    let observed = moments::sum((0..categories).map(|i| p[i][i]));
    let kappa = weighted(|d| f64::from(d > 0.0));
    let error = kappa.map(|k| {
        let chance = moments::sum((0..categories).map(|i| rows[i] * columns[i]));
        let spread = cells().map(|(i, j)| {
            if i == j {
                p[i][i] * (1.0 - (rows[i] + columns[i]) * (1.0 - k)).powi(2)
            } else {
                p[i][j] * ((1.0 - k) * (columns[i] + rows[j])).powi(2)
            }
        });
        let variance = moments::sum(spread) - (k - chance * (1.0 - k)).powi(2);
        (variance.max(0.0) / n).sqrt() / (1.0 - chance)
    });
    let z = normal::two_sided(confidence);
    Some(Kappa {
        observed,
        kappa,
        linear: weighted(|d| d),
        quadratic: weighted(|d| d * d),
        error,
        interval: kappa.zip(error).map(|(k, e)| cluster::around(k, z * e)),
    })
}

/// Several raters' chance-corrected agreement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ac1 {
    /// (p_a - p_e)/(1 - p_e).
    pub ac1: f64,
    /// The agreement that chance brings, Σπ_k(1-π_k)/(q-1).
    pub chance: f64,
    /// Its standard error over cases.
    pub error: f64,
}

/// Gwet's AC1 (2008, with missing ratings as in Gwet 2014): a row of `ratings` a case, a column a rater, numbers below
/// `categories`, the possible ones, used or not. `None` below two rated cases, two categories, or a case with two ratings.
pub fn ac1(ratings: &[Vec<Option<usize>>], categories: usize) -> Option<Ac1> {
    let tallies: Vec<Vec<f64>> = ratings
        .iter()
        .map(|row| tally(row, categories))
        .filter(|t| total(t) > 0.0)
        .collect();
    let n = tallies.len() as f64;
    let twice = tallies.iter().filter(|t| total(t) >= 2.0).count() as f64;
    if tallies.len() < 2 || categories < 2 || twice == 0.0 {
        return None;
    }
    let agree = |t: &[f64]| {
        let all = total(t);
        let same: f64 = t.iter().map(|r| r * (r - 1.0)).sum();
        if all < 2.0 {
            0.0
        } else {
            same / (all * (all - 1.0))
        }
    };
    let share: Vec<f64> = (0..categories)
        .map(|k| moments::sum(tallies.iter().map(|t| t[k] / total(t))) / n)
        .collect();
    let others = (categories - 1) as f64;
    let chance = share.iter().map(|p| p * (1.0 - p)).sum::<f64>() / others;
    let mean = moments::sum(tallies.iter().map(|t| agree(t))) / twice;
    let ac1 = (mean - chance) / (1.0 - chance);
    let influence = tallies.iter().map(|t| {
        let all = total(t);
        let own = if all >= 2.0 { agree(t) - chance } else { 0.0 };
        let by_chance: f64 = t.iter().zip(&share).map(|(r, p)| r * (1.0 - p)).sum();
        let drift = by_chance / (all * others) - chance;
        (n / twice * own - 2.0 * (1.0 - ac1) * drift) / (1.0 - chance)
    });
    let spread = moments::sum(influence.map(|i| (i - ac1).powi(2)));
    Some(Ac1 {
        ac1,
        chance,
        error: (spread / (n * (n - 1.0))).sqrt(),
    })
}

fn tally(row: &[Option<usize>], categories: usize) -> Vec<f64> {
    let mut counts = vec![0.0; categories];
    for category in row.iter().flatten().filter(|c| **c < categories) {
        counts[*category] += 1.0;
    }
    counts
}

fn total(counts: &[f64]) -> f64 {
    counts.iter().sum()
}

/// Fleiss' kappa (1971): a row a case, a column a category, each cell how many raters chose it; equal ratings a case.
/// `None` without cases, below two ratings a case, or where all chose one category.
pub fn fleiss(counts: &[Vec<f64>]) -> Option<f64> {
    let raters = total(counts.first()?);
    let n = counts.len() as f64;
    let categories = counts[0].len();
    if raters < 2.0
        || counts
            .iter()
            .any(|r| r.len() != categories || total(r) != raters)
    {
        return None;
    }
    let pairs = |row: &Vec<f64>| row.iter().map(|r| r * (r - 1.0)).sum::<f64>();
    let observed = moments::sum(counts.iter().map(pairs)) / (n * raters * (raters - 1.0));
    let share = |k: usize| moments::sum(counts.iter().map(|r| r[k])) / (n * raters);
    let chance: f64 = (0..categories).map(|k| share(k).powi(2)).sum();
    (chance < 1.0 - 1e-15).then(|| (observed - chance) / (1.0 - chance))
}

/// How the categories of Krippendorff's alpha are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Same or not.
    Nominal,
    /// Ordered, spaced by how often each occurs.
    Ordinal,
    /// Distance (a-b)².
    Interval,
    /// Distance ((a-b)/(a+b))².
    Ratio,
}

/// Krippendorff's α = 1 - D_o/D_e (2011): a row a case, a column a rater, `None` missing; cases with fewer than two ratings
/// are passed over. `None` where nothing varies. Work grows with the square of the distinct values.
pub fn krippendorff(ratings: &[Vec<Option<f64>>], level: Level) -> Option<f64> {
    let units: Vec<Vec<f64>> = ratings
        .iter()
        .map(|row| {
            row.iter()
                .flatten()
                .copied()
                .filter(|v| v.is_finite())
                .collect()
        })
        .filter(|unit: &Vec<f64>| unit.len() >= 2)
        .collect();
    let mut values: Vec<f64> = units.iter().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let groups: Vec<(f64, f64)> = values
        .chunk_by(|a, b| a == b)
        .map(|g| (g[0], g.len() as f64))
        .collect();
    let place = |v: f64| groups.partition_point(|g| g.0 < v);
    let distance = |i: usize, j: usize| {
        let ((a, count_a), (b, count_b)) = (groups[i], groups[j]);
        match level {
            _ if i == j => 0.0,
            Level::Nominal => 1.0,
            Level::Interval => (a - b).powi(2),
            Level::Ratio if a + b == 0.0 => 0.0,
            Level::Ratio => ((a - b) / (a + b)).powi(2),
            Level::Ordinal => {
                let between: f64 = groups[i.min(j)..=i.max(j)].iter().map(|g| g.1).sum();
                (between - (count_a + count_b) / 2.0).powi(2)
            }
        }
    };
    let observed = units.iter().map(|unit| {
        let mut tally = BTreeMap::<usize, f64>::new();
        for value in unit {
            *tally.entry(place(*value)).or_default() += 1.0;
        }
        let apart = tally.iter().flat_map(|(i, a)| {
            let distance = &distance;
            tally.iter().map(move |(j, b)| a * b * distance(*i, *j))
        });
        apart.sum::<f64>() / (unit.len() - 1) as f64
    });
    let observed = moments::sum(observed) / n;
    let all = (0..groups.len()).flat_map(|i| (0..groups.len()).map(move |j| (i, j)));
    let expected = all.map(|(i, j)| groups[i].1 * groups[j].1 * distance(i, j));
    let expected = moments::sum(expected) / (n * (n - 1.0));
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

/// A pairwise judge asked in both orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionBias {
    /// Share of pairs with the same verdict in both orders.
    pub consistency: f64,
    /// Exact p of "an inconsistent judge prefers neither place".
    pub p: f64,
    /// Share that always takes the first answer minus share that always takes the second.
    pub first_minus_second: f64,
}

/// Position bias from how many pairs were judged alike in both orders, always for the first place, always for the second.
/// `None` for no pairs.
pub fn position_bias(consistent: usize, first: usize, second: usize) -> Option<PositionBias> {
    let n = (consistent + first + second) as f64;
    let inconsistent = (first + second) as u64;
    (n > 0.0).then(|| PositionBias {
        consistency: consistent as f64 / n,
        p: binomial::test(first as u64, inconsistent, 0.5, Alternative::TwoSided),
        first_minus_second: (first as f64 - second as f64) / n,
    })
}
