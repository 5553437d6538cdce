//! TOML to a located tree.

use super::{Key, Kind, Node, Problem, Source, Span, on_deep_stack};
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Deepest nesting, the same as in YAML.
const MAX_DEPTH: usize = 64;

/// The tree of a TOML file.
pub(super) fn parse(source: &Arc<Source>) -> Result<Node, Problem> {
    // toml limits how deep tables nest and how long a dotted key is, but not their product.
    let parsed = on_deep_stack(|| read(source));
    parsed.unwrap_or_else(|said| Err(Problem::error(said).at(source, 0..0, "")))
}

fn read(source: &Arc<Source>) -> Result<Node, Problem> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let skipped = source.text.len() - text.len();
    let table = DeTable::parse(text).map_err(|error| {
        let span = shift(error.span().unwrap_or_default(), skipped);
        Problem::error(error.message()).at(source, span, "")
    })?;
    let span = shift(table.span(), skipped);
    let value = entries(table.into_inner(), skipped, 0);
    let value =
        value.map_err(|span| Problem::error("nested more than 64 deep").at(source, span, ""))?;
    Ok(Node { span, value })
}

/// A table's entries; an error is the place that is nested too deep.
fn entries(table: DeTable<'_>, skipped: usize, depth: usize) -> Result<Kind, Span> {
    let entries = table.into_iter().map(|(key, value)| {
        let span = shift(key.span(), skipped);
        if depth > MAX_DEPTH {
            return Err(span);
        }
        let text = key.into_inner().into_owned();
        Ok((Key { text, span }, node(value, skipped, depth + 1)?))
    });
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    entries.sort_by_key(|(key, _)| key.span.start);
    Ok(Kind::Map(entries))
}

fn node(value: Spanned<DeValue<'_>>, skipped: usize, depth: usize) -> Result<Node, Span> {
    let span = shift(value.span(), skipped);
    let value = match value.into_inner() {
        DeValue::String(text) => Kind::Text(text.into_owned()),
        DeValue::Integer(integer) => {
            let value = i64::from_str_radix(integer.as_str(), integer.radix());
            let value = value.ok().map(serde_json::Number::from);
            number(value, integer.to_string())
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse().ok();
            number(
                value.and_then(serde_json::Number::from_f64),
                float.to_string(),
            )
        }
        DeValue::Boolean(value) => Kind::Bool(value),
        DeValue::Datetime(time) => Kind::Text(time.to_string()),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| node(item, skipped, depth + 1));
            Kind::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => entries(table, skipped, depth)?,
    };
    Ok(Node { span, value })
}

/// A number, or the text of one that JSON has no place for (`inf`, beyond 64 bits).
fn number(value: Option<serde_json::Number>, written: String) -> Kind {
    match value {
        Some(value) => Kind::Number {
            value,
            written: written.into(),
        },
        None => Kind::Text(written),
    }
}

fn shift(span: Span, by: usize) -> Span {
    span.start + by..span.end + by
}

#[cfg(test)]
mod tests;
