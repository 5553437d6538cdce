//! The JSON of `bakeoff call`: a neutral request in, a `bakeoff.reply/1` object out.

use super::call::{Call, Failure, Finish, Params, Reply, Tool, ToolChoice};
use super::price::Cost;
use crate::prompt::neutral::{fields, read, read_messages, write_message};
use crate::prompt::{Message, Role};
use crate::source::Problem;
use serde_json::{Map, Value, json};

/// Fields of [`Params`], which a request has at its top.
const PARAMS: &[&str] = &[
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "n",
    "logprobs",
    "user",
    "service_tier",
    "reasoning",
    "response_json",
    "response_schema",
    "extra",
];

/// The other fields of a request; `id` is the writer's own and means nothing here.
const OTHERS: &[&str] = &[
    "id",
    "system",
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "stream",
];

/// Reads a neutral request. Its model is empty: the caller names it.
pub fn read_call(text: &str) -> Result<Call, Problem> {
    let value: Value = serde_json::from_str(text)
        .map_err(|problem| Problem::error(format!("the request is no JSON: {problem}")))?;
    let known: Vec<&str> = PARAMS.iter().chain(OTHERS).copied().collect();
    let fields = fields(&value, "the request", &known)?;
    let turns = match fields.get("messages") {
        Some(list) => read_messages(list, "messages")?,
        None => Vec::new(),
    };
    let system = read::<String>(&fields, "system", "")?;
    let system = system.map(|text| Message::text(Role::System, text));
    let messages: Vec<Message> = system.into_iter().chain(turns).collect();
    if messages.is_empty() {
        return Err(Problem::error("the request has no `messages`")
            .help("write {\"messages\": [{\"role\": \"user\", \"content\": \"…\"}]}"));
    }
    Ok(Call {
        model: String::new(),
        messages,
        tools: read::<Vec<Tool>>(&fields, "tools", "")?.unwrap_or_default(),
        tool_choice: fields.get("tool_choice").map(tool_choice).transpose()?,
        parallel_tool_calls: read(&fields, "parallel_tool_calls", "")?,
        params: params(&fields)?,
        stream: read(&fields, "stream", "")?.unwrap_or_default(),
    })
}

fn params(fields: &Map<String, Value>) -> Result<Params, Problem> {
    let mut own = Map::new();
    for name in PARAMS {
        let Some(value) = fields.get(*name) else {
            continue;
        };
        let value = match (*name, value) {
            ("stop", Value::String(text)) => json!([text]),
            _ => value.clone(),
        };
        // one by one, so that a problem names its field
        let alone = Map::from_iter([(name.to_string(), value.clone())]);
        serde_json::from_value::<Params>(Value::Object(alone))
            .map_err(|problem| Problem::error(format!("`{name}`: {problem}")))?;
        own.insert(name.to_string(), value);
    }
    serde_json::from_value(Value::Object(own))
        .map_err(|problem| Problem::error(problem.to_string()))
}

fn tool_choice(value: &Value) -> Result<ToolChoice, Problem> {
    match value {
        Value::String(word) if word == "auto" => return Ok(ToolChoice::Auto),
        Value::String(word) if word == "none" => return Ok(ToolChoice::None),
        Value::String(word) if word == "required" => return Ok(ToolChoice::Required),
        Value::Object(choice) if choice.len() == 1 => {
            if let Some(Value::String(name)) = choice.get("name") {
                return Ok(ToolChoice::Named(name.clone()));
            }
        }
        _ => {}
    }
    Err(Problem::error(format!("`tool_choice` cannot be {value}"))
        .help("it is \"auto\", \"none\", \"required\" or {\"name\": \"…\"}"))
}

/// What is known of a call beside its reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Around {
    /// What it cost.
    pub cost: Option<Cost>,
    /// Milliseconds from sending to the first generated token; streams only.
    pub first_token_ms: Option<f64>,
    /// Milliseconds from sending to the first visible output; streams only.
    pub first_output_ms: Option<f64>,
    /// Milliseconds from sending to the end.
    pub total_ms: Option<f64>,
    /// How many attempts it took.
    pub attempts: u32,
    /// What encoding, pricing and the lint had to say.
    pub warnings: Vec<String>,
}

/// The `bakeoff.reply/1` object. Of a failure it holds what had come before. `message` is what a
/// request that carries the conversation on has to repeat, the provider's opaque state included.
pub fn reply_json(outcome: &Result<Reply, Failure>, around: &Around) -> Value {
    let nothing = Reply::default();
    let (word, reply, failure) = match outcome {
        Ok(reply) => ("answered", reply, None),
        Err(failure) => (
            "failed",
            failure.partial.as_deref().unwrap_or(&nothing),
            Some(failure),
        ),
    };
    let calls = reply.tool_calls.iter();
    let calls = calls.map(|call| json!({"name": call.name, "arguments": call.arguments}));
    let warnings: Vec<&String> = reply.warnings.iter().chain(&around.warnings).collect();
    json!({
        "schema": "bakeoff.reply/1",
        "outcome": word,
        "text": reply.text,
        "reasoning_text": reply.reasoning_text,
        "refusal": reply.refusal,
        "tool_calls": calls.collect::<Vec<_>>(),
        "message": failure.is_none().then(|| write_message(&reply.message())),
        "finish_reason": reply.finish.or(failure.map(|_| Finish::Error)),
        "finish_reason_raw": reply.finish_raw,
        "input_tokens": reply.usage.input,
        "output_tokens": reply.usage.output,
        "cached_input_tokens": reply.usage.cached_input,
        "cache_write_tokens": reply.usage.cache_write,
        "reasoning_tokens": reply.usage.reasoning,
        "cost_usd": around.cost.as_ref().map(|cost| cost.usd),
        "cost_source": around.cost.as_ref().map(|cost| &cost.source),
        "served_model": reply.served_model,
        "timings_ms": {
            "first_token": around.first_token_ms,
            "first_output": around.first_output_ms,
            "total": around.total_ms,
        },
        "attempts": around.attempts,
        "error": failure.map(|failure| json!({
            "kind": failure.kind,
            "http_status": failure.http_status,
            "type": failure.error_type,
            "code": failure.code,
            "status": failure.status,
            "message": failure.message,
        })),
        "warnings": warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::FailureKind;

    fn problem(text: &str) -> String {
        let problem = read_call(text).unwrap_err();
        format!("{} {}", problem.title, problem.help.join(" "))
            .trim()
            .to_string()
    }

    #[test]
    fn a_request_with_everything() {
        let call = read_call(
            r#"{"id": "x", "system": "S", "stream": true, "temperature": 0, "stop": "END", "seed": null,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "T"}, {"type": "image", "url": "https://x/y"}]},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "name": "f", "arguments": {"a": 1}}]},
                {"role": "tool", "tool_call_id": "c", "name": "f", "content": "R"}],
            "tools": [{"name": "f", "parameters": {"type": "object"}}], "tool_choice": {"name": "f"},
            "parallel_tool_calls": false, "reasoning": {"effort": "low"}, "extra": {"x": 1}}"#,
        )
        .unwrap();
        assert_eq!(call.messages.len(), 4);
        assert_eq!(call.messages[0].role, Role::System);
        assert!(call.messages[2].parts.is_empty());
        assert_eq!(call.tool_choice, Some(ToolChoice::Named("f".into())));
        assert_eq!(
            (call.params.temperature, call.params.seed),
            (Some(0.0), None)
        );
        assert_eq!(call.params.stop, ["END"]);
        assert!(call.stream);
    }

    #[test]
    fn problems_name_their_place() {
        let user = r#""messages": [{"role": "user", "content": "x"}]"#;
        assert_eq!(
            problem(&format!("{{{user}, \"temprature\": 1}}")),
            "unknown field `temprature` in the request did you mean `temperature`?"
        );
        assert_eq!(
            problem(&format!("{{{user}, \"temperature\": \"hot\"}}")),
            "`temperature`: invalid type: string \"hot\", expected f64"
        );
        assert!(
            problem(&format!(
                "{{{user}, \"reasoning\": {{\"efort\": \"low\"}}}}"
            ))
            .starts_with("`reasoning`: unknown field `efort`")
        );
        assert!(
            problem(r#"{"messages": [{"role": "user", "contents": "x"}]}"#)
                .contains("`messages[0]` did you mean `content`?")
        );
        assert!(
            problem(r#"{"messages": [{"role": "usr"}]}"#)
                .starts_with("`messages[0].role`: unknown variant")
        );
        assert!(
            problem(&format!("{{{user}, \"tool_choice\": \"any\"}}"))
                .starts_with("`tool_choice` cannot be")
        );
        assert!(problem("{}").starts_with("the request has no `messages`"));
        assert!(problem("[]").starts_with("the request must be a JSON object"));
        assert!(problem("{").starts_with("the request is no JSON"));
    }

    #[test]
    fn the_shape_of_a_reply() {
        let reply = Reply {
            text: "hi".into(),
            finish: Some(Finish::Stop),
            ..Reply::default()
        };
        let answered = reply_json(
            &Ok(reply.clone()),
            &Around {
                attempts: 1,
                ..Around::default()
            },
        );
        assert_eq!(answered["outcome"], "answered");
        assert_eq!(answered["finish_reason"], "stop");
        assert!(answered["cost_usd"].is_null() && answered["error"].is_null());
        let mut failure = Failure::new(FailureKind::RateLimit, "slow down");
        failure.http_status = Some(429);
        failure.partial = Some(Box::new(reply));
        let failed = reply_json(&Err(failure), &Around::default());
        assert_eq!(
            (&failed["outcome"], &failed["text"]),
            (&json!("failed"), &json!("hi"))
        );
        assert_eq!(
            failed["error"],
            json!({"kind": "rate_limit", "http_status": 429, "type": null, "code": null, "status": null, "message": "slow down"})
        );
    }
}
