//! `bakeoff gate`: a run against the baseline. The exit code is the verdict.

mod rerun;

use super::args::{Global, usd};
use super::baseline::picked;
use super::ci::{self, Told};
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::rules;
use super::stored::{find, open, short_id, snapshot, trouble};
use crate::gate::{Answer, Baseline, Gated, Mode, Question, Versus, judge};
use crate::plan::Snapshot;
use crate::project::{Project, Rule, ScorerRule};
use crate::report::{GATE_FORMATS, Places, bounded, gate as render, shell};
use crate::source::{Problem, Source, did_you_mean};
use crate::store::{RunRow, Store};
use crate::summary::{Trace, summarise, traces};
use std::path::PathBuf;
use std::sync::Arc;

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
    /// The most that a rerun may cost.
    #[arg(long, value_name = "USD", value_parser = usd)]
    max_cost: Option<f64>,
    /// How often the gate runs in a month, for the false alarms to expect.
    #[arg(long, value_name = "N", default_value_t = 200)]
    runs_a_month: u32,
    /// What to print: terminal (default), json, markdown, junit, github or codequality.
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: String,
    /// Write gate.json, gate.md and gate.xml into this folder too.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// All that a gate looks at.
struct Held {
    row: RunRow,
    plan: Snapshot,
    baseline: Option<Baseline>,
    /// Candidates with what they are held against.
    pairs: Vec<(Trace, Option<Trace>)>,
    rules: Vec<Rule>,
    /// Where the cases are written.
    places: Places,
    /// What the run cost, USD, if all of it is known.
    cost_usd: Option<f64>,
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
    let held = hold(host, &project, &store, args)?;
    let mut gated = ask(&held, &held.pairs, args, false);
    let id = short_id(&store, &held.row.id);
    let flagged = gated.rules.iter().any(|rule| rule.flagged);
    if flagged && !args.rerun {
        gated.next = Some(again(args, &id));
    }
    if flagged && args.rerun {
        let names = gated.rules.iter().filter(|rule| rule.flagged);
        let names: Vec<String> = names.map(|rule| rule.candidate.clone()).collect();
        let fresh = rerun::rerun(host, global, &store, &held, &names, args.max_cost)?;
        let mut pairs = held.pairs.clone();
        for (now, before) in &mut pairs {
            fresh.pool(now, before.as_mut());
        }
        match &fresh.short {
            // Half a rerun confirms nothing.
            Some(why) => gated.notes.push(format!("the rerun did not finish: {why}")),
            None => gated = ask(&held, &pairs, args, true),
        }
        gated.notes.extend(fresh.notes);
    }
    finish(host, args, &mut gated, &held)
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
fn finish(host: &Host, args: &Args, gated: &mut Gated, held: &Held) -> Result<Exit, Vec<Problem>> {
    gated.run.clone_from(&held.row.id);
    gated.baseline = held.baseline.as_ref().map(|baseline| baseline.run.clone());
    gated.changes = changes(held);
    let made = |format: &str, color| {
        let text = render(gated, &held.places, format, (host.width, color));
        let text = text.unwrap_or_default();
        match format {
            "markdown" => ci::comment("gate", &held.row.suite, &text),
            _ => text,
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
            put(&folder.join(file), made(format, false).as_bytes()).map_err(fail)?;
        }
    }
    ci::print(host, &args.format, &|format| made(format, host.colour));
    let told = Told {
        verdict: ci::word(gated.verdict),
        cost_usd: held.cost_usd,
        report: folder.as_deref(),
    };
    let summary = |most| Ok(bounded(&made("markdown", false), most));
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

fn ask(held: &Held, pairs: &[(Trace, Option<Trace>)], args: &Args, pooled: bool) -> Gated {
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
        pooled,
        seed: held.plan.seed,
        runs_a_month: f64::from(args.runs_a_month),
    })
}

/// The run, its rules, and the baseline's candidates beside its own.
fn hold(host: &Host, project: &Project, store: &Store, args: &Args) -> Result<Held, Vec<Problem>> {
    let one = |problem| vec![problem];
    let row = latest(store, &args.run, &project.suite.name).map_err(one)?;
    let plan = snapshot(&row).map_err(one)?;
    let id = short_id(store, &row.id);
    if !row.complete {
        let title = format!("run {id} is incomplete: a gate judges whole runs");
        let problem = Problem::error(title).help(format!("go on with: bakeoff resume {id}"));
        return Err(vec![problem]);
    }
    let stored = store
        .load(row.clone())
        .map_err(|error| vec![trouble(&error)])?;
    let own = picked(traces(&plan, &stored), &args.candidate)?;
    let mut rules = project.suite.gate.clone().unwrap_or_default().rules;
    if rules.is_empty() {
        rules.push(Rule::Scorer(ScorerRule {
            scorer: plan.primary.clone(),
            ..ScorerRule::default()
        }));
    }
    let untrusted = rules::uncalibrated(project, &rules, &plan.judges);
    if !untrusted.is_empty() {
        return Err(untrusted);
    }
    let whole = rules::whole(project, &rules, &stored);
    if !whole.is_empty() {
        return Err(whole);
    }
    let fixed = |rule: &Rule| match rule {
        Rule::Scorer(rule) => rule.min.is_some() && rule.margin.is_none(),
        Rule::Metric(rule) => rule.max_rise.is_none(),
    };
    let path = match &args.baseline {
        Some(path) => host.cwd.join(path),
        None => project.root.join(place_of(project)),
    };
    let named = args.baseline.is_some();
    let baseline = match std::fs::read_to_string(&path) {
        Ok(text) => {
            let shown = path.strip_prefix(&host.cwd).unwrap_or(&path).display();
            let source = Arc::new(Source::new(shown.to_string(), text));
            Some(Baseline::read(&source).map_err(one)?)
        }
        Err(_) if !named && rules.iter().all(fixed) => None,
        Err(e) => {
            let title = format!("cannot read the baseline {}: {e}", path.display());
            return Err(vec![
                Problem::error(title).help("write one from a good run: bakeoff baseline set RUN"),
            ]);
        }
    };
    let pairs = match &baseline {
        None => own.into_iter().map(|side| (side, None)).collect(),
        Some(baseline) => side_by_side(own, baseline, !args.candidate.is_empty())?,
    };
    let file = ci::in_repository(host, &project.root, &plan.dataset.file);
    Ok(Held {
        row,
        baseline,
        pairs,
        rules,
        places: Places::of(file, &stored.cases),
        cost_usd: ci::spent(&summarise(&plan, &stored)),
        plan,
    })
}

/// Each candidate with the baseline's of the same name; the only one with the only one, whatever they are called.
fn side_by_side(
    own: Vec<Trace>,
    baseline: &Baseline,
    chosen: bool,
) -> Result<Vec<(Trace, Option<Trace>)>, Vec<Problem>> {
    let names: Vec<&str> = baseline
        .candidates
        .iter()
        .map(|kept| kept.candidate.name.as_str())
        .collect();
    if let ([_], [only]) = (own.as_slice(), names.as_slice()) {
        let before = baseline.side(only);
        return Ok(own.into_iter().map(|side| (side, before.clone())).collect());
    }
    let lost: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !chosen && !own.iter().any(|side| side.name == *name))
        .collect();
    let fresh: Vec<&str> = own
        .iter()
        .map(|side| side.name.as_str())
        .filter(|name| !names.contains(name))
        .collect();
    if !lost.is_empty() || !fresh.is_empty() {
        let mut problem =
            Problem::error("the run and the baseline do not hold the same candidates");
        if !lost.is_empty() {
            problem = problem.help(format!("only in the baseline: {}", lost.join(", ")));
        }
        if !fresh.is_empty() {
            problem = problem.help(format!("only in the run: {}", fresh.join(", ")));
        }
        return Err(vec![problem.help(
            "choose with --candidate NAME, or write a new baseline: bakeoff baseline set RUN",
        )]);
    }
    Ok(own
        .into_iter()
        .map(|side| {
            let before = baseline.side(&side.name);
            (side, before)
        })
        .collect())
}

/// What differs in what was asked, a line each.
fn changes(held: &Held) -> Vec<String> {
    let Some(baseline) = &held.baseline else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut differ = |what: &str, before: String, now: String| {
        if before != now {
            lines.push(format!("{what}: was {before}, is {now}"));
        }
    };
    let dataset = |it: &crate::plan::DatasetRef| {
        format!(
            "{} ({} cases, {})",
            it.name,
            it.cases,
            it.hash.get(..8).unwrap_or_default()
        )
    };
    differ(
        "dataset",
        dataset(&baseline.dataset),
        dataset(&held.plan.dataset),
    );
    differ(
        "repeats",
        baseline.repeats.to_string(),
        held.plan.repeats.to_string(),
    );
    differ(
        "price table",
        baseline.prices.clone(),
        held.plan.prices.clone(),
    );
    for (now, before) in &held.pairs {
        let column = held
            .plan
            .candidates
            .iter()
            .find(|column| column.name == now.name);
        let name = before.as_ref().map_or("", |side| side.name.as_str());
        let kept = baseline
            .candidates
            .iter()
            .find(|kept| kept.candidate.name == name);
        if let (Some(column), Some(kept)) = (column, kept) {
            lines.extend(kept.candidate.changes(column));
        }
    }
    lines
}

/// The run that is meant: by a prefix of its id, or the newest of this suite that is no rerun of a gate.
pub(super) fn latest(store: &Store, wanted: &str, suite: &str) -> Result<RunRow, Problem> {
    if wanted != "latest" {
        return find(store, wanted);
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
