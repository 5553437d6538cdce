//! Sentences and small tables, once, for the terminal and for Markdown.

use super::Look;
use super::markdown::inline;
use super::terminal::{BAD, FAINT, GAP, GOOD, NARROWEST, STRONG, clip, wrap};
use crate::source::plain_line;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// A part of a short report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The sentence that comes first.
    Lead(String),
    /// A sentence.
    Say(String),
    /// One of a list.
    Item(String),
    /// One of a list, good news.
    Good(String),
    /// One of a list, bad news.
    Bad(String),
    /// What must be known before trusting the numbers.
    Caution(String),
    /// What makes them checkable.
    Small(String),
    /// A table under its title.
    Table(Table),
}

/// A small table: the first column is text, the others are numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What it shows; may be empty.
    pub title: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// Cells, as many a row as there are columns.
    pub rows: Vec<Vec<String>>,
}

const TABLE: u8 = 0;

impl Block {
    /// Blocks of one family stand together, without a blank line between.
    fn family(&self) -> u8 {
        match self {
            Block::Table(_) => TABLE,
            Block::Lead(_) | Block::Say(_) => 1,
            Block::Item(_) | Block::Good(_) | Block::Bad(_) => 2,
            Block::Caution(_) => 3,
            Block::Small(_) => 4,
        }
    }
}

/// Blocks as text for a terminal.
pub(super) fn terminal(blocks: &[Block], look: &Look) -> String {
    let width = look.width.max(NARROWEST);
    let mut out = String::new();
    let mut last: Option<&Block> = None;
    for block in blocks {
        let goes_on = |last: &Block| last.family() == block.family() && block.family() != TABLE;
        if !last.is_none_or(goes_on) {
            out.push('\n');
        }
        last = Some(block);
        let (style, first, text) = match block {
            Block::Table(table) => {
                draw(table, width, look.color, &mut out);
                continue;
            }
            Block::Lead(text) => (Some(STRONG), "", text),
            Block::Say(text) => (None, "", text),
            Block::Item(text) => (None, "- ", text),
            Block::Good(text) => (Some(GOOD), "- ", text),
            Block::Bad(text) => (Some(BAD), "- ", text),
            Block::Caution(text) => (None, "! ", text),
            Block::Small(text) => (Some(FAINT), "", text),
        };
        for line in wrap(&plain_line(text), width, first).lines() {
            out += &paint(style, line, look.color);
            out.push('\n');
        }
    }
    out
}

fn paint(style: Option<Style>, text: &str, color: bool) -> String {
    match style.filter(|_| color) {
        Some(style) => format!("{style}{text}{style:#}"),
        None => text.to_owned(),
    }
}

/// Draws a table; columns that find no room stand below, beside the first column again, so that nothing is cut.
fn draw(table: &Table, width: usize, color: bool, out: &mut String) {
    let clean = |cell: &String| plain_line(cell).into_owned();
    let mut rows: Vec<Vec<String>> = std::iter::once(&table.head)
        .chain(&table.rows)
        .map(|row| row.iter().map(clean).collect())
        .collect();
    let columns = table.head.len();
    let wide = |rows: &[Vec<String>], column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let others: usize = (1..columns).map(|c| wide(&rows, c) + GAP).sum();
    let widest = (1..columns).map(|c| wide(&rows, c) + GAP).max();
    // What does not fit beside a third of the width goes below, and names are cut for no less.
    let first = match width.saturating_sub(others) {
        room if room >= wide(&rows, 0) => room,
        room => room.max(width / 3).max(12),
    };
    let first = first.min(width.saturating_sub(widest.unwrap_or(0)).max(12));
    rows.iter_mut()
        .for_each(|row| row[0] = clip(&row[0], first));
    let widths: Vec<usize> = (0..columns).map(|c| wide(&rows, c)).collect();
    if !table.title.is_empty() {
        for line in wrap(&plain_line(&table.title), width, "").lines() {
            out.push_str(&paint(Some(STRONG), line, color));
            out.push('\n');
        }
    }
    for band in bands(&widths, width) {
        for (at, row) in rows.iter().enumerate() {
            let mut line = format!("{:1$}", "", widths[0] - row[0].width());
            line.insert_str(0, &row[0]);
            for column in band.clone() {
                let cell = &row[column];
                let room = " ".repeat(widths[column] - cell.width() + GAP);
                line += &format!("{room}{cell}");
            }
            let line = clip(line.trim_end(), width);
            *out += &paint((at == 0).then_some(FAINT), &line, color);
            out.push('\n');
        }
    }
}

/// The columns after the first, in as many bands as the width makes of them.
fn bands(widths: &[usize], width: usize) -> Vec<std::ops::Range<usize>> {
    let mut bands: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut from, mut used) = (1, widths.first().copied().unwrap_or(0));
    for (column, wide) in widths.iter().enumerate().skip(1) {
        if used + GAP + wide > width && column > from {
            bands.push(from..column);
            (from, used) = (column, widths[0]);
        }
        used += GAP + wide;
    }
    bands.push(from..widths.len());
    bands
}

/// Blocks as GitHub's Markdown.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        out += &match block {
            Block::Lead(text) => format!("**{}**\n\n", inline(text)),
            Block::Say(text) => format!("{}\n\n", inline(text)),
            Block::Item(text) | Block::Good(text) | Block::Bad(text) => {
                format!("- {}\n", inline(text))
            }
            Block::Caution(text) => format!("\n> {}\n\n", inline(text)),
            Block::Small(text) => format!("\n<sub>{}</sub>\n\n", inline(text)),
            Block::Table(table) => {
                let row = |cells: &[String]| {
                    let cells: Vec<String> = cells.iter().map(|c| inline(c)).collect();
                    format!("| {} |\n", cells.join(" | "))
                };
                let marks: Vec<&str> = (0..table.head.len())
                    .map(|c| if c == 0 { ":--" } else { "--:" })
                    .collect();
                let title = match table.title.as_str() {
                    "" => String::new(),
                    title => format!("\n**{}**\n", inline(title)),
                };
                let rows: String = table.rows.iter().map(|r| row(r)).collect();
                format!(
                    "{title}\n{}| {} |\n{rows}\n",
                    row(&table.head),
                    marks.join(" | ")
                )
            }
        };
    }
    let mut out = out.trim_end().to_owned();
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out + "\n"
}

/// A short report as `terminal`, `markdown` or `json`; `None` for another format.
pub(super) fn render(
    format: &str,
    blocks: &dyn Fn() -> Vec<Block>,
    document: &dyn Fn() -> String,
    look: &Look,
) -> Option<String> {
    Some(match format {
        "terminal" => terminal(&blocks(), look),
        "markdown" => markdown(&blocks()),
        "json" => document(),
        _ => return None,
    })
}
