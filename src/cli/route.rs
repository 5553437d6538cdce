//! `bakeoff route`: what routing policies are worth, from what was recorded; nothing is asked.

mod drill;
mod export;
mod fit;
mod input;
mod rehearsed;
mod simulate;

use super::args::Global;
use super::args::margin;
use super::exit::Exit;
use super::host::Host;
use super::place;
use crate::project::Catalog;
use crate::report::Look;
use crate::source::Problem;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) use rehearsed::expected;

/// Routing policies judged on a stored run or a table; no calls are made.
#[derive(Debug, Clone, Args)]
pub struct Route {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Replay the suite's routes on a run's cases, beside every baseline: single models, coin flips, prompt length, random, oracle.
    Simulate(simulate::Simulate),
    /// Make routers of a run's cases, and approve one only if its saving will keep; prints the routes to paste.
    Fit(fit::Fit),
    /// What chains of fallbacks deliver when a provider is down or slow.
    Drill(drill::Drill),
    /// The suite's routes for elsewhere: a LiteLLM proxy's config, or a file of their own.
    Export(export::Export),
}

/// What every one of them is told.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    run: String,
    /// Take the scores in FILE instead (CSV or TSV, .gz too; - for stdin): case, candidate, score [repeat, group, tags, cost_usd, latency_ms, prompt, and columns of your own].
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    table: Option<PathBuf>,
    /// Take the routes of FILE instead of the suite's.
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// The scorer that is quality (default: the run's primary one).
    #[arg(long, value_name = "NAME")]
    scorer: Option<String>,
    /// How much worse than the best single model still counts as not worse, in score (default: the suite's; 0.05 for a table).
    #[arg(long, value_name = "SCORE", value_parser = margin)]
    margin: Option<f64>,
    /// Seed of folds and resamples (default: the run's).
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// terminal, markdown, json or (but for drill) html.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", value_parser = ["terminal", "markdown", "json", "html"])]
    format: String,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Route) -> Result<Exit, Vec<Problem>> {
    match &args.command {
        Command::Simulate(args) => simulate::run(host, global, args),
        Command::Fit(args) => fit::run(host, global, args),
        Command::Drill(args) => drill::run(host, global, args),
        Command::Export(args) => export::run(host, global, args),
    }
}

/// Prints what a report makes of a result.
fn print(
    host: &Host,
    global: &Global,
    render: &dyn Fn(&Look) -> Result<String, Problem>,
) -> Result<(), Vec<Problem>> {
    let (root, _) = place(host, global);
    let catalog = Catalog::new(&root, global.allow_path);
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &|path| catalog.text(path),
    };
    host.print(&render(&look).map_err(|problem| vec![problem])?);
    Ok(())
}
