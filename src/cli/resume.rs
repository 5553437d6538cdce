//! `bakeoff resume`: go on with a run. What was answered is not asked again, and what is done is only shown.

use super::args::{self, Global, Selection};
use super::early::Sides;
use super::exit::Exit;
use super::host::Host;
use super::load::{Loaded, load};
use super::ready;
use super::run::{Job, Opened, early, go, prepare};
use super::session::Session;
use super::stored::{find, open, short_id, snapshot, trouble};
use crate::dataset::{Case, Shard};
use crate::plan::{Chosen, Snapshot};
use crate::run::Drill;
use crate::source::Problem;
use crate::store::{Note, Outcome, Record, Stored};
use std::collections::{HashMap, HashSet};

/// Runs the command.
pub fn resume(host: &Host, global: &Global, args: &args::Resume) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    let failed = |error| vec![trouble(&error)];
    early(&args.output)?;
    let (_, path) = super::place(host, global);
    let none = || vec![Problem::error("no run to resume").help("start one with `bakeoff run`")];
    if !path.exists() {
        load(host, global, &args.selection)?;
        return Err(none());
    }
    let store = open(&path).map_err(one)?;
    if args.run == "latest" && store.find_runs("latest").map_err(failed)?.is_empty() {
        return Err(none());
    }
    let mut row = find(&store, &args.run).map_err(one)?;
    if row.aside() {
        let id = short_id(&store, &row.id);
        let title = format!("{id} is no run of the suite's own: {}", row.suite);
        if row.drill() {
            let help = "begin it again with `bakeoff run --drill`";
            return Err(vec![Problem::error(title).help(help)]);
        }
        let help = "give the command that began it again (`bakeoff port`, `bakeoff gate --rerun`): it goes on with what was answered";
        return Err(vec![Problem::error(title).help(help)]);
    }
    let before = snapshot(&row).map_err(one)?;
    let selection = again(&args.selection, &before.chosen);
    let mut loaded = load(host, global, &selection)?;
    let changes = before.changes(&loaded.snapshot);
    if !changes.is_empty() {
        let id = short_id(&store, &row.id);
        let title = format!("the suite is not what run {id} was started with");
        let problem = changes
            .into_iter()
            .fold(Problem::error(title), Problem::help);
        return Err(vec![problem.help(
            "start anew with `bakeoff run`: replies that are still wanted come from the cache",
        )]);
    }
    let job = Job {
        selection: &selection,
        output: &args.output,
        record: args.record.as_deref(),
        events: args.events.as_deref(),
    };
    let stored = store.table(row.clone()).map_err(failed)?;
    let done = finished(&loaded, &stored);
    let sides = sides(host, &mut loaded, &before, &stored)?;
    let opened = if done {
        // Nothing is asked, so neither keys nor prices are needed.
        Opened {
            replays: ready::replays(host, &loaded, &selection).unwrap_or_default(),
            events: ready::events(host, job.events).map_err(one)?,
        }
    } else {
        let flight = store.in_flight(&row.id).map_err(failed)?;
        if flight.requests > 0 {
            let most = flight.worst_usd.map_or_else(
                || "at an unknown price".to_owned(),
                |usd| format!("≤ ${usd:.6}"),
            );
            host.say(&format!(
                "possibly billed when the run was cut off: {} requests, {most}; they are asked again",
                flight.requests
            ));
        }
        let answered = store.answered(&row.id).map_err(failed)?;
        prepare(host, &loaded, &job, Some(&store), Some(&answered))?
    };
    // Scorers may have changed: the store must know by which ones the scores of today are made.
    row.plan = serde_json::to_value(&loaded.snapshot).expect("a snapshot is plain data");
    let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
    if let Err(error) = store.write_now(note) {
        host.complain(&[trouble(&error)]);
        return Ok(Exit::Incomplete);
    }
    let session = Session {
        host,
        loaded: &loaded,
        store,
        row,
        replays: opened.replays.into(),
        offline: done || ready::offline(&loaded, &selection),
        cache: done || !selection.fresh,
        drill: Drill::default(),
        resumed: true,
        early: sides,
    };
    go(session, opened.events, &job).map(|(exit, _)| exit)
}

/// A run that may stop early goes on as it began; one that has stopped asks nothing that it left out.
fn sides(
    host: &Host,
    loaded: &mut Loaded,
    before: &Snapshot,
    stored: &Stored,
) -> Result<Option<Sides>, Vec<Problem>> {
    loaded.snapshot.early.clone_from(&before.early);
    if before.early.is_none() {
        return Ok(None);
    }
    loaded.plan.in_rounds();
    if before.stopped().is_some() {
        let asked: HashSet<&str> = stored.cases.iter().map(|case| case.id.as_str()).collect();
        loaded.plan.only(|id| asked.contains(id));
        return Ok(None);
    }
    Sides::of_run(host, loaded).map(Some)
}

/// The selection that the run was started with, unless another one is given; a cap stays, unless another one is given.
pub(super) fn again(given: &Selection, before: &Chosen) -> Selection {
    let named = [&given.model, &given.prompt, &given.only];
    let counted = [given.limit, given.sample];
    let other = named.iter().any(|names| !names.is_empty())
        || counted.iter().any(Option::is_some)
        || given.shard.is_some()
        || given.repeats.is_some()
        || given.seed.is_some();
    let money = Selection {
        max_cost: given.max_cost.or(before.max_cost),
        allow_unpriced: given.allow_unpriced || before.allow_unpriced,
        fresh: given.fresh || before.fresh,
        drop_params: given.drop_params || before.drop_params,
        ..given.clone()
    };
    if other {
        return money;
    }
    Selection {
        model: before.models.clone(),
        prompt: before.prompts.clone(),
        only: before.only.clone(),
        limit: before.limit,
        sample: before.sample,
        shard: before.shard.map(|(part, of)| Shard { part, of }),
        repeats: before.repeats,
        seed: before.seed,
        ..money
    }
}

/// Whether every trial was answered and nothing is left to ask a judge.
fn finished(loaded: &Loaded, stored: &Stored) -> bool {
    let answered = |record: &Record| matches!(record.outcome, Outcome::Answered(_));
    let cases: HashMap<&str, &Case> = stored.cases.iter().map(|it| (it.id.as_str(), it)).collect();
    let judging = || {
        let scorers = loaded.scorers.iter();
        scorers.filter(|named| !named.models().is_empty())
    };
    let judged = |record: &Record| {
        let case = cases.get(record.case.as_str());
        let mut due = judging().filter(|named| case.is_some_and(|case| named.applies(case)));
        due.all(|named| {
            let known = stored.scores.get(&record.trial);
            known
                .and_then(|known| known.get(&named.name))
                .is_some_and(|scored| scored.definition == named.definition)
        })
    };
    stored.run.complete
        && stored.records.values().all(|it| answered(it) && judged(it))
        && stored.judges.values().all(answered)
}
