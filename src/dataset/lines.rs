//! A data file line by line, in bounded memory.

use crate::project::Catalog;
use crate::source::Problem;
use std::io::{BufRead, Read};

/// Largest file, in bytes.
const MAX_FILE: u64 = 2 << 30;
/// Largest row, in bytes.
const MAX_ROW: usize = 4 << 20;

/// The lines of a file, from its first.
pub(super) struct Lines {
    reader: Box<dyn BufRead + Send>,
    path: String,
    /// The line read last, from 1.
    pub(super) number: usize,
}

/// What a step led to.
pub(super) enum Step {
    Line,
    End,
    /// The row is larger than any row may be; nothing after it is read.
    TooLong,
}

impl Lines {
    pub(super) fn open(path: &str, catalog: &Catalog) -> Result<Lines, Problem> {
        let (reader, _) = catalog.open(path, MAX_FILE)?;
        let path = path.to_owned();
        Ok(Lines {
            reader,
            path,
            number: 0,
        })
    }

    /// Adds the next line, with its line break, to a row.
    pub(super) fn append(&mut self, row: &mut Vec<u8>) -> Result<Step, Problem> {
        let before = row.len();
        let left = (MAX_ROW + 1).saturating_sub(before);
        let read = self
            .reader
            .by_ref()
            .take(left as u64)
            .read_until(b'\n', row);
        read.map_err(|error| Problem::error(format!("cannot read `{}`: {error}", self.path)))?;
        if row.len() > MAX_ROW {
            self.number += 1;
            return Ok(Step::TooLong);
        }
        if row.len() == before {
            return Ok(Step::End);
        }
        self.number += 1;
        if self.number == 1 && row.starts_with("\u{feff}".as_bytes()) {
            row.drain(..3);
        }
        Ok(Step::Line)
    }
}

/// The text without its line break.
pub(super) fn chomp(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}
