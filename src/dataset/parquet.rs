//! Parquet, through polars, which is known here and in `summary` only.

use super::{Row, Table};
use crate::project::Catalog;
use crate::source::Problem;
use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader};
use serde_json::{Map, Number, Value};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Largest file, in bytes.
const MAX_FILE: u64 = 1 << 30;
/// Most bytes that the rows may take: a page of a few bytes can stand for millions of long cells.
const MAX_ROWS: usize = 2 << 30;
/// Bytes that a cell takes beside its text.
const CELL: usize = 64;
const TOO_LARGE: &str = "its rows take more than 2 GiB";

pub(super) fn read(path: &str, catalog: &Catalog) -> Result<Table, Problem> {
    let bytes = catalog.bytes(path, MAX_FILE)?;
    // A damaged file may make a decoder panic: that is the file's fault, not a reason to die.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let metadata = reader.get_metadata().map_err(|error| error.to_string())?;
        let groups = metadata.row_groups.iter();
        let size = groups
            .map(|group| group.total_byte_size())
            .fold(0, usize::saturating_add);
        let columns = metadata.schema_descr.fields().len();
        let cells = metadata
            .num_rows
            .saturating_mul(columns.saturating_mul(CELL));
        if size.max(cells) > MAX_ROWS {
            return Err(TOO_LARGE.to_owned());
        }
        table(&reader.finish().map_err(|error| error.to_string())?)
    }));
    let read = read.unwrap_or_else(|_| Err("it is damaged".to_owned()));
    read.map_err(|said| Problem::error(format!("cannot read `{path}`: {said}")))
}

fn table(frame: &DataFrame) -> Result<Table, String> {
    let name = |name: &polars::prelude::PlSmallStr| name.to_string();
    let columns: Vec<String> = frame.get_column_names().into_iter().map(name).collect();
    let mut rows: Vec<Row> = Vec::new();
    rows.resize_with(frame.height(), || Row {
        line: 0,
        vars: Map::with_capacity(columns.len()),
    });
    let mut left = MAX_ROWS;
    for (name, column) in columns.iter().zip(frame.columns()) {
        let series = column.as_materialized_series();
        for (row, cell) in rows.iter_mut().zip(series.iter()) {
            let value = value(&cell, &mut left).map_err(|said| format!("`{name}`: {said}"))?;
            row.vars.insert(name.clone(), value);
        }
    }
    Ok(Table { columns, rows })
}

/// The cell as JSON has it; dates and times as text.
fn value(cell: &AnyValue, left: &mut usize) -> Result<Value, String> {
    let size = match cell {
        AnyValue::String(text) => text.len(),
        AnyValue::StringOwned(text) => text.len(),
        _ => 0,
    };
    *left = left.checked_sub(size + CELL).ok_or(TOO_LARGE)?;
    let number = |number: Option<f64>| number.and_then(Number::from_f64);
    Ok(match cell {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(yes) => Value::Bool(*yes),
        AnyValue::String(text) => Value::String((*text).to_owned()),
        AnyValue::StringOwned(text) => Value::String(text.to_string()),
        AnyValue::Binary(_) | AnyValue::BinaryOwned(_) => {
            return Err("its cells are bytes, not text".to_owned());
        }
        AnyValue::List(series) => {
            let values = series.iter().map(|cell| value(&cell, left));
            values.collect::<Result<_, _>>()?
        }
        // by its digits: 0.1 as the nearest f64, not as the nearest f32
        AnyValue::Float32(short) => number(short.to_string().parse().ok()).into(),
        AnyValue::Float64(long) => number(Some(*long)).into(),
        AnyValue::UInt64(number) => Value::from(*number),
        _ => match cell.is_integer().then(|| cell.extract::<i64>()).flatten() {
            Some(number) => Value::from(number),
            None => Value::String(cell.to_string()),
        },
    })
}

#[cfg(test)]
mod tests;
