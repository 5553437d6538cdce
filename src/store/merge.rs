//! Runs of several stores brought together as one run of this store: every row of theirs under the new run's id.

use super::schema;
use super::writer::put_run;
use super::{RunRow, Store, StoreError};
use crate::dataset::Dataset;
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, TransactionBehavior, params_from_iter};
use std::sync::Arc;

/// The tables that hold what belongs to a run.
const TABLES: [&str; 4] = ["attempts", "records", "scores", "preferences"];

impl Store {
    /// Writes `row` as the union of these runs, each in its store. All of it lands, or nothing; done again, it
    /// takes the place of what was there.
    pub fn merge(
        &self,
        row: &RunRow,
        dataset: &Dataset,
        parts: &[(Arc<Store>, String)],
    ) -> Result<(), StoreError> {
        let fail = |why: String| StoreError {
            what: "write",
            path: self.path.display().to_string(),
            why,
        };
        let mut connection = schema::open(&self.path).map_err(fail)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| fail(e.to_string()))?;
        let clean = || -> rusqlite::Result<()> {
            for table in TABLES {
                transaction.execute(&format!("DELETE FROM {table} WHERE run = ?"), [&row.id])?;
            }
            put_run(&transaction, row, dataset)
        };
        clean().map_err(|e| fail(e.to_string()))?;
        for (store, run) in parts {
            for table in TABLES {
                // The one that reads must not be the one that writes: it may be the same file.
                let rows = store.read(|db| rows(db, table, run))?;
                let put = put(&transaction, table, &row.id, rows);
                put.map_err(|e| fail(e.to_string()))?;
            }
        }
        transaction.commit().map_err(|e| fail(e.to_string()))
    }
}

/// A table's columns but the run's, and the run's rows in them.
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

fn rows(db: &Connection, table: &str, run: &str) -> rusqlite::Result<Rows> {
    let columns: Vec<String> = db
        .prepare(&format!(
            "SELECT name FROM pragma_table_info('{table}') WHERE name <> 'run'"
        ))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let sql = format!("SELECT {} FROM {table} WHERE run = ?", columns.join(", "));
    let width = columns.len();
    let rows = db
        .prepare(&sql)?
        .query_map([run], |row| (0..width).map(|at| row.get(at)).collect())?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Rows { columns, rows })
}

fn put(to: &Transaction<'_>, table: &str, run: &str, from: Rows) -> rusqlite::Result<()> {
    let marks = ", ?".repeat(from.columns.len());
    let columns = from.columns.join(", ");
    let sql = format!("INSERT INTO {table} (run, {columns}) VALUES (?{marks})");
    let mut insert = to.prepare(&sql)?;
    for row in from.rows {
        let run = Value::Text(run.to_owned());
        insert.execute(params_from_iter(std::iter::once(run).chain(row)))?;
    }
    Ok(())
}
