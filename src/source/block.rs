//! A part of a document that is read on its own: one scorer, one model.

use super::{Document, Kind, Node, Problem, check};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A node of a document, with its address, so that what is wrong in it can be pointed at.
#[derive(Debug, Clone)]
pub struct Block<'a> {
    doc: &'a Document,
    pointer: String,
    node: &'a Node,
}

impl<'a> Block<'a> {
    pub(super) fn new(doc: &'a Document, pointer: String, node: &'a Node) -> Self {
        Block { doc, pointer, node }
    }

    /// The document it is part of.
    pub fn doc(&self) -> &'a Document {
        self.doc
    }

    /// Its JSON pointer in the document; empty for the whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The node itself.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&'a str> {
        self.node.text()
    }

    /// The value without its places.
    pub fn value(&self) -> Value {
        self.node.to_value()
    }

    /// Reads it as a `T`, or says all that keeps it from being one.
    pub fn read<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, Vec<Problem>> {
        check::read(self)
    }

    /// The value under a key, or at an index of a list.
    pub fn child(&self, step: &str) -> Option<Block<'a>> {
        Some(self.down(step, self.node.get(step)?))
    }

    /// Every entry of a map with its key, or every item of a list with its index.
    pub fn children(&self) -> Vec<(String, Block<'a>)> {
        match &self.node.value {
            Kind::Map(entries) => {
                let below = |(key, node): &'a (super::Key, Node)| {
                    (key.text.clone(), self.down(&key.text, node))
                };
                entries.iter().map(below).collect()
            }
            Kind::List(items) => {
                let below = |(index, node): (usize, &'a Node)| {
                    let step = index.to_string();
                    let block = self.down(&step, node);
                    (step, block)
                };
                items.iter().enumerate().map(below).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A problem with this part as a whole.
    pub fn problem(&self, title: impl Into<String>, label: impl Into<String>) -> Problem {
        Problem::error(title).at(&self.doc.source, self.node.head(), label)
    }

    /// A problem with one of its keys (the key itself is marked, not its value).
    pub fn key_problem(
        &self,
        key: &str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Problem {
        let entry = self.node.entries().iter().find(|(k, _)| k.text == key);
        let span = entry.map_or_else(|| self.node.head(), |(key, _)| key.span.clone());
        Problem::error(title).at(&self.doc.source, span, label)
    }

    fn down(&self, step: &str, node: &'a Node) -> Block<'a> {
        let step = step.replace('~', "~0").replace('/', "~1");
        Block::new(self.doc, format!("{}/{step}", self.pointer), node)
    }
}
