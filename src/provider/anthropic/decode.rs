//! A message, whole or in events → a reply. Both ways go through [`Blocks`].

use super::NAME;
use crate::prompt::ToolCall;
use crate::provider::call::{Failure, Finish, Reply, Usage};
use crate::provider::http::HttpResponse;
use crate::provider::lenient::{append, at, count, lay_over, money, text, words};
use crate::provider::stream::{Answer, settle};
use crate::provider::tool_calls::arguments;
use crate::provider::{Seen, Segment, failure};
use serde_json::{Value, json};

/// The reply in a whole response.
pub(super) fn whole(response: &HttpResponse) -> Result<Reply, Failure> {
    let body = failure::json_of(response)?;
    let Some(Value::Array(content)) = at(&body, &["content"]) else {
        return Err(failure::without("content", &body));
    };
    let mut answer = Blocks::default();
    answer.take_head(&body);
    for (index, block) in content.iter().enumerate() {
        answer.begin(index as u64, block);
    }
    answer.ended = true;
    settle(answer, None)
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    usage: Option<Value>,
    id: Option<String>,
    model: Option<String>,
    stop: Option<String>,
    ended: bool,
}

/// A content block: as it was begun, and what its deltas added.
#[derive(Debug)]
struct Block {
    index: u64,
    raw: Value,
    text: String,
    thinking: String,
    signature: String,
    input: String,
}

impl Answer for Blocks {
    fn take(&mut self, _: &str, event: &Value) -> Seen {
        let index = count(event, &["index"]).unwrap_or(0);
        match text(event, &["type"]).unwrap_or_default() {
            "message_start" => self.take_head(&event["message"]),
            "content_block_start" => return self.begin(index, &event["content_block"]),
            "content_block_delta" => return self.add(index, &event["delta"]),
            "message_delta" => {
                lay_over(&mut self.usage, &event["usage"]);
                self.take_stop(&event["delta"]);
            }
            "message_stop" => self.ended = true,
            _ => {}
        }
        Seen::Nothing
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        self.blocks.iter().map(Block::segment).collect()
    }

    fn so_far(self) -> Reply {
        let mut reply = Reply {
            finish: self.stop.as_deref().map(finish),
            finish_raw: self.stop,
            stated_cost: self.usage.as_ref().and_then(|raw| money(raw, &["cost"])),
            service_tier: self
                .usage
                .as_ref()
                .and_then(|raw| Some(words(raw, &["service_tier"])?.into())),
            usage: counts(self.usage),
            served_model: self.model,
            id: self.id,
            ..Reply::default()
        };
        for block in &self.blocks {
            match block.kind() {
                "text" => reply.text.push_str(&block.text),
                "thinking" => append(&mut reply.reasoning_text, &block.thinking),
                "tool_use" => reply.tool_calls.push(block.call()),
                // server tools and their results are no client tool calls
                _ => {}
            }
        }
        // thinking is signed, what server tools found is encrypted: both are wanted back as they were
        let plain = |block: &Block| matches!(block.kind(), "text" | "tool_use");
        if !self.blocks.iter().all(plain) {
            let content: Vec<Value> = self.blocks.iter().map(Block::whole).collect();
            reply.state = Some(json!({NAME: {"content": content}}));
        }
        reply
    }
}

impl Blocks {
    /// What stands around the content: id, model, usage, stop reason.
    fn take_head(&mut self, message: &Value) {
        lay_over(&mut self.usage, &message["usage"]);
        self.id = words(message, &["id"]).map(Into::into);
        self.model = words(message, &["model"]).map(Into::into);
        self.take_stop(message);
    }

    fn take_stop(&mut self, message: &Value) {
        if let Some(word) = words(message, &["stop_reason"]) {
            self.stop = Some(word.into());
            self.ended = true;
        }
    }

    fn begin(&mut self, index: u64, raw: &Value) -> Seen {
        let own = |field: &str| text(raw, &[field]).unwrap_or_default().to_string();
        let block = Block {
            index,
            raw: raw.clone(),
            text: own("text"),
            thinking: own("thinking"),
            signature: own("signature"),
            input: String::new(),
        };
        let seen = match block.kind() {
            "tool_use" => Seen::Visible,
            "text" if !block.text.is_empty() => Seen::Visible,
            "thinking" if !block.thinking.is_empty() => Seen::Token,
            _ => Seen::Nothing,
        };
        self.blocks.push(block);
        seen
    }

    fn add(&mut self, index: u64, delta: &Value) -> Seen {
        let Some(block) = self.blocks.iter_mut().rfind(|block| block.index == index) else {
            return Seen::Nothing;
        };
        let visible = matches!(block.kind(), "text" | "tool_use");
        let (field, more) = match text(delta, &["type"]).unwrap_or_default() {
            "text_delta" => (&mut block.text, "text"),
            "thinking_delta" => (&mut block.thinking, "thinking"),
            "input_json_delta" => (&mut block.input, "partial_json"),
            "signature_delta" => {
                let signature = text(delta, &["signature"]).unwrap_or_default();
                block.signature.push_str(signature);
                return Seen::Nothing;
            }
            _ => return Seen::Nothing,
        };
        let more = text(delta, &[more]).unwrap_or_default();
        field.push_str(more);
        match (more.is_empty(), visible) {
            (true, _) => Seen::Nothing,
            (false, true) => Seen::Visible,
            (false, false) => Seen::Token,
        }
    }
}

impl Block {
    fn kind(&self) -> &str {
        text(&self.raw, &["type"]).unwrap_or_default()
    }

    fn segment(&self) -> Segment<'_> {
        let own = |field: &str| text(&self.raw, &[field]).unwrap_or_default();
        match self.kind() {
            "text" => Segment::Text(&self.text),
            "thinking" => Segment::Reasoning(&self.thinking, &self.signature),
            "tool_use" => Segment::Call(own("id"), own("name"), self.input.as_str().into()),
            _ => Segment::Other,
        }
    }

    fn call(&self) -> ToolCall {
        let own = |field: &str| text(&self.raw, &[field]).unwrap_or_default().to_string();
        ToolCall {
            id: own("id"),
            name: own("name"),
            arguments: self.input(),
        }
    }

    /// The input of a tool: by its deltas, else as the block was begun.
    fn input(&self) -> Value {
        match at(&self.raw, &["input"]) {
            Some(input) if self.input.is_empty() => input.clone(),
            _ => arguments(&self.input),
        }
    }

    /// The block as a whole answer would hold it.
    fn whole(&self) -> Value {
        let mut whole = self.raw.clone();
        if let Some(fields) = whole.as_object_mut() {
            for (name, value) in [
                ("text", &self.text),
                ("thinking", &self.thinking),
                ("signature", &self.signature),
            ] {
                if fields.contains_key(name) || !value.is_empty() {
                    fields.insert(name.into(), json!(value));
                }
            }
            if fields.contains_key("input") {
                fields.insert("input".into(), self.input());
            }
        }
        whole
    }
}

/// Cache reads and writes stand apart from the input here, and are added to it.
fn counts(raw: Option<Value>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    let read = count(&raw, &["cache_read_input_tokens"]);
    let written = count(&raw, &["cache_creation_input_tokens"]);
    let input = count(&raw, &["input_tokens"]);
    Usage {
        input: input.map(|input| input + read.unwrap_or(0) + written.unwrap_or(0)),
        output: count(&raw, &["output_tokens"]),
        cached_input: read,
        cache_write: written,
        reasoning: count(&raw, &["output_tokens_details", "thinking_tokens"]),
        raw: Some(raw),
    }
}

fn finish(word: &str) -> Finish {
    match word {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::ContentFilter,
        "pause_turn" => Finish::Pause,
        _ => Finish::Other,
    }
}
