//! The columns of a format without a header.

use super::fault::Faults;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Most columns of a dataset.
pub(super) const MAX_COLUMNS: usize = 4_096;

/// Column names in the order in which they first appear.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    known: HashSet<String>,
}

impl Columns {
    /// Takes note of a row's columns; whether there may be more rows.
    pub(super) fn note(
        &mut self,
        vars: &Map<String, Value>,
        line: usize,
        faults: &mut Faults,
    ) -> bool {
        for (index, name) in vars.keys().enumerate() {
            let expected = self.names.get(index).is_some_and(|known| known == name);
            if expected || self.known.contains(name) {
                continue;
            }
            if self.names.len() == MAX_COLUMNS {
                faults.push(line, format!("more than {MAX_COLUMNS} columns"), "");
                return false;
            }
            if name.trim().is_empty() {
                faults.push(line, "a column has no name", "");
            }
            self.known.insert(name.clone());
            self.names.push(name.clone());
        }
        true
    }
}
