//! How long the heavy statistics take, on all cores: medians of rounds, with the quickest and the slowest beside them.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the real clock and prints"
)]

use bakeoff::stats::resample::{Bootstrap, Draw, RESAMPLES};
use bakeoff::stats::{many, paired};
use std::hint::black_box;
use std::time::Instant;

/// Rounds of which the median is shown.
const ROUNDS: usize = 41;

/// Median, quickest and slowest of the rounds, milliseconds; the first ones warm up.
fn measured(name: &str, mut work: impl FnMut()) {
    (0..5).for_each(|_| work());
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    rounds.sort_unstable_by(f64::total_cmp);
    println!(
        "{name}: {:.2} ms ({:.2} to {:.2})",
        rounds[ROUNDS / 2],
        rounds[0],
        rounds[ROUNDS - 1]
    );
}

/// Scores between 0 and 1, all different and skewed.
fn scores(n: usize, seed: u64) -> Vec<f64> {
    let mut draw = Draw::new(seed, 0);
    let one = |_| (f64::from(draw.coins()) / 4_294_967_296.0).powi(6);
    (0..n).map(one).collect()
}

fn main() {
    let d: Vec<f64> = scores(200, 1);
    measured("BCa of a mean, 200 cases, 10,000 resamples", || {
        let made = Bootstrap::of_mean(black_box(&d), RESAMPLES, 1);
        black_box(made.map(|it| it.bca(0.95)));
    });
    let (a, b) = (scores(200, 2), vec![0.0; 200]);
    measured("paired BCa, 200 cases, 10,000 resamples", || {
        let found = paired::paired(black_box(&a), black_box(&b), None, 0.95, 1);
        assert!(found.is_some_and(|found| found.method == "bca"));
    });
    let nine: Vec<Vec<f64>> = (0..9).map(|seed| scores(200, seed)).collect();
    measured("intervals that hold together, 9 candidates", || {
        black_box(many::simultaneous(black_box(&nine), None, 0.95, 1));
    });
}
