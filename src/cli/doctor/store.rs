//! The store: whole, of a version we know, writable, and nobody's leftovers beside it.

use super::{Check, State};
use crate::store::{SCHEMA_VERSION, examine};
use std::path::Path;

pub(super) fn store(path: &Path) -> Vec<Check> {
    let check = |state, text: String| Check::new("store", state, text);
    if !path.exists() {
        let folder = path.ancestors().skip(1).find(|folder| folder.exists());
        let probe = folder.map(tempfile::tempfile_in);
        return vec![match probe {
            Some(Err(error)) => {
                let text = format!("{} cannot be made: {error}", path.display());
                check(State::Broken, text)
                    .help("make its folder writable, or give another place with --store FILE")
            }
            _ => check(
                State::Ok,
                format!("{} will be made by the first run", path.display()),
            ),
        }];
    }
    let found = match examine(path) {
        Ok(found) => found,
        Err(error) => {
            let moved = format!(
                "move {} away; a new one is made, its runs start anew",
                path.display()
            );
            return vec![check(State::Broken, error.to_string()).help(moved)];
        }
    };
    let mut checks = Vec::new();
    if found.version > SCHEMA_VERSION {
        let text = format!(
            "{} has version {}, this bakeoff knows {SCHEMA_VERSION}",
            path.display(),
            found.version
        );
        checks.push(check(State::Broken, text).help("update bakeoff"));
    }
    if !found.faults.is_empty() {
        let text = format!("{} is damaged: {}", path.display(), found.faults.join("; "));
        checks.push(
            check(State::Broken, text)
                .help("save a copy, then `sqlite3 store.db .recover` gets out what can be read"),
        );
    }
    if let Some(why) = &found.unwritable {
        let text = format!("{} cannot be written: {why}", path.display());
        checks.push(
            check(State::Broken, text)
                .help("a run stops before it sends anything; check rights and free space"),
        );
    }
    if checks.is_empty() {
        let size = found.bytes as f64 / 1e6;
        let text = format!(
            "{}: whole, version {}, {} runs, {size:.1} MB",
            path.display(),
            found.version,
            found.runs
        );
        checks.push(check(State::Ok, text));
    }
    for claim in found.claims {
        checks.push(match claim.held {
            true => check(State::Note, format!("{}: another bakeoff is busy with this run", claim.file)),
            false => check(State::Warning, format!("{} was left by a process that was killed", claim.file))
                .help("it holds nothing back; `bakeoff resume` goes on with the run, and you may remove the file"),
        });
    }
    checks
}
