//! `summary.md`: GitHub's Markdown, short enough for a comment, from `reports/summary.md.hbs`.
//!
//! Words from outside are escaped and mention nobody; model text stands in fences it cannot close.

use super::case::{Card, card};
use super::number::counted;
use super::telling::{ALL_WELL, order};
use super::{Format, Look, Report, View, view};
use crate::source::{Problem, plain, plain_line, unheeded};
use crate::template::render_page;
use serde::Serialize;
use serde_json::Value;

/// The summary as Markdown.
pub const FORMAT: Format = Format {
    name: "markdown",
    file: "summary.md",
    about: "the summary for a pull request or a wiki, at most 60 kB",
    render: |report, look| render(report, look, CASES, MOST).map(String::into_bytes),
};

const TEMPLATE: &str = "reports/summary.md.hbs";
/// GitHub refuses a comment above 65,536 characters; room is left for a line that finds it again.
const MOST: usize = 59_500;
/// Cases shown.
const CASES: usize = 10;
/// Characters of a model's text shown.
const LONGEST: usize = 600;

/// All that `summary.md.hbs` sees. Every text is escaped already but the fenced ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// The summary's side.
    #[serde(flatten)]
    pub summary: View,
    /// The most telling cases on which not all is right.
    pub shown: Vec<Shown>,
    /// `12 more cases`; empty if there are none.
    pub left_out: String,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// How each candidate did, in a line.
    pub marks: String,
    /// What each said.
    pub answers: Vec<Answer>,
}

/// What a candidate said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The candidate.
    pub candidate: String,
    /// `✓`, `✗` …
    pub sign: String,
    /// Cost, time, oddities.
    pub facts: String,
    /// The text in a fence.
    pub text: String,
}

/// The same with every case on which not all is right, in at most so many bytes: for a step's summary.
pub fn markdown(report: &Report, look: &Look, most: usize) -> Result<String, Problem> {
    render(report, look, usize::MAX, most)
}

fn render(report: &Report, look: &Look, cases: usize, limit: usize) -> Result<String, Problem> {
    let template = (look.part)(TEMPLATE)?;
    let order = order(report);
    let telling = order
        .iter()
        .take_while(|(rank, _)| *rank < ALL_WELL)
        .count();
    let first = order[..telling.min(cases)].iter();
    let first: Vec<Shown> = first
        .map(|(_, at)| shown(&card(report, *at, false)))
        .collect();
    let mut most = first.len();
    loop {
        let left = telling - most;
        let document = Document {
            summary: view(report),
            shown: first[..most].to_vec(),
            left_out: match left {
                0 => String::new(),
                n => format!("{} on which not all is right", counted(n, "more case")),
            },
        };
        let data = serde_json::to_value(&document).expect("a document is plain data");
        let text = render_page(TEMPLATE, &template.text, &escaped("", data))?;
        if text.len() <= limit {
            return Ok(text);
        }
        if most == 0 {
            return Ok(bounded(&text, limit));
        }
        most /= 2;
    }
}

/// The text, or its beginning if it is longer than so many bytes: whole lines, with what is open closed.
pub fn bounded(text: &str, most: usize) -> String {
    const REST: &str = "The rest is in the full report.\n";
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(200);
    let end = text[..text.floor_char_boundary(room)].rfind('\n');
    let mut out = text[..end.unwrap_or(0)].to_owned();
    let (mut fence, mut folds) = (None, 0_usize);
    for line in out.lines() {
        let bar = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if bar.len() > 2 => fence = Some(bar.to_owned()),
            None => {
                folds += usize::from(line.starts_with("<details>"));
                folds = folds.saturating_sub(usize::from(line.starts_with("</details>")));
            }
            Some(ref open) if bar.len() >= open.len() && line == bar => fence = None,
            Some(_) => {}
        }
    }
    out += &fence.map_or(String::new(), |bar| format!("\n{bar}"));
    out += &"\n</details>".repeat(folds);
    format!("{out}\n\n{REST}")
}

fn shown(card: &Card) -> Shown {
    let marks: Vec<String> = card
        .answers
        .iter()
        .map(|a| format!("{} {}", a.mark.sign, a.candidate))
        .collect();
    let answers = card.answers.iter().flat_map(|answer| {
        answer.trials.iter().map(|said| Answer {
            candidate: answer.candidate.clone(),
            sign: answer.mark.sign.to_owned(),
            facts: said.facts.clone(),
            text: fence(match said.text.is_empty() {
                true => &said.instead,
                false => &said.text,
            }),
        })
    });
    Shown {
        id: card.id.clone(),
        marks: marks.join(" · "),
        answers: answers.collect(),
    }
}

/// The text in a fence longer than any row of backticks in it.
fn fence(text: &str) -> String {
    let text = plain(text);
    let short: String = text.chars().take(LONGEST).collect();
    let cut = if short.len() < text.len() { "…" } else { "" };
    let longest = short.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let bar = "`".repeat(longest.max(2) + 1);
    format!("{bar}text\n{}{cut}\n{bar}", unheeded(&short))
}

/// Every string but the fenced texts, escaped.
fn escaped(key: &str, value: Value) -> Value {
    match value {
        Value::String(text) if key != "text" => Value::String(inline(&text)),
        Value::Array(items) => items.into_iter().map(|item| escaped(key, item)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key.clone(), escaped(&key, value)))
            .collect(),
        other => other,
    }
}

/// Words as Markdown shows them: no markup, no table cell's end, no mention, no reference, no link.
pub(super) fn inline(text: &str) -> String {
    let text = plain_line(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            // a comment splits the word that GitHub would turn into a link
            '@' | '#' => out.extend([c.to_string().as_str(), "<!-- -->"]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.replace("GH-", "GH<!-- -->-")
        .replace("gh-", "gh<!-- -->-")
        .replace("::", ":<!-- -->:")
        .replace("://", ":<!-- -->//")
        .replace("www.", "www<!-- -->.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_inert() {
        assert_eq!(inline("a|b @you #1"), r"a\|b @<!-- -->you #<!-- -->1");
        assert_eq!(
            inline("<b>[x](http://y)"),
            r"&lt;b&gt;\[x\](http:<!-- -->//y)"
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("x"), "```text\nx\n```");
        assert!(fence("````\n</details>").starts_with("`````text\n"));
    }
}
