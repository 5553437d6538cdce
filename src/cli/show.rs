//! `bakeoff show`: a run's table, the cases behind one of its numbers, or one case with what every candidate made of it.

use super::args::{Global, Selection};
use super::exit::Exit;
use super::host::Host;
use super::load::{Loaded, load};
use super::output::{self, Making};
use super::stored;
use crate::plan::Snapshot;
use crate::prompt::Message;
use crate::report::{CaseView, Look, Reading, Report, Which, cases, document, listing, reader};
use crate::source::{Problem, did_you_mean};
use crate::store::{Record, Stored};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// `bakeoff show`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    run: String,
    /// The case's id.
    case: Option<String>,
    #[command(flatten)]
    lists: Lists,
    /// Only this candidate's, of a list.
    #[arg(long, value_name = "NAME", conflicts_with = "case")]
    candidate: Option<String>,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

/// Lists of cases.
#[derive(Debug, Clone, clap::Args)]
#[group(multiple = false, conflicts_with = "case")]
struct Lists {
    /// List the trials without a reply.
    #[arg(long)]
    failed: bool,
    /// List the answers that the primary scorer did not find right.
    #[arg(long)]
    wrong: bool,
    /// List the cases that were gained and lost against the best candidate.
    #[arg(long)]
    flips: bool,
    /// List the refusals.
    #[arg(long)]
    refused: bool,
    /// List the answers that the token limit cut.
    #[arg(long)]
    cut: bool,
    /// List the answers without text.
    #[arg(long)]
    empty: bool,
    /// List the answers that could not be scored.
    #[arg(long)]
    unscored: bool,
}

impl Lists {
    fn which(&self) -> Option<Which> {
        let all = [
            (self.failed, Which::Failed),
            (self.wrong, Which::Wrong),
            (self.flips, Which::Flips),
            (self.refused, Which::Refused),
            (self.cut, Which::Cut),
            (self.empty, Which::Empty),
            (self.unscored, Which::Unscored),
        ];
        all.into_iter().find(|(is, _)| *is).map(|(_, which)| which)
    }
}

/// Runs the command.
pub fn show(
    host: &Host,
    global: &Global,
    store: &Path,
    args: &Args,
    part: output::Part<'_>,
) -> Result<Exit, Problem> {
    let as_json = match args.format.as_deref() {
        None | Some("human" | "terminal") => false,
        Some("json") => true,
        Some(other) => {
            return Err(Problem::error(format!("show has no format {other:?}"))
                .help("formats: human, json"));
        }
    };
    let store = stored::open(store)?;
    let (plan, stored) = stored::load(&store, &args.run)?;
    let report = stored::reported(&store, &plan, &stored);
    if let Some(which) = args.lists.which() {
        let candidate = args.candidate.as_deref();
        candidate.map(|name| known(&report, name)).transpose()?;
        let found = listing(&report, &plan, &stored, which, candidate);
        let look = Look {
            width: host.width,
            color: host.colour,
            part,
        };
        match as_json {
            true => host.print(&document(&found)),
            false => host.print(&cases(&found, &report, &look)),
        }
        return Ok(Exit::Good);
    }
    let Some(wanted) = &args.case else {
        let format = output::known(if as_json { "json" } else { "terminal" })?;
        let making = Making {
            host,
            part,
            raw_csv: false,
        };
        making.print(&report, format)?;
        return Ok(Exit::Good);
    };
    let case = find(&report, &args.run, wanted)?;
    let records: Vec<&Record> = records(&stored, wanted);
    if as_json {
        let value = json!({"schema": "bakeoff.case/1", "run": stored.run.id, "case": case, "records": records});
        host.print(&format!("{value:#}\n"));
        return Ok(Exit::Good);
    }
    let (prompts, unshown) = match load(host, global, &Selection::default()) {
        Ok(loaded) => prompts(&loaded, &plan, &stored, wanted),
        Err(_) => (Vec::new(), Some("the prompt is not shown: the project cannot be read today; `bakeoff check` says why".into())),
    };
    let reading = Reading {
        report: &report,
        case,
        records,
        prompts,
        unshown,
    };
    host.print(&reader(&reading, host.width, host.colour));
    Ok(Exit::Good)
}

/// The case of this id.
fn find<'a>(report: &'a Report, run: &str, wanted: &str) -> Result<&'a CaseView, Problem> {
    let found = report.cases.iter().find(|case| case.id == wanted);
    found.ok_or_else(|| {
        let problem = Problem::error(format!("run {run} has no case {wanted:?}"));
        let ids = || report.cases.iter().map(|case| case.id.as_str());
        match did_you_mean(wanted, ids()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => {
                let some: Vec<&str> = ids().take(5).collect();
                let more = if report.cases.len() > 5 { ", …" } else { "" };
                problem.help(format!("its cases: {}{more}", some.join(", ")))
            }
        }
    })
}

fn known(report: &Report, name: &str) -> Result<(), Problem> {
    let names = || {
        report
            .summary
            .candidates
            .iter()
            .map(|row| row.name.as_str())
    };
    if names().any(|it| it == name) {
        return Ok(());
    }
    let problem = Problem::error(format!("no candidate is called {name:?}"));
    let problem = match did_you_mean(name, names()) {
        Some(near) => problem.help(format!("did you mean {near:?}?")),
        None => problem,
    };
    Err(problem.help(format!(
        "candidates: {}",
        names().collect::<Vec<_>>().join(", ")
    )))
}

fn records<'a>(stored: &'a Stored, case: &str) -> Vec<&'a Record> {
    stored
        .records
        .values()
        .chain(stored.judges.values())
        .filter(|record| record.case == case)
        .collect()
}

/// A prompt as it was sent, with the candidates that it was sent to.
type Sent = (Vec<String>, Vec<Message>);

/// The prompts as they were sent, if they are still the same today: each with the candidates that it is of.
fn prompts(
    loaded: &Loaded,
    plan: &Snapshot,
    stored: &Stored,
    wanted: &str,
) -> (Vec<Sent>, Option<String>) {
    let case = stored.cases.iter().find(|case| case.id == wanted);
    let placed = || loaded.prompts.iter().chain(loaded.own.values());
    let mut shown: Vec<Sent> = Vec::new();
    let mut changed = Vec::new();
    for column in &plan.candidates {
        let prompt = placed().find(|it| it.prompt.hash == column.prompt_hash);
        let rendered = prompt.zip(case).and_then(|(placed, case)| {
            let prompt = Arc::clone(&placed.prompt);
            prompt.render(case, &loaded.plan.files).ok()
        });
        match rendered {
            None => changed.push(column.name.as_str()),
            Some(messages) => match shown.iter_mut().find(|(_, known)| *known == messages) {
                Some((names, _)) => names.push(column.name.clone()),
                None => shown.push((vec![column.name.clone()], messages)),
            },
        }
    }
    let unshown = (!changed.is_empty()).then(|| {
        format!(
            "the prompt of {} is not shown: it has changed since this run",
            changed.join(", ")
        )
    });
    (shown, unshown)
}
