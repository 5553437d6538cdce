//! `run --watch`: run again whenever a file of the project changes. The cache makes the rest cheap.

use super::args::{self, Global};
use super::exit::Exit;
use super::host::Host;
use super::ready::report_folder;
use super::run;
use crate::project::root;
use crate::report::FORMATS;
use crate::source::{Problem, plain_line};
use crate::summary::Summary;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at. Polling works on every file system, also on network ones.
const EVERY: Duration = Duration::from_millis(500);
/// How far below the project's folder files are looked for.
const DEPTH: usize = 6;

/// Runs the command until it is interrupted.
pub fn watch(host: &Host, global: &Global, args: &args::Run) -> Result<Exit, Vec<Problem>> {
    let folder = root(global.file.as_deref(), &host.cwd).unwrap_or_else(|| host.cwd.clone());
    let folder = real(&folder);
    let ours = ours(host, global, args, &folder);
    let fail = |e: std::io::Error| vec![Problem::error(format!("cannot start: {e}"))];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(fail)?;
    // Listening from now on: a signal that a run obeyed ends the watch as well.
    let mut signals = runtime.block_on(async { Signals::new() }).map_err(fail)?;
    let mut last: Option<Summary> = None;
    let mut args = args.clone();
    loop {
        let seen = files(&folder, &ours);
        let ended = match run::once(host, global, &args) {
            Ok((exit, summary)) => {
                if let (Some(before), Some(now)) = (&last, &summary) {
                    changes(before, now).iter().for_each(|line| host.say(line));
                }
                last = summary.or(last);
                exit
            }
            Err(problems) => {
                host.complain(&problems);
                Exit::Usage
            }
        };
        if matches!(ended, Exit::Interrupted(_)) {
            return Ok(ended);
        }
        // Fresh once: what has just been paid need not be paid again for a changed scorer.
        args.selection.fresh = false;
        host.say("watching for changes; Ctrl-C ends it");
        let path = runtime.block_on(async {
            tokio::select! {
                biased;
                signal = signals.heard() => Err(signal),
                path = changed(&folder, &ours, &seen) => Ok(path),
            }
        });
        match path {
            Ok(path) => host.say(&format!("\n{} changed", path.display())),
            Err(SIGTERM) => return Ok(Exit::Interrupted(SIGTERM)),
            Err(_) => return Ok(ended),
        }
    }
}

/// A line a candidate whose primary score is another than before.
fn changes(before: &Summary, now: &Summary) -> Vec<String> {
    let scorer = &now.best.scorer;
    if before.best.scorer != *scorer {
        return vec![format!("{} decides now", plain_line(scorer))];
    }
    let value = |summary: &Summary, name: &str| {
        let row = summary.candidates.iter().find(|row| row.name == name)?;
        row.scores.get(scorer)?.value
    };
    let tell =
        |value: Option<f64>| value.map_or("unknown".to_owned(), |value| format!("{value:.3}"));
    let mut lines = Vec::new();
    for row in &now.candidates {
        let known = before.candidates.iter().any(|it| it.name == row.name);
        let (was, is) = (value(before, &row.name), value(now, &row.name));
        if known && was != is {
            let (name, scorer) = (plain_line(&row.name), plain_line(scorer));
            lines.push(format!("{name}: {scorer} {} → {}", tell(was), tell(is)));
        }
    }
    if lines.is_empty() {
        lines.push(format!("{}: no change", plain_line(scorer)));
    }
    lines
}

const SIGTERM: u8 = 15;

/// The signals that end a watch.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ))
    }

    /// The number of the next signal.
    async fn heard(&mut self) -> u8 {
        tokio::select! {
            biased;
            _ = self.1.recv() => SIGTERM,
            _ = self.0.recv() => 2,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn heard(&mut self) -> u8 {
        drop(tokio::signal::ctrl_c().await);
        2
    }
}

/// What a run writes: no change of it starts another.
fn ours(host: &Host, global: &Global, args: &args::Run, folder: &Path) -> BTreeSet<PathBuf> {
    let out = report_folder(host, folder, &args.output);
    let mut ours: Vec<PathBuf> = FORMATS.iter().map(|format| out.join(format.file)).collect();
    ours.push(out);
    ours.extend(args.record.iter().chain(&args.events).cloned());
    if let Some(store) = &global.store {
        let name = store.file_name().unwrap_or_default().to_string_lossy();
        let files = ["", "-wal", "-shm", "-journal"];
        ours.extend(files.map(|end| store.with_file_name(format!("{name}{end}"))));
    }
    ours.iter().map(|path| real(&host.cwd.join(path))).collect()
}

/// The path without links and dots, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|upper| {
        let real = upper.canonicalize().ok()?;
        Some((real, path.strip_prefix(upper).ok()?))
    });
    match there {
        Some((real, rest)) if rest.as_os_str().is_empty() => real,
        Some((real, rest)) => real.join(rest),
        None => path.to_owned(),
    }
}

async fn changed(
    folder: &Path,
    ours: &BTreeSet<PathBuf>,
    seen: &BTreeMap<PathBuf, SystemTime>,
) -> PathBuf {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = files(folder, ours);
        let differs = now
            .iter()
            .find(|(path, time)| seen.get(*path) != Some(*time))
            .map(|(path, _)| path);
        let gone = seen.keys().find(|path| !now.contains_key(*path));
        if let Some(path) = differs.or(gone) {
            return path.strip_prefix(folder).unwrap_or(path).to_owned();
        }
    }
}

/// The project's files with their times; hidden folders, builds and what we write are left out.
fn files(folder: &Path, ours: &BTreeSet<PathBuf>) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    walk(folder, ours, DEPTH, &mut found);
    found
}

fn walk(
    folder: &Path,
    ours: &BTreeSet<PathBuf>,
    depth: usize,
    found: &mut BTreeMap<PathBuf, SystemTime>,
) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let hidden =
            name.to_string_lossy().starts_with('.') || name == "target" || name == "node_modules";
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if hidden || ours.contains(&path) {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            walk(&path, ours, depth - 1, found);
        } else if let Some(time) = entry
            .metadata()
            .ok()
            .and_then(|data| data.modified().ok())
            .filter(|_| kind.is_file())
        {
            found.insert(path, time);
        }
    }
}
