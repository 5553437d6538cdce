//! `bakeoff port`: may a prompt move from one model to another? Lint first, then one interleaved run of
//! both and a control, then a verdict. The exit code is the verdict.

mod cast;

use super::args::{Global, Output, Selection};
use super::ci::{self, Told};
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::ready::{self, Known};
use super::run::{Job, missing, prepare};
use super::session::{Ending, Session};
use super::stored::{short_id, trouble};
use crate::plan::Snapshot;
use crate::portability::{self, Answer, Asked, Ported, Spread};
use crate::report::{
    Look, PORT_FORMATS, Places, Report, bounded, gather, port as render, port_page,
};
use crate::run::Drill;
use crate::source::{Problem, did_you_mean};
use crate::store::{Note, PORT, RunRow, Store};
use cast::Cast;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// `bakeoff port`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The model that the prompt works on: one of the suite, or any known one.
    #[arg(long, value_name = "MODEL")]
    from: String,
    /// The model that it is to move to; may be given several times.
    #[arg(long, value_name = "MODEL", required = true)]
    to: Vec<String>,
    /// Ask the targets with this prompt too: a prompt's file, or the name of one of the suite.
    #[arg(long, value_name = "PROMPT")]
    rewrite: Option<String>,
    /// Within what difference a target counts as not worse: 0.05 or 5% (default: the suite's).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    margin: Option<f64>,
    /// Better by more than the margin is a difference too: the same model at another vendor.
    #[arg(long)]
    equivalence: bool,
    /// Do not ask the first model twice.
    #[arg(long)]
    no_control: bool,
    /// Only say what the targets would refuse or change; send nothing.
    #[arg(long)]
    lint_only: bool,
    #[command(flatten)]
    selection: Selection,
    /// What to print: terminal (default), json, markdown, junit, github, codequality or html.
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: String,
    /// Write port.json, port.md, port.xml and port.html into this folder too.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A share above nothing: `0.05` or `5%`.
fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| percent / 100.0),
        None => number(text),
    };
    let share = share.filter(|share| share.is_finite() && *share > 0.0);
    share.ok_or_else(|| "give a share above 0, such as 0.05 or 5%".into())
}

/// Runs the command.
pub fn port(host: &Host, global: &Global, args: &Args) -> Result<Exit, Vec<Problem>> {
    known(args)?;
    let mut cast = Cast::of(host, global, args)?;
    let offline = ready::offline(&cast.loaded, &cast.selection);
    let margin = args.margin.unwrap_or(cast.loaded.plan.margin);
    cast.loaded.plan.margin = margin;
    // What is recorded is not refused any more.
    let refused = |name: &str| !offline && cast.refused(name);
    let firsts: HashSet<&str> = cast.pairs.iter().map(|pair| pair.from.as_str()).collect();
    let own = cast
        .lint
        .iter()
        .filter(|row| row.judge || firsts.contains(row.candidate.as_str()));
    let own: Vec<_> = own.cloned().collect();
    let (errors, _) = ready::apart(ready::findings(&own, None, offline));
    if !errors.is_empty() {
        return Err(errors);
    }
    let out: HashSet<String> = cast
        .loaded
        .plan
        .candidates
        .iter()
        .map(|it| it.name.clone())
        .filter(|name| refused(name))
        .collect();
    let asked_for = |pair: &portability::Pair| {
        let rewrite = pair
            .rewrite
            .as_ref()
            .is_some_and(|name| !out.contains(name));
        !out.contains(&pair.to) || rewrite
    };
    let nothing = args.lint_only || !cast.pairs.iter().any(asked_for);
    let ending = match nothing {
        true => None,
        false => {
            cast.without(&|name| out.contains(name));
            Some(ask(host, global, args, &mut cast)?)
        }
    };
    let snapshot = &cast.loaded.snapshot;
    let asked = Asked {
        plan: snapshot,
        stored: ending.as_ref().map(|(ending, _)| &ending.stored),
        lint: &cast.lint,
        margin,
        equivalence: args.equivalence,
    };
    if args.lint_only {
        return lint_only(host, args, &asked, &cast, &out);
    }
    let ports: Vec<Ported> = cast
        .pairs
        .iter()
        .map(|pair| portability::port(&asked, pair))
        .collect();
    let id = ending.as_ref().map(|(_, id)| id.clone());
    let ending = ending.as_ref().map(|(ending, _)| ending);
    let spread = portability::spread(&asked, &cast.pairs);
    finish(host, args, &cast, ports, spread, ending, id)
}

fn known(args: &Args) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    if !args.selection.model.is_empty() {
        let problem = Problem::error("`port` asks the models of --from and --to");
        problems.push(problem.help("leave --model out"));
    }
    let names: Vec<&str> = PORT_FORMATS.iter().map(|(name, _)| *name).collect();
    if !names.contains(&args.format.as_str()) {
        let problem = Problem::error(format!("a port has no format {:?}", args.format));
        let problem = match did_you_mean(&args.format, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem,
        };
        problems.push(problem.help(format!("formats: {}", names.join(", "))));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

/// One run of all who take part.
fn ask(
    host: &Host,
    global: &Global,
    args: &Args,
    cast: &mut Cast,
) -> Result<(Ending, String), Vec<Problem>> {
    let failed = |error| vec![trouble(&error)];
    let path = cast.loaded.store(global);
    let store = Store::open(&path).map_err(failed)?;
    if !args.no_control {
        control(host, cast, &store)?;
    }
    let loaded = &mut cast.loaded;
    loaded.snapshot = Snapshot {
        suite: format!("{}{PORT}", loaded.plan.suite),
        chosen: loaded.snapshot.chosen.clone(),
        judges: loaded.snapshot.judges.clone(),
        ..loaded.plan.snapshot(loaded.prices.edition())
    };
    let loaded = &cast.loaded;
    let selection = &cast.selection;
    // There is no report folder unless one is asked for.
    let folder = args
        .out
        .clone()
        .or_else(|| path.parent().map(PathBuf::from));
    let job = Job {
        selection,
        output: &Output {
            out: folder,
            ..Output::default()
        },
        record: None,
        events: None,
    };
    let opened = prepare(host, loaded, &job, Some(&store), None)?;
    let row = RunRow {
        id: host.new_id(),
        suite: loaded.snapshot.suite.clone(),
        started: host.now(),
        plan: serde_json::to_value(&loaded.snapshot).expect("a snapshot is plain data"),
        trials: loaded.plan.trials.len(),
        complete: false,
    };
    let run = row.id.clone();
    let note = Note::Run(Box::new(row.clone()), loaded.plan.dataset.clone());
    store.write_now(note).map_err(failed)?;
    let session = Session {
        host,
        loaded,
        store: Arc::clone(&store),
        row,
        replays: opened.replays.into(),
        offline: ready::offline(loaded, selection),
        cache: !selection.fresh,
        drill: Drill::default(),
        resumed: false,
        early: None,
    };
    let ending = session.go(opened.events).map_err(|problem| vec![problem])?;
    if !ending.done.missing.is_empty() && ending.done.store.is_none() {
        let note = Note::Forget { run };
        store.write_now(note).map_err(failed)?;
        return Err(vec![missing(&ending)]);
    }
    let id = short_id(&store, &run);
    Ok((ending, id))
}

/// Adds the controls; where nothing may be sent, only those whose replies are known.
fn control(host: &Host, cast: &mut Cast, store: &Arc<Store>) -> Result<(), Vec<Problem>> {
    cast.control();
    if !ready::offline(&cast.loaded, &cast.selection) {
        return Ok(());
    }
    let replays = ready::replays(host, &cast.loaded, &cast.selection)?;
    let known = Known {
        replays: &replays,
        cache: Some(store.as_ref()).filter(|_| !cast.selection.fresh),
        answered: &HashSet::new(),
    };
    let estimate = ready::foresee(&cast.loaded, &known, true, &cast.lint)?;
    let controls: HashSet<&String> = cast
        .pairs
        .iter()
        .filter_map(|pair| pair.control.as_ref())
        .collect();
    let lines = estimate.candidates.iter();
    let unknown = lines.filter(|line| line.calls > 0 && controls.contains(&line.name));
    let unknown: HashSet<String> = unknown.map(|line| line.name.clone()).collect();
    cast.without(&|name| unknown.contains(name));
    Ok(())
}

/// What the lint alone says.
fn lint_only(
    host: &Host,
    args: &Args,
    asked: &Asked<'_>,
    cast: &Cast,
    out: &HashSet<String>,
) -> Result<Exit, Vec<Problem>> {
    let ports = cast.pairs.iter().map(|pair| {
        let refused = out.contains(&pair.to);
        let ported = portability::port(asked, pair);
        match refused {
            true => ported,
            false => ported.unasked(),
        }
    });
    let ports: Vec<Ported> = ports.collect();
    show(host, args, cast, &ports, &[], None)?;
    Ok(match out.is_empty() {
        true => Exit::Good,
        false => Exit::Failed,
    })
}

/// Shows the verdicts, and says how it ended.
fn finish(
    host: &Host,
    args: &Args,
    cast: &Cast,
    mut ports: Vec<Ported>,
    spread: Vec<Spread>,
    ending: Option<&Ending>,
    id: Option<String>,
) -> Result<Exit, Vec<Problem>> {
    if let Some(error) = ending.and_then(|ending| ending.done.store.as_ref()) {
        host.complain(&[trouble(error)]);
    }
    let unsent = ending.map_or(0, |ending| ending.done.unsent);
    let broken = ending.is_some_and(|ending| ending.done.store.is_some());
    let incomplete = unsent > 0 || broken;
    if incomplete {
        let why = ending
            .and_then(|ending| ending.done.why.as_deref())
            .unwrap_or("stopped");
        let why = format!("{unsent} trials were not asked ({why})");
        let cap = match cast.loaded.plan.limits.max_cost {
            Some(_) => " with a higher --max-cost",
            None => "",
        };
        let fresh = if cast.selection.fresh {
            " and without --fresh"
        } else {
            ""
        };
        let next = format!(
            "run the same command again{cap}{fresh}: what was answered comes from the cache"
        );
        ports = ports
            .into_iter()
            .map(|it| it.incomplete(&why, next.clone()))
            .collect();
    }
    let report = ending.map(|ending| gather(&cast.loaded.snapshot, &ending.stored));
    let run = id.as_deref().zip(report.as_ref());
    show(host, args, cast, &ports, &spread, run)?;
    if let Some(signal) = ending.and_then(|ending| ending.signal) {
        return Ok(Exit::Interrupted(signal));
    }
    if incomplete {
        return Ok(Exit::Incomplete);
    }
    Ok(match worst(&ports) {
        Some(Answer::Portable | Answer::PortableAfterRewrite) => Exit::Good,
        Some(Answer::Inconclusive) => Exit::Undecided,
        Some(Answer::NotPortable | Answer::Invalid) | None => Exit::Failed,
    })
}

fn show(
    host: &Host,
    args: &Args,
    cast: &Cast,
    ports: &[Ported],
    spread: &[Spread],
    run: Option<(&str, &Report)>,
) -> Result<(), Vec<Problem>> {
    let one = |problem| vec![problem];
    let project = &cast.loaded.project;
    let file = ci::in_repository(host, &project.root, &cast.loaded.plan.dataset.file);
    let places = Places::of(file, &cast.loaded.plan.dataset.cases);
    let part = |path: &str| project.catalog.text(path);
    let look = Look {
        width: host.width,
        color: false,
        part: &part,
    };
    let made = |format: &str, color: bool| {
        if format == "html" {
            return port_page(ports, spread, run, &look);
        }
        let name = run.map(|(name, _)| name);
        let text = render(ports, spread, name, &places, format, (host.width, color));
        let text = text.unwrap_or_default();
        Ok(match format {
            "markdown" => ci::comment("port", &cast.loaded.plan.suite, &text),
            _ => text,
        })
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
        for (format, file) in PORT_FORMATS.iter().filter(|(_, file)| !file.is_empty()) {
            let text = made(format, false).map_err(one)?;
            put(&folder.join(file), text.as_bytes()).map_err(fail)?;
        }
    }
    ci::print(host, &args.format, &|format| made(format, host.colour)).map_err(one)?;
    let told = Told {
        verdict: worst(ports).map_or_else(String::new, ci::word),
        cost_usd: run.and_then(|(_, report)| ci::spent(&report.summary)),
        report: folder.as_deref(),
    };
    let summary = |most| Ok(bounded(&made("markdown", false)?, most));
    ci::tell(host, &told, &summary);
    Ok(())
}

/// The verdict of all targets together.
fn worst(ports: &[Ported]) -> Option<Answer> {
    ports.iter().map(|ported| ported.verdict).max()
}
