//! A neutral reply → a message, whole or in events.

use super::STATE;
use super::blocks::sealed;
use crate::provider::{Delta, Finish, Reply, Usage};
use crate::serve::trouble::Trouble;
use crate::serve::wire::{Events, Head, Wire, at_once};
use serde_json::{Value, json};

/// A whole reply.
pub(super) fn whole(head: &Head, reply: &Reply) -> Value {
    let model = reply.served_model.as_deref().unwrap_or(&head.model);
    json!({"id": id(head), "type": "message", "role": "assistant", "model": model,
        "content": content(reply), "stop_reason": stop(reply), "stop_sequence": null,
        "usage": usage(&reply.usage)})
}

fn id(head: &Head) -> String {
    format!("msg_{}", head.id)
}

/// The blocks of a reply: as they came where they came as such.
fn content(reply: &Reply) -> Vec<Value> {
    let own = reply
        .state
        .as_ref()
        .and_then(|state| state[STATE]["content"].as_array());
    if let Some(blocks) = own {
        return blocks.clone();
    }
    let mut blocks = Vec::new();
    match (&reply.state, &reply.reasoning_text) {
        (Some(state), thought) => {
            let mut block = sealed(state);
            block["thinking"] = json!(thought.as_deref().unwrap_or_default());
            blocks.push(block);
        }
        (None, Some(thought)) => {
            blocks.push(json!({"type": "thinking", "thinking": thought, "signature": ""}));
        }
        (None, None) => {}
    }
    let refusal = reply.refusal.as_ref().filter(|_| reply.text.is_empty());
    let text = refusal.unwrap_or(&reply.text);
    if !text.is_empty() {
        blocks.push(json!({"type": "text", "text": text}));
    }
    for call in &reply.tool_calls {
        blocks.push(
            json!({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}),
        );
    }
    blocks
}

/// Why it stopped, in Anthropic's words.
fn stop(reply: &Reply) -> &'static str {
    match (reply.finish, reply.finish_raw.as_deref()) {
        (Some(Finish::Length), Some("model_context_window_exceeded")) => {
            "model_context_window_exceeded"
        }
        (Some(Finish::Length), _) => "max_tokens",
        (Some(Finish::ToolCalls), _) => "tool_use",
        (Some(Finish::ContentFilter), _) => "refusal",
        (Some(Finish::Pause), _) => "pause_turn",
        _ if reply.refusal.is_some() => "refusal",
        _ if !reply.tool_calls.is_empty() => "tool_use",
        (_, Some("stop_sequence")) => "stop_sequence",
        _ => "end_turn",
    }
}

/// The counts that were stated, cache reads and writes apart from the input as this API has them.
fn usage(usage: &Usage) -> Value {
    let (read, written) = (usage.cached_input, usage.cache_write);
    let input = usage.input.map(|input| {
        let apart = read.unwrap_or(0) + written.unwrap_or(0);
        input.saturating_sub(apart)
    });
    json!({"input_tokens": input, "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read, "output_tokens": usage.output})
}

/// A reply in events.
pub(super) struct Blocks {
    head: Head,
    begun: bool,
    told: bool,
    /// The block that grows now.
    open: Option<Open>,
    /// Blocks so far.
    count: usize,
    /// The block of each tool call; those that are not closed yet keep their arguments here.
    calls: Vec<Call>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
}

struct Call {
    block: usize,
    /// As far as it came, to know whether more may come.
    arguments: String,
    closed: bool,
}

impl Blocks {
    /// Nothing said yet.
    pub fn new(head: Head) -> Blocks {
        Blocks {
            head,
            begun: false,
            told: false,
            open: None,
            count: 0,
            calls: Vec::new(),
        }
    }

    fn begin(&mut self, out: &mut String) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        // Counts come at the end; clients want numbers here.
        let message = json!({"id": id(&self.head), "type": "message", "role": "assistant",
            "model": self.head.model, "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": 0, "output_tokens": 0}});
        event(
            "message_start",
            &json!({"type": "message_start", "message": message}),
            out,
        );
    }

    fn start(&mut self, block: &Value, out: &mut String) {
        let body =
            json!({"type": "content_block_start", "index": self.count, "content_block": block});
        event("content_block_start", &body, out);
        self.count += 1;
    }

    /// The text or thinking block that grows now, begun if another one did.
    fn grow(&mut self, kind: Open, out: &mut String) -> usize {
        if self.open != Some(kind) {
            self.close(false, out);
            let block = match kind {
                Open::Text => json!({"type": "text", "text": ""}),
                Open::Thinking => json!({"type": "thinking", "thinking": "", "signature": ""}),
            };
            self.start(&block, out);
            self.open = Some(kind);
        }
        self.count - 1
    }

    /// Closes what is open. A call may go on while others are made; it is closed once it is whole.
    fn close(&mut self, all: bool, out: &mut String) {
        if self.open.take().is_some() {
            stop_block(self.count - 1, out);
        }
        for call in self.calls.iter_mut().filter(|call| !call.closed) {
            let whole = || serde_json::from_str::<Value>(&call.arguments).is_ok();
            if all || whole() {
                call.closed = true;
                stop_block(call.block, out);
            }
        }
    }

    fn delta(&mut self, delta: &Delta, out: &mut String) {
        let (index, delta) = match delta {
            Delta::Text(text) | Delta::Refusal(text) => {
                let index = self.grow(Open::Text, out);
                (index, json!({"type": "text_delta", "text": text}))
            }
            Delta::Reasoning(text) => {
                let index = self.grow(Open::Thinking, out);
                (index, json!({"type": "thinking_delta", "thinking": text}))
            }
            Delta::Signature(text) => {
                let index = self.grow(Open::Thinking, out);
                (index, json!({"type": "signature_delta", "signature": text}))
            }
            Delta::Call { id, name, .. } => {
                self.close(false, out);
                self.calls.push(Call {
                    block: self.count,
                    arguments: String::new(),
                    closed: false,
                });
                let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
                return self.start(&block, out);
            }
            Delta::Arguments { index, piece } => {
                let Some(call) = self.calls.get_mut(*index) else {
                    return;
                };
                call.arguments.push_str(piece);
                (
                    call.block,
                    json!({"type": "input_json_delta", "partial_json": piece}),
                )
            }
        };
        let body = json!({"type": "content_block_delta", "index": index, "delta": delta});
        event("content_block_delta", &body, out);
    }

    /// What the provider wants back, where it is more than what was told.
    fn state(&mut self, reply: &Reply, out: &mut String) {
        let Some(state) = &reply.state else { return };
        let told = |block: &Value| {
            matches!(
                block["type"].as_str(),
                Some("text" | "tool_use" | "thinking")
            )
        };
        let own = state[STATE]["content"].as_array();
        if own.is_some_and(|blocks| blocks.iter().all(told)) {
            return;
        }
        let mut block = sealed(state);
        let signature = block["signature"].take();
        block["signature"] = json!("");
        self.start(&block, out);
        let index = self.count - 1;
        let delta = json!({"type": "signature_delta", "signature": signature});
        let body = json!({"type": "content_block_delta", "index": index, "delta": delta});
        event("content_block_delta", &body, out);
        stop_block(index, out);
    }
}

impl Events for Blocks {
    fn deltas(&mut self, deltas: &[Delta], out: &mut String) {
        self.begin(out);
        self.told |= !deltas.is_empty();
        for delta in deltas {
            self.delta(delta, out);
        }
    }

    fn end(&mut self, reply: &Reply, note: &Value, out: &mut String) {
        self.begin(out);
        if !self.told {
            self.deltas(&at_once(reply), out);
        }
        self.close(true, out);
        self.state(reply, out);
        let delta = json!({"stop_reason": stop(reply), "stop_sequence": null});
        let usage = usage(&reply.usage);
        let body =
            json!({"type": "message_delta", "delta": delta, "usage": usage, "bakeoff": note});
        event("message_delta", &body, out);
        event("message_stop", &json!({"type": "message_stop"}), out);
    }

    fn fail(&mut self, trouble: &Trouble, out: &mut String) {
        let (_, body) = super::Messages.error(trouble, &self.head.id);
        event("error", &body, out);
    }
}

fn stop_block(index: usize, out: &mut String) {
    let body = json!({"type": "content_block_stop", "index": index});
    event("content_block_stop", &body, out);
}

fn event(name: &str, body: &Value, out: &mut String) {
    out.push_str(&format!("event: {name}\ndata: {body}\n\n"));
}
