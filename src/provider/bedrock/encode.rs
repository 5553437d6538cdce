//! A neutral call → the body of a Converse request.

use super::NAME;
use crate::prompt::{Message, Part, Role};
use crate::provider::body::{
    Body, Picture, address, arguments_object, in_path, picture, post, unsupported,
};
use crate::provider::call::{Call, Tool, ToolChoice};
use crate::provider::lenient::at;
use crate::provider::{Endpoint, HttpRequest, Unsupported};
use serde_json::{Value, json};

/// The request that asks `call` of `to`.
pub(super) fn request(call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
    let params = &call.params;
    let claude = call.model.contains("anthropic.");
    refuse_what_is_not_there(call, claude)?;
    let mut body = Body::default();
    let systems = call
        .messages
        .iter()
        .filter(|turn| turn.role == Role::System);
    let system = systems.flat_map(|turn| &turn.parts).map(block);
    let system = system.collect::<Result<Vec<_>, _>>()?;
    if !system.is_empty() {
        body.set("system", system);
    }
    body.set("messages", messages(call)?);
    let mut inference = Body::default();
    inference.set_some("maxTokens", params.max_tokens);
    inference.set_some("temperature", params.temperature);
    inference.set_some("topP", params.top_p);
    if !params.stop.is_empty() {
        inference.set("stopSequences", params.stop.as_slice());
    }
    body.set_filled("inferenceConfig", inference);
    let mut own = Body::default();
    own.set_some("top_k", params.top_k);
    if let Some(reasoning) = &params.reasoning {
        own.set_some(
            "thinking",
            match reasoning.budget_tokens {
                _ if reasoning.off => Some(json!({"type": "disabled"})),
                Some(budget) => Some(json!({"type": "enabled", "budget_tokens": budget})),
                None => None,
            },
        );
    }
    body.set_filled("additionalModelRequestFields", own);
    body.set_some("toolConfig", tools(call));
    body.merge(&params.extra);
    let action = if call.stream {
        "converse-stream"
    } else {
        "converse"
    };
    let path = format!("/model/{}/{action}", in_path(&call.model, b""));
    let mut request = post(address(&to.base_url, &path), to, call.stream, body);
    for (name, value) in &mut request.headers {
        if *name == "accept" && call.stream {
            *value = "application/vnd.amazon.eventstream".into();
        }
    }
    Ok(request)
}

fn refuse_what_is_not_there(call: &Call, claude: bool) -> Result<(), Unsupported> {
    let params = &call.params;
    let penalty = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty != 0.0);
    let reasoning = params.reasoning.as_ref();
    let absent = [
        ("presence_penalty", penalty(params.presence_penalty)),
        ("frequency_penalty", penalty(params.frequency_penalty)),
        ("n", params.n.is_some_and(|n| n > 1)),
        ("logprobs", params.logprobs.is_some()),
        ("user", params.user.is_some()),
        ("service_tier", params.service_tier.is_some()),
        ("response_json", params.response_json),
        ("response_schema", params.response_schema.is_some()),
        (
            "parallel_tool_calls: false",
            call.parallel_tool_calls == Some(false),
        ),
        ("top_k", params.top_k.is_some() && !claude),
        ("reasoning", reasoning.is_some() && !claude),
        (
            "reasoning.effort",
            reasoning.is_some_and(|reasoning| reasoning.effort.is_some()),
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
            "response_json" | "response_schema" => "give a tool with that schema and require it",
            _ => "leave it out, or send the model's own field in `extra`",
        },
    ))
}

fn tools(call: &Call) -> Option<Value> {
    if call.tools.is_empty() || call.tool_choice == Some(ToolChoice::None) {
        return None;
    }
    let spec = |tool: &Tool| {
        let mut spec = Body::default();
        spec.set("name", tool.name.as_str());
        spec.set_some("description", tool.description.as_deref());
        spec.set("inputSchema", json!({"json": tool.parameters}));
        json!({"toolSpec": spec.0})
    };
    let mut config = Body::default();
    config.set("tools", call.tools.iter().map(spec).collect::<Vec<_>>());
    config.set_some(
        "toolChoice",
        call.tool_choice.as_ref().map(|choice| match choice {
            ToolChoice::Named(name) => json!({"tool": {"name": name}}),
            ToolChoice::Required => json!({"any": {}}),
            ToolChoice::Auto | ToolChoice::None => json!({"auto": {}}),
        }),
    );
    Some(Value::Object(config.0))
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
        let content = turn
            .parts
            .iter()
            .map(block)
            .collect::<Result<Vec<_>, _>>()?;
        let id = turn.tool_call_id.as_deref().unwrap_or_default();
        let result = json!({"toolResult": {"toolUseId": id, "content": content}});
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
    if let Some(content) = turn
        .state
        .as_ref()
        .and_then(|state| at(state, &[NAME, "content"]))
    {
        return Ok(json!({"role": role, "content": content}));
    }
    let mut content = turn
        .parts
        .iter()
        .map(block)
        .collect::<Result<Vec<_>, _>>()?;
    content.extend(turn.tool_calls.iter().map(|call| {
        let input = arguments_object(call);
        json!({"toolUse": {"toolUseId": call.id, "name": call.name, "input": input}})
    }));
    Ok(json!({"role": role, "content": content}))
}

fn block(part: &Part) -> Result<Value, Unsupported> {
    if let Part::Text { text } = part {
        return Ok(json!({"text": text}));
    }
    match picture(part, NAME)? {
        Picture::Inline { media_type, data } => {
            let format = media_type.rsplit('/').next().unwrap_or("png");
            Ok(json!({"image": {"format": format, "source": {"bytes": data}}}))
        }
        Picture::Address { .. } => Err(unsupported(
            NAME,
            "image by address",
            "give its `data` (base64)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::ToolCall;
    use crate::provider::{Auth, Reasoning};

    fn encode(call: &Call) -> Result<HttpRequest, Unsupported> {
        let to = Endpoint {
            base_url: "https://bedrock-runtime.us-east-1.amazonaws.com".into(),
            auth: Auth::Bearer,
            key: None,
            quirks: Default::default(),
        };
        request(call, &to)
    }

    #[test]
    fn a_call_with_tools_and_their_results() {
        let mut call = Call {
            model: "us.anthropic.claude-x-v1:0".into(),
            messages: vec![
                Message::text(Role::System, "S"),
                Message::text(Role::User, "Hi"),
            ],
            stream: true,
            ..Call::default()
        };
        call.messages.push(Message {
            parts: Vec::new(),
            tool_calls: vec![ToolCall {
                id: "t".into(),
                name: "f".into(),
                arguments: Value::Null,
            }],
            ..Message::text(Role::Assistant, "")
        });
        call.messages.push(Message {
            tool_call_id: Some("t".into()),
            ..Message::text(Role::Tool, "R")
        });
        call.params.max_tokens = Some(9);
        call.params.reasoning = Some(Reasoning {
            budget_tokens: Some(1024),
            ..Reasoning::default()
        });
        let request = encode(&call).unwrap();
        assert!(
            request
                .url
                .ends_with("/model/us.anthropic.claude-x-v1%3A0/converse-stream")
        );
        assert!(
            request
                .headers
                .contains(&("accept", "application/vnd.amazon.eventstream".into()))
        );
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(
            body,
            json!({"system": [{"text": "S"}], "messages": [{"role": "user", "content": [{"text": "Hi"}]},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"text": "R"}]}}]}],
                "inferenceConfig": {"maxTokens": 9},
                "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}})
        );
        call.model = "amazon.nova-lite-v1:0".into();
        assert_eq!(encode(&call).unwrap_err().field, "reasoning");
    }
}
