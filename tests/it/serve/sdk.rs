//! The vendors' own Python SDKs against the endpoint: chat, stream, tools, errors, going away half-way.

use super::{Endpoint, either, log};
use crate::project::Project;
use crate::server::{Answer, Request, Server, chat_frames, error};
use crate::shared::say;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// A Python that has both SDKs: the one that BAKEOFF_SDK_PYTHON names, else the usual one.
fn python() -> Option<String> {
    let named = std::env::var("BAKEOFF_SDK_PYTHON");
    let python = named.unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python)
        .args(["-c", "import openai, anthropic"])
        .output();
    if probe.is_ok_and(|probe| probe.status.success()) {
        return Some(python);
    }
    say("not run: no Python with the packages openai and anthropic (set BAKEOFF_SDK_PYTHON)");
    None
}

fn upstream(request: &Request) -> Answer {
    let turns = request.body["messages"].as_array().unwrap();
    let result = turns.last().unwrap()["role"] == "tool";
    match request.prompt().as_str() {
        "long" => Answer::Stream(
            chat_frames("a", &"word ".repeat(400)),
            Duration::from_millis(10),
        ),
        "broken" => error(500, "it is broken"),
        "limited" => error(429, "slow down"),
        "cut" => Answer::Cut(chat_frames("a", "one two three four five six")),
        _ if !request.body["tools"].is_null() && !result => called(request),
        _ => either(request, "the capital is Paris"),
    }
}

/// A call of the first tool, in pieces where a stream is asked for.
fn called(request: &Request) -> Answer {
    let name = request.body["tools"][0]["function"]["name"].clone();
    let usage = json!({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13});
    if request.body["stream"] != json!(true) {
        let function = json!({"name": name, "arguments": "{\"city\": \"Paris\"}"});
        let call = json!({"id": "call_1", "type": "function", "function": function});
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        let choice = json!({"index": 0, "message": message, "finish_reason": "tool_calls"});
        let body = json!({"id": "c", "model": "a", "choices": [choice], "usage": usage});
        return Answer::Whole(200, Vec::new(), body.to_string());
    }
    let frame = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!(
            "data: {}\n\n",
            json!({"id": "c", "model": "a", "choices": [choice]})
        )
    };
    let piece = |more: Value| frame(json!({"tool_calls": [more]}), Value::Null);
    let last = json!({"model": "a", "choices": [], "usage": usage});
    let frames = vec![
        piece(
            json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}}),
        ),
        piece(json!({"index": 0, "function": {"arguments": "{\"city\":"}})),
        piece(json!({"index": 0, "function": {"arguments": " \"Paris\"}"}})),
        frame(json!({}), json!("tool_calls")),
        format!("data: {last}\n\ndata: [DONE]\n\n"),
    ];
    Answer::Stream(frames, Duration::from_millis(5))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_sdks_are_content() {
    let Some(python) = python() else { return };
    let server = Server::start(upstream);
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "limits: {attempts: 1}\n");
    let endpoint = Endpoint::start(&project, &[]);
    project.write("sdk.py", include_str!("sdk.py"));
    let mut command = Command::new(python);
    command
        .arg(project.path().join("sdk.py"))
        .arg(&endpoint.url);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    for line in out.lines() {
        say(&format!("serve: {line}"));
    }
    assert_eq!(out.matches("ok ").count(), 14, "{out}");
    // Both streams that were left half-way are gone upstream too.
    for _ in 0..100 {
        let page = endpoint.get("/metrics").await.text;
        if page.contains("bakeoff_in_flight 0") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let gone = log(&project)
        .iter()
        .filter(|row| row["end"]["status"] == 499)
        .count();
    assert_eq!(gone, 2, "left half-way");
}
