//! A neutral call → the body of a Messages request.

use super::NAME;
use crate::prompt::{Message, Part, Role};
use crate::provider::body::{
    Body, Picture, address, arguments_object, in_path, picture, post, unsupported,
};
use crate::provider::call::{Call, Params, Tool, ToolChoice};
use crate::provider::lenient::at;
use crate::provider::{Endpoint, HttpRequest, Unsupported};
use serde_json::{Value, json};

/// The version of the API that this dialect is.
pub(in crate::provider) const VERSION: &str = "2023-06-01";

/// What stands for the version and the model in a body that goes to Vertex AI.
const VERTEX: &str = "vertex-2023-10-16";

/// The API wants a limit; this is sent where the call has none.
pub(in crate::provider) const MAX_TOKENS: u64 = 4096;

/// The request that asks `call` of `to`.
pub(super) fn request(call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
    let params = &call.params;
    refuse_what_is_not_there(params)?;
    let mut body = Body::default();
    match to.quirks.vertex {
        true => body.set("anthropic_version", VERTEX),
        false => body.set("model", call.model.as_str()),
    }
    body.set("max_tokens", params.max_tokens.unwrap_or(MAX_TOKENS));
    body.set_some("system", system(call)?);
    body.set("messages", messages(call)?);
    body.set_some("temperature", params.temperature);
    body.set_some("top_p", params.top_p);
    body.set_some("top_k", params.top_k);
    if !params.stop.is_empty() {
        body.set("stop_sequences", params.stop.as_slice());
    }
    body.set_some(
        "metadata",
        params.user.as_ref().map(|user| json!({"user_id": user})),
    );
    body.set_some("service_tier", params.service_tier.as_deref());
    if !call.tools.is_empty() {
        let tools: Vec<Value> = call.tools.iter().map(tool).collect();
        body.set("tools", tools);
    }
    body.set_some("tool_choice", tool_choice(call));
    think(params, &mut body)?;
    if call.stream {
        body.set("stream", true);
    }
    body.merge(&params.extra);
    let path = match (to.quirks.vertex, call.stream) {
        (false, _) => "/v1/messages".to_owned(),
        (true, stream) => {
            let action = if stream {
                "streamRawPredict"
            } else {
                "rawPredict"
            };
            format!("/models/{}:{action}", in_path(&call.model, b"@"))
        }
    };
    let mut request = post(address(&to.base_url, &path), to, call.stream, body);
    if !to.quirks.vertex {
        request.headers.push(("anthropic-version", VERSION.into()));
    }
    Ok(request)
}

fn refuse_what_is_not_there(params: &Params) -> Result<(), Unsupported> {
    let penalty = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    let absent = [
        ("presence_penalty", penalty(params.presence_penalty)),
        ("frequency_penalty", penalty(params.frequency_penalty)),
        ("n", params.n.is_some_and(|n| n > 1)),
        ("logprobs", params.logprobs.is_some()),
        (
            "response_json",
            params.response_json && params.response_schema.is_none(),
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
            "response_json" => "give a `response_schema`",
            _ => "leave it out for this model",
        },
    ))
}

/// Reasoning and the form of the answer, which share `output_config`.
fn think(params: &Params, body: &mut Body) -> Result<(), Unsupported> {
    let mut output = Body::default();
    if let Some(schema) = &params.response_schema {
        output.set(
            "format",
            json!({"type": "json_schema", "schema": schema.schema}),
        );
    }
    if let Some(reasoning) = &params.reasoning {
        match (reasoning.effort.as_deref(), reasoning.budget_tokens) {
            _ if reasoning.off => body.set("thinking", json!({"type": "disabled"})),
            (Some("none"), _) => body.set("thinking", json!({"type": "disabled"})),
            (Some("minimal"), _) => {
                return Err(unsupported(
                    NAME,
                    "reasoning.effort minimal",
                    "the least effort is `low`",
                ));
            }
            (_, Some(budget)) => {
                body.set(
                    "thinking",
                    json!({"type": "enabled", "budget_tokens": budget}),
                );
            }
            (Some(effort), None) => {
                body.set("thinking", json!({"type": "adaptive"}));
                output.set("effort", effort);
            }
            (None, None) => {}
        }
    }
    body.set_filled("output_config", output);
    Ok(())
}

fn tool(tool: &Tool) -> Value {
    let mut body = Body::default();
    body.set("name", tool.name.as_str());
    body.set_some("description", tool.description.as_deref());
    body.set("input_schema", tool.parameters.clone());
    body.set_some("strict", tool.strict);
    Value::Object(body.0)
}

fn tool_choice(call: &Call) -> Option<Value> {
    let one_at_a_time = call.parallel_tool_calls == Some(false) && !call.tools.is_empty();
    let mut choice = match &call.tool_choice {
        None if one_at_a_time => json!({"type": "auto"}),
        None => return None,
        Some(ToolChoice::Auto) => json!({"type": "auto"}),
        Some(ToolChoice::None) => return Some(json!({"type": "none"})),
        Some(ToolChoice::Required) => json!({"type": "any"}),
        Some(ToolChoice::Named(name)) => json!({"type": "tool", "name": name}),
    };
    if one_at_a_time {
        choice["disable_parallel_tool_use"] = json!(true);
    }
    Some(choice)
}

/// System messages stand apart from the conversation: one is a text, several are blocks.
fn system(call: &Call) -> Result<Option<Value>, Unsupported> {
    let turns = call
        .messages
        .iter()
        .filter(|turn| turn.role == Role::System);
    let blocks = turns.flat_map(|turn| &turn.parts).map(block);
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    Ok(match blocks.as_slice() {
        [] => None,
        [only] if only["type"] == "text" => Some(only["text"].clone()),
        _ => Some(json!(blocks)),
    })
}

/// The conversation; all results of one turn's tools go into one user message.
fn messages(call: &Call) -> Result<Vec<Value>, Unsupported> {
    let mut messages: Vec<Value> = Vec::new();
    let mut results_open = false;
    for turn in call
        .messages
        .iter()
        .filter(|turn| turn.role != Role::System)
    {
        if turn.role != Role::Tool {
            results_open = false;
            messages.push(message(turn)?);
            continue;
        }
        let result = json!({
            "type": "tool_result",
            "tool_use_id": turn.tool_call_id.as_deref().unwrap_or_default(),
            "content": content(turn)?,
        });
        match messages
            .last_mut()
            .and_then(|last| last["content"].as_array_mut())
        {
            Some(results) if results_open => results.push(result),
            _ => messages.push(json!({"role": "user", "content": [result]})),
        }
        results_open = true;
    }
    Ok(messages)
}

fn message(turn: &Message) -> Result<Value, Unsupported> {
    let role = match turn.role {
        Role::Assistant => "assistant",
        _ => "user",
    };
    let state = turn
        .state
        .as_ref()
        .and_then(|state| at(state, &[NAME, "content"]));
    let content = match state {
        Some(content) => content.clone(),
        None if turn.tool_calls.is_empty() => content(turn)?,
        None => {
            let said = turn
                .parts
                .iter()
                .filter(|part| !matches!(part, Part::Text { text } if text.is_empty()));
            let mut blocks = said.map(block).collect::<Result<Vec<_>, _>>()?;
            blocks.extend(turn.tool_calls.iter().map(|call| {
                let input = arguments_object(call);
                json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
            }));
            json!(blocks)
        }
    };
    Ok(json!({"role": role, "content": content}))
}

fn content(turn: &Message) -> Result<Value, Unsupported> {
    Ok(match turn.parts.as_slice() {
        [] => json!(""),
        [Part::Text { text }] => json!(text),
        parts => json!(parts.iter().map(block).collect::<Result<Vec<_>, _>>()?),
    })
}

fn block(part: &Part) -> Result<Value, Unsupported> {
    if let Part::Text { text } = part {
        return Ok(json!({"type": "text", "text": text}));
    }
    let source = match picture(part, NAME)? {
        Picture::Inline { media_type, data } => {
            json!({"type": "base64", "media_type": media_type, "data": data})
        }
        Picture::Address { url, .. } => json!({"type": "url", "url": url}),
    };
    Ok(json!({"type": "image", "source": source}))
}
