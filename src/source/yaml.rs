//! YAML to a located tree, through serde-saphyr, the only module that knows it.
//!
//! Scalars keep what the file says: `no` and `on` are text, `007` is text, and a number remembers
//! how it was written. Unknown tags, duplicate keys and documents that unfold beyond the budgets
//! (alias bombs, deep nesting) are refused.

use super::{Key, Kind, Node, Problem, Source, Span, on_deep_stack};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};
use std::fmt;
use std::sync::Arc;

/// Largest YAML file, in bytes.
const MAX_BYTES: usize = 8 << 20;
/// Most values in a file, aliases unfolded.
const MAX_NODES: usize = 100_000;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// The tree of a YAML file.
pub(super) fn parse(source: &Arc<Source>) -> Result<Node, Problem> {
    if source.text.len() > MAX_BYTES {
        let title = format!("{} is larger than 8 MiB", source.name);
        return Err(Problem::error(title).help("use JSONL or CSV for large data"));
    }
    // serde-saphyr recurses with frames of up to 40 kB.
    let parsed = on_deep_stack(|| read(source));
    parsed.unwrap_or_else(|said| Err(Problem::error(said).at(source, 0..0, "")))
}

fn read(source: &Arc<Source>) -> Result<Node, Problem> {
    let mut limits = serde_saphyr::options::AliasLimits::default();
    limits.max_total_replayed_events = MAX_NODES;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_depth: MAX_DEPTH,
            max_documents: 1,
        },
        alias_limits: limits,
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let skipped = source.text.len() - text.len();
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(node(raw, source, skipped)),
        Err(error) => Err(problem(&error, source, skipped)),
    }
}

/// A value as serde sees it; its place is in the [`Spanned`] around it.
enum Raw {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        let number = serde_json::Number::from_f64(value);
        Ok(number.map_or_else(|| Raw::Text(value.to_string()), Raw::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn node(raw: Spanned<Raw>, source: &Source, skipped: usize) -> Node {
    let span = span(&raw.referenced, source, skipped);
    let value = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Bool(value) => Kind::Bool(value),
        Raw::Text(text) => Kind::Text(text),
        Raw::Number(value) => {
            let defined = self::span(&raw.defined, source, skipped);
            let written = source.text.get(defined).unwrap_or_default().trim();
            if plain_number(written) {
                let written = written.into();
                Kind::Number { value, written }
            } else {
                Kind::Text(written.to_owned())
            }
        }
        Raw::List(items) => {
            let items = items.into_iter().map(|item| node(item, source, skipped));
            Kind::List(items.collect())
        }
        Raw::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let span = self::span(&key.referenced, source, skipped);
                let text = key.value;
                (Key { text, span }, node(value, source, skipped))
            });
            Kind::Map(entries.collect())
        }
    };
    Node { span, value }
}

/// Whether anyone would read this as a number: `007` (an id) and `1_000` are not.
fn plain_number(written: &str) -> bool {
    let digits = written.trim_start_matches(['+', '-']).as_bytes();
    let padded = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let starts = written.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    starts && !padded && !written.contains(['_', ':', ' '])
}

fn span(location: &Location, source: &Source, skipped: usize) -> Span {
    let span = location.span();
    let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) else {
        return 0..0;
    };
    let size = source.text.len();
    let start = (start as usize + skipped).min(size);
    start..(start + length as usize).min(size)
}

fn problem(error: &Error, source: &Arc<Source>, skipped: usize) -> Problem {
    let (error, title) = match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (error, format!("duplicate key `{key}`"))
        }
        other => (
            other,
            UserMessageFormatter.format_message(other).into_owned(),
        ),
    };
    let help = help(&title);
    let problem = help.into_iter().fold(Problem::error(title), Problem::help);
    match error.location() {
        Some(location) => problem.at(source, place(&location, source, skipped), ""),
        None => problem.at(source, 0..0, ""),
    }
}

/// Where an error is: its bytes, else the character at its line and column.
fn place(location: &Location, source: &Source, skipped: usize) -> Span {
    let found = span(location, source, skipped);
    if found.end > 0 || location.line() == 0 {
        return found;
    }
    let text = &source.text[skipped..];
    let lines = text.split_inclusive('\n');
    let before: usize = lines.take(location.line() as usize - 1).map(str::len).sum();
    let line = text[before..].lines().next().unwrap_or_default();
    let column = (location.column() as usize).saturating_sub(1);
    let (at, width) = match line.char_indices().nth(column) {
        Some((at, c)) => (at, c.len_utf8()),
        None => (line.len(), 0),
    };
    let start = skipped + before + at;
    start..start + width
}

/// What mistake the parser's words usually mean.
fn help(title: &str) -> Option<&'static str> {
    let known = [
        ("tabs disallowed", "indent with blanks: YAML takes no tabs"),
        (
            "did not find expected ',' or",
            "a `{` or `[` before this is not closed, or a `,` is missing",
        ),
        (
            "mapping values are not allowed",
            "a text with `: ` in it goes in quotes; or the indentation is wrong",
        ),
        (
            "block mapping, did not find expected key",
            "a line before this is indented otherwise, or a text is not in quotes",
        ),
        (
            "block collection, did not find expected '-'",
            "items of a list stand under each other, each after `- `",
        ),
        (
            "illegal placement of ':'",
            "a `{` or `[` before this is not closed, or a text with a `:` needs quotes",
        ),
        (
            "multiline quoted scalar",
            "a quote before this is not closed",
        ),
        (
            "expected string scalar",
            "a text that begins with `{` or `[` goes in quotes",
        ),
    ];
    let found = known.iter().find(|(words, _)| title.contains(words));
    found.map(|(_, help)| *help)
}

#[cfg(test)]
mod tests;
