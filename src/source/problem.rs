//! A located diagnostic, drawn the way rustc draws its own.

use super::{Source, Span};
use std::sync::Arc;

/// How bad a [`Problem`] is: an error stops the command, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command goes on.
    Warning,
    /// The command cannot go on.
    Error,
}

/// A place in a source with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The file.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
    /// What to say beside the marked text; may be empty.
    pub label: String,
}

/// Something wrong in what the user gave us: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// Where, if it is in a file.
    pub at: Option<At>,
    /// What to do about it, a line each.
    pub help: Vec<String>,
}

impl Problem {
    /// An error without a place.
    pub fn error(title: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            title: title.into(),
            at: None,
            help: Vec::new(),
        }
    }

    /// A warning without a place.
    pub fn warning(title: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(title)
        }
    }

    /// The same problem, pointing into a file.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span, label: impl Into<String>) -> Self {
        self.at = Some(At {
            source: source.clone(),
            span,
            label: label.into(),
        });
        self
    }

    /// Hides what the problem points at: it may be a secret.
    pub(super) fn blot(&mut self) {
        if let Some(At { source, span, .. }) = &mut self.at
            && let (Some(before), Some(secret), Some(after)) = (
                source.text.get(..span.start),
                source.text.get(span.clone()),
                source.text.get(span.end..),
            )
        {
            let stars: String = secret
                .chars()
                .map(|c| if c == '\n' { c } else { '*' })
                .collect();
            let text = format!("{before}{stars}{after}");
            *span = span.start..span.start + stars.len();
            *source = Arc::new(Source::excerpt(
                source.name.clone(),
                source.first_line,
                text,
            ));
        }
    }

    /// The same problem with one more line of help.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

/// The known name nearest to `word`, if one is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 100 {
        return None; // no slip of the finger, and the distance would cost
    }
    let word = word.to_lowercase();
    let far = |name: &str| strsim::damerau_levenshtein(&word, &name.to_lowercase());
    let near = known.into_iter().filter(|name| name.len() <= 100);
    let (distance, name) = near
        .map(|name| (far(name), name))
        .min_by_key(|(distance, _)| *distance)?;
    // A word that was left unfinished is near however much is missing.
    let begun = word.chars().count() >= 3 && name.to_lowercase().starts_with(&word);
    (begun || distance <= (word.chars().count() / 3).max(1)).then_some(name)
}

/// The text cut to the length of a title.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
