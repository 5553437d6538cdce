//! What is kept: attempts, outcomes and scores, each the moment it is known.
//!
//! One SQLite file per project (`.bakeoff/store.db`), which is also the cache. `schema.rs` holds
//! its tables, `writer.rs` the thread that commits in groups, `read.rs` everything that looks.

mod examine;
mod merge;
mod parts;
mod read;
mod record;
mod schema;
mod score;
mod served;
mod writer;

pub use examine::{Examined, LeftClaim, examine};
pub use parts::{LabelFigure, Parts};
pub use read::{DRILL, InFlight, PORT, RERUN, Stored};
pub use record::{At, Attempt, Checked, Note, Origin, Outcome, Passed, Record, RunRow, Times};
pub use schema::SCHEMA_VERSION;
pub use score::{Order, Preference, Preferred, Score, Scored, Unscored};
pub use served::{Content, End, Served, Tried};
pub use writer::Ack;

use rusqlite::Connection;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The store cannot be opened, read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot {what} the store {path}: {why}")]
pub struct StoreError {
    /// `open`, `read`, `write`.
    pub what: &'static str,
    /// The file.
    pub path: String,
    /// What the database said.
    pub why: String,
}

/// The project's store: one writer thread, and readers of their own.
pub struct Store {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: writer::Writer,
}

impl Store {
    /// Opens the store, making it (and its folder) if there is none.
    ///
    /// Fails if the file is of a newer version, is no database, or cannot be written.
    pub fn open(path: &Path) -> Result<Arc<Store>, StoreError> {
        Store::open_synced(path, "FULL")
    }

    fn open_synced(path: &Path, synchronous: &str) -> Result<Arc<Store>, StoreError> {
        let fail = |why: String| StoreError {
            what: "open",
            path: path.display().to_string(),
            why,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| fail(e.to_string()))?;
        }
        let connection = schema::open(path).map_err(fail)?;
        let synced = connection.pragma_update(None, "synchronous", synchronous);
        synced.map_err(|e| fail(e.to_string()))?;
        let reader = schema::open(path).map_err(fail)?;
        let writer = writer::Writer::start(connection, path.display().to_string());
        Ok(Arc::new(Store {
            path: path.to_owned(),
            reader: Mutex::new(reader),
            writer,
        }))
    }

    /// Opens the store for a log of what is served: a row is safe from the end of this process the
    /// moment that it is acknowledged, and from the end of the machine a little later.
    pub fn open_log(path: &Path) -> Result<Arc<Store>, StoreError> {
        Store::open_synced(path, "NORMAL")
    }

    /// Where the store lives.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Claims a run for this process, until the claim is dropped. Fails while another process has it.
    pub fn claim(&self, run: &str) -> Result<Claim, StoreError> {
        let path = self.path.with_extension(format!("{run}.lock"));
        let fail = |why: String| StoreError {
            what: "open",
            path: path.display().to_string(),
            why,
        };
        let file = File::create(&path).map_err(|e| fail(e.to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Claim { path, _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(fail("another process is busy with this run".into()))
            }
            Err(TryLockError::Error(error)) => Err(fail(error.to_string())),
        }
    }

    /// Hands a note to the writer; the answer comes when it is on disk.
    pub fn write(&self, note: Note) -> Ack {
        self.writer.send(note)
    }

    /// Hands a note to the writer and waits until it is on disk. For callers that are not async.
    pub fn write_now(&self, note: Note) -> Result<(), StoreError> {
        self.writer.send(note).wait()
    }

    fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self
            .reader
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        look(&connection).map_err(|e| StoreError {
            what: "read",
            path: self.path.display().to_string(),
            why: e.to_string(),
        })
    }
}

/// A run that this process works on alone.
pub struct Claim {
    path: PathBuf,
    _file: File,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Only tidiness: the lock itself goes with the file.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests;
