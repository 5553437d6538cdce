//! `trials.csv`: a row a trial, safe to open in a spreadsheet.

use super::{Format, trials};
use crate::summary::table::Cells;
use std::borrow::Cow;

/// Trials as CSV (RFC 4180).
pub const FORMAT: Format = Format {
    name: "csv",
    file: "trials.csv",
    about: "every trial as a row, for spreadsheets",
    render: |report, _| {
        let columns = trials::columns(report);
        let rows = columns.first().map_or(0, |c| height(&c.cells));
        let mut out = ::csv::Writer::from_writer(Vec::new());
        let wrote = (|| {
            out.write_record(columns.iter().map(|c| inert(&c.name).into_owned()))?;
            for row in 0..rows {
                out.write_record(columns.iter().map(|c| cell(&c.cells, row).into_owned()))?;
            }
            Ok::<_, ::csv::Error>(())
        })();
        wrote.expect("rows are of one length and a Vec takes every write");
        Ok(out.into_inner().expect("a Vec takes every write"))
    },
};

fn height(cells: &Cells<'_>) -> usize {
    match cells {
        Cells::Text(v) => v.len(),
        Cells::Number(v) => v.len(),
        Cells::Count(v) => v.len(),
        Cells::Flag(v) => v.len(),
    }
}

fn cell<'a>(cells: &'a Cells<'_>, row: usize) -> Cow<'a, str> {
    fn shown<T: ToString>(value: Option<T>) -> Cow<'static, str> {
        Cow::Owned(value.map_or_else(String::new, |v| v.to_string()))
    }
    match cells {
        Cells::Text(v) => v[row].as_deref().map_or(Cow::Borrowed(""), inert),
        Cells::Number(v) => shown(v[row]),
        Cells::Count(v) => shown(v[row]),
        Cells::Flag(v) => shown(v[row]),
    }
}

/// Text that a spreadsheet would run as a formula gets a `'` before it (OWASP, "CSV Injection"):
/// one that starts with `= + - @`, their full-width twins, or a control, also behind quotes and blanks.
fn inert(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches(['"', '\'', ' ']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn formulas_are_inert_and_text_is_kept() {
        for formula in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\"=1", "＝1", " =1",
        ] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        for text in ["billing", "1-2", "a=b", "", "'tis fine"] {
            assert_eq!(inert(text), text);
        }
    }
}
