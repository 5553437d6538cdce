//! The command line: a file per command, each of which loads, calls the library and prints.

mod args;
mod baseline;
mod call;
mod caution;
mod check;
mod choice;
mod ci;
mod compare;
mod comparing;
mod config;
mod doctor;
mod early;
mod exit;
mod explain;
mod gate;
mod grading;
mod host;
mod init;
mod judge;
mod judging;
mod keys;
mod list;
mod load;
mod man;
mod merge;
mod models;
mod output;
pub mod outputs;
mod plan;
mod port;
mod prices;
mod progress;
mod ready;
pub mod reference;
mod rehearse;
mod reprice;
mod resume;
mod route;
mod routing;
mod rules;
mod run;
mod schema;
mod score;
mod select;
mod serve;
mod session;
mod show;
mod signal;
mod slips;
mod stored;
mod tables;
mod usage;
mod watch;

use crate::source::Problem;
use args::{Cli, Command, Global};
use clap::{CommandFactory, Parser};
use exit::Exit;
use host::Host;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs the program: reads the command line and the world, does what is asked, says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Good.into()
            };
        }
    };
    let host = match Host::new(&cli.global) {
        Ok(host) => host,
        Err(problem) => {
            host::note(problem.draw(false).trim_end());
            return Exit::Usage.into();
        }
    };
    match dispatch(&host, &cli) {
        Ok(exit) => {
            if host::lost() {
                host::note("error: the results could not be written to stdout");
                // Worse news than that keeps its own code.
                return match exit {
                    Exit::Good => Exit::Usage.into(),
                    other => other.into(),
                };
            }
            exit.into()
        }
        Err(problems) => {
            host.complain(&problems);
            Exit::Usage.into()
        }
    }
}

fn dispatch(host: &Host, cli: &Cli) -> Result<Exit, Vec<Problem>> {
    let global = &cli.global;
    let one = |problem| vec![problem];
    match &cli.command {
        Command::Init(args) => init::init(host, global, args),
        Command::Check(args) => check::check(host, global, args),
        Command::Run(args) if args.watch => watch::watch(host, global, args),
        Command::Run(args) => run::run(host, global, args),
        Command::Resume(args) => resume::resume(host, global, args),
        Command::Score(args) => match &args.r#try {
            Some(path) => score::try_lines(host, global, path).map_err(one),
            None => score::score(host, global, args),
        },
        Command::Judge(args) => judge::judge(host, global, args),
        Command::Report(args) => {
            let (root, store) = place(host, global);
            let catalog = crate::project::Catalog::new(&root, global.allow_path);
            stored::report(host, &store, &root, args, &|path| catalog.text(path)).map_err(one)
        }
        Command::Merge(args) => merge::merge(host, global, args),
        Command::Show(args) => {
            let (root, store) = place(host, global);
            let catalog = crate::project::Catalog::new(&root, global.allow_path);
            show::show(host, global, &store, args, &|path| catalog.text(path)).map_err(one)
        }
        Command::Gate(args) => gate::gate(host, global, args),
        Command::Port(args) => port::port(host, global, args),
        Command::Baseline(args) => baseline::baseline(host, global, args),
        Command::Compare(args) => compare::run(host, global, args),
        Command::Plan(args) => plan::run(host, global, args),
        Command::Select(args) => select::run(host, global, args),
        Command::Route(args) => route::run(host, global, args),
        Command::Serve(args) => serve::run(host, global, args),
        Command::List(args) => list::list(host, global, args),
        Command::Explain(args) => explain::explain(host, global, args).map_err(one),
        Command::Call(args) => call::call(host, args).map_err(one),
        Command::Prices(args) => prices::prices(host, global, args).map_err(one),
        Command::Doctor(args) => doctor::doctor(host, global, args),
        Command::Schema(args) => schema::schema(host, args).map_err(one),
        Command::Usage(args) => usage::usage(host, global, args).map_err(one),
        Command::Config(args) => config::config(host, global, args),
        Command::Man(args) => man::man(host, args).map_err(one),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "bakeoff", &mut out);
            host.print_bytes(&out);
            Ok(Exit::Good)
        }
    }
}

/// The project's folder and its store; a suite that cannot be read does not keep a report from being made.
fn place(host: &Host, global: &Global) -> (PathBuf, PathBuf) {
    let root =
        crate::project::root(global.file.as_deref(), &host.cwd).unwrap_or_else(|| host.cwd.clone());
    let store = global
        .store
        .clone()
        .unwrap_or_else(|| load::store_in(&root));
    (root, store)
}
