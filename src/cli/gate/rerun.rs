//! The gate's second stage: both sides asked afresh, in one interleaved run.

use super::super::args::{Global, Output, Selection};
use super::super::early::{Side, Sides};
use super::super::host::Host;
use super::super::load::{Guest, Loaded, load_with};
use super::super::resume::again;
use super::super::run::{Job, prepare};
use super::super::session::Session;
use super::super::stored::{short_id, snapshot, trouble};
use super::Held;
use crate::gate::{Kept, Rounds};
use crate::plan::{Column, Early, Snapshot};
use crate::project::ModelMap;
use crate::report::counted;
use crate::run::Drill;
use crate::source::{Document, Problem, Source};
use crate::store::{Note, Outcome, RERUN, RunRow, Store, Stored};
use crate::summary::{Trace, traces};
use std::collections::HashSet;
use std::sync::Arc;

/// Both sides to be asked again.
pub struct Rerun<'a> {
    pub host: &'a Host,
    pub global: &'a Global,
    pub store: &'a Arc<Store>,
    pub held: &'a Held,
    /// The candidates that were flagged.
    pub names: &'a [String],
    pub max_cost: Option<f64>,
    /// Whether it may stop once its verdict is certain.
    pub early_stop: bool,
}

/// Fresh replies of both sides.
pub struct Fresh {
    traces: Vec<Trace>,
    /// Cases that were left out because the verdict was certain.
    left_out: HashSet<String>,
    /// The order of the cases, where the rerun may have stopped early.
    pub rounds: Option<Rounds>,
    /// Why it did not finish, if it did not.
    pub short: Option<String>,
    /// Who did not answer, and the first reason.
    pub notes: Vec<String>,
}

impl Fresh {
    /// The pairs with the fresh trials beside those that were known; without the cases that were not asked again.
    pub fn pooled(&self, pairs: &[(Trace, Option<Trace>)]) -> Vec<(Trace, Option<Trace>)> {
        let add = |side: &Trace, name: &str| {
            let mut side = side.clone();
            let Some(fresh) = self.traces.iter().find(|fresh| fresh.name == name) else {
                return side;
            };
            side.cases.retain(|case| !self.left_out.contains(&case.id));
            for case in &mut side.cases {
                let same = fresh
                    .cases
                    .iter()
                    .find(|it| it.id == case.id && it.hash == case.hash);
                case.trials
                    .extend(same.into_iter().flat_map(|it| it.trials.clone()));
            }
            side
        };
        let both = |(now, before): &(Trace, Option<Trace>)| {
            let guest = guest_name(&now.name);
            let before = before.as_ref().map(|before| add(before, &guest));
            (add(now, &now.name), before)
        };
        pairs.iter().map(both).collect()
    }
}

/// What the baseline's candidate is called beside today's.
fn guest_name(name: &str) -> String {
    format!("{name} (baseline)")
}

impl Rerun<'_> {
    /// Asks the flagged candidates and their baselines again: the same cases, as often as before, nothing
    /// from the cache. One that was cut off goes on, and one that is done is not asked a third time.
    pub fn go(&self) -> Result<Fresh, Vec<Problem>> {
        let (held, store, names) = (self.held, self.store, self.names);
        let one = |problem| vec![problem];
        let failed = |error| vec![trouble(&error)];
        let flagged = held
            .pairs
            .iter()
            .filter(|(now, _)| names.contains(&now.name));
        let guests = flagged
            .clone()
            .map(|(now, before)| guest(held, now, before.as_ref()))
            .collect::<Result<Vec<Guest>, Problem>>()
            .map_err(one)?;
        let own = guests.iter().filter_map(|guest| guest.model.name.clone());
        let selection = Selection {
            model: names.iter().cloned().chain(own).collect(),
            prompt: Vec::new(),
            repeats: Some(held.plan.repeats),
            seed: Some(held.plan.seed),
            max_cost: self.max_cost,
            fresh: true,
            ..again(&Selection::default(), &held.plan.chosen)
        };
        let mut loaded = load_with(self.host, self.global, &selection, &guests)?;
        for (now, _) in flagged.clone() {
            same(held, &loaded.snapshot, now)?;
        }
        for (now, _) in flagged {
            same_guest(held, &loaded.snapshot, now)?;
        }
        loaded.snapshot.suite += RERUN;
        loaded.snapshot.confirms = Some(held.row.id.clone());
        loaded.snapshot.early = self.early_stop.then(Early::default);
        // Of a run that stopped early, the cases that it asked.
        let known = held.pairs.iter().flat_map(|(now, _)| &now.cases);
        let known: HashSet<&str> = known.map(|case| case.id.as_str()).collect();
        loaded.plan.only(|id| known.contains(id));
        if self.early_stop {
            loaded.plan.in_rounds();
        }
        let begun = self.begun(&loaded.snapshot)?;
        let resumed = begun.is_some();
        let answered = match &begun {
            Some(row) => Some(store.answered(&row.id).map_err(failed)?),
            None => None,
        };
        let job = Job {
            selection: &selection,
            output: &Output::default(),
            record: None,
            events: None,
        };
        let row = begun.unwrap_or_else(|| RunRow {
            id: self.host.new_id(),
            suite: loaded.snapshot.suite.clone(),
            started: self.host.now(),
            plan: serde_json::to_value(&loaded.snapshot).expect("a snapshot is plain data"),
            trials: loaded.plan.trials.len(),
            complete: false,
        });
        if resumed {
            let id = short_id(store, &row.id);
            let known = answered.as_ref().map_or(0, HashSet::len);
            self.host.say(&format!(
                "the rerun {id} was begun before: its {} are kept",
                counted(known, "reply")
            ));
        }
        let stored = if row.complete {
            store.table(row.clone()).map_err(failed)?
        } else {
            let opened = prepare(self.host, &loaded, &job, Some(store), answered.as_ref())?;
            let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
            store.write_now(note).map_err(failed)?;
            let session = Session {
                host: self.host,
                loaded: &loaded,
                store: store.clone(),
                row,
                replays: opened.replays.into(),
                offline: false,
                cache: false,
                drill: Drill::default(),
                resumed,
                early: self.early_stop.then(|| self.sides(&loaded)),
            };
            let ending = session.go(opened.events).map_err(one)?;
            if !ending.done.complete() {
                let unsent = counted(ending.done.unsent, "trial");
                let why = ending.done.why.as_deref().unwrap_or("stopped");
                return Ok(Fresh {
                    traces: Vec::new(),
                    left_out: HashSet::new(),
                    rounds: None,
                    notes: failures(&loaded.snapshot, &ending.stored),
                    short: Some(format!("{unsent} not asked ({why})")),
                });
            }
            ending.stored
        };
        let plan = snapshot(&stored.run).map_err(one)?;
        Ok(Fresh {
            notes: failures(&plan, &stored),
            traces: traces(&plan, &stored),
            left_out: stored.left_out.iter().map(|it| it.id.clone()).collect(),
            rounds: plan.early.is_some().then(|| Rounds {
                stopped: plan.stopped().cloned(),
                ..self.rounds(&loaded)
            }),
            short: None,
        })
    }

    /// The newest rerun of this run that asks the same, if there is one.
    fn begun(&self, now: &Snapshot) -> Result<Option<RunRow>, Vec<Problem>> {
        let runs = self.store.runs().map_err(|error| vec![trouble(&error)])?;
        let same = |row: &RunRow| {
            let before = (row.suite == now.suite)
                .then(|| snapshot(row).ok())
                .flatten();
            before.is_some_and(|before| {
                // One that stopped early is as done as one that was never to.
                let early = row.complete || before.early.is_some() == now.early.is_some();
                before.confirms == now.confirms
                    && early
                    && before.scorers == now.scorers
                    && before.changes(now).is_empty()
            })
        };
        Ok(runs.into_iter().find(same))
    }

    /// The order of the cases; the usual margin is that of the whole run.
    fn rounds(&self, loaded: &Loaded) -> Rounds {
        let known = self.held.pairs.iter().flat_map(|(now, _)| &now.cases);
        let known: HashSet<&str> = known.map(|case| case.id.as_str()).collect();
        let cases = loaded.plan.dataset.cases.iter();
        let cases = cases.map(|case| (case.id.as_str(), case.group.as_deref()));
        let cases = cases.filter(|(id, _)| known.contains(id));
        Rounds {
            planned: loaded.plan.dataset.cases.len(),
            ..Rounds::new(loaded.plan.seed, cases)
        }
    }

    /// What the rerun is judged by while it goes: all pairs, of which the flagged are asked again.
    fn sides(&self, loaded: &Loaded) -> Sides {
        let asked = |name: String, of: &str| self.names.iter().any(|it| it == of).then_some(name);
        let pairs = self.held.pairs.iter().map(|(now, before)| {
            let (today, guest) = (now.name.clone(), guest_name(&now.name));
            (
                Side {
                    asked: asked(today, &now.name),
                    trace: now.clone(),
                },
                Side {
                    asked: asked(guest, &now.name),
                    trace: before.clone().unwrap_or_default(),
                },
            )
        });
        Sides {
            pairs: pairs.collect(),
            rules: self.held.rules.clone(),
            pooled: true,
            seed: self.held.plan.seed,
            rounds: self.rounds(loaded),
        }
    }
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
