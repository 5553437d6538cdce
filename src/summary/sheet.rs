//! Scores made elsewhere: a table of `case, candidate, score` and optionally `repeat, group, tags, cost_usd, latency_ms`
//! as CSV, TSV or JSON lines, streamed. All problems of a file are found at once, each at its line.

mod fields;
mod lines;
#[cfg(test)]
mod tests;

use super::side::{CaseKey, Cell, Side};
use crate::source::Problem;
use fields::{Names, Row, Rows};
use std::io::BufRead;
use std::sync::Arc;

/// How the table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Cells with commas between, a header first.
    Csv,
    /// Cells with tabs between, a header first.
    Tsv,
    /// A JSON object a line.
    Jsonl,
}

impl Layout {
    /// The layout of a file by its ending; CSV where that says nothing.
    pub fn of(path: &str) -> Layout {
        let ending = path.rsplit('.').next().unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "tsv" | "tab" => Layout::Tsv,
            "jsonl" | "ndjson" => Layout::Jsonl,
            _ => Layout::Csv,
        }
    }
}

/// A table, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// A side a candidate, in the order of first mention; all share their cases.
    pub sides: Vec<Side>,
    /// Rows.
    pub rows: usize,
    /// Hash of the case ids.
    pub cases: String,
    /// Columns that mean nothing here.
    pub unused: Vec<String>,
}

/// Reads a table; `name` is what messages call it.
pub fn read(name: &str, layout: Layout, input: impl BufRead) -> Result<Sheet, Vec<Problem>> {
    let mut rows = Rows::new(name);
    let unused = match layout {
        Layout::Csv => lines::separated(b',', input, &mut rows),
        Layout::Tsv => lines::separated(b'\t', input, &mut rows),
        Layout::Jsonl => lines::json(input, &mut rows),
    };
    rows.check_twice();
    let Rows {
        rows,
        cases,
        candidates,
        keys,
        problems,
        ..
    } = rows;
    let mut problems = problems.into_all();
    let unused = match unused {
        Ok(unused) => unused,
        Err(problem) => {
            problems.insert(0, *problem);
            Vec::new()
        }
    };
    if problems.is_empty() && rows.is_empty() {
        let problem = Problem::error(format!("{name} has no rows"));
        problems.push(problem.help("a row is a case, a candidate and a score"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let count = rows.len();
    let hash = hash(&cases);
    Ok(Sheet {
        sides: sides(&rows, keys, &candidates),
        rows: count,
        cases: hash,
        unused,
    })
}

fn hash(cases: &Names) -> String {
    let mut hasher = blake3::Hasher::new();
    for id in cases.names() {
        hasher.update(&(id.len() as u64).to_le_bytes());
        hasher.update(id.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Rows sorted by candidate, case and repeat, as sides.
fn sides(rows: &[Row], keys: Vec<CaseKey>, candidates: &Names) -> Vec<Side> {
    let cases = Arc::new(keys);
    let mut sides: Vec<Side> = candidates
        .names()
        .map(|name| Side {
            name: name.to_owned(),
            id: name.to_owned(),
            cases: cases.clone(),
            cells: vec![Cell::default(); cases.len()],
            counts: None,
            whole: None,
        })
        .collect();
    for cell in rows.chunk_by(|x, y| (x.candidate, x.case) == (y.candidate, y.case)) {
        let first = &cell[0];
        let to = &mut sides[first.candidate as usize].cells[first.case as usize];
        for row in cell {
            match row.score {
                score if score.is_nan() => to.missing += 1,
                score => to.tries.add(score),
            }
        }
        let known = |of: fn(&Row) -> f64| {
            let known = cell.iter().map(of).filter(|v| !v.is_nan());
            let (n, sum) = known.fold((0.0, 0.0), |(n, sum), v| (n + 1.0, sum + v));
            (n > 0.0).then_some(sum / n)
        };
        to.cost = known(|row| row.cost);
        to.latency = known(|row| row.latency.ln()).map(f64::exp);
    }
    sides
}
