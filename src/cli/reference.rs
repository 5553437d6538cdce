//! The book's generated pages: commands from the command line's own definition, the suite's keys from its
//! schema, scorers from their registry. A test holds the committed pages against these.

mod commands;
mod keys;
mod providers;

use super::explain::{about, needs};
use crate::score::KINDS;
use serde_json::Value;

/// A page's text, made anew.
type Make = fn() -> String;

/// The generated pages: path in the book, and what makes them.
pub const PAGES: &[(&str, Make)] = &[
    ("reference/commands.md", commands::page),
    ("reference/suite.md", keys::page),
    ("reference/providers.md", providers::page),
    ("reference/outputs.md", keys::outputs),
    ("reference/scorers.md", scorers),
];

/// Every kind of scorer: what it looks at, its range, what it takes, an example.
fn scorers() -> String {
    let mut page = String::from(
        "# Scorers, kind by kind\n\nMade from the program: `bakeoff explain KIND` says the same, and \
         `bakeoff score --try` runs the examples. How scorers are written in a suite: \
         [scorers](../scorers.md).\n",
    );
    for kind in KINDS {
        let value = about(kind);
        page += &format!("\n## {}\n\n{}\n\n", kind.name, sentence(kind.about));
        page += &format!("- range: {}; {}\n", kind.range, kind.direction);
        page += &format!("- needs: {}\n", needs(kind));
        for (label, text) in [("parameters", kind.params), ("or", kind.short)] {
            if !text.is_empty() {
                page += &format!("- {label}: {text}\n");
            }
        }
        let line = |key: &str| value.get(key).map(Value::to_string).unwrap_or_default();
        page += &format!("\n```json\n{}\n{}\n```\n", line("example"), line("gives"));
    }
    page
}

/// A fragment made a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

/// A text inside a table's cell: one line, no bars.
fn cell(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|").replace('<', "&lt;")
}
