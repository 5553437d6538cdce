//! What every HTML page has in common: it is made from `reports/`, needs nothing but itself, and its
//! policy lets no request out and runs no script but the one named by its hash.

use super::made::Made;
use super::methods::Method;
use super::view::Fact;
use super::{Look, Report, facts};
use crate::source::{Problem, plain, unseen};
use crate::template::render_whole;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The style sheets of all pages, in this order.
const STYLES: [&str; 3] = [
    "reports/summary.css",
    "reports/figures.css",
    super::explorer::STYLE,
];

/// Characters of a sentence that a headline takes.
const LONG: usize = 60;

/// The beginning and the end of a page that is not a run's summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Frame {
    /// `Gate`, `Port`, `Comparison`, `Selection`.
    pub kind: &'static str,
    /// The suite's name, or what the data are called.
    pub suite: String,
    /// The run as commands accept it; may be empty.
    pub run_short: String,
    /// Every trial has an outcome.
    pub complete: bool,
    /// The verdict in a word; may be empty.
    pub word: String,
    /// Its tone: `good`, `bad`, `open`; may be empty.
    pub tone: &'static str,
    /// The first thing to read.
    pub headline: String,
    /// What follows from it.
    pub sentences: Vec<String>,
    /// What a reader must know first.
    pub notes: Vec<String>,
    /// The command to go on with; may be empty.
    pub next: String,
    /// What makes the numbers checkable.
    pub facts: Vec<Fact>,
    /// What the run was made of, by its hashes.
    pub made: Vec<Made>,
    /// Who answered.
    pub candidates: Vec<Served>,
    /// The statistical methods used, in plain words.
    pub methods: Vec<Method>,
    /// `summary.css`, `figures.css` and `cases.css`
    pub style: String,
    /// The content security policy.
    pub policy: String,
}

/// Who answered for a candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Served {
    /// The candidate.
    pub name: String,
    /// The models that answered, as the providers name them.
    pub served: String,
    /// Its prompt.
    pub prompt: String,
}

impl Frame {
    /// With what is known of the run.
    pub fn of_run(mut self, report: &Report) -> Frame {
        let summary = &report.summary;
        self.suite.clone_from(&summary.suite);
        self.complete = summary.complete;
        let facts = facts::facts(summary, &report.version).into_iter();
        self.facts = facts.map(|(name, value)| fact(name, value)).collect();
        self.made.clone_from(&report.made);
        let served = summary.candidates.iter().map(|row| Served {
            name: row.name.clone(),
            served: super::view::served(row),
            prompt: row.prompt.clone(),
        });
        self.candidates = served.collect();
        self
    }

    /// With this sentence first: a long one is said in short, and whole below.
    pub fn saying(mut self, sentence: &str) -> Frame {
        let mut letters = sentence.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string());
        let end = if sentence.ends_with('.') { "" } else { "." };
        let whole = format!("{}{}{end}", first.unwrap_or_default(), letters.as_str());
        match whole.split_once(" (") {
            Some((short, _)) if whole.chars().count() > LONG => {
                self.headline = format!("{short}.");
                self.sentences.insert(0, whole);
            }
            _ => self.headline = whole,
        }
        self
    }

    /// With the style sheets, and the policy that allows them.
    pub fn styled(mut self, look: &Look) -> Result<Frame, Problem> {
        self.style = style(look)?;
        self.policy = policy(&self.style, None);
        Ok(self)
    }
}

/// A fact.
pub fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact {
        name: name.to_owned(),
        value: value.into(),
    }
}

/// The page at this path over its data.
pub fn page(path: &str, look: &Look, data: &impl Serialize) -> Result<String, Problem> {
    let data = serde_json::to_value(data).expect("a page is plain data with text keys");
    render_whole(path, look.part, &seen(data))
}

/// The style sheets as one; a browser hashes what it reads, and it reads one kind of line end.
pub fn style(look: &Look) -> Result<String, Problem> {
    let sheets = STYLES.map(|path| (look.part)(path).map(|it| it.text.replace("\r\n", "\n")));
    let sheets: Result<Vec<String>, Problem> = sheets.into_iter().collect();
    Ok(sheets?.concat())
}

/// A content security policy: nothing from anywhere but this style and this script.
pub fn policy(style: &str, script: Option<&str>) -> String {
    let script = script.map_or(String::new(), |it| format!("script-src '{}'; ", hash(it)));
    format!(
        "default-src 'none'; {script}style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(style)
    )
}

/// The text with what a reader cannot see spelled out.
fn seen_text(text: String) -> String {
    match text.contains(unseen) {
        true => plain(&text).into_owned(),
        false => text,
    }
}

/// Every string with what a reader cannot see spelled out; most have nothing of it.
pub fn seen(mut data: Value) -> Value {
    match &mut data {
        Value::String(text) => Value::String(seen_text(std::mem::take(text))),
        Value::Array(items) => items.drain(..).map(seen).collect(),
        Value::Object(map) => std::mem::take(map)
            .into_iter()
            .map(|(k, v)| (k, seen(v)))
            .collect(),
        _ => data,
    }
}

/// A source expression of a content security policy (CSP level 3, 2.3.1): `sha256-` and base64.
fn hash(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut out = String::from("sha256-");
    for three in digest.chunks(3) {
        let bits = three
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for at in 0..4 {
            match at <= three.len() {
                true => out.push(LETTERS[(bits >> (18 - 6 * at) & 63) as usize].into()),
                false => write!(out, "=").expect("a String takes every write"),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn hashes_are_as_a_browser_computes_them() {
        // the example of CSP level 3, section 8.3
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(super::hash("alert('Hello, world.');"), expected);
    }
}
