//! The statistics and the comparison on public matrices of models' scores and costs (`BAKEOFF_ROUTING`, else
//! `../shared/routing` beside the package), against reference numbers computed elsewhere.

mod simulated;

use crate::shared::{folder, say};
use bakeoff::stats::discordance::Pairs;
use bakeoff::stats::{correction, frontier, moments, repeats};
use flate2::read::GzDecoder;
use serde_json::Value;
use simulated::{played, routed, simulated};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// A row: column name → cell.
type Row = BTreeMap<String, String>;

fn rows(folder: &Path, name: &str) -> Vec<Row> {
    let file = File::open(folder.join(format!("{name}.csv.gz"))).unwrap();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let rows = reader.deserialize::<Row>();
    rows.collect::<Result<_, _>>().unwrap()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// What was checked and what was wrong.
#[derive(Default)]
struct Tally {
    checked: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn near(&mut self, what: &str, got: f64, expected: &Value) {
        let expected = expected.as_f64().unwrap_or(f64::NAN);
        self.checked += 1;
        if (got - expected).abs() > 1e-9 * expected.abs().max(1.0) || expected.is_nan() {
            self.wrong
                .push(format!("{what}: {got} instead of {expected}"));
        }
    }
}

#[test]
fn routing_expected() {
    let Some(folder) = folder("BAKEOFF_ROUTING", "routing") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let mut tally = Tally::default();
    let mut pooled = Vec::new();
    for name in [
        "routerbench_arc_challenge",
        "routerbench_mbpp",
        "routerbench_winogrande",
        "routerarena_sub10",
    ] {
        let all = rows(&folder, name);
        hull(name, &all, &expected[name], &mut tally);
        played(name, &all, &expected[name], &mut tally);
        if all.len() < 6_000 {
            simulated(name, &all, &expected[name], &mut tally);
        }
        let tested = |r: &&Row| r.get("split").is_some_and(|split| split == "test");
        let test: Vec<Row> = all.iter().filter(tested).cloned().collect();
        if !test.is_empty() {
            let name = format!("{name}_test_split");
            hull(&name, &test, &expected[&name], &mut tally);
            played(&name, &test, &expected[&name], &mut tally);
        }
        if name.starts_with("routerbench") {
            pooled.extend(all);
        }
    }
    let name = "routerbench_three_pooled";
    hull(name, &pooled, &expected[name], &mut tally);
    played(name, &pooled, &expected[name], &mut tally);
    for name in ["livebench_12models", "llmrouter9", "langchain_tooluse"] {
        played(name, &rows(&folder, name), &expected[name], &mut tally);
    }
    for name in ["routellm_gsm8k", "routellm_mmlu", "routellm_mtbench"] {
        routed(name, &rows(&folder, name), &expected[name], &mut tally);
    }
    aime(
        &rows(&folder, "aime2025_epochs"),
        &expected["aime2025_epochs"],
        &mut tally,
    );
    say(&format!(
        "routing matrices: {} numbers checked, {} wrong",
        tally.checked,
        tally.wrong.len()
    ));
    assert!(tally.checked > 400);
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

/// The mean of a column for each model.
fn means(rows: &[Row], column: &str) -> BTreeMap<String, f64> {
    let mut by_model: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows {
        by_model
            .entry(row["model"].clone())
            .or_default()
            .push(number(row, column));
    }
    let mean = |(model, x): (String, Vec<f64>)| (model, moments::mean(&x).unwrap());
    by_model.into_iter().map(mean).collect()
}

/// Means, the zero router's hull, its AIQ.
fn hull(name: &str, rows: &[Row], expected: &Value, tally: &mut Tally) {
    let (scores, costs) = (means(rows, "score"), means(rows, "cost_usd"));
    let models: Vec<&String> = scores.keys().collect();
    let points: Vec<(f64, f64)> = models.iter().map(|m| (costs[*m], scores[*m])).collect();
    for (model, point) in models.iter().zip(&points) {
        let at = &expected["models"][model.as_str()];
        tally.near(&format!("{name} {model} cost"), point.0, &at["mean_cost"]);
        tally.near(&format!("{name} {model} score"), point.1, &at["mean_score"]);
    }
    let hull = frontier::hull(&points).unwrap();
    let corners = expected["zero_router_hull"].as_array().unwrap();
    assert_eq!(hull.places.len(), corners.len(), "{name}");
    for (place, corner) in hull.places.iter().zip(corners) {
        assert_eq!(
            Some(models[*place].as_str()),
            corner["model"].as_str(),
            "{name}"
        );
        tally.near(&format!("{name} hull"), points[*place].1, &corner["score"]);
    }
    let low = points.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|p| p.0).fold(0.0, f64::max);
    let aiq = hull.aiq(low, high).unwrap();
    tally.near(&format!("{name} AIQ"), aiq, &expected["zero_router_aiq"]);
    let best = expected["best_single"]["cost"].as_f64().unwrap();
    // half the cost of the best may lie below the cheapest model
    if let Some(half) = hull.at(best / 2.0) {
        let at = &expected["hull_score_at_half_best_cost"];
        tally.near(&format!("{name} at half the best one's cost"), half, at);
    }
}

/// Repeats of a case are no cases: the error by case against the error by row.
fn aime(rows: &[Row], expected: &Value, tally: &mut Tally) {
    let mut by_model: BTreeMap<&str, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for row in rows {
        let cases = by_model.entry(&row["model"]).or_default();
        cases
            .entry(&row["case_id"])
            .or_default()
            .push(number(row, "score"));
    }
    for (model, cases) in by_model {
        let cases: Vec<Vec<f64>> = cases.into_values().collect();
        let found = repeats::components(&cases).unwrap();
        let at = &expected[model];
        tally.near(&format!("{model} mean"), found.mean, &at["mean"]);
        tally.near(
            &format!("{model} by case"),
            found.error,
            &at["se_case_level"],
        );
        let by_row = &at["se_if_rows_were_independent"];
        tally.near(&format!("{model} by row"), found.error_of_rows, by_row);
        tally.near(
            &format!("{model} within"),
            found.within(),
            &at["var_within"],
        );
        tally.near(
            &format!("{model} between"),
            found.between(),
            &at["var_between"],
        );
        assert!(found.error >= 1.15 * found.error_of_rows, "{model}");
    }
}

#[test]
fn few_of_many_pairs_stand_after_correction() {
    let Some(folder) = folder("BAKEOFF_ROUTING", "routing") else {
        return;
    };
    let mut by_model: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for row in rows(&folder, "langchain_tooluse") {
        let passed = number(&row, "score") == 1.0;
        let cases = by_model.entry(row["model"].clone()).or_default();
        cases.insert(row["case_id"].clone(), passed);
    }
    let models: Vec<Vec<bool>> = by_model
        .into_values()
        .map(|c| c.into_values().collect())
        .collect();
    let pairs = (0..9).flat_map(|i| (i + 1..9).map(move |j| (i, j)));
    let p: Vec<f64> = pairs
        .map(|(i, j)| Pairs::count(models[i].iter().copied(), models[j].iter().copied()).exact())
        .collect();
    let below = |p: &[f64]| p.iter().filter(|p| **p < 0.05).count();
    assert_eq!(
        (p.len(), below(&p), below(&correction::holm(&p))),
        (36, 22, 10)
    );
}
