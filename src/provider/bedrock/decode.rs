//! A Converse answer, whole or in events → a reply. Both ways go through [`Converse`].

use super::NAME;
use crate::prompt::ToolCall;
use crate::provider::call::{Failure, Finish, Reply, Usage};
use crate::provider::http::HttpResponse;
use crate::provider::lenient::{append, at, count, lay_over, list, text, words};
use crate::provider::stream::{Answer, settle};
use crate::provider::tool_calls::arguments;
use crate::provider::{Seen, Segment, failure};
use serde_json::{Value, json};

/// The reply in a whole response.
pub(super) fn whole(response: &HttpResponse) -> Result<Reply, Failure> {
    let body = failure::json_of(response)?;
    let Some(message) = at(&body, &["output", "message"]) else {
        return Err(failure::without("message", &body));
    };
    let mut converse = Converse::default();
    for (index, block) in list(message, &["content"]).iter().enumerate() {
        converse.take_block(index as u64, block);
    }
    converse.stop = words(&body, &["stopReason"]).map(Into::into);
    lay_over(&mut converse.usage, &body["usage"]);
    converse.ended = true;
    settle(converse, None)
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Converse {
    blocks: Vec<Block>,
    usage: Option<Value>,
    stop: Option<String>,
    /// An event that is an exception.
    exception: Option<Failure>,
    /// Text with citations came; it belongs to a feature that no neutral call asks for.
    cited: bool,
    ended: bool,
}

/// A content block: what its pieces brought so far.
#[derive(Debug, Default)]
struct Block {
    index: u64,
    text: String,
    thinking: String,
    signature: String,
    redacted: Option<Value>,
    tool: Option<Tool>,
}

#[derive(Debug, Default)]
struct Tool {
    id: String,
    name: String,
    text: String,
    whole: Option<Value>,
}

impl Answer for Converse {
    fn take(&mut self, kind: &str, event: &Value) -> Seen {
        let index = count(event, &["contentBlockIndex"]).unwrap_or(0);
        match kind {
            "contentBlockStart" => return self.take_block(index, &event["start"]),
            "contentBlockDelta" => return self.take_block(index, &event["delta"]),
            "messageStop" => {
                self.stop = words(event, &["stopReason"]).map(Into::into);
                self.ended = true;
            }
            "metadata" => lay_over(&mut self.usage, &event["usage"]),
            _ if kind.ends_with("Exception") || kind.ends_with("Error") => {
                let said = text(event, &["message"]).unwrap_or(kind);
                self.exception =
                    failure::in_body(&json!({"error": {"type": kind, "message": said}}));
            }
            _ => {}
        }
        Seen::Nothing
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn failure(&self) -> Option<Failure> {
        self.exception.clone()
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        self.blocks.iter().flat_map(Block::segments).collect()
    }

    fn so_far(self) -> Reply {
        let mut reply = Reply {
            finish: self.stop.as_deref().map(finish),
            finish_raw: self.stop,
            usage: counts(self.usage),
            ..Reply::default()
        };
        if self.cited {
            reply
                .warnings
                .push("text with citations was left out of the answer".into());
        }
        let signed = self
            .blocks
            .iter()
            .any(|block| !block.signature.is_empty() || block.redacted.is_some());
        if signed {
            let content: Vec<Value> = self.blocks.iter().map(Block::whole).collect();
            reply.state = Some(json!({NAME: {"content": content}}));
        }
        for block in self.blocks {
            reply.text.push_str(&block.text);
            append(&mut reply.reasoning_text, &block.thinking);
            reply.tool_calls.extend(block.tool.map(|tool| ToolCall {
                arguments: tool.input(),
                id: tool.id,
                name: tool.name,
            }));
        }
        reply
    }
}

impl Converse {
    /// Takes a whole block, the start of one, or a delta: they have the same fields.
    fn take_block(&mut self, index: u64, piece: &Value) -> Seen {
        let place = self.blocks.iter().position(|block| block.index == index);
        let place = place.unwrap_or_else(|| {
            self.blocks.push(Block {
                index,
                ..Block::default()
            });
            self.blocks.len() - 1
        });
        let block = &mut self.blocks[place];
        let mut seen = Seen::Nothing;
        if let Some(words) = words(piece, &["text"]) {
            block.text.push_str(words);
            seen = Seen::Visible;
        }
        self.cited |= at(piece, &["citationsContent"]).is_some();
        if let Some(reasoning) = at(piece, &["reasoningContent"]) {
            let inner = at(reasoning, &["reasoningText"]).unwrap_or(reasoning);
            if let Some(words) = words(inner, &["text"]) {
                block.thinking.push_str(words);
                seen = seen.max(Seen::Token);
            }
            block
                .signature
                .push_str(text(inner, &["signature"]).unwrap_or_default());
            if let Some(redacted) = at(reasoning, &["redactedContent"]) {
                block.redacted = Some(redacted.clone());
            }
        }
        if let Some(tool) = at(piece, &["toolUse"]) {
            seen = seen.max(block.tool.get_or_insert_default().take(tool));
        }
        seen
    }
}

impl Block {
    /// A block is one of these; which, its first piece says.
    fn segments(&self) -> [Segment<'_>; 3] {
        let call = self.tool.as_ref().map(|tool| {
            let arguments = match &tool.whole {
                Some(whole) => whole.to_string().into(),
                None => tool.text.as_str().into(),
            };
            Segment::Call(&tool.id, &tool.name, arguments)
        });
        [
            Segment::Reasoning(&self.thinking, &self.signature),
            Segment::Text(&self.text),
            call.unwrap_or(Segment::Other),
        ]
    }

    /// The block as the next turn wants it.
    fn whole(&self) -> Value {
        if let Some(tool) = &self.tool {
            return json!({"toolUse": {"toolUseId": tool.id, "name": tool.name, "input": tool.input()}});
        }
        if let Some(redacted) = &self.redacted {
            return json!({"reasoningContent": {"redactedContent": redacted}});
        }
        match self.thinking.is_empty() && self.signature.is_empty() {
            true => json!({"text": self.text}),
            false => {
                json!({"reasoningContent": {"reasoningText": {"text": self.thinking, "signature": self.signature}}})
            }
        }
    }
}

impl Tool {
    fn take(&mut self, piece: &Value) -> Seen {
        for (field, place) in [("toolUseId", &mut self.id), ("name", &mut self.name)] {
            if let Some(word) = words(piece, &[field]) {
                *place = word.into();
            }
        }
        match at(piece, &["input"]) {
            Some(Value::String(text)) => self.text.push_str(text),
            Some(whole) => self.whole = Some(whole.clone()),
            None => {}
        }
        Seen::Visible
    }

    fn input(&self) -> Value {
        self.whole.clone().unwrap_or_else(|| arguments(&self.text))
    }
}

/// Cache reads and writes stand apart from the input here, and are added to it.
fn counts(raw: Option<Value>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    let read = count(&raw, &["cacheReadInputTokens"]);
    let written = count(&raw, &["cacheWriteInputTokens"]);
    let input = count(&raw, &["inputTokens"]);
    Usage {
        input: input.map(|input| input + read.unwrap_or(0) + written.unwrap_or(0)),
        output: count(&raw, &["outputTokens"]),
        cached_input: read,
        cache_write: written,
        reasoning: None,
        raw: Some(raw),
    }
}

fn finish(word: &str) -> Finish {
    match word {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "guardrail_intervened" | "content_filtered" => Finish::ContentFilter,
        // the model's own fault, and an answer: it is scored, as an empty one
        "malformed_model_output" | "malformed_tool_use" => Finish::Error,
        _ => Finish::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::stream::Stream;
    use crate::provider::{FailureKind, Frame, StreamDecoder};

    fn read(events: &[(&str, Value)]) -> Result<Reply, Failure> {
        let mut converse = Box::<Stream<Converse>>::default();
        for (event, data) in events {
            converse.frame(&Frame {
                event: Some(event.to_string()),
                data: data.to_string(),
            });
        }
        converse.finish()
    }

    #[test]
    fn an_exception_in_the_stream_keeps_what_came() {
        let half = (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": "half"}}),
        );
        let failure = read(&[
            half.clone(),
            ("throttlingException", json!({"message": "slow"})),
        ])
        .unwrap_err();
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (FailureKind::RateLimit, "slow")
        );
        assert_eq!(failure.partial.unwrap().text, "half");
        assert_eq!(
            read(&[half]).unwrap_err().error_type.as_deref(),
            Some("stream_truncated")
        );
    }

    #[test]
    fn signed_reasoning_is_kept_for_the_next_turn() {
        let reply = read(&[
            ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}})),
            ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "s"}}})),
            ("contentBlockStart", json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}})),
            ("messageStop", json!({"stopReason": "tool_use"})),
        ])
        .unwrap();
        assert_eq!(reply.tool_calls[0].arguments, json!({}));
        assert_eq!(
            reply.state.unwrap()[NAME]["content"][0],
            json!({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}})
        );
    }
}
