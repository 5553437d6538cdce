//! `bakeoff select`: whom to take under constraints.

use super::args::Global;
use super::args::margin;
use super::compare::{scorer, table};
use super::exit::Exit;
use super::host::Host;
use super::{place, stored};
use crate::project::Catalog;
use crate::report::{self, Look, Report};
use crate::source::Problem;
use crate::stats::{Estimate, quantile};
use crate::summary::select::{Limits, Selection, Weights, Wishes, select};
use crate::summary::side::{Side, sides};
use crate::summary::summarise;
use clap::Args;
use std::path::{Path, PathBuf};

/// The cheapest candidate that could be the best, or the one that your weights prefer.
#[derive(Debug, Clone, Args)]
pub struct Select {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Select from the scores in FILE instead: a table as `compare --table` takes it.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub table: Option<PathBuf>,
    /// Least mean score, 0 to 1.
    #[arg(long, value_name = "SCORE", value_parser = amount)]
    pub min_quality: Option<f64>,
    /// Most mean cost of a case, USD.
    #[arg(long, value_name = "USD", value_parser = amount)]
    pub max_cost: Option<f64>,
    /// Most P95 latency, such as 2s or 800ms.
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub max_p95: Option<f64>,
    /// What is worth what: quality=1,cost=0.2,latency=0.1. Cost and latency count relative to the highest one.
    #[arg(long, value_name = "WEIGHTS", value_parser = weights)]
    pub weights: Option<Weights>,
    /// Take the cheapest that is shown not to be worse than the best by more than this, in score.
    #[arg(long, value_name = "SCORE", value_parser = margin)]
    pub margin: Option<f64>,
    /// The scorer that is quality (default: the run's primary one).
    #[arg(long, value_name = "NAME")]
    pub scorer: Option<String>,
    /// terminal, markdown, json or html.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", value_parser = ["terminal", "markdown", "json", "html"])]
    pub format: String,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Select) -> Result<Exit, Vec<Problem>> {
    let found = match &args.table {
        Some(path) => of_table(host, path, args)?,
        None => of_run(host, global, args).map_err(|problem| vec![problem])?,
    };
    let (root, store) = place(host, global);
    let catalog = Catalog::new(&root, global.allow_path);
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &|path| catalog.text(path),
    };
    let text = match args.format.as_str() {
        "html" => {
            let run = run_of(&store, args)?;
            let run = run.as_ref().map(|(name, report)| (name.as_str(), report));
            report::selection_page(&found, run, &look).map_err(|problem| vec![problem])?
        }
        format => report::selection(&found, format, &look).expect("clap checks the format"),
    };
    host.print(&text);
    if found.cases == 0 && found.candidates.iter().all(|c| c.quality.is_none()) {
        host.say("error: nothing was scored, so nothing can be recommended");
        return Ok(Exit::Usage);
    }
    if found
        .notes
        .iter()
        .any(|note| note.ends_with(stored::INCOMPLETE))
    {
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Good)
}

fn of_run(host: &Host, global: &Global, args: &Select) -> Result<Selection, Problem> {
    let (_, path) = place(host, global);
    let store = stored::open(&path)?;
    let (plan, data) = stored::load(&store, &args.run)?;
    let scorer = scorer(&plan, args.scorer.as_deref())?;
    let summary = summarise(&plan, &data);
    let p95: Vec<Option<Estimate>> = summary
        .candidates
        .iter()
        .map(|r| r.latency_ms.p95)
        .collect();
    let mut wishes = wishes(scorer, plan.seed, plan.dataset.hash.clone(), args);
    wishes.max_failed = plan.max_failed;
    let mut found = select(&sides(&plan, &data, &wishes.scorer), &p95, &wishes);
    found.sources = vec![format!("run {}", stored::short_id(&store, &data.run.id))];
    found.notes.extend(stored::incomplete(&data, "the run"));
    Ok(found)
}

/// The run that was selected from, for its page; none where it was a table.
fn run_of(store: &Path, args: &Select) -> Result<Option<(String, Report)>, Vec<Problem>> {
    match args.table {
        Some(_) => Ok(None),
        None => stored::paged(store, &args.run).map(Some),
    }
}

fn of_table(host: &Host, path: &Path, args: &Select) -> Result<Selection, Vec<Problem>> {
    super::compare::of_table_only(args.scorer.as_deref()).map_err(|problem| vec![problem])?;
    let (name, sheet) = table(host, path)?;
    let p95 = |side: &Side| {
        let times: Vec<f64> = side.cells.iter().filter_map(|cell| cell.latency).collect();
        quantile::estimate(&times, 0.95, 0.95)
    };
    let p95: Vec<Option<Estimate>> = sheet.sides.iter().map(p95).collect();
    let scorer = "score".to_owned();
    let mut found = select(&sheet.sides, &p95, &wishes(scorer, 1, sheet.cases, args));
    found.sources = vec![name];
    Ok(found)
}

fn wishes(scorer: String, seed: u64, cases: String, args: &Select) -> Wishes {
    Wishes {
        scorer,
        limits: Limits {
            min_quality: args.min_quality,
            max_cost: args.max_cost,
            max_p95_ms: args.max_p95,
        },
        weights: args.weights,
        margin: args.margin,
        max_failed: 1.0,
        seed,
        cases,
    }
}

/// A number of 0 or more.
fn amount(text: &str) -> Result<f64, String> {
    let amount = text
        .parse::<f64>()
        .ok()
        .filter(|v| v.is_finite() && *v >= 0.0);
    amount.ok_or_else(|| "give a number of 0 or more".into())
}

/// A time with its unit, in milliseconds.
fn milliseconds(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (text.strip_suffix('s').unwrap_or(""), 1e3),
    };
    let time = number.trim().parse::<f64>().ok().map(|v| v * unit);
    time.filter(|v| v.is_finite() && *v > 0.0)
        .ok_or_else(|| "give a time such as 2s or 800ms".into())
}

/// `quality=1,cost=0.2,latency=0.1`; what is not named counts nothing.
fn weights(text: &str) -> Result<Weights, String> {
    let mut found = Weights {
        quality: 0.0,
        cost: 0.0,
        latency: 0.0,
    };
    for part in text.split(',') {
        let (name, value) = part
            .split_once('=')
            .ok_or("give weights such as quality=1,cost=0.2")?;
        let value = amount(value.trim())?;
        match name.trim() {
            "quality" => found.quality = value,
            "cost" => found.cost = value,
            "latency" => found.latency = value,
            other => {
                return Err(format!(
                    "{other:?} has no weight: quality, cost and latency have"
                ));
            }
        }
    }
    match found.quality + found.cost + found.latency > 0.0 {
        true => Ok(found),
        false => Err("at least one weight must be above 0".into()),
    }
}
