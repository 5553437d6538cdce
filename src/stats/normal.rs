//! The standard normal distribution.

use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::{PI, SQRT_2};

/// P(Z ≤ x) = erfc(-x/√2)/2, accurate in relative terms in both tails.
pub fn cdf(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// P(Z > x), accurate far out where `1 - cdf(x)` is not.
pub fn sf(x: f64) -> f64 {
    cdf(-x)
}

/// The density at `x`: exp(-x²/2)/√(2π).
pub fn pdf(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// The `x` with P(Z ≤ x) = `p`: -√2·erfc⁻¹(2p) and a Newton step; -∞ for p ≤ 0, ∞ for p ≥ 1.
pub fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        f64::NEG_INFINITY
    } else if p >= 1.0 {
        f64::INFINITY
    } else {
        let x = -SQRT_2 * erfc_inv(2.0 * p);
        // the smaller tail keeps its digits
        let excess = if x < 0.0 {
            cdf(x) - p
        } else {
            (1.0 - p) - sf(x)
        };
        x - excess / pdf(x)
    }
}

/// The z of a two-sided interval: P(|Z| ≤ z) = `confidence`.
pub fn two_sided(confidence: f64) -> f64 {
    -quantile(tail(confidence))
}

/// What a two-sided interval leaves out on each side, kept within 1e-12..=½ so that no limit is infinite.
pub(crate) fn tail(confidence: f64) -> f64 {
    ((1.0 - confidence) / 2.0).clamp(1e-12, 0.5)
}
