//! A response object → a reply. A stream carries that object in its last event; what came before
//! is only needed for the times, and for a stream that is cut.

use super::NAME;
use crate::prompt::ToolCall;
use crate::provider::call::{Failure, Finish, Reply, Usage};
use crate::provider::http::HttpResponse;
use crate::provider::lenient::{append, at, count, list, text, words};
use crate::provider::logprobs::Logprobs;
use crate::provider::openai_chat::stated_cost;
use crate::provider::stream::{Answer, flat, settle};
use crate::provider::tool_calls::{Piece, ToolCalls, arguments};
use crate::provider::{Seen, Segment, failure};
use serde_json::{Map, Value, json};

/// The reply in a whole response.
pub(super) fn whole(response: &HttpResponse) -> Result<Reply, Failure> {
    let body = failure::json_of(response)?;
    if at(&body, &["output"]).is_none() {
        return Err(failure::without("output", &body));
    }
    let events = Events {
        response: body,
        ended: true,
        ..Events::default()
    };
    settle(events, None)
}

/// A stream's events as far as they have come.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Output items that are done.
    items: Vec<Value>,
    /// Texts of items that may not be done.
    text: String,
    reasoning: Option<String>,
    refusal: Option<String>,
    /// The response object: the first event's, then the last one's.
    response: Value,
    /// Tool calls that may not be done.
    calls: ToolCalls,
    ended: bool,
}

impl Answer for Events {
    fn take(&mut self, _: &str, event: &Value) -> Seen {
        let delta = text(event, &["delta"]).unwrap_or_default();
        let kind = text(event, &["type"]).unwrap_or_default();
        match kind {
            "response.created" => self.response = event["response"].clone(),
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => {
                self.response = event["response"].clone();
                self.ended = true;
            }
            "response.output_item.added"
                if text(event, &["item", "type"]) == Some("function_call") =>
            {
                let item = &event["item"];
                let own = |field: &str| text(item, &[field]).unwrap_or_default();
                self.calls.add(Piece {
                    index: count(event, &["output_index"]),
                    id: own("call_id"),
                    name: own("name"),
                    arguments: None,
                });
                return Seen::Visible;
            }
            "response.output_item.done" => self.items.push(event["item"].clone()),
            _ if delta.is_empty() => {}
            "response.function_call_arguments.delta" => drop(self.calls.add(Piece {
                index: count(event, &["output_index"]),
                arguments: at(event, &["delta"]),
                ..Piece::default()
            })),
            "response.output_text.delta" => self.text.push_str(delta),
            "response.refusal.delta" => append(&mut self.refusal, delta),
            "response.reasoning_summary_text.delta" => append(&mut self.reasoning, delta),
            _ => {}
        }
        match kind {
            _ if delta.is_empty() => Seen::Nothing,
            "response.output_text.delta" | "response.refusal.delta" => Seen::Visible,
            "response.function_call_arguments.delta" => Seen::Visible,
            // reasoning, and what server tools are told
            _ => Seen::Token,
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn failure(&self) -> Option<Failure> {
        let stated = failure::in_body(&self.response);
        stated.or_else(|| match text(&self.response, &["status"])? {
            word @ ("failed" | "cancelled") => {
                let message = format!("the response is {word}");
                failure::in_body(&json!({"error": {"message": message}}))
            }
            _ => None,
        })
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let mut parts = flat(self.reasoning.as_ref(), &self.text, self.refusal.as_ref());
        parts.extend(self.calls.segments());
        parts
    }

    /// Of a stream that was cut: finished items, and the texts as far as they came.
    fn so_far(self) -> Reply {
        let output = list(&self.response, &["output"]);
        let items = if output.is_empty() {
            &self.items
        } else {
            output
        };
        let mut reply = reply(&self.response, items);
        if !self.ended {
            reply.text = self.text;
            reply.reasoning_text = self.reasoning;
            reply.refusal = self.refusal;
            (reply.finish, reply.finish_raw) = (None, None);
        }
        reply
    }
}

/// The parameters that the object states back, by their neutral names.
fn stated(response: &Value) -> Map<String, Value> {
    const FIELDS: &[(&str, &[&str])] = &[
        ("temperature", &["temperature"]),
        ("top_p", &["top_p"]),
        ("max_tokens", &["max_output_tokens"]),
        ("reasoning.effort", &["reasoning", "effort"]),
        ("parallel_tool_calls", &["parallel_tool_calls"]),
    ];
    let fields = FIELDS.iter();
    let stated =
        fields.filter_map(|(name, path)| Some(((*name).to_owned(), at(response, path)?.clone())));
    stated.collect()
}

fn reply(response: &Value, items: &[Value]) -> Reply {
    let own = |field: &str| words(response, &[field]).map(Into::into);
    let raw = at(response, &["usage"]);
    let mut reply = Reply {
        stated_cost: raw.and_then(stated_cost),
        usage: counts(raw),
        served_model: own("model"),
        id: own("id"),
        service_tier: own("service_tier"),
        stated: stated(response),
        ..Reply::default()
    };
    let mut logprobs = Logprobs::default();
    for item in items {
        take_item(&mut reply, item);
        for part in list(item, &["content"]) {
            logprobs.take(list(part, &["logprobs"]));
        }
    }
    reply.logprob = logprobs.mean();
    let reason = words(response, &["incomplete_details", "reason"]);
    if let Some(word) = reason.or_else(|| words(response, &["status"])) {
        reply.finish = Some(finish(word, !reply.tool_calls.is_empty()));
        reply.finish_raw = Some(word.into());
    }
    // encrypted reasoning and the phase of a message must come back unchanged on the next turn
    let kept = |item: &Value| {
        at(item, &["encrypted_content"])
            .or(at(item, &["phase"]))
            .is_some()
    };
    if items.iter().any(kept) {
        reply.state = Some(json!({NAME: {"output": items}}));
    }
    reply
}

fn take_item(reply: &mut Reply, item: &Value) {
    let own = |field: &str| text(item, &[field]).unwrap_or_default().to_string();
    match text(item, &["type"]).unwrap_or_default() {
        "message" => {
            for part in list(item, &["content"]) {
                if let Some(refusal) = text(part, &["refusal"]) {
                    append(&mut reply.refusal, refusal);
                } else {
                    reply
                        .text
                        .push_str(text(part, &["text"]).unwrap_or_default());
                }
            }
        }
        // the summary is what is meant to be read; raw reasoning is for the next turn alone
        "reasoning" => {
            for part in list(item, &["summary"]) {
                append(
                    &mut reply.reasoning_text,
                    text(part, &["text"]).unwrap_or_default(),
                );
            }
        }
        "function_call" => reply.tool_calls.push(ToolCall {
            id: own("call_id"),
            name: own("name"),
            arguments: arguments(&own("arguments")),
        }),
        "custom_tool_call" => reply.tool_calls.push(ToolCall {
            id: own("call_id"),
            name: own("name"),
            arguments: json!(own("input")),
        }),
        // server tools, and items that nobody knows yet
        _ => {}
    }
}

fn counts(raw: Option<&Value>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    Usage {
        input: count(raw, &["input_tokens"]),
        output: count(raw, &["output_tokens"]),
        cached_input: count(raw, &["input_tokens_details", "cached_tokens"]),
        cache_write: count(raw, &["input_tokens_details", "cache_write_tokens"]),
        reasoning: count(raw, &["output_tokens_details", "reasoning_tokens"]),
        raw: Some(raw.clone()),
    }
}

fn finish(word: &str, called: bool) -> Finish {
    match word {
        "completed" if called => Finish::ToolCalls,
        "completed" => Finish::Stop,
        "max_output_tokens" | "max_tokens" => Finish::Length,
        "content_filter" => Finish::ContentFilter,
        "failed" | "cancelled" => Finish::Error,
        _ => Finish::Other,
    }
}
