//! A neutral call → the body of a chat completion request.

use super::OpenAiChat;
use crate::prompt::{Message, Part, Role, ToolCall};
use crate::provider::body::{Body, Picture, address, arguments_text, picture, post, unsupported};
use crate::provider::call::{Call, Params, Reasoning, Tool, ToolChoice};
use crate::provider::catalog::{Quirks, Thinking};
use crate::provider::lenient::at;
use crate::provider::{Endpoint, HttpRequest, Unsupported};
use serde_json::{Value, json};

/// The request that asks `call` of `to`.
pub(super) fn request(
    spelling: &OpenAiChat,
    call: &Call,
    to: &Endpoint,
) -> Result<HttpRequest, Unsupported> {
    let quirks = &to.quirks;
    let mut warnings = Vec::new();
    let mut body = Body::default();
    body.set("model", call.model.as_str());
    body.set("messages", messages(spelling, call, quirks)?);
    sampling(spelling, &call.params, quirks, &mut body)?;
    if let Some(reasoning) = &call.params.reasoning {
        think(spelling, reasoning, quirks, &mut body)?;
    }
    body.set_some("response_format", response_format(&call.params));
    if !call.tools.is_empty() {
        let tools: Vec<Value> = call.tools.iter().map(tool).collect();
        body.set("tools", tools);
    }
    body.set_some(
        "tool_choice",
        call.tool_choice
            .as_ref()
            .map(|choice| choose(spelling, choice)),
    );
    body.set_some("parallel_tool_calls", call.parallel_tool_calls);
    if call.stream {
        body.set("stream", true);
        if !spelling.no_stream_options && !quirks.no_stream_options {
            body.set("stream_options", json!({"include_usage": true}));
        }
    }
    if spelling.few_options && call.params.service_tier.is_some() {
        warnings.push("service_tier was sent, though few models here take it".into());
    }
    body.merge(&call.params.extra);
    let mut request = post(address(&to.base_url, spelling.path), to, call.stream, body);
    request.warnings = warnings;
    Ok(request)
}

fn sampling(
    spelling: &OpenAiChat,
    params: &Params,
    quirks: &Quirks,
    body: &mut Body,
) -> Result<(), Unsupported> {
    let limit = match quirks.max_completion_tokens {
        true => "max_completion_tokens",
        false => "max_tokens",
    };
    body.set_some(limit, params.max_tokens);
    body.set_some("temperature", params.temperature);
    body.set_some("top_p", params.top_p);
    if params.top_k.is_some() && !spelling.top_k && !quirks.top_k {
        let help = "leave it out, or send it in `extra` to a server that knows it";
        return Err(unsupported(spelling.name, "top_k", help));
    }
    body.set_some("top_k", params.top_k);
    if !params.stop.is_empty() {
        body.set("stop", params.stop.as_slice());
    }
    body.set_some(spelling.seed, params.seed);
    body.set_some("presence_penalty", params.presence_penalty);
    body.set_some("frequency_penalty", params.frequency_penalty);
    body.set_some("n", params.n);
    if let Some(top) = params.logprobs {
        body.set("logprobs", true);
        body.set_some("top_logprobs", (top > 0).then_some(top));
    }
    match (&params.user, spelling.user_in_metadata) {
        (Some(user), true) => body.set("metadata", json!({"user_id": user})),
        (user, _) => body.set_some("user", user.as_deref()),
    }
    body.set_some("service_tier", params.service_tier.as_deref());
    Ok(())
}

fn think(
    spelling: &OpenAiChat,
    reasoning: &Reasoning,
    quirks: &Quirks,
    body: &mut Body,
) -> Result<(), Unsupported> {
    let off = reasoning.off || reasoning.effort.as_deref() == Some("none");
    if let Some(budget) = reasoning.budget_tokens {
        if quirks.thinking != Thinking::Object {
            let help = "give an effort (`reasoning: {effort: low}`), the API takes no token budget";
            return Err(unsupported(spelling.name, "reasoning.budget_tokens", help));
        }
        body.set("reasoning", json!({"max_tokens": budget}));
    } else if quirks.thinking == Thinking::Object {
        let word = if off {
            Some("none")
        } else {
            reasoning.effort.as_deref()
        };
        body.set_some("reasoning", word.map(|word| json!({"effort": word})));
    } else if off && quirks.thinking == Thinking::Switch {
        body.set("thinking", json!({"type": "disabled"}));
    } else if off {
        body.set("reasoning_effort", "none");
    } else {
        body.set_some("reasoning_effort", reasoning.effort.as_deref());
    }
    Ok(())
}

fn response_format(params: &Params) -> Option<Value> {
    if let Some(schema) = &params.response_schema {
        return Some(json!({"type": "json_schema", "json_schema": {
            "name": schema.name,
            "schema": schema.schema,
            "strict": schema.strict.unwrap_or(true),
        }}));
    }
    params.response_json.then(|| json!({"type": "json_object"}))
}

fn tool(tool: &Tool) -> Value {
    let mut function = Body::default();
    function.set("name", tool.name.as_str());
    function.set_some("description", tool.description.as_deref());
    function.set("parameters", tool.parameters.clone());
    function.set_some("strict", tool.strict);
    json!({"type": "function", "function": function.0})
}

fn choose(spelling: &OpenAiChat, choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!(spelling.required),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn messages(
    spelling: &OpenAiChat,
    call: &Call,
    quirks: &Quirks,
) -> Result<Vec<Value>, Unsupported> {
    if !quirks.merge_turns {
        return call
            .messages
            .iter()
            .map(|turn| message(spelling, turn))
            .collect();
    }
    let mut merged: Vec<Message> = Vec::new();
    for turn in &call.messages {
        match merged.last_mut() {
            Some(last)
                if last.role == turn.role && matches!(turn.role, Role::User | Role::Assistant) =>
            {
                last.parts.push(Part::Text {
                    text: "\n\n".into(),
                });
                last.parts.extend(turn.parts.iter().cloned());
                last.tool_calls.extend(turn.tool_calls.iter().cloned());
            }
            _ => merged.push(turn.clone()),
        }
    }
    for turn in &mut merged {
        if turn
            .parts
            .iter()
            .all(|part| matches!(part, Part::Text { .. }))
            && turn.parts.len() > 1
        {
            turn.parts = vec![Part::Text {
                text: turn.joined_text(),
            }];
        }
    }
    merged.iter().map(|turn| message(spelling, turn)).collect()
}

fn message(spelling: &OpenAiChat, turn: &Message) -> Result<Value, Unsupported> {
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
    if turn.role == Role::Tool {
        body.set(
            "tool_call_id",
            turn.tool_call_id.as_deref().unwrap_or_default(),
        );
    }
    body.set("content", content(spelling, turn)?);
    let state = turn
        .state
        .as_ref()
        .and_then(|state| at(state, &["openai-chat"]));
    if !turn.tool_calls.is_empty() {
        let calls: Vec<Value> = turn
            .tool_calls
            .iter()
            .map(|call| tool_call(call, state))
            .collect();
        body.set("tool_calls", calls);
    }
    if let Some(Value::Object(fields)) = state.and_then(|state| at(state, &["fields"])) {
        body.merge(fields);
    }
    Ok(Value::Object(body.0))
}

fn content(spelling: &OpenAiChat, turn: &Message) -> Result<Value, Unsupported> {
    match turn.parts.as_slice() {
        [] if !turn.tool_calls.is_empty() => return Ok(Value::Null),
        [] => return Ok(json!("")),
        [Part::Text { text }] => return Ok(json!(text)),
        _ => {}
    }
    let parts = turn.parts.iter().map(|part| match part {
        Part::Text { text } => Ok(json!({"type": "text", "text": text})),
        Part::Image { .. } if turn.role != Role::User => {
            let help = "put the image into a user message";
            Err(unsupported(
                spelling.name,
                "image outside a user message",
                help,
            ))
        }
        Part::Image { .. } => {
            let url = match picture(part, spelling.name)? {
                Picture::Inline { media_type, data } => format!("data:{media_type};base64,{data}"),
                Picture::Address { url, .. } => url.to_string(),
            };
            let url = if spelling.bare_image {
                json!(url)
            } else {
                json!({"url": url})
            };
            Ok(json!({"type": "image_url", "image_url": url}))
        }
    });
    parts.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn tool_call(call: &ToolCall, state: Option<&Value>) -> Value {
    let arguments = arguments_text(call);
    let mut body = Body::default();
    body.set("id", call.id.as_str());
    body.set("type", "function");
    body.set(
        "function",
        json!({"name": call.name, "arguments": arguments}),
    );
    let extra = state.and_then(|state| at(state, &["tool_calls", &call.id]));
    body.set_some("extra_content", extra.cloned());
    Value::Object(body.0)
}
