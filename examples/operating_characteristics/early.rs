//! Early stopping: its error, and how much of the asking it saves.

use super::plot::{Line, Plot};
use super::{Figures, Luck, asked, head, pool, rates_table, regressed, suite};
use bakeoff::stats::anytime::Bets;
use bakeoff::stats::paired;
use bakeoff::stats::verdict::{Shown, read};

const MARGIN: f64 = 0.05;
const CASES: usize = 200;
const ALPHA: f64 = 0.05;
/// What the bets have of the error; the test at the end has the rest.
const BETS: f64 = 0.2;

/// A name, and the shares of cases that are gained and lost.
const TRUTHS: [(&str, f64, f64); 5] = [
    ("exactly at the margin", 0.075, 0.125),
    ("no difference, 3 % of the cases flip", 0.015, 0.015),
    ("no difference, 8 % of the cases flip", 0.042, 0.042),
    ("5 points better", 0.075, 0.025),
    ("20 points worse", 0.05, 0.25),
];

/// One case's difference.
fn case(luck: &mut Luck, win: f64, lose: f64) -> f64 {
    let u = luck.uniform();
    f64::from(u8::from(u < win)) - f64::from(u8::from(u > 1.0 - lose))
}

/// What bets at this level say, and after how many cases; `all` collects those that were asked.
fn bet(luck: &mut Luck, (win, lose): (f64, f64), level: f64, all: &mut Vec<f64>) -> Option<Shown> {
    let mut bets = Bets::new(MARGIN);
    let enough = -level.ln();
    while all.len() < CASES {
        all.push(case(luck, win, lose));
        bets.see(*all.last().expect("one was just put there"));
        if bets.worse() >= enough {
            return Some(Shown::Regressed);
        }
        if bets.not_worse() >= enough {
            return Some(Shown::NotWorse);
        }
    }
    None
}

/// Betting alone: its error at the margin, and how early it decides.
pub fn alone(runs: u32) {
    head(
        "Betting alone (margin 5 points, at most 200 cases, α = 5 %)",
        &["says not worse", "says worse", "mean cases used"],
    );
    for (name, win, lose) in TRUTHS {
        let (pass, fail, used) = tally(runs, |luck, all| bet(luck, (win, lose), ALPHA, all));
        println!("| {name} | {pass:.3} | {fail:.3} | {used:.0} |");
    }
}

/// As `--early-stop` judges: bets with a fifth of the error, and the usual test with the rest at the end.
pub fn stopped(runs: u32, figures: &mut Figures) {
    head(
        "Early stopping as the gate does it (margin 5 points, at most 200 cases, α = 5 %)",
        &["says not worse", "says worse", "cases saved"],
    );
    for (name, win, lose) in TRUTHS {
        let (pass, fail, used) = tally(runs, |luck, all| both(luck, (win, lose), all));
        let saved = 100.0 * (1.0 - used / CASES as f64);
        println!("| {name} | {pass:.3} | {fail:.3} | {saved:.0} % |");
    }
    let points = [-30.0, -25.0, -20.0, -15.0, -10.0, -5.0, 0.0, 5.0, 10.0];
    let found = points.map(|points: f64| {
        // Eight cases in a hundred flip, whatever else happens.
        let (win, lose) = (
            points.max(0.0) / 100.0 + 0.04,
            (-points).max(0.0) / 100.0 + 0.04,
        );
        tally(runs / 2, |luck, all| both(luck, (win, lose), all))
    });
    let line = |name: &str, of: fn(&(f64, f64, f64)) -> f64, dashed| Line {
        name: name.into(),
        points: points.into_iter().zip(found.iter().map(of)).collect(),
        dashed,
    };
    let plot = Plot {
        title: "Early stopping: what is said, and how much is asked (at most 200 cases)",
        x: "true difference, points (margin 5)",
        marks: [-30, -20, -10, 0, 10]
            .map(|at| (f64::from(at), at.to_string()))
            .into(),
        y: (0.0, 1.0, 0.2),
        level: ALPHA,
        lines: vec![
            line("says not worse", |it| it.0, false),
            line("says worse", |it| it.1, false),
            line("share of the cases asked", |it| it.2 / CASES as f64, true),
        ],
    };
    figures.push(("early.svg", plot.svg()));
}

fn both(luck: &mut Luck, truth: (f64, f64), all: &mut Vec<f64>) -> Option<Shown> {
    bet(luck, truth, ALPHA * BETS, all).or_else(|| {
        let (now, before): (Vec<f64>, Vec<f64>) =
            all.iter().map(|d| (d.max(0.0), (-d).max(0.0))).unzip();
        let level = 1.0 - 2.0 * ALPHA * (1.0 - BETS);
        let found = paired::paired(&now, &before, None, level, 1)?.difference;
        Some(read(found.low?, found.high?, MARGIN))
    })
}

/// How often it is said to be not worse, and worse, and how many cases that took.
fn tally(
    runs: u32,
    mut one: impl FnMut(&mut Luck, &mut Vec<f64>) -> Option<Shown>,
) -> (f64, f64, f64) {
    let mut luck = Luck::new(7);
    let (mut pass, mut fail, mut used) = (0, 0, 0);
    let mut all = Vec::with_capacity(CASES);
    for _ in 0..runs {
        all.clear();
        match one(&mut luck, &mut all) {
            Some(Shown::Regressed) => fail += 1,
            Some(Shown::Improved | Shown::NotWorse | Shown::SlightlyWorse) => pass += 1,
            Some(Shown::Inconclusive) | None => {}
        }
        used += all.len();
    }
    let of = |count: u32| f64::from(count) / f64::from(runs);
    (of(pass), of(fail), used as f64 / f64::from(runs))
}

/// The gate's rerun, 100 cases asked once: flagged at 5 %, then pooled replies at 1 %, of which the bets have a fifth.
pub fn rerun(runs: u32) {
    head(
        "A rerun that may stop early, 100 cases",
        &[
            "flagged",
            "blocked",
            "the same without stopping",
            "cases saved in a rerun",
        ],
    );
    let table = rates_table();
    for lost in [0.0, 0.05, 0.10, 0.20, 0.30] {
        let mut luck = Luck::new(8);
        let (mut flagged, mut blocked, mut whole, mut used) = (0, 0, 0, 0);
        for _ in 0..runs {
            let (a, b) = suite(&mut luck, &table, lost);
            let (x, y) = (asked(&mut luck, &a, 1), asked(&mut luck, &b, 1));
            if !regressed(&x, &y, 0.05) {
                continue;
            }
            flagged += 1;
            let x = pool(&x, &asked(&mut luck, &a, 1));
            let y = pool(&y, &asked(&mut luck, &b, 1));
            whole += u32::from(regressed(&x, &y, 0.01));
            let mut bets = Bets::new(MARGIN);
            let sure = x.iter().zip(&y).position(|(x, y)| {
                bets.see(x - y);
                bets.worse() >= -(0.01 * BETS).ln()
            });
            used += sure.map_or(100, |at| at + 1);
            blocked += u32::from(sure.is_some() || regressed(&x, &y, 0.01 * (1.0 - BETS)));
        }
        let of = |count: u32| f64::from(count) / f64::from(runs);
        let saved = 100.0 - used as f64 / f64::from(flagged.max(1));
        let name = match lost {
            0.0 => "nothing changed".to_owned(),
            lost => format!("{:.0} points lost", 100.0 * lost),
        };
        println!(
            "| {name} | {:.3} | {:.3} | {:.3} | {saved:.0} % |",
            of(flagged),
            of(blocked),
            of(whole)
        );
    }
}
