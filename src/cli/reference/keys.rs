//! The page of the suite's keys and that of the documents for programs, from their JSON Schemas.

use super::{cell, sentence};
use crate::cli::outputs::OUTPUTS;
use crate::cli::schema::whole;
use serde_json::{Map, Value, json};

/// Every key of `bakeoff.yaml` and of prompt files, by the map it stands in.
pub fn page() -> String {
    let schema = whole();
    let mut page = String::from(
        "# The suite's keys\n\nMade from the program's schema (`bakeoff schema`, which editors read). A key that is not \
         listed is an error. TOML is accepted wherever YAML is.\n\n## bakeoff.yaml\n\n",
    );
    page += &table(&schema);
    page + &defined(&schema)
}

/// Every document for programs, field by field.
pub fn outputs() -> String {
    let mut page = String::from(
        "# Documents for programs\n\nMade from the program's schemas (`bakeoff schema NAME`). A document names its version: \
         `\"schema\": \"bakeoff.summary/1\"`. Fields may be added within a version, so ignore what you do not know; a field that goes or \
         means something else makes a new version. Shares are from 0 to 1, costs in USD, times in milliseconds; null is \
         unknown, never 0.\n",
    );
    let mut parts = Map::new();
    for output in OUTPUTS {
        let schema = output.schema();
        page += &format!(
            "\n## bakeoff.{}/{}\n\nFrom {}.\n\n",
            output.name, output.version, output.about
        );
        page += &match schema["properties"].is_object() {
            true => table(&schema),
            false => format!("It is a {}.\n", takes(&schema)),
        };
        let defs = schema["$defs"].as_object().cloned();
        parts.extend(defs.unwrap_or_default());
    }
    page + &defined(&json!({"$defs": parts}))
}

/// The maps and words that a schema defines, a section each.
fn defined(schema: &Value) -> String {
    let mut page = String::new();
    let empty = Map::new();
    let defined = schema["$defs"].as_object().unwrap_or(&empty);
    for (name, what) in defined {
        page += &format!("\n## {name}\n\n{}\n", sentence(&about(what)));
        let more = match what.get("properties") {
            Some(_) => table(what),
            None => choices(what),
        };
        if !more.is_empty() {
            page += &format!("\n{more}");
        }
    }
    page
}

fn about(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    cell(text)
}

/// The keys of a map.
fn table(schema: &Value) -> String {
    let empty = Map::new();
    let keys = schema["properties"].as_object().unwrap_or(&empty);
    let needed = schema["required"].as_array();
    let mut rows = String::from("| key | takes | meaning |\n|---|---|---|\n");
    for (key, value) in keys {
        let must = needed.is_some_and(|all| all.iter().any(|one| one == key));
        let mut meaning = about(value);
        if must {
            meaning += " Required.";
        }
        match &value["default"] {
            Value::Null => (),
            Value::String(text) if text.is_empty() => (),
            Value::Object(map) if map.is_empty() => (),
            Value::Array(list) if list.is_empty() => (),
            default => meaning += &format!(" Default: `{default}`."),
        }
        let takes = match key.as_str() {
            "scorers" => "list of [scorers](../scorers.md)".to_owned(),
            _ => takes(value),
        };
        rows += &format!("| `{key}` | {takes} | {} |\n", meaning.trim());
    }
    rows
}

/// What a value may be, in words, with links to the maps on this page.
fn takes(schema: &Value) -> String {
    if let Some(path) = schema["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap_or(path);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for many in ["anyOf", "oneOf"] {
        if let Some(all) = schema[many].as_array() {
            let mut words: Vec<String> = all.iter().map(takes).collect();
            words.retain(|word| word != "null");
            words.dedup();
            return words.join(" or ");
        }
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(code).collect();
        return words.join(" or ");
    }
    if schema["type"] == "null" {
        return "null".to_owned();
    }
    let kinds = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kinds = kinds.into_iter().filter(|kind| *kind != "null");
    let words: Vec<String> = kinds.map(|kind| word(kind, schema)).collect();
    match words.is_empty() {
        true => "anything".to_owned(),
        false => words.join(" or "),
    }
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

fn word(kind: &str, schema: &Value) -> String {
    match kind {
        "array" if schema["items"].is_object() => format!("list of {}", takes(&schema["items"])),
        "array" => "list".to_owned(),
        "object" if schema["additionalProperties"].is_object() => {
            format!("map to {}", takes(&schema["additionalProperties"]))
        }
        "object" => "map".to_owned(),
        "string" => match schema["examples"].as_array() {
            Some(examples) => {
                let shown = examples.iter().filter_map(Value::as_str).map(code);
                format!("text such as {}", shown.collect::<Vec<_>>().join(", "))
            }
            None => "text".to_owned(),
        },
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    }
}

/// The forms of what is no map.
fn choices(schema: &Value) -> String {
    let all = ["anyOf", "oneOf", "enum"].iter();
    let all = all.filter_map(|key| schema[*key].as_array()).flatten();
    let lines = all.map(|one| match one {
        Value::String(word) => format!("- `{word}`\n"),
        _ => match one["properties"].as_object() {
            // a map with one key stands for a choice
            Some(keys) if keys.len() == 1 => {
                let (key, value) = keys.iter().next().expect("one key");
                let said = [about(one), about(value)]
                    .into_iter()
                    .find(|it| !it.is_empty());
                let said = said.map(|it| format!(" – {it}")).unwrap_or_default();
                format!("- `{key}:` {}{said}\n", takes(value))
            }
            _ => match about(one).as_str() {
                "" => format!("- {}\n", takes(one)),
                said => format!("- {} – {said}\n", takes(one)),
            },
        },
    });
    lines.collect()
}
