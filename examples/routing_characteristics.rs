//! How often a fitted router is approved, and how often it should not have been: fits on cases drawn from whole matrices of
//! RouterBench, whose truth is then known. Seeded, so that every run prints the same.
//!
//! `cargo run --release --example routing_characteristics FOLDER [FITS]`: FOLDER holds `routerbench_*.csv.gz`; 300 fits a row.
#![expect(clippy::print_stdout, reason = "a program that prints")]

use bakeoff::route::fit::{Recommended, Tried, Wishes, fit};
use bakeoff::route::{Matrix, Recorded, read};
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

/// What the rule is truly worth on all cases: saving and difference in quality against the model that it was held against.
fn truth(all: &Matrix, best: &str, tried: &Tried) -> (f64, f64) {
    let cost = all.cost.as_ref().expect("the matrices have costs");
    let base = all.place(best).expect("all models are in the whole");
    let categories = all.categories(99).remove("category").expect("it was set");
    let (mut quality, mut paid, mut whole) = (0.0, 0.0, 0.0);
    for (case, category) in categories.iter().enumerate() {
        let holds = |when: &str| when.split(", ").any(|label| label == category);
        let branch = tried.rule.iter().find(|branch| holds(&branch.when));
        let model = branch.map_or(best, |branch| branch.ask.last().expect("somebody is asked"));
        let model = all.place(model).expect("all models are in the whole");
        quality += all.quality[model][case] - all.quality[base][case];
        paid += cost[model][case];
        whole += cost[base][case];
    }
    (1.0 - paid / whole, quality / categories.len() as f64)
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
        "| features | n | fits | in-sample: saving, Δq | cross-fit | truth | truly loses > 5 points | quality holds | + saving | + excess = approved | of the approved truly lose > 5 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let rows = [
        (None, 60),
        (None, 100),
        (None, 200),
        (None, 500),
        (Some(3), 100),
        (Some(30), 100),
    ];
    for (shrink, within) in [(1.0, 0.01), (0.3, 0.01), (0.0, 0.01), (1.0, 0.02)] {
        println!("shrink {shrink} within {within}");
        for (noise, n) in rows {
            let mut combos = [0; 8];
            let (mut sums, mut counts) = ([0.0; 6], [0_u64; 5]);
            for seed in 0..fits {
                let matrix = sample(&recorded, n, noise, 1000 + seed);
                let mut wishes = Wishes::new(0.05, seed);
                wishes.columns = vec!["category".to_owned()];
                wishes.few = false;
                wishes.shrink = shrink;
                wishes.within = within;
                let found = fit(&matrix, &wishes, "score").expect("the costs are known");
                let Some(tried) = found.tried.first() else {
                    continue;
                };
                let (saving, lost) = match noise {
                    None => truth(&all, &found.best.name, tried),
                    // what means nothing is worth a draw with the rule's shares
                    Some(_) => drawn(&all, &found.best.name, tried),
                };
                let values = [
                    tried.claimed_saving,
                    tried.claimed_difference,
                    tried.saving.value,
                    tried.difference.value,
                    saving,
                    lost,
                ];
                sums.iter_mut()
                    .zip(values)
                    .for_each(|(sum, value)| *sum += value);
                if let ([Some(b), Some(nb)], false) = (tried.both, tried.constant) {
                    let t = 1.66;
                    let a = |e: f64| tried.difference.value - t * e > -0.05;
                    let s = |e: f64| (1.0 - tried.saving.value).ln() + t * e < 0.0;
                    let x = |e: f64| tried.excess.value - t * e > 0.0;
                    let all = [
                        a(b[0]),
                        a(nb[0]),
                        s(nb[1]),
                        x(b[2]),
                        x(nb[2]),
                        a(b[0]) && s(nb[1]) && x(nb[2]),
                        a(nb[0]) && s(nb[1]) && x(nb[2]),
                        a(b[0]) && s(nb[1]) && x(b[2]),
                    ];
                    combos
                        .iter_mut()
                        .zip(all)
                        .for_each(|(c, h)| *c += i32::from(h));
                }
                let holds = [
                    lost < -0.05,
                    tried.quality_holds,
                    tried.quality_holds && tried.saving_holds,
                    tried.approved,
                    tried.approved && lost < -0.05,
                ];
                counts
                    .iter_mut()
                    .zip(holds)
                    .for_each(|(count, held)| *count += u64::from(held));
                assert!(tried.approved || found.decision.recommended != Recommended::Route);
            }
            let mean = sums.map(|sum| sum / fits as f64);
            let share = counts.map(|count| 100.0 * count as f64 / fits as f64);
            let name = noise.map_or("3 real categories".to_owned(), |n| {
                format!("{n} noise groups")
            });
            println!(
                "| {name} | {n} | {fits} | {:.0}%, {:+.3} | {:.0}%, {:+.3} | {:.0}%, {:+.3} | {:.1}% | {:.1}% | {:.1}% | {:.1}% | {:.1}% |",
                100.0 * mean[0],
                mean[1],
                100.0 * mean[2],
                mean[3],
                100.0 * mean[4],
                mean[5],
                share[0],
                share[1],
                share[2],
                share[3],
                share[4]
            );
            println!("   a_boot a_nb s_nb x_boot x_nb | bnn nnn bnb: {combos:?}");
        }
    }
}

/// What the rule is truly worth where its categories mean nothing: each model as often as the rule asks it.
fn drawn(all: &Matrix, best: &str, tried: &Tried) -> (f64, f64) {
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
    (1.0 - paid / costs[base], quality)
}
