//! How long every single reply took, by candidate.

use super::number::duration;
use super::svg::{Spread, Times};
use super::view::Drawing;
use super::{Report, words};
use crate::stats::Estimate;
use crate::summary::Row;

/// The times of all candidates on one axis; none where no time counts.
pub fn latencies(report: &Report) -> Option<Drawing> {
    let rows: Vec<Times> = report
        .summary
        .candidates
        .iter()
        .map(|row| Times {
            name: row.name.clone(),
            numbers: numbers(row),
            values: values(report, &row.name),
            p50: row.latency_ms.p50,
            p95: row.latency_ms.p95,
            tied: report.summary.best.tied.contains(&row.name),
        })
        .collect();
    if rows.iter().all(|row| row.values.is_empty()) {
        return None;
    }
    let without = rows.iter().filter(|row| row.values.is_empty());
    let without: Vec<&str> = without.map(|row| row.name.as_str()).collect();
    let mut note = "Each stroke is a reply, taller where several fall together; the dot is the median with its interval, the diamond P95.".to_owned();
    if !without.is_empty() {
        note += &format!(" No time to count: {}.", words::list(&without));
    }
    let spread = Spread {
        id: "times",
        title: "How long replies take",
        rows,
        text: duration,
        name: "from sent to end",
    };
    Some(Drawing {
        title: spread.title.to_owned(),
        svg: spread.draw(),
        note,
    })
}

fn numbers(row: &Row) -> String {
    let said =
        |name: &str, it: Option<Estimate>| it.map(|it| format!("{name} {}", duration(it.value)));
    let both = [
        said("p50", row.latency_ms.p50),
        said("p95", row.latency_ms.p95),
    ];
    let both: Vec<String> = both.into_iter().flatten().collect();
    match both.is_empty() {
        true => "no time".to_owned(),
        false => both.join(" · "),
    }
}

/// Recorded times are never mixed with live ones, and a cached reply has none.
fn values(report: &Report, name: &str) -> Vec<f64> {
    let trials = || report.cases.iter().flat_map(|case| &case.trials);
    let mine = || trials().filter(|trial| trial.candidate == name);
    let live = mine().any(|trial| trial.origin == "live" && trial.latency_ms.is_some());
    let counted = mine().filter(|trial| !live || trial.origin == "live");
    counted.filter_map(|trial| trial.latency_ms).collect()
}
