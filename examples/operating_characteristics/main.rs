//! How often the statistics are right: each claim of docs/statistics.md, simulated. Seeded, so that every run prints the same.
//!
//! `cargo run --release --example operating_characteristics [RUNS [FOLDER]]` prints Markdown tables, 4,000 runs a cell by
//! default, and leaves the figures in the folder.
#![expect(clippy::print_stdout, reason = "a program that prints")]

mod early;
mod plot;

use bakeoff::stats::resample::Draw;
use bakeoff::stats::{beta, cluster, mean, paired, rate};
use plot::{Line, Plot};

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

/// Figures by file name, in the order of their making.
type Figures = Vec<(&'static str, String)>;

const SIZES: [usize; 4] = [20, 50, 100, 200];

fn row(name: &str, cells: impl IntoIterator<Item = f64>) {
    let cells: Vec<String> = cells.into_iter().map(|c| format!("{c:.3}")).collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn head(title: &str, columns: &[&str]) {
    println!("\n{title}\n\n| | {} |", columns.join(" | "));
    println!("|---{}|", "|--:".repeat(columns.len()));
}

/// Coverage of the default 95 % intervals, in hard cases.
fn coverage(runs: u32, figures: &mut Figures) {
    let mut rows: Vec<(String, [f64; 4])> = Vec::new();
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
        rows.push((format!("pass rate {p}: Wilson"), wilson));
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
    rows.push(("mean of skewed scores: BCa".into(), bca));
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
    rows.push(("clusters of 5: CR2".into(), groups));
    let mut luck = Luck::new(4);
    let binary = SIZES.map(|n| difference(runs, n, &mut luck, 1.0));
    let name = "difference, 4 % gained, 8 % lost: Newcombe";
    rows.push((name.into(), binary));
    let mut luck = Luck::new(5);
    let sparse = SIZES.map(|n| difference(runs, n, &mut luck, 0.5));
    let name = "the same with half scores: t and a pseudo pair";
    rows.push((name.into(), sparse));
    for (name, cells) in &rows {
        row(name, *cells);
    }
    let short = [
        "pass rate 0.8: Wilson",
        "pass rate 0.99: Wilson",
        "skewed scores: BCa",
        "clusters of 5: CR2",
        "sparse gains and losses: Newcombe",
        "sparse half scores: t, pseudo pair",
    ];
    let lines = short.iter().zip(&rows).map(|(name, (_, cells))| Line {
        name: (*name).into(),
        points: (0..).map(f64::from).zip(*cells).collect(),
        dashed: false,
    });
    let plot = Plot {
        title: "How often the default 95 % interval holds the truth",
        x: "cases",
        marks: (0..)
            .map(f64::from)
            .zip(SIZES.map(|n| n.to_string()))
            .collect(),
        y: (0.90, 1.0, 0.02),
        level: 0.95,
        lines: lines.collect(),
    };
    figures.push(("coverage.svg", plot.svg()));
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

/// The rules that are compared.
const RULES: [(&str, Rule); 3] = [
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
        let (again_a, again_b) = (asked(luck, a, k), asked(luck, b, k));
        regressed(&pool(&x, &again_a), &pool(&y, &again_b), 0.01)
    }),
];

fn pool(x: &[f64], again: &[f64]) -> Vec<f64> {
    x.iter().zip(again).map(|(x, y)| (x + y) / 2.0).collect()
}

/// Pass rates of 100 cases, most of them high, and the same with `drop` lost.
fn suite(luck: &mut Luck, table: &[f64], drop: f64) -> (Vec<f64>, Vec<f64>) {
    let before = luck.rates(100, table);
    let now = before.iter().map(|p| (p - drop).max(0.0)).collect();
    (now, before)
}

/// The quantiles of Beta(2, .6).
fn rates_table() -> Vec<f64> {
    let middle = |i: u32| (f64::from(i) + 0.5) / 4_096.0;
    let quantiles = (0..4_096).map(|i| beta::quantile(middle(i), 2.0, 0.6));
    quantiles.collect()
}

/// How often a rule blocks when so much was lost.
fn blocks(runs: u32, table: &[f64], rule: Rule, drop: f64, k: u32) -> f64 {
    let mut luck = Luck::new(6);
    share(runs, || {
        let (a, b) = suite(&mut luck, table, drop);
        rule(&mut luck, &a, &b, k)
    })
}

/// Rules for a gate on 100 cases: how often each blocks when nothing changed, and when the candidate lost points.
fn gate(runs: u32, figures: &mut Figures) {
    let table = rates_table();
    head(
        "A gate on 100 cases: how often it blocks",
        &["K = 1", "K = 3", "K = 5"],
    );
    for drop in [0.0, 0.05, 0.10] {
        for (name, rule) in RULES {
            let cells = [1, 3, 5].map(|k| blocks(runs / 4, &table, rule, drop, k));
            let so = match drop {
                0.0 => "nothing changed".to_owned(),
                drop => format!("{:.0} points lost", 100.0 * drop),
            };
            row(&format!("{so}: {name}"), cells);
        }
    }
    const LOST: [f64; 8] = [0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0];
    let curve = |name: &str, rule: usize, k: u32| {
        let at = |lost: f64| blocks(runs / 8, &table, RULES[rule].1, lost / 100.0, k);
        Line {
            name: name.into(),
            points: LOST.iter().map(|lost| (*lost, at(*lost))).collect(),
            dashed: rule == 0,
        }
    };
    let plot = Plot {
        title: "How often a gate on 100 cases blocks (two stages; broken: by the mean)",
        x: "points lost",
        marks: [0, 5, 10, 15, 20]
            .map(|at| (f64::from(at), at.to_string()))
            .into(),
        y: (0.0, 1.0, 0.2),
        level: 0.0,
        lines: vec![
            curve("two stages, asked five times", 2, 5),
            curve("two stages, asked three times", 2, 3),
            curve("two stages, asked once", 2, 1),
            curve("mean fell by 2 points, asked once", 0, 1),
        ],
    };
    figures.push(("gate.svg", plot.svg()));
}

fn main() {
    let mut args = std::env::args().skip(1);
    let runs = args.next().and_then(|runs| runs.parse().ok());
    let runs = runs.unwrap_or(4_000);
    println!("{runs} runs a cell (a quarter of them where a cell resamples or asks again).");
    let mut figures = Figures::new();
    coverage(runs, &mut figures);
    gate(runs, &mut figures);
    early::alone(runs);
    early::stopped(runs, &mut figures);
    early::rerun(runs / 4);
    for folder in args {
        for (name, text) in &figures {
            let path = std::path::Path::new(&folder).join(name);
            std::fs::write(&path, text).expect("the folder is there and can be written");
        }
    }
}
