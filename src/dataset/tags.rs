//! Tags: words to select and slice by.

use serde_json::Value;

/// The tags in a column: its words if it is called `tags`, else `column=value` for each value.
pub(super) fn of(column: &str, cell: Option<&Value>) -> Vec<String> {
    let is_tags = column == "tags";
    let words = match cell {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(word).collect(),
        Some(Value::String(text)) => words(text, is_tags),
        Some(other) => vec![word(other)],
    };
    let mut tags: Vec<String> = Vec::new();
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        let tag = if is_tags {
            word
        } else {
            format!("{column}={word}")
        };
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// A tag without its column.
pub(super) fn value(tag: &str) -> &str {
    tag.split_once('=').map_or(tag, |(_, value)| value)
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// The words of a text: apart by `,` or `;` (or `spaces`), or a list as JSON or YAML writes it.
fn words(text: &str, spaces: bool) -> Vec<String> {
    let text = text.trim();
    if let Some(list) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        return match serde_json::from_str::<Vec<Value>>(text) {
            Ok(items) => items.iter().map(word).collect(),
            Err(_) => {
                let bare = |word: &str| word.trim().trim_matches(['"', '\'']).to_owned();
                list.split(',').map(bare).collect()
            }
        };
    }
    let apart = |c: char| matches!(c, ',' | ';') || spaces && c.is_whitespace();
    text.split(apart)
        .map(|word| word.trim().to_owned())
        .collect()
}
