//! A chat completion request → a neutral call.

use crate::prompt::{Message, Part, Role, ToolCall};
use crate::provider::{Call, Params, Reasoning, ResponseSchema, Tool, ToolChoice};
use crate::serve::fields::{Fields, Item, wrong};
use crate::serve::trouble::Trouble;
use crate::serve::wire::{Request, parsed};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fields for OpenAI's own books and caches: the answer is the same without them.
const HARMLESS: &[&str] = &[
    "store",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
];

/// What a request asks.
pub(super) fn request(body: &Value) -> Result<Request, Trouble> {
    let mut fields = Fields::of(body, "")?;
    let mut ignored = Vec::new();
    let model = fields.needed("model")?.to_owned();
    let stream = fields.flag("stream")?.unwrap_or(false);
    let usage = usage(&mut fields, &mut ignored)?;
    let messages = messages(fields.list("messages")?)?;
    if messages.is_empty() {
        return Err(wrong("messages", "must hold at least one message"));
    }
    let call = Call {
        model: String::new(),
        messages,
        tools: tools(fields.list("tools")?)?,
        tool_choice: tool_choice(&mut fields)?,
        parallel_tool_calls: fields.flag("parallel_tool_calls")?,
        params: params(&mut fields)?,
        stream,
    };
    let tags = tags(&mut fields)?;
    fields.harmless(HARMLESS, &mut ignored);
    if fields.take("functions").is_some() || fields.take("function_call").is_some() {
        return Err(wrong("functions", "is an old form; send `tools`"));
    }
    fields.only("modalities", &json!(["text"]))?;
    fields.only("logit_bias", &json!({}))?;
    fields.done()?;
    Ok(Request {
        model,
        call,
        usage,
        tags,
        ignored,
    })
}

fn usage(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<bool, Trouble> {
    let Some(options) = fields.take("stream_options") else {
        return Ok(false);
    };
    let mut options = Fields::of(options, "stream_options")?;
    let usage = options.flag("include_usage")?.unwrap_or(false);
    options.harmless(&["include_obfuscation"], ignored);
    options.done()?;
    Ok(usage)
}

/// The caller's own words about the request.
fn tags(fields: &mut Fields<'_>) -> Result<BTreeMap<String, String>, Trouble> {
    let Some(map) = fields.take("metadata") else {
        return Ok(BTreeMap::new());
    };
    let Value::Object(map) = map else {
        return Err(wrong("metadata", "must be an object of texts"));
    };
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        _ => Err(wrong(&format!("metadata.{name}"), "must be a text")),
    };
    map.iter().map(text).collect()
}

fn params(fields: &mut Fields<'_>) -> Result<Params, Trouble> {
    let old = fields.count("max_tokens")?;
    let (response_json, response_schema) = response_format(fields)?;
    if fields.count("n")?.is_some_and(|n| n != 1) {
        return Err(wrong("n", "must be 1; send the request several times"));
    }
    if fields.flag("logprobs")? == Some(true)
        || fields.count("top_logprobs")?.is_some_and(|k| k > 0)
    {
        return Err(wrong(
            "logprobs",
            "cannot be passed on in the reply; leave it out",
        ));
    }
    let effort = fields.text("reasoning_effort")?;
    Ok(Params {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.count("top_k")?,
        max_tokens: fields.count("max_completion_tokens")?.or(old),
        stop: fields.texts("stop")?,
        seed: fields.count("seed")?,
        presence_penalty: fields.number("presence_penalty")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        user: fields.text("user")?.map(str::to_owned),
        service_tier: fields.text("service_tier")?.map(str::to_owned),
        reasoning: effort.map(|effort| Reasoning {
            effort: Some(effort.to_owned()),
            ..Reasoning::default()
        }),
        response_json,
        response_schema,
        ..Params::default()
    })
}

fn response_format(fields: &mut Fields<'_>) -> Result<(bool, Option<ResponseSchema>), Trouble> {
    let Some(format) = fields.take("response_format") else {
        return Ok((false, None));
    };
    let mut format = Fields::of(format, "response_format")?;
    let found = match format.needed("type")? {
        "text" => (false, None),
        "json_object" => (true, None),
        "json_schema" => {
            let schema = format.take("json_schema").unwrap_or(&Value::Null);
            let mut schema = Fields::of(schema, "response_format.json_schema")?;
            let read = ResponseSchema {
                name: schema.needed("name")?.to_owned(),
                schema: schema.take("schema").cloned().unwrap_or_else(|| json!({})),
                strict: Some(schema.flag("strict")?.unwrap_or(false)),
            };
            schema.done()?;
            (false, Some(read))
        }
        other => {
            let why = format!("cannot be {other:?}; it is text, json_object or json_schema");
            return Err(wrong("response_format.type", &why));
        }
    };
    format.done()?;
    Ok(found)
}

fn tools(list: Vec<Item<'_>>) -> Result<Vec<Tool>, Trouble> {
    list.into_iter()
        .map(|(at, tool)| {
            let mut outer = Fields::of(tool, &*at)?;
            function_only(&mut outer)?;
            let function = outer.take("function").unwrap_or(&Value::Null);
            let mut function = Fields::of(function, format!("{at}.function"))?;
            let tool = Tool {
                name: function.needed("name")?.to_owned(),
                description: function.text("description")?.map(str::to_owned),
                parameters: function
                    .take("parameters")
                    .cloned()
                    .unwrap_or_else(|| json!({"type": "object", "properties": {}})),
                strict: function.flag("strict")?,
            };
            function.done()?;
            outer.done()?;
            Ok(tool)
        })
        .collect()
}

fn function_only(fields: &mut Fields<'_>) -> Result<(), Trouble> {
    match fields.text("type")? {
        None | Some("function") => Ok(()),
        Some(other) => {
            let why = format!("cannot be {other:?}: only function tools can be carried");
            Err(wrong(&fields.name("type"), &why))
        }
    }
}

fn tool_choice(fields: &mut Fields<'_>) -> Result<Option<ToolChoice>, Trouble> {
    let Some(choice) = fields.take("tool_choice") else {
        return Ok(None);
    };
    Ok(Some(match choice {
        Value::String(word) if word == "auto" => ToolChoice::Auto,
        Value::String(word) if word == "none" => ToolChoice::None,
        Value::String(word) if word == "required" => ToolChoice::Required,
        Value::Object(_) => {
            let mut outer = Fields::of(choice, "tool_choice")?;
            function_only(&mut outer)?;
            let function = outer.take("function").unwrap_or(&Value::Null);
            let mut function = Fields::of(function, "tool_choice.function")?;
            let name = function.needed("name")?.to_owned();
            function.done()?;
            outer.done()?;
            ToolChoice::Named(name)
        }
        other => {
            let why = format!("cannot be {other}; it is auto, none, required or a function");
            return Err(wrong("tool_choice", &why));
        }
    }))
}

fn messages(list: Vec<Item<'_>>) -> Result<Vec<Message>, Trouble> {
    let mut messages: Vec<Message> = Vec::with_capacity(list.len());
    for (at, value) in list {
        let mut fields = Fields::of(value, at)?;
        let role = match fields.needed("role")? {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            other => {
                let why = format!("cannot be {other:?}");
                return Err(wrong(&fields.name("role"), &why));
            }
        };
        let mut message = Message {
            parts: content(&mut fields, role)?,
            ..Message::text(role, "")
        };
        match role {
            Role::Assistant => assistant(&mut fields, &mut message)?,
            Role::Tool => {
                let id = fields.needed("tool_call_id")?;
                message.name = match fields.text("name")? {
                    Some(name) => Some(name.to_owned()),
                    None => called(&messages, id),
                };
                message.tool_call_id = Some(id.to_owned());
            }
            Role::System | Role::User => {}
        }
        fields.done()?;
        messages.push(message);
    }
    Ok(messages)
}

/// The name of the tool that this call called.
fn called(messages: &[Message], id: &str) -> Option<String> {
    let mut calls = messages.iter().rev().flat_map(|turn| &turn.tool_calls);
    calls
        .find(|call| call.id == id)
        .map(|call| call.name.clone())
}

fn assistant(fields: &mut Fields<'_>, message: &mut Message) -> Result<(), Trouble> {
    if let Some(refusal) = fields.text("refusal")?
        && message.parts.is_empty()
    {
        let text = refusal.to_owned();
        message.parts.push(Part::Text { text });
    }
    for (at, call) in fields.list("tool_calls")? {
        let mut outer = Fields::of(call, &*at)?;
        function_only(&mut outer)?;
        let id = outer.needed("id")?.to_owned();
        // its place in the stream that brought it, which a client may send back
        outer.take("index");
        let function = outer.take("function").unwrap_or(&Value::Null);
        let mut function = Fields::of(function, format!("{at}.function"))?;
        let call = ToolCall {
            id,
            name: function.needed("name")?.to_owned(),
            arguments: parsed(function.text("arguments")?.unwrap_or_default()),
        };
        function.done()?;
        outer.done()?;
        message.tool_calls.push(call);
    }
    let thought = fields.text("reasoning_content")?;
    message.state = match (fields.take("provider_state"), thought) {
        (Some(state), _) => Some(state.clone()),
        (None, Some(thought)) => {
            Some(json!({"openai-chat": {"fields": {"reasoning_content": thought}}}))
        }
        (None, None) => None,
    };
    // what a client sends back of a message that it was given
    fields.only("annotations", &json!([]))?;
    Ok(())
}

fn content(fields: &mut Fields<'_>, role: Role) -> Result<Vec<Part>, Trouble> {
    let name = fields.name("content");
    match fields.take("content") {
        None if role == Role::Assistant => Ok(Vec::new()),
        None => Err(wrong(&name, "is missing")),
        Some(Value::String(text)) => Ok(vec![Part::Text { text: text.clone() }]),
        Some(Value::Array(parts)) => {
            let parts = parts.iter().enumerate();
            parts
                .map(|(at, value)| part(value, format!("{name}[{at}]")))
                .collect()
        }
        Some(_) => Err(wrong(&name, "must be a text or a list of parts")),
    }
}

fn part(value: &Value, at: String) -> Result<Part, Trouble> {
    let mut fields = Fields::of(value, at)?;
    let part = match fields.needed("type")? {
        "text" => Part::Text {
            text: fields.needed("text")?.to_owned(),
        },
        "refusal" => Part::Text {
            text: fields.needed("refusal")?.to_owned(),
        },
        "image_url" => {
            let at = fields.name("image_url");
            let mut image = Fields::of(fields.take("image_url").unwrap_or(&Value::Null), at)?;
            let part = picture(image.needed("url")?);
            image.only("detail", &json!("auto"))?;
            image.done()?;
            part
        }
        other => {
            let why = format!("cannot be {other:?}: only text and image_url can be carried");
            return Err(wrong(&fields.name("type"), &why));
        }
    };
    fields.done()?;
    Ok(part)
}

/// A picture's address, or the picture itself.
fn picture(url: &str) -> Part {
    let inline = url.strip_prefix("data:").and_then(|rest| {
        let (kind, data) = rest.split_once(";base64,")?;
        Some((kind.to_owned(), data.to_owned()))
    });
    match inline {
        Some((kind, data)) => Part::Image {
            media_type: Some(kind),
            data: Some(data),
            url: None,
        },
        None => Part::Image {
            media_type: None,
            data: None,
            url: Some(url.to_owned()),
        },
    }
}
