//! A figure that is made from sums over the cases – corpus BLEU, a rate, macro F1 – with its
//! interval: the cases, or their clusters, are drawn again with replacement and summed anew
//! (Efron 1979; for BLEU Koehn 2004, paired as there).

use super::paired::Paired;
use super::resample::{RESAMPLES, replicates};
use super::{Estimate, cluster, moments, normal, quantile};

/// What a case adds: amounts by the place of the sum.
pub type Row = Vec<(usize, f64)>;

/// Below this many cases or clusters there is no interval.
pub const FEWEST: usize = cluster::FEWEST;
/// How many additions a bootstrap may take; with more to add, fewer resamples are drawn.
const ADDITIONS: usize = 400_000_000;
/// Fewest resamples.
const LEAST: usize = 1_000;

/// The figure with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The figure over all cases and its interval, if there is one.
    pub estimate: Estimate,
    /// `bootstrap` (percentiles), or `none`.
    pub method: &'static str,
}

/// The cases' rows, put together by cluster.
struct Units {
    rows: Vec<Row>,
    width: usize,
}

impl Units {
    fn new(rows: &[Row], groups: Option<&[usize]>) -> Self {
        let width = rows.iter().flatten().map(|(at, _)| at + 1).max();
        let rows = match cluster::effective(groups, rows.len()) {
            None => rows.to_vec(),
            Some(groups) => {
                let members = cluster::members(groups);
                let together = members.iter().map(|members| {
                    let all = members.iter().flat_map(|case| rows[*case].iter().copied());
                    all.collect()
                });
                together.collect()
            }
        };
        Units {
            rows,
            width: width.unwrap_or(0),
        }
    }

    fn sums(&self, units: impl Iterator<Item = usize>) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        for unit in units {
            for (at, amount) in &self.rows[unit] {
                sums[*at] += amount;
            }
        }
        sums
    }

    fn resamples(&self) -> usize {
        let amounts: usize = self.rows.iter().map(Vec::len).sum();
        (ADDITIONS / amounts.max(1)).clamp(LEAST, RESAMPLES)
    }

    /// A statistic of resampled units, ascending; those that are not defined are left out.
    fn replicates(
        &self,
        seed: u64,
        statistic: impl Fn(&[usize]) -> Option<f64> + Sync,
    ) -> Vec<f64> {
        let n = self.rows.len();
        let drawn = replicates(self.resamples(), seed, |draw| {
            let mut units = Vec::with_capacity(n);
            draw.indices(n, n, |some| units.extend(some.iter().map(|i| *i as usize)));
            statistic(&units).filter(|value| value.is_finite())
        });
        let mut values: Vec<f64> = drawn.into_iter().flatten().collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

/// The sums of all rows.
pub fn total(rows: &[Row]) -> Vec<f64> {
    let units = Units::new(rows, None);
    units.sums(0..rows.len())
}

/// The figure over all rows, one a case, with its percentile interval; none below five cases or
/// clusters, or without spread. `None` where the figure itself is not defined.
pub fn figure(
    rows: &[Row],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
    of: impl Fn(&[f64]) -> Option<f64> + Sync,
) -> Option<Figure> {
    let units = Units::new(rows, groups);
    let value = of(&units.sums(0..units.rows.len())).filter(|value| value.is_finite())?;
    let drawn = match units.rows.len() {
        0..FEWEST => Vec::new(),
        _ => units.replicates(seed, |drawn| of(&units.sums(drawn.iter().copied()))),
    };
    let interval = percentiles(&drawn, confidence);
    Some(Figure {
        estimate: Estimate::new(value, interval, rows.len()),
        method: if interval.is_some() {
            "bootstrap"
        } else {
            "none"
        },
    })
}

fn percentiles(values: &[f64], confidence: f64) -> Option<(f64, f64)> {
    let spread = values.first() < values.last();
    let tail = normal::tail(confidence);
    spread.then(|| {
        let at = |level| quantile::of_sorted(values, level);
        (at(tail), at(1.0 - tail))
    })
}

/// The difference of two figures on the same cases, first minus second, both from the same draws.
/// Gains and losses are not known here. `None` unless both have the same number of rows and a figure.
pub fn paired(
    (a, b): (&[Row], &[Row]),
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
    (of_a, of_b): (
        impl Fn(&[f64]) -> Option<f64> + Sync,
        impl Fn(&[f64]) -> Option<f64> + Sync,
    ),
) -> Option<Paired> {
    if a.is_empty() || a.len() != b.len() {
        return None;
    }
    let (left, right) = (Units::new(a, groups), Units::new(b, groups));
    let difference = |units: &[usize]| {
        let sums = |of: &Units| of.sums(units.iter().copied());
        Some(of_a(&sums(&left))? - of_b(&sums(&right))?)
    };
    let n = left.rows.len();
    let all: Vec<usize> = (0..n).collect();
    let value = difference(&all).filter(|value| value.is_finite())?;
    let drawn = match n {
        0..FEWEST => Vec::new(),
        _ => left.replicates(seed, difference),
    };
    let interval = percentiles(&drawn, confidence);
    let error = moments::deviation(&drawn).unwrap_or(0.0);
    Some(Paired {
        difference: Estimate::new(value, interval, a.len()),
        one_sided_95: percentiles(&drawn, 0.9),
        gains: 0,
        losses: 0,
        p: interval.and_then(|_| two_sided(&drawn)),
        p_exact: None,
        spread: error * (a.len() as f64).sqrt(),
        method: if interval.is_some() {
            "bootstrap"
        } else {
            "none"
        },
        note: interval.is_none().then(|| {
            "too few cases, or none that differ: no interval for the figure over all cases".into()
        }),
    })
}

/// Twice the smaller share of replicates on either side of 0, itself counted in.
fn two_sided(values: &[f64]) -> Option<f64> {
    let n = values.len();
    let up_to = values.partition_point(|value| *value <= 0.0);
    let below = values.partition_point(|value| *value < 0.0);
    let least = up_to.min(n - below) + 1;
    Some((2.0 * least as f64 / (n + 1) as f64).min(1.0))
}

/// The jackknife's pseudo-values n·θ − (n−1)·θ₋ᵢ: numbers for each case whose mean is the figure up
/// to its bias, so that what takes one score a case can take the figure. `None` where the figure is
/// not defined without some case.
pub fn pseudo_values(rows: &[Row], of: impl Fn(&[f64]) -> Option<f64>) -> Option<Vec<f64>> {
    let sums = total(rows);
    let (n, whole) = (rows.len() as f64, of(&sums)?);
    let mut without = sums.clone();
    let values = rows.iter().map(|row| {
        row.iter().for_each(|(at, amount)| without[*at] -= amount);
        let left = of(&without);
        row.iter().for_each(|(at, _)| without[*at] = sums[*at]);
        Some(n * whole - (n - 1.0) * left?)
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mean, as a figure of sums.
    fn mean(sums: &[f64]) -> Option<f64> {
        (sums[1] > 0.0).then(|| sums[0] / sums[1])
    }

    fn rows(values: &[f64]) -> Vec<Row> {
        values.iter().map(|v| vec![(0, *v), (1, 1.0)]).collect()
    }

    #[test]
    fn a_mean_as_a_figure_has_the_interval_of_a_mean() {
        let x: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) / 100.0).collect();
        let found = figure(&rows(&x), None, 0.95, 7, mean).unwrap();
        let t = super::super::mean::t_interval(&x, 0.95).unwrap();
        assert!((found.estimate.value - t.mean).abs() < 1e-12);
        assert!((found.estimate.low.unwrap() - t.low).abs() < 0.004);
        assert!((found.estimate.high.unwrap() - t.high).abs() < 0.004);
        assert_eq!(found.method, "bootstrap");
    }

    #[test]
    fn clusters_widen_it_and_pairing_narrows_it() {
        let x: Vec<f64> = (0..100).map(|i| f64::from(i / 10 % 2)).collect();
        let groups: Vec<usize> = (0..100).map(|i| i / 10).collect();
        let wide = |groups| {
            let found = figure(&rows(&x), groups, 0.95, 1, mean).unwrap().estimate;
            found.high.unwrap() - found.low.unwrap()
        };
        assert!(wide(Some(groups.as_slice())) > 2.0 * wide(None));
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| x + f64::from(i % 3 == 0))
            .collect();
        let (a, b) = (rows(&y), rows(&x));
        let found = paired((&a, &b), None, 0.95, 1, (mean, mean)).unwrap();
        assert!((found.difference.value - 0.34).abs() < 1e-9);
        assert!(found.difference.low.unwrap() > 0.2 && found.p.unwrap() < 0.01);
        let same = paired((&b, &b), None, 0.95, 1, (mean, mean)).unwrap();
        assert_eq!((same.difference.value, same.difference.low), (0.0, None));
    }

    #[test]
    fn pseudo_values_of_a_mean_are_its_values() {
        let x = [0.2, 0.4, 0.9, 0.1];
        let found = pseudo_values(&rows(&x), mean).unwrap();
        assert!(found.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn few_cases_have_no_interval() {
        let found = figure(&rows(&[0.1, 0.9]), None, 0.95, 1, mean).unwrap();
        assert_eq!((found.estimate.low, found.method), (None, "none"));
        assert!(figure(&[], None, 0.95, 1, |sums| sums.first().copied()).is_none());
    }
}
