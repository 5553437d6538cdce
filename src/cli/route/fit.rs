//! `bakeoff route fit`.

use super::Common;
use super::input::input;
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::cli::output::put;
use crate::report;
use crate::route::fit::{Wishes, fit};
use crate::source::{Problem, did_you_mean};
use clap::Args;
use std::path::PathBuf;

/// Make routers of a run's cases, and approve one only if its saving will keep.
#[derive(Debug, Clone, Args)]
pub struct Fit {
    #[command(flatten)]
    common: Common,
    /// Only routers by these columns or tags (several times, or with commas).
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    by: Vec<String>,
    /// Routers that ask again where this number of the cheap model's answer is low: another scorer, logprob, a column of the table. It must be known without the right answer.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    signal: Vec<String>,
    /// The model whose signals are meant (default: the cheapest worth its price).
    #[arg(long, value_name = "NAME")]
    cheap: Option<String>,
    /// The quality aimed at: the best model's less this, in score (default: a fifth of the margin).
    #[arg(long, value_name = "SCORE", value_parser = share)]
    within: Option<f64>,
    /// What the router itself costs a request, USD.
    #[arg(long, value_name = "USD", default_value = "0", value_parser = amount)]
    router_cost: f64,
    /// Write the approved routes to FILE.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Fit) -> Result<Exit, Vec<Problem>> {
    let mut input = input(host, global, &args.common)?;
    let matrix = std::mem::take(&mut input.recorded).matrix();
    let cheap = match &args.cheap {
        None => None,
        Some(name) => Some(matrix.place(name).ok_or_else(|| {
            let problem = Problem::error(format!("there is no candidate {name:?}"));
            let near = did_you_mean(name, matrix.candidates.iter().map(String::as_str));
            vec![match near {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem.help(format!("candidates: {}", matrix.candidates.join(", "))),
            }]
        })?),
    };
    let mut wishes = Wishes::new(input.margin, input.seed);
    wishes.within = args.within.unwrap_or(wishes.within);
    wishes.columns.clone_from(&args.by);
    wishes.signals.clone_from(&args.signal);
    wishes.cheap = cheap;
    wishes.router_cost = args.router_cost;
    let found = fit(&matrix, &wishes, &input.scorer);
    let mut found =
        found.map_err(|why| vec![Problem::error(format!("nothing can be fitted: {why}"))])?;
    found.sources.clone_from(&input.sources);
    found.notes.extend(input.notes.iter().cloned());
    super::print(host, global, &|look| match args.common.format.as_str() {
        "html" => report::fit_page(&found, None, look),
        format => Ok(report::fit(&found, format, look).expect("clap checks the format")),
    })?;
    if let Some(path) = &args.out {
        let Some(routes) = &found.routes else {
            host.say(&format!(
                "{} is not written: no router is approved",
                path.display()
            ));
            return Ok(Exit::Good);
        };
        let text = format!("# {}\n{routes}", report::verdict(&found));
        let written = put(&host.cwd.join(path), text.as_bytes());
        written.map_err(|e| {
            vec![Problem::error(format!(
                "cannot write {}: {e}",
                path.display()
            ))]
        })?;
        host.say(&format!("routes: {}", path.display()));
    }
    Ok(Exit::Good)
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .filter(|v| v.is_finite() && *v >= 0.0)
}

fn share(text: &str) -> Result<f64, String> {
    let share = number(text).filter(|share| *share < 1.0);
    share.ok_or_else(|| "give a difference of scores from 0 and below 1, such as 0.01".into())
}

fn amount(text: &str) -> Result<f64, String> {
    number(text).ok_or_else(|| "give a number of 0 or more".into())
}
