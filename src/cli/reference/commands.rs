//! The page of commands, from clap's definition of them.

use super::{cell, sentence};
use crate::cli::args::Cli;
use clap::{Arg, Command, CommandFactory};

/// Every command with its arguments and options.
pub fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let mut page = String::from(
        "# Commands\n\nMade from the program; `bakeoff COMMAND --help` says the same. Results go to stdout, all else \
         to stderr. What the exit codes mean: [exit codes](../exit-codes.md).\n\n## Options of every command\n\n",
    );
    page += &table(root.get_arguments().filter(|arg| arg.is_global_set()));
    for command in root.get_subcommands() {
        tell(command, &mut page);
    }
    page
}

/// A command, and those below it.
fn tell(command: &Command, page: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    *page += &format!("\n## {name}\n\n{}\n", sentence(about.trim()));
    let own = |arg: &&Arg| !arg.is_global_set() && !arg.is_hide_set();
    let own = command.get_arguments().filter(own);
    let own = own.filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
    let rows = table(own);
    if !rows.is_empty() {
        *page += &format!("\n{rows}");
    }
    for below in command.get_subcommands() {
        tell(below, page);
    }
}

/// Arguments as a table; empty where there are none.
fn table<'a>(args: impl Iterator<Item = &'a Arg>) -> String {
    let rows: String = args.map(row).collect();
    match rows.is_empty() {
        true => rows,
        false => format!("| option | meaning |\n|---|---|\n{rows}"),
    }
}

fn row(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let takes = arg.get_action().takes_values();
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    let values = values.join(" ");
    let short = arg.get_short().map(|short| format!("-{short}, "));
    let short = short.unwrap_or_default();
    let typed = match arg.get_long() {
        Some(long) if takes => format!("{short}--{long} {values}"),
        Some(long) => format!("{short}--{long}"),
        None if arg.is_required_set() => values,
        None => format!("[{values}]"),
    };
    let help = arg.get_long_help().or(arg.get_help());
    let mut meaning = sentence(&cell(&help.map(ToString::to_string).unwrap_or_default()));
    let choices = arg.get_possible_values();
    let named = choices.iter().filter(|choice| !choice.is_hide_set());
    let named: Vec<&str> = named.map(|choice| choice.get_name()).collect();
    if takes && !named.is_empty() && named != ["true", "false"] {
        meaning += &format!(" One of: {}.", named.join(", "));
    }
    let defaults = arg.get_default_values().iter();
    let defaults: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
    if takes && !defaults.is_empty() {
        meaning += &format!(" Default: `{}`.", defaults.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        meaning += &format!(" Or `{}`.", variable.to_string_lossy());
    }
    format!("| `{typed}` | {meaning} |\n")
}
