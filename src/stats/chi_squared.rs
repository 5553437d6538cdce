//! The χ² and F distributions, as upper tails.

use super::{beta, normal};
use statrs::function::gamma::gamma_ur;

/// P(X > x) for X ~ χ² with `df` > 0 degrees of freedom; NaN otherwise. Beyond a million degrees of freedom the cube root is
/// taken as normal (Wilson & Hilferty 1931), which is good to six digits there and ends in one step.
pub fn sf(x: f64, df: f64) -> f64 {
    if x.is_nan() || df.is_nan() || df <= 0.0 {
        f64::NAN
    } else if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else if df > 1e6 {
        let spread = 2.0 / (9.0 * df);
        normal::sf(((x / df).cbrt() - (1.0 - spread)) / spread.sqrt())
    } else if df < 1e-6 || x < 1e-300 {
        // nearly all mass at 0, or nearly none below x
        if df < 1e-6 { 0.0 } else { 1.0 }
    } else {
        gamma_ur(df / 2.0, x / 2.0)
    }
}

/// The `x` with P(X ≤ x) = `p` for X ~ χ² with `df` > 0 degrees of freedom, by bisection; NaN unless `df` and `p` are
/// numbers, `df` > 0.
pub fn quantile(p: f64, df: f64) -> f64 {
    if p.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let mut low = 0.0;
    let mut high = df.max(1.0);
    while sf(high, df) > 1.0 - p && high < f64::MAX / 4.0 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if sf(middle, df) > 1.0 - p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// P(X > x) for X ~ F with `df1` and `df2` degrees of freedom: I(df2/(df2+df1·x); df2/2, df1/2).
pub fn f_sf(x: f64, df1: f64, df2: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let whole = df1 * x + df2;
    beta::tails(df2 / whole, df1 * x / whole, df2 / 2.0, df1 / 2.0).0
}
