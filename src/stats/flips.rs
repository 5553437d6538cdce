//! The sign-flip permutation test: if nothing differs, every difference could as well have had the other sign.

use super::moments;
use super::resample::replicates;

/// Up to this many nonzero differences all flips are enumerated.
pub const ENUMERATED: usize = 20;
/// How many flips are drawn beyond that.
pub const DRAWN: usize = 100_000;

/// The p-values of a sign-flip test of the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flips {
    /// Share of flips whose |sum| is no smaller than the one seen.
    pub two_sided: f64,
    /// Share of flips whose sum is no smaller than the one seen.
    pub greater: f64,
    /// How many flips stand behind the p-values: 2ⁿ, or those drawn.
    pub flips: f64,
}

/// The exact test; `None` beyond 20 nonzero differences. p is 1 where there is none.
pub fn exact(d: &[f64]) -> Option<Flips> {
    let seen = Seen::of(d);
    if seen.moved.len() > ENUMERATED {
        return None;
    }
    let all = 1_u32 << seen.moved.len();
    let (both, up) = seen.count((0..all).map(|signs| seen.flipped(|_| signs)));
    Some(Flips {
        two_sided: f64::from(both) / f64::from(all),
        greater: f64::from(up) / f64::from(all),
        flips: 2.0_f64.powf(d.len() as f64),
    })
}

/// The test: exact where it can be, else from 100,000 seeded flips with (1 + count)/(1 + flips), which keeps it valid.
pub fn test(d: &[f64], seed: u64) -> Flips {
    if let Some(flips) = exact(d) {
        return flips;
    }
    let seen = Seen::of(d);
    let sums = replicates(DRAWN, seed, |draw| seen.flipped(|_| draw.coins()));
    let (both, up) = seen.count(sums.into_iter());
    let share = |count: u32| f64::from(count + 1) / (DRAWN as f64 + 1.0);
    Flips {
        two_sided: share(both),
        greater: share(up),
        flips: DRAWN as f64,
    }
}

/// The differences as they are.
struct Seen {
    /// Those that are not zero, which have a sign; sorted, so that the order of the cases does not matter.
    moved: Vec<f64>,
    sum: f64,
    /// Sums within rounding of the one seen are as large.
    slack: f64,
}

impl Seen {
    fn of(d: &[f64]) -> Self {
        let mut moved: Vec<f64> = d.iter().copied().filter(|d| *d != 0.0).collect();
        moved.sort_unstable_by(f64::total_cmp);
        let sum = moments::sum(moved.iter().copied());
        let slack = 1e-12 * moments::sum(moved.iter().map(|d| d.abs()));
        Seen { moved, sum, slack }
    }

    /// The sum after flipping: bit i of block b's `coins` decides the sign of difference 32b + i.
    fn flipped(&self, mut coins: impl FnMut(usize) -> u32) -> f64 {
        let mut total = 0.0;
        for (block, values) in self.moved.chunks(32).enumerate() {
            let coins = coins(block);
            for (i, d) in values.iter().enumerate() {
                let sign = u64::from(coins >> i & 1) << 63;
                total += f64::from_bits(d.to_bits() ^ sign);
            }
        }
        total
    }

    /// How many sums are no smaller than the one seen: (in size, as they are).
    fn count(&self, sums: impl Iterator<Item = f64>) -> (u32, u32) {
        sums.fold((0, 0), |(both, up), sum| {
            (
                both + u32::from(sum.abs() >= self.sum.abs() - self.slack),
                up + u32::from(sum >= self.sum - self.slack),
            )
        })
    }
}
