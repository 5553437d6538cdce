//! Messages in neutral JSON, as `call --request` reads them and a dataset's column may hold them.

use super::{Message, Part, Role, ToolCall};
use crate::source::{Problem, did_you_mean};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// What a message may say of itself.
const FIELDS: &[&str] = &[
    "role",
    "content",
    "tool_calls",
    "tool_call_id",
    "name",
    "state",
];

/// Reads a list of messages. `place` names the list in what is said of a mistake.
pub fn read_messages(list: &Value, place: &str) -> Result<Vec<Message>, Problem> {
    let Value::Array(list) = list else {
        return Err(Problem::error(format!("`{place}` must be a list")));
    };
    let turns = list.iter().enumerate();
    turns
        .map(|(n, turn)| message(turn, &format!("{place}[{n}]")))
        .collect()
}

fn message(turn: &Value, place: &str) -> Result<Message, Problem> {
    let fields = fields(turn, &format!("`{place}`"), FIELDS)?;
    let dotted = format!("{place}.");
    let role: Role = read(&fields, "role", &dotted)?
        .ok_or_else(|| Problem::error(format!("`{place}` has no `role`")))?;
    let parts = match fields.get("content") {
        None => Vec::new(),
        Some(Value::String(text)) => vec![Part::Text { text: text.clone() }],
        Some(_) => read(&fields, "content", &dotted)?.unwrap_or_default(),
    };
    Ok(Message {
        role,
        parts,
        tool_calls: read::<Vec<ToolCall>>(&fields, "tool_calls", &dotted)?.unwrap_or_default(),
        tool_call_id: read(&fields, "tool_call_id", &dotted)?,
        name: read(&fields, "name", &dotted)?,
        state: fields.get("state").cloned(),
    })
}

/// The fields of an object, nulls left out; a name that is not known is a problem.
pub fn fields(value: &Value, place: &str, known: &[&str]) -> Result<Map<String, Value>, Problem> {
    let Value::Object(fields) = value else {
        return Err(Problem::error(format!("{place} must be a JSON object")));
    };
    if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        let problem = Problem::error(format!("unknown field `{name}` in {place}"));
        let near = did_you_mean(name, known.iter().copied());
        return Err(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("known are: {}", known.join(", "))),
        });
    }
    let set = fields.iter().filter(|(_, value)| !value.is_null());
    Ok(set
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

/// One of the fields as a `T`; what is wrong names `place` and the field.
pub fn read<T: DeserializeOwned>(
    fields: &Map<String, Value>,
    name: &str,
    place: &str,
) -> Result<Option<T>, Problem> {
    let Some(value) = fields.get(name) else {
        return Ok(None);
    };
    let read = T::deserialize(value).map(Some);
    read.map_err(|problem| Problem::error(format!("`{place}{name}`: {problem}")))
}

/// A message as [`read_messages`] takes it.
pub fn write_message(message: &Message) -> Value {
    let content = match message.parts.as_slice() {
        [] => Value::Null,
        [Part::Text { text }] => json!(text),
        parts => json!(parts),
    };
    let mut turn = json!({"role": message.role, "content": content});
    if !message.tool_calls.is_empty() {
        turn["tool_calls"] = json!(message.tool_calls);
    }
    let named = [
        ("tool_call_id", &message.tool_call_id),
        ("name", &message.name),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            turn[name] = json!(value);
        }
    }
    if let Some(state) = &message.state {
        turn["state"] = state.clone();
    }
    turn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let list = json!([
            {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image", "media_type": "image/png", "data": "AA=="}]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "name": "f", "arguments": {"a": 1}}], "state": {"gemini": {"parts": []}}},
            {"role": "tool", "content": "R", "tool_call_id": "c1", "name": "f"},
        ]);
        let messages = read_messages(&list, "messages").unwrap();
        assert_eq!(messages[1].state, Some(json!({"gemini": {"parts": []}})));
        let written: Vec<Value> = messages.iter().map(write_message).collect();
        assert_eq!(json!(written), list);
    }

    #[test]
    fn mistakes_name_their_place() {
        let problem = |list: Value| read_messages(&list, "history").unwrap_err().title;
        assert_eq!(problem(json!({})), "`history` must be a list");
        assert_eq!(
            problem(json!([{"content": "x"}])),
            "`history[0]` has no `role`"
        );
        assert_eq!(
            problem(json!([{"role": "user", "contents": "x"}])),
            "unknown field `contents` in `history[0]`"
        );
    }
}
