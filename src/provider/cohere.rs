//! The dialect of Cohere's chat API, version 2.

use super::body::{Body, Picture, address, arguments_text, picture, post, unsupported};
use super::call::{Call, Failure, Finish, Params, Reply, ToolChoice, Usage};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::lenient::{append, at, count, lay_over, list, text, words};
use super::stream::{Answer, Stream, flat, settle};
use super::tool_calls::{Piece, ToolCalls};
use super::{Dialect, Seen, Segment, StreamDecoder, Unsupported, failure};
use crate::prompt::{Message, Part, Role};
use serde_json::{Value, json};

/// The dialect's name.
pub(super) const NAME: &str = "cohere-v2";

/// `POST /v2/chat`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cohere;

impl Dialect for Cohere {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        let body = failure::json_of(response)?;
        let mut chat = Chat::default();
        let Some(message) = at(&body, &["message"]) else {
            return Err(failure::without("message", &body));
        };
        chat.take_message(message);
        chat.id = words(&body, &["id"]).map(Into::into);
        chat.take_end(&body);
        chat.ended = true;
        settle(chat, None)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<Chat>>::default()
    }
}

fn request(call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
    let params = &call.params;
    refuse_what_is_not_there(call)?;
    let mut body = Body::default();
    body.set("model", call.model.as_str());
    let messages = call
        .messages
        .iter()
        .map(message)
        .collect::<Result<Vec<_>, _>>()?;
    body.set("messages", messages);
    body.set_some("max_tokens", params.max_tokens);
    body.set_some("temperature", params.temperature);
    body.set_some("p", params.top_p);
    body.set_some("k", params.top_k);
    if !params.stop.is_empty() {
        body.set("stop_sequences", params.stop.as_slice());
    }
    body.set_some("seed", params.seed);
    body.set_some("presence_penalty", params.presence_penalty);
    body.set_some("frequency_penalty", params.frequency_penalty);
    body.set_some("response_format", response_format(params));
    if let Some(reasoning) = &params.reasoning {
        let off = reasoning.off || reasoning.effort.as_deref() == Some("none");
        let mut thinking = Body::default();
        thinking.set("type", if off { "disabled" } else { "enabled" });
        thinking.set_some("token_budget", reasoning.budget_tokens.filter(|_| !off));
        body.set("thinking", thinking.0);
    }
    tools(call, &mut body);
    if call.stream {
        body.set("stream", true);
    }
    body.merge(&params.extra);
    let url = address(&to.base_url, "/v2/chat");
    Ok(post(url, to, call.stream, body))
}

fn refuse_what_is_not_there(call: &Call) -> Result<(), Unsupported> {
    let params = &call.params;
    let effort = params
        .reasoning
        .as_ref()
        .and_then(|reasoning| reasoning.effort.as_deref());
    let absent = [
        (
            "parallel_tool_calls: false",
            call.parallel_tool_calls == Some(false),
        ),
        ("n", params.n.is_some_and(|n| n > 1)),
        ("logprobs", params.logprobs.is_some()),
        ("user", params.user.is_some()),
        ("service_tier", params.service_tier.is_some()),
        (
            "reasoning.effort",
            effort.is_some_and(|effort| effort != "none"),
        ),
    ];
    let Some((field, _)) = absent.into_iter().find(|(_, asked)| *asked) else {
        return Ok(());
    };
    Err(unsupported(
        NAME,
        field,
        match field {
            "n" => "ask several times (`repeats`)",
            "reasoning.effort" => "give a budget (`reasoning: {budget_tokens: 1024}`)",
            _ => "leave it out for this model",
        },
    ))
}

fn response_format(params: &Params) -> Option<Value> {
    if let Some(schema) = &params.response_schema {
        return Some(json!({"type": "json_object", "schema": schema.schema}));
    }
    params.response_json.then(|| json!({"type": "json_object"}))
}

/// No tool can be named: one that must be called is sent alone.
fn tools(call: &Call, body: &mut Body) {
    let named = match &call.tool_choice {
        Some(ToolChoice::Named(name)) => Some(name),
        _ => None,
    };
    let sent = call
        .tools
        .iter()
        .filter(|tool| named.is_none_or(|name| tool.name == *name));
    let sent: Vec<_> = sent.collect();
    if !sent.is_empty() {
        let tools = sent.iter().map(|tool| {
            let mut function = Body::default();
            function.set("name", tool.name.as_str());
            function.set_some("description", tool.description.as_deref());
            function.set("parameters", tool.parameters.clone());
            json!({"type": "function", "function": function.0})
        });
        body.set("tools", tools.collect::<Vec<_>>());
    }
    if sent.iter().any(|tool| tool.strict == Some(true)) {
        body.set("strict_tools", true);
    }
    match &call.tool_choice {
        Some(ToolChoice::None) => body.set("tool_choice", "NONE"),
        Some(ToolChoice::Required | ToolChoice::Named(_)) => body.set("tool_choice", "REQUIRED"),
        Some(ToolChoice::Auto) | None => {}
    }
}

fn message(turn: &Message) -> Result<Value, Unsupported> {
    let mut body = Body::default();
    body.set(
        "role",
        match turn.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        },
    );
    body.set_some("tool_call_id", turn.tool_call_id.as_deref());
    match turn.parts.as_slice() {
        [] if !turn.tool_calls.is_empty() => {}
        [] => body.set("content", ""),
        [Part::Text { text }] => body.set("content", text.as_str()),
        parts => body.set(
            "content",
            parts.iter().map(part).collect::<Result<Vec<_>, _>>()?,
        ),
    }
    if !turn.tool_calls.is_empty() {
        let calls = turn.tool_calls.iter().map(|call| {
            let arguments = arguments_text(call);
            json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
        });
        body.set("tool_calls", calls.collect::<Vec<_>>());
    }
    Ok(Value::Object(body.0))
}

fn part(part: &Part) -> Result<Value, Unsupported> {
    if let Part::Text { text } = part {
        return Ok(json!({"type": "text", "text": text}));
    }
    let url = match picture(part, NAME)? {
        Picture::Inline { media_type, data } => format!("data:{media_type};base64,{data}"),
        Picture::Address { url, .. } => url.to_string(),
    };
    Ok(json!({"type": "image_url", "image_url": {"url": url}}))
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
struct Chat {
    text: String,
    reasoning: Option<String>,
    calls: ToolCalls,
    finish: Option<String>,
    usage: Option<Value>,
    id: Option<String>,
    ended: bool,
}

impl Answer for Chat {
    fn take(&mut self, _: &str, event: &Value) -> Seen {
        if let Some(id) = words(event, &["id"]) {
            self.id = Some(id.into());
        }
        if text(event, &["type"]) == Some("message-end") {
            self.ended = true;
            self.take_end(&event["delta"]);
        }
        let Some(message) = at(event, &["delta", "message"]) else {
            return Seen::Nothing;
        };
        match (at(message, &["tool_calls"]), count(event, &["index"])) {
            (Some(call @ Value::Object(_)), index) => self.take_call(call, index),
            _ => self.take_message(message),
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn failure(&self) -> Option<Failure> {
        let word = self.finish.as_deref();
        let word = word.filter(|word| matches!(*word, "ERROR" | "TIMEOUT"))?;
        failure::in_body(&json!({"error": {"message": format!("the model stopped: {word}")}}))
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let mut parts = flat(self.reasoning.as_ref(), &self.text, None);
        parts.extend(self.calls.segments());
        parts
    }

    fn so_far(self) -> Reply {
        Reply {
            text: self.text,
            reasoning_text: self.reasoning,
            tool_calls: self.calls.finish(),
            finish: self.finish.as_deref().map(finish),
            finish_raw: self.finish,
            usage: counts(self.usage),
            id: self.id,
            ..Reply::default()
        }
    }
}

impl Chat {
    /// A whole message, or a delta that is shaped like one.
    fn take_message(&mut self, message: &Value) -> Seen {
        let mut seen = match at(message, &["content"]) {
            Some(Value::String(text)) => self.take_part(&json!({"text": text})),
            Some(Value::Array(parts)) => {
                let seen = parts.iter().map(|part| self.take_part(part));
                seen.max().unwrap_or(Seen::Nothing)
            }
            Some(part) => self.take_part(part),
            None => Seen::Nothing,
        };
        for (index, call) in list(message, &["tool_calls"]).iter().enumerate() {
            seen = seen.max(self.take_call(call, Some(index as u64)));
        }
        // words about the tools to come are generated, but are no part of the answer
        match words(message, &["tool_plan"]) {
            Some(_) => seen.max(Seen::Token),
            None => seen,
        }
    }

    fn take_part(&mut self, part: &Value) -> Seen {
        if let Some(thought) = words(part, &["thinking"]) {
            append(&mut self.reasoning, thought);
            return Seen::Token;
        }
        match words(part, &["text"]) {
            Some(text) => {
                self.text.push_str(text);
                Seen::Visible
            }
            None => Seen::Nothing,
        }
    }

    fn take_call(&mut self, call: &Value, index: Option<u64>) -> Seen {
        let piece = Piece {
            index,
            id: text(call, &["id"]).unwrap_or_default(),
            name: text(call, &["function", "name"]).unwrap_or_default(),
            arguments: at(call, &["function", "arguments"]),
        };
        match self.calls.add(piece) {
            true => Seen::Visible,
            false => Seen::Nothing,
        }
    }

    fn take_end(&mut self, end: &Value) {
        self.finish = words(end, &["finish_reason"]).map(Into::into);
        lay_over(&mut self.usage, &end["usage"]);
    }
}

/// `tokens` is the work, `billed_units` the money; counts are of the work.
fn counts(raw: Option<Value>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    Usage {
        input: count(&raw, &["tokens", "input_tokens"]),
        output: count(&raw, &["tokens", "output_tokens"]),
        cached_input: count(&raw, &["cached_tokens"]),
        cache_write: None,
        reasoning: count(&raw, &["tokens", "reasoning_tokens"]),
        raw: Some(raw),
    }
}

fn finish(word: &str) -> Finish {
    match word {
        "COMPLETE" | "STOP_SEQUENCE" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "TOOL_CALL" => Finish::ToolCalls,
        "ERROR" | "TIMEOUT" => Finish::Error,
        _ => Finish::Other,
    }
}
