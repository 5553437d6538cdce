//! How many cases are enough, and what a number of cases can see.
//!
//! `alpha` is two-sided unless a function says one-sided; `power` is the probability to detect. Both lie in 0..1.

use super::discordance::Pairs;
use super::{Alternative, binomial, chi_squared, normal, student};

/// The discordant rate assumed where no earlier run tells.
pub const ASSUMED_DISCORDANT: f64 = 0.15;

fn z(p: f64) -> f64 {
    normal::quantile(p.clamp(1e-12, 1.0 - 1e-12))
}

/// The smallest difference in pass rate that `n` paired cases detect when a share `psi` of them is discordant:
/// (z_{1-α/2} + z_power)·√(ψ/n), at most 1. A result above `psi` says that no possible difference is detectable.
pub fn mde_paired_binary(n: usize, psi: f64, alpha: f64, power: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    ((z(1.0 - alpha / 2.0) + z(power)) * (psi.clamp(0.0, 1.0) / n as f64).sqrt()).min(1.0)
}

/// Cases to detect a difference `delta` with McNemar's test when a share `psi` is discordant, |δ| ≤ ψ, unrounded
/// (Connor 1987): (z_{1-α/2}√ψ + z_power√(ψ-δ²))²/δ². Infinite for δ = 0.
pub fn cases_paired_binary(psi: f64, delta: f64, alpha: f64, power: f64) -> f64 {
    let spread = (psi - delta * delta).max(0.0).sqrt();
    ((z(1.0 - alpha / 2.0) * psi.sqrt() + z(power) * spread) / delta).powi(2)
}

/// Cases to show "not worse by `margin`" at one-sided `alpha` when the truth is `true_difference` and one case's
/// difference has deviation `sd`, unrounded: ((z_{1-α} + z_power)·sd/(true_difference + margin))².
pub fn cases_not_worse(sd: f64, margin: f64, true_difference: f64, alpha: f64, power: f64) -> f64 {
    ((z(1.0 - alpha) + z(power)) * sd / (true_difference + margin)).powi(2)
}

/// How many cases in all would decide a difference that `n` cases left open, at one-sided `alpha`: planned from the
/// spread of one case's difference and the margin, never from the difference seen. The truth is assumed to be 0; if
/// that plan asks for no more than the `n` there are, half-way to the margin (four times as many), and so on. Below 30
/// cases the spread is taken at its upper 80 % limit, sd·√((n-1)/χ²_{.2,n-1}). `None` without spread, margin or two cases.
pub fn need(n: usize, sd: f64, margin: f64, alpha: f64, power: f64) -> Option<usize> {
    if n < 2 || !sd.is_finite() || sd <= 0.0 || margin.is_nan() || margin <= 0.0 {
        return None;
    }
    let df = (n - 1) as f64;
    let sd = if n < 30 {
        sd * (df / chi_squared::quantile(0.2, df)).sqrt()
    } else {
        sd
    };
    let mut total = cases_not_worse(sd, margin, 0.0, alpha, power)
        .ceil()
        .max(1.0);
    while total <= n as f64 {
        total *= 4.0;
    }
    Some(total as usize)
}

/// The power of a t test with noncentrality `shift` and `df` degrees of freedom.
fn t_power(shift: f64, df: f64, alpha: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::Greater => {
            1.0 - student::noncentral_cdf(student::quantile(1.0 - alpha, df), df, shift)
        }
        Alternative::Less => student::noncentral_cdf(student::quantile(alpha, df), df, shift),
        Alternative::TwoSided => {
            let t = student::two_sided(1.0 - alpha, df);
            1.0 - student::noncentral_cdf(t, df, shift) + student::noncentral_cdf(-t, df, shift)
        }
    }
}

/// The power of the paired t test with `n` cases (n > 1, whole or not) at a standardised effect (mean/deviation of the
/// differences).
pub fn paired_t(n: f64, effect: f64, alpha: f64, alternative: Alternative) -> f64 {
    t_power(effect * n.sqrt(), n - 1.0, alpha, alternative)
}

/// Cases for the two-sided paired t test to reach `power` at a standardised effect, unrounded, at least 2. `None` for no effect
/// or beyond a thousand million cases.
pub fn cases_paired_t(effect: f64, power: f64, alpha: f64) -> Option<f64> {
    solve(2.0, 1e9, power, |n| {
        paired_t(n, effect.abs(), alpha, Alternative::TwoSided)
    })
}

/// The smallest mean difference that the two-sided paired t test detects with `n` ≥ 2 cases whose differences have
/// deviation `sd`.
pub fn mde_paired_t(n: usize, power: f64, alpha: f64, sd: f64) -> Option<f64> {
    let effect = solve(0.0, 1e6, power, |effect| {
        paired_t(n as f64, effect, alpha, Alternative::TwoSided)
    });
    effect.filter(|_| n >= 2).map(|e| e * sd)
}

/// The smallest difference of means that the two-sided t test detects with `n` ≥ 2 unpaired cases a side, both of
/// deviation `sd`.
pub fn mde_two_sample_t(n: usize, power: f64, alpha: f64, sd: f64) -> Option<f64> {
    let n = n as f64;
    let effect = solve(0.0, 1e6, power, |effect| {
        let shift = effect * (n / 2.0).sqrt();
        t_power(shift, 2.0 * n - 2.0, alpha, Alternative::TwoSided)
    });
    effect.filter(|_| n >= 2.0).map(|e| e * sd)
}

/// Where a rising function reaches `goal`, by bisection in doubling brackets from `low`; `None` if not below `limit`.
fn solve(mut low: f64, limit: f64, goal: f64, rising: impl Fn(f64) -> f64) -> Option<f64> {
    let mut high = low.max(1.0);
    while rising(high) < goal {
        low = high;
        high *= 2.0;
        if high > limit {
            return None;
        }
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if rising(middle) < goal {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(0.5 * (low + high))
}

/// The variance of one case's difference with repeats: ω² + σ_a²/K_a + σ_b²/K_b (Miller 2024), ω² the variance over cases
/// of the true difference, σ² the variances of repeats.
pub fn difference_variance(
    omega2: f64,
    (sigma2_a, k_a): (f64, f64),
    (sigma2_b, k_b): (f64, f64),
) -> f64 {
    omega2 + sigma2_a / k_a + sigma2_b / k_b
}

/// Cases to detect a mean difference `delta` when one case's difference has this `variance`, unrounded:
/// (z_{1-α/2}+z_power)²·variance/δ² (Miller 2024).
pub fn cases(variance: f64, delta: f64, alpha: f64, power: f64) -> f64 {
    (z(1.0 - alpha / 2.0) + z(power)).powi(2) * variance / (delta * delta)
}

/// The smallest mean difference that `n` cases detect when one case's difference has this `variance`:
/// (z_{1-α/2}+z_power)·√(variance/n).
pub fn mde(variance: f64, n: usize, alpha: f64, power: f64) -> f64 {
    (z(1.0 - alpha / 2.0) + z(power)) * (variance / n as f64).sqrt()
}

/// The exact power of McNemar's test, by summing over all tables: (exact test, mid-p test). `p10` and `p01` are the
/// probabilities of the discordant cells. Work grows with the square of `n`.
pub fn mcnemar_exact(n: usize, p10: f64, p01: f64, alpha: f64) -> (f64, f64) {
    let psi = p10 + p01;
    if psi <= 0.0 {
        return (0.0, 0.0);
    }
    let (mut exact, mut mid_p) = (0.0, 0.0);
    for m in 0..=n {
        let weight = binomial::pmf(m as u64, n as u64, psi);
        for b in 0..=m {
            let pairs = Pairs {
                n10: b,
                n01: m - b,
                ..Pairs::default()
            };
            let chance = weight * binomial::pmf(b as u64, m as u64, p10 / psi);
            exact += if pairs.exact() <= alpha { chance } else { 0.0 };
            mid_p += if pairs.mid_p() <= alpha { chance } else { 0.0 };
        }
    }
    (exact, mid_p)
}
