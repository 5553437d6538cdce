//! `bakeoff score`: score stored replies again with today's scorers, or single outputs from a file.

use super::args::{self, Global, Selection};
use super::exit::Exit;
use super::host::Host;
use super::load::load;
use super::ready;
use super::run::{early, exit, leave, missing};
use super::session::Session;
use super::stored::{find, named, open, short_id, snapshot, trouble};
use crate::run::Drill;
use crate::score::{Build, Nobody, try_line};
use crate::source::Problem;
use crate::store::Note;
use std::path::Path;

/// Scores a run again. Old scores stand until the new ones take their place.
pub fn score(host: &Host, global: &Global, args: &args::Score) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    early(&args.output)?;
    let (_, path) = super::place(host, global);
    if !path.exists() {
        // What is wrong with the suite is said first.
        load(host, global, &Selection::default())?;
    }
    let store = open(&path).map_err(one)?;
    let mut row = find(&store, &args.run).map_err(one)?;
    let mut plan = snapshot(&row).map_err(one)?;
    // The run's cap holds for its judges too, whenever they are asked.
    let selection = Selection {
        max_cost: plan.chosen.max_cost,
        allow_unpriced: plan.chosen.allow_unpriced,
        ..Selection::default()
    };
    let loaded = load(host, global, &selection)?;
    plan.scorers.clone_from(&loaded.snapshot.scorers);
    plan.judges.clone_from(&loaded.snapshot.judges);
    plan.primary.clone_from(&loaded.snapshot.primary);
    plan.margin = loaded.snapshot.margin;
    row.plan = serde_json::to_value(&plan).expect("a snapshot is plain data");

    let offline = ready::offline(&loaded, &selection);
    let mut problems = loaded.warnings.clone();
    let replays = ready::replays(host, &loaded, &selection);
    let replays = replays.map_err(|more| problems.extend(more));
    if !offline {
        let judges: Vec<_> = ready::judges(&loaded.plan).collect();
        problems.extend(ready::missing_keys(judges.iter().copied()));
        problems.extend(ready::money(&loaded, &judges, selection.allow_unpriced));
    }
    let out = ready::report_folder(host, &loaded.project.root, &args.output);
    problems.extend(ready::writable(&out, "the report").err());
    let (errors, warnings) = ready::apart(problems);
    host.complain(&warnings);
    let (true, Ok(replays)) = (errors.is_empty(), replays) else {
        return Err(errors);
    };

    let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
    store.write_now(note).map_err(|e| vec![trouble(&e)])?;
    let session = Session {
        host,
        loaded: &loaded,
        store: store.clone(),
        row,
        replays: replays.into(),
        offline,
        cache: true,
        drill: Drill::default(),
        resumed: true,
        early: None,
    };
    let id = short_id(&store, &session.row.id);
    let mut ending = session.score_only(plan).map_err(one)?;
    if !ending.done.missing.is_empty() {
        return Err(vec![missing(&ending)]);
    }
    ending.report = named(&store, ending.report);
    let exit = exit(host, &loaded, &ending, &id);
    leave(host, &loaded, &mut ending.report, &args.output).map_err(one)?;
    Ok(exit)
}

/// `bakeoff score --try`: an output a line in, a score a line out.
pub fn try_lines(host: &Host, global: &Global, path: &Path) -> Result<Exit, Problem> {
    let text = host.read(path)?;
    let root =
        crate::project::root(global.file.as_deref(), &host.cwd).unwrap_or_else(|| host.cwd.clone());
    let catalog = crate::project::Catalog::new(&root, global.allow_path);
    let programs = global.allow_exec.then_some(&host.env);
    let build = Build::new(&catalog, &[]).allowing(programs);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|e| Problem::error(format!("cannot start: {e}")))?;
    let mut exit = Exit::Good;
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let answer = runtime.block_on(try_line(index + 1, line, &build, &Nobody));
        host.print(&format!("{answer}\n"));
        let told: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        if told.get("error").is_some() {
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}
