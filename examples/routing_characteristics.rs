//! How often a fitted router is approved, and how often it should not have been: fits on cases drawn from whole matrices of
//! RouterBench, whose truth is then known. Seeded, so that every run prints the same.
//!
//! `cargo run --release --example routing_characteristics FOLDER [FITS]`: FOLDER holds `routerbench_*.csv.gz`; 300 fits a row.
#![expect(clippy::print_stdout, reason = "a program that prints")]

use bakeoff::route::fit::{Recommended, Tried, Wishes, fit};
use bakeoff::route::{Matrix, Recorded, read};
use bakeoff::stats::frontier;
use bakeoff::stats::resample::Draw;
use std::fs::File;
use std::path::Path;

const PARTS: [&str; 3] = ["arc_challenge", "winogrande", "mbpp"];

/// The three sets as one matrix, each set a category, without the prompts.
fn pooled(folder: &Path) -> Recorded {
    let mut all = Recorded::default();
    for part in PARTS {
        let name = format!("routerbench_{part}.csv.gz");
        let file = File::open(folder.join(&name)).expect("the folder holds the matrices");
        let mut recorded = read(&name, file).expect("the table is sound");
        for request in &mut recorded.requests {
            request.columns = [("category".to_owned(), part.to_owned())].into();
            (request.text, request.tokens) = (None, None);
        }
        if all.candidates.is_empty() {
            all = recorded;
            continue;
        }
        for (candidate, cells) in all.candidates.iter().zip(&mut all.cells) {
            let place = recorded
                .candidates
                .iter()
                .position(|name| name == candidate);
            cells.append(&mut recorded.cells[place.expect("all sets have the same models")]);
        }
        all.requests.append(&mut recorded.requests);
    }
    all
}

/// `n` cases drawn without replacement; with `noise`, each in one of so many categories that mean nothing.
fn sample(all: &Recorded, n: usize, noise: Option<usize>, seed: u64) -> Matrix {
    let mut draw = Draw::new(seed, 1);
    let mut order: Vec<(u32, usize)> = (0..all.requests.len()).map(|i| (draw.coins(), i)).collect();
    order.sort_unstable();
    let cases = &order[..n];
    let mut taken = Recorded {
        candidates: all.candidates.clone(),
        aliases: Vec::new(),
        requests: cases
            .iter()
            .map(|(_, i)| all.requests[*i].clone())
            .collect(),
        cells: Vec::new(),
    };
    for cells in &all.cells {
        taken
            .cells
            .push(cases.iter().map(|(_, i)| cells[*i].clone()).collect());
    }
    if let Some(groups) = noise {
        for request in &mut taken.requests {
            let group = draw.coins() as usize % groups;
            request.columns = [("category".to_owned(), format!("{group:02}"))].into();
        }
    }
    taken.matrix()
}

/// Saving, difference in quality and excess over the hull of a policy, given its quality less the base's and its cost.
fn worth(all: &Matrix, base: usize, lost: f64, cost: f64) -> (f64, f64, f64) {
    let (means, costs) = (
        all.means(),
        all.mean_costs().expect("the matrices have costs"),
    );
    let points: Vec<(f64, f64)> = costs.iter().copied().zip(means.iter().copied()).collect();
    let hull = frontier::hull(&points).expect("there are models");
    let flips = hull.at(cost).unwrap_or(hull.corners[0].1);
    (1.0 - cost / costs[base], lost, means[base] + lost - flips)
}

/// What the rule is truly worth on all cases, against the model that it was held against.
fn truth(all: &Matrix, best: &str, tried: &Tried) -> (f64, f64, f64) {
    let cost = all.cost.as_ref().expect("the matrices have costs");
    let base = all.place(best).expect("all models are in the whole");
    let categories = all.categories(99).remove("category").expect("it was set");
    let (mut quality, mut paid) = (0.0, 0.0);
    for (case, category) in categories.iter().enumerate() {
        let holds = |when: &str| when.split(", ").any(|label| label == category);
        let branch = tried.rule.iter().find(|branch| holds(&branch.when));
        let model = branch.map_or(best, |branch| branch.ask.last().expect("somebody is asked"));
        let model = all.place(model).expect("all models are in the whole");
        quality += all.quality[model][case] - all.quality[base][case];
        paid += cost[model][case];
    }
    let n = categories.len() as f64;
    worth(all, base, quality / n, paid / n)
}

/// What a row of the table counts.
#[derive(Default)]
struct Row {
    sums: [f64; 6],
    counts: [u32; 6],
}

impl Row {
    /// Takes in one fit with the rule's true saving, difference in quality and excess over the hull.
    fn add(&mut self, tried: &Tried, (saving, lost, excess): (f64, f64, f64)) {
        let values = [
            tried.claimed_saving,
            tried.claimed_difference,
            tried.saving.value,
            tried.difference.value,
            saving,
            lost,
        ];
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += value;
        }
        let holds = [
            lost < -0.05,
            tried.quality_holds,
            tried.quality_holds && !tried.constant,
            tried.approved,
            tried.approved && lost < -0.05,
            tried.approved && excess <= 0.0,
        ];
        for (count, held) in self.counts.iter_mut().zip(holds) {
            *count += u32::from(held);
        }
    }

    fn print(&self, name: &str, n: usize, fits: u64) {
        let mean = self.sums.map(|sum| sum / fits as f64);
        let pair = |at: usize| format!("{:.0}%, {:+.3}", 100.0 * mean[at], mean[at + 1]);
        let counts = self.counts.map(|count| format!("{count}"));
        println!(
            "| {name} | {n} | {} | {} | {} | {} |",
            pair(0),
            pair(2),
            pair(4),
            counts.join(" | ")
        );
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().expect("give the folder of the matrices");
    let fits = args
        .next()
        .and_then(|fits| fits.parse().ok())
        .unwrap_or(300_u64);
    let recorded = pooled(Path::new(&folder));
    let all = recorded.clone().matrix();
    println!(
        "{fits} fits a row. Saving and difference in quality: claimed on the cases fitted on, cross-fitted, true."
    );
    println!(
        "Counts: truly loses more than 5 points; quality holds; and it is a router; approved (saving and excess too);"
    );
    println!("of these truly losing more than 5 points; truly not above the hull.\n");
    println!(
        "| categories | n | in-sample | cross-fit | truth | loses | quality | router | approved | loses | no excess |"
    );
    println!("|---|---|---|---|---|--:|--:|--:|--:|--:|--:|");
    let rows = [
        (None, 60),
        (None, 100),
        (None, 200),
        (None, 500),
        (Some(3), 100),
        (Some(30), 100),
    ];
    for (noise, n) in rows {
        let mut row = Row::default();
        for seed in 0..fits {
            let matrix = sample(&recorded, n, noise, 1000 + seed);
            let mut wishes = Wishes::new(0.05, seed);
            wishes.columns = vec!["category".to_owned()];
            wishes.few = false;
            let found = fit(&matrix, &wishes, "score").expect("the costs are known");
            let Some(tried) = found.tried.first() else {
                continue;
            };
            let known = match noise {
                None => truth(&all, &found.best.name, tried),
                Some(_) => drawn(&all, &found.best.name, tried),
            };
            row.add(tried, known);
            assert!(tried.approved || found.decision.recommended != Recommended::Route);
        }
        let name = noise.map_or("3 real".to_owned(), |groups| format!("{groups} of noise"));
        row.print(&name, n, fits);
    }
}

/// What the rule is truly worth where its categories mean nothing: each model as often as the rule asks it.
fn drawn(all: &Matrix, best: &str, tried: &Tried) -> (f64, f64, f64) {
    let (means, costs) = (
        all.means(),
        all.mean_costs().expect("the matrices have costs"),
    );
    let base = all.place(best).expect("all models are in the whole");
    let cases: usize = tried.rule.iter().map(|branch| branch.cases).sum();
    let (mut quality, mut paid) = (-means[base], 0.0);
    for branch in &tried.rule {
        let share = branch.cases as f64 / cases as f64;
        let model = branch.ask.last().expect("somebody is asked");
        let model = all.place(model).expect("all models are in the whole");
        quality += share * means[model];
        paid += share * costs[model];
    }
    worth(all, base, quality, paid)
}
