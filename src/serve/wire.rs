//! What every caller's dialect does: read a request, say a reply, whole or piece by piece, say an error.

use super::trouble::Trouble;
use crate::provider::{Call, Delta, Reply};
use serde_json::Value;
use std::collections::BTreeMap;

/// A request, in no dialect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The served name that it asks for.
    pub model: String,
    /// What is asked; its model is empty.
    pub call: Call,
    /// The caller wants token counts at the end of a stream.
    pub usage: bool,
    /// The caller's own words about the request (`metadata`), for policies and the log; not sent on.
    pub tags: BTreeMap<String, String>,
    /// Fields that were not sent on, since the answer is the same without them.
    pub ignored: Vec<String>,
}

/// What a reply says of itself before its first word.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Head {
    /// The request's id.
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// The model that answers, as its API spells it.
    pub model: String,
    /// Token counts are wanted at the end of a stream.
    pub usage: bool,
}

/// A caller's dialect. Pure: no I/O, no clock.
pub trait Wire: Send + Sync {
    /// The dialect's name.
    fn name(&self) -> &'static str;
    /// What a request asks; what cannot be carried is refused by name.
    fn read(&self, body: &Value) -> Result<Request, Trouble>;
    /// A whole reply. `note` is what bakeoff has to say of it.
    fn whole(&self, head: &Head, reply: &Reply) -> Value;
    /// A reply in pieces.
    fn stream(&self, head: Head) -> Box<dyn Events>;
    /// An error: its status and its body.
    fn error(&self, trouble: &Trouble, id: &str) -> (u16, Value);
}

/// A streamed reply as server-sent events, written to the end of a text.
pub trait Events: Send {
    /// What came.
    fn deltas(&mut self, deltas: &[Delta], out: &mut String);
    /// The reply is complete; of what was never told piece by piece, all is told now. `note` is what
    /// bakeoff has to say of it.
    fn end(&mut self, reply: &Reply, note: &Value, out: &mut String);
    /// It broke off.
    fn fail(&mut self, trouble: &Trouble, out: &mut String);
}

/// The deltas of a reply that was not told while it came.
pub(super) fn at_once(reply: &Reply) -> Vec<Delta> {
    let mut deltas = Vec::new();
    deltas.extend(reply.reasoning_text.clone().map(Delta::Reasoning));
    if !reply.text.is_empty() {
        deltas.push(Delta::Text(reply.text.clone()));
    }
    deltas.extend(reply.refusal.clone().map(Delta::Refusal));
    for (index, call) in reply.tool_calls.iter().enumerate() {
        deltas.push(Delta::Call {
            index,
            id: call.id.clone(),
            name: call.name.clone(),
        });
        let piece = arguments(&call.arguments);
        deltas.push(Delta::Arguments { index, piece });
    }
    deltas
}

/// A call's arguments as JSON text; what is no JSON stays as the model wrote it.
pub(super) fn arguments(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        object => object.to_string(),
    }
}

/// Arguments that a caller wrote as text.
pub(super) fn parsed(text: &str) -> Value {
    match text.trim().is_empty() {
        true => Value::Object(serde_json::Map::new()),
        false => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}
