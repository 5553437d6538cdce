//! A judge's pass rate corrected by its known errors, where these were measured on other cases than the run's.
//!
//! Valid when the share of passes differs between the two; much wider than [`super::ppi`], which is the better choice where
//! the labelled cases are a random part of the run.

use super::{Estimate, normal};

/// What is known of a judge from labelled cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judge {
    /// q₀: the share of true fails that it fails.
    pub specificity: f64,
    /// How many true fails that rests on.
    pub negatives: usize,
    /// q₁: the share of true passes that it passes.
    pub sensitivity: f64,
    /// How many true passes that rests on.
    pub positives: usize,
}

/// A corrected pass rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// (p+q₀-1)/(q₀+q₁-1) as it comes out, which may lie outside 0..=1.
    pub raw: f64,
    /// Its standard error by the delta method.
    pub error: f64,
    /// The rate within 0..=1 and its interval.
    pub estimate: Estimate,
}

/// A judge below this q₀+q₁-1 is hardly better than a coin: its correction would be noise, and is refused.
pub const LEAST_SKILL: f64 = 0.1;

impl Judge {
    /// Rogan & Gladen's rate (1978) behind the judge's pass rate `p` over `n` cases, with the smoothed interval of Lee et
    /// al. 2025 (arXiv 2511.21140): p̃ = (np+z²/2)/(n+z²), q̃ = (mq+1)/(m+2), then
    /// θ̃ + 2z²(-(1-θ̃)q̃₀(1-q̃₀)/m̃₀ + θ̃q̃₁(1-q̃₁)/m̃₁) ± z·SE. `None` where a rate is not within 0..=1, nothing was
    /// counted, or q₀+q₁ ≤ 1.1.
    pub fn correct(&self, p: f64, n: usize, confidence: f64) -> Option<Corrected> {
        let (q0, q1) = (self.specificity, self.sensitivity);
        let rates = [p, q0, q1].iter().all(|r| (0.0..=1.0).contains(r));
        let counted = n > 0 && self.negatives > 0 && self.positives > 0;
        if !rates || !counted || q0 + q1 - 1.0 <= LEAST_SKILL + 1e-12 {
            return None;
        }
        let plain = Parts {
            p: (p, n as f64),
            q0: (q0, self.negatives as f64),
            q1: (q1, self.positives as f64),
        };
        let z2 = normal::two_sided(confidence).powi(2);
        let smooth = |(q, m): (f64, f64)| ((m * q + 1.0) / (m + 2.0), m + 2.0);
        let smoothed = Parts {
            p: ((n as f64 * p + z2 / 2.0) / (n as f64 + z2), n as f64 + z2),
            q0: smooth(plain.q0),
            q1: smooth(plain.q1),
        };
        let theta = smoothed.rate();
        let shift = 2.0 * z2 * (-(1.0 - theta) * spread(smoothed.q0) + theta * spread(smoothed.q1));
        let (centre, half) = (theta + shift, z2.sqrt() * smoothed.error());
        let unit = |v: f64| v.clamp(0.0, 1.0);
        let raw = plain.rate();
        Some(Corrected {
            raw,
            error: plain.error(),
            estimate: Estimate::new(
                unit(raw),
                Some((unit(centre - half), unit(centre + half))),
                n,
            ),
        })
    }
}

/// The three rates, each with how many cases it rests on.
struct Parts {
    p: (f64, f64),
    q0: (f64, f64),
    q1: (f64, f64),
}

impl Parts {
    fn rate(&self) -> f64 {
        (self.p.0 + self.q0.0 - 1.0) / (self.q0.0 + self.q1.0 - 1.0)
    }

    fn error(&self) -> f64 {
        let theta = self.rate();
        let square = spread(self.p)
            + (1.0 - theta).powi(2) * spread(self.q0)
            + theta.powi(2) * spread(self.q1);
        square.sqrt() / (self.q0.0 + self.q1.0 - 1.0)
    }
}

fn spread((q, m): (f64, f64)) -> f64 {
    q * (1.0 - q) / m
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGE: Judge = Judge {
        specificity: 0.9,
        negatives: 100,
        sensitivity: 0.9,
        positives: 100,
    };

    #[test]
    fn known_errors_are_undone() {
        // .7·.9 + .3·.1 = .66
        let found = JUDGE.correct(0.66, 500, 0.95).unwrap();
        assert!((found.raw - 0.7).abs() < 1e-12);
        let (low, high) = (found.estimate.low.unwrap(), found.estimate.high.unwrap());
        assert!(low < 0.7 && 0.7 < high && high - low < 0.2);
    }

    #[test]
    fn a_coin_is_no_judge() {
        let coin = Judge {
            specificity: 0.6,
            sensitivity: 0.5,
            ..JUDGE
        };
        assert_eq!(coin.correct(0.5, 100, 0.95), None);
        assert_eq!(JUDGE.correct(0.5, 0, 0.95), None);
        assert_eq!(JUDGE.correct(f64::NAN, 10, 0.95), None);
    }
}
