//! The beta distribution, whose incomplete integral also carries Student, binomial and F probabilities.
//!
//! Ours rather than the crate's because that one stops after 140 terms, too few for tens of thousands of cases.

use statrs::function::gamma::ln_gamma;

/// ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a+b), for a, b > 0.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// P(X ≤ x) for X ~ Beta(a, b); 0 below 0, 1 above 1, NaN unless a, b > 0.
pub fn cdf(x: f64, a: f64, b: f64) -> f64 {
    tails(x, 1.0 - x, a, b).0
}

/// P(X > x) for X ~ Beta(a, b), without cancellation near 1.
pub fn sf(x: f64, a: f64, b: f64) -> f64 {
    tails(x, 1.0 - x, a, b).1
}

/// ln P(X > x) for X ~ Beta(a, b), finite where the probability itself is too small for a number.
pub fn ln_sf(x: f64, a: f64, b: f64) -> f64 {
    let above = sf(x, a, b);
    if above == 0.0 && x < 1.0 {
        ln_front(x, 1.0 - x, a, b) + (continued_fraction(1.0 - x, b, a) / b).ln()
    } else {
        above.ln()
    }
}

/// Both tails at `x`, given `y` = 1 - x: the regularised incomplete beta integral by its continued fraction
/// (DLMF 8.17.22) on the side where that converges fast.
pub(crate) fn tails(x: f64, y: f64, a: f64, b: f64) -> (f64, f64) {
    if !(a > 0.0 && b > 0.0) || x.is_nan() {
        return (f64::NAN, f64::NAN);
    }
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let front = ln_front(x, y, a, b).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        let low = (front * continued_fraction(x, a, b) / a).min(1.0);
        (low, 1.0 - low)
    } else {
        let high = (front * continued_fraction(y, b, a) / b).min(1.0);
        (1.0 - high, high)
    }
}

/// ln(xᵃyᵇ/B(a, b)).
fn ln_front(x: f64, y: f64, a: f64, b: f64) -> f64 {
    a * x.ln() + b * y.ln() - ln_beta(a, b)
}

/// 1/(1+ d₁/(1+ d₂/(1+ …))) by the modified Lentz method.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            value *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 || value.is_nan() {
            break;
        }
    }
    value
}

/// The `x` with P(X ≤ x) = `p` for X ~ Beta(a, b): Newton steps kept inside a shrinking bracket. 0 for p ≤ 0, 1 for p ≥ 1,
/// NaN unless a, b > 0.
pub fn quantile(p: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0) || p.is_nan() {
        return f64::NAN;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let ln_norm = ln_beta(a, b);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..400 {
        let (below, above) = tails(x, 1.0 - x, a, b);
        let excess = if p < 0.5 {
            below - p
        } else {
            (1.0 - p) - above
        };
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_norm).exp();
        let newton = x - excess / density;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 1e-16 + 4.0 * f64::EPSILON * x || next == low && next == high {
            return next;
        }
        x = next;
    }
    x
}
