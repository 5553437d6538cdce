//! `trials.csv`: a row a trial, safe to open in a spreadsheet.

use super::{Format, Report, trials};
use crate::source::unseen;
use crate::summary::table::Cells;
use std::borrow::Cow;

/// Trials as CSV (RFC 4180).
pub const FORMAT: Format = Format {
    name: "csv",
    file: "trials.csv",
    about: "every trial as a row, for spreadsheets",
    render: |report, _| Ok(table(report, inert)),
};

/// The same with every text as it is: a spreadsheet would run what looks like a formula.
pub fn raw_csv(report: &Report) -> Vec<u8> {
    table(report, |text| Cow::Borrowed(text))
}

fn table(report: &Report, shown: for<'a> fn(&'a str) -> Cow<'a, str>) -> Vec<u8> {
    let columns = trials::columns(report);
    let rows = columns.first().map_or(0, |c| height(&c.cells));
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let wrote = (|| {
        out.write_record(columns.iter().map(|c| shown(&c.name).into_owned()))?;
        for row in 0..rows {
            let cells = columns.iter().map(|c| cell(&c.cells, row, shown));
            out.write_record(cells.map(Cow::into_owned))?;
        }
        Ok::<_, ::csv::Error>(())
    })();
    wrote.expect("rows are of one length and a Vec takes every write");
    out.into_inner().expect("a Vec takes every write")
}

fn height(cells: &Cells<'_>) -> usize {
    match cells {
        Cells::Text(v) => v.len(),
        Cells::Number(v) => v.len(),
        Cells::Count(v) => v.len(),
        Cells::Flag(v) => v.len(),
    }
}

fn cell<'a>(cells: &'a Cells<'_>, row: usize, text: fn(&str) -> Cow<'_, str>) -> Cow<'a, str> {
    fn shown<T: ToString>(value: Option<T>) -> Cow<'static, str> {
        Cow::Owned(value.map_or_else(String::new, |v| v.to_string()))
    }
    match cells {
        Cells::Text(v) => v[row].as_deref().map_or(Cow::Borrowed(""), text),
        Cells::Number(v) => shown(v[row]),
        Cells::Count(v) => shown(v[row]),
        Cells::Flag(v) => shown(v[row]),
    }
}

/// Text that a spreadsheet would run as a formula gets a `'` before it (OWASP, "CSV Injection"): one that starts
/// with `= + - @` or their full-width twins, also behind quotes, blanks and what is not seen; and one that
/// starts with a control.
fn inert(text: &str) -> Cow<'_, str> {
    const RUN: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let behind = |c: char| c.is_whitespace() || unseen(c) || c == '"' || c == '\'';
    let bare = text.trim_start_matches(behind);
    let control = text.trim_start_matches(['"', '\'', ' ']);
    match bare.starts_with(RUN) || control.starts_with(char::is_control) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
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
