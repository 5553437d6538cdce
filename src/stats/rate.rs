//! The rate behind `successes` of `n` independent cases, with its interval.
//!
//! Every interval lies in 0..=1. Without a case nothing is known and the interval is (0, 1); more successes than cases
//! count as all.

use super::{beta, normal};

/// The Wilson score interval (Wilson 1927), our default: centre (p̂ + z²/2n)/(1+z²/n), half-width
/// z/(1+z²/n)·√(p̂(1-p̂)/n + z²/4n²).
pub fn wilson(successes: usize, n: usize, confidence: f64) -> (f64, f64) {
    let Some((k, n)) = counts(successes, n) else {
        return (0.0, 1.0);
    };
    let z = normal::two_sided(confidence);
    let p = k / n;
    let scale = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / scale;
    let half = z / scale * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let low = if k == 0.0 { 0.0 } else { centre - half };
    let high = if k == n { 1.0 } else { centre + half };
    (low.max(0.0), high.min(1.0))
}

/// The Clopper-Pearson interval (1934): never covers less than `confidence`. Beta quantiles, exactly 0 at k = 0 and 1 at
/// k = n.
pub fn clopper_pearson(successes: usize, n: usize, confidence: f64) -> (f64, f64) {
    let Some((k, n)) = counts(successes, n) else {
        return (0.0, 1.0);
    };
    let tail = normal::tail(confidence);
    let low = if k == 0.0 {
        0.0
    } else {
        beta::quantile(tail, k, n - k + 1.0)
    };
    let high = if k == n {
        1.0
    } else {
        beta::quantile(1.0 - tail, k + 1.0, n - k)
    };
    (low, high)
}

/// The Agresti-Coull interval (1998): the normal interval after adding z²/2 successes and z²/2 failures, cut to 0..=1.
pub fn agresti_coull(successes: usize, n: usize, confidence: f64) -> (f64, f64) {
    let Some((k, n)) = counts(successes, n) else {
        return (0.0, 1.0);
    };
    let z = normal::two_sided(confidence);
    let more = n + z * z;
    let p = (k + z * z / 2.0) / more;
    let half = z * (p * (1.0 - p) / more).sqrt();
    ((p - half).max(0.0), (p + half).min(1.0))
}

/// The Jeffreys interval: equal-tailed limits of Beta(k+½, n-k+½), not set to 0 or 1 at the ends.
pub fn jeffreys(successes: usize, n: usize, confidence: f64) -> (f64, f64) {
    posterior(successes, n, 0.5, 0.5, confidence).1
}

/// The posterior Beta(k+a, n-k+b): its mean and equal-tailed interval, for "how probable is a rate above x" sentences.
/// `a`, `b` > 0 are the prior's counts; 1, 1 is the uniform prior.
pub fn posterior(successes: usize, n: usize, a: f64, b: f64, confidence: f64) -> (f64, (f64, f64)) {
    let (a, b) = posterior_counts(successes, n, a, b);
    let tail = normal::tail(confidence);
    (
        a / (a + b),
        (beta::quantile(tail, a, b), beta::quantile(1.0 - tail, a, b)),
    )
}

/// P(low < rate < high) under the posterior Beta(k+a, n-k+b).
pub fn probability_between(
    successes: usize,
    n: usize,
    (low, high): (f64, f64),
    a: f64,
    b: f64,
) -> f64 {
    let (a, b) = posterior_counts(successes, n, a, b);
    beta::cdf(high, a, b) - beta::cdf(low, a, b)
}

/// Cases for a normal interval of ±`half_width` around a rate near `p`: z²p(1-p)/half_width², unrounded.
pub fn cases_for_half_width(p: f64, half_width: f64, alpha: f64) -> f64 {
    let z = normal::two_sided(1.0 - alpha);
    z * z * p * (1.0 - p) / (half_width * half_width)
}

fn counts(successes: usize, n: usize) -> Option<(f64, f64)> {
    (n > 0).then(|| (successes.min(n) as f64, n as f64))
}

fn posterior_counts(successes: usize, n: usize, a: f64, b: f64) -> (f64, f64) {
    let k = successes.min(n);
    (k as f64 + a, (n - k) as f64 + b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::binomial;

    /// Mean coverage over rates .50..=.99, by enumeration.
    fn coverage(
        interval: impl Fn(usize, usize, f64) -> (f64, f64),
        n: usize,
        from_p: f64,
    ) -> (f64, f64) {
        let limits: Vec<_> = (0..=n).map(|k| interval(k, n, 0.95)).collect();
        let rates: Vec<f64> = (0..99)
            .map(|i| from_p + (0.99 - from_p) * f64::from(i) / 98.0)
            .collect();
        let each: Vec<f64> = rates
            .iter()
            .map(|&p| {
                (0..=n)
                    .filter(|&k| limits[k].0 <= p && p <= limits[k].1)
                    .map(|k| binomial::pmf(k as u64, n as u64, p))
                    .sum()
            })
            .collect();
        let worst = each.iter().copied().fold(1.0, f64::min);
        (each.iter().sum::<f64>() / each.len() as f64, worst)
    }

    #[test]
    fn wilson_covers_on_average() {
        for n in [50, 100, 200] {
            let (mean, worst) = coverage(wilson, n, 0.5);
            assert!((mean - 0.95).abs() < 0.006, "n={n}: {mean}");
            assert!(worst > 0.90, "n={n}: {worst}");
        }
    }

    #[test]
    fn clopper_pearson_always_covers() {
        for n in [5, 50, 200] {
            let (_, worst) = coverage(clopper_pearson, n, 0.01);
            assert!(worst >= 0.95, "n={n}: {worst}");
        }
    }

    #[test]
    fn bad_counts_are_bounded() {
        assert_eq!(wilson(0, 0, 0.95), (0.0, 1.0));
        assert_eq!(wilson(9, 5, 0.95), wilson(5, 5, 0.95));
        assert_eq!(clopper_pearson(3, 3, 0.95).1, 1.0);
        let (low, high) = wilson(3, 10, 1.0);
        assert!(low.is_finite() && high.is_finite() && low >= 0.0 && high <= 1.0);
    }
}
