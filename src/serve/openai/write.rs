//! A neutral reply → a chat completion, whole or in chunks.

use crate::provider::{Delta, Finish, Reply, Usage};
use crate::serve::trouble::Trouble;
use crate::serve::wire::{Events, Head, Wire, arguments, at_once};
use serde_json::{Map, Value, json};

/// A whole reply.
pub(super) fn whole(head: &Head, reply: &Reply) -> Value {
    let mut message = Map::new();
    let empty = reply.text.is_empty() && (!reply.tool_calls.is_empty() || reply.refusal.is_some());
    let text = (!empty).then_some(reply.text.as_str());
    message.insert("role".into(), json!("assistant"));
    message.insert("content".into(), json!(text));
    message.insert("refusal".into(), json!(reply.refusal));
    if let Some(thought) = &reply.reasoning_text {
        message.insert("reasoning_content".into(), json!(thought));
    }
    if !reply.tool_calls.is_empty() {
        let calls = reply.tool_calls.iter().map(|call| {
            let function = json!({"name": call.name, "arguments": arguments(&call.arguments)});
            json!({"id": call.id, "type": "function", "function": function})
        });
        message.insert("tool_calls".into(), calls.collect());
    }
    if let Some(state) = &reply.state {
        message.insert("provider_state".into(), state.clone());
    }
    let choice =
        json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(reply)});
    let mut body = json!({"id": id(head), "object": "chat.completion", "created": head.created,
        "model": reply.served_model.as_deref().unwrap_or(&head.model), "choices": [choice]});
    if let Some(usage) = usage(&reply.usage) {
        body["usage"] = usage;
    }
    if let Some(tier) = &reply.service_tier {
        body["service_tier"] = json!(tier);
    }
    body
}

fn id(head: &Head) -> String {
    format!("chatcmpl-{}", head.id)
}

/// Why it stopped, in OpenAI's words.
fn finish(reply: &Reply) -> &'static str {
    match reply.finish {
        Some(Finish::Length) => "length",
        Some(Finish::ContentFilter) if reply.refusal.is_none() => "content_filter",
        Some(Finish::ToolCalls) => "tool_calls",
        _ if !reply.tool_calls.is_empty() => "tool_calls",
        _ => "stop",
    }
}

/// The counts that were stated; none is not the same as zero.
fn usage(usage: &Usage) -> Option<Value> {
    if usage.input.is_none() && usage.output.is_none() {
        return None;
    }
    let total = usage
        .input
        .zip(usage.output)
        .map(|(input, output)| input + output);
    let mut stated = json!({"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": total});
    if usage.cached_input.is_some() || usage.cache_write.is_some() {
        let mut details = json!({"cached_tokens": usage.cached_input});
        if let Some(written) = usage.cache_write {
            details["cache_write_tokens"] = json!(written);
        }
        stated["prompt_tokens_details"] = details;
    }
    if let Some(reasoning) = usage.reasoning {
        stated["completion_tokens_details"] = json!({"reasoning_tokens": reasoning});
    }
    Some(stated)
}

/// A reply in chunks.
pub(super) struct Chunks {
    /// Each chunk up to its choices.
    start: String,
    usage: bool,
    begun: bool,
    told: bool,
}

impl Chunks {
    /// Nothing said yet.
    pub fn new(head: &Head) -> Chunks {
        let start = json!({"id": id(head), "object": "chat.completion.chunk",
            "created": head.created, "model": head.model});
        let start = start.to_string();
        Chunks {
            start: start.trim_end_matches('}').to_owned(),
            usage: head.usage,
            begun: false,
            told: false,
        }
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>, out: &mut String) {
        let finish = finish.map_or_else(|| "null".to_owned(), |word| format!("\"{word}\""));
        let usage = if self.usage { ",\"usage\":null" } else { "" };
        out.push_str("data: ");
        out.push_str(&self.start);
        out.push_str(",\"choices\":[{\"index\":0,\"delta\":");
        out.push_str(&delta.to_string());
        out.push_str(",\"logprobs\":null,\"finish_reason\":");
        out.push_str(&finish);
        out.push_str("}]");
        out.push_str(usage);
        out.push_str("}\n\n");
    }

    fn begin(&mut self, out: &mut String) {
        if !std::mem::replace(&mut self.begun, true) {
            self.chunk(&json!({"role": "assistant", "content": ""}), None, out);
        }
    }
}

impl Events for Chunks {
    fn deltas(&mut self, deltas: &[Delta], out: &mut String) {
        self.begin(out);
        self.told |= !deltas.is_empty();
        for delta in deltas {
            let delta = match delta {
                Delta::Text(text) => json!({"content": text}),
                Delta::Reasoning(text) => json!({"reasoning_content": text}),
                Delta::Refusal(text) => json!({"refusal": text}),
                Delta::Call { index, id, name } => {
                    let function = json!({"name": name, "arguments": ""});
                    json!({"tool_calls": [{"index": index, "id": id, "type": "function", "function": function}]})
                }
                Delta::Arguments { index, piece } => {
                    json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
                }
                // a part of the reply's state, which is told at the end
                Delta::Signature(_) => continue,
            };
            self.chunk(&delta, None, out);
        }
    }

    fn end(&mut self, reply: &Reply, note: &Value, out: &mut String) {
        self.begin(out);
        if !self.told {
            self.deltas(&at_once(reply), out);
        }
        let last = match &reply.state {
            Some(state) => json!({"provider_state": state}),
            None => json!({}),
        };
        self.chunk(&last, Some(finish(reply)), out);
        out.truncate(out.len() - "}\n\n".len());
        out.push_str(&format!(",\"bakeoff\":{note}}}\n\n"));
        if self.usage {
            let usage = usage(&reply.usage).unwrap_or_default();
            out.push_str(&format!(
                "data: {},\"choices\":[],\"usage\":{usage}}}\n\n",
                self.start
            ));
        }
        out.push_str("data: [DONE]\n\n");
    }

    fn fail(&mut self, trouble: &Trouble, out: &mut String) {
        let (_, body) = super::Chat.error(trouble, "");
        out.push_str(&format!("data: {body}\n\n"));
    }
}
