//! `bakeoff route simulate`.

use super::Common;
use super::input::input;
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::project::RouteMap;
use crate::report;
use crate::route::fit::Wishes;
use crate::route::replay;
use crate::route::simulate::simulate;
use crate::source::{Problem, did_you_mean};
use clap::Args;

/// Replay the suite's routes on a run's cases, beside every baseline.
#[derive(Debug, Clone, Args)]
pub struct Simulate {
    #[command(flatten)]
    common: Common,
    /// Only these routes (several times, or with commas).
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    route: Vec<String>,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Simulate) -> Result<Exit, Vec<Problem>> {
    let mut input = input(host, global, &args.common)?;
    let recorded = std::mem::take(&mut input.recorded);
    let matrix = recorded.matrix();
    if matrix.is_empty() {
        host.say("error: no case has a score for every candidate, so nothing can be replayed");
        return Ok(Exit::Usage);
    }
    let routes = chosen(&input.routes, &args.route)?;
    let answers = input.answers();
    let (mut replays, mut cannot) = (Vec::new(), Vec::new());
    for map in routes {
        match replay(map, &matrix, answers.as_ref(), input.seed) {
            Ok(replay) => replays.push(replay),
            Err(missing) => cannot.push(missing),
        }
    }
    let wishes = Wishes::new(input.margin, input.seed);
    let mut found = simulate(&matrix, &replays, cannot, &wishes, &input.scorer);
    found.sources.clone_from(&input.sources);
    found.notes.extend(input.notes.iter().cloned());
    super::print(host, global, &|look| match args.common.format.as_str() {
        "html" => report::simulation_page(&found, None, look),
        format => Ok(report::simulation(&found, format, look).expect("clap checks the format")),
    })?;
    let asked = !args.route.is_empty();
    Ok(if asked && replays.is_empty() {
        Exit::Usage
    } else {
        Exit::Good
    })
}

/// The routes that are asked for; a name that there is not is a mistake.
fn chosen<'a>(all: &'a [RouteMap], names: &[String]) -> Result<Vec<&'a RouteMap>, Vec<Problem>> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let known = || all.iter().map(|map| map.name.as_str());
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match all.iter().find(|map| map.name == *name) {
            Some(map) => found.push(map),
            None => {
                let problem = Problem::error(format!("there is no route {name:?}"));
                problems.push(match did_you_mean(name, known()) {
                    Some(near) => problem.help(format!("did you mean {near:?}?")),
                    None => {
                        let known: Vec<&str> = known().collect();
                        problem.help(format!("routes: {}", known.join(", ")))
                    }
                });
            }
        }
    }
    match problems.is_empty() {
        true => Ok(found),
        false => Err(problems),
    }
}
