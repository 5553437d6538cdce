//! `summary.json`: the summary as it is, unrounded.

use super::Format;
use crate::source::{unheeded, unseen};
use std::fmt::Write;

/// The `bakeoff.summary/1` document.
pub const FORMAT: Format = Format {
    name: "json",
    file: "summary.json",
    about: "the summary for programs (bakeoff.summary/1), numbers unrounded",
    render: |report, _| Ok(document(&report.summary).into_bytes()),
};

/// A document as JSON for programs, which a terminal may see too.
pub fn document(of: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(of).expect("a document is plain data with text keys");
    spelled(&text) + "\n"
}

/// The same JSON with every unseen character as `\uXXXX`: they stand in strings only, and stdout may be a terminal or a log.
pub(super) fn spelled(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a String takes every write");
            }
        } else {
            out.push(c);
        }
    }
    // The log of a CI service would obey some strings.
    unheeded(&out).into_owned()
}
