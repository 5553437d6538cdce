//! The studentised range: what Tukey's simultaneous comparisons of equal groups use.

use super::normal;
use statrs::function::gamma::ln_gamma;

/// The `q` with P((max - min of `k` standard normals)/s ≤ q) = `p`, s² an independent χ²/df: k∫φ(z)(Φ(z)-Φ(z-qs))^{k-1}dz
/// averaged over s, by Simpson's rule and bisection, good to about 1e-7. `df` may be infinite. NaN for k < 2, df < 1 or p
/// outside 0..1.
pub fn quantile(p: f64, k: usize, df: f64) -> f64 {
    if k < 2 || df.is_nan() || df < 1.0 || p.is_nan() || p <= 0.0 || p >= 1.0 {
        return f64::NAN;
    }
    let scales = scales(df);
    let below = |q: f64| -> f64 {
        scales
            .iter()
            .map(|(s, mass)| mass * normal_range(q * s, k))
            .sum()
    };
    let (mut low, mut high) = (0.0, 4.0);
    while below(high) < p && high < 1e6 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if below(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-9 * high {
            break;
        }
    }
    0.5 * (low + high)
}

/// P(range of k standard normals ≤ w).
fn normal_range(w: f64, k: usize) -> f64 {
    let power = k as i32 - 1;
    let density = |z: f64| normal::pdf(z) * (normal::cdf(z) - normal::cdf(z - w)).powi(power);
    (k as f64 * simpson(-8.5, 8.5, 160, density)).min(1.0)
}

/// The values of s = √(χ²/df) with their masses.
fn scales(df: f64) -> Vec<(f64, f64)> {
    if df > 1e6 {
        return vec![(1.0, 1.0)];
    }
    let reach = 10.0 / (2.0 * df).sqrt();
    let (from, to) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let ln_norm = 2.0_f64.ln() + df / 2.0 * (df / 2.0).ln() - ln_gamma(df / 2.0);
    // few degrees of freedom spread s widely
    let intervals = match df {
        df if df < 3.0 => 1_000,
        df if df < 20.0 => 400,
        _ => 160,
    };
    let width = (to - from) / f64::from(intervals);
    let mass = |i: i32| {
        let s = from + width * f64::from(i);
        let power = if df == 1.0 { 0.0 } else { (df - 1.0) * s.ln() };
        let density = (ln_norm + power - df * s * s / 2.0).exp();
        (s, density * width / 3.0 * weight(i, intervals))
    };
    (0..=intervals).map(mass).collect()
}

fn weight(i: i32, intervals: i32) -> f64 {
    match i {
        _ if i == 0 || i == intervals => 1.0,
        _ if i % 2 == 1 => 4.0,
        _ => 2.0,
    }
}

fn simpson(from: f64, to: f64, intervals: i32, f: impl Fn(f64) -> f64) -> f64 {
    let width = (to - from) / f64::from(intervals);
    let at = |i: i32| weight(i, intervals) * f(from + width * f64::from(i));
    (0..=intervals).map(at).sum::<f64>() * width / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student;

    #[test]
    fn two_groups_are_student_s_t() {
        for df in [1.0, 30.0] {
            let t = student::two_sided(0.95, df) * 2.0_f64.sqrt();
            let q = quantile(0.95, 2, df);
            assert!((q / t - 1.0).abs() < 1e-5, "{df}: {q} {t}");
        }
    }

    #[test]
    fn as_in_the_printed_tables() {
        assert!((quantile(0.95, 3, f64::INFINITY) - 3.314).abs() < 1e-3);
        assert!(quantile(0.95, 1, 10.0).is_nan() && quantile(1.5, 3, 10.0).is_nan());
    }
}
