//! How often the statistics are right: each claim of docs/statistics.md, simulated. Seeded, so that every run prints the same.
//!
//! `cargo run --release --example operating_characteristics [RUNS]` prints Markdown tables; 4,000 runs a cell by default.
#![expect(clippy::print_stdout, reason = "a program that prints")]

use bakeoff::stats::anytime::Bets;
use bakeoff::stats::resample::Draw;
use bakeoff::stats::{beta, cluster, mean, paired, rate};

/// Random numbers from a seed.
struct Luck(Draw);

impl Luck {
    fn new(seed: u64) -> Self {
        Luck(Draw::new(seed, 1))
    }
    fn uniform(&mut self) -> f64 {
        (f64::from(self.0.coins()) + 0.5) / 4_294_967_296.0
    }
    fn passes(&mut self, p: f64) -> f64 {
        f64::from(u8::from(self.uniform() < p))
    }
    /// Pass rates like those of real suites, most of them high: Beta(2, .6), by a table of its quantiles.
    fn rates(&mut self, n: usize, table: &[f64]) -> Vec<f64> {
        let pick = |luck: &mut Luck| table[(luck.uniform() * table.len() as f64) as usize];
        (0..n).map(|_| pick(self)).collect()
    }
}

/// The share of `runs` in which something held.
fn share(runs: u32, mut holds: impl FnMut() -> bool) -> f64 {
    f64::from((0..runs).map(|_| u32::from(holds())).sum::<u32>()) / f64::from(runs)
}

const SIZES: [usize; 4] = [20, 50, 100, 200];

fn row(name: &str, cells: impl Iterator<Item = f64>) {
    let cells: Vec<String> = cells.map(|c| format!("{c:.3}")).collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn head(title: &str, columns: &[&str]) {
    println!("\n{title}\n\n| | {} |", columns.join(" | "));
    println!("|---{}|", "|--:".repeat(columns.len()));
}

/// Coverage of the default 95 % intervals, in hard cases.
fn coverage(runs: u32) {
    let sizes = SIZES.map(|n| format!("n = {n}"));
    head(
        "Coverage of the default 95 % interval",
        &sizes.each_ref().map(String::as_str),
    );
    for p in [0.8, 0.99] {
        let mut luck = Luck::new(1);
        let wilson = SIZES.map(|n| {
            share(runs, || {
                let k = (0..n).filter(|_| luck.uniform() < p).count();
                let (low, high) = rate::wilson(k, n, 0.95);
                low <= p && p <= high
            })
        });
        row(&format!("pass rate {p}: Wilson"), wilson.into_iter());
    }
    let mut luck = Luck::new(2);
    let bca = SIZES.map(|n| {
        share(runs / 4, || {
            let x: Vec<f64> = (0..n).map(|_| luck.uniform().sqrt().sqrt()).collect();
            let seed = u64::from(luck.0.coins());
            let (low, high) = mean::bca_mean(&x, 0.95, 2_000, seed).expect("scores differ");
            low <= 0.8 && 0.8 <= high
        })
    });
    row("mean of skewed scores: BCa", bca.into_iter());
    let mut luck = Luck::new(3);
    let groups = SIZES.map(|n| {
        share(runs, || {
            let (mut y, mut group) = (Vec::new(), Vec::new());
            for g in 0..n / 5 {
                let shift = 0.4 * (luck.uniform() - 0.5);
                for _ in 0..5 {
                    y.push(0.5 + shift + 0.6 * (luck.uniform() - 0.5));
                    group.push(g);
                }
            }
            cluster::mean(&y, &group).is_none_or(|found| {
                let (low, high) = found.interval(0.95);
                low <= 0.5 && 0.5 <= high
            })
        })
    });
    row("clusters of 5: CR2", groups.into_iter());
    let mut luck = Luck::new(4);
    let binary = SIZES.map(|n| difference(runs, n, &mut luck, 1.0));
    row(
        "difference, 4 % gained, 8 % lost: Newcombe",
        binary.into_iter(),
    );
    let mut luck = Luck::new(5);
    let sparse = SIZES.map(|n| difference(runs, n, &mut luck, 0.5));
    row(
        "the same with half scores: t and a pseudo pair",
        sparse.into_iter(),
    );
}

/// A true difference of -4 % · `size`, rarely other than 0.
fn difference(runs: u32, n: usize, luck: &mut Luck, size: f64) -> f64 {
    let truth = -0.04 * size;
    share(runs, || {
        let base = if size == 1.0 { 0.0 } else { 0.25 };
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..n {
            let u = luck.uniform();
            a.push(base + if u < 0.04 { size } else { 0.0 });
            b.push(base + if u > 0.92 { size } else { 0.0 });
        }
        let found = paired::paired(&a, &b, None, 0.95, 1).expect("finite scores");
        let d = found.difference;
        d.low.is_none_or(|low| low <= truth) && d.high.is_none_or(|high| truth <= high)
    })
}

/// One suite asked `k` times: the mean score of each case.
fn asked(luck: &mut Luck, rates: &[f64], k: u32) -> Vec<f64> {
    let one = |p: &f64| (0..k).map(|_| luck.passes(*p)).sum::<f64>() / f64::from(k);
    rates.iter().map(one).collect()
}

/// Whether `a` is shown to be worse than `b` at one-sided `alpha`.
fn regressed(a: &[f64], b: &[f64], alpha: f64) -> bool {
    let found = paired::paired(a, b, None, 1.0 - 2.0 * alpha, 1).expect("finite scores");
    found.difference.high.is_some_and(|high| high < 0.0)
}

/// Whether a gate blocks: luck, the candidate's and the baseline's pass rates by case, repeats.
type Rule = fn(&mut Luck, &[f64], &[f64], u32) -> bool;

/// Rules for a gate on 100 cases: how often each blocks when nothing changed, and when the candidate lost points.
fn gate(runs: u32) {
    let middle = |i: u32| (f64::from(i) + 0.5) / 4_096.0;
    let table: Vec<f64> = (0..4_096)
        .map(|i| beta::quantile(middle(i), 2.0, 0.6))
        .collect();
    head(
        "A gate on 100 cases: how often it blocks",
        &["K = 1", "K = 3", "K = 5"],
    );
    for drop in [0.0, 0.05, 0.10] {
        let rules: [(&str, Rule); 3] = [
            ("the mean fell by more than 2 points", |luck, a, b, k| {
                let mean = |x: Vec<f64>| x.iter().sum::<f64>() / x.len() as f64;
                mean(asked(luck, a, k)) - mean(asked(luck, b, k)) < -0.02 - 1e-9
            }),
            ("regressed at 5 %", |luck, a, b, k| {
                regressed(&asked(luck, a, k), &asked(luck, b, k), 0.05)
            }),
            ("flagged at 5 %, then pooled at 1 %", |luck, a, b, k| {
                let (x, y) = (asked(luck, a, k), asked(luck, b, k));
                if !regressed(&x, &y, 0.05) {
                    return false;
                }
                let pool = |x: Vec<f64>, again: Vec<f64>| -> Vec<f64> {
                    x.iter().zip(again).map(|(x, y)| (x + y) / 2.0).collect()
                };
                let (again_a, again_b) = (asked(luck, a, k), asked(luck, b, k));
                regressed(&pool(x, again_a), &pool(y, again_b), 0.01)
            }),
        ];
        for (name, rule) in rules {
            let mut luck = Luck::new(6);
            let cells = [1, 3, 5].map(|k| {
                share(runs / 4, || {
                    let b = luck.rates(100, &table);
                    let a: Vec<f64> = b.iter().map(|p| (p - drop).max(0.0)).collect();
                    rule(&mut luck, &a, &b, k)
                })
            });
            let so = match drop {
                0.0 => "nothing changed".to_owned(),
                drop => format!("{:.0} points lost", 100.0 * drop),
            };
            row(&format!("{so}: {name}"), cells.into_iter());
        }
    }
}

/// Betting: its error at the margin, and how early it decides.
fn early(runs: u32) {
    head(
        "Early stopping by betting (margin 5 points, at most 200 cases, α = 5 %)",
        &["says not worse", "says worse", "mean cases used"],
    );
    for (name, win, lose) in [
        ("exactly at the margin", 0.075, 0.125),
        ("no difference, 3 % of the cases flip", 0.015, 0.015),
        ("no difference, 8 % of the cases flip", 0.042, 0.042),
        ("5 points better", 0.075, 0.025),
        ("20 points worse", 0.05, 0.25),
    ] {
        let mut luck = Luck::new(7);
        let (mut pass, mut fail, mut used) = (0, 0, 0);
        for _ in 0..runs {
            let mut bets = Bets::new(0.05);
            let mut n = 0;
            while n < 200 && bets.not_worse().max(bets.worse()) < 20.0_f64.ln() {
                let u = luck.uniform();
                bets.see(if u < win {
                    1.0
                } else if u > 1.0 - lose {
                    -1.0
                } else {
                    0.0
                });
                n += 1;
            }
            pass += u32::from(bets.not_worse() >= 20.0_f64.ln());
            fail += u32::from(bets.worse() >= 20.0_f64.ln());
            used += n;
        }
        let of = |count: u32| f64::from(count) / f64::from(runs);
        println!(
            "| {name} | {:.3} | {:.3} | {:.0} |",
            of(pass),
            of(fail),
            f64::from(used) / f64::from(runs)
        );
    }
}

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok());
    let runs = runs.unwrap_or(4_000);
    println!("{runs} runs a cell (a quarter of them where a cell resamples or asks again).");
    coverage(runs);
    gate(runs);
    early(runs);
}
