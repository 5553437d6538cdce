//! `bakeoff run`: begin a run, and leave its report. What follows the plan is shared with `resume`.

use super::args::{self, Global, Output, Selection};
use super::caution::{cautions, tell};
use super::check;
use super::early::Sides;
use super::exit::Exit;
use super::host::Host;
use super::load::{Loaded, load};
use super::output;
use super::plan::spread_of;
use super::ready::{self, Known};
use super::rehearse;
use super::session::{Ending, Session};
use super::stored::{named, short_id, trouble};
use crate::plan::{Early, Stopped};
use crate::report::Report;
use crate::run::{Drill, Replays, write_recorded};
use crate::source::Problem;
use crate::store::{DRILL, Note, RunRow, Store, Stored};
use std::collections::HashSet;
use std::path::Path;

/// What `run` and `resume` have in common.
pub(super) struct Job<'a> {
    pub selection: &'a Selection,
    pub output: &'a Output,
    pub record: Option<&'a Path>,
    pub events: Option<&'a Path>,
}

/// What was opened before anything is written or sent.
pub(super) struct Opened {
    pub replays: Replays,
    pub events: Option<std::fs::File>,
}

/// `bakeoff run`.
pub fn run(host: &Host, global: &Global, args: &args::Run) -> Result<Exit, Vec<Problem>> {
    once(host, global, args).map(|(exit, _)| exit)
}

/// One run, with what it found.
pub(super) fn once(
    host: &Host,
    global: &Global,
    args: &args::Run,
) -> Result<(Exit, Option<Report>), Vec<Problem>> {
    let mut loaded = load(host, global, &args.selection)?;
    let sides = args
        .early_stop
        .then(|| Sides::of_run(host, &loaded))
        .transpose()?;
    if sides.is_some() {
        loaded.plan.in_rounds();
        loaded.snapshot.early = Some(Early::default());
    }
    let drill = Drill::aim(&args.drill, &loaded.plan).map_err(rehearse::unknown)?;
    if !args.drill.is_empty() {
        loaded.snapshot.suite += DRILL;
        loaded.snapshot.drill = drill.texts();
    }
    if args.dry_run {
        let format = args.output.format.as_deref();
        let exit = check::plan(host, global, &loaded, &args.selection, format)?;
        return Ok((exit, None));
    }
    early(&args.output)?;
    let output = rehearse::output(&loaded, &args.output);
    let job = Job {
        selection: &args.selection,
        output: &output,
        record: args.record.as_deref(),
        events: args.events.as_deref(),
    };
    let one = |error| vec![trouble(&error)];
    let path = loaded.store(global);
    let there = path.exists().then(|| Store::open(&path)).transpose();
    let there = there.map_err(one)?;
    // A drill asks anew: what an earlier run was answered says nothing of the outage.
    let known = there.as_deref().filter(|_| args.drill.is_empty());
    let opened = prepare(host, &loaded, &job, known, None)?;
    let store = there.map_or_else(|| Store::open(&path), Ok).map_err(one)?;
    let row = RunRow {
        id: host.new_id(),
        suite: loaded.snapshot.suite.clone(),
        started: host.now(),
        plan: serde_json::to_value(&loaded.snapshot).expect("a snapshot is plain data"),
        trials: loaded.plan.trials.len(),
        complete: false,
    };
    let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
    if let Err(error) = store.write_now(note) {
        let help = "nothing was sent: make room, and run it again";
        host.complain(&[Problem::error(error.to_string()).help(help)]);
        return Ok((Exit::Incomplete, None));
    }
    let session = Session {
        host,
        loaded: &loaded,
        store,
        row,
        replays: opened.replays.into(),
        offline: ready::offline(&loaded, job.selection),
        cache: !job.selection.fresh && args.drill.is_empty(),
        drill: drill.clone(),
        resumed: false,
        early: sides,
    };
    let (store, row) = (session.store.clone(), session.row.clone());
    let (exit, report) = go(session, opened.events, &job)?;
    if !args.drill.is_empty() && report.is_some() {
        rehearse::tell(host, global, &loaded, (&store, row), &drill, &args.output)?;
    }
    Ok((exit, report))
}

/// A format that does not exist is said before anything is paid.
pub(super) fn early(output: &Output) -> Result<(), Vec<Problem>> {
    let known = output.format.as_deref().map(output::known).transpose();
    known.map(drop).map_err(|problem| vec![problem])
}

/// Tries all that must hold, says what there is to say, and opens what will be needed.
///
/// `answered` holds the trials that a resumed run has; a run that begins is told the cautions too.
pub(super) fn prepare(
    host: &Host,
    loaded: &Loaded,
    job: &Job<'_>,
    store: Option<&Store>,
    answered: Option<&HashSet<String>>,
) -> Result<Opened, Vec<Problem>> {
    let selection = job.selection;
    let offline = ready::offline(loaded, selection);
    let mut problems = loaded.warnings.clone();
    let replays = ready::replays(host, loaded, selection);
    let replays = replays.map_err(|more| problems.extend(more));
    let replays = replays.unwrap_or_default();
    let none = HashSet::new();
    let known = Known {
        replays: &replays,
        cache: store.filter(|_| !selection.fresh),
        answered: answered.unwrap_or(&none),
    };
    let linted = ready::linted(loaded);
    let estimate = ready::foresee(loaded, &known, offline, &linted);
    let estimate = estimate.map_err(|more| problems.extend(more)).ok();
    problems.extend(ready::findings(&linted, estimate.as_ref(), offline));
    if !offline {
        let asked = ready::asked(&loaded.plan, estimate.as_ref());
        problems.extend(ready::missing_keys(asked.iter().copied()));
        problems.extend(ready::money(loaded, &asked, selection.allow_unpriced));
    }
    let out = ready::report_folder(host, &loaded.project.root, job.output);
    problems.extend(ready::writable(&out, "the report").err());
    problems.extend(ready::recording(host, job.record).err());
    let (mut errors, warnings) = ready::apart(problems);
    host.complain(&warnings);
    let spends = estimate.filter(|estimate| !offline && estimate.calls > 0);
    if let (Some(estimate), false, true) = (spends, host.quiet, errors.is_empty()) {
        let spread = spread_of(store, &loaded.plan.suite, &loaded.plan.primary);
        if answered.is_none() {
            host.complain(&cautions(&loaded.plan, Some(&estimate), &spread));
        }
        tell(host, loaded, &estimate, &spread);
    }
    let events = match errors.is_empty() {
        true => ready::events(host, job.events).map_err(|problem| errors.push(problem)),
        false => Ok(None),
    };
    match events {
        Ok(events) if errors.is_empty() => Ok(Opened { replays, events }),
        _ => Err(errors),
    }
}

/// Runs the session to its end and leaves recording and report; the run's own exit code goes before theirs.
pub(super) fn go(
    session: Session<'_>,
    events: Option<std::fs::File>,
    job: &Job<'_>,
) -> Result<(Exit, Option<Report>), Vec<Problem>> {
    let (host, loaded, store) = (session.host, session.loaded, session.store.clone());
    let (row, begun) = (session.row.clone(), session.resumed);
    let id = short_id(&store, &session.row.id);
    let mut ending = match session.go(events) {
        Ok(ending) => ending,
        // The user's files are good by now: it is the store, or this machine.
        Err(problem) => {
            host.complain(&[problem.help(go_on(loaded, &id))]);
            return Ok((Exit::Incomplete, None));
        }
    };
    ending.report = named(&store, ending.report);
    let missing = !ending.done.missing.is_empty() && ending.done.store.is_none();
    if missing {
        if !begun {
            // Nothing was sent: such a run must not be the latest.
            let forgotten = store.write_now(Note::Forget { run: row.id });
            forgotten.map_err(|error| vec![trouble(&error)])?;
        }
        let problem = self::missing(&ending);
        return Err(vec![match loaded.project.suite.replay {
            Some(_) => problem.help(ready::replay_line(loaded)),
            None => problem,
        }]);
    }
    let mut exit = exit(host, loaded, &ending, &id);
    let recorded = record(host, loaded, (&store, row), job.record, &id);
    let left = leave(host, loaded, &mut ending.report, job.output);
    for problem in [recorded, left].into_iter().filter_map(Result::err) {
        host.complain(&[problem]);
        if exit == Exit::Good {
            exit = Exit::Usage;
        }
    }
    Ok((exit, Some(ending.report)))
}

fn record(
    host: &Host,
    loaded: &Loaded,
    (store, row): (&Store, RunRow),
    path: Option<&Path>,
    id: &str,
) -> Result<(), Problem> {
    let Some(path) = path.map(|path| host.cwd.join(path)) else {
        return Ok(());
    };
    let stored = store.load(row).map_err(|error| trouble(&error))?;
    let records = in_order(loaded, &stored).into_iter();
    let lines = write_recorded(&path, records, &stored.run.started).map_err(|e| {
        let title = format!("cannot write the recording {}: {e}", path.display());
        let help = "the replies are in the store: write them with";
        Problem::error(title).help(format!("{help} `bakeoff resume {id} --record FILE`"))
    })?;
    host.say(&format!("recorded {lines} replies in {}", path.display()));
    Ok(())
}

/// Answers in the plan's own order (cases, then candidates as listed), then what judges said.
fn in_order<'a>(loaded: &Loaded, stored: &'a Stored) -> Vec<&'a crate::store::Record> {
    let plan = &loaded.snapshot;
    let cases = &stored.cases;
    let ids = cases.iter().flat_map(|case| {
        plan.candidates.iter().flat_map(move |column| {
            (0..plan.repeats).map(move |repeat| plan.trial_id(case, column, repeat))
        })
    });
    let answers: Vec<_> = ids.filter_map(|id| stored.records.get(&id)).collect();
    answers.into_iter().chain(stored.judges.values()).collect()
}

pub(super) fn missing(ending: &Ending) -> Problem {
    let missing = &ending.done.missing;
    let mut problem = Problem::error(format!(
        "nothing may be sent, and {} not recorded",
        ready::replies(missing.len())
    ));
    for (case, candidate) in missing.iter().take(5) {
        problem = problem.help(format!("case {case}, candidate {candidate}"));
    }
    if missing.len() > 5 {
        problem = problem.help(format!("and {} more", missing.len() - 5));
    }
    problem.help("ask them with `bakeoff run --fresh`, and keep them with --record FILE")
}

/// Writes the report and prints what was asked for.
pub(super) fn leave(
    host: &Host,
    loaded: &Loaded,
    report: &mut crate::report::Report,
    output: &Output,
) -> Result<(), Problem> {
    let catalog = &loaded.project.catalog;
    let root = &loaded.project.root;
    output::leave(host, report, output, root, &|path| catalog.text(path))
}

/// How a run is gone on with.
fn go_on(loaded: &Loaded, id: &str) -> String {
    match loaded.snapshot.drill.is_empty() {
        true => format!("go on with: bakeoff resume {id}"),
        false => "begin the drill again: it is not gone on with".to_owned(),
    }
}

/// The exit code, with a sentence where it is not 0.
pub(super) fn exit(host: &Host, loaded: &Loaded, ending: &Ending, id: &str) -> Exit {
    if let Some(error) = &ending.done.store {
        let go_on = format!("make room, and {}", go_on(loaded, id));
        host.complain(&[Problem::error(error.to_string()).help(go_on)]);
        return Exit::Incomplete;
    }
    if let Some(signal) = ending.signal {
        return Exit::Interrupted(signal);
    }
    if ending.done.unsent > 0 {
        let why = ending.done.why.as_deref().unwrap_or("stopped");
        let cap = loaded.plan.limits.max_cost.is_some() && why.contains("the cap of");
        let more = if cap { " --max-cost USD" } else { "" };
        host.say(&format!(
            "incomplete: {} trials were not asked ({why}); {}{more}",
            ending.done.unsent,
            go_on(loaded, id)
        ));
        return Exit::Incomplete;
    }
    if let Some(stopped) = &ending.report.summary.stopped_early {
        let Stopped { cases, of, why } = stopped;
        host.say(&format!(
            "stopped early, after {cases} of {of} cases: {why}"
        ));
    }
    if !loaded.snapshot.drill.is_empty() {
        // What fails in a drill is its finding.
        return Exit::Good;
    }
    let most = loaded.plan.limits.max_failed;
    let failing = ending
        .report
        .summary
        .candidates
        .iter()
        .filter(|row| row.failed as f64 > most * row.trials as f64);
    let failing: Vec<String> = failing
        .map(|row| format!("{} ({} of {})", row.name, row.failed, row.trials))
        .collect();
    if failing.is_empty() {
        return Exit::Good;
    }
    let share = most * 100.0;
    host.say(&format!("incomplete: more than {share} % of the trials failed for {}; ask them again with: bakeoff resume {id}", failing.join(", ")));
    Exit::Incomplete
}
