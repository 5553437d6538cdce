//! Two pass/fail results on the same cases: a 2×2 table of pairs, where only the discordant ones speak.
//!
//! The difference is the first's rate minus the second's. A table without pairs gives (-1, 1) and p-values of 1.

use super::{beta, binomial, chi_squared, cluster, normal, rate};

/// How many pairs passed on both sides, on one, on neither.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Both pass.
    pub n11: usize,
    /// The first passes, the second fails.
    pub n10: usize,
    /// The first fails, the second passes.
    pub n01: usize,
    /// Both fail.
    pub n00: usize,
}

impl Pairs {
    /// Counts the pairs of two results in the same order; what is longer is cut.
    pub fn count(
        first: impl IntoIterator<Item = bool>,
        second: impl IntoIterator<Item = bool>,
    ) -> Self {
        let mut pairs = Pairs::default();
        for both in first.into_iter().zip(second) {
            match both {
                (true, true) => pairs.n11 += 1,
                (true, false) => pairs.n10 += 1,
                (false, true) => pairs.n01 += 1,
                (false, false) => pairs.n00 += 1,
            }
        }
        pairs
    }

    /// All pairs.
    pub fn n(&self) -> usize {
        self.n11 + self.n10 + self.n01 + self.n00
    }

    /// The difference of the two rates, (n10-n01)/n; 0 without pairs.
    pub fn difference(&self) -> f64 {
        (self.n10 as f64 - self.n01 as f64) / self.n().max(1) as f64
    }

    fn discordant(&self) -> (u64, u64) {
        (self.n10 as u64, self.n01 as u64)
    }

    /// McNemar's exact p: min(1, 2P(X ≤ min(n10, n01))), X ~ Bin(n10+n01, ½).
    pub fn exact(&self) -> f64 {
        let (b, c) = self.discordant();
        (2.0 * binomial::cdf(b.min(c), b + c, 0.5)).min(1.0)
    }

    /// McNemar's exact p against "the first is better" only: P(X ≥ n10).
    pub fn exact_greater(&self) -> f64 {
        let (b, c) = self.discordant();
        binomial::at_least(b, b + c, 0.5)
    }

    /// McNemar's mid-p, our default: 2P(X < min) + P(X = min); 1 when n10 = n01 (Fagerland, Lydersen & Laake 2013).
    pub fn mid_p(&self) -> f64 {
        let (b, c) = self.discordant();
        if b == c {
            return 1.0;
        }
        (2.0 * binomial::cdf(b.min(c), b + c, 0.5) - binomial::pmf(b.min(c), b + c, 0.5)).min(1.0)
    }

    /// McNemar's χ² = (n10-n01)²/(n10+n01) with its p, plain and continuity-corrected (|n10-n01|-1)²; fit above 25
    /// discordant pairs. `None` without any.
    pub fn asymptotic(&self) -> Option<Asymptotic> {
        let (b, c) = (self.n10 as f64, self.n01 as f64);
        (b + c > 0.0).then(|| {
            let chi2 = (b - c).powi(2) / (b + c);
            let corrected = ((b - c).abs() - 1.0).powi(2) / (b + c);
            Asymptotic {
                chi2,
                p: chi_squared::sf(chi2, 1.0),
                p_corrected: chi_squared::sf(corrected, 1.0),
            }
        })
    }

    /// The correlation φ as Newcombe's method 10 takes it: (n11·n00 - n10·n01), less n/2 but not below 0 if positive, over
    /// the root of the product of the margins; 0 where a margin is 0.
    pub fn phi(&self) -> f64 {
        let [a, b, c, d] = [self.n11, self.n10, self.n01, self.n00].map(|x| x as f64);
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        if margins == 0.0 {
            return 0.0;
        }
        let cross = a * d - b * c;
        let corrected = if cross > 0.0 {
            (cross - self.n() as f64 / 2.0).max(0.0)
        } else {
            cross
        };
        corrected / margins.sqrt()
    }

    /// Newcombe's interval for the paired difference, method 10 (Newcombe 1998, Stat Med 17:2635): the Wilson limits of
    /// both rates, joined by φ.
    pub fn newcombe(&self, confidence: f64) -> (f64, f64) {
        let n = self.n();
        if n == 0 {
            return (-1.0, 1.0);
        }
        let (first, second) = (self.n11 + self.n10, self.n11 + self.n01);
        let (l1, u1) = rate::wilson(first, n, confidence);
        let (l2, u2) = rate::wilson(second, n, confidence);
        let (p1, p2) = (first as f64 / n as f64, second as f64 / n as f64);
        let phi = self.phi();
        let join = |x: f64, y: f64| (x * x - 2.0 * phi * x * y + y * y).max(0.0).sqrt();
        let difference = self.difference();
        (
            difference - join(p1 - l1, u2 - p2),
            difference + join(u1 - p1, p2 - l2),
        )
    }

    /// Tango's score statistic for a true difference `delta`, -1 < delta < 1 (Tango 1998). At 0 it is McNemar's z.
    pub fn score(&self, delta: f64) -> f64 {
        let (n, b, c) = (self.n() as f64, self.n10 as f64, self.n01 as f64);
        let above = b - c - n * delta;
        if above == 0.0 {
            return 0.0;
        }
        let linear = -b - c + (2.0 * n - b + c) * delta;
        let constant = -c * delta * (1.0 - delta);
        let root = (linear * linear - 8.0 * n * constant).max(0.0).sqrt();
        let q = ((root - linear) / (4.0 * n)).max(0.0);
        let variance = n * (2.0 * q + delta * (1.0 - delta));
        above / variance.max(0.0).sqrt()
    }

    /// Tango's score interval: the differences that the score test does not reject.
    pub fn tango(&self, confidence: f64) -> (f64, f64) {
        if self.n() == 0 {
            return (-1.0, 1.0);
        }
        let z = normal::two_sided(confidence);
        let difference = self.difference();
        // the statistic falls as delta rises
        let cross = |mut high: f64, mut low: f64, level: f64| {
            for _ in 0..200 {
                let middle = 0.5 * (high + low);
                if self.score(middle) > level {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            0.5 * (high + low)
        };
        (cross(-1.0, difference, z), cross(difference, 1.0, -z))
    }

    /// The score test of "the first is worse by `margin` or more": z and its upper-tail p; a small p shows
    /// non-inferiority. 0 < margin < 1.
    pub fn not_worse(&self, margin: f64) -> (f64, f64) {
        let z = self.score(-margin);
        (z, normal::sf(z))
    }

    /// Bonett & Price's adjusted Wald interval (2012): one pair added to each discordant cell, normal limits. Gives the
    /// adjusted difference, its standard error, and the interval within -1..=1.
    pub fn bonett_price(&self, confidence: f64) -> (f64, f64, (f64, f64)) {
        let n = self.n() as f64 + 2.0;
        let (p10, p01) = ((self.n10 + 1) as f64 / n, (self.n01 + 1) as f64 / n);
        let difference = p10 - p01;
        let error = ((p10 + p01 - difference * difference) / n).sqrt();
        let (low, high) = cluster::around(difference, error * normal::two_sided(confidence));
        (difference, error, (low.max(-1.0), high.min(1.0)))
    }

    /// P(the first is better) and the expected difference under a Dirichlet prior of `prior` in every cell:
    /// P(Beta(n10+prior, n01+prior) > ½).
    pub fn superiority(&self, prior: f64) -> (f64, f64) {
        let (b, c) = (self.n10 as f64 + prior, self.n01 as f64 + prior);
        let mean = (b - c) / (self.n() as f64 + 4.0 * prior);
        (beta::sf(0.5, b, c), mean)
    }
}

/// The asymptotic McNemar tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asymptotic {
    /// The statistic, one degree of freedom.
    pub chi2: f64,
    /// Its p.
    pub p: f64,
    /// With continuity correction.
    pub p_corrected: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: (f64, f64), low: f64, high: f64) {
        assert!(
            (got.0 - low).abs() < 6e-4 && (got.1 - high).abs() < 6e-4,
            "{got:?}"
        );
    }

    #[test]
    fn published_intervals() {
        let pairs = Pairs {
            n11: 1,
            n10: 1,
            n01: 7,
            n00: 12,
        };
        near(pairs.newcombe(0.95), -0.507, -0.026);
        near(pairs.tango(0.95), -0.517, -0.026);
        let pairs = Pairs {
            n11: 20,
            n10: 12,
            n01: 2,
            n00: 16,
        };
        near(pairs.newcombe(0.95), 0.0562, 0.3292);
    }

    #[test]
    fn swapping_the_sides_mirrors_everything() {
        let pairs = Pairs {
            n11: 30,
            n10: 9,
            n01: 4,
            n00: 7,
        };
        let swapped = Pairs {
            n10: 4,
            n01: 9,
            ..pairs
        };
        for (one, other) in [
            (pairs.newcombe(0.9), swapped.newcombe(0.9)),
            (pairs.tango(0.9), swapped.tango(0.9)),
        ] {
            assert!((one.0 + other.1).abs() < 1e-9 && (one.1 + other.0).abs() < 1e-9);
        }
        assert_eq!(pairs.mid_p(), swapped.mid_p());
    }

    #[test]
    fn no_pairs_and_no_discordance() {
        let none = Pairs::default();
        assert_eq!(
            (none.newcombe(0.95), none.tango(0.95)),
            ((-1.0, 1.0), (-1.0, 1.0))
        );
        assert_eq!(
            (none.exact(), none.mid_p(), none.asymptotic()),
            (1.0, 1.0, None)
        );
        let same = Pairs { n11: 50, ..none };
        near(same.newcombe(0.95), -0.0713, 0.0713);
    }
}
