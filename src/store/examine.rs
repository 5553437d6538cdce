//! A look at a store's file without using it: is it whole, can it be written, who has it?

use super::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// What the look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The version that its tables have.
    pub version: i64,
    /// Bytes on disk, with what is not merged yet.
    pub bytes: u64,
    /// Runs in it.
    pub runs: usize,
    /// What SQLite's quick check says; empty where all is well.
    pub faults: Vec<String>,
    /// Why it cannot be written, if it cannot.
    pub unwritable: Option<String>,
    /// Claims on runs, each a file beside the store.
    pub claims: Vec<LeftClaim>,
}

/// A claim on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftClaim {
    /// The file.
    pub file: String,
    /// A process has it; else it was left behind by one that was killed.
    pub held: bool,
}

/// Looks at the store at `path`, which must be there; changes nothing.
pub fn examine(path: &Path) -> Result<Examined, StoreError> {
    let fail = |error: rusqlite::Error| StoreError {
        what: "read",
        path: path.display().to_string(),
        why: error.to_string(),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(fail)?;
    db.busy_timeout(Duration::from_secs(2)).map_err(fail)?;
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = one("PRAGMA user_version").map_err(fail)?;
    let runs = match version {
        0 => 0,
        _ => one("SELECT count(*) FROM runs").map_err(fail)?,
    };
    Ok(Examined {
        version,
        bytes: size(path),
        runs: usize::try_from(runs).unwrap_or(0),
        faults: faults(&db).map_err(fail)?,
        unwritable: db
            .execute_batch("BEGIN IMMEDIATE; ROLLBACK;")
            .err()
            .map(|error| error.to_string()),
        claims: claims(path),
    })
}

fn faults(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare("PRAGMA quick_check(10)")?;
    let said = check.query_map([], |row| row.get::<_, String>(0))?;
    let said: Vec<String> = said.collect::<Result<_, _>>()?;
    Ok(said.into_iter().filter(|line| line != "ok").collect())
}

fn size(path: &Path) -> u64 {
    let parts = ["", "-wal"].map(|end| format!("{}{end}", path.display()));
    let sizes = parts.iter().filter_map(|part| std::fs::metadata(part).ok());
    sizes.map(|part| part.len()).sum()
}

/// Lock files beside the store; see `Store::claim`.
fn claims(path: &Path) -> Vec<LeftClaim> {
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else {
        return Vec::new();
    };
    let start = format!("{}.", stem.to_string_lossy());
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let locks = names.filter(|name| name.starts_with(&start) && name.ends_with(".lock"));
    let mut claims: Vec<LeftClaim> = locks
        .map(|file| LeftClaim {
            held: File::open(folder.join(&file)).is_ok_and(|open| open.try_lock().is_err()),
            file,
        })
        .collect();
    claims.sort_by(|a, b| a.file.cmp(&b.file));
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SCHEMA_VERSION, Store};

    #[test]
    fn a_store_in_order_and_one_that_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        assert!(examine(&path).is_err(), "nothing is made");
        assert!(!path.exists());
        let store = Store::open(&path).unwrap();
        let claim = store.claim("r1").unwrap();
        std::fs::write(folder.path().join("store.r0.lock"), "").unwrap();
        let found = examine(&path).unwrap();
        assert_eq!((found.version, found.runs), (SCHEMA_VERSION, 0));
        assert_eq!((found.faults.len(), found.unwritable), (0, None));
        let held: Vec<_> = found
            .claims
            .iter()
            .map(|it| (it.file.as_str(), it.held))
            .collect();
        assert_eq!(held, [("store.r0.lock", false), ("store.r1.lock", true)]);
        drop((claim, store));
        std::fs::write(&path, "this is no database at all, whatever its name says").unwrap();
        assert!(examine(&path).is_err());
    }
}
