//! The two ways a table is written: separated cells, and JSON lines.

use super::fields::{COLUMNS, Line, Rows, places};
use crate::source::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io::{BufRead, Read};

/// Most bytes of a JSON line.
const LONGEST: u64 = 1 << 20;

/// Reads separated cells; the columns that mean nothing here come back.
pub(super) fn separated(
    delimiter: u8,
    input: impl Read,
    rows: &mut Rows<'_>,
) -> Result<Vec<String>, Box<Problem>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(input);
    let fail =
        |error: csv::Error| Box::new(Problem::error(format!("cannot read the table: {error}")));
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(fail)? {
        return Ok(Vec::new());
    }
    let trimmed = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
    let header: Vec<String> = record.iter().map(trimmed).collect();
    let (places, unused) = places(rows.name(), &header)?;
    while reader.read_byte_record(&mut record).map_err(fail)? {
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let help =
                "every row has as many cells as the header; a cell with a comma stands in quotes";
            let title = format!(
                "this row has {} cells, the header {}",
                record.len(),
                header.len()
            );
            rows.bad_line(number, &row_text(&record, delimiter).0, &title, help);
            continue;
        }
        let mut cells = [None; COLUMNS.len()];
        let mut broken = false;
        for (cell, place) in cells.iter_mut().zip(places) {
            let bytes = place
                .and_then(|place| record.get(place))
                .unwrap_or_default();
            match std::str::from_utf8(bytes) {
                Ok(text) => *cell = Some(text).filter(|text| !text.is_empty()),
                Err(_) => broken = true,
            }
        }
        if broken {
            let text = row_text(&record, delimiter).0;
            rows.bad_line(
                number,
                &text,
                "this row is not UTF-8",
                "save the file as UTF-8",
            );
            continue;
        }
        let shown = || {
            let (text, spans) = row_text(&record, delimiter);
            let all = 0..text.len();
            let span = |place: Option<usize>| place.map_or(all.clone(), |p| spans[p].clone());
            let spans = places.map(span);
            (text, spans)
        };
        rows.take(&Line {
            number,
            cells,
            shown: &shown,
        });
    }
    Ok(unused)
}

/// A row as text, and where each cell stands in it.
fn row_text(record: &csv::ByteRecord, delimiter: u8) -> (String, Vec<std::ops::Range<usize>>) {
    let (mut text, mut spans) = (String::new(), Vec::new());
    for cell in record {
        if !spans.is_empty() {
            text.push(char::from(delimiter));
        }
        let start = text.len();
        text += &String::from_utf8_lossy(cell).replace(['\n', '\r'], " ");
        spans.push(start..text.len());
    }
    (text, spans)
}

/// Reads JSON lines; the keys that mean nothing here come back.
pub(super) fn json(
    mut input: impl BufRead,
    rows: &mut Rows<'_>,
) -> Result<Vec<String>, Box<Problem>> {
    let mut unused = BTreeSet::new();
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes);
        let read =
            read.map_err(|e| Box::new(Problem::error(format!("cannot read the table: {e}"))))?;
        if read == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}').trim();
        if read as u64 == LONGEST {
            rows.bad_line(
                number,
                text,
                "this line is longer than 1 MiB",
                "a row is a short object",
            );
            break;
        }
        if text.is_empty() {
            continue;
        }
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(row) => object(number, text, &row, rows, &mut unused),
            Err(error) => {
                let help = "each line is an object such as {\"case\": \"a\", \"candidate\": \"m\", \"score\": 1}";
                rows.bad_line(
                    number,
                    text,
                    &format!("this line is no JSON object: {error}"),
                    help,
                );
            }
        }
    }
    Ok(unused.into_iter().collect())
}

fn object(
    number: u64,
    text: &str,
    row: &Map<String, Value>,
    rows: &mut Rows<'_>,
    unused: &mut BTreeSet<String>,
) {
    let cell = |name: &str| match row.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        // a pass or a fail
        Some(Value::Bool(passed)) => Some(u8::from(*passed).to_string()),
        Some(Value::Array(items)) => {
            let words = items.iter().filter_map(Value::as_str);
            Some(words.collect::<Vec<_>>().join(","))
        }
        Some(other) => Some(other.to_string()),
    };
    let cells = COLUMNS.map(cell);
    let foreign = row.keys().filter(|key| !COLUMNS.contains(&key.as_str()));
    if unused.len() < 20 {
        unused.extend(foreign.cloned());
    }
    let shown = || {
        (
            text.to_owned(),
            [const { 0..0 }; COLUMNS.len()].map(|_| 0..text.len()),
        )
    };
    let mut borrowed = [None; COLUMNS.len()];
    for (to, from) in borrowed.iter_mut().zip(&cells) {
        *to = from.as_deref().filter(|text| !text.is_empty());
    }
    rows.take(&Line {
        number,
        cells: borrowed,
        shown: &shown,
    });
}
