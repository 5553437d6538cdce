//! A gate's result: for a terminal, for a pull request, as JSON, JUnit, workflow commands or a page.

mod page;

pub use page::{Beside, gate_page};

use super::annotation::{self, Places};
use super::json::shown;
use super::junit::{document, failing, test};
use super::markdown::inline;
use super::terminal::{BAD, FAINT, GOOD, STRONG, wrap};
use crate::gate::{Answer, Gated, Judged, Mode};
use crate::source::plain_line;
use crate::summary::Verdict;
use quick_junit::{NonSuccessKind, TestCaseStatus, TestSuite};
use std::fmt::Write;

/// How a gate can be shown.
pub const GATE_FORMATS: &[(&str, &str)] = &[
    ("terminal", ""),
    ("json", "gate.json"),
    ("markdown", "gate.md"),
    ("junit", "gate.xml"),
    ("github", ""),
    ("codequality", ""),
    ("html", "gate.html"),
];

/// Flips that are listed.
const FLIPS: usize = 20;

/// The gate in a format of [`GATE_FORMATS`] but the page, for which there is [`gate_page`]; `None` for another name.
pub fn gate(
    gated: &Gated,
    places: &Places,
    format: &str,
    (width, color): (usize, bool),
) -> Option<String> {
    Some(match format {
        "terminal" => terminal(gated, width.max(40), color),
        "json" => {
            let json = serde_json::to_string_pretty(gated).expect("a gate is plain data");
            shown(&json) + "\n"
        }
        "markdown" => markdown(gated),
        "junit" => junit(gated),
        "github" => annotation::commands(&annotation::of_gate(gated, places)),
        "codequality" => annotation::quality(&annotation::of_gate(gated, places), &places.file),
        _ => return None,
    })
}

/// The word a reader sees.
fn word(rule: &Judged) -> &'static str {
    match rule.verdict {
        Verdict::Regressed if rule.flagged => "flagged",
        Verdict::Improved => "improved",
        Verdict::NotWorse => "not worse",
        Verdict::SlightlyWorse => "slightly worse, within margin",
        Verdict::Regressed => "regressed",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Invalid => "invalid",
    }
}

/// Whether the rules are about more than one candidate.
fn several(gated: &Gated) -> bool {
    let names = gated.rules.iter().map(|rule| &rule.candidate);
    names.collect::<std::collections::BTreeSet<_>>().len() > 1
}

fn sign(mode: Mode, rule: &Judged) -> &'static str {
    match rule.verdict {
        Verdict::Regressed if rule.flagged => "?",
        Verdict::Regressed | Verdict::Invalid => "✗",
        Verdict::Inconclusive if mode == Mode::Release => "?",
        Verdict::Inconclusive => "·",
        _ => "✓",
    }
}

/// What is said below the rules, a line each.
fn below(gated: &Gated) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &gated.changes {
        lines.push(format!("changed: {change}"));
    }
    if !gated.unmatched.is_empty() {
        let some: Vec<&str> = gated.unmatched.iter().take(5).map(String::as_str).collect();
        let more = gated.unmatched.len().saturating_sub(some.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        lines.push(format!("not compared: {}{more}", some.join(", ")));
    }
    if gated.mode == Mode::Commit && gated.false_alarms > 0.0 {
        lines.push(format!(
            "on unchanged code this gate blocks about {:.1} times a month",
            gated.false_alarms
        ));
    }
    lines.extend(gated.notes.iter().cloned());
    lines
}

fn terminal(gated: &Gated, width: usize, color: bool) -> String {
    let mut out = String::new();
    let mut say = |style: Option<anstyle::Style>, first: &str, text: &str| {
        for line in wrap(&plain_line(text), width, first).lines() {
            match style.filter(|_| color) {
                Some(style) => writeln!(out, "{style}{line}{style:#}"),
                None => writeln!(out, "{line}"),
            }
            .expect("a String takes every write");
        }
    };
    let tone = match gated.verdict {
        Answer::Pass => GOOD,
        Answer::Undecided => STRONG,
        Answer::Fail | Answer::Invalid => BAD,
    };
    say(Some(tone.bold()), "", &gated.sentence);
    say(None, "", "");
    for rule in &gated.rules {
        let first = format!("{} ", sign(gated.mode, rule));
        let of = match several(gated) {
            true => format!("{} – ", rule.candidate),
            false => String::new(),
        };
        let text = format!("{of}{}: {} – {}", rule.rule, word(rule), rule.reason);
        say(None, &first, &text);
    }
    let losses: Vec<_> = gated
        .flips
        .iter()
        .filter(|flip| flip.now < flip.before)
        .collect();
    if !losses.is_empty() {
        say(None, "", "");
        let cases: Vec<String> = losses
            .iter()
            .take(FLIPS)
            .map(|flip| format!("{} ({} → {})", flip.case, flip.before, flip.now))
            .collect();
        let more = losses.len().saturating_sub(FLIPS);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        say(None, "worse: ", &format!("{}{more}", cases.join(", ")));
    }
    let below = below(gated);
    if !below.is_empty() {
        say(None, "", "");
    }
    for line in below {
        say(Some(FAINT), "", &line);
    }
    if let Some(next) = &gated.next {
        say(None, "", "");
        say(Some(STRONG), "→ ", next);
    }
    out
}

fn markdown(gated: &Gated) -> String {
    let mut out = format!("### {}\n\n", inline(&gated.sentence));
    out += "| | rule | candidate | verdict | why |\n|-|-|-|-|-|\n";
    for rule in &gated.rules {
        let cells = [&rule.rule, &rule.candidate, word(rule), &rule.reason].map(inline);
        let _ = writeln!(
            out,
            "| {} | {} |",
            sign(gated.mode, rule),
            cells.join(" | ")
        );
    }
    if !gated.flips.is_empty() {
        out += "\n<details><summary>Cases that moved</summary>\n\n| case | scorer | baseline | now |\n|-|-|-|-|\n";
        for flip in gated.flips.iter().take(100) {
            let (case, scorer) = (inline(&flip.case), inline(&flip.scorer));
            let _ = writeln!(
                out,
                "| {case} | {scorer} | {} | {} |",
                flip.before, flip.now
            );
        }
        out += "\n</details>\n";
    }
    let below = below(gated);
    if !below.is_empty() {
        out.push('\n');
    }
    for line in below {
        let _ = writeln!(out, "- {}", inline(&line));
    }
    if let Some(next) = &gated.next {
        let _ = write!(out, "\nNext: `{}`\n", plain_line(next).replace('`', "'"));
    }
    out
}

fn junit(gated: &Gated) -> String {
    let mut suite = TestSuite::new("gate");
    for rule in &gated.rules {
        let failing = |kind| failing(kind, word(rule), &rule.reason);
        let status = match rule.verdict {
            Verdict::Regressed => failing(NonSuccessKind::Failure),
            Verdict::Invalid => failing(NonSuccessKind::Error),
            Verdict::Inconclusive if gated.mode == Mode::Release => {
                failing(NonSuccessKind::Failure)
            }
            _ => TestCaseStatus::success(),
        };
        suite.add_test_case(test(&rule.candidate, &rule.rule, status, &rule.reason));
    }
    document("bakeoff gate", [suite])
}

#[cfg(test)]
mod tests;
