//! The statistics and the comparison on public matrices of models' scores and costs (`BAKEOFF_ROUTING`, else
//! `../shared/routing` beside the package), against reference numbers computed elsewhere.

use crate::shared::{folder, say};
use bakeoff::stats::discordance::Pairs;
use bakeoff::stats::{correction, frontier, gap, moments, repeats};
use flate2::read::GzDecoder;
use serde_json::Value;
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
    for name in [
        "routerbench_arc_challenge",
        "routerbench_mbpp",
        "routerbench_winogrande",
        "routerarena_sub10",
    ] {
        let all = rows(&folder, name);
        hull(name, &all, &expected[name], &mut tally);
        let test: Vec<Row> = all
            .into_iter()
            .filter(|r| r.get("split").is_some_and(|split| split == "test"))
            .collect();
        if !test.is_empty() {
            let name = format!("{name}_test_split");
            hull(&name, &test, &expected[&name], &mut tally);
        }
    }
    for name in ["livebench_12models", "llmrouter9", "langchain_tooluse"] {
        for (model, mean) in means(&rows(&folder, name), "score") {
            let at = &expected[name]["models"][&model]["mean_score"];
            tally.near(&format!("{name} {model}"), mean, at);
        }
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
    assert!(tally.checked > 150);
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

/// Two models: gap, oracle and prompt length as routers, and what a mere mixture saves.
fn routed(name: &str, rows: &[Row], expected: &Value, tally: &mut Tally) {
    // the score of each model over its turns, and the length of the first turn's prompt
    let mut cases: Vec<(String, [Vec<f64>; 2], f64)> = Vec::new();
    for row in rows.iter().filter(|r| r["decontaminated"] == "1") {
        if cases.last().is_none_or(|case| case.0 != row["case_id"]) {
            let known = cases.iter().position(|case| case.0 == row["case_id"]);
            assert!(known.is_none(), "rows of a case stand together");
            let length = row["prompt"].chars().count() as f64;
            cases.push((row["case_id"].clone(), Default::default(), length));
        }
        let strong = usize::from(row["model"].starts_with("gpt-4"));
        let case = cases.last_mut().unwrap();
        case.1[strong].push(number(row, "score"));
    }
    // of equal lengths the lower id goes first
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    let side = |which: usize| -> Vec<f64> {
        cases
            .iter()
            .map(|case| moments::mean(&case.1[which]).unwrap())
            .collect()
    };
    let (weak, strong) = (side(0), side(1));
    let lengths: Vec<f64> = cases.iter().map(|case| case.2).collect();
    let gains: Vec<f64> = weak.iter().zip(&strong).map(|(w, s)| s - w).collect();
    tally.near(
        &format!("{name} cases"),
        cases.len() as f64,
        &expected["cases"],
    );
    for (router, score, at) in [
        ("oracle", &gains, &expected["oracle"]),
        ("length", &lengths, &expected["prompt_length_router"]),
    ] {
        let found = gap::recovered(&weak, &strong, score).unwrap();
        tally.near(&format!("{name} weak"), found.weak(), &expected["weak"]);
        tally.near(
            &format!("{name} strong"),
            found.strong(),
            &expected["strong"],
        );
        let apgr = match router {
            // an oracle stops where more of the strong model would only lose
            "oracle" => never_falling(&found),
            _ => found.average.unwrap(),
        };
        tally.near(&format!("{name} {router} APGR"), apgr, &at["apgr"]);
        for (part, key) in [(0.5, "cpt50"), (0.8, "cpt80")] {
            let cpt = found.calls_for(part).unwrap();
            let at = match at.get(key) {
                Some(at) => at,
                None => &at["cpt"][format!("{part}")],
            };
            tally.near(&format!("{name} {router} {key}"), cpt, at);
        }
    }
    let (w, s) = (
        moments::mean(&weak).unwrap(),
        moments::mean(&strong).unwrap(),
    );
    let hull = frontier::hull(&[(0.24, w), (24.7, s)]).unwrap();
    let saving = 1.0 - hull.cost_of(0.95 * s).unwrap() / 24.7;
    let at = &expected["random_mixture_at_95pct_of_strong"]["cost_saving_at_24.7_to_0.24"];
    tally.near(&format!("{name} mixture"), saving, at);
}

/// APGR of the curve's running maximum.
fn never_falling(found: &gap::Recovered) -> f64 {
    let (weak, gap) = (found.weak(), found.strong() - found.weak());
    let mut most = f64::NEG_INFINITY;
    let mut rising = found.curve.iter().map(|v| {
        most = most.max((v - weak) / gap);
        most
    });
    let mut last = rising.next().unwrap();
    let steps = (found.curve.len() - 1) as f64;
    rising
        .map(|v| (v + std::mem::replace(&mut last, v)) / 2.0)
        .sum::<f64>()
        / steps
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
