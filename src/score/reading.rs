//! JSON and YAML out of a model's text.

use super::fences::fences;
use super::quote::{quote, tell};
use crate::source::{Document, Source};
use serde_json::Value;
use std::sync::Arc;

/// How much may stand around the JSON or YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// White space.
    Nothing,
    /// One fenced block that holds all of it.
    Fence,
    /// Prose.
    Prose,
}

/// The JSON value in `text`, or why there is none.
pub(super) fn json(text: &str, around: Around) -> Result<Value, String> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let whole = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => no_json(text, &error),
    };
    match around {
        Around::Nothing => Err(whole),
        Around::Fence => match fenced(text).as_slice() {
            [block] if text.starts_with("```") && text.ends_with("```") => {
                serde_json::from_str(block).map_err(|error| no_json(block, &error))
            }
            _ => Err(whole),
        },
        Around::Prose => {
            let blocks = fenced(text);
            let mut inside = blocks
                .iter()
                .filter_map(|block| serde_json::from_str(block).ok());
            match (inside.next(), inside.next()) {
                (Some(value), None) => Ok(value),
                _ => last_in_prose(text).ok_or(whole),
            }
        }
    }
}

fn no_json(text: &str, error: &serde_json::Error) -> String {
    if text.is_empty() {
        return "the reply is empty".into();
    }
    let near: String = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .skip(error.column().saturating_sub(10))
        .take(20)
        .collect();
    format!("no valid JSON: {error} (near {})", quote(&near))
}

/// The contents of the fenced blocks that are closed.
fn fenced(text: &str) -> Vec<String> {
    let blocks = fences(text).into_iter().filter(|block| block.closed);
    blocks.map(|block| block.text).collect()
}

/// The YAML map or list in `text` (any sentence is YAML too, but a mere text), or why there is none.
pub(super) fn yaml(text: &str, around: Around) -> Result<Value, String> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let blocks = match around {
        Around::Nothing => Vec::new(),
        _ => fenced(text),
    };
    let whole = text.starts_with("```") && text.ends_with("```");
    let text = match blocks.as_slice() {
        [block] if whole || around == Around::Prose => block.as_str(),
        _ => text,
    };
    if text.is_empty() {
        return Err("the reply is empty".into());
    }
    let source = Arc::new(Source::new("reply", text));
    let value = Document::yaml(source).map(|document| document.root.to_value());
    match value {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(value),
        Ok(_) => Err(format!("no YAML map or list in {}", quote(text))),
        Err(problem) => Err(format!("no valid YAML: {}", tell(&problem.title))),
    }
}

/// Brackets tried before the search for JSON in prose is given up.
const TRIES: usize = 10_000;

/// The last object that stands in the text, else the last array.
fn last_in_prose(text: &str) -> Option<Value> {
    let (mut object, mut array) = (None, None);
    let (mut at, mut tries) = (0, 0);
    while tries < TRIES
        && let Some(found) = text[at..].find(['{', '['])
    {
        let start = at + found;
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        at = match values.next() {
            Some(Ok(value)) => {
                let slot = if value.is_object() {
                    &mut object
                } else {
                    &mut array
                };
                *slot = Some(value);
                start + values.byte_offset()
            }
            _ => {
                tries += 1;
                start + 1
            }
        };
    }
    object.or(array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_may_stand_around() {
        let fence = "```json\n{\"a\": 1}\n```";
        let prose = format!("Sure! [1] Here it is:\n{fence}\nAnything else?");
        let bare = "I think {\"a\": {\"b\": [2]}} is right [3].";
        assert_eq!(json(" {\"a\": 1}\n", Around::Nothing), Ok(json!({"a": 1})));
        assert!(json(fence, Around::Nothing).is_err());
        assert_eq!(json(fence, Around::Fence), Ok(json!({"a": 1})));
        assert!(json(&prose, Around::Fence).is_err());
        assert!(json(&format!("{fence}\n{fence}"), Around::Fence).is_err());
        assert_eq!(json(&prose, Around::Prose), Ok(json!({"a": 1})));
        assert_eq!(json(bare, Around::Prose), Ok(json!({"a": {"b": [2]}})));
        assert_eq!(
            json("none", Around::Prose).unwrap_err().split(':').next(),
            Some("no valid JSON")
        );
        assert_eq!(json("", Around::Fence), Err("the reply is empty".into()));
    }

    #[test]
    fn yaml_is_a_map_or_a_list() {
        let fence = "```yaml\na: [1, no]\n```";
        assert_eq!(
            yaml("a: 1\nb: x", Around::Nothing),
            Ok(json!({"a": 1, "b": "x"}))
        );
        assert_eq!(yaml(fence, Around::Fence), Ok(json!({"a": [1, "no"]})));
        assert!(yaml(fence, Around::Nothing).is_err());
        let prose = format!("Here you are:\n\n{fence}\nDone.");
        assert!(yaml(&prose, Around::Fence).is_err());
        assert_eq!(yaml(&prose, Around::Prose), Ok(json!({"a": [1, "no"]})));
        assert!(
            yaml("Just a sentence.", Around::Prose)
                .unwrap_err()
                .starts_with("no YAML map")
        );
        let bomb = format!("a: &a [x]\n{}", "b: [*a, *a]\n".repeat(2));
        for bad in [
            "",
            "a: b: c",
            "a: [",
            "!!python/object:os.system x",
            &bomb,
            &"[".repeat(10_000),
        ] {
            assert!(yaml(bad, Around::Fence).is_err(), "{bad}");
        }
    }

    #[test]
    fn bombs_end() {
        for bomb in ["[", "{\"a\":", "{\"", "[\"", "{", "```", "[1,"] {
            let text = bomb.repeat((1 << 18) / bomb.len());
            assert!(json(&text, Around::Prose).is_err());
        }
    }
}
