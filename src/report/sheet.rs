//! A comparison or a selection as a page: the sentences and tables that the terminal shows, with figures.

use super::html::{self, Frame};
use super::methods::methods;
use super::prose::{Block, Table};
use super::view::{Drawing, Fact};
use super::{Look, Report};
use crate::source::Problem;
use serde::Serialize;

/// What a page is made of.
pub struct Sheet<'a> {
    /// `Comparison`, `Selection`.
    pub kind: &'static str,
    /// What the data are called where there is no run.
    pub suite: String,
    /// The run and the name that commands accept.
    pub run: Option<(&'a str, &'a Report)>,
    /// What is said, in order; the first sentence is the headline.
    pub blocks: Vec<Block>,
    /// Figures.
    pub charts: Vec<Drawing>,
    /// Names of the methods used.
    pub methods: Vec<&'a str>,
    /// Facts besides the run's own.
    pub facts: Vec<Fact>,
}

/// All that `compare.html.hbs`, `route.html.hbs` and `select.html.hbs` see.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    /// Figures.
    charts: Vec<Drawing>,
    /// Sentences and tables, in order.
    parts: Vec<Part>,
    /// What makes the numbers checkable, in a line each.
    small: Vec<String>,
}

/// Sentences in a row, or a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Part {
    /// Sentences.
    lines: Vec<Line>,
    /// A table; its head is empty where there is none.
    table: Option<Shown>,
}

/// A table; of each row the first cell is its head.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Shown {
    title: String,
    head: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    name: String,
    starred: bool,
    cells: Vec<String>,
}

/// A sentence and its tone: `good`, `bad` or none.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    tone: &'static str,
    text: String,
}

/// The page at this path.
pub fn page(path: &str, sheet: Sheet<'_>, look: &Look) -> Result<String, Problem> {
    let mut frame = Frame {
        kind: sheet.kind,
        suite: sheet.suite,
        complete: true,
        methods: methods(sheet.methods.iter().copied()),
        ..Frame::default()
    };
    if let Some((name, report)) = sheet.run {
        frame = frame.of_run(report);
        frame.run_short = name.to_owned();
    }
    let (mut parts, mut small): (Vec<Part>, Vec<String>) = (Vec::new(), Vec::new());
    for block in sheet.blocks {
        match block {
            Block::Lead(text) if frame.headline.is_empty() => frame = frame.saying(&text),
            Block::Lead(text) | Block::Say(text) if parts.is_empty() => frame.sentences.push(text),
            Block::Lead(text) | Block::Say(text) | Block::Item(text) => say(&mut parts, "", text),
            Block::Good(text) => say(&mut parts, "good", text),
            Block::Bad(text) => say(&mut parts, "bad", text),
            Block::Caution(text) => frame.notes.push(text),
            Block::Small(text) => small.push(text),
            Block::Table(table) => parts.push(Part {
                lines: Vec::new(),
                table: Some(shown(table)),
            }),
        }
    }
    let mut facts = sheet.facts;
    facts.append(&mut frame.facts);
    frame.facts = facts;
    let page = Page {
        frame: frame.styled(look)?,
        charts: sheet.charts,
        parts,
        small,
    };
    html::page(path, look, &page)
}

/// Adds a sentence to those that stand together, or begins with it.
fn say(parts: &mut Vec<Part>, tone: &'static str, text: String) {
    let line = Line { tone, text };
    match parts.last_mut().filter(|part| part.table.is_none()) {
        Some(part) => part.lines.push(line),
        None => parts.push(Part {
            lines: vec![line],
            table: None,
        }),
    }
}

fn shown(table: Table) -> Shown {
    let rows = table.rows.into_iter().map(|row| {
        let mut cells = row.into_iter();
        let name = cells.next().unwrap_or_default();
        Row {
            starred: name.starts_with("* "),
            name: name.trim_start_matches(['*', ' ']).to_owned(),
            cells: cells.collect(),
        }
    });
    Shown {
        rows: rows.collect(),
        title: table.title,
        head: table.head,
    }
}
