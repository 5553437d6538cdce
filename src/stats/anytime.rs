//! Evidence that stays valid however often one looks: e-values and betting. A wealth of 1/α or more rejects at level α at
//! any time.
//!
//! Cases must come in random order, fixed beforehand by a seed.

use super::beta;
use std::f64::consts::LN_2;

/// The log e-value against "a discordant pair falls either way with ½", for "the first is better": a uniform mixture over
/// p in (½, 1), 2^{m+1} ∫ p^{n10}(1-p)^{n01} dp, m = n10+n01.
pub fn sign_one_sided(n10: usize, n01: usize) -> f64 {
    let (a, b) = (n10 as f64 + 1.0, n01 as f64 + 1.0);
    (a + b - 1.0) * LN_2 + beta::ln_beta(a, b) + beta::ln_sf(0.5, a, b)
}

/// The log e-value against the same, for either direction: a Beta(prior, prior) mixture,
/// B(n10+a, n01+a)/B(a, a)·2^m. `prior` > 0.
pub fn sign_two_sided(n10: usize, n01: usize, prior: f64) -> f64 {
    let (a, b) = (n10 as f64, n01 as f64);
    (a + b) * LN_2 + beta::ln_beta(a + prior, b + prior) - beta::ln_beta(prior, prior)
}

/// The p-value that a log e-value stands for at any time: min(1, 1/e).
pub fn p_value(log_e: f64) -> f64 {
    (-log_e).exp().min(1.0)
}

/// A confidence sequence for a rate: {p : B(s+a, f+b)/(B(a,b)·p^s(1-p)^f) < 1/α}, valid at all times together; `prior` =
/// (a, b), both > 0. (0, 1) without cases.
pub fn rate(successes: usize, n: usize, alpha: f64, prior: (f64, f64)) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let s = successes.min(n) as f64;
    let f = n as f64 - s;
    let mixture = beta::ln_beta(s + prior.0, f + prior.1) - beta::ln_beta(prior.0, prior.1);
    let term = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
    let outside = |p: f64| mixture - term(s, p.ln()) - term(f, (-p).ln_1p()) >= -alpha.ln();
    let peak = s / n as f64;
    let edge = |mut inside: f64, mut end: f64| {
        if !outside(end) {
            return end;
        }
        for _ in 0..100 {
            let middle = 0.5 * (inside + end);
            if outside(middle) {
                end = middle;
            } else {
                inside = middle;
            }
        }
        inside
    };
    (edge(peak, 0.0), edge(peak, 1.0))
}

/// Two bets on paired differences in -1..=1: one grows if the mean is above -margin, the other if it is below.
///
/// Waudby-Smith & Ramdas (2023) with plug-in approximate Kelly bets: x = (d+1)/2, m₀ = (1-margin)/2, wealth
/// Π(1+λ_t(x_t-m₀)) with λ_t = (μ̂-m₀)/(σ̂²+(μ̂-m₀)²) from the earlier cases and one pseudo-case (mean ½, variance .05), cut
/// to 0..=.75/m₀, and mirrored for the other with .75/(1-m₀). Exact at any number of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Bets {
    null: f64,
    cases: f64,
    sum: f64,
    squares: f64,
    not_worse: f64,
    worse: f64,
}

impl Bets {
    /// Starts with both wealths at 1. `margin` is kept within 0..1; a NaN is 0.
    pub fn new(margin: f64) -> Self {
        let margin = if margin.is_nan() {
            0.0
        } else {
            margin.clamp(0.0, 0.999)
        };
        Bets {
            null: (1.0 - margin) / 2.0,
            cases: 1.0,
            sum: 0.5,
            squares: 0.05,
            not_worse: 0.0,
            worse: 0.0,
        }
    }

    /// Takes the next difference, cut to -1..=1; a NaN is passed over.
    pub fn see(&mut self, d: f64) {
        if d.is_nan() {
            return;
        }
        let x = (d.clamp(-1.0, 1.0) + 1.0) / 2.0;
        let edge = self.sum / self.cases - self.null;
        let kelly = edge / (self.squares / self.cases + edge * edge);
        let up = kelly.clamp(0.0, 0.75 / self.null);
        let down = (-kelly).clamp(0.0, 0.75 / (1.0 - self.null));
        self.not_worse += (up * (x - self.null)).ln_1p();
        self.worse += (down * (self.null - x)).ln_1p();
        self.cases += 1.0;
        self.sum += x;
        self.squares += (x - self.sum / self.cases).powi(2);
    }

    /// Log wealth against "the mean is -margin or less": large shows not worse.
    pub fn not_worse(&self) -> f64 {
        self.not_worse
    }

    /// Log wealth against "the mean is -margin or more": large shows worse by more than the margin.
    pub fn worse(&self) -> f64 {
        self.worse
    }
}
