//! The SQLite file: its tables, its version, how a connection is set up.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long to wait for another process that has the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// The version written into `PRAGMA user_version`; an older bakeoff refuses a newer file.
pub const SCHEMA_VERSION: i64 = 2;

const TABLES: &str = "
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
CREATE TABLE IF NOT EXISTS preferences (
    run TEXT NOT NULL, trial TEXT NOT NULL, versus TEXT NOT NULL, scorer TEXT NOT NULL, definition TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, trial, versus, scorer)
) STRICT, WITHOUT ROWID;
";

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
        let make =
            format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;");
        connection.execute_batch(&make).map_err(|e| e.to_string())?;
    }
    Ok(connection)
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
    fn a_store_of_the_first_version_opens_and_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let first = open(&path).unwrap();
        let old = "DROP TABLE preferences; PRAGMA user_version = 1;
                   INSERT INTO scores VALUES ('r', 't', 's', 'd', 0.5, NULL, 'why');";
        first.execute_batch(old).unwrap();
        drop(first);
        let again = open(&path).unwrap();
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            again.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!((count("scores"), count("preferences")), (1, 0));
        let version: i64 = again
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!(version, SCHEMA_VERSION);
    }
}
