//! A neutral call → the body of a Responses request.

use super::NAME;
use crate::prompt::{Message, Part, Role};
use crate::provider::body::{Body, Picture, address, arguments_text, picture, post, unsupported};
use crate::provider::call::{Call, Params, Tool, ToolChoice};
use crate::provider::lenient::at;
use crate::provider::{Endpoint, HttpRequest, Unsupported};
use serde_json::{Value, json};

/// The request that asks `call` of `to`.
pub(super) fn request(call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
    let params = &call.params;
    refuse_what_is_not_there(params)?;
    let mut body = Body::default();
    body.set("model", call.model.as_str());
    let system = instructions(&call.messages);
    let rest = &call.messages[usize::from(system.is_some())..];
    body.set_some("instructions", system);
    body.set("input", input(rest)?);
    body.set_some("max_output_tokens", params.max_tokens);
    body.set_some("temperature", params.temperature);
    body.set_some("top_p", params.top_p);
    if let Some(top) = params.logprobs {
        body.set("top_logprobs", top);
        body.set("include", json!(["message.output_text.logprobs"]));
    }
    body.set_some("user", params.user.as_deref());
    body.set_some("service_tier", params.service_tier.as_deref());
    if let Some(reasoning) = &params.reasoning {
        let effort = if reasoning.off {
            Some("none")
        } else {
            reasoning.effort.as_deref()
        };
        body.set_some("reasoning", effort.map(|effort| json!({"effort": effort})));
    }
    body.set_some(
        "text",
        format(params).map(|format| json!({"format": format})),
    );
    if !call.tools.is_empty() {
        let tools: Vec<Value> = call.tools.iter().map(tool).collect();
        body.set("tools", tools);
    }
    body.set_some(
        "tool_choice",
        call.tool_choice.as_ref().map(|choice| match choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::None => json!("none"),
            ToolChoice::Required => json!("required"),
            ToolChoice::Named(name) => json!({"type": "function", "name": name}),
        }),
    );
    body.set_some("parallel_tool_calls", call.parallel_tool_calls);
    body.set("store", false);
    if call.stream {
        body.set("stream", true);
    }
    body.merge(&params.extra);
    Ok(post(
        address(&to.base_url, "/responses"),
        to,
        call.stream,
        body,
    ))
}

fn refuse_what_is_not_there(params: &Params) -> Result<(), Unsupported> {
    let penalty = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    let budget = params
        .reasoning
        .as_ref()
        .and_then(|reasoning| reasoning.budget_tokens);
    let absent = [
        ("top_k", params.top_k.is_some()),
        ("stop", !params.stop.is_empty()),
        ("presence_penalty", penalty(params.presence_penalty)),
        ("frequency_penalty", penalty(params.frequency_penalty)),
        ("n", params.n.is_some_and(|n| n > 1)),
        ("reasoning.budget_tokens", budget.is_some()),
    ];
    let Some((field, _)) = absent.into_iter().find(|(_, asked)| *asked) else {
        return Ok(());
    };
    Err(unsupported(
        NAME,
        field,
        match field {
            "n" => "ask several times (`repeats`)",
            "reasoning.budget_tokens" => "give an effort (`reasoning: {effort: low}`)",
            "stop" => "leave it out, or use `api: openai-chat`",
            _ => "leave it out for this model",
        },
    ))
}

/// One system message at the start, of one text, is the instructions; others stay where they are.
fn instructions(messages: &[Message]) -> Option<&str> {
    let systems = messages
        .iter()
        .filter(|turn| turn.role == Role::System)
        .count();
    match messages
        .first()
        .map(|first| (first.role, first.parts.as_slice()))
    {
        Some((Role::System, [Part::Text { text }])) if systems == 1 => Some(text),
        _ => None,
    }
}

fn format(params: &Params) -> Option<Value> {
    if let Some(schema) = &params.response_schema {
        return Some(json!({
            "type": "json_schema",
            "name": schema.name,
            "schema": schema.schema,
            "strict": schema.strict.unwrap_or(true),
        }));
    }
    params.response_json.then(|| json!({"type": "json_object"}))
}

/// `strict` is always said: left out, this API takes it as true.
fn tool(tool: &Tool) -> Value {
    let mut body = Body::default();
    body.set("type", "function");
    body.set("name", tool.name.as_str());
    body.set_some("description", tool.description.as_deref());
    body.set("parameters", tool.parameters.clone());
    body.set("strict", tool.strict.unwrap_or(false));
    Value::Object(body.0)
}

fn input(messages: &[Message]) -> Result<Vec<Value>, Unsupported> {
    let mut items = Vec::new();
    for turn in messages {
        if let Some(Value::Array(kept)) = turn
            .state
            .as_ref()
            .and_then(|state| at(state, &[NAME, "output"]))
        {
            items.extend(kept_items(kept));
            continue;
        }
        if turn.role == Role::Tool {
            items.push(json!({
                "type": "function_call_output",
                "call_id": turn.tool_call_id.as_deref().unwrap_or_default(),
                "output": content(turn)?,
            }));
            continue;
        }
        let role = match turn.role {
            Role::System => "system",
            Role::Assistant => "assistant",
            _ => "user",
        };
        if !turn.parts.is_empty() || turn.tool_calls.is_empty() {
            items.push(json!({"role": role, "content": content(turn)?}));
        }
        items.extend(turn.tool_calls.iter().map(|call| {
            let arguments = arguments_text(call);
            json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
        }));
    }
    Ok(items)
}

/// The items of an earlier reply. Reasoning that is not encrypted is nothing to a server that stored
/// nothing, and what points at it by an id would be refused with it.
fn kept_items(kept: &[Value]) -> Vec<Value> {
    let lost =
        |item: &&Value| item["type"] == "reasoning" && !item["encrypted_content"].is_string();
    if !kept.iter().any(|item| lost(&item)) {
        return kept.to_vec();
    }
    let left = kept.iter().filter(|item| !lost(item)).cloned();
    left.map(|mut item| {
        if let Value::Object(fields) = &mut item {
            fields.remove("id");
        }
        item
    })
    .collect()
}

fn content(turn: &Message) -> Result<Value, Unsupported> {
    match turn.parts.as_slice() {
        [] => return Ok(json!("")),
        [Part::Text { text }] => return Ok(json!(text)),
        _ => {}
    }
    let kind = match turn.role {
        Role::Assistant => "output_text",
        _ => "input_text",
    };
    let parts = turn.parts.iter().map(|part| match part {
        Part::Text { text } => Ok(json!({"type": kind, "text": text})),
        Part::Image { .. } if turn.role == Role::Assistant => Err(unsupported(
            NAME,
            "image of the assistant",
            "put the image into a user message",
        )),
        Part::Image { .. } => {
            let url = match picture(part, NAME)? {
                Picture::Inline { media_type, data } => format!("data:{media_type};base64,{data}"),
                Picture::Address { url, .. } => url.to_string(),
            };
            Ok(json!({"type": "input_image", "image_url": url}))
        }
    });
    parts.collect::<Result<Vec<_>, _>>().map(Value::Array)
}
