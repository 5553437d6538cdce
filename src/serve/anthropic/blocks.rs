//! The content blocks of one turn: text, pictures, tool calls, their results, thinking.
//!
//! Thinking is signed by who thought it, and goes back as it was. What another provider wants back
//! travels as the signature of a thinking block of our own ([`sealed`]), so that callers keep it.

use super::STATE;
use crate::prompt::{Message, Part, Role, ToolCall};
use crate::serve::fields::{Fields, wrong};
use crate::serve::trouble::Trouble;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// How a signature of our own begins.
const SEAL: &str = "bakeoff.";

/// What one message holds.
pub(super) struct Turn {
    /// The results of tools, a message each.
    pub results: Vec<Message>,
    /// What is said beside them.
    pub said: Option<Message>,
}

/// Reads the blocks of a message; `before` are the messages so far, which name the tools.
pub(super) fn turn(
    role: Role,
    at: &str,
    blocks: &[Value],
    before: &[Message],
    ignored: &mut Vec<String>,
) -> Result<Turn, Trouble> {
    let mut said = Message {
        parts: Vec::new(),
        ..Message::text(role, "")
    };
    let (mut results, mut kept) = (Vec::new(), false);
    for (index, block) in blocks.iter().enumerate() {
        let mut fields = Fields::of(block, format!("{at}[{index}]"))?;
        let kind = fields.needed("type")?;
        match (kind, role) {
            ("text", _) => {
                let text = fields.needed("text")?.to_owned();
                fields.only("citations", &json!([]))?;
                said.parts.push(Part::Text { text });
            }
            ("image", Role::User) => said.parts.push(image(&mut fields)?),
            ("tool_use", Role::Assistant) => said.tool_calls.push(ToolCall {
                id: fields.needed("id")?.to_owned(),
                name: fields.needed("name")?.to_owned(),
                arguments: fields.take("input").cloned().unwrap_or_else(|| json!({})),
            }),
            ("tool_result", Role::User) => results.push(result(&mut fields, before, ignored)?),
            ("thinking", Role::Assistant) => {
                fields.text("thinking")?;
                match fields.text("signature")?.unwrap_or_default() {
                    // nobody signed it, so nobody can be given it back
                    "" => ignored.push("thinking".to_owned()),
                    signature => match opened(signature) {
                        Some(state) => said.state = Some(state),
                        None => kept = true,
                    },
                }
            }
            // Only who made them can read them.
            ("redacted_thinking" | "server_tool_use", Role::Assistant) => {
                kept = true;
                continue;
            }
            (other, Role::Assistant) if other.ends_with("_tool_result") => {
                kept = true;
                continue;
            }
            (other, _) => {
                let why = format!("cannot be {other:?} here: it cannot be carried to every model");
                return Err(wrong(&fields.name("type"), &why));
            }
        }
        fields.harmless(&["cache_control"], ignored);
        fields.done()?;
    }
    if kept && said.state.is_none() {
        said.state = Some(json!({STATE: {"content": blocks}}));
    }
    let empty = said.parts.is_empty() && said.tool_calls.is_empty() && said.state.is_none();
    let said = (!empty || results.is_empty()).then_some(said);
    Ok(Turn { results, said })
}

fn image(fields: &mut Fields<'_>) -> Result<Part, Trouble> {
    let at = fields.name("source");
    let mut source = Fields::of(fields.take("source").unwrap_or(&Value::Null), at)?;
    let part = match source.needed("type")? {
        "base64" => Part::Image {
            media_type: Some(source.needed("media_type")?.to_owned()),
            data: Some(source.needed("data")?.to_owned()),
            url: None,
        },
        "url" => Part::Image {
            media_type: None,
            data: None,
            url: Some(source.needed("url")?.to_owned()),
        },
        other => {
            let why = format!("cannot be {other:?}: only base64 and url can be carried");
            return Err(wrong(&source.name("type"), &why));
        }
    };
    source.done()?;
    Ok(part)
}

fn result(
    fields: &mut Fields<'_>,
    before: &[Message],
    ignored: &mut Vec<String>,
) -> Result<Message, Trouble> {
    let id = fields.needed("tool_use_id")?;
    let name = fields.name("content");
    // said by the content as well
    fields.harmless(&["is_error"], ignored);
    let parts = match fields.take("content") {
        None => vec![Part::Text {
            text: String::new(),
        }],
        Some(Value::String(text)) => vec![Part::Text { text: text.clone() }],
        Some(Value::Array(blocks)) => {
            let read = turn(Role::User, &name, blocks, &[], ignored)?;
            if !read.results.is_empty() {
                return Err(wrong(&name, "cannot hold a tool result itself"));
            }
            read.said.map(|said| said.parts).unwrap_or_default()
        }
        Some(_) => return Err(wrong(&name, "must be a text or a list of blocks")),
    };
    let mut calls = before.iter().rev().flat_map(|turn| &turn.tool_calls);
    Ok(Message {
        parts,
        tool_call_id: Some(id.to_owned()),
        name: calls
            .find(|call| call.id == id)
            .map(|call| call.name.clone()),
        ..Message::text(Role::Tool, "")
    })
}

/// A thinking block that carries what a provider wants back.
pub(super) fn sealed(state: &Value) -> Value {
    let signature = BASE64_URL_SAFE_NO_PAD.encode(state.to_string());
    json!({"type": "thinking", "thinking": "", "signature": format!("{SEAL}{signature}")})
}

/// What a signature of our own carries.
fn opened(signature: &str) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(signature.strip_prefix(SEAL)?)
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}
