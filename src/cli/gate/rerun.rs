//! The gate's second stage: both sides asked afresh, in one interleaved run.

use super::super::args::{Global, Output, Selection};
use super::super::host::Host;
use super::super::load::{Guest, load_with};
use super::super::resume::again;
use super::super::run::{Job, prepare};
use super::super::session::Session;
use super::super::stored::trouble;
use super::Held;
use crate::gate::Kept;
use crate::plan::{Column, Snapshot};
use crate::project::ModelMap;
use crate::source::{Document, Problem, Source};
use crate::store::{Note, Outcome, RERUN, RunRow, Store, Stored};
use crate::summary::{Trace, traces};
use std::sync::Arc;

/// Fresh replies of both sides.
pub struct Fresh {
    traces: Vec<Trace>,
    /// Why it did not finish, if it did not.
    pub short: Option<String>,
    /// Who did not answer, and the first reason.
    pub notes: Vec<String>,
}

impl Fresh {
    /// Adds the fresh trials to those that are known.
    pub fn pool(&self, now: &mut Trace, before: Option<&mut Trace>) {
        let add = |side: &mut Trace, name: &str| {
            let Some(fresh) = self.traces.iter().find(|fresh| fresh.name == name) else {
                return;
            };
            for case in &mut side.cases {
                let same = fresh
                    .cases
                    .iter()
                    .find(|it| it.id == case.id && it.hash == case.hash);
                case.trials
                    .extend(same.into_iter().flat_map(|it| it.trials.clone()));
            }
        };
        let name = now.name.clone();
        add(now, &name);
        if let Some(before) = before {
            add(before, &guest_name(&name));
        }
    }
}

/// What the baseline's candidate is called beside today's.
fn guest_name(name: &str) -> String {
    format!("{name} (baseline)")
}

/// Asks the flagged candidates and their baselines again: the same cases, as often as before, nothing from the cache.
pub fn rerun(
    host: &Host,
    global: &Global,
    store: &Arc<Store>,
    held: &Held,
    names: &[String],
    max_cost: Option<f64>,
) -> Result<Fresh, Vec<Problem>> {
    let guests = held
        .pairs
        .iter()
        .filter(|(now, _)| names.contains(&now.name))
        .map(|(now, before)| guest(held, now, before.as_ref()))
        .collect::<Result<Vec<Guest>, Problem>>()
        .map_err(|problem| vec![problem])?;
    let own = guests.iter().filter_map(|guest| guest.model.name.clone());
    let selection = Selection {
        model: names.iter().cloned().chain(own).collect(),
        prompt: Vec::new(),
        repeats: Some(held.plan.repeats),
        seed: Some(held.plan.seed),
        max_cost,
        fresh: true,
        ..again(&Selection::default(), &held.plan.chosen)
    };
    let mut loaded = load_with(host, global, &selection, &guests)?;
    for (now, _) in held
        .pairs
        .iter()
        .filter(|(now, _)| names.contains(&now.name))
    {
        same(held, &loaded.snapshot, now)?;
    }
    for (now, _) in held
        .pairs
        .iter()
        .filter(|(now, _)| names.contains(&now.name))
    {
        same_guest(held, &loaded.snapshot, now)?;
    }
    loaded.snapshot.suite += RERUN;
    let job = Job {
        selection: &selection,
        output: &Output::default(),
        record: None,
        events: None,
    };
    let opened = prepare(host, &loaded, &job, Some(store), None)?;
    let row = RunRow {
        id: host.new_id(),
        suite: loaded.snapshot.suite.clone(),
        started: host.now(),
        plan: serde_json::to_value(&loaded.snapshot).expect("a snapshot is plain data"),
        trials: loaded.plan.trials.len(),
        complete: false,
    };
    let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
    store
        .write_now(note)
        .map_err(|error| vec![trouble(&error)])?;
    let session = Session {
        host,
        loaded: &loaded,
        store: store.clone(),
        row,
        replays: opened.replays.into(),
        offline: false,
        cache: false,
        resumed: false,
    };
    let ending = session.go(opened.events).map_err(|problem| vec![problem])?;
    let unsent = ending.done.unsent;
    let why = ending.done.why.as_deref().unwrap_or("stopped");
    Ok(Fresh {
        notes: failures(&loaded.snapshot, &ending.stored),
        traces: traces(&loaded.snapshot, &ending.stored),
        short: (unsent > 0).then(|| format!("{unsent} trials were not asked ({why})")),
    })
}

/// The baseline's candidate as one that can be asked.
fn guest(held: &Held, now: &Trace, before: Option<&Trace>) -> Result<Guest, Problem> {
    let name = before.map_or("", |side| side.name.as_str());
    let baseline = held
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.candidates);
    let kept = baseline
        .into_iter()
        .find(|kept| kept.candidate.name == name);
    let cannot = |why: &str| {
        Problem::error(format!("{name} cannot be asked again from the baseline: {why}"))
            .help("set the baseline anew from a run of the suite as it was, or judge this run with --release")
    };
    let Some(Kept {
        candidate,
        again: Some(again),
        ..
    }) = kept
    else {
        return Err(cannot(
            match kept.is_some_and(|kept| !kept.candidate.hops.is_empty()) {
                true => "it is a chain of models (`fallback`)",
                false => "it was written without the model and prompt",
            },
        ));
    };
    let wrong = |problem: Problem| cannot(&problem.title);
    let source = Arc::new(Source::new("the baseline's model", again.model.to_string()));
    let doc = Document::json(source).map_err(wrong)?;
    let mut model = match doc.top().text() {
        Some(model) => ModelMap {
            model: model.to_owned(),
            ..ModelMap::default()
        },
        None => {
            let read = doc.top().read::<ModelMap>();
            read.map_err(|problems| {
                cannot(problems.first().map_or("its model", |it| it.title.as_str()))
            })?
        }
    };
    model.name = Some(guest_name(&now.name));
    model.prompt = None;
    // The suite's and the prompt's parameters of that day are in these already.
    let params = serde_json::from_value(candidate.params.clone());
    model.params = params.map_err(|e| cannot(&e.to_string()))?;
    let file = again.file.clone().unwrap_or_else(|| "prompt.json".into());
    let prompt = Arc::new(Source::new(
        format!("{file} of the baseline"),
        again.prompt.clone(),
    ));
    Ok(Guest {
        model,
        file,
        prompt,
    })
}

/// Says who failed in a rerun, how often and why first.
fn failures(plan: &Snapshot, stored: &Stored) -> Vec<String> {
    let of = |column: &Column| {
        let records = stored.records.values();
        let own = records
            .filter(|record| record.candidate == column.name)
            .count();
        let failed = stored
            .records
            .values()
            .filter(|record| record.candidate == column.name);
        let messages: Vec<&str> = failed
            .filter_map(|record| match &record.outcome {
                Outcome::Failed(failure) => Some(failure.message.as_str()),
                Outcome::Answered(_) => None,
            })
            .collect();
        let first = messages.first()?;
        Some(format!(
            "asked again, {} failed {} of {own} times: {first}",
            column.name,
            messages.len(),
        ))
    };
    plan.candidates.iter().filter_map(of).collect()
}

/// The baseline's candidate must be asked as it was.
fn same_guest(held: &Held, today: &Snapshot, now: &Trace) -> Result<(), Vec<Problem>> {
    let before = held.pairs.iter().find(|(it, _)| it.name == now.name);
    let before = before.and_then(|(_, before)| before.as_ref());
    let kept = held
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.candidates);
    let was = kept
        .map(|kept| &kept.candidate)
        .find(|column| before.is_some_and(|side| side.name == column.name));
    let name = guest_name(&now.name);
    let is = today.candidates.iter().find(|column| column.name == name);
    let (Some(was), Some(is)) = (was, is) else {
        return Err(vec![Problem::error(format!(
            "{name} was not found in the baseline"
        ))]);
    };
    if was.id == is.id {
        return Ok(());
    }
    let title = format!(
        "{} would not be asked as it was when the baseline was set",
        was.name
    );
    let problem = was
        .changes(is)
        .into_iter()
        .fold(Problem::error(title), Problem::help);
    Err(vec![problem.help(
        "set the baseline anew from a run of the suite as it was, or judge this run with --release",
    )])
}

/// Today's suite must be the one that was run, or the two stages would judge different things.
fn same(held: &Held, today: &Snapshot, now: &Trace) -> Result<(), Vec<Problem>> {
    let find = |plan: &Snapshot| {
        let mut columns = plan.candidates.iter();
        columns.find(|column| column.name == now.name).cloned()
    };
    let (Some(was), Some(is)) = (find(&held.plan), find(today)) else {
        let title = format!("the suite has no candidate {:?} any more", now.name);
        return Err(vec![
            Problem::error(title).help("run it again with `bakeoff run`"),
        ]);
    };
    let mut changes = was.changes(&is);
    if held.plan.dataset.hash != today.dataset.hash {
        changes.push("the dataset changed".into());
    }
    if changes.is_empty() {
        return Ok(());
    }
    let problem = Problem::error("the suite is not what the run was made with");
    let problem = changes.into_iter().fold(problem, Problem::help);
    Err(vec![
        problem.help("run it again with `bakeoff run`, and then the gate"),
    ])
}
