//! JSON and YAML: a list of maps.

use super::columns::Columns;
use super::fault::Faults;
use super::{Row, Table};
use crate::project::{Catalog, Format};
use crate::source::{Document, Kind, Node, Problem};
use serde_json::Value;

pub(super) fn read(
    path: &str,
    format: Format,
    catalog: &Catalog,
    faults: &mut Faults,
) -> Result<Table, Problem> {
    let source = catalog.text(path)?;
    let doc = match format {
        Format::Yaml => Document::yaml(source)?,
        _ => Document::json(source).map_err(|problem| match problem.title.as_str() {
            "more than one JSON value" => problem.help("an object a line is `format: jsonl`"),
            _ => problem,
        })?,
    };
    let Kind::List(items) = &doc.root.value else {
        let title = format!("a dataset is a list of maps, not {}", doc.root.value.name());
        return Err(doc.problem("", title, "expected a list"));
    };
    let mut columns = Columns::default();
    let mut rows = Vec::with_capacity(items.len());
    let mut lines = Lines {
        text: &doc.source.text,
        at: 0,
        line: 1,
    };
    for item in items {
        let line = lines.line_of(item);
        match cell(item, format) {
            Value::Object(vars) => {
                if !columns.note(&vars, line, faults) {
                    break;
                }
                rows.push(Row { line, vars });
            }
            _ => {
                let title = format!("a row is a map, not {}", item.value.name());
                faults.push(line, title, "expected a map");
            }
        }
    }
    let columns = columns.names;
    Ok(Table { columns, rows })
}

/// JSON has types; in YAML, a number that its text would not survive stays text.
fn cell(item: &Node, format: Format) -> Value {
    match format {
        Format::Yaml => item.to_cell(),
        _ => typed(item),
    }
}

/// The value as JSON means it, but for whole numbers too long for a number: ids, which stay text.
pub(super) fn typed(node: &Node) -> Value {
    match &node.value {
        Kind::Number { value, written } if value.is_f64() && is_long(written) => {
            Value::String(written.to_string())
        }
        Kind::List(items) => items.iter().map(typed).collect(),
        Kind::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, node)| (key.text.clone(), typed(node)));
            Value::Object(entries.collect())
        }
        _ => node.to_value(),
    }
}

fn is_long(written: &str) -> bool {
    let digits = written.strip_prefix('-').unwrap_or(written);
    digits.len() > 18 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Counts lines along with the rows, which come in order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, item: &Node) -> usize {
        let start = item.head().start.max(self.at);
        let between = self.text.as_bytes().get(self.at..start).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count();
        self.at = start;
        self.line
    }
}
