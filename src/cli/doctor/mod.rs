//! `bakeoff doctor`: whether all that a run needs is in order, a line each, with what to do.

mod keys;
mod network;
mod store;

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::{place, tables};
use crate::project::Project;
use crate::report::counted;
use crate::source::{Problem, plain_line};
use clap::Args;
use serde::Serialize;
use serde_json::json;

/// A price table is old after so many days.
const STALE_DAYS: i64 = 30;

/// What to look at.
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// Ask every endpoint of the suite for its list of models: shows that it is reached and takes the
    /// key, and how far the clock is off. Nothing is generated and nothing billed.
    #[arg(long)]
    ping: bool,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

/// How it stands with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// In order.
    Ok,
    /// Neither good nor bad, worth knowing.
    Note,
    /// A run works, but look at it.
    Warning,
    /// A run does not work.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    /// What: `suite`, `key`, `proxy`, `store`, `prices`, `reach`, `clock`, `version`.
    about: &'static str,
    state: State,
    text: String,
    /// What to do.
    help: Option<String>,
}

impl Check {
    fn new(about: &'static str, state: State, text: impl Into<String>) -> Check {
        Check {
            about,
            state,
            text: text.into(),
            help: None,
        }
    }

    fn help(self, line: impl Into<String>) -> Check {
        Check {
            help: Some(line.into()),
            ..self
        }
    }
}

/// Runs the command.
pub fn doctor(host: &Host, global: &Global, args: &Doctor) -> Result<Exit, Vec<Problem>> {
    let json = match args.format.as_deref() {
        None | Some("human") => false,
        Some("json") => true,
        Some(other) => {
            let problem = Problem::error(format!("doctor has no format {other:?}"));
            return Err(vec![problem.help("formats: human, json")]);
        }
    };
    let version = concat!("bakeoff ", env!("CARGO_PKG_VERSION"));
    let mut checks = vec![Check::new("version", State::Note, version)];
    let (project, suite) = suite(host, global);
    checks.push(suite);
    let (targets, found) = keys::keys(host, project.as_ref());
    checks.extend(found);
    checks.extend(network::proxy(host));
    checks.extend(store::store(&place(host, global).1));
    checks.push(prices(host));
    if args.ping {
        checks.extend(network::ping(host, &targets));
    }
    let broken = checks.iter().any(|check| check.state == State::Broken);
    match json {
        true => {
            let shown = json!({"schema": "bakeoff.doctor/1", "fine": !broken, "checks": checks});
            host.print(&format!("{shown:#}\n"));
        }
        false => host.print(&text(&checks, args.ping)),
    }
    Ok(if broken { Exit::Usage } else { Exit::Good })
}

fn text(checks: &[Check], pinged: bool) -> String {
    let mut out = String::new();
    for check in checks {
        let mark = match check.state {
            State::Ok => "ok",
            State::Note => "-",
            State::Warning => "warning",
            State::Broken => "BROKEN",
        };
        out += &format!("{mark:8} {:8} {}\n", check.about, plain_line(&check.text));
        if let Some(help) = &check.help {
            out += &format!("{:18}{}\n", "", plain_line(help));
        }
    }
    if !pinged {
        out += "nothing was sent; `bakeoff doctor --ping` asks each endpoint for its list of models (nothing is billed)\n";
    }
    out
}

/// The suite, if there is one and it can be read.
fn suite(host: &Host, global: &Global) -> (Option<Project>, Check) {
    let file = global.file.as_deref();
    if file.is_none() && crate::project::root(None, &host.cwd).is_none() {
        let check = Check::new(
            "suite",
            State::Note,
            "there is no bakeoff.yaml here or above",
        );
        return (
            None,
            check.help("make one with `bakeoff init`, or name it with --file"),
        );
    }
    match Project::load(file, &host.cwd, global.allow_path) {
        Ok(project) => {
            let models = project.suite.models.len();
            let text = format!(
                "{} in {}: {}",
                project.file,
                project.root.display(),
                counted(models, "model")
            );
            (Some(project), Check::new("suite", State::Ok, text))
        }
        Err(problems) => {
            let first = problems
                .first()
                .map_or("", |problem| problem.title.as_str());
            let text = format!(
                "cannot be read, {}: {first}",
                counted(problems.len(), "problem")
            );
            let check = Check::new("suite", State::Broken, text);
            (
                None,
                check.help("`bakeoff check` shows all of them with their places"),
            )
        }
    }
}

/// The price table: which, and how old.
fn prices(host: &Host) -> Check {
    let prices = match tables::prices(host) {
        Ok(prices) => prices,
        Err(problem) => {
            let check = Check::new("prices", State::Broken, problem.title);
            let help = problem.help.into_iter().next().unwrap_or_default();
            return check.help(help);
        }
    };
    let edition = prices.edition();
    let day = |text: &str| text.parse::<jiff::civil::Date>().ok();
    let now = host.now();
    let age = day(&edition.date).zip(day(now.get(..10).unwrap_or_default()));
    let age = age.map_or(0, |(table, today)| {
        table
            .until(today)
            .map_or(0, |span| i64::from(span.get_days()))
    });
    let text = format!("{}, {}, {age} days old", edition.date, edition.name);
    if age <= STALE_DAYS {
        return Check::new("prices", State::Ok, text);
    }
    let check = Check::new(
        "prices",
        State::Warning,
        format!("{text}: prices may have changed"),
    );
    check.help("`bakeoff prices update --from FILE` takes a newer genai-prices or LiteLLM file")
}
