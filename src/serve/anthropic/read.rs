//! A Messages request → a neutral call. Its content blocks are in `blocks.rs`.

use super::blocks::{Turn, turn};
use crate::prompt::{Message, Part, Role};
use crate::provider::{Call, Params, Reasoning, ResponseSchema, Tool, ToolChoice};
use crate::serve::fields::{Fields, Item, wrong};
use crate::serve::trouble::Trouble;
use crate::serve::wire::Request;
use serde_json::{Value, json};

/// What a request asks.
pub(super) fn request(body: &Value) -> Result<Request, Trouble> {
    let mut fields = Fields::of(body, "")?;
    let mut ignored = Vec::new();
    let model = fields.needed("model")?.to_owned();
    let stream = fields.flag("stream")?.unwrap_or(false);
    let mut messages = system(&mut fields, &mut ignored)?;
    let said = fields.list("messages")?;
    if said.is_empty() {
        return Err(wrong("messages", "must hold at least one message"));
    }
    for (at, value) in said {
        message(at, value, &mut messages, &mut ignored)?;
    }
    let (tool_choice, parallel_tool_calls) = tool_choice(&mut fields)?;
    let call = Call {
        model: String::new(),
        messages,
        tools: tools(fields.list("tools")?, &mut ignored)?,
        tool_choice,
        parallel_tool_calls,
        params: params(&mut fields, &mut ignored)?,
        stream,
    };
    fields.done()?;
    Ok(Request {
        model,
        call,
        usage: true,
        ignored,
        ..Request::default()
    })
}

fn system(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Vec<Message>, Trouble> {
    match fields.take("system") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Message::text(Role::System, text)]),
        Some(Value::Array(blocks)) => {
            let mut parts = Vec::new();
            for (at, block) in blocks.iter().enumerate() {
                let mut block = Fields::of(block, format!("system[{at}]"))?;
                block.only("type", &json!("text"))?;
                let text = block.needed("text")?.to_owned();
                block.harmless(&["cache_control"], ignored);
                block.done()?;
                parts.push(Part::Text { text });
            }
            let message = Message {
                parts,
                ..Message::text(Role::System, "")
            };
            Ok(vec![message])
        }
        Some(_) => Err(wrong("system", "must be a text or a list of text blocks")),
    }
}

/// Reads one message into one or more: each tool result is a message of its own here.
fn message(
    at: String,
    value: &Value,
    into: &mut Vec<Message>,
    ignored: &mut Vec<String>,
) -> Result<(), Trouble> {
    let mut fields = Fields::of(value, at)?;
    let role = match fields.needed("role")? {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "system" => Role::System,
        other => {
            let why = format!("cannot be {other:?}; it is user or assistant");
            return Err(wrong(&fields.name("role"), &why));
        }
    };
    let name = fields.name("content");
    let content = fields.take("content");
    fields.done()?;
    let blocks = match content {
        Some(Value::String(text)) => {
            into.push(Message::text(role, text));
            return Ok(());
        }
        Some(Value::Array(blocks)) => blocks,
        _ => return Err(wrong(&name, "must be a text or a list of blocks")),
    };
    let Turn { results, said } = turn(role, &name, blocks, into, ignored)?;
    into.extend(results);
    into.extend(said);
    Ok(())
}

fn tools(list: Vec<Item<'_>>, ignored: &mut Vec<String>) -> Result<Vec<Tool>, Trouble> {
    let read = |(at, tool): Item<'_>| {
        let mut fields = Fields::of(tool, at)?;
        fields.only("type", &json!("custom"))?;
        let tool = Tool {
            name: fields.needed("name")?.to_owned(),
            description: fields.text("description")?.map(str::to_owned),
            parameters: fields
                .take("input_schema")
                .cloned()
                .ok_or_else(|| wrong(&fields.name("input_schema"), "is missing"))?,
            strict: fields.flag("strict")?,
        };
        fields.harmless(&["cache_control", "eager_input_streaming"], ignored);
        fields.done()?;
        Ok(tool)
    };
    list.into_iter().map(read).collect()
}

fn tool_choice(fields: &mut Fields<'_>) -> Result<(Option<ToolChoice>, Option<bool>), Trouble> {
    let Some(choice) = fields.take("tool_choice") else {
        return Ok((None, None));
    };
    let mut choice = Fields::of(choice, "tool_choice")?;
    let read = match choice.needed("type")? {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Named(choice.needed("name")?.to_owned()),
        other => {
            let why = format!("cannot be {other:?}; it is auto, any, tool or none");
            return Err(wrong("tool_choice.type", &why));
        }
    };
    let single = choice.flag("disable_parallel_tool_use")?;
    choice.done()?;
    Ok((Some(read), single.filter(|single| *single).map(|_| false)))
}

fn params(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Params, Trouble> {
    let (effort, response_schema) = output(fields)?;
    let user = match fields.take("metadata") {
        Some(metadata) => {
            let mut metadata = Fields::of(metadata, "metadata")?;
            let user = metadata.text("user_id")?.map(str::to_owned);
            metadata.done()?;
            user
        }
        None => None,
    };
    let max_tokens = fields.count("max_tokens")?;
    Ok(Params {
        max_tokens: Some(max_tokens.ok_or_else(|| wrong("max_tokens", "is missing"))?),
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.count("top_k")?,
        stop: fields.texts("stop_sequences")?,
        user,
        service_tier: fields.text("service_tier")?.map(str::to_owned),
        reasoning: thinking(fields, effort, ignored)?,
        response_schema,
        ..Params::default()
    })
}

type Output = (Option<String>, Option<ResponseSchema>);

/// Effort and form of the answer; the form had a field of its own before it moved here.
fn output(fields: &mut Fields<'_>) -> Result<Output, Trouble> {
    let mut effort = None;
    let mut format = fields.take("output_format").map(|it| ("output_format", it));
    if let Some(config) = fields.take("output_config") {
        let mut config = Fields::of(config, "output_config")?;
        effort = config.text("effort")?.map(str::to_owned);
        let inner = config.take("format").map(|it| ("output_config.format", it));
        format = inner.or(format);
        config.done()?;
    }
    let Some((at, format)) = format else {
        return Ok((effort, None));
    };
    let mut format = Fields::of(format, at)?;
    format.only("type", &json!("json_schema"))?;
    let schema = ResponseSchema {
        name: "response".to_owned(),
        schema: format.take("schema").cloned().unwrap_or_else(|| json!({})),
        strict: None,
    };
    format.done()?;
    Ok((effort, Some(schema)))
}

fn thinking(
    fields: &mut Fields<'_>,
    effort: Option<String>,
    ignored: &mut Vec<String>,
) -> Result<Option<Reasoning>, Trouble> {
    let alone = "cannot be carried without `thinking: {type: adaptive}`";
    let Some(thinking) = fields.take("thinking") else {
        return match effort {
            Some(_) => Err(wrong("output_config.effort", alone)),
            None => Ok(None),
        };
    };
    let mut thinking = Fields::of(thinking, "thinking")?;
    thinking.harmless(&["display"], ignored);
    let reasoning = match (thinking.needed("type")?, effort) {
        ("adaptive", effort) => Reasoning {
            // what the API takes where nothing is said
            effort: Some(effort.unwrap_or_else(|| "high".to_owned())),
            ..Reasoning::default()
        },
        (_, Some(_)) => return Err(wrong("output_config.effort", alone)),
        ("disabled", None) => Reasoning {
            off: true,
            ..Reasoning::default()
        },
        ("enabled", None) => Reasoning {
            budget_tokens: thinking.count("budget_tokens")?,
            ..Reasoning::default()
        },
        (other, None) => {
            let why = format!("cannot be {other:?}; it is adaptive, enabled or disabled");
            return Err(wrong("thinking.type", &why));
        }
    };
    thinking.done()?;
    Ok(Some(reasoning))
}
