//! A user's file and what is wrong in it: text with a name, byte spans, located problems.
//!
//! Knows nothing of what the files mean; every room above points into them with these types, and
//! reads typed values out of them with [`Block::read`], which finds all problems at once.

mod block;
mod check;
mod draw;
mod json;
mod node;
mod plain;
mod problem;
mod schema;
mod stack;
mod tables;
mod write;
mod yaml;

pub use block::Block;
pub use check::{schema_as_written, schema_of};
pub use draw::visible;
pub(crate) use json::said;
pub use node::{Document, Key, Kind, Node};
pub use plain::{plain, plain_line, spelled, unheeded, unseen};
pub use problem::{At, Problem, Severity, clip, did_you_mean};
pub(crate) use stack::on_deep_stack;
pub use write::to_yaml;

use std::ops::Range;

/// A half-open range of bytes in a [`Source`].
pub type Span = Range<usize>;

/// A file (or a stream, or an argument) as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name shown in messages: a path relative to the project where there is one.
    pub name: String,
    /// The whole text, or the part of it that is shown.
    pub text: String,
    /// The line of the file that the text starts at, from 1.
    pub first_line: usize,
}

impl Source {
    /// A source with this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source {
            name: name.into(),
            text: text.into(),
            first_line: 1,
        }
    }

    /// A part of a file too large to keep: its text from the start of this line (from 1).
    pub fn excerpt(name: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Source {
            first_line: line,
            ..Source::new(name, text)
        }
    }

    /// Line and column (both from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let before = &self.text[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + self.first_line,
            before[start..].chars().count() + 1,
        )
    }
}
