//! `run --drill`: what an outage rehearsal says before and after the run.

use super::args::{Global, Output};
use super::host::Host;
use super::load::Loaded;
use super::route;
use super::stored::{short_id, trouble};
use crate::project::Catalog;
use crate::report::{Look, Rehearsed, rehearsal};
use crate::run::Drill;
use crate::source::Problem;
use crate::stats::moments;
use crate::store::{Record, RunRow, Store, Stored};
use crate::summary::{Row, Summary, summarise};

/// Names that mean nothing in this run, with what could have been meant.
pub fn unknown(names: Vec<(String, Vec<String>)>) -> Vec<Problem> {
    let problem = |(title, helps): (String, Vec<String>)| {
        helps.into_iter().fold(Problem::error(title), Problem::help)
    };
    names.into_iter().map(problem).collect()
}

/// Where results go: a drill's report does not take the place of the last run's.
pub fn output(loaded: &Loaded, given: &Output) -> Output {
    let mut output = given.clone();
    if !loaded.snapshot.drill.is_empty() && output.out.is_none() {
        output.out = Some(loaded.project.root.join("bakeoff-report").join("drill"));
    }
    output
}

/// Says what happened, beside what was computed from the latest run without faults.
pub fn tell(
    host: &Host,
    global: &Global,
    loaded: &Loaded,
    (store, row): (&Store, RunRow),
    drill: &Drill,
    output: &Output,
) -> Result<(), Vec<Problem>> {
    let failed = |error| vec![trouble(&error)];
    let stored = store.table(row).map_err(failed)?;
    let summary = summarise(&loaded.snapshot, &stored);
    let runs = store.runs().map_err(failed)?;
    let suite = &loaded.plan.suite;
    let before = runs
        .iter()
        .find(|run| run.complete && !run.aside() && run.suite == *suite);
    let expected = before.map_or(Vec::new(), |run| {
        route::expected(host, global, &loaded.plan, &run.id, drill)
    });
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for row in &summary.candidates {
        match expected.iter().find(|(name, _)| *name == row.name) {
            Some((_, Ok(event))) => rows.push(Rehearsed {
                name: row.name.clone(),
                how: "computed",
                answered: event.served,
                by_hop: event.by_hop.clone(),
                score: event.quality_served,
                cost: Some(event.cost),
                latency: Some(event.latency),
            }),
            Some((name, Err(why))) => notes.push(format!("{name} cannot be computed: {why}")),
            None => {}
        }
        rows.push(measured(&summary, row, &stored));
    }
    notes.push(match before {
        Some(run) if !expected.is_empty() => {
            format!("computed from run {}, of each model by itself", short_id(store, &run.id))
        }
        Some(_) => "nothing to compute: only chains of fallbacks are".to_owned(),
        None => "nothing to compute from: there is no complete run without faults (`bakeoff run`, then this again)".to_owned(),
    });
    let catalog = Catalog::new(&loaded.project.root, global.allow_path);
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &|path| catalog.text(path),
    };
    let text = rehearsal(&loaded.snapshot.drill.join(", "), &rows, &notes, &look);
    match output.format.as_deref() {
        None | Some("terminal") => host.print(&text),
        Some(_) => host.say(text.trim_end()),
    }
    Ok(())
}

fn measured(summary: &Summary, row: &Row, stored: &Stored) -> Rehearsed {
    let share = |n: usize| n as f64 / row.trials.max(1) as f64;
    let records = stored.records.values();
    let own = records.filter(|record| record.candidate == row.name);
    let times: Vec<f64> = own.filter_map(time).collect();
    let cost = &row.cost_usd;
    let paid = cost.answers.zip(cost.waste);
    let paid = paid.map(|(answers, waste)| answers + waste + cost.passed_over.unwrap_or(0.0));
    Rehearsed {
        name: row.name.clone(),
        how: "measured",
        answered: share(row.answered),
        by_hop: row.hops.iter().map(|hop| share(hop.answered)).collect(),
        score: row
            .scores
            .get(&summary.best.scorer)
            .and_then(|cell| cell.value),
        cost: paid.map(|usd| usd / row.trials.max(1) as f64),
        latency: moments::mean(&times),
    }
}

/// How long a request took, to its answer or until it was given up, ms.
fn time(record: &Record) -> Option<f64> {
    let given_up = || {
        let (first, last) = (record.attempts.first()?, record.attempts.last()?);
        Some(last.after + last.times.end - first.times.sent)
    };
    record.total_ms().or_else(given_up)
}
