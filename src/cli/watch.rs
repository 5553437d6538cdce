//! `run --watch`: run again whenever a file of the project changes. The cache makes the rest cheap.

mod changes;

use super::args::{self, Global};
use super::exit::Exit;
use super::host::Host;
use super::ready::report_folder;
use super::run;
use crate::project::root;
use crate::report::{FORMATS, Report};
use crate::source::{Problem, plain_line};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at. Polling works on every file system, also on network ones.
const EVERY: Duration = Duration::from_millis(250);
/// The files looked at, each with when it was changed and how long it is.
type Files = BTreeMap<PathBuf, (SystemTime, u64)>;
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
    let mut last: Option<Report> = None;
    let mut args = args.clone();
    loop {
        let seen = files(&folder, &ours);
        let ended = match run::once(host, global, &args) {
            Ok((exit, report)) => {
                if let (Some(before), Some(now)) = (&last, &report) {
                    let lines = changes::changes(before, now);
                    lines.iter().for_each(|line| host.say(line));
                }
                last = report.or(last);
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
                paths = changed(&folder, &ours, &seen) => Ok(paths),
            }
        });
        match path {
            Ok(paths) => host.say(&format!("\n{}", told(&paths))),
            Err(SIGTERM) => return Ok(Exit::Interrupted(SIGTERM)),
            Err(_) => return Ok(ended),
        }
    }
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

/// Waits until files are others than those seen, and until whoever writes them has done.
async fn changed(folder: &Path, ours: &BTreeSet<PathBuf>, seen: &Files) -> Vec<PathBuf> {
    let mut before = seen.clone();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = files(folder, ours);
        let quiet = now == before;
        before = now;
        if !quiet || before == *seen {
            continue;
        }
        let other = before
            .iter()
            .filter(|(path, state)| seen.get(*path) != Some(*state));
        let gone = seen.keys().filter(|path| !before.contains_key(*path));
        let paths = other.map(|(path, _)| path).chain(gone);
        let short = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_owned();
        return paths.map(short).collect();
    }
}

/// `a.yaml and 2 more files changed`
fn told(paths: &[PathBuf]) -> String {
    let first = paths.first().map(|path| path.display().to_string());
    let first = plain_line(&first.unwrap_or_default()).into_owned();
    match paths.len() {
        0 | 1 => format!("{first} changed"),
        2 => format!("{first} and another file changed"),
        n => format!("{first} and {} other files changed", n - 1),
    }
}

/// The project's files with their times; hidden folders, builds and what we write are left out.
fn files(folder: &Path, ours: &BTreeSet<PathBuf>) -> Files {
    let mut found = BTreeMap::new();
    walk(folder, ours, DEPTH, &mut found);
    found
}

fn walk(folder: &Path, ours: &BTreeSet<PathBuf>, depth: usize, found: &mut Files) {
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
        } else if let Some(state) = entry
            .metadata()
            .ok()
            .and_then(|data| Some((data.modified().ok()?, data.len())))
            .filter(|_| kind.is_file())
        {
            found.insert(path, state);
        }
    }
}
