//! What one alternative of a derived JSON Schema takes. Only the keywords that schemars derives.

use super::Node;
use serde_json::Value;

/// Whether a schema without alternatives takes values of this kind ("number" includes integers).
pub(super) fn takes(schema: &Value, kind: &str) -> bool {
    let same = |name: &str| name == kind || (kind == "number" && name == "integer");
    match &schema["type"] {
        Value::String(name) => same(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(same),
        _ => match words_of(schema) {
            Some(_) => kind == "string",
            None => schema.as_bool() != Some(false),
        },
    }
}

pub(super) fn words_of(schema: &Value) -> Option<&[Value]> {
    match (&schema["enum"], &schema["const"]) {
        (Value::Array(words), _) => Some(words),
        (_, word @ Value::String(_)) => Some(std::slice::from_ref(word)),
        _ => None,
    }
}

pub(super) fn words(schema: &Value) -> impl Iterator<Item = &str> {
    let words = words_of(schema).unwrap_or_default();
    words.iter().filter_map(Value::as_str)
}

/// The alternative that a map most likely means: most of its keys known, fewest required missing.
pub(super) fn best_map<'a>(node: &Node, branches: &[&'a Value]) -> &'a Value {
    let score = |branch: &&&Value| {
        let known = |key: &str| branch["properties"].get(key).is_some();
        let hits = node.entries().iter().filter(|(key, _)| known(&key.text));
        let required = branch["required"].as_array();
        let missing = |key: &&Value| key.as_str().is_some_and(|key| node.get(key).is_none());
        let missing = required.into_iter().flatten().filter(missing).count();
        2 * hits.count() as isize - missing as isize
    };
    let first_best = branches.iter().rev().max_by_key(score);
    first_best.expect("asked with at least one alternative")
}

/// Whether a map has at least one key that this alternative knows.
pub(super) fn fits(node: &Node, branch: &Value) -> bool {
    let known = |key: &str| branch["properties"].get(key).is_some();
    branch["additionalProperties"] != false
        || node.entries().iter().any(|(key, _)| known(&key.text))
}

pub(super) fn matches(schema: &Value, text: &str) -> bool {
    let Some(pattern) = schema["pattern"].as_str() else {
        return schema["minLength"].as_u64().unwrap_or(0) <= text.chars().count() as u64;
    };
    regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

/// Whether its numbers are whole ones.
pub(super) fn whole_numbers(schema: &Value) -> bool {
    match &schema["type"] {
        Value::Array(names) => names.iter().any(|name| name == "integer"),
        name => name == "integer",
    }
}

/// Why a number is not one that it takes.
pub(super) fn out_of_range(schema: &Value, number: &serde_json::Number) -> Option<String> {
    let value = number.as_f64()?;
    if whole_numbers(schema) && value.fract() != 0.0 {
        return Some("is not a whole number".to_owned());
    }
    let below = |key: &str| schema[key].as_f64();
    if let Some(least) = below("minimum").filter(|least| value < *least) {
        return Some(format!("is less than {least}"));
    }
    if let Some(least) = below("exclusiveMinimum").filter(|least| value <= *least) {
        return Some(format!("is not more than {least}"));
    }
    let most = below("maximum").filter(|most| value > *most)?;
    Some(format!("is more than {most}"))
}

/// What the alternatives take, in words.
pub(super) fn wanted(branches: &[&Value]) -> String {
    let kinds = [
        ("string", "text"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("array", "a list"),
        ("object", "a map"),
    ];
    let taken = kinds.iter().filter(|(kind, _)| {
        let takes = |branch: &&Value| takes(branch, kind);
        branches.iter().any(takes)
    });
    let names: Vec<&str> = taken.map(|(_, name)| *name).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

pub(super) fn about(schema: &Value) -> Option<String> {
    let text = schema["description"].as_str()?;
    let paragraph = text.split("\n\n").next()?;
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    Some(words.join(" ").trim_end_matches('.').to_owned())
}

pub(super) fn example(schema: &Value) -> Option<String> {
    let examples = schema["examples"].as_array()?;
    let examples: Vec<&str> = examples.iter().filter_map(Value::as_str).collect();
    Some(format!("write it like {}", listed(&examples)))
}

/// Words in back quotes, with commas between.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
