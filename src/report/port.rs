//! Whether a prompt carries over: for a terminal, as Markdown, as JSON, as a page.

mod page;
mod parts;

pub use page::port_page;

use super::annotation::{self, Places};
use super::json::shown;
use super::junit;
use super::markdown::inline;
use super::terminal::{BAD, FAINT, GOOD, STRONG, wrap};
use crate::portability::{Answer, Ported, Spread, factor, signed};
use crate::source::plain_line;
use crate::stats::Estimate;
use anstyle::Style;
pub(super) use parts::parts;
use serde_json::json;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// How a port can be shown.
pub const PORT_FORMATS: &[(&str, &str)] = &[
    ("terminal", ""),
    ("json", "port.json"),
    ("markdown", "port.md"),
    ("junit", "port.xml"),
    ("github", ""),
    ("codequality", ""),
    ("html", "port.html"),
];

/// Flips shown with what both said.
const SIDE_BY_SIDE: usize = 5;
/// Flips named.
const FLIPS: usize = 20;
/// Flips of a Markdown table.
const TABLE: usize = 50;
/// Characters of an answer in a line.
const CLIP: usize = 120;

/// The results of one or several targets in a format of [`PORT_FORMATS`] but the page, for which there is
/// [`port_page`]; `None` for another name.
/// `run` is the run's name as commands accept it.
pub fn port(
    ports: &[Ported],
    spread: &[Spread],
    run: Option<&str>,
    places: &Places,
    format: &str,
    (width, color): (usize, bool),
) -> Option<String> {
    Some(match format {
        "terminal" => terminal(ports, spread, run, width.max(40), color),
        "json" => json_text(ports, spread),
        "markdown" => markdown(ports, spread),
        "junit" => junit::of_ports(ports),
        "github" => annotation::commands(&annotation::of_ports(ports, places)),
        "codequality" => annotation::quality(&annotation::of_ports(ports, places), &places.file),
        _ => return None,
    })
}

fn json_text(ports: &[Ported], spread: &[Spread]) -> String {
    let value = match ports {
        [one] => serde_json::to_value(one).expect("a result is plain data"),
        all => json!({"schema": "bakeoff.port-matrix/1", "ports": all, "spread": spread}),
    };
    let text = serde_json::to_string_pretty(&value).expect("a value is plain data");
    shown(&text) + "\n"
}

fn sign(verdict: Answer) -> &'static str {
    match verdict {
        Answer::Portable | Answer::PortableAfterRewrite => "✓",
        Answer::Inconclusive => "?",
        Answer::NotPortable | Answer::Invalid => "✗",
    }
}

fn tone(verdict: Answer) -> Style {
    match verdict {
        Answer::Portable | Answer::PortableAfterRewrite => GOOD,
        Answer::Inconclusive => STRONG,
        Answer::NotPortable | Answer::Invalid => BAD,
    }
}

/// The beginning of a text, on one line.
fn clip(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CLIP) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

fn terminal(
    ports: &[Ported],
    spread: &[Spread],
    run: Option<&str>,
    width: usize,
    color: bool,
) -> String {
    let mut out = String::new();
    let mut say = |style: Option<Style>, first: &str, text: &str| {
        for line in wrap(&plain_line(text), width, first).lines() {
            match style.filter(|_| color) {
                Some(style) => writeln!(out, "{style}{line}{style:#}"),
                None => writeln!(out, "{line}"),
            }
            .expect("a String takes every write");
        }
    };
    if ports.len() > 1 {
        for line in matrix(ports, width) {
            say(None, "", &line);
        }
        say(None, "", "");
    }
    for (at, it) in ports.iter().enumerate() {
        if at > 0 {
            say(None, "", "");
        }
        if ports.len() > 1 {
            say(Some(STRONG), "", &format!("{} → {}", it.from, it.to));
        }
        say(Some(tone(it.verdict).bold()), "", &it.sentence);
        let told = parts(it);
        for part in &told {
            say(None, "", "");
            say(Some(STRONG), "", part.title);
            for line in &part.lines {
                say(None, &format!("  {} ", line.sign), &line.text);
            }
            if part.title == "answers" {
                flips(it, &mut say);
            }
        }
        if !told.iter().any(|part| part.title == "answers") {
            flips(it, &mut say);
        }
        if let Some(next) = &it.next {
            say(None, "", "");
            say(Some(STRONG), "→ ", next);
        }
    }
    for line in spread.iter().flat_map(alike) {
        say(None, "", "");
        say(None, "", &line);
    }
    if let Some(run) = run {
        say(None, "", "");
        let text = format!("see a case: bakeoff show {run} CASE");
        say(Some(FAINT), "", &text);
    }
    out
}

/// Cases whose score moved: the first with what both said, the others by name.
fn flips(it: &Ported, say: &mut impl FnMut(Option<Style>, &str, &str)) {
    if it.flips.is_empty() {
        return;
    }
    say(None, "", "");
    say(Some(STRONG), "", "cases that moved");
    for flip in it.flips.iter().take(SIDE_BY_SIDE) {
        let why = if flip.why.is_empty() { "" } else { ": " };
        let text = format!(
            "{} ({} → {}){why}{}",
            flip.case, flip.from, flip.to, flip.why
        );
        say(None, "  · ", &text);
        say(Some(FAINT), "      from: ", &clip(&flip.from_text));
        say(Some(FAINT), "      to:   ", &clip(&flip.to_text));
    }
    let rest = it.flips.iter().skip(SIDE_BY_SIDE);
    let named: Vec<String> = rest
        .clone()
        .take(FLIPS)
        .map(|flip| format!("{} ({} → {})", flip.case, flip.from, flip.to))
        .collect();
    let more = rest.count().saturating_sub(named.len());
    if !named.is_empty() {
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        say(None, "  · ", &format!("{}{more}", named.join(", ")));
    }
}

/// A row a target.
fn rows(ports: &[Ported]) -> Vec<[String; 5]> {
    let row = |it: &Ported| {
        let unit = if it.unit { " points" } else { "" };
        let points = |v: f64| format!("{}{unit}", signed(v, it.unit));
        let difference = it
            .contrast
            .as_ref()
            .map_or("—".into(), |it| points(it.difference.value));
        let ratio = |ratio: &Option<Estimate>, less: &str, more: &str| {
            let told = ratio
                .as_ref()
                .map(|it| factor(it, less, more).unwrap_or_else(|| "=".into()));
            told.unwrap_or_else(|| "—".into())
        };
        let pair = format!("{} {} → {}", sign(it.verdict), it.from, it.to);
        [
            pair,
            it.verdict.words().to_owned(),
            difference,
            ratio(&it.cost_ratio, "cheaper", "dearer"),
            ratio(&it.latency_ratio, "faster", "slower"),
        ]
    };
    ports.iter().map(row).collect()
}

fn matrix(ports: &[Ported], width: usize) -> Vec<String> {
    let mut rows = rows(ports);
    for row in &mut rows {
        row[0] = plain_line(&row[0]).into_owned();
    }
    let widest =
        |rows: &[[String; 5]], at: usize| rows.iter().map(|row| row[at].width()).max().unwrap_or(0);
    let rest: usize = (1..5).map(|at| widest(&rows, at) + 2).sum();
    let room = width.saturating_sub(rest).max(12);
    for row in &mut rows {
        if row[0].chars().count() > room {
            row[0] = row[0].chars().take(room - 1).chain(['…']).collect();
        }
    }
    let widths: Vec<usize> = (0..5).map(|at| widest(&rows, at)).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths);
        let cells =
            cells.map(|(cell, width)| format!("{cell}{}", "\u{a0}".repeat(width - cell.width())));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Whether prompts rank alike, in sentences.
fn alike(spread: &Spread) -> Vec<String> {
    let means = spread.prompts.iter().map(|it| {
        let [from, to] = [it.from, it.to].map(|mean| format!("{mean:.2}"));
        format!("{} {from} → {to}", it.prompt)
    });
    let means: Vec<String> = means.collect();
    let (all, shown) = (
        spread.pairs.len(),
        spread.pairs.iter().filter(|it| it.shown).count(),
    );
    vec![format!(
        "prompts on {} → {}: {}; of {all} pairs {} are ordered alike, {} the other way round; \
         a shift between two of them is shown for {shown}",
        spread.from,
        spread.to,
        means.join(", "),
        spread.alike,
        spread.opposite
    )]
}

fn markdown(ports: &[Ported], spread: &[Spread]) -> String {
    let mut out = String::new();
    if ports.len() > 1 {
        out += "| | verdict | score | cost | latency |\n|-|-|-|-|-|\n";
        for row in rows(ports) {
            let _ = writeln!(out, "| {} |", row.map(|cell| inline(&cell)).join(" | "));
        }
        out.push('\n');
    }
    for it in ports {
        let _ = write!(
            out,
            "### {} → {}: {}\n\n",
            inline(&it.from),
            inline(&it.to),
            inline(&it.sentence)
        );
        for part in parts(it) {
            let _ = write!(out, "**{}**\n\n", part.title);
            for line in &part.lines {
                let _ = writeln!(out, "- {} {}", line.sign, inline(&line.text));
            }
            out.push('\n');
        }
        if !it.flips.is_empty() {
            out += "<details><summary>Cases that moved</summary>\n\n| case | from | to | why | said before | says now |\n|-|-|-|-|-|-|\n";
            for flip in it.flips.iter().take(TABLE) {
                let (before, now) = (clip(&flip.from_text), clip(&flip.to_text));
                let cells = [
                    &flip.case,
                    &flip.from.to_string(),
                    &flip.to.to_string(),
                    &flip.why,
                    &before,
                    &now,
                ];
                let _ = writeln!(out, "| {} |", cells.map(|cell| inline(cell)).join(" | "));
            }
            out += "\n</details>\n\n";
        }
        if let Some(next) = &it.next {
            let _ = write!(out, "Next: {}\n\n", inline(next));
        }
    }
    for line in spread.iter().flat_map(alike) {
        let _ = write!(out, "{}\n\n", inline(&line));
    }
    out
}
