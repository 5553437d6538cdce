//! `bakeoff man`: the manual, a page for the program and one for every command.

use super::args::Cli;
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use crate::source::{Problem, did_you_mean};
use clap::CommandFactory;
use std::path::PathBuf;

/// `bakeoff man`
#[derive(Debug, Clone, clap::Args)]
pub struct Man {
    /// The command whose page is printed, as `baseline set` (default: the program's own page).
    command: Vec<String>,
    /// Write every page into this folder instead.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn man(host: &Host, args: &Man) -> Result<Exit, Problem> {
    let mut whole = Cli::command();
    whole.build();
    let Some(folder) = &args.out else {
        let named = find(&whole, &args.command)?;
        host.print_bytes(&page(named).map_err(|e| unwritten("the manual", &e))?);
        return Ok(Exit::Good);
    };
    let folder = host.cwd.join(folder);
    let fail = |e: std::io::Error| unwritten(&folder.display().to_string(), &e);
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let mut pages = Vec::new();
    gather(&whole, &mut pages);
    for command in &pages {
        put(&folder.join(name(command)), &page(command).map_err(fail)?).map_err(fail)?;
    }
    host.say(&format!(
        "{} pages in {}; read one with: man -l {}",
        pages.len(),
        folder.display(),
        folder.join("bakeoff.1").display()
    ));
    Ok(Exit::Good)
}

fn unwritten(what: &str, e: &std::io::Error) -> Problem {
    Problem::error(format!("cannot write {what}: {e}"))
}

/// The file of a command's page: `bakeoff-baseline-set.1`.
fn name(command: &clap::Command) -> String {
    let name = command.get_display_name().unwrap_or(command.get_name());
    format!("{name}.1")
}

/// Every command with a page, the program itself first.
fn gather<'a>(command: &'a clap::Command, pages: &mut Vec<&'a clap::Command>) {
    pages.push(command);
    let below = command.get_subcommands();
    let below = below.filter(|it| !it.is_hide_set() && it.get_name() != "help");
    below.for_each(|it| gather(it, pages));
}

fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let man = clap_mangen::Man::new(command.clone())
        .date("")
        .source(format!("bakeoff {}", env!("CARGO_PKG_VERSION")));
    man.render(&mut out)?;
    Ok(out)
}

/// The command that these words name.
fn find<'a>(whole: &'a clap::Command, words: &[String]) -> Result<&'a clap::Command, Problem> {
    words.iter().try_fold(whole, |command, word| {
        command.find_subcommand(word).ok_or_else(|| {
            let known: Vec<&str> = command
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            let problem = Problem::error(format!("there is no command {word:?}"));
            match did_you_mean(word, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem.help(format!("commands: {}", known.join(", "))),
            }
        })
    })
}
