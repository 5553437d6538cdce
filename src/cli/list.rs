//! `bakeoff list`: what there is – models, providers, scorers, reports, datasets, runs.

use super::args::{self, Global, Listed};
use super::exit::Exit;
use super::explain;
use super::host::Host;
use super::load::store_in;
use super::models;
use super::stored::open;
use crate::project::{Catalog, Origin, Project};
use crate::provider::catalog::PROVIDERS;
use crate::report::FORMATS;
use crate::score::KINDS;
use crate::source::{Problem, plain_line};
use serde_json::{Value, json};

/// One entry: cells for people, an object for programs.
struct Entry(Vec<String>, Value);

/// Runs the command.
pub fn list(host: &Host, global: &Global, args: &args::List) -> Result<Exit, Vec<Problem>> {
    let entries = match args.what {
        Listed::Models => return models::list(host, global, args),
        Listed::Providers => providers(host),
        Listed::Scorers => scorers(&catalog(host, global)),
        Listed::Reports => reports(&catalog(host, global)),
        Listed::Datasets => files(&catalog(host, global), "datasets"),
        Listed::Runs => runs(host, global).map_err(|problem| vec![problem])?,
    };
    match args.format.as_deref() {
        Some("json") => host.print(&format!(
            "{:#}\n",
            Value::Array(entries.into_iter().map(|entry| entry.1).collect())
        )),
        None | Some("human") => host.print(&table(&entries, host.width)),
        Some(other) => {
            return Err(vec![
                Problem::error(format!("list has no format {other:?}"))
                    .help("formats: human, json"),
            ]);
        }
    }
    Ok(Exit::Good)
}

/// Rows of cells; the last cell of a row that is too wide goes on below itself.
fn table(entries: &[Entry], wide: usize) -> String {
    let columns = entries.iter().map(|entry| entry.0.len()).max().unwrap_or(0);
    let width = |column: usize| {
        entries
            .iter()
            .filter_map(|entry| entry.0.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let row = |entry: &Entry| {
        let (last, cells) = entry.0.split_last()?;
        let cells = cells.iter().zip(&widths);
        let first = cells.map(|(cell, width)| format!("{:width$}  ", plain_line(cell)));
        Some(hanging(&first.collect::<String>(), &plain_line(last), wide))
    };
    entries.iter().filter_map(row).collect()
}

/// A text after what stands before it, in lines of at most `wide` columns where its words allow it;
/// the later lines hang under the first.
pub fn hanging(before: &str, text: &str, wide: usize) -> String {
    let indent = before.chars().count();
    let room = wide.saturating_sub(indent).max(24);
    let (mut out, mut used) = (before.to_owned(), 0);
    for word in text.split(' ') {
        let width = word.chars().count();
        if used > 0 && used + 1 + width > room {
            out.truncate(out.trim_end().len());
            out += &format!("\n{}", " ".repeat(indent));
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out += word;
        used += width;
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// The project's files, if there is a project here; the shipped ones anyway.
pub fn catalog(host: &Host, global: &Global) -> Catalog {
    match Project::load(global.file.as_deref(), &host.cwd, global.allow_path) {
        Ok(project) => project.catalog,
        Err(_) => Catalog::new(&host.cwd, global.allow_path),
    }
}

fn providers(host: &Host) -> Vec<Entry> {
    let entry = |provider: &crate::provider::catalog::Provider| {
        let set = provider.keys.iter().find(|name| host.var(name).is_some());
        let key = match (set, provider.keys.first()) {
            (Some(name), _) => format!("{name} is set"),
            (None, Some(name)) => format!("{name} is not set"),
            (None, None) => "no key".to_owned(),
        };
        let address = provider.base_url.unwrap_or("needs base_url");
        let value = json!({"name": provider.name, "aliases": provider.aliases, "api": provider.dialect, "base_url": provider.base_url,
                           "keys": provider.keys, "key_set": set.is_some()});
        Entry(
            vec![
                provider.name.into(),
                provider.dialect.into(),
                key,
                address.into(),
            ],
            value,
        )
    };
    PROVIDERS.iter().map(entry).collect()
}

fn scorers(catalog: &Catalog) -> Vec<Entry> {
    let kinds = KINDS.iter().map(|kind| {
        let mut told = format!("{} ({}", kind.about, kind.range);
        if !kind.direction.starts_with("higher") {
            told += &format!(", {}", kind.direction);
        }
        if !kind.needs.is_empty() {
            told += &format!("; needs {}", kind.needs);
        }
        let cells = vec![kind.name.into(), told + ")"];
        Entry(cells, explain::about(kind))
    });
    kinds.chain(files(catalog, "scorers")).collect()
}

fn reports(catalog: &Catalog) -> Vec<Entry> {
    let formats = FORMATS.iter().map(|format| {
        let value = json!({"name": format.name, "file": format.file, "about": format.about, "origin": "format"});
        Entry(vec![format.name.into(), format.file.into(), format.about.into()], value)
    });
    formats.chain(files(catalog, "reports")).collect()
}

fn files(catalog: &Catalog, folder: &str) -> Vec<Entry> {
    let entry = |file: crate::project::Entry| {
        let origin = if file.origin == Origin::Shipped {
            "shipped"
        } else {
            "project"
        };
        let value = json!({"path": file.path, "origin": origin});
        Entry(vec![file.path, origin.into()], value)
    };
    catalog.list(folder).into_iter().map(entry).collect()
}

fn runs(host: &Host, global: &Global) -> Result<Vec<Entry>, Problem> {
    let root = catalog(host, global).root().to_owned();
    let path = global.store.clone().unwrap_or_else(|| store_in(&root));
    if !path.exists() {
        host.say("there are no runs yet");
        return Ok(Vec::new());
    }
    let runs = open(&path)?
        .runs()
        .map_err(|e| super::stored::trouble(&e))?;
    let entry = |run: crate::store::RunRow| {
        let state = if run.complete {
            "complete"
        } else {
            "incomplete"
        };
        let value = json!({"id": run.id, "suite": run.suite, "started": run.started, "trials": run.trials, "complete": run.complete});
        Entry(
            vec![
                run.id.clone(),
                run.started,
                run.suite,
                format!("{} trials", run.trials),
                state.into(),
            ],
            value,
        )
    };
    Ok(runs.into_iter().map(entry).collect())
}
