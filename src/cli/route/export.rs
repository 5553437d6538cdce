//! `bakeoff route export`.

use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::host::Host;
use crate::cli::output::put;
use crate::cli::tables;
use crate::project::Project;
use crate::route::export::{litellm, own};
use crate::source::{Problem, did_you_mean};
use clap::Args;
use std::path::PathBuf;

/// The suite's routes for elsewhere; what the format cannot carry is said, and stands at the file's head.
#[derive(Debug, Clone, Args)]
pub struct Export {
    /// Only these routes (default: all of the suite's).
    #[arg(value_name = "ROUTE")]
    names: Vec<String>,
    /// litellm: the config of a LiteLLM proxy; bakeoff: the routes and their models alone.
    #[arg(long, value_name = "FORMAT", value_parser = ["litellm", "bakeoff"])]
    format: String,
    /// Write to FILE instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Export) -> Result<Exit, Vec<Problem>> {
    let project = Project::load(global.file.as_deref(), &host.cwd, global.allow_path)?;
    let picked = picked(&project, &args.names)?;
    let exported = match args.format.as_str() {
        "bakeoff" => own(&project, &picked)?,
        _ => {
            let prices = tables::prices(host).map_err(|problem| vec![problem])?;
            litellm(&project, &picked, &prices)?
        }
    };
    host.complain(&exported.lost);
    let Some(path) = &args.out else {
        host.print(&exported.text);
        return Ok(Exit::Good);
    };
    put(&host.cwd.join(path), exported.text.as_bytes()).map_err(|e| {
        let title = format!("cannot write {}: {e}", path.display());
        vec![Problem::error(title)]
    })?;
    host.say(&format!("routes: {}", path.display()));
    Ok(Exit::Good)
}

/// Which of the suite's routes are meant.
fn picked(project: &Project, names: &[String]) -> Result<Vec<usize>, Vec<Problem>> {
    let routes = &project.suite.routes;
    if routes.is_empty() {
        let problem = Problem::error("the suite has no routes");
        return Err(vec![problem.help(
            "write them under `routes:`, or let `bakeoff route fit` make one",
        )]);
    }
    if names.is_empty() {
        return Ok((0..routes.len()).collect());
    }
    let known = || routes.iter().map(|route| route.name.as_str());
    let (mut picked, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match known().position(|route| route == name) {
            Some(at) if picked.contains(&at) => {}
            Some(at) => picked.push(at),
            None => {
                let problem = Problem::error(format!("there is no route {name:?}"));
                problems.push(match did_you_mean(name, known()) {
                    Some(near) => problem.help(format!("did you mean {near:?}?")),
                    None => problem.help(format!(
                        "routes: {}",
                        known().collect::<Vec<_>>().join(", ")
                    )),
                });
            }
        }
    }
    match problems.is_empty() {
        true => Ok(picked),
        false => Err(problems),
    }
}
