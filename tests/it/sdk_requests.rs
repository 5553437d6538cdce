//! What the vendors' own SDKs put on the wire for the same neutral calls: our requests are equal,
//! after the normalisations that the data's README names.

use crate::shared::{folder, say};
use bakeoff::provider::call_json::read_call;
use bakeoff::provider::catalog::{Provider, provider};
use bakeoff::provider::lint::{Asked, Place, Scope, Severity, lint};
use bakeoff::provider::{Call, Endpoint, dialect};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;

#[test]
fn requests_equal_those_of_the_sdks() {
    let Some(folder) = folder("BAKEOFF_SDK_REQUESTS", "sdk_requests") else {
        return;
    };
    let calls = fs::read_to_string(folder.join("neutral_calls.jsonl")).expect("the neutral calls");
    let calls: BTreeMap<String, Call> = calls
        .lines()
        .map(|line| {
            let id = serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_string();
            let call = read_call(line).unwrap_or_else(|problem| panic!("{id}: {}", problem.title));
            (id, call)
        })
        .collect();
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().to_string();
        let api = name.split('.').next().unwrap();
        if !name.ends_with(".jsonl") || name == "neutral_calls.jsonl" {
            continue;
        }
        let Some((api, provider, base_url)) = place(api) else {
            say(&format!(
                "sdk requests: {name}: left out, no such dialect yet"
            ));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        let before = wrong.len();
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let id = record["call"].as_str().unwrap();
            let difference = compare(api, provider, base_url, &calls[id], &record);
            wrong.extend(difference.map(|what| format!("{name} {id}: {what}")));
        }
        let (records, differing) = (text.lines().count(), wrong.len() - before);
        say(&format!(
            "sdk requests: {name}: {records} records, {differing} differ"
        ));
    }
    assert!(
        wrong.is_empty(),
        "{} requests differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Our dialect, the provider whose quirks count, and the base address, for an API of the data.
pub fn place(api: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let place = match api {
        "openai-chat" => ("openai-chat", "openai", "http://127.0.0.1/v1"),
        "openai-responses" => ("openai-responses", "openai", "http://127.0.0.1/v1"),
        "anthropic-messages" => ("anthropic-messages", "anthropic", "http://127.0.0.1"),
        "gemini-generate" => ("gemini", "gemini", "http://127.0.0.1/v1beta"),
        "mistral-chat" => ("mistral-chat", "mistral", "http://127.0.0.1/v1"),
        _ => return None,
    };
    dialect(place.0).map(|_| place)
}

/// Whether the lint is silent on a call that the API cannot take, or milder than the encoder.
fn lint_or(api: &'static str, row: &'static Provider, call: &Call, refused: bool) -> bool {
    let place = Place::of(Some(row), api, &call.model, None);
    let findings = lint(&Asked::new(call, &place), Scope::All);
    let worst = findings.iter().map(|finding| finding.severity).max();
    let least = if refused {
        Severity::Error
    } else {
        Severity::Warning
    };
    worst.is_none_or(|worst| worst < least)
}

fn compare(api: &str, name: &str, base_url: &str, call: &Call, record: &Value) -> Option<String> {
    let row = provider(name).unwrap();
    let to = Endpoint {
        base_url: base_url.into(),
        auth: row.auth,
        key: None,
        quirks: row.quirks,
    };
    let model = match name {
        "openai" => "gpt-x",
        "anthropic" => "claude-x",
        "gemini" => "gemini-x",
        _ => "mistral-x",
    };
    let call = Call {
        model: model.into(),
        ..call.clone()
    };
    let spoken = dialect(api).unwrap();
    let outcome = spoken.dialect.encode(&call, &to);
    if let Some(reason) = record.get("unsupported") {
        return lint_or(spoken.name, row, &call, outcome.is_err())
            .then(|| format!("the lint says nothing, though {reason}"));
    }
    if record.get("refused_by_sdk").is_some() {
        return None;
    }
    let request = match outcome {
        Ok(request) => request,
        Err(problem) => return Some(format!("refused: {problem}")),
    };
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let url = request.url.strip_prefix("http://127.0.0.1").unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: Vec<Value> = pairs.map(|(name, value)| json!([name, value])).collect();
    let ours = normal(
        api,
        &json!({"method": request.method, "path": path, "query": query, "body": body}),
    );
    let keys = ["method", "path", "query", "body"];
    let theirs: Map<String, Value> = keys
        .iter()
        .map(|key| (key.to_string(), record[*key].clone()))
        .collect();
    let theirs = normal(api, &Value::Object(theirs));
    (ours != theirs).then(|| format!("\n  ours   {ours}\n  theirs {theirs}"))
}

/// The README's normalisations, and sorted keys.
pub fn normal(api: &str, value: &Value) -> Value {
    let mut value = value.clone();
    let body = &mut value["body"];
    if let Some(fields) = body.as_object_mut() {
        if api == "mistral-chat" && fields.get("stream") == Some(&json!(false)) {
            fields.shift_remove("stream");
        }
        if api == "openai-responses" {
            fields.shift_remove("store");
        }
    }
    if api == "gemini" {
        *body = camel(body);
        if let Some(system) = body
            .get_mut("systemInstruction")
            .and_then(Value::as_object_mut)
        {
            system.shift_remove("role");
        }
    }
    for list in ["messages", "input"] {
        for turn in body
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            normal_turn(turn);
        }
    }
    for tool in body
        .get_mut("tools")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(tool) = tool
            .as_object_mut()
            .filter(|tool| tool.contains_key("type"))
        {
            tool.shift_remove("strict");
        }
    }
    sorted(&value)
}

fn normal_turn(turn: &mut Value) {
    let Some(fields) = turn.as_object_mut() else {
        return;
    };
    if fields.get("prefix") == Some(&json!(false)) {
        fields.shift_remove("prefix");
    }
    if let Some(text) = fields.get("content").and_then(Value::as_str) {
        let kind = json!([{"type": "text", "text": text}]);
        fields.insert("content".into(), kind);
    }
    if let Some(arguments) = fields.get("arguments").and_then(Value::as_str) {
        let parsed = serde_json::from_str(arguments).unwrap();
        fields.insert("arguments".into(), parsed);
    }
    for call in fields
        .get_mut("tool_calls")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let text = call["function"]["arguments"].as_str().unwrap();
        call["function"]["arguments"] = serde_json::from_str(text).unwrap();
        if call.get("index") == Some(&json!(0)) {
            call.as_object_mut().unwrap().shift_remove("index");
        }
    }
}

/// Field names in camelCase, but not inside schemas, arguments and results.
fn camel(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(camel).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let mut words = name.split('_');
                let mut name = words.next().unwrap_or_default().to_string();
                for word in words {
                    name.push_str(&word[..1].to_uppercase());
                    name.push_str(&word[1..]);
                }
                let inside = [
                    "parametersJsonSchema",
                    "parameters",
                    "responseJsonSchema",
                    "responseSchema",
                    "args",
                    "response",
                ];
                let value = if inside.contains(&name.as_str()) {
                    value.clone()
                } else {
                    camel(value)
                };
                (name, value)
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Keys in order and every number a float, so that equal requests are equal values.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields
                .iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Number(number) => json!(number.as_f64()),
        other => other.clone(),
    }
}
