//! The binomial distribution and its exact test.

use super::{Alternative, beta};
use statrs::function::gamma::ln_gamma;

/// ln C(n, k), for k ≤ n.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

/// P(X = k) for X ~ Bin(n, p), 0 ≤ p ≤ 1, in log space; 0 for k > n.
pub fn pmf(k: u64, n: u64, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    let (hits, misses) = (k as f64, (n - k) as f64);
    // 0·ln 0 = 0
    let log = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
    (ln_choose(n, k) + log(hits, p.ln()) + log(misses, (-p).ln_1p())).exp()
}

/// P(X ≤ k) for X ~ Bin(n, p) = I(1-p; n-k, k+1).
pub fn cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta::tails(1.0 - p, p, (n - k) as f64, k as f64 + 1.0).0
}

/// P(X ≥ k) for X ~ Bin(n, p) = I(p; k, n-k+1).
pub fn at_least(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if k > n {
        return 0.0;
    }
    beta::tails(p, 1.0 - p, k as f64, (n - k) as f64 + 1.0).0
}

/// Exact test of `successes` of `n` against the rate `p0`. Two-sided: the sum over all outcomes no more probable than
/// the one seen (within a relative 1e-7, so that ties count). 1 for n = 0.
pub fn test(successes: u64, n: u64, p0: f64, alternative: Alternative) -> f64 {
    let k = successes.min(n);
    match alternative {
        Alternative::Less => cdf(k, n, p0),
        Alternative::Greater => at_least(k, n, p0),
        Alternative::TwoSided => two_sided(k, n, p0),
    }
}

/// The outcomes that are no more probable lie in two tails, each found by bisection since the mass has a single peak.
fn two_sided(k: u64, n: u64, p0: f64) -> f64 {
    let limit = pmf(k, n, p0) * (1.0 + 1e-7);
    let peak = (((n + 1) as f64 * p0).floor() as u64).min(n);
    if k == peak {
        return 1.0;
    }
    let rare = |i: u64| pmf(i, n, p0) <= limit;
    if k < peak {
        let first = first_true(peak, n + 1, rare);
        (cdf(k, n, p0) + at_least(first, n, p0)).min(1.0)
    } else {
        // mirrored: i counts down from the peak
        let last = first_true(0, peak + 1, |i| rare(peak - i));
        let low = if last > peak {
            0.0
        } else {
            cdf(peak - last, n, p0)
        };
        (low + at_least(k, n, p0)).min(1.0)
    }
}

/// The first index in from..to where a condition that stays true becomes true; `to` if it never does.
pub(crate) fn first_true(mut from: u64, mut to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}
