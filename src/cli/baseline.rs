//! `bakeoff baseline set`: keeps a complete run as what later runs are held against.

use super::args::{Global, Selection};
use super::exit::Exit;
use super::gate::{latest, place_of};
use super::host::Host;
use super::load::{Loaded, load};
use super::output::put;
use super::resume::again;
use super::stored::{open, short_id, snapshot, trouble};
use crate::gate::{Again, Baseline};
use crate::plan::{Placed, Snapshot};
use crate::project::Project;
use crate::source::Problem;
use crate::summary::{Trace, traces};
use std::path::PathBuf;

/// `bakeoff baseline …`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum What {
    /// Write a complete run to the baseline's file, to be committed.
    Set {
        /// The run: a unique prefix of its id, or latest.
        #[arg(default_value = "latest")]
        run: String,
        /// Only this candidate; may be given several times.
        #[arg(long, value_name = "NAME")]
        candidate: Vec<String>,
        /// The file (default: the suite's `gate.baseline`, else baselines/main.json).
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn baseline(host: &Host, global: &Global, args: &Args) -> Result<Exit, Vec<Problem>> {
    let What::Set {
        run,
        candidate,
        out,
    } = &args.what;
    let one = |problem| vec![problem];
    let (project, _) =
        Project::load_leniently(global.file.as_deref(), &host.cwd, global.allow_path)?;
    let (_, store) = super::place(host, global);
    let store = open(&store).map_err(one)?;
    let row = latest(&store, run, &project.suite.name).map_err(one)?;
    let plan = snapshot(&row).map_err(one)?;
    let id = short_id(&store, &row.id);
    if !row.complete {
        let title = format!("run {id} is incomplete, so it cannot be a baseline");
        let problem = Problem::error(title).help(format!("go on with: bakeoff resume {id}"));
        return Err(vec![problem]);
    }
    if let Some(stopped) = plan.stopped() {
        let title = format!(
            "run {id} stopped early, after {} of {} cases, so it cannot be a baseline",
            stopped.cases, stopped.of
        );
        let help = "run it whole: bakeoff run asks only the rest";
        return Err(vec![Problem::error(title).help(help)]);
    }
    let stored = store
        .load(row.clone())
        .map_err(|error| vec![trouble(&error)])?;
    let kept = picked(traces(&plan, &stored), candidate)?;
    let spoilt = kept.iter().find_map(|side| {
        let trials = side.cases.iter().flat_map(|case| &case.trials);
        let missing = trials
            .clone()
            .filter(|trial| trial.missing.is_some())
            .count();
        let most = plan.max_failed * trials.count() as f64;
        (missing as f64 > most).then_some((side, missing))
    });
    if let Some((side, missing)) = spoilt {
        let title = format!(
            "{missing} trials of {} failed in run {id}: too many for a baseline",
            side.name
        );
        let problem =
            Problem::error(title).help(format!("ask them again with: bakeoff resume {id}"));
        return Err(vec![problem]);
    }
    // Written down only where the suite of today is the one that was asked.
    let selection = again(&Selection::default(), &plan.chosen);
    let loaded = load(host, global, &selection).ok();
    let written = |name: &str| {
        loaded
            .as_ref()
            .and_then(|loaded| written(loaded, &plan, name))
    };
    let baseline = Baseline::new(&plan, &row, &kept, &written);
    for kept in baseline
        .candidates
        .iter()
        .filter(|kept| kept.again.is_none())
    {
        let title = format!(
            "{} cannot be asked again from this baseline",
            kept.candidate.name
        );
        // What a chain's hops name may mean something else another day.
        let help = match kept.candidate.hops.is_empty() {
            true => {
                "the suite has changed since the run: run it again, and set the baseline from that run"
            }
            false => {
                "it is a chain of models (`fallback`): `gate --rerun` cannot confirm a drop of it; judge it with --release"
            }
        };
        host.complain(&[Problem::warning(title).help(help)]);
    }
    let path = match out {
        Some(path) => host.cwd.join(path),
        None => project.root.join(place_of(&project)),
    };
    let fail = |e: std::io::Error| {
        vec![Problem::error(format!(
            "cannot write the baseline {}: {e}",
            path.display()
        ))]
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    put(&path, baseline.text().as_bytes()).map_err(fail)?;
    let shown = path.strip_prefix(&host.cwd).unwrap_or(&path);
    let names: Vec<&str> = kept.iter().map(|side| side.name.as_str()).collect();
    host.say(&format!(
        "baseline: {} ({} cases of {}, run {id}); commit it",
        shown.display(),
        plan.dataset.cases,
        names.join(", ")
    ));
    Ok(Exit::Good)
}

/// The candidates that are wanted; all where none is named.
pub(super) fn picked(all: Vec<Trace>, wanted: &[String]) -> Result<Vec<Trace>, Vec<Problem>> {
    if wanted.is_empty() {
        return Ok(all);
    }
    let names: Vec<String> = all.iter().map(|side| side.name.clone()).collect();
    let unknown = wanted.iter().filter(|name| !names.contains(name));
    let problems: Vec<Problem> = unknown
        .map(|name| {
            Problem::error(format!("the run has no candidate {name:?}"))
                .help(format!("candidates: {}", names.join(", ")))
        })
        .collect();
    match problems.is_empty() {
        true => Ok(all
            .into_iter()
            .filter(|side| wanted.contains(&side.name))
            .collect()),
        false => Err(problems),
    }
}

/// A candidate as the suite has it, if it is still the one of the run.
fn written(loaded: &Loaded, plan: &Snapshot, name: &str) -> Option<Again> {
    let asked = plan.candidates.iter().find(|column| column.name == name)?;
    let now = loaded
        .snapshot
        .candidates
        .iter()
        .find(|column| column.name == name)?;
    if asked.id != now.id || !asked.hops.is_empty() {
        return None;
    }
    let suite = &loaded.project.suite;
    suite.models.iter().enumerate().find_map(|(index, spec)| {
        let map = spec.options();
        let model = map.name.clone().unwrap_or_else(|| map.model.clone());
        let own = loaded.own.get(&index);
        let prompts: Vec<&Placed> =
            own.map_or_else(|| loaded.prompts.iter().collect(), |own| vec![own]);
        let placed = prompts.into_iter().find(|placed| {
            let named = name == model || name == format!("{model} @ {}", placed.prompt.name);
            named && placed.prompt.hash == now.prompt_hash
        })?;
        let prompt = match &placed.file {
            Some(path) => loaded.project.catalog.text(path).ok()?.text.clone(),
            None => loaded
                .project
                .doc
                .node(&placed.pointer)?
                .to_value()
                .to_string(),
        };
        Some(Again {
            model: loaded
                .project
                .doc
                .node(&format!("/models/{index}"))?
                .to_value(),
            file: placed.file.clone(),
            prompt,
        })
    })
}
