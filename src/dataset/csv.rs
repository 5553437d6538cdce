//! CSV and TSV (RFC 4180) with a header line. Every value is text: ids like `007` stay what they are.
//!
//! Read here because the csv crate accepts a quote that is never closed, and with it the rest of the
//! file as one cell, and counts lines wrongly after CRLF. What is read here, it reads alike.

use super::columns::MAX_COLUMNS;
use super::fault::{Fault, Faults};
use super::lines::{Lines, Step, chomp};
use super::{Row, Table};
use crate::project::Catalog;
use crate::source::{Problem, clip};
use serde_json::{Map, Value};
use std::collections::HashSet;

const SEMICOLONS: &str = "save it with commas, or with tabs as a .tsv file";

pub(super) fn read(
    path: &str,
    delimiter: u8,
    catalog: &Catalog,
    faults: &mut Faults,
) -> Result<Table, Problem> {
    let mut reader = Reader {
        lines: Lines::open(path, catalog)?,
        delimiter,
        text: Vec::new(),
        line: 0,
        over: false,
    };
    let (mut columns, mut rows) = (Vec::new(), Vec::new());
    while let Some(row) = reader.row()? {
        let line = reader.line;
        let cells = match row {
            Ok(cells) => cells,
            Err(fault) => {
                faults.add(fault);
                continue;
            }
        };
        if columns.is_empty() {
            columns = cells.iter().map(|name| name.trim().to_owned()).collect();
            if delimiter == b',' && columns.len() == 1 && columns[0].contains(';') {
                faults.add(Fault {
                    help: Some(SEMICOLONS.to_owned()),
                    ..reader.fault(0, "the columns are separated by `;`", None)
                });
                break;
            }
            if !usable(&columns, line, faults) {
                break;
            }
        } else if cells.len() == columns.len() {
            let cells = cells.into_iter().map(Value::String);
            let vars: Map<_, _> = columns.iter().cloned().zip(cells).collect();
            rows.push(Row { line, vars });
        } else {
            let (here, there) = (cells.len(), columns.len());
            let title = format!("a row of {here} fields under a header of {there}");
            faults.push(line, title, "");
        }
    }
    Ok(Table { columns, rows })
}

/// Whether rows can be read under this header.
fn usable(columns: &[String], line: usize, faults: &mut Faults) -> bool {
    if columns.len() > MAX_COLUMNS {
        faults.push(line, format!("more than {MAX_COLUMNS} columns"), "");
        return false;
    }
    let mut seen = HashSet::new();
    let mut usable = true;
    for (index, name) in columns.iter().enumerate() {
        let title = if name.is_empty() {
            format!("column {} has no name", index + 1)
        } else if !seen.insert(name) {
            format!("two columns are named `{}`", clip(name))
        } else {
            continue;
        };
        faults.push(line, title, "");
        usable = false;
    }
    usable
}

/// A file read row by row.
struct Reader {
    lines: Lines,
    delimiter: u8,
    /// The row as it stands in the file.
    text: Vec<u8>,
    /// The line that it starts at.
    line: usize,
    /// Whether nothing more can be read.
    over: bool,
}

/// Why a row cannot be read.
enum Stop {
    Fault(Fault),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Problem(problem)
    }
}

impl Reader {
    /// The cells of the next row that is not blank, or what is wrong with it.
    fn row(&mut self) -> Result<Option<Result<Vec<String>, Fault>>, Problem> {
        self.text.clear();
        while !self.over && chomp(&self.text).is_empty() {
            self.text.clear();
            match self.lines.append(&mut self.text)? {
                Step::Line => {}
                Step::End => self.over = true,
                Step::TooLong => {
                    self.over = true;
                    self.line = self.lines.number;
                    return Ok(Some(Err(self.fault(
                        0,
                        "this row is larger than 4 MiB",
                        None,
                    ))));
                }
            }
        }
        if self.over {
            return Ok(None);
        }
        self.line = self.lines.number;
        match self.cells() {
            Ok(cells) => Ok(Some(Ok(cells))),
            Err(Stop::Fault(fault)) => Ok(Some(Err(fault))),
            Err(Stop::Problem(problem)) => Err(problem),
        }
    }

    fn cells(&mut self) -> Result<Vec<String>, Stop> {
        let mut cells = Vec::new();
        let mut start = 0;
        loop {
            let (cell, end) = match self.text.get(start) {
                Some(b'"') => self.quoted(start)?,
                _ => self.plain(start)?,
            };
            let cell = String::from_utf8(cell).map_err(|error| {
                let bad = start + error.utf8_error().valid_up_to();
                self.stop(bad, "this is not UTF-8", Some("save the file as UTF-8"))
            })?;
            cells.push(cell);
            if self.text.get(end) != Some(&self.delimiter) {
                return Ok(cells);
            }
            start = end + 1;
        }
    }

    /// A cell without quotes, and where it ends.
    fn plain(&self, start: usize) -> Result<(Vec<u8>, usize), Stop> {
        let rest = &self.text[start..];
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        let end = start + rest.iter().position(ends).unwrap_or(rest.len());
        if self.text.get(end) == Some(&b'\r') && !self.ends(end) {
            let help = "save the file with line feeds, or put the cell in quotes";
            let title = "a carriage return that ends no line";
            return Err(self.stop(end, title, Some(help)));
        }
        Ok((self.text[start..end].to_vec(), end))
    }

    /// A cell in quotes, which may go on over many lines, and where it ends.
    fn quoted(&mut self, start: usize) -> Result<(Vec<u8>, usize), Stop> {
        const TWICE: &str = "a quote within quotes is written twice";
        let mut cell = Vec::new();
        let mut at = start + 1;
        loop {
            let rest = &self.text[at..];
            let Some(length) = rest.iter().position(|byte| *byte == b'"') else {
                cell.extend_from_slice(rest);
                at = self.text.len();
                match self.lines.append(&mut self.text)? {
                    Step::Line => continue,
                    Step::End | Step::TooLong => {
                        self.over = true;
                        let title = "this quote is not closed, or not within 4 MiB";
                        return Err(self.stop(start, title, Some(TWICE)));
                    }
                }
            };
            cell.extend_from_slice(&rest[..length]);
            at += length + 1;
            match self.text.get(at) {
                Some(b'"') => {
                    cell.push(b'"');
                    at += 1;
                }
                Some(byte) if *byte == self.delimiter => return Ok((cell, at)),
                _ if self.ends(at) => return Ok((cell, at)),
                _ => return Err(self.stop(at, "text after the closing quote", Some(TWICE))),
            }
        }
    }

    /// Whether nothing but a line break follows.
    fn ends(&self, at: usize) -> bool {
        matches!(&self.text[at..], b"" | b"\n" | b"\r\n" | b"\r")
    }

    fn stop(&self, at: usize, title: &str, help: Option<&str>) -> Stop {
        Stop::Fault(self.fault(at, title, help))
    }

    /// A fault at a byte of the row, told by its line.
    fn fault(&self, at: usize, title: &str, help: Option<&str>) -> Fault {
        let before = &self.text[..at];
        let from = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        Fault {
            line: self.line + lines,
            byte: Some(at - from),
            title: title.to_owned(),
            label: String::new(),
            help: help.map(str::to_owned),
        }
    }
}
