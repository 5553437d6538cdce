//! The public matrices as `route simulate` and `route fit` see them.

use super::{Row, Tally, rows};
use crate::shared::folder;
use bakeoff::route::fit::{Recommended, Wishes, fit};
use bakeoff::route::simulate::{Kind, simulate};
use bakeoff::route::{self, Matrix};
use bakeoff::stats::frontier;
use serde_json::Value;

/// The rows as a matrix, by the reader of `route --table`.
fn matrix(rows: &[Row]) -> Matrix {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let header: Vec<&String> = rows[0].keys().collect();
    csv.write_record(&header).unwrap();
    for row in rows {
        csv.write_record(row.values()).unwrap();
    }
    let bytes = csv.into_inner().unwrap();
    route::read("made.csv", &bytes[..]).unwrap().matrix()
}

/// The single models and the oracle, replayed.
pub fn played(name: &str, rows: &[Row], expected: &Value, tally: &mut Tally) {
    let matrix = matrix(rows);
    let cases = matrix.len() as f64;
    tally.near(&format!("{name} cases"), cases, &expected["cases"]);
    for single in route::singles(&matrix) {
        let found = single.play(&matrix);
        let at = &expected["models"][&single.name];
        tally.near(
            &format!("{name} {}", single.name),
            found.value(),
            &at["mean_score"],
        );
        if let Some(cost) = found.price() {
            tally.near(
                &format!("{name} {} total", single.name),
                cost * cases,
                &at["total_cost"],
            );
        }
    }
    let (oracle, at) = (route::oracle(&matrix).play(&matrix), &expected["oracle"]);
    tally.near(&format!("{name} oracle"), oracle.value(), &at["mean_score"]);
    if let Some(costs) = matrix.mean_costs() {
        let cost = oracle.price().unwrap();
        tally.near(&format!("{name} oracle's cost"), cost, &at["mean_cost"]);
        let saved = 1.0 - cost / costs[matrix.best()];
        tally.near(
            &format!("{name} oracle's saving"),
            saved,
            &expected["oracle_cost_saving_vs_best_single"],
        );
    }
}

/// Everything that `route simulate` says of the zero router, the oracle and the best model.
pub fn simulated(name: &str, rows: &[Row], expected: &Value, tally: &mut Tally) {
    let matrix = matrix(rows);
    let wishes = Wishes::new(0.05, 1);
    let found = simulate(&matrix, &[], Vec::new(), &wishes, "score");
    tally.near(
        &format!("{name} cases"),
        found.cases as f64,
        &expected["cases"],
    );
    for (model, at) in expected["models"].as_object().unwrap() {
        let policy = found.policies.iter().find(|p| p.name == *model).unwrap();
        tally.near(
            &format!("{name} {model}"),
            policy.quality.value,
            &at["mean_score"],
        );
        if let (Some(cost), total) = (policy.cost, &at["total_cost"]) {
            tally.near(
                &format!("{name} {model} total"),
                cost * found.cases as f64,
                total,
            );
        }
    }
    let oracle = found
        .policies
        .iter()
        .find(|p| p.kind == Kind::Oracle)
        .unwrap();
    let at = &expected["oracle"];
    tally.near(
        &format!("{name} oracle"),
        oracle.quality.value,
        &at["mean_score"],
    );
    assert!(found.oracle_by_chance.unwrap() <= 1.0);
    let Some(zero) = &found.zero_router else {
        return;
    };
    tally.near(
        &format!("{name} oracle's cost"),
        oracle.cost.unwrap(),
        &at["mean_cost"],
    );
    let saved = oracle.saving.unwrap().value;
    tally.near(
        &format!("{name} oracle's saving"),
        saved,
        &expected["oracle_cost_saving_vs_best_single"],
    );
    assert_eq!(
        Some(found.best.as_str()),
        expected["best_single"]["model"].as_str(),
        "{name}"
    );
    tally.near(
        &format!("{name} AIQ"),
        zero.aiq.unwrap(),
        &expected["zero_router_aiq"],
    );
    let corners = expected["zero_router_hull"].as_array().unwrap();
    assert_eq!(zero.corners.len(), corners.len(), "{name}");
    for (corner, at) in zero.corners.iter().zip(corners) {
        assert_eq!(Some(corner.model.as_str()), at["model"].as_str(), "{name}");
        tally.near(&format!("{name} corner"), corner.quality, &at["score"]);
        tally.near(&format!("{name} corner's cost"), corner.cost, &at["cost"]);
    }
}

/// Two models: gap, oracle, prompt length and subject as routers, and what a mere mixture saves, as `route simulate` says it.
pub fn routed(name: &str, rows: &[Row], expected: &Value, tally: &mut Tally) {
    let kept: Vec<Row> = rows
        .iter()
        .filter(|r| r["decontaminated"] == "1")
        .cloned()
        .collect();
    let mut matrix = matrix(&kept);
    let strong = matrix
        .candidates
        .iter()
        .position(|m| m.starts_with("gpt-4"))
        .unwrap();
    let list = [0.24, 24.7].map(|price| vec![price; matrix.len()]);
    matrix.cost = Some(vec![
        list[usize::from(strong == 0)].clone(),
        list[strong].clone(),
    ]);
    let found = simulate(&matrix, &[], Vec::new(), &Wishes::new(0.05, 1), "score");
    tally.near(
        &format!("{name} cases"),
        found.cases as f64,
        &expected["cases"],
    );
    let oracle = found
        .policies
        .iter()
        .find(|p| p.kind == Kind::Oracle)
        .unwrap();
    let at = &expected["oracle"];
    tally.near(
        &format!("{name} oracle"),
        oracle.quality.value,
        &at["mean_score"],
    );
    let needed = 1.0 - oracle.changed_per_100 / 100.0;
    tally.near(
        &format!("{name} oracle's calls"),
        needed,
        &at["strong_share_needed"],
    );
    let gap = found.gap.unwrap();
    tally.near(&format!("{name} weak"), gap.weak_score, &expected["weak"]);
    tally.near(
        &format!("{name} strong"),
        gap.strong_score,
        &expected["strong"],
    );
    for (by, key) in [
        ("oracle", "oracle"),
        ("prompt length", "prompt_length_router"),
        ("category, cross-fitted", "category_table_router_5fold"),
    ] {
        let Some(at) = expected.get(key) else {
            continue;
        };
        let router = gap.routers.iter().find(|router| router.by == by).unwrap();
        tally.near(
            &format!("{name} {by} APGR"),
            router.apgr.unwrap(),
            &at["apgr"],
        );
        for (cpt, key, part) in [
            (router.cpt50, "cpt50", "0.5"),
            (router.cpt80, "cpt80", "0.8"),
        ] {
            let at = at.get(key).unwrap_or(&at["cpt"][part]);
            tally.near(&format!("{name} {by} {key}"), cpt.unwrap(), at);
        }
    }
    let random = gap
        .routers
        .iter()
        .find(|router| router.by == "random")
        .unwrap();
    tally.near(
        &format!("{name} random"),
        random.apgr.unwrap(),
        &expected["random_router_apgr"],
    );
    let points = [(0.24, gap.weak_score), (24.7, gap.strong_score)];
    let hull = frontier::hull(&points).unwrap();
    let cost = hull.cost_of(0.95 * gap.strong_score).unwrap();
    let at = &expected["random_mixture_at_95pct_of_strong"];
    tally.near(
        &format!("{name} mixture"),
        1.0 - cost / 24.7,
        &at["cost_saving_at_24.7_to_0.24"],
    );
    let share = (cost - 0.24) / (24.7 - 0.24);
    tally.near(
        &format!("{name} its calls"),
        share,
        &at["strong_call_share"],
    );
}

/// One model is both better and cheaper: whatever the features, no router is the answer.
#[test]
fn the_negative_control_gets_no_router() {
    let Some(folder) = folder("BAKEOFF_ROUTING", "routing") else {
        return;
    };
    let matrix = matrix(&rows(&folder, "routerarena_sub10"));
    let found = fit(&matrix, &Wishes::new(0.05, 1), "score").unwrap();
    assert_eq!(found.decision.recommended, Recommended::Single);
    assert_eq!(found.decision.single, "gemini-2.0-flash-001");
    assert!(found.routes.is_none() && found.tried.is_empty());
}

/// Columns that mean nothing make no router, on real scores and costs.
#[test]
fn noise_makes_no_router_of_real_matrices() {
    let Some(folder) = folder("BAKEOFF_ROUTING", "routing") else {
        return;
    };
    let all = rows(&folder, "routerbench_winogrande");
    let mut ids: Vec<&String> = all.iter().map(|row| &row["case_id"]).collect();
    ids.dedup();
    for start in 0..10 {
        let taken: Vec<&String> = ids
            .iter()
            .skip(start)
            .step_by(12)
            .take(100)
            .copied()
            .collect();
        let mut kept: Vec<Row> = all
            .iter()
            .filter(|r| taken.contains(&&r["case_id"]))
            .cloned()
            .collect();
        for row in &mut kept {
            row.remove("prompt");
            let noise = row["case_id"].bytes().map(u32::from).sum::<u32>() % 3;
            row.insert("category".to_owned(), format!("{noise}"));
        }
        let found = fit(&matrix(&kept), &Wishes::new(0.05, start as u64), "score").unwrap();
        assert_eq!(found.tried.len(), 1);
        assert!(!found.tried[0].approved, "{:?}", found.tried);
    }
}
