//! JSON Lines: an object a line. Values keep their types; a row may lack a key.

use super::columns::Columns;
use super::fault::{Fault, Faults};
use super::lines::{Lines, Step};
use super::strict::Strict;
use super::{Row, Table, tree};
use crate::project::Catalog;
use crate::source::{Document, Problem, Source};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) fn read(path: &str, catalog: &Catalog, faults: &mut Faults) -> Result<Table, Problem> {
    let mut lines = Lines::open(path, catalog)?;
    let mut columns = Columns::default();
    let mut rows = Vec::new();
    let mut text = Vec::new();
    loop {
        text.clear();
        match lines.append(&mut text)? {
            Step::Line if text.trim_ascii().is_empty() => continue,
            Step::Line => {}
            Step::End => break,
            Step::TooLong => {
                faults.push(lines.number, "this line is longer than 4 MiB", "");
                break;
            }
        }
        let line = lines.number;
        let vars = match serde_json::from_slice(&text) {
            Ok(Strict(Value::Object(vars))) => Ok(vars),
            _ => looked_at(line, &text),
        };
        match vars {
            Ok(vars) if columns.note(&vars, line, faults) => rows.push(Row { line, vars }),
            Ok(_) => break,
            Err(fault) => faults.add(fault),
        }
    }
    let columns = columns.names;
    Ok(Table { columns, rows })
}

/// A line that serde_json alone cannot do, read by the parser that knows places.
fn looked_at(line: usize, text: &[u8]) -> Result<Map<String, Value>, Fault> {
    let fault = |byte, title: String, help: Option<&str>| Fault {
        line,
        byte: Some(byte),
        title,
        label: String::new(),
        help: help.map(str::to_owned),
    };
    let text = std::str::from_utf8(text).map_err(|error| {
        let title = "this line is not UTF-8".to_owned();
        fault(error.valid_up_to(), title, Some("save the file as UTF-8"))
    })?;
    let doc = Document::json(Arc::new(Source::new("line", text))).map_err(|problem| {
        let at = problem.at.as_ref();
        Fault {
            label: at.map(|at| at.label.clone()).unwrap_or_default(),
            ..fault(at.map_or(0, |at| at.span.start), problem.title, None)
        }
    })?;
    match tree::typed(&doc.root) {
        Value::Object(vars) => Ok(vars),
        _ => {
            let title = format!("a line is an object, not {}", doc.root.value.name());
            Err(fault(0, title, Some("write `{\"column\": value, …}`")))
        }
    }
}
