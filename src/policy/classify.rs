//! A light model that is asked which label fits a request, before one is asked to answer it.

use super::Request;
use crate::source::Problem;
use crate::template::Template;
use serde_json::{Map, Value};

/// The variable of a classifier's prompt that holds the rendered user text.
pub(super) const REQUEST: &str = "request";

/// The classifier of a route.
#[derive(Debug, Clone)]
pub struct Classifier {
    /// Its hop.
    pub hop: usize,
    /// What it is asked.
    pub(super) template: Template,
    /// Label and the hop that it leads to.
    pub(super) labels: Vec<(String, usize)>,
}

impl Classifier {
    /// What it is asked about a request.
    pub fn prompt(&self, request: &Request<'_>) -> Result<String, Problem> {
        let mut vars: Map<String, Value> = request.vars.cloned().unwrap_or_default();
        vars.insert(REQUEST.to_owned(), Value::String(request.text.to_owned()));
        self.template.render(&vars)
    }

    /// The template's text.
    pub fn text(&self) -> &str {
        self.template.text()
    }

    /// Its labels, each with the hop that it leads to.
    pub fn labels(&self) -> &[(String, usize)] {
        &self.labels
    }

    /// The label that a reply names: it is one, or holds exactly one as a word; case does not count.
    pub fn label(&self, said: &str) -> Option<&(String, usize)> {
        let bare = said.trim_matches(|c: char| !c.is_alphanumeric());
        let same = |label: &str| bare.to_lowercase() == label.to_lowercase();
        if let Some(found) = self.labels.iter().find(|(label, _)| same(label)) {
            return Some(found);
        }
        let mut named = self.labels.iter().filter(|(label, _)| holds(said, label));
        let first = named.next()?;
        named.next().is_none().then_some(first)
    }
}

/// Whether a text holds a word, in any case, with no letter or digit beside it.
fn holds(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let beside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(&word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !beside(before) && !beside(after)
    })
}
