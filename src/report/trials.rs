//! The run as one flat table, a row a trial: what the CSV and the Parquet file hold.

use super::{CaseView, Report, TrialView};
use crate::summary::table::{Cells, Column};
use std::borrow::Cow;

/// The columns, trials in the order of cases, then candidates, then repeats.
pub fn columns(report: &Report) -> Vec<Column<'_>> {
    let rows: Vec<Row<'_>> = report
        .cases
        .iter()
        .flat_map(|case| case.trials.iter().map(move |trial| Row { case, trial }))
        .collect();
    let text = |name: &str, of: for<'a> fn(&Row<'a>) -> Option<Cow<'a, str>>| {
        column(name, Cells::Text(rows.iter().map(of).collect()))
    };
    let number = |name: &str, of: fn(&Row) -> Option<f64>| {
        column(name, Cells::Number(rows.iter().map(of).collect()))
    };
    let count = |name: &str, of: fn(&Row) -> Option<u64>| {
        column(name, Cells::Count(rows.iter().map(of).collect()))
    };
    let mut columns = vec![
        text("case", |r| Some(r.case.id.as_str().into())),
        text("candidate", |r| Some(r.trial.candidate.as_str().into())),
        count("repeat", |r| Some(r.trial.repeat.into())),
        text("outcome", |r| Some(outcome(r.trial).into())),
        text("failure", |r| {
            r.trial.failure.as_deref().map(|f| kind(f).into())
        }),
        text("finish", |r| r.trial.finish.as_deref().map(Cow::from)),
    ];
    for scorer in &report.summary.scorers {
        let scores = || rows.iter().map(|r| r.trial.scores.get(scorer));
        let values = scores().map(|s| s.and_then(|s| s.value)).collect();
        let passed = scores().map(|s| s.and_then(|s| s.passed)).collect();
        columns.push(column(scorer, Cells::Number(values)));
        columns.push(column(&format!("{scorer}_passed"), Cells::Flag(passed)));
    }
    columns.extend([
        number("cost_usd", |r| r.trial.cost_usd),
        text("cost_source", |r| {
            r.trial.cost_source.as_deref().map(Cow::from)
        }),
        number("waste_usd", |r| r.trial.waste_usd),
        number("latency_ms", |r| r.trial.latency_ms),
        number("first_token_ms", |r| r.trial.first_token_ms),
        count("input_tokens", |r| r.trial.input_tokens),
        count("output_tokens", |r| r.trial.output_tokens),
        count("attempts", |r| Some(r.trial.attempts as u64)),
        text("origin", |r| Some(r.trial.origin.as_str().into())),
        text("served_model", |r| {
            r.trial.served_model.as_deref().map(Cow::from)
        }),
        text("hop", |r| r.trial.hop.as_deref().map(Cow::from)),
        text("target", |r| r.case.target.as_ref().map(super::text_of)),
        text("tags", |r| Some(r.case.tags.join(" ").into())),
        text("text", |r| r.trial.text.as_deref().map(Cow::from)),
    ]);
    distinct(columns)
}

struct Row<'a> {
    case: &'a CaseView,
    trial: &'a TrialView,
}

fn column<'a>(name: &str, cells: Cells<'a>) -> Column<'a> {
    Column {
        name: name.to_owned(),
        cells,
    }
}

/// A scorer may be named like a column of ours (or like another's `_passed`): the later one gets a `_`.
fn distinct(mut columns: Vec<Column<'_>>) -> Vec<Column<'_>> {
    let mut seen = std::collections::BTreeSet::new();
    for column in &mut columns {
        while !seen.insert(column.name.clone()) {
            column.name.push('_');
        }
    }
    columns
}

fn outcome(trial: &TrialView) -> &'static str {
    match (&trial.failure, &trial.text) {
        (Some(_), _) => "failed",
        (None, Some(_)) => "answered",
        (None, None) => "not asked",
    }
}

/// The kind in `kind: message`.
pub fn kind(failure: &str) -> &str {
    failure.split(':').next().unwrap_or(failure).trim()
}
