//! Finding a run in the store, and reporting on it: `report`, and what `show` and `score` need of it.

use super::args;
use super::ci;
use super::exit::Exit;
use super::host::Host;
use super::output::{self, Making};
use super::reprice::repriced;
use crate::plan::Snapshot;
use crate::report::{FORMATS, Format, Report, gather};
use crate::source::{Problem, did_you_mean};
use crate::store::{RunRow, Store, StoreError, Stored};
use std::path::Path;
use std::sync::Arc;

/// The store's own trouble as a problem.
pub fn trouble(error: &StoreError) -> Problem {
    let problem = Problem::error(error.to_string());
    match error.what {
        "write" => problem.help("nothing more was sent; make room and go on with `bakeoff resume`"),
        _ => problem,
    }
}

/// Opens a store that must be there already.
pub fn open(path: &Path) -> Result<Arc<Store>, Problem> {
    if !path.exists() {
        return Err(Problem::error("there are no runs yet").help("start one with `bakeoff run`"));
    }
    Store::open(path).map_err(|error| trouble(&error))
}

/// The one run that is meant by `latest` or a prefix of its id.
pub fn find(store: &Store, wanted: &str) -> Result<RunRow, Problem> {
    let mut found = store.find_runs(wanted).map_err(|error| trouble(&error))?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 if wanted == "latest" => Err(none(store)),
        0 => {
            let runs = store.runs().unwrap_or_default();
            let begin = |run: &RunRow| -> String { run.id.chars().take(wanted.len()).collect() };
            let begins: Vec<String> = runs.iter().map(begin).collect();
            let problem = Problem::error(format!("there is no run {wanted:?}"));
            let problem = match did_you_mean(wanted, begins.iter().map(String::as_str)) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem,
            };
            Err(problem.help("`bakeoff list runs` lists them"))
        }
        n => {
            let ids: Vec<&str> = found.iter().take(5).map(|run| run.id.as_str()).collect();
            Err(Problem::error(format!("{n} runs begin with {wanted:?}"))
                .help(format!("give more of the id: {}", ids.join(", "))))
        }
    }
}

/// Why no run is the latest.
fn none(store: &Store) -> Problem {
    let asides = store.runs().unwrap_or_default();
    match asides.first() {
        None => Problem::error("there are no runs yet").help("start one with `bakeoff run`"),
        Some(run) => Problem::error(format!("there are no runs yet but of {:?}", run.suite))
            .help(format!("name it: {}", short_id(store, &run.id))),
    }
}

/// Digits of a run's id that are shown at least: its time to the millisecond, so that they stay its own.
const SHOWN: usize = 13;

/// The run's id as it is shown: the shortest prefix, of thirteen characters or more, that no other run has.
pub fn short_id(store: &Store, id: &str) -> String {
    let runs = store.runs().unwrap_or_default();
    let alike = |run: &RunRow| {
        let pairs = run.id.chars().zip(id.chars());
        pairs.take_while(|(theirs, own)| theirs == own).count()
    };
    let others = runs.iter().filter(|run| run.id != id);
    let length = others
        .map(|run| alike(run) + 1)
        .max()
        .unwrap_or(0)
        .max(SHOWN);
    id.chars().take(length).collect()
}

/// A run's report, which names the run as the commands accept it.
pub fn reported(store: &Store, plan: &Snapshot, stored: &Stored) -> Report {
    named(store, gather(plan, stored))
}

/// The report with a name of its run that commands accept.
pub fn named(store: &Store, mut report: Report) -> Report {
    report.show = format!("bakeoff show {}", short_id(store, &report.summary.run));
    report
}

/// What the store kept of a run's plan.
pub fn snapshot(run: &RunRow) -> Result<Snapshot, Problem> {
    serde_json::from_value(run.plan.clone())
        .map_err(|e| Problem::error(format!("cannot read the plan of run {}: {e}", run.id)))
}

/// What the note on a run that is not whole ends in.
pub const INCOMPLETE: &str = "is incomplete: not every trial has an outcome";

/// That a run is not whole, where it is not; `name` is what it is called.
pub fn incomplete(data: &Stored, name: &str) -> Option<String> {
    (!data.run.complete).then(|| format!("{name} {INCOMPLETE}"))
}

/// A run with all that is known of it.
pub fn load(store: &Store, wanted: &str) -> Result<(Snapshot, Stored), Problem> {
    let run = find(store, wanted)?;
    let plan = snapshot(&run)?;
    Ok((plan, store.load(run).map_err(|error| trouble(&error))?))
}

/// A run with what figures and pages need.
pub fn table(store: &Store, wanted: &str) -> Result<(Snapshot, Stored), Problem> {
    let run = find(store, wanted)?;
    let plan = snapshot(&run)?;
    Ok((plan, store.table(run).map_err(|error| trouble(&error))?))
}

/// A run's report with the name that commands accept, for a page about it.
pub fn paged(store: &Path, wanted: &str) -> Result<(String, Report), Vec<Problem>> {
    let one = |problem| vec![problem];
    let store = open(store).map_err(one)?;
    let (plan, stored) = load(&store, wanted).map_err(one)?;
    let name = short_id(&store, &stored.run.id);
    Ok((name, reported(&store, &plan, &stored)))
}

/// `bakeoff report`.
pub fn report(
    host: &Host,
    store: &Path,
    root: &Path,
    args: &args::Report,
    part: output::Part<'_>,
) -> Result<Exit, Problem> {
    let formats = match args.format.as_slice() {
        [] => FORMATS.iter().collect(),
        names => names
            .iter()
            .map(|name| output::known(name))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let has_file = |format: &&&Format| !format.file.is_empty();
    let filed: Vec<&Format> = formats.iter().filter(has_file).copied().collect();
    let printed = formats.iter().find(|format| !has_file(format));
    let folder = args.out.is_some() || formats.len() > 1;
    if let Some(format) = printed.filter(|_| folder && !args.format.is_empty()) {
        let names: Vec<&str> = FORMATS
            .iter()
            .filter(|it| has_file(&it))
            .map(|it| it.name)
            .collect();
        let title = format!("the format {} is only printed, it has no file", format.name);
        return Err(Problem::error(title)
            .help("ask for it alone and without --out")
            .help(format!("formats with a file: {}", names.join(", "))));
    }
    let store = open(store)?;
    // Pricing anew needs the counts as the providers stated them.
    let whole = if args.reprice { load } else { table };
    let (plan, mut stored) = whole(&store, &args.run)?;
    let repriced = repriced(host, args, &plan, &mut stored)?;
    let mut report = reported(&store, &plan, &stored);
    if let Some(repriced) = repriced {
        report.summary.notes.insert(0, repriced.note());
        report.summary.repriced = Some(repriced);
    }
    let making = Making {
        host,
        part,
        raw_csv: args.raw_csv,
    };
    report.file = ci::in_repository(host, root, &report.file);
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| root.join("bakeoff-report"));
    match (&args.out, formats.as_slice()) {
        (None, [one]) => {
            making.print(&report, one)?;
            if one.name == "github" {
                making.tell(&report, &folder);
            }
        }
        _ => {
            output::write_folder(&making, &report, &filed, &folder)?;
            host.say(&format!("report: {}", folder.display()));
        }
    }
    Ok(Exit::Good)
}
