//! Where a template's text stands in its file, where it may be quoted, indented or folded.

use super::Fault;
use crate::source::{Problem, Source, Span};
use std::ops::Range;
use std::sync::Arc;

/// A template's text and its place.
#[derive(Debug, Clone)]
pub(super) struct Place {
    source: Arc<Source>,
    span: Span,
    text: Arc<str>,
}

impl Place {
    pub(super) fn new(source: &Arc<Source>, span: Span, text: &str) -> Self {
        let source = source.clone();
        let text = text.into();
        Place { source, span, text }
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The file's bytes for a range of the text: the same words, as often repeated before; where
    /// the file spells them differently (escapes), the whole template.
    pub(super) fn span(&self, at: Range<usize>) -> Span {
        let written = self.source.text.get(self.span.clone()).unwrap_or_default();
        let (Some(words), Some(before)) = (self.text.get(at.clone()), self.text.get(..at.start))
        else {
            return self.span.clone();
        };
        if written == &*self.text {
            return self.span.start + at.start..self.span.start + at.end;
        }
        if words.is_empty() {
            return self.span.clone();
        }
        let earlier = before.matches(words).count();
        match written.match_indices(words).nth(earlier) {
            Some((start, _)) => {
                let start = self.span.start + start;
                start..start + words.len()
            }
            None => self.span.clone(),
        }
    }

    pub(super) fn problem(&self, fault: Fault) -> Problem {
        let span = self.span(fault.at);
        let problem = Problem::error(fault.title).at(&self.source, span, "");
        match fault.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}
