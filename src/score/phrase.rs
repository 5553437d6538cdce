//! A text in a scorer's parameters: a template over the case's columns, or fixed where it has none.

use super::{Build, Unscored};
use crate::dataset::Case;
use crate::source::{Block, Problem};
use crate::template::Template;
use serde_json::Value;
use std::borrow::Cow;

/// A text that may depend on the case.
#[derive(Debug)]
pub(super) enum Phrase {
    /// The same for every case.
    Fixed(String),
    /// Made from the case's columns.
    Template(Template),
}

impl Phrase {
    /// A text that is the same for every case.
    pub(super) fn fixed(text: impl Into<String>) -> Self {
        Phrase::Fixed(text.into())
    }

    /// The text or number of a block, its columns checked against the dataset's.
    pub(super) fn of(block: &Block<'_>, build: &Build<'_>) -> Result<Self, Vec<Problem>> {
        if block.text().is_none() {
            return block.read::<String>().map(Phrase::Fixed);
        }
        let template = Template::of_block(block).map_err(|problem| vec![problem])?;
        let unknown = template.check(build.columns.iter().map(String::as_str));
        match unknown.is_empty() {
            true => Ok(Phrase::Template(template)),
            false => Err(unknown),
        }
    }

    /// A text to look for, which may not be empty.
    pub(super) fn needle(block: &Block<'_>, build: &Build<'_>) -> Result<Self, Vec<Problem>> {
        let phrase = Phrase::of(block, build)?;
        match phrase.written().is_empty() {
            true => Err(vec![block.problem("an empty text is in every reply", "")]),
            false => Ok(phrase),
        }
    }

    /// The text as it was written.
    pub(super) fn written(&self) -> &str {
        match self {
            Phrase::Fixed(text) => text,
            Phrase::Template(template) => template.text(),
        }
    }

    /// The text for this case.
    pub(super) fn render(&self, case: &Case) -> Result<Cow<'_, str>, Unscored> {
        match self {
            Phrase::Fixed(text) => Ok(Cow::Borrowed(text)),
            Phrase::Template(template) => {
                let text = template.render(&case.vars);
                text.map(Cow::Owned)
                    .map_err(|problem| Unscored(super::quote::tell(&problem.title)))
            }
        }
    }

    /// The value for this case: of a lone `{{column}}` the column's, list or number as it is.
    pub(super) fn value(&self, case: &Case) -> Result<Value, Unscored> {
        if let Phrase::Template(template) = self
            && let [name] = template.names()
            && template.text().trim() == format!("{{{{{}}}}}", name.name)
            && let Some(value) = case.vars.get(&name.name)
        {
            return Ok(value.clone());
        }
        Ok(Value::String(self.render(case)?.into_owned()))
    }
}
