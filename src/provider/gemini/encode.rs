//! A neutral call → the body of a `generateContent` request.

use super::NAME;
use crate::prompt::{Message, Part, Role};
use crate::provider::body::{
    Body, Picture, address, arguments_object, in_path, picture, post, unsupported,
};
use crate::provider::call::{Call, Params, Tool, ToolChoice};
use crate::provider::lenient::at;
use crate::provider::{Endpoint, HttpRequest, Unsupported};
use serde_json::{Value, json};

/// The request that asks `call` of `to`.
pub(super) fn request(call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
    let params = &call.params;
    if params.user.is_some() {
        return Err(unsupported(
            NAME,
            "user",
            "the API has no field for an end user, leave it out",
        ));
    }
    if params.service_tier.is_some() {
        return Err(unsupported(
            NAME,
            "service_tier",
            "leave it out, or send the API's own field in `extra`",
        ));
    }
    if call.parallel_tool_calls == Some(false) {
        return Err(unsupported(
            NAME,
            "parallel_tool_calls: false",
            "the API has no switch for it, leave it out",
        ));
    }
    let mut warnings = Vec::new();
    let mut body = Body::default();
    body.set_some("systemInstruction", system(call)?);
    body.set("contents", contents(call)?);
    if call.tools.iter().any(|tool| tool.strict == Some(true)) {
        warnings.push("the API has no strict tools: `strict` was left out".into());
    }
    if !call.tools.is_empty() {
        let tools: Vec<Value> = call.tools.iter().map(tool).collect();
        body.set("tools", json!([{"functionDeclarations": tools}]));
    }
    body.set_some(
        "toolConfig",
        call.tool_choice.as_ref().map(|choice| {
            let calling = match choice {
                ToolChoice::Auto => json!({"mode": "AUTO"}),
                ToolChoice::None => json!({"mode": "NONE"}),
                ToolChoice::Required => json!({"mode": "ANY"}),
                ToolChoice::Named(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
            };
            json!({"functionCallingConfig": calling})
        }),
    );
    body.set_filled("generationConfig", generation(params)?);
    body.merge(&params.extra);
    let mut request = post(url(call, to), to, call.stream, body);
    request.warnings = warnings;
    Ok(request)
}

/// `…/models/M:generateContent`, below a base that may or may not name the API's version.
fn url(call: &Call, to: &Endpoint) -> String {
    let base = to
        .base_url
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    let last = base.rsplit('/').next().unwrap_or_default();
    let versioned =
        base.contains("/publishers/") || ["v1", "v1alpha", "v1beta", "v1beta1"].contains(&last);
    let version = if versioned { "" } else { "/v1beta" };
    let folder = if call.model.contains('/') {
        ""
    } else {
        "models/"
    };
    let action = match call.stream {
        true => "streamGenerateContent?alt=sse",
        false => "generateContent",
    };
    address(
        &to.base_url,
        &format!("{version}/{folder}{}:{action}", in_path(&call.model, b"/@")),
    )
}

fn generation(params: &Params) -> Result<Body, Unsupported> {
    let mut config = Body::default();
    config.set_some("temperature", params.temperature);
    config.set_some("topP", params.top_p);
    config.set_some("topK", params.top_k);
    config.set_some("candidateCount", params.n);
    config.set_some("maxOutputTokens", params.max_tokens);
    if !params.stop.is_empty() {
        config.set("stopSequences", params.stop.as_slice());
    }
    config.set_some("seed", params.seed);
    config.set_some("presencePenalty", params.presence_penalty);
    config.set_some("frequencyPenalty", params.frequency_penalty);
    if let Some(top) = params.logprobs {
        config.set("responseLogprobs", true);
        config.set_some("logprobs", (top > 0).then_some(top));
    }
    if params.response_json || params.response_schema.is_some() {
        config.set("responseMimeType", "application/json");
    }
    config.set_some(
        "responseJsonSchema",
        params
            .response_schema
            .as_ref()
            .map(|schema| schema.schema.clone()),
    );
    let Some(reasoning) = &params.reasoning else {
        return Ok(config);
    };
    let thinking = match (reasoning.effort.as_deref(), reasoning.budget_tokens) {
        _ if reasoning.off => json!({"thinkingBudget": 0}),
        (Some("none"), _) => json!({"thinkingBudget": 0}),
        (Some(effort @ ("minimal" | "low" | "medium" | "high")), _) => {
            json!({"thinkingLevel": effort.to_uppercase()})
        }
        (Some(effort), _) => {
            let field = format!("reasoning.effort {effort}");
            return Err(unsupported(NAME, &field, "the most effort is `high`"));
        }
        (None, Some(budget)) => json!({"thinkingBudget": budget}),
        (None, None) => return Ok(config),
    };
    config.set("thinkingConfig", thinking);
    Ok(config)
}

fn tool(tool: &Tool) -> Value {
    let mut body = Body::default();
    body.set("name", tool.name.as_str());
    body.set_some("description", tool.description.as_deref());
    body.set("parametersJsonSchema", tool.parameters.clone());
    Value::Object(body.0)
}

/// System messages stand apart from the conversation.
fn system(call: &Call) -> Result<Option<Value>, Unsupported> {
    let turns = call
        .messages
        .iter()
        .filter(|turn| turn.role == Role::System);
    let parts = turns.flat_map(|turn| &turn.parts).map(part);
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    Ok((!parts.is_empty()).then(|| json!({"parts": parts})))
}

/// The conversation; all results of one turn's tools go into one content.
fn contents(call: &Call) -> Result<Vec<Value>, Unsupported> {
    let mut contents: Vec<Value> = Vec::new();
    let mut results_open = false;
    for (at, turn) in call.messages.iter().enumerate() {
        match turn.role {
            Role::System => continue,
            Role::Tool => {
                let result = result(turn, &call.messages[..at])?;
                match contents
                    .last_mut()
                    .and_then(|last| last["parts"].as_array_mut())
                {
                    Some(results) if results_open => results.push(result),
                    _ => contents.push(json!({"role": "user", "parts": [result]})),
                }
            }
            Role::User => contents.push(json!({"role": "user", "parts": parts(turn)?})),
            Role::Assistant => contents.push(json!({"role": "model", "parts": parts(turn)?})),
        }
        results_open = turn.role == Role::Tool;
    }
    Ok(contents)
}

fn parts(turn: &Message) -> Result<Value, Unsupported> {
    if let Some(parts) = turn
        .state
        .as_ref()
        .and_then(|state| at(state, &[NAME, "parts"]))
    {
        return Ok(parts.clone());
    }
    let mut parts = turn.parts.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    parts.extend(turn.tool_calls.iter().map(|call| {
        let args = arguments_object(call);
        let mut body = Body::default();
        body.set_some("id", (!call.id.is_empty()).then_some(call.id.as_str()));
        body.set("name", call.name.as_str());
        body.set("args", args);
        json!({"functionCall": body.0})
    }));
    Ok(json!(parts))
}

/// A tool's result: a JSON object as it is, all else under `output`, as the API's reference has it.
fn result(turn: &Message, before: &[Message]) -> Result<Value, Unsupported> {
    if turn
        .parts
        .iter()
        .any(|part| !matches!(part, Part::Text { .. }))
    {
        return Err(unsupported(
            NAME,
            "image in a tool's result",
            "put it into a user message",
        ));
    }
    let said = turn.joined_text();
    let response = match serde_json::from_str::<Value>(&said) {
        Ok(object @ Value::Object(_)) => object,
        Ok(value) => json!({"output": value}),
        Err(_) => json!({"output": said}),
    };
    let id = turn.tool_call_id.as_deref();
    let called = before
        .iter()
        .rev()
        .flat_map(|turn| &turn.tool_calls)
        .find(|call| Some(call.id.as_str()) == id);
    let name = turn
        .name
        .as_deref()
        .or(called.map(|call| call.name.as_str()));
    let mut body = Body::default();
    body.set_some("id", id);
    body.set("name", name.unwrap_or_default());
    body.set("response", response);
    Ok(json!({"functionResponse": body.0}))
}

fn part(part: &Part) -> Result<Value, Unsupported> {
    if let Part::Text { text } = part {
        return Ok(json!({"text": text}));
    }
    Ok(match picture(part, NAME)? {
        Picture::Inline { media_type, data } => {
            json!({"inlineData": {"mimeType": media_type, "data": data}})
        }
        Picture::Address { media_type, url } => {
            let mut file = Body::default();
            file.set_some("mimeType", media_type);
            file.set("fileUri", url);
            json!({"fileData": file.0})
        }
    })
}
