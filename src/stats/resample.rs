//! The bootstrap: a statistic's spread when the cases are drawn again with replacement.
//!
//! Replicate r of seed s always draws from stream r under key s, whichever thread runs it.

use super::{moments, normal, quantile};
use rayon::prelude::*;

/// How many resamples an interval rests on unless stated otherwise.
pub const RESAMPLES: usize = 10_000;

/// Above this many cases a mean is as good as normal and its interval is Student's instead.
pub const LARGE: usize = 10_000;

/// The source of one replicate's randomness: SplitMix64 (Steele, Lea & Flood 2014), a counter that is mixed. It passes
/// the usual batteries, and one number does not wait for the one before.
#[derive(Debug, Clone)]
pub struct Draw(u64);

/// SplitMix64's step: 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's mixing function.
fn mixed(counter: u64) -> u64 {
    let z = (counter ^ (counter >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Draw {
    /// The stream `replicate` under the key `seed`: it starts at a place of its own among the 2⁶⁴.
    pub fn new(seed: u64, replicate: u64) -> Self {
        let key = mixed(seed.wrapping_add(STEP));
        Draw(mixed(key ^ mixed(replicate.wrapping_mul(STEP))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// Hands over `n` indices, some hundred at a time, each uniform in 0..`below` (≤ 2³²): ⌊u·below/2³²⌋ of a 32-bit u,
    /// off from uniform by at most below/2³² in relative terms.
    pub fn indices(&mut self, n: usize, below: usize, mut take: impl FnMut(&[u32])) {
        const BLOCK: usize = 256;
        let mut block = [0_u32; BLOCK];
        let scaled = |half: u64| ((half * below as u64) >> 32) as u32;
        let mut left = n;
        while left > 0 {
            let now = left.min(BLOCK);
            for pair in block[..now.next_multiple_of(2)].as_chunks_mut::<2>().0 {
                let word = self.next();
                *pair = [scaled(word >> 32), scaled(word & 0xFFFF_FFFF)];
            }
            take(&block[..now]);
            left -= now;
        }
    }

    /// How often each of `n` is among `n` draws with replacement.
    pub fn times(&mut self, n: usize) -> Vec<f64> {
        let mut times = vec![0.0; n];
        self.indices(n, n, |indices| {
            indices.iter().for_each(|i| times[*i as usize] += 1.0);
        });
        times
    }

    /// A standard normal number: the quantile of a uniform one.
    pub fn normal(&mut self) -> f64 {
        normal::quantile((self.next() as f64 + 0.5) / 2.0_f64.powi(64))
    }

    /// A fair coin, thirty-two tosses at a time.
    pub fn coins(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }
}

/// The statistic of every replicate, in the replicates' order.
pub fn replicates<T: Send>(
    resamples: usize,
    seed: u64,
    statistic: impl Fn(&mut Draw) -> T + Sync,
) -> Vec<T> {
    (0..resamples)
        .into_par_iter()
        .with_min_len(64)
        .map(|replicate| statistic(&mut Draw::new(seed, replicate as u64)))
        .collect()
}

/// The same for statistics that are whole computations: every replicate is a task of its own.
pub fn heavy<T: Send>(
    resamples: usize,
    seed: u64,
    statistic: impl Fn(&mut Draw) -> T + Sync,
) -> Vec<T> {
    (0..resamples)
        .into_par_iter()
        .map(|replicate| statistic(&mut Draw::new(seed, replicate as u64)))
        .collect()
}

/// The bootstrap distribution of a mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// The mean of the data themselves.
    pub estimate: f64,
    /// The replicates, ascending.
    pub replicates: Vec<f64>,
    /// The jackknife's acceleration.
    pub acceleration: f64,
}

impl Bootstrap {
    /// Resamples the mean of `x`: all nⁿ resamples where there are no more than `resamples` of them, else `resamples`
    /// drawn ones. The order of `x` does not matter. `None` below two values or without spread.
    pub fn of_mean(x: &[f64], resamples: usize, seed: u64) -> Option<Self> {
        if x.len() < 2 || resamples == 0 || moments::constant(x) {
            return None;
        }
        let mut sorted = x.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut means = match all_means(&sorted, resamples) {
            Some(means) => means,
            None => drawn_means(&sorted, resamples, seed),
        };
        means.par_sort_unstable_by(f64::total_cmp);
        Some(Bootstrap {
            estimate: moments::mean(&sorted)?,
            replicates: means,
            acceleration: acceleration(&sorted)?,
        })
    }

    /// The standard deviation of the replicates.
    pub fn error(&self) -> f64 {
        let n = self.replicates.len() as f64;
        let mean = moments::sum(self.replicates.iter().copied()) / n;
        (moments::sum(self.replicates.iter().map(|r| (r - mean).powi(2))) / n).sqrt()
    }

    /// The bias correction z0 = Φ⁻¹(share of replicates below the estimate, ties half), the share kept within
    /// 1/2B..=1-1/2B. Replicates within rounding of the estimate are ties.
    pub fn bias_correction(&self) -> f64 {
        let slack = 1e-12 * self.estimate.abs().max(1e-300);
        let b = self.replicates.len() as f64;
        let below = self
            .replicates
            .partition_point(|r| *r < self.estimate - slack) as f64;
        let up_to = self
            .replicates
            .partition_point(|r| *r <= self.estimate + slack) as f64;
        let share = (below + up_to) / 2.0 / b;
        normal::quantile(share.clamp(0.5 / b, 1.0 - 0.5 / b))
    }

    /// The bias-corrected accelerated interval (Efron 1987). Where the acceleration is beyond ±.3 the correction cannot
    /// be trusted and the percentile interval is given instead.
    pub fn bca(&self, confidence: f64) -> (f64, f64) {
        match bca_levels(self.bias_correction(), self.acceleration, confidence) {
            Some((low, high)) if self.acceleration.abs() <= 0.3 => (self.at(low), self.at(high)),
            _ => self.percentile(confidence),
        }
    }

    /// The interval between the replicates' quantiles.
    pub fn percentile(&self, confidence: f64) -> (f64, f64) {
        let tail = normal::tail(confidence);
        (self.at(tail), self.at(1.0 - tail))
    }

    /// The percentile interval mirrored at the estimate.
    pub fn basic(&self, confidence: f64) -> (f64, f64) {
        let (low, high) = self.percentile(confidence);
        (2.0 * self.estimate - high, 2.0 * self.estimate - low)
    }

    fn at(&self, level: f64) -> f64 {
        quantile::of_sorted(&self.replicates, level)
    }
}

/// The means of all nⁿ equally likely resamples, if these are no more than `limit`.
fn all_means(x: &[f64], limit: usize) -> Option<Vec<f64>> {
    let n = x.len();
    let count = n.checked_pow(u32::try_from(n).ok()?)?;
    (count <= limit).then(|| {
        let mean = |code: usize| {
            let digits = std::iter::successors(Some(code), |c| Some(c / n)).take(n);
            digits.map(|c| x[c % n]).sum::<f64>() / n as f64
        };
        (0..count).map(mean).collect()
    })
}

fn drawn_means(x: &[f64], resamples: usize, seed: u64) -> Vec<f64> {
    replicates(resamples, seed, |draw| {
        // four sums side by side: an addition need not wait for the one before
        let mut totals = [0.0; 4];
        draw.indices(x.len(), x.len(), |indices| {
            let (fours, rest) = indices.as_chunks::<4>();
            for four in fours {
                for (total, i) in totals.iter_mut().zip(four) {
                    *total += x[*i as usize];
                }
            }
            totals[0] += rest.iter().map(|i| x[*i as usize]).sum::<f64>();
        });
        totals.iter().sum::<f64>() / x.len() as f64
    })
}

/// The levels of the bootstrap quantiles that BCa takes: Φ(z0 + (z0+z)/(1 - a(z0+z))) at z = ∓z_c. `None` where the
/// denominator is not positive.
pub fn bca_levels(z0: f64, acceleration: f64, confidence: f64) -> Option<(f64, f64)> {
    let z = normal::two_sided(confidence);
    let level = |z: f64| {
        let shifted = z0 + z;
        let scale = 1.0 - acceleration * shifted;
        (scale > 0.0).then(|| normal::cdf(z0 + shifted / scale))
    };
    Some((level(-z)?, level(z)?))
}

/// The acceleration of a mean: Σu³/(6(Σu²)^{3/2}), u = x - x̄, which is also the jackknife's. `None` without spread.
pub fn acceleration(x: &[f64]) -> Option<f64> {
    if moments::constant(x) {
        return None;
    }
    let mean = moments::mean(x)?;
    let squares = moments::sum(x.iter().map(|v| (v - mean).powi(2)));
    let cubes = moments::sum(x.iter().map(|v| (v - mean).powi(3)));
    Some(cubes / (6.0 * squares.powf(1.5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_four_threads_give_the_same_bits() {
        let x: Vec<f64> = (0..80).map(|i| f64::from(i * i % 17) / 16.0).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| Bootstrap::of_mean(&x, 2_000, 7))
        };
        assert_eq!(on(1), on(4));
    }

    #[test]
    fn order_does_not_matter_and_the_seed_does() {
        let x: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 30) / 30.0).collect();
        let reversed: Vec<f64> = x.iter().rev().copied().collect();
        let one = Bootstrap::of_mean(&x, 500, 1);
        assert_eq!(one, Bootstrap::of_mean(&reversed, 500, 1));
        assert_ne!(one, Bootstrap::of_mean(&x, 500, 2));
    }

    #[test]
    fn no_spread_no_bootstrap() {
        assert_eq!(Bootstrap::of_mean(&[0.5], 100, 1), None);
        assert_eq!(Bootstrap::of_mean(&[0.1; 30], 100, 1), None);
        assert_eq!(Bootstrap::of_mean(&[], 100, 1), None);
    }

    #[test]
    fn the_mixer_is_the_published_one() {
        // The first numbers of SplitMix64 from the state 1234567.
        let mut draw = Draw(1_234_567);
        let first = [draw.next(), draw.next(), draw.next()];
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(first, published);
    }

    #[test]
    fn indices_are_even() {
        let mut counts = [0_u32; 7];
        let mut draw = Draw::new(3, 0);
        draw.indices(70_001, 7, |indices| {
            indices.iter().for_each(|i| counts[*i as usize] += 1);
        });
        assert_eq!(counts.iter().sum::<u32>(), 70_001);
        let squares = counts.iter().map(|c| (f64::from(*c) - 10_000.0).powi(2));
        // χ² with 6 degrees of freedom: 22.5 is passed once in a thousand.
        assert!(squares.sum::<f64>() / 10_000.0 < 22.5, "{counts:?}");
    }

    #[test]
    fn streams_differ() {
        let first = |replicate| Draw::new(1, replicate).coins();
        assert_eq!(first(3), first(3));
        assert_ne!(first(3), first(4));
    }
}
