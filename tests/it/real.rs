//! Real model servers and a real LiteLLM proxy on this machine: the same neutral call gives the same
//! answer in four dialects. Runs where BAKEOFF_REAL=1.
//!
//! Wanted: llama.cpp servers with SmolLM2 at port 18080 and Qwen2.5-Coder at 18082, and the proxy at
//! 14000 in front of them (key in BAKEOFF_REAL_KEY).

use crate::project::{Project, Said};
use crate::shared::say;
use serde_json::{Value, json};

const PROXY: &str = "http://127.0.0.1:14000";
const LLAMA: &str = "http://127.0.0.1:18082";
const APIS: [&str; 4] = [
    "openai-chat",
    "openai-responses",
    "anthropic-messages",
    "gemini",
];
const QWEN: &str = "qwen2.5-coder-1.5b";
const SMOL: &str = "smollm2-135m";

/// Where the proxy says something else in one dialect than in the others, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "several",
        "openai-responses",
        "llama.cpp's server does not take an assistant's message without a `type`",
    ),
    (
        "fallback",
        "openai-responses",
        "the proxy says `completed` of a cut reply",
    ),
    (
        "schema",
        "openai-responses",
        "the proxy hands `text.format` to a server that does not know it",
    ),
    (
        "cut",
        "openai-responses",
        "the proxy says `completed` of a cut reply",
    ),
];

fn wanted() -> bool {
    let wanted = std::env::var("BAKEOFF_REAL").is_ok_and(|value| value == "1");
    if !wanted {
        say("not run: BAKEOFF_REAL is not set");
    }
    wanted
}

fn key() -> String {
    std::env::var("BAKEOFF_REAL_KEY").unwrap_or_else(|_| "sk-rig-master".to_owned())
}

fn call(base: &str, model: &str, api: &str, request: &Value, stream: bool) -> Value {
    let project = Project::new(&[("call.json", &request.to_string())]);
    let stream = if stream { "--stream" } else { "--no-stream" };
    let args = [
        "call",
        model,
        "--api",
        api,
        "--base-url",
        base,
        "--key-env",
        "MINE",
        stream,
        "--attempts",
        "1",
        "--timeout",
        "120",
        "--request",
        "call.json",
    ];
    let mut command = project.command(&args);
    let said: Said = command.env("MINE", key()).output().unwrap().into();
    said.json()
}

fn user(text: &str) -> Value {
    json!({"role": "user", "content": text})
}

fn weather() -> Value {
    json!([{"name": "get_weather", "description": "Weather of a city", "parameters":
        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}])
}

/// The neutral calls: name, model, request.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let schema = json!({"type": "object", "properties": {"capital": {"type": "string"}, "country": {"type": "string"}},
        "required": ["capital", "country"], "additionalProperties": false});
    let called = json!({"role": "assistant", "tool_calls": [{"id": "call00001", "name": "get_weather", "arguments": {"city": "Paris"}}]});
    let result = json!({"role": "tool", "tool_call_id": "call00001", "name": "get_weather",
        "content": "It is 21 degrees and sunny in Paris."});
    vec![
        (
            "text",
            QWEN,
            json!({"system": "You are terse.", "temperature": 0, "max_tokens": 30,
            "messages": [user("Count from 1 to 5, digits only, separated by commas.")]}),
        ),
        (
            "cut",
            SMOL,
            json!({"temperature": 0, "max_tokens": 20, "messages": [user("Tell me a long story.")]}),
        ),
        (
            "several",
            SMOL,
            json!({"temperature": 0, "max_tokens": 24, "messages": [user("My name is Ada."),
            {"role": "assistant", "content": "Hello Ada!"}, user("What is my name?")]}),
        ),
        (
            "tools",
            QWEN,
            json!({"temperature": 0, "max_tokens": 80, "tools": weather(), "tool_choice": "auto",
            "messages": [user("What is the weather in Paris? Use the tool.")]}),
        ),
        (
            "result",
            QWEN,
            json!({"temperature": 0, "max_tokens": 60, "tools": weather(),
            "messages": [user("What is the weather in Paris?"), called, result]}),
        ),
        (
            "schema",
            QWEN,
            json!({"temperature": 0, "max_tokens": 60, "response_schema": {"name": "answer", "schema": schema, "strict": true},
            "messages": [user("What is the capital of France? Answer in JSON.")]}),
        ),
        (
            "fallback",
            "falls-back",
            json!({"temperature": 0, "max_tokens": 20, "messages": [user("Say hi.")]}),
        ),
    ]
}

/// What must be the same in every dialect.
fn essence(reply: &Value) -> Value {
    json!([
        reply["outcome"],
        reply["text"],
        reply["tool_calls"],
        reply["finish_reason"]
    ])
}

#[test]
fn the_same_call_gives_the_same_answer_in_every_dialect() {
    if !wanted() {
        return;
    }
    let mut wrong = Vec::new();
    let mut same = 0;
    for (name, model, request) in calls() {
        let first = call(PROXY, model, APIS[0], &request, false);
        assert_eq!(first["outcome"], "answered", "{name}: {first}");
        for api in APIS {
            for stream in [false, true] {
                let reply = call(PROXY, model, api, &request, stream);
                let known = OTHERWISE.iter().find(|it| (it.0, it.1) == (name, api));
                match (essence(&reply) == essence(&first), known) {
                    (true, None) => same += 1,
                    (false, Some((.., why))) => say(&format!("real: {name} {api}: {why}")),
                    (true, Some(_)) => wrong.push(format!("{name} {api}: no longer otherwise")),
                    (false, None) => wrong.push(format!(
                        "{name} {api} stream {stream}: {} is not {}",
                        essence(&reply),
                        essence(&first)
                    )),
                }
                if stream && known.is_none() && reply["timings_ms"]["first_token"].is_null() {
                    wrong.push(format!("{name} {api}: a stream without a first token"));
                }
                // 10 and 30 USD a million tokens are this model's prices at the proxy
                let cost = reply["cost_usd"].as_f64().filter(|_| model == QWEN);
                let tokens = reply["input_tokens"]
                    .as_f64()
                    .zip(reply["output_tokens"].as_f64());
                if let (Some(cost), Some((input, output))) = (cost, tokens)
                    && (cost - (input * 1e-5 + output * 3e-5)).abs() > 1e-12
                {
                    wrong.push(format!("{name} {api}: {cost} for {input} and {output}"));
                }
            }
        }
    }
    say(&format!(
        "real: {same} replies through the proxy are the same as in OpenAI's chat form"
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_model_server_says_the_same_itself() {
    if !wanted() {
        return;
    }
    let all = calls();
    for (name, model, request) in all.iter().filter(|it| it.0 == "text" || it.0 == "tools") {
        let through = essence(&call(PROXY, model, "openai-chat", request, false));
        for api in &APIS[..3] {
            for stream in [false, true] {
                let reply = call(LLAMA, model, api, request, stream);
                assert_eq!(essence(&reply), through, "{name} {api} stream {stream}");
            }
        }
    }
}

#[test]
fn failures_are_told_apart_in_every_dialect() {
    if !wanted() {
        return;
    }
    let hi = json!({"max_tokens": 20, "messages": [user("hi")]});
    let long = json!({"max_tokens": 5, "messages": [user(&"word ".repeat(6000))]});
    let kind = |model: &str, api: &str, request: &Value, stream: bool| {
        let reply = call(PROXY, model, api, request, stream);
        reply["error"]["kind"].as_str().unwrap_or("none").to_owned()
    };
    for api in APIS {
        for stream in [false, true] {
            assert_eq!(
                kind(SMOL, api, &long, stream),
                "context_length",
                "{api} {stream}"
            );
            assert_eq!(
                kind("dead-upstream", api, &hi, stream),
                "server",
                "{api} {stream}"
            );
            assert_eq!(
                kind("no-such-model", api, &hi, stream),
                "not_found",
                "{api} {stream}"
            );
        }
    }
    // of its made-up errors the proxy sends real ones in these two forms only
    for api in ["openai-chat", "anthropic-messages"] {
        for stream in [false, true] {
            assert_eq!(
                kind("always-429", api, &hi, stream),
                "rate_limit",
                "{api} {stream}"
            );
            assert_eq!(
                kind("always-500", api, &hi, stream),
                "server",
                "{api} {stream}"
            );
            assert_eq!(
                kind("always-context", api, &hi, stream),
                "context_length",
                "{api}"
            );
        }
    }
    // three a minute: those after them are refused, whichever form they come in
    let kinds: Vec<String> = (0..4)
        .map(|_| kind("limited-rpm", APIS[0], &hi, false))
        .collect();
    assert_eq!(kinds[3], "rate_limit", "{kinds:?}");
    for api in APIS {
        for stream in [false, true] {
            assert_eq!(
                kind("limited-rpm", api, &hi, stream),
                "rate_limit",
                "{api} {stream}"
            );
        }
    }
}

#[test]
fn a_conversation_runs_in_three_dialects() {
    if !wanted() {
        return;
    }
    // llama.cpp's Responses server does not take an assistant's message without a `type`
    let apis = ["openai-chat", "anthropic-messages", "gemini"];
    let models = apis.map(|api| {
        format!("  - {{name: {api}, api: {api}, base_url: \"{PROXY}\", model: {QWEN}, key: MINE, price: {{input: 10, output: 30}}}}\n")
    });
    let suite = format!(
        "name: weather\ndataset: data.csv\nprompts: [talk.yaml]\nmodels:\n{}params: {{temperature: 0, max_tokens: 80}}\nscorers: [{{contains: {{any: [\"21\"]}}}}]\nlimits: {{timeout: 120s}}\n",
        models.concat()
    );
    let prompt = "messages: [{user: \"What is the weather in {{city}}? Use the tool.\"}, reply, {user: \"Repeat the temperature as a number.\"}]\n\
        tools: [{name: get_weather, description: Weather of a city, parameters: {type: object, properties: {city: {type: string}}, required: [city]}}]\n\
        tool_results: {get_weather: \"It is {{degrees}} degrees and sunny in {{city}}.\"}\n";
    let project = Project::new(&[
        ("bakeoff.yaml", &suite),
        ("data.csv", "city,degrees\nParis,21\n"),
        ("talk.yaml", prompt),
    ]);
    let mut command = project.command(&["run", "--format", "json"]);
    let said: Said = command.env("MINE", key()).output().unwrap().into();
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    for candidate in summary["candidates"].as_array().unwrap() {
        let (name, scores) = (&candidate["name"], &candidate["scores"]);
        let value = &scores.as_object().unwrap().values().next().unwrap()["value"];
        assert_eq!(*value, 1.0, "{name}: {candidate}");
    }
    // a call of the tool, the report, the number: three requests each
    assert_eq!(summary["usage"]["requests"], 9, "{}", summary["usage"]);
}
