//! JSON (RFC 8259) to a located tree. serde_json says what a text or a number is; this says where.

use super::{Key, Kind, Node, Problem, Source, Span};
use std::sync::Arc;

/// Deepest nesting, the same as in YAML.
const MAX_DEPTH: usize = 64;

/// The tree of a JSON file.
pub(super) fn parse(source: &Arc<Source>) -> Result<Node, Problem> {
    let text = source.text.as_str();
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, at };
    reader
        .document()
        .map_err(|wrong| Problem::error(wrong.title).at(source, wrong.span, wrong.label))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

struct Wrong {
    title: String,
    label: &'static str,
    span: Span,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Wrong> {
        let node = self.value(0)?;
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.wrong("more than one JSON value", "nothing may follow here")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Wrong> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("nested more than 64 deep", ""));
        }
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.wrong("the JSON ends too early", "a value is missing here")),
        };
        let span = start..self.at;
        Ok(Node { span, value })
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Wrong> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.at += 1;
        if self.take(b'}') {
            return Ok(Kind::Map(entries));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("invalid JSON", "a key in double quotes is missing here"));
            }
            let start = self.at;
            let text = self.string()?;
            let span = start..self.at;
            if !seen.insert(text.clone()) {
                let title = format!("duplicate key `{text}`");
                let label = "";
                return Err(Wrong { title, label, span });
            }
            if !self.take(b':') {
                return Err(self.wrong("invalid JSON", "a `:` is missing here"));
            }
            entries.push((Key { text, span }, self.value(depth + 1)?));
            if self.take(b'}') {
                return Ok(Kind::Map(entries));
            }
            if !self.take(b',') {
                return Err(self.wrong("invalid JSON", "a `,` or `}` is missing here"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Wrong> {
        let mut items = Vec::new();
        self.at += 1;
        if self.take(b']') {
            return Ok(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Kind::List(items));
            }
            if !self.take(b',') {
                return Err(self.wrong("invalid JSON", "a `,` or `]` is missing here"));
            }
        }
    }

    fn string(&mut self) -> Result<String, Wrong> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(b'\n') | None => {
                    return Err(self.wrong("a text without its closing quote", "it starts here"));
                }
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let text = &self.text[start..self.at];
        serde_json::from_str(text).map_err(|error| Wrong {
            title: said(&error),
            label: "",
            span: start..self.at,
        })
    }

    fn word(&mut self) -> Result<Kind, Wrong> {
        let rest = &self.text[self.at..];
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}' | ':' | '"');
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => match serde_json::from_str(word) {
                Ok(value) => Kind::Number {
                    value,
                    written: word.into(),
                },
                Err(_) => {
                    let span = self.at..self.at + word.len().max(1);
                    let title = "invalid JSON".to_owned();
                    let label = "this is no JSON value";
                    return Err(Wrong { title, label, span });
                }
            },
        };
        self.at += word.len();
        Ok(kind)
    }

    /// Skips white space; the next byte, if there is one.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += rest.iter().take_while(|byte| space(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn wrong(&self, title: &str, label: &'static str) -> Wrong {
        let span = self.at..self.at + 1;
        let title = title.to_owned();
        Wrong { title, label, span }
    }
}

/// serde_json's words, without the place it gives: that is in the string, not in the file.
pub(crate) fn said(error: &serde_json::Error) -> String {
    let said = error.to_string();
    match said.rfind(" at line ") {
        Some(at) => said[..at].to_owned(),
        None => said,
    }
}

#[cfg(test)]
mod tests;
