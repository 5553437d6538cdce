//! Student's t distribution, central and (for power) noncentral. Degrees of freedom may be any positive number.

use super::{beta, normal};
use statrs::function::gamma::ln_gamma;

/// P(T ≤ x) with `df` degrees of freedom; normal for infinite `df`, NaN unless `df` > 0.
pub fn cdf(x: f64, df: f64) -> f64 {
    sf(-x, df)
}

/// P(T > x) = ½ I(df/(df+x²); df/2, ½) for x ≥ 0, accurate in relative terms far out.
pub fn sf(x: f64, df: f64) -> f64 {
    if df == f64::INFINITY {
        return normal::sf(x);
    }
    let square = x * x;
    let far = if square.is_finite() {
        beta::tails(df / (df + square), square / (df + square), df / 2.0, 0.5).0 / 2.0
    } else {
        0.0
    };
    if x >= 0.0 { far } else { 1.0 - far }
}

/// The `x` with P(T ≤ x) = `p`: Newton steps on the tail, kept inside a bracket. ∓∞ at p = 0 and 1, NaN unless `df` > 0.
pub fn quantile(p: f64, df: f64) -> f64 {
    if p.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if df == f64::INFINITY || p <= 0.0 || p >= 1.0 {
        return normal::quantile(p);
    }
    if p > 0.5 {
        return upper(1.0 - p, df);
    }
    -upper(p, df)
}

/// The `x` ≥ 0 with P(T > x) = `p`, 0 < p ≤ ½.
fn upper(p: f64, df: f64) -> f64 {
    let ln_norm = 0.5 * df.ln() + beta::ln_beta(df / 2.0, 0.5);
    let mut low = 0.0;
    let mut high = normal::quantile(1.0 - p).max(1.0);
    while sf(high, df) > p && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    let mut x = low;
    for _ in 0..400 {
        let excess = sf(x, df) - p;
        if excess > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = (-(df + 1.0) / 2.0 * (x * x / df).ln_1p() - ln_norm).exp();
        let newton = x + excess / density;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 4.0 * f64::EPSILON * x {
            return next;
        }
        x = next;
    }
    x
}

/// The t of a two-sided interval: P(|T| ≤ t) = `confidence`.
pub fn two_sided(confidence: f64, df: f64) -> f64 {
    -quantile(normal::tail(confidence), df)
}

/// P(T ≤ x) where T = (Z + shift)/√(χ²/df): ∫ Φ(x·s - shift) dP(s) over s = √(χ²/df), by Simpson's rule with 2,000
/// steps over ten standard deviations of s, good to about 1e-12 for
/// `df` ≥ 1; NaN below.
pub fn noncentral_cdf(x: f64, df: f64, shift: f64) -> f64 {
    if df.is_nan() || df < 1.0 {
        return f64::NAN;
    }
    let reach = 10.0 / (2.0 * df).sqrt();
    let (from, to) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let ln_norm = 2.0_f64.ln() + df / 2.0 * (df / 2.0).ln() - ln_gamma(df / 2.0);
    let steps = 2_000;
    let width = (to - from) / f64::from(steps);
    let at = |i: i32| {
        let s = from + width * f64::from(i);
        let power = if df == 1.0 { 0.0 } else { (df - 1.0) * s.ln() };
        (ln_norm + power - df * s * s / 2.0).exp() * normal::cdf(x * s - shift)
    };
    let inner: f64 = (1..steps)
        .map(|i| at(i) * if i % 2 == 1 { 4.0 } else { 2.0 })
        .sum();
    ((at(0) + inner + at(steps)) * width / 3.0).clamp(0.0, 1.0)
}
