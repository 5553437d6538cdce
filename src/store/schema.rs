//! The SQLite file: its tables, its version, how a connection is set up.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long to wait for another process that has the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// The version written into `PRAGMA user_version`; an older bakeoff refuses a newer file.
pub const SCHEMA_VERSION: i64 = 5;

/// The tables of version 1; later versions are made from it, so that old and new files are alike.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, suite TEXT NOT NULL, started TEXT NOT NULL, plan TEXT NOT NULL,
    trials INTEGER NOT NULL, complete INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS cases (
    dataset TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (dataset, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
    run TEXT NOT NULL, trial TEXT NOT NULL, number INTEGER NOT NULL,
    worst_usd REAL, body TEXT,
    PRIMARY KEY (run, trial, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    run TEXT NOT NULL, trial TEXT NOT NULL, judged TEXT, case_id TEXT NOT NULL, candidate TEXT NOT NULL,
    repeat INTEGER NOT NULL, key TEXT NOT NULL, origin TEXT NOT NULL, reply TEXT, failure TEXT,
    PRIMARY KEY (run, trial)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replies_by_key ON records (key) WHERE reply IS NOT NULL AND origin = '\"live\"';
CREATE TABLE IF NOT EXISTS scores (
    run TEXT NOT NULL, trial TEXT NOT NULL, scorer TEXT NOT NULL, definition TEXT NOT NULL,
    value REAL, passed INTEGER, why TEXT NOT NULL,
    PRIMARY KEY (run, trial, scorer)
) STRICT, WITHOUT ROWID;
";

/// What each later version changed, from version 2 on.
const STEPS: &[&str] = &[
    "
ALTER TABLE attempts ADD COLUMN hop INTEGER;
ALTER TABLE attempts ADD COLUMN model TEXT;
ALTER TABLE attempts ADD COLUMN lane TEXT;
ALTER TABLE records ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
",
    "ALTER TABLE scores ADD COLUMN parts TEXT;",
    "
CREATE TABLE preferences (
    run TEXT NOT NULL, trial TEXT NOT NULL, versus TEXT NOT NULL, scorer TEXT NOT NULL, definition TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, trial, versus, scorer)
) STRICT, WITHOUT ROWID;
",
    "
CREATE TABLE served (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, client TEXT, model TEXT NOT NULL, usd REAL NOT NULL, body TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX served_by_time ON served (at);
",
];

/// Opens a connection that is safe beside other processes: WAL, every commit synced, patient with locks.
pub(super) fn open(path: &Path) -> Result<Connection, String> {
    let connection = Connection::open(path).map_err(|e| e.to_string())?;
    prepare(&connection).map_err(|e| e.to_string())?;
    let version: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|e| e.to_string())?;
    if version > SCHEMA_VERSION {
        return Err(format!(
            "it was written by a newer bakeoff (store version {version}, this one knows {SCHEMA_VERSION}); update bakeoff"
        ));
    }
    if version < SCHEMA_VERSION {
        upgrade(&connection).map_err(|e| e.to_string())?;
    }
    Ok(connection)
}

/// Makes the tables, or brings those of an older version up to this one; another process may be at it too.
fn upgrade(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let steps = || {
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version == 0 {
            connection.execute_batch(TABLES)?;
        }
        let done = usize::try_from(version - 1).unwrap_or(0);
        for step in STEPS.iter().skip(done) {
            connection.execute_batch(step)?;
        }
        connection.pragma_update(None, "user_version", SCHEMA_VERSION.max(version))?;
        connection.execute_batch("COMMIT")
    };
    steps().inspect_err(|_| drop(connection.execute_batch("ROLLBACK")))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    write_ahead(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Turns the write-ahead log on, once in a file's life. SQLite does not wait for another process
/// that is doing the same, so we do.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const STEP: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        let mode: rusqlite::Result<String> =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        let busy = |error: &rusqlite::Error| {
            error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
        };
        match mode {
            Err(error) if busy(&error) && waited < PATIENCE => {}
            other => return other.map(drop),
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "opening a store is not async, and no test waits here"
        )]
        std::thread::sleep(STEP);
        waited += STEP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_earlier_version_opens_and_keeps_its_scores() {
        for version in 1..SCHEMA_VERSION {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let old = Connection::open(&path).unwrap();
            old.execute_batch(TABLES).unwrap();
            old.execute_batch(&STEPS[..version as usize - 1].concat())
                .unwrap();
            let insert = "INSERT INTO scores (run, trial, scorer, definition, value, why) VALUES ('r', 't', 's', 'd', 0.5, 'half')";
            old.execute(insert, []).unwrap();
            old.pragma_update(None, "user_version", version).unwrap();
            drop(old);
            for _ in 0..2 {
                let db = open(&path).unwrap();
                let read = "SELECT value, why, parts FROM scores";
                let row: (f64, String, Option<String>) = db
                    .query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .unwrap();
                assert_eq!(row, (0.5, "half".into(), None));
            }
        }
    }
}
