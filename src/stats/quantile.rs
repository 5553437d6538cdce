//! Quantiles: type 7 points, distribution-free limits from the order statistics, and how many cases those take.
//!
//! `p` lies in 0..=1. Values must not be NaN.

use super::resample::{LARGE, RESAMPLES, replicates};
use super::{Estimate, beta, binomial, moments, normal};

/// The type-7 quantile (linear between order statistics, Hyndman & Fan 1996) of ascending values; NaN for none.
pub fn of_sorted(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = place.floor();
    let i = below as usize;
    let (a, b) = (sorted[i], sorted[(i + 1).min(last)]);
    // an infinite neighbour must not turn an exact place into a NaN
    if place == below || a == b {
        a
    } else {
        a + (place - below) * (b - a)
    }
}

/// The type-7 quantile with its order-statistic interval; a limit that this many values cannot support is `None`.
/// `None` for no values.
pub fn estimate(x: &[f64], p: f64, confidence: f64) -> Option<Estimate> {
    if x.is_empty() {
        return None;
    }
    let sorted = ascending(x);
    let ranks = ranks(x.len(), p, confidence);
    Some(Estimate {
        value: of_sorted(&sorted, p),
        low: ranks.low.map(|r| sorted[r - 1]),
        high: ranks.high.map(|r| sorted[r - 1]),
        n: x.len(),
    })
}

/// The quantile of weighted values: the least one that a share `p` of the weight does not lie above. `None` without weight.
pub fn weighted(values: &[(f64, f64)], p: f64) -> Option<f64> {
    let mut sorted: Vec<(f64, f64)> = values.iter().copied().filter(|v| v.1 > 0.0).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let all = moments::sum(sorted.iter().map(|v| v.1));
    let mut below = 0.0;
    let enough = |v: &&(f64, f64)| {
        below += v.1;
        below >= p * all * (1.0 - 1e-12)
    };
    sorted.iter().find(enough).or(sorted.last()).map(|v| v.0)
}

/// Which order statistics limit a quantile, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// The lower limit's rank; `None`: unbounded below.
    pub low: Option<usize>,
    /// The upper limit's rank; `None`: unbounded above.
    pub high: Option<usize>,
    /// P(low ≤ Bin(n, p) ≤ high-1), the probability that the interval covers.
    pub coverage: f64,
}

/// The ranks of the distribution-free interval with α = 1 - confidence: low is the largest L with P(Bin(n,p) ≤ L-1) ≤ α/2,
/// high the smallest U with P(Bin(n,p) ≥ U) ≤ α/2 (Conover 1999, 3.2).
pub fn ranks(n: usize, p: f64, confidence: f64) -> Ranks {
    let (count, p, tail) = (n as u64, p.clamp(0.0, 1.0), normal::tail(confidence));
    // the last L that holds is one before the first that does not
    let low = binomial::first_true(1, count + 1, |l| binomial::cdf(l - 1, count, p) > tail) - 1;
    let high = binomial::first_true(1, count + 1, |u| binomial::at_least(u, count, p) <= tail);
    let below = if low == 0 {
        0.0
    } else {
        binomial::cdf(low - 1, count, p)
    };
    Ranks {
        low: (low >= 1).then_some(low as usize),
        high: (high <= count).then_some(high as usize),
        coverage: 1.0 - below - binomial::at_least(high, count, p),
    }
}

/// The fewest values that give quantile `p` an upper limit: the smallest n with pⁿ ≤ α/2, so P95 at 95 % takes 72.
/// `None` for p outside 0..1.
pub fn cases_for_upper_limit(p: f64, confidence: f64) -> Option<usize> {
    (p > 0.0 && p < 1.0).then(|| (normal::tail(confidence).ln() / p.ln()).ceil() as usize)
}

/// The largest quantile that `n` values can bound from above: (α/2)^{1/n}; 0 for none.
pub fn largest_bounded(n: usize, confidence: f64) -> f64 {
    if n == 0 {
        return 0.0;
    }
    normal::tail(confidence).powf(1.0 / n as f64)
}

/// The Harrell-Davis quantile (1982), a beta-weighted mean of all order statistics, with its jackknife standard error;
/// better than type 7 for a median, not for tails. `None` below two values or for p outside 0..1.
pub fn harrell_davis(x: &[f64], p: f64) -> Option<(f64, f64)> {
    let n = x.len();
    if n < 2 || p <= 0.0 || p >= 1.0 {
        return None;
    }
    let sorted = ascending(x);
    let weights = |m: usize| -> Vec<f64> {
        let (a, b) = ((m + 1) as f64 * p, (m + 1) as f64 * (1.0 - p));
        let up_to: Vec<f64> = (0..=m)
            .map(|i| beta::cdf(i as f64 / m as f64, a, b))
            .collect();
        up_to.windows(2).map(|w| w[1] - w[0]).collect()
    };
    let dot = |w: &[f64], values: &mut dyn Iterator<Item = f64>| {
        moments::sum(w.iter().zip(values).map(|(w, v)| w * v))
    };
    let whole = dot(&weights(n), &mut sorted.iter().copied());
    let fewer = weights(n - 1);
    let left_out: Vec<f64> = (0..n)
        .map(|skip| {
            let mut rest = sorted
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != skip)
                .map(|(_, v)| *v);
            dot(&fewer, &mut rest)
        })
        .collect();
    let spread = moments::variance(&left_out)? * (n - 1) as f64;
    Some((whole, ((n - 1) as f64 / n as f64 * spread).sqrt()))
}

/// How quantile `p` differs between two paired samples (latencies on the same cases), first minus second, with the
/// percentile interval of a paired bootstrap of 10,000 resamples (1,000 above 10,000 pairs). Rough in the tails: below
/// [`cases_for_upper_limit`] pairs there is no interval. `None` for no pairs or unequal lengths.
pub fn paired_change(a: &[f64], b: &[f64], p: f64, confidence: f64, seed: u64) -> Option<Estimate> {
    let n = a.len();
    if n == 0 || n != b.len() {
        return None;
    }
    let value = of_sorted(&ascending(a), p) - of_sorted(&ascending(b), p);
    let enough = [p, 1.0 - p].map(|p| cases_for_upper_limit(p, confidence));
    if enough
        .iter()
        .any(|needed| needed.is_none_or(|needed| n < needed))
    {
        return Some(Estimate::new(value, None, n));
    }
    let resamples = if n > LARGE { 1_000 } else { RESAMPLES };
    let mut changes = replicates(resamples, seed, |draw| {
        let (mut x, mut y) = (Vec::with_capacity(n), Vec::with_capacity(n));
        draw.indices(n, n, |indices| {
            x.extend(indices.iter().map(|i| a[*i as usize]));
            y.extend(indices.iter().map(|i| b[*i as usize]));
        });
        of_unsorted(&mut x, p) - of_unsorted(&mut y, p)
    });
    changes.sort_unstable_by(f64::total_cmp);
    let tail = normal::tail(confidence);
    let limits = (of_sorted(&changes, tail), of_sorted(&changes, 1.0 - tail));
    Some(Estimate::new(value, Some(limits), n))
}

/// As [`of_sorted`], by selection.
fn of_unsorted(x: &mut [f64], p: f64) -> f64 {
    let place = p.clamp(0.0, 1.0) * (x.len() - 1) as f64;
    let (_, low, above) = x.select_nth_unstable_by(place.floor() as usize, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    of_sorted(
        &[*low, if next.is_finite() { next } else { *low }],
        place.fract(),
    )
}

fn ascending(x: &[f64]) -> Vec<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_that_an_upper_limit_takes() {
        let of = |p| cases_for_upper_limit(p, 0.95).unwrap();
        assert_eq!((of(0.90), of(0.95), of(0.99)), (36, 72, 368));
        let one_sided = |p| cases_for_upper_limit(p, 0.90).unwrap();
        assert_eq!(
            (one_sided(0.90), one_sided(0.95), one_sided(0.99)),
            (29, 59, 299)
        );
        let x: Vec<f64> = (0..72).map(f64::from).collect();
        assert_eq!(estimate(&x, 0.95, 0.95).unwrap().high, Some(71.0));
        assert_eq!(estimate(&x[..71], 0.95, 0.95).unwrap().high, None);
        assert!(largest_bounded(72, 0.95) >= 0.95 && largest_bounded(71, 0.95) < 0.95);
    }

    #[test]
    fn edges() {
        assert_eq!(estimate(&[], 0.5, 0.95), None);
        let one = estimate(&[3.0], 0.5, 0.95).unwrap();
        assert_eq!((one.value, one.low, one.high), (3.0, None, None));
        assert_eq!(of_sorted(&[1.0, 2.0, f64::INFINITY], 0.5), 2.0);
    }
}
