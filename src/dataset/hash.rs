//! Hashes of content, the same however columns and keys are ordered.

use super::Case;
use blake3::Hasher;
use serde_json::{Map, Value};

/// A row's id where it has none: 64 bits of BLAKE3 over columns and cells, in hex.
pub(super) fn row(vars: &Map<String, Value>) -> String {
    let mut text = Vec::with_capacity(256);
    map(vars, &mut text);
    blake3::hash(&text).to_hex()[..16].to_owned()
}

/// 64 bits of BLAKE3 over what is asked and expected, in hex: the same case in two datasets has the same.
pub(super) fn content(case: &Case) -> String {
    let mut text = Vec::with_capacity(256);
    map(&case.vars, &mut text);
    if let Some(target) = &case.target {
        text.push(b'=');
        value(target, &mut text);
    }
    blake3::hash(&text).to_hex()[..16].to_owned()
}

/// 128 bits of BLAKE3 over the ids, contents, targets, groups and tags of cases, in hex.
pub(super) fn cases(cases: &[Case]) -> String {
    let mut hasher = Hasher::new();
    let mut text = Vec::new();
    for case in cases {
        text.clear();
        piece(b'i', case.id.as_bytes(), &mut text);
        map(&case.vars, &mut text);
        if let Some(target) = &case.target {
            text.push(b'=');
            value(target, &mut text);
        }
        if let Some(group) = &case.group {
            piece(b'g', group.as_bytes(), &mut text);
        }
        for tag in &case.tags {
            piece(b'#', tag.as_bytes(), &mut text);
        }
        hasher.update(&text);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Adds a value so that no two different ones read alike.
fn value(of: &Value, text: &mut Vec<u8>) {
    match of {
        Value::Array(items) => {
            text.push(b'[');
            items.iter().for_each(|item| value(item, text));
            text.push(b']');
        }
        Value::Object(entries) => map(entries, text),
        Value::String(of) => piece(b'"', of.as_bytes(), text),
        plain => piece(b'1', plain.to_string().as_bytes(), text),
    }
}

fn map(entries: &Map<String, Value>, text: &mut Vec<u8>) {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    text.push(b'{');
    for (key, of) in sorted {
        piece(b'k', key.as_bytes(), text);
        value(of, text);
    }
    text.push(b'}');
}

/// Kind and length first, so that no text can pretend to be two.
fn piece(kind: u8, of: &[u8], text: &mut Vec<u8>) {
    text.push(kind);
    text.extend_from_slice(&(of.len() as u64).to_le_bytes());
    text.extend_from_slice(of);
}
