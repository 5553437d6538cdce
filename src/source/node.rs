//! A located tree: what a YAML, TOML or JSON file says, and where in the file it says it.
//!
//! Knows no schema; `check` reads typed values out of a tree.

use super::{Problem, Source, Span, block::Block, json, tables, yaml};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its bytes in the source.
    pub span: Span,
    /// What it is.
    pub value: Kind,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing: `null`, `~`, or no value after a key.
    Null,
    /// `true` or `false`; never `yes` or `off`, which are text.
    Bool(bool),
    /// A number.
    Number {
        /// Its value.
        value: serde_json::Number,
        /// As it stands in the file; what it is when read as text.
        written: Box<str>,
    },
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the file's order, every key once.
    Map(Vec<(Key, Node)>),
}

/// A map's key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Its bytes in the source.
    pub span: Span,
}

impl Kind {
    /// What to call it in a message: "a number", "text", "nothing".
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number { .. } => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

impl Node {
    /// The value under a map's key, or at a list's index.
    pub fn get(&self, step: &str) -> Option<&Node> {
        match &self.value {
            Kind::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.text == step)
                .map(|(_, node)| node),
            Kind::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The same tree without the entries and items that stand at one of these places.
    pub fn without(&self, places: &[Span]) -> Node {
        let struck = |node: &Node| places.contains(&node.span) || places.contains(&node.head());
        let value = match &self.value {
            Kind::Map(entries) => {
                let kept = entries.iter();
                let kept = kept.filter(|(key, node)| !places.contains(&key.span) && !struck(node));
                Kind::Map(
                    kept.map(|(key, node)| (key.clone(), node.without(places)))
                        .collect(),
                )
            }
            Kind::List(items) => {
                let kept = items.iter().filter(|node| !struck(node));
                Kind::List(kept.map(|node| node.without(places)).collect())
            }
            other => other.clone(),
        };
        Node {
            span: self.span.clone(),
            value,
        }
    }

    /// A map's entries; nothing for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// A list's items; nothing for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same value without its places.
    pub fn to_value(&self) -> Value {
        match &self.value {
            Kind::Null => Value::Null,
            Kind::Bool(yes) => Value::Bool(*yes),
            Kind::Number { value, .. } => Value::Number(value.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Node::to_value).collect(),
            Kind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.to_value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// The same value as data: a number that its text would not survive (`1e3`, `1.50`) stays text.
    pub fn to_cell(&self) -> Value {
        match &self.value {
            Kind::Number { value, written } if value.to_string() != **written => {
                Value::String(written.to_string())
            }
            Kind::List(items) => items.iter().map(Node::to_cell).collect(),
            Kind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.to_cell()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
            _ => self.to_value(),
        }
    }

    /// Where to point when the node as a whole is meant: a map's first key, a list's first item.
    pub fn head(&self) -> Span {
        match &self.value {
            Kind::Map(entries) => entries
                .first()
                .map_or(self.span.clone(), |(key, _)| key.span.clone()),
            Kind::List(items) => items.first().map_or(self.span.clone(), Node::head),
            _ => self.span.clone(),
        }
    }
}

/// A parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file.
    pub source: Arc<Source>,
    /// What it says.
    pub root: Node,
}

impl Document {
    /// Parses by the ending of the source's name: `.toml`, `.json`, else YAML.
    pub fn parse(source: Arc<Source>) -> Result<Document, Problem> {
        let ending = source.name.rsplit('.').next().unwrap_or_default();
        let root = match ending.to_ascii_lowercase().as_str() {
            "toml" => tables::parse(&source),
            "json" => json::parse(&source),
            _ => yaml::parse(&source),
        }?;
        Ok(Document { source, root })
    }

    /// Parses as JSON, whatever the source's name.
    pub fn json(source: Arc<Source>) -> Result<Document, Problem> {
        let root = json::parse(&source)?;
        Ok(Document { source, root })
    }

    /// Parses as YAML, whatever the source's name.
    pub fn yaml(source: Arc<Source>) -> Result<Document, Problem> {
        let root = yaml::parse(&source)?;
        Ok(Document { source, root })
    }

    /// The node at a JSON pointer (RFC 6901), if there is one.
    pub fn node(&self, pointer: &str) -> Option<&Node> {
        steps(pointer).try_fold(&self.root, |node, step| node.get(&step))
    }

    /// Where a JSON pointer leads, or where its nearest ancestor stands (short forms have no more).
    pub fn span(&self, pointer: &str) -> Span {
        let mut node = &self.root;
        for step in steps(pointer) {
            match node.get(&step) {
                Some(child) => node = child,
                None => break,
            }
        }
        node.head()
    }

    /// A problem at a JSON pointer.
    pub fn problem(
        &self,
        pointer: &str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Problem {
        Problem::error(title).at(&self.source, self.span(pointer), label)
    }

    /// The whole document as a [`Block`].
    pub fn top(&self) -> Block<'_> {
        Block::new(self, String::new(), &self.root)
    }

    /// The part of the document at a JSON pointer.
    pub fn block(&self, pointer: &str) -> Option<Block<'_>> {
        let node = self.node(pointer)?;
        Some(Block::new(self, pointer.to_owned(), node))
    }
}

fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests;
