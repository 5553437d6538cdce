//! JSON out of a model's text.

use serde_json::Value;

/// How much may stand around the JSON.
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
    format!(
        "no valid JSON: {error} (near {})",
        super::quote::quote(&near)
    )
}

/// The contents of the blocks between lines of three backticks.
fn fenced(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines() {
        match (&mut open, line.trim().starts_with("```")) {
            (Some(block), true) => {
                blocks.push(block.join("\n"));
                open = None;
            }
            (Some(block), false) => block.push(line),
            (None, true) => open = Some(Vec::new()),
            (None, false) => {}
        }
    }
    blocks
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
    fn bombs_end() {
        for bomb in ["[", "{\"a\":", "{\"", "[\"", "{", "```", "[1,"] {
            let text = bomb.repeat((1 << 18) / bomb.len());
            assert!(json(&text, Around::Prose).is_err());
        }
    }
}
