//! A served request as a case of a dataset.

use crate::prompt::neutral::write_message;
use crate::prompt::{Message, Role};
use crate::store::Served;
use serde_json::{Map, Value, json};

/// The case: `id`, `messages` (for a prompt's `from: messages`), `question` (the last words of the user),
/// `reply` with who gave it, `tools` where there were any, and the caller's tags. `None` where nothing was kept.
pub fn case(served: &Served) -> Option<Value> {
    let end = served.end.as_ref()?;
    let content = end.content.as_ref()?;
    let mut case = Map::new();
    let mut put = |name: &str, value: Value| drop(case.insert(name.to_owned(), value));
    put("id", json!(served.id));
    put("at", json!(served.at));
    put("model", json!(served.model));
    put("served_by", json!(end.by));
    let messages = content.messages.iter().map(write_message);
    put("messages", messages.collect());
    let asked = content
        .messages
        .iter()
        .rev()
        .find(|turn| turn.role == Role::User);
    put("question", json!(asked.map(Message::joined_text)));
    put(
        "reply",
        json!(content.reply.as_ref().map(Message::joined_text)),
    );
    if let Some(reply) = content
        .reply
        .as_ref()
        .filter(|turn| !turn.tool_calls.is_empty())
    {
        put("reply_tool_calls", json!(reply.tool_calls));
    }
    if !content.tools.is_empty() {
        put("tools", json!(content.tools));
    }
    for (name, value) in &end.tags {
        put(&format!("tag_{name}"), json!(value));
    }
    Some(Value::Object(case))
}
