//! `bakeoff config show`: every setting as it is resolved, and which line, flag or default set it.

mod settings;

use super::args::{Global, Selection};
use super::exit::Exit;
use super::host::Host;
use super::list::hanging;
use super::load::load;
use crate::source::{Problem, plain_line};
use serde_json::{Value, json};
use settings::{Setting, settings};
use unicode_width::UnicodeWidthStr;

/// `bakeoff config`
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Verb {
    /// Every setting, resolved: the suite, the flags given here, the defaults, and what each candidate is asked with.
    Show(Box<Show>),
}

#[derive(Debug, Clone, clap::Args)]
struct Show {
    /// Only settings whose name holds this, such as limits or temperature.
    name: Option<String>,
    /// Say where each is from: a line of a file, a flag, a variable, or the default.
    #[arg(long)]
    origin: bool,
    #[command(flatten)]
    selection: Selection,
    /// human or json.
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    format: String,
}

/// Runs the command.
pub fn config(host: &Host, global: &Global, args: &Config) -> Result<Exit, Vec<Problem>> {
    let Verb::Show(args) = &args.verb;
    let loaded = load(host, global, &args.selection)?;
    let all = settings(host, global, &loaded, &args.selection);
    let wanted = |setting: &&Setting| {
        let name = args.name.as_deref();
        name.is_none_or(|name| setting.name.contains(name))
    };
    let shown: Vec<&Setting> = all.iter().filter(wanted).collect();
    if let (true, Some(name)) = (shown.is_empty(), &args.name) {
        let known = all.iter().map(|setting| setting.name.as_str());
        let problem = Problem::error(format!("no setting has {name:?} in its name"));
        return Err(vec![match crate::source::did_you_mean(name, known) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem.help("`bakeoff config show` lists them all"),
        }]);
    }
    match args.format.as_str() {
        "json" => {
            let row =
                |it: &&Setting| json!({"name": it.name, "value": it.value, "origin": it.origin});
            let rows: Vec<Value> = shown.iter().map(row).collect();
            let value = json!({"schema": "bakeoff.config/1", "settings": rows});
            host.print(&format!("{value:#}\n"));
        }
        _ => host.print(&table(&shown, args.origin, host.width)),
    }
    Ok(Exit::Good)
}

fn table(shown: &[&Setting], origin: bool, width: usize) -> String {
    let names = shown.iter().map(|it| it.name.width()).max().unwrap_or(0);
    let names = names.min(width / 2);
    let mut out = String::new();
    for setting in shown {
        let value = match &setting.value {
            Value::String(text) => text.clone(),
            Value::Null => "none".to_owned(),
            other => other.to_string(),
        };
        let name = plain_line(&setting.name);
        let room = " ".repeat(names.saturating_sub(name.width()) + 2);
        let text = match origin {
            true => format!("{}  ← {}", plain_line(&value), plain_line(&setting.origin)),
            false => plain_line(&value).into_owned(),
        };
        out += &hanging(&format!("{name}{room}"), &text, width);
    }
    out
}
