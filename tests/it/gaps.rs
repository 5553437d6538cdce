//! What nobody has recorded, written by hand (`wire/*/*`), through the whole engine: a loopback server
//! gives each response, and what counts is the kind, how often it was asked, what is kept, what it cost.

use crate::project::Project;
use crate::server::{Answer, Server};
use crate::wire::{folders, holds};
use crate::written;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How often each is asked where two attempts are allowed. What is an answer is asked once; so is what
/// waiting cannot cure.
const ASKED: &[(&str, usize)] = &[
    ("anthropic-messages/http_400_limits", 1),
    ("anthropic-messages/http_500", 2),
    ("anthropic-messages/http_529", 2),
    ("anthropic-messages/pause_turn", 1),
    ("anthropic-messages/refusal", 1),
    ("anthropic-messages/stream_overloaded", 2),
    ("anthropic-messages/stream_refusal", 1),
    ("anthropic-messages/stream_truncated", 2),
    ("anthropic-messages/vertex_quota", 2),
    ("anthropic-messages/vertex_stream", 1),
    ("bedrock-converse/expired_token", 1),
    ("bedrock-converse/malformed_tool_use", 1),
    ("bedrock-converse/stream_exception", 2),
    ("bedrock-converse/stream_model_error", 2),
    ("bedrock-converse/stream_truncated", 2),
    ("bedrock-converse/throttled", 2),
    ("cohere-v2/error_finish", 2),
    ("cohere-v2/stream_truncated", 2),
    ("cohere-v2/too_many_tokens", 1),
    ("gemini/blocked_prompt", 1),
    ("gemini/daily_quota", 1),
    ("gemini/http_503", 2),
    ("gemini/malformed_call", 1),
    ("gemini/stream_blocked_prompt", 1),
    ("gemini/stream_error_list", 2),
    ("gemini/stream_malformed_call", 1),
    ("gemini/stream_truncated", 2),
    ("mistral-chat/capacity", 2),
    ("mistral-chat/stream_truncated", 2),
    ("mistral-chat/validation_error", 1),
    ("ollama-chat/cached_prompt", 1),
    ("ollama-chat/stream_truncated", 2),
    ("openai-chat/azure_filter", 1),
    ("openai-chat/empty_with_200", 2),
    ("openai-chat/html_with_200", 2),
    ("openai-chat/html_with_200_stream", 2),
    ("openai-chat/http_429_headers", 2),
    ("openai-chat/http_429_quota", 1),
    ("openai-chat/http_429_rate", 2),
    ("openai-chat/http_500", 2),
    ("openai-chat/http_502_html", 2),
    ("openai-chat/http_503", 2),
    ("openai-chat/null_usage", 1),
    ("openai-chat/redirect", 1),
    ("openai-chat/stream_html_frame", 2),
    ("openai-chat/stream_no_done", 1),
    ("openai-chat/stream_refusal", 1),
    ("openai-chat/stream_truncated", 2),
    ("openai-responses/stream_failed", 2),
    ("openai-responses/stream_truncated", 2),
];

/// A written response and what is expected of it.
struct Gap {
    name: String,
    response: Value,
    reply: Value,
}

fn gaps() -> Vec<Gap> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wire");
    let mut gaps = Vec::new();
    for case in folders(&root).iter().flat_map(|dialect| folders(dialect)) {
        let read =
            |file: &str| serde_json::from_str(&fs::read_to_string(case.join(file)).ok()?).ok();
        if let (Some(response), Some(reply)) = (read("response.json"), read("reply.json")) {
            let name = case.strip_prefix(&root).unwrap().display().to_string();
            gaps.push(Gap {
                name,
                response,
                reply,
            });
        }
    }
    gaps
}

impl Gap {
    fn api(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    fn serve(&self) -> Server {
        let status = self.response["status"].as_u64().unwrap() as u16;
        let headers = self.response["headers"].as_object().unwrap().iter();
        let headers =
            headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        let answer = Answer::Raw(
            status,
            headers.collect(),
            written::body(&self.response["body"]),
        );
        Server::start(move |_| answer.clone())
    }

    fn kind(&self) -> Option<&str> {
        self.reply["error"]["kind"].as_str()
    }
}

#[test]
fn every_written_response_says_how_often_it_is_asked() {
    let listed: Vec<&str> = ASKED.iter().map(|(name, _)| *name).collect();
    let written: Vec<String> = gaps().into_iter().map(|gap| gap.name).collect();
    assert_eq!(written, listed);
}

#[test]
fn a_run_meets_each_of_them() {
    let gaps = gaps();
    let servers: Vec<Server> = gaps.iter().map(Gap::serve).collect();
    let models = gaps.iter().zip(&servers).map(|(gap, server)| {
        let (name, api, port) = (&gap.name, gap.api(), server.port);
        format!("  - {{name: {name}, api: {api}, base_url: \"http://127.0.0.1:{port}\", model: m, price: {{input: 1, output: 2}}}}\n")
    });
    let suite = format!(
        "name: gaps\ndataset: data.csv\nprompts:\n  - {{name: ask, messages: [{{user: \"{{{{q}}}}\"}}]}}\nmodels:\n{}\
         params: {{max_tokens: 16}}\nscorers: [exact]\nlimits: {{attempts: 2}}\n",
        models.collect::<String>()
    );
    let project = Project::new(&[
        ("bakeoff.yaml", &suite),
        ("data.csv", "id,q,target\nc,why?,nothing says this\n"),
    ]);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["complete"], true, "every trial has an outcome");
    let rows: BTreeMap<&str, &Value> = summary["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row))
        .collect();
    for ((gap, server), (name, asked)) in gaps.iter().zip(&servers).zip(ASKED) {
        let row = rows[name];
        assert_eq!(server.requests().len(), *asked, "{name}: requests");
        match gap.kind() {
            Some(kind) => {
                assert_eq!(row["failures"], json!({kind: 1}), "{name}");
                assert_eq!(row["scores"]["exact"]["n"], 0, "{name}: missing, not wrong");
            }
            None => {
                assert_eq!(
                    (&row["answered"], &row["failed"]),
                    (&json!(1), &json!(0)),
                    "{name}"
                );
                assert_eq!(
                    row["scores"]["exact"]["value"], 0.0,
                    "{name}: an answer is scored"
                );
                let filtered = gap.reply["finish_reason"] == "content_filter"
                    || !gap.reply["refusal"].is_null();
                assert_eq!(
                    row["refused"] == 1,
                    filtered,
                    "{name}: refusals have their own column"
                );
            }
        }
        // A refused request costs nothing; what broke after a 200 costs nobody knows what.
        let waste = match (gap.kind(), gap.response["status"].as_u64()) {
            (Some(_), Some(200)) => Value::Null,
            _ => json!(0.0),
        };
        assert_eq!(
            row["cost_usd"]["waste"], waste,
            "{name}: the cost of failures"
        );
    }
}

#[test]
fn what_came_before_a_failure_is_kept() {
    let gaps = gaps();
    let project = Project::new(&[]);
    std::thread::scope(|scope| {
        for some in gaps.chunks(gaps.len().div_ceil(4)) {
            scope.spawn(|| {
                for (gap, asked) in some.iter().map(|gap| (gap, asked(&gap.name))) {
                    let server = gap.serve();
                    let base = format!("http://127.0.0.1:{}", server.port);
                    let args = [
                        "call",
                        "m",
                        "--api",
                        gap.api(),
                        "--base-url",
                        &base,
                        "--attempts",
                        "2",
                        "--prompt",
                        "why?",
                    ];
                    let said = project.run(&args);
                    let got = said.json();
                    holds(&got, &gap.reply, &gap.name);
                    assert_eq!(
                        said.code,
                        if gap.kind().is_some() { 3 } else { 0 },
                        "{}",
                        gap.name
                    );
                    assert_eq!(got["attempts"], asked, "{}: attempts", gap.name);
                }
            });
        }
    });
}

fn asked(name: &str) -> usize {
    let found = ASKED.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("{name} is not listed")).1
}
