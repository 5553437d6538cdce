//! `bakeoff prices`: what models cost by the price table, and which table that is.

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::tables::{self, Current};
use crate::project::Project;
use crate::provider::catalog::resolve;
use crate::provider::price::{Prices, Rates, Row, Table};
use crate::source::{Problem, plain_line};
use clap::{Args, Subcommand};
use globset::GlobBuilder;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What to do with prices.
#[derive(Debug, Clone, Args)]
pub struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, Subcommand)]
enum Verb {
    /// Show the price table: its date, hash and source, and what models cost.
    Show(Show),
    /// Load another price table for all commands, or go back to the bundled one.
    Update(Update),
}

#[derive(Debug, Clone, Args)]
struct Show {
    /// Models: provider/name, part of a name, or a glob; by default those of the suite.
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = true)]
struct Update {
    /// genai-prices' data.json (version 2), or LiteLLM's model_prices_and_context_window.json.
    #[arg(long, value_name = "FILE", conflicts_with = "bundled")]
    from: Option<PathBuf>,
    /// The day whose prices the file gives, YYYY-MM-DD (default: the day it was last written).
    #[arg(long, value_name = "DATE", requires = "from")]
    date: Option<String>,
    /// Go back to the table that bakeoff carries.
    #[arg(long)]
    bundled: bool,
}

/// Runs the command.
pub fn prices(host: &Host, global: &Global, args: &Command) -> Result<Exit, Problem> {
    match &args.verb {
        Verb::Show(args) => show(host, global, args),
        Verb::Update(args) => update(host, args),
    }
}

fn update(host: &Host, args: &Update) -> Result<Exit, Problem> {
    let Some(file) = &args.from else {
        let said = match tables::forget(host)? {
            true => "back to the bundled price table",
            false => "the bundled price table was in use already",
        };
        host.say(&format!("{said}: {}", line(&Table::bundled())));
        return Ok(Exit::Good);
    };
    let (current, table) = tables::keep(host, file, args.date.as_deref())?;
    host.say(&format!("price table: {}", line(&table)));
    host.say(&format!(
        "{} models, asked before the bundled table; kept as of {}",
        table.models(),
        current.edition.date
    ));
    Ok(Exit::Good)
}

fn show(host: &Host, global: &Global, args: &Show) -> Result<Exit, Problem> {
    let prices = tables::prices(host)?;
    let current = tables::current(host)?.map(|(current, _)| current);
    let names = match args.models.as_slice() {
        [] => of_suite(host, global),
        names => names.to_vec(),
    };
    let (rows, missed) = rows(&prices, &names, args.models.is_empty())?;
    match args.format.as_deref() {
        Some("json") => host.print(&format!("{:#}\n", value(&prices, current.as_ref(), &rows))),
        None | Some("human") => host.print(&text(&prices, &rows)),
        Some(other) => {
            return Err(Problem::error(format!("prices has no format {other:?}"))
                .help("formats: human, json"));
        }
    }
    for name in &missed {
        host.say(&format!("no price for {}", plain_line(name)));
    }
    let none = rows.is_empty() && !args.models.is_empty();
    if none {
        return Err(Problem::error("none of these models is in the price table")
            .help("give it a price in the suite: `prices: {MODEL: {input: …, output: …}}`")
            .help("`bakeoff prices show openai/*` lists a provider's models"));
    }
    Ok(Exit::Good)
}

/// The models that the suite names; none without a suite.
fn of_suite(host: &Host, global: &Global) -> Vec<String> {
    let project = Project::load(global.file.as_deref(), &host.cwd, global.allow_path);
    let models = project.map(|project| project.suite.asked());
    let models = models.unwrap_or_default().into_iter();
    models.map(|map| map.model).collect()
}

/// The rows of these models, and those that have none. A name that is not a model's own is looked
/// for in all names.
fn rows(
    prices: &Prices,
    names: &[String],
    exact: bool,
) -> Result<(Vec<Row>, Vec<String>), Problem> {
    let (mut rows, mut missed) = (Vec::new(), Vec::new());
    for name in names {
        let own = resolve(name).ok();
        let own = own.and_then(|found| prices.row(found.provider, &found.model));
        let found = match own {
            Some(row) => vec![row],
            None if exact => Vec::new(),
            None => prices.rows(&wanted(name)?),
        };
        if found.is_empty() {
            missed.push(name.clone());
        }
        rows.extend(found);
    }
    Ok((rows, missed))
}

/// Whether a model's name holds this text, or matches it as a glob; case does not count.
fn wanted(name: &str) -> Result<impl Fn(&str) -> bool, Problem> {
    let glob = match name.contains(['*', '?', '[', '{']) {
        true => name.to_owned(),
        false => format!("*{}*", globset::escape(name)),
    };
    let glob = GlobBuilder::new(&glob).case_insensitive(true).build();
    let glob = glob.map_err(|e| Problem::error(format!("{name:?} is no pattern: {e}")))?;
    let glob = glob.compile_matcher();
    Ok(move |model: &str| glob.is_match(model))
}

fn line(table: &Table) -> String {
    let edition = &table.edition;
    format!(
        "{}, {} (sha256 {})",
        edition.date, edition.name, edition.sha256
    )
}

fn value(prices: &Prices, current: Option<&Current>, rows: &[Row]) -> Value {
    let tables = prices.tables().iter().enumerate().map(|(index, table)| {
        let edition = &table.edition;
        let loaded = current.filter(|_| index == 0 && prices.tables().len() > 1);
        json!({"date": edition.date, "sha256": edition.sha256, "name": edition.name, "models": table.models(),
               "bundled": loaded.is_none(), "format": loaded.map(|it| it.format), "loaded": loaded.map(|it| &it.loaded)})
    });
    json!({"schema": "bakeoff.prices/1", "unit": "USD per million tokens",
           "tables": tables.collect::<Value>(), "models": rows})
}

fn text(prices: &Prices, rows: &[Row]) -> String {
    let mut out = String::new();
    for (index, table) in prices.tables().iter().enumerate() {
        let what = if index == 0 { "price table:" } else { "else:" };
        out += &format!("{what:12} {}\n", line(table));
    }
    if rows.is_empty() {
        return out
            + "name models, or part of a name, to see what they cost: `bakeoff prices show openai/`\n";
    }
    let mut lines = vec![
        [
            "USD per million tokens",
            "input",
            "cached",
            "cache write",
            "1 h",
            "output",
        ]
        .map(String::from),
    ];
    for row in rows {
        let fee = match row.per_request {
            0.0 => String::new(),
            fee => format!(" + ${fee} a request"),
        };
        lines.push(cells(
            format!("{}{fee}", plain_line(&row.model)),
            &row.rates,
        ));
        let tiers = |tiers: &[crate::provider::price::Step], of: &str| {
            let lines = tiers
                .iter()
                .map(|step| cells(format!("  {of}above {} tokens", step.above), &step.rates));
            lines.collect::<Vec<_>>()
        };
        lines.extend(tiers(&row.tiers, ""));
        for variant in &row.variants {
            lines.push(cells(format!("  {}", variant.name), &variant.rates));
            lines.extend(tiers(&variant.tiers, &format!("{}, ", variant.name)));
        }
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    out.push('\n');
    for line in &lines {
        let mut shown = format!("{:w$}", line[0], w = widths[0]);
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            shown += &format!("  {cell:>width$}");
        }
        out += &format!("{}\n", shown.trim_end());
    }
    out
}

fn cells(name: String, rates: &Rates) -> [String; 6] {
    let own = |rate: Option<f64>| rate.map_or("·".to_owned(), |rate| rate.to_string());
    [
        name,
        rates.input.to_string(),
        own(rates.cached_input),
        own(rates.cache_write),
        own(rates.cache_write_1h),
        rates.output.to_string(),
    ]
}
