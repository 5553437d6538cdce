//! `summary.json`: the summary as it is, unrounded.

use super::Format;
use crate::source::{spelled, unheeded};

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
    shown(&text) + "\n"
}

/// The same JSON with every unseen character, and what a log would obey, as `\uXXXX`: they stand in strings only,
/// and stdout may be a terminal or a log.
pub(super) fn shown(json: &str) -> String {
    unheeded(&spelled(json)).into_owned()
}
