//! `bakeoff usage`: what was spent, by model, key and day, from the store.

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::{place, stored};
use crate::report::{self, Look};
use crate::source::Problem;
use crate::summary::usage::Ledger;

/// `bakeoff usage`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Only runs started on this day or later, YYYY-MM-DD (UTC).
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<String>,
    /// terminal, markdown or json.
    #[arg(long, value_name = "FORMAT", default_value = "terminal", value_parser = ["terminal", "markdown", "json"])]
    format: String,
}

/// Runs the command.
pub fn usage(host: &Host, global: &Global, args: &Args) -> Result<Exit, Problem> {
    let (_, path) = place(host, global);
    let mut ledger = Ledger::default();
    if path.exists() {
        let store = stored::open(&path)?;
        let runs = store.runs().map_err(|error| stored::trouble(&error))?;
        let counts = |started: &str| args.since.as_deref().is_none_or(|since| started >= since);
        for run in runs.into_iter().filter(|run| counts(&run.started)) {
            let plan = stored::snapshot(&run)?;
            let open = store
                .in_flight(&run.id)
                .map_err(|error| stored::trouble(&error))?;
            let table = store.table(run).map_err(|error| stored::trouble(&error))?;
            ledger.add(&plan, &table, open);
        }
    }
    let part = |_: &str| Err(Problem::error("a usage has no template"));
    let look = Look {
        width: host.width,
        color: host.colour,
        part: &part,
    };
    let found = ledger.close(args.since.clone());
    let text = report::usage(&found, &args.format, &look).expect("clap checks the format");
    host.print(&text);
    Ok(Exit::Good)
}

/// A day that exists.
fn day(text: &str) -> Result<String, String> {
    let day: Result<jiff::civil::Date, _> = text.parse();
    day.map(|day| day.to_string())
        .map_err(|_| "give a day such as 2026-11-20".into())
}
