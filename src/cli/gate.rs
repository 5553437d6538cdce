//! `bakeoff gate`: a run against the baseline. The exit code is the verdict.

mod held;
mod page;
mod rerun;

use super::args::{Global, usd};
use super::ci::{self, Told};
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::stored::{find, open, short_id, trouble};
use crate::gate::{Answer, Gated, Mode, Question, Rounds, Versus, judge, sentence};
use crate::project::Project;
use crate::report::{GATE_FORMATS, bounded, gate as render, shell};
use crate::source::{Problem, did_you_mean};
use crate::store::{RunRow, Store};
use crate::summary::Trace;
use held::changes;
pub(super) use held::{Held, baseline_of, rules_of, side_by_side};
use rerun::Rerun;
use std::path::PathBuf;

/// `bakeoff gate`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    run: String,
    /// The baseline (default: the suite's `gate.baseline`, else baselines/main.json).
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Only this candidate; may be given several times.
    #[arg(long, value_name = "NAME")]
    candidate: Vec<String>,
    /// Not worse must be shown, not only a drop not shown.
    #[arg(long)]
    release: bool,
    /// Where a drop is flagged, ask both sides again and decide on all replies together.
    #[arg(long, requires = "max_cost")]
    rerun: bool,
    /// Ask no more in the rerun once its verdict is certain.
    #[arg(long, requires = "rerun")]
    early_stop: bool,
    /// The most that a rerun may cost.
    #[arg(long, value_name = "USD", value_parser = usd)]
    max_cost: Option<f64>,
    /// How often the gate runs in a month, for the false alarms to expect.
    #[arg(long, value_name = "N", default_value_t = 200)]
    runs_a_month: u32,
    /// What to print: terminal (default), json, markdown, junit, github, codequality or html.
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: String,
    /// Write gate.json, gate.md, gate.xml and gate.html into this folder too.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn gate(host: &Host, global: &Global, args: &Args) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    known(&args.format).map_err(one)?;
    let file = global.file.as_deref();
    let (project, faults) = Project::load_leniently(file, &host.cwd, global.allow_path)?;
    if !faults.is_empty() {
        return Err(faults);
    }
    let (_, path) = super::place(host, global);
    let store = open(&path).map_err(one)?;
    let held = Held::of(host, &project, &store, args)?;
    let mut gated = ask(&held, &held.pairs, args, None);
    let id = short_id(&store, &held.row.id);
    let flagged = gated.rules.iter().any(|rule| rule.flagged);
    if flagged && !args.rerun {
        gated.next = Some(again(args, &id));
    }
    if flagged && args.rerun {
        let names = gated.rules.iter().filter(|rule| rule.flagged);
        let names: Vec<String> = names.map(|rule| rule.candidate.clone()).collect();
        let asked = Rerun {
            host,
            global,
            store: &store,
            held: &held,
            names: &names,
            max_cost: args.max_cost,
            early_stop: args.early_stop,
        };
        let fresh = asked.go()?;
        let pairs = fresh.pooled(&held.pairs);
        match &fresh.short {
            // Half a rerun confirms nothing.
            Some(why) => {
                gated.notes.push(format!("the rerun did not finish: {why}"));
                gated.next = Some(again(args, &id) + ": what was answered is not asked again");
            }
            None => gated = ask(&held, &pairs, args, Some(fresh.rounds)),
        }
        gated.notes.extend(fresh.notes);
    }
    finish(host, global, args, &store, &mut gated, &held)
}

/// The command that asks both sides again: what was asked for stays.
fn again(args: &Args, id: &str) -> String {
    let mut words = vec!["bakeoff gate".to_owned()];
    words.extend((args.run != "latest").then(|| id.to_owned()));
    let file = args
        .baseline
        .iter()
        .map(|path| ("--baseline", path.display().to_string()));
    let names = args
        .candidate
        .iter()
        .map(|name| ("--candidate", name.clone()));
    words.extend(
        file.chain(names)
            .map(|(option, value)| format!("{option} {}", shell(&value))),
    );
    words.push("--rerun --max-cost USD".to_owned());
    words.join(" ")
}

/// Fills in what the judge does not know, shows it, and says how it ended.
fn finish(
    host: &Host,
    global: &Global,
    args: &Args,
    store: &Store,
    gated: &mut Gated,
    held: &Held,
) -> Result<Exit, Vec<Problem>> {
    gated.run.clone_from(&held.row.id);
    gated.baseline = held.baseline.as_ref().map(|baseline| baseline.run.clone());
    gated.changes = changes(held);
    if let (None, Some(stopped)) = (&gated.stopped_early, held.plan.stopped()) {
        gated.stopped_early = Some(stopped.clone());
        gated.sentence = sentence(gated);
    }
    let gated = &*gated;
    let made = |format: &str, color: bool| match format {
        "html" => page::page(host, global, store, gated, held),
        _ => {
            let text = render(gated, &held.places, format, (host.width, color));
            let text = text.unwrap_or_default();
            Ok(match format {
                "markdown" => ci::comment("gate", &held.row.suite, &text),
                _ => text,
            })
        }
    };
    let folder = args.out.as_ref().map(|folder| host.cwd.join(folder));
    if let Some(folder) = &folder {
        let fail = |e: std::io::Error| {
            vec![Problem::error(format!(
                "cannot write into {}: {e}",
                folder.display()
            ))]
        };
        std::fs::create_dir_all(folder).map_err(fail)?;
        for (format, file) in GATE_FORMATS.iter().filter(|(_, file)| !file.is_empty()) {
            let text = made(format, false).map_err(|problem| vec![problem])?;
            put(&folder.join(file), text.as_bytes()).map_err(fail)?;
        }
    }
    let shown = ci::print(host, &args.format, &|format| made(format, host.colour));
    shown.map_err(|problem| vec![problem])?;
    let told = Told {
        verdict: ci::word(gated.verdict),
        cost_usd: held.cost_usd,
        report: folder.as_deref(),
    };
    let summary = |most| Ok(bounded(&made("markdown", false)?, most));
    ci::tell(host, &told, &summary);
    Ok(match gated.verdict {
        Answer::Pass => Exit::Good,
        Answer::Undecided => Exit::Undecided,
        Answer::Fail | Answer::Invalid => Exit::Failed,
    })
}

fn known(format: &str) -> Result<(), Problem> {
    let names: Vec<&str> = GATE_FORMATS.iter().map(|(name, _)| *name).collect();
    if names.contains(&format) {
        return Ok(());
    }
    let problem = Problem::error(format!("a gate has no format {format:?}"));
    let problem = match did_you_mean(format, names.iter().copied()) {
        Some(near) => problem.help(format!("did you mean {near:?}?")),
        None => problem,
    };
    Err(problem.help(format!("formats: {}", names.join(", "))))
}

/// Judges; `pooled` tells the order of a rerun whose replies are in the pairs too.
fn ask(
    held: &Held,
    pairs: &[(Trace, Option<Trace>)],
    args: &Args,
    pooled: Option<Option<Rounds>>,
) -> Gated {
    let changed = held.baseline.as_ref();
    judge(&Question {
        rules: &held.rules,
        mode: if args.release {
            Mode::Release
        } else {
            Mode::Commit
        },
        pairs: pairs
            .iter()
            .map(|pair| Versus {
                now: &pair.0,
                before: pair.1.as_ref(),
            })
            .collect(),
        changed_scorers: changed.map_or_else(Vec::new, |it| it.changed_scorers(&held.plan.scorers)),
        pooled: pooled.is_some(),
        seed: held.plan.seed,
        runs_a_month: f64::from(args.runs_a_month),
        rounds: pooled.unwrap_or_else(|| held.rounds.clone()),
    })
}

/// The run that is meant: by a prefix of its id, or the newest of this suite that is no rerun of a gate.
pub(super) fn latest(store: &Store, wanted: &str, suite: &str) -> Result<RunRow, Problem> {
    if wanted != "latest" {
        let row = find(store, wanted)?;
        if row.drill() {
            let title = format!("run {wanted} is a drill: it rehearsed an outage");
            return Err(Problem::error(title)
                .help("take a run without --drill: nothing is judged by a drill"));
        }
        return Ok(row);
    }
    let runs = store.runs().map_err(|error| trouble(&error))?;
    runs.into_iter()
        .find(|run| run.suite == suite && !run.aside())
        .ok_or_else(|| {
            Problem::error(format!("there is no run of the suite {suite:?} yet"))
                .help("start one with `bakeoff run`")
        })
}

/// Where the project keeps its baseline.
pub(super) fn place_of(project: &Project) -> PathBuf {
    let gate = project.suite.gate.as_ref();
    let named = gate.and_then(|gate| gate.baseline.as_deref());
    PathBuf::from(named.unwrap_or("baselines/main.json"))
}
