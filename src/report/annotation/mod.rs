//! What a CI service shows beside a line of a file: GitHub's annotations, GitLab's code quality report.
//! Made of any result, the worst first; the texts are from outside and can neither end a command nor begin one.

mod of;

pub use of::{of_comparison, of_gate, of_ports, of_report};

use super::json;
use crate::dataset::Case;
use crate::source::{plain, plain_line};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write;

/// GitHub shows ten of a kind a step.
const MOST: usize = 10;
/// Characters of a text; GitHub cuts at 4096 bytes.
const LONGEST: usize = 900;

/// How bad it is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does not hold.
    Error,
    /// It may not hold.
    Warning,
    /// To know.
    Notice,
}

/// Something to be said about a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// What it is about, in a few words.
    pub title: String,
    /// What there is to say.
    pub text: String,
    /// The file and the line in it, from 1.
    pub at: Option<(String, usize)>,
}

/// Where the cases of a run are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    /// The dataset's file, as the repository knows it; empty if unknown.
    pub file: String,
    lines: HashMap<String, usize>,
}

impl Places {
    /// Of these cases, in this file.
    pub fn of(file: String, cases: &[Case]) -> Places {
        let line = |case: &Case| (case.id.clone(), case.line);
        let known = cases.iter().filter(|case| case.line > 0);
        Places {
            file,
            lines: known.map(line).collect(),
        }
    }

    fn at(&self, case: &str) -> Option<(String, usize)> {
        let line = self.lines.get(case).filter(|_| !self.file.is_empty())?;
        Some((self.file.clone(), *line))
    }
}

fn worst(annotations: &[Annotation]) -> Vec<&Annotation> {
    let mut sorted: Vec<&Annotation> = annotations.iter().collect();
    sorted.sort_by_key(|it| it.level);
    sorted
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The ten worst as GitHub's workflow commands, a line each.
pub fn commands(annotations: &[Annotation]) -> String {
    let data = |text: &str| {
        let text = plain(text).replace('%', "%25");
        text.replace('\r', "%0D").replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for it in worst(annotations).into_iter().take(MOST) {
        let level = match it.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let at = it.at.as_ref().map_or(String::new(), |(file, line)| {
            format!("file={},line={line},", property(file))
        });
        let (title, text) = (property(&cut(&it.title)), data(&cut(&it.text)));
        let _ = writeln!(out, "::{level} {at}title={title}::{text}");
    }
    out
}

/// All of them as a code quality report (GitLab, "Code Quality report format"); what has no line stands
/// at the first of `file`.
pub fn quality(annotations: &[Annotation], file: &str) -> String {
    let issue = |it: &Annotation| {
        let (path, line) = it.at.clone().unwrap_or((file.to_owned(), 1));
        let known = [&*it.title, &*it.text, &*path].join("\0");
        json!({
            "description": plain_line(&cut(&format!("{}: {}", it.title, it.text))),
            "check_name": "bakeoff",
            "fingerprint": &blake3::hash(known.as_bytes()).to_hex()[..32],
            "severity": match it.level {
                Level::Error => "major",
                Level::Warning => "minor",
                Level::Notice => "info",
            },
            "location": {"path": path, "lines": {"begin": line}},
        })
    };
    let issues: Vec<_> = worst(annotations).into_iter().map(issue).collect();
    json::document(&issues)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(level: Level, text: &str) -> Annotation {
        Annotation {
            level,
            title: "a: b,c\n::error::d".into(),
            text: text.into(),
            at: Some(("data,1.csv".into(), 3)),
        }
    }

    #[test]
    fn ten_at_most_the_worst_first_and_each_on_one_line() {
        let mut all: Vec<Annotation> = (0..20).map(|_| said(Level::Notice, "x")).collect();
        all.push(said(Level::Error, "100 %\r\n::add-mask::y\u{1b}[2J"));
        let text = commands(&all);
        assert_eq!(text.lines().count(), 10);
        let first = text.lines().next().unwrap();
        let head = "::error file=data%2C1.csv,line=3,title=a%3A b%2Cc%0A%3A%3Aerror%3A%3Ad::";
        assert_eq!(first, format!(r"{head}100 %25%0A::add-mask::y\u{{1b}}[2J"));
    }

    #[test]
    fn a_quality_report_has_a_place_and_a_fingerprint_each() {
        let mut other = said(Level::Error, "y");
        other.at = None;
        let text = quality(&[said(Level::Notice, "x"), other], "d.csv");
        let issues: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(issues[0]["severity"], "major");
        assert_eq!(issues[0]["location"]["path"], "d.csv");
        assert_eq!(issues[1]["location"]["lines"]["begin"], 3);
        assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    }
}
