//! Draws a [`Problem`] the way rustc draws its own; nothing in the user's file can move the cursor.

use super::{At, Problem, Severity, unseen};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::borrow::Cow;

/// Most characters of a mark, and of what follows it, that are shown.
const WIDTH: usize = 120;
/// The column from which on a line is not shown, only its place.
const FAR: usize = 4_000;

impl Problem {
    /// The problem as text for a terminal or a log: title, place, the marked line, help.
    pub fn draw(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = visible(&self.title);
        let mut group = Group::with_title(level.primary_title(title));
        if let Some(at) = &self.at {
            let line = Line::around(at);
            let path = visible(&at.source.name);
            if at.source.text.is_empty() || line.column > FAR {
                let origin = Origin::path(path).line(line.number);
                group = group.element(origin.char_column(line.column));
            } else {
                let label = Some(at.label.as_str()).filter(|label| !label.is_empty());
                let mark = AnnotationKind::Primary.span(line.mark);
                let mark = mark.label(label.map(visible));
                let snippet = Snippet::source(line.text).line_start(line.number);
                group = group.element(snippet.path(path).annotation(mark));
            }
        }
        for line in &self.help {
            group = group.element(Level::HELP.message(visible(line)));
        }
        renderer.render(&[group])
    }
}

/// The line of a source that is shown: made inert, character by character so that columns hold,
/// and cut where nobody would read on.
struct Line {
    text: String,
    mark: std::ops::Range<usize>,
    number: usize,
    column: usize,
}

impl Line {
    fn around(at: &At) -> Line {
        let text = &at.source.text;
        let start = text.floor_char_boundary(at.span.start.min(text.len()));
        let (number, column) = at.source.line_column(start);
        let from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let to = text[start..].find('\n').map_or(text.len(), |n| start + n);
        let end = text.floor_char_boundary(at.span.end.clamp(start, to));
        let marked = text[start..end].trim_end();

        let mut shown: String = text[from..start].chars().take(FAR).map(inert).collect();
        let mark = shown.len();
        shown.extend(marked.chars().take(WIDTH).map(inert));
        let mark = mark..shown.len();
        let after = text[start + marked.len()..to].trim_end();
        shown.extend(after.chars().take(WIDTH).map(inert));
        Line {
            text: shown,
            mark,
            number,
            column,
        }
    }
}

/// The text with every character that could act on a terminal replaced by one that shows.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| inert(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(inert).collect())
}

/// The character itself, or the one shown in its place: control pictures for C0, `�` for C1,
/// bidirectional controls and zero-width characters (threats of CVE-2021-42574's kind).
fn inert(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        c if unseen(c) => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests;
