//! The dialect of Ollama's own API, which (unlike its OpenAI-compatible one) takes a context size.

use super::body::{Body, Picture, address, arguments_object, picture, post, unsupported};
use super::call::{Call, Failure, Finish, Params, Reply, ToolChoice, Usage};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::lenient::{append, at, count, list, text, words};
use super::stream::{Answer, Stream, flat, settle, whole_call};
use super::{Dialect, Seen, Segment, StreamDecoder, Unsupported, failure, tool_calls};
use crate::prompt::{Message, Part, Role, ToolCall};
use serde_json::{Map, Value, json};

/// The dialect's name.
pub(super) const NAME: &str = "ollama-chat";

/// The context that a model is sure to have without being asked; more is cut off in silence.
pub(super) const SURE_CONTEXT: u64 = 2048;

/// `POST /api/chat`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ollama;

impl Dialect for Ollama {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        let body = failure::json_of(response)?;
        if at(&body, &["message"]).is_none() {
            return Err(failure::without("message", &body));
        }
        let mut chat = Chat::default();
        chat.take("", &body);
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
    if !call.tools.is_empty() && call.tool_choice != Some(ToolChoice::None) {
        let tools = call.tools.iter().map(|tool| {
            let mut function = Body::default();
            function.set("name", tool.name.as_str());
            function.set_some("description", tool.description.as_deref());
            function.set("parameters", tool.parameters.clone());
            json!({"type": "function", "function": function.0})
        });
        body.set("tools", tools.collect::<Vec<_>>());
    }
    if let Some(schema) = &params.response_schema {
        body.set("format", schema.schema.clone());
    } else if params.response_json {
        body.set("format", "json");
    }
    if let Some(reasoning) = &params.reasoning {
        match reasoning.effort.as_deref() {
            _ if reasoning.off => body.set("think", false),
            Some("none") => body.set("think", false),
            effort => body.set_some("think", effort),
        }
    }
    body.set("stream", call.stream);
    let options = options(call);
    body.set_filled("options", options);
    body.merge(&params.extra);
    let base = to.base_url.trim_end_matches('/').trim_end_matches("/v1");
    Ok(post(address(base, "/api/chat"), to, call.stream, body))
}

fn refuse_what_is_not_there(call: &Call) -> Result<(), Unsupported> {
    let params = &call.params;
    let forced = matches!(
        call.tool_choice,
        Some(ToolChoice::Required | ToolChoice::Named(_))
    );
    let reasoning = params.reasoning.as_ref();
    let effort = reasoning.and_then(|reasoning| reasoning.effort.as_deref());
    let absent = [
        ("tool_choice", forced),
        (
            "parallel_tool_calls: false",
            call.parallel_tool_calls == Some(false),
        ),
        ("n", params.n.is_some_and(|n| n > 1)),
        ("logprobs", params.logprobs.is_some()),
        ("user", params.user.is_some()),
        ("service_tier", params.service_tier.is_some()),
        (
            "reasoning.budget_tokens",
            reasoning.is_some_and(|reasoning| reasoning.budget_tokens.is_some()),
        ),
        (
            "reasoning.effort",
            !matches!(effort, None | Some("none" | "low" | "medium" | "high")),
        ),
    ];
    match absent.into_iter().find(|(_, asked)| *asked) {
        Some((field, _)) => Err(unsupported(NAME, field, "leave it out for this model")),
        None => Ok(()),
    }
}

fn options(call: &Call) -> Body {
    let params: &Params = &call.params;
    let mut options = Body::default();
    options.set_some("temperature", params.temperature);
    options.set_some("top_p", params.top_p);
    options.set_some("top_k", params.top_k);
    options.set_some("num_predict", params.max_tokens);
    if !params.stop.is_empty() {
        options.set("stop", params.stop.as_slice());
    }
    options.set_some("seed", params.seed);
    options.set_some("presence_penalty", params.presence_penalty);
    options.set_some("frequency_penalty", params.frequency_penalty);
    options.set_some("num_ctx", context(call));
    options
}

/// The context that must be asked for, as the server cuts a longer prompt without a word; `None` where
/// the usual one is enough, or where the call sets its own.
pub(super) fn context(call: &Call) -> Option<u64> {
    let params = &call.params;
    // three bytes a token is on the safe side
    let prompt: usize = call
        .messages
        .iter()
        .map(|turn| turn.joined_text().len() / 3 + 16)
        .sum();
    let tools: usize = call
        .tools
        .iter()
        .map(|tool| tool.parameters.to_string().len() / 3)
        .sum();
    let needed = (prompt + tools) as u64 + params.max_tokens.unwrap_or(512);
    let given = params
        .extra
        .get("options")
        .is_some_and(|options| at(options, &["num_ctx"]).is_some());
    (needed > SURE_CONTEXT && !given).then(|| needed.next_power_of_two())
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
    body.set("content", turn.joined_text());
    let pictures = turn
        .parts
        .iter()
        .filter(|part| matches!(part, Part::Image { .. }));
    let images = pictures.map(|part| match picture(part, NAME)? {
        Picture::Inline { data, .. } => Ok(data),
        Picture::Address { .. } => Err(unsupported(
            NAME,
            "image by address",
            "give its `data` (base64)",
        )),
    });
    let images = images.collect::<Result<Vec<_>, _>>()?;
    if !images.is_empty() {
        body.set("images", images);
    }
    if !turn.tool_calls.is_empty() {
        let calls = turn.tool_calls.iter().map(|call| {
            let arguments = arguments_object(call);
            json!({"id": call.id, "function": {"name": call.name, "arguments": arguments}})
        });
        body.set("tool_calls", calls.collect::<Vec<_>>());
    }
    body.set_some(
        "tool_name",
        turn.name.as_deref().filter(|_| turn.role == Role::Tool),
    );
    body.set_some("tool_call_id", turn.tool_call_id.as_deref());
    Ok(Value::Object(body.0))
}

/// A reply as far as it has come.
#[derive(Debug, Default)]
struct Chat {
    reply: Reply,
    usage: Map<String, Value>,
    ended: bool,
}

impl Answer for Chat {
    fn take(&mut self, _: &str, line: &Value) -> Seen {
        if let Some(model) = words(line, &["model"]) {
            self.reply.served_model = Some(model.into());
        }
        for name in ["prompt_eval_count", "eval_count"] {
            if let Some(tokens) = at(line, &[name]) {
                self.usage.insert(name.into(), tokens.clone());
            }
        }
        if at(line, &["done"]) == Some(&json!(true)) {
            self.ended = true;
            self.reply.finish_raw = words(line, &["done_reason"]).map(Into::into);
        }
        let Some(message) = at(line, &["message"]) else {
            return Seen::Nothing;
        };
        let said = text(message, &["content"]).unwrap_or_default();
        self.reply.text.push_str(said);
        let thought = text(message, &["thinking"]).unwrap_or_default();
        append(&mut self.reply.reasoning_text, thought);
        let calls = list(message, &["tool_calls"]);
        let before = self.reply.tool_calls.len();
        self.reply
            .tool_calls
            .extend(calls.iter().enumerate().map(|(n, call)| ToolCall {
                id: words(call, &["id"]).map_or_else(|| format!("call_{}", before + n), Into::into),
                name: text(call, &["function", "name"]).unwrap_or_default().into(),
                arguments: match at(call, &["function", "arguments"]) {
                    Some(Value::String(text)) => tool_calls::arguments(text),
                    Some(object) => object.clone(),
                    None => json!({}),
                },
            }));
        if !said.is_empty() || !calls.is_empty() {
            Seen::Visible
        } else if !thought.is_empty() {
            Seen::Token
        } else {
            Seen::Nothing
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let reply = &self.reply;
        let mut parts = flat(reply.reasoning_text.as_ref(), &reply.text, None);
        parts.extend(reply.tool_calls.iter().map(whole_call));
        parts
    }

    fn so_far(self) -> Reply {
        let stated = |name: &str| self.usage.get(name).and_then(|tokens| count(tokens, &[]));
        let mut reply = self.reply;
        let called = !reply.tool_calls.is_empty();
        reply.finish = reply.finish_raw.as_deref().map(|word| match word {
            "stop" if called => Finish::ToolCalls,
            "stop" => Finish::Stop,
            "length" => Finish::Length,
            _ => Finish::Other,
        });
        reply.usage = Usage {
            input: stated("prompt_eval_count"),
            output: stated("eval_count"),
            raw: (!self.usage.is_empty()).then(|| Value::Object(self.usage.clone())),
            ..Usage::default()
        };
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Auth, Frames, Framing};

    fn asked(text: &str) -> Call {
        Call {
            model: "m".into(),
            messages: vec![Message::text(Role::User, text)],
            ..Call::default()
        }
    }

    fn encode(call: &Call) -> Result<HttpRequest, Unsupported> {
        let to = Endpoint {
            base_url: "http://localhost:11434/v1".into(),
            auth: Auth::Bearer,
            key: None,
            quirks: Default::default(),
        };
        Ollama.encode(call, &to)
    }

    #[test]
    fn long_prompts_ask_for_a_context() {
        let short = encode(&asked("Hi")).unwrap();
        assert_eq!(short.url, "http://localhost:11434/api/chat");
        assert!(!String::from_utf8_lossy(&short.body).contains("num_ctx"));
        let long = encode(&asked(&"word ".repeat(2000))).unwrap();
        let body: Value = serde_json::from_slice(&long.body).unwrap();
        assert_eq!(body["options"]["num_ctx"], 4096);
    }

    #[test]
    fn what_the_api_lacks_is_refused() {
        let mut call = asked("Hi");
        call.tool_choice = Some(ToolChoice::Required);
        assert_eq!(encode(&call).unwrap_err().field, "tool_choice");
    }

    #[test]
    fn a_cut_stream_and_an_error_keep_what_came() {
        let read = |text: &str| {
            let mut decoder = Ollama.stream();
            for frame in Frames::of(Framing::Ndjson, text.as_bytes()).unwrap() {
                decoder.frame(&frame);
            }
            decoder.finish().unwrap_err()
        };
        let half = "{\"message\":{\"content\":\"half\"},\"done\":false}\n";
        let cut = read(half);
        assert_eq!(cut.error_type.as_deref(), Some("stream_truncated"));
        let broken = read(&format!("{half}{{\"error\":\"out of memory\"}}\n"));
        assert_eq!(broken.message, "out of memory");
        assert_eq!(broken.partial.unwrap().text, "half");
    }
}
