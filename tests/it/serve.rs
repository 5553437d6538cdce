//! `bakeoff serve` over loopback: replies, streams, errors, fallback, what is logged.

mod limits;
mod routes;
mod sdk;
mod stream;
mod trips;

use crate::project::Project;
use crate::server::{Answer, Request, Server, chat};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// The server under test; ends with the value.
pub struct Endpoint {
    pub child: Child,
    pub url: String,
    pub http: reqwest::Client,
}

impl Endpoint {
    /// Starts it in a project and waits until it says where it listens.
    pub fn start(project: &Project, args: &[&str]) -> Endpoint {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--quiet"];
        all.extend(args);
        let mut command = project.command(&all);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line:?}");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Endpoint {
            child,
            url: line.trim().to_owned(),
            http,
        }
    }

    pub fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json");
        request.body(body.to_string())
    }

    /// Status, headers and body of a request that is answered whole.
    pub async fn say(&self, path: &str, body: &Value) -> Said {
        Said::of(self.post(path, body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Said {
        let sent = self.http.get(format!("{}{path}", self.url)).send().await;
        Said::of(sent.unwrap()).await
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Said {
    async fn of(response: reqwest::Response) -> Said {
        Said {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The bodies of its events.
    pub fn events(&self) -> Vec<Value> {
        let lines = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        lines
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}

/// A request for a word.
pub fn ask(model: &str, text: &str) -> Value {
    json!({"model": model, "max_tokens": 16, "messages": [{"role": "user", "content": text}]})
}

pub fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

/// Answers whole or streamed, as it is asked.
pub fn either(request: &Request, text: &str) -> Answer {
    if request.body["stream"] == json!(true) {
        return chat(request.model(), text);
    }
    let message = json!({"role": "assistant", "content": text});
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15});
    let body = json!({"id": "c1", "model": request.model(), "usage": usage,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
    Answer::Whole(200, Vec::new(), body.to_string())
}

/// The suite's log, a row a request.
pub fn log(project: &Project) -> Vec<Value> {
    let said = project.run(&["serve", "log"]);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A chain of `a` and `b` called safe, beside both alone.
pub fn chained(server: &Server, more: &str) -> Project {
    let project = Project::arithmetic(&server.base_url(), &["a", "b"], 1, more);
    let suite = project.read("bakeoff.yaml");
    let chain = "params: {temperature: 0, max_tokens: 16}\n";
    let with = format!("  - {{name: safe, fallback: [a, b]}}\n{chain}");
    project.write("bakeoff.yaml", &suite.replace(chain, &with));
    project
}

#[tokio::test(flavor = "multi_thread")]
async fn both_dialects_are_answered_and_logged() {
    let server = Server::start(|request| either(request, "four is it"));
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "");
    let endpoint = Endpoint::start(&project, &[]);
    let chat = endpoint
        .say("/v1/chat/completions", &ask("a", "2+2?"))
        .await;
    assert_eq!(chat.status, 200, "{}", chat.text);
    assert_eq!(
        chat.json()["choices"][0]["message"]["content"],
        "four is it"
    );
    assert_eq!(chat.json()["usage"]["total_tokens"], 15);
    assert_eq!(chat.header("x-bakeoff-served-by"), "a");
    assert_eq!(chat.header("x-bakeoff-attempts"), "1");
    // 12 tokens at $1 and 3 at $2 a million
    assert_eq!(chat.header("x-bakeoff-cost-usd"), "0.000018000");
    let message = endpoint.say("/v1/messages", &ask("a", "2+2?")).await;
    let body = message.json();
    assert_eq!(
        (&body["type"], &body["content"][0]["text"]),
        (&json!("message"), &json!("four is it"))
    );
    assert_eq!(
        (&body["stop_reason"], &body["usage"]["output_tokens"]),
        (&json!("end_turn"), &json!(3))
    );
    let stream = endpoint
        .say("/v1/chat/completions", &streamed(ask("a", "2+2?")))
        .await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let events = stream.events();
    let text = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str());
    assert_eq!(text.collect::<String>(), "four is it");
    assert_eq!(events.last().unwrap()["bakeoff"]["served_by"], "a");
    let stream = endpoint
        .say("/v1/messages", &streamed(ask("a", "2+2?")))
        .await;
    let text = stream
        .events()
        .iter()
        .filter_map(|event| event["delta"]["text"].as_str().map(str::to_owned))
        .collect::<String>();
    assert_eq!(text, "four is it");
    let models = endpoint.get("/v1/models").await.json();
    assert_eq!(models["data"][0]["id"], "a");
    assert_eq!(endpoint.get("/health").await.json()["status"], "ok");
    let page = endpoint.get("/metrics").await.text;
    let line = r#"bakeoff_requests_total{model="a",client="",api="openai-chat",status="200"} 2"#;
    assert!(page.contains(line), "{page}");
    let rows = log(&project);
    assert_eq!(rows.len(), 4);
    for row in &rows {
        assert_eq!(
            (&row["end"]["status"], &row["end"]["by"]),
            (&json!(200), &json!("a"))
        );
        assert_eq!(row["end"]["cost_usd"], 0.000018);
        assert!(row["end"]["content"].is_null(), "nothing is kept unasked");
    }
    assert_eq!(rows[0]["id"], chat.header("x-request-id"));
    // The suite's parameters hold where the caller says nothing, and its own where it does.
    let sent = &server.requests()[0].body;
    assert_eq!(
        (&sent["temperature"], &sent["max_tokens"]),
        (&json!(0.0), &json!(16))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_becomes_a_dataset() {
    let server = Server::start(|request| either(request, "write to bob@example.org"));
    let keep = "serve: {keep: {share: 1, redact: [\"ACME-[0-9]+\"]}, names: {gpt-4o: a}}\n";
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, keep);
    let endpoint = Endpoint::start(&project, &[]);
    let mut body = ask("gpt-4o", "order ACME-7 of ann@example.org");
    body["metadata"] = json!({"team": "blue"});
    assert_eq!(
        endpoint.say("/v1/chat/completions", &body).await.status,
        200
    );
    let said = project.run(&["serve", "dataset", "--out", "datasets/traffic.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = project.read("datasets/traffic.jsonl");
    assert!(
        !text.contains("ACME-7") && !text.contains("@example"),
        "{text}"
    );
    let case: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(case["question"], "order [redacted] of [email]");
    assert_eq!(
        (&case["reply"], &case["tag_team"]),
        (&json!("write to [email]"), &json!("blue"))
    );
    // It is a dataset: a run asks its conversations again.
    let suite = project
        .read("bakeoff.yaml")
        .replace("data.csv", "datasets/traffic.jsonl");
    let ask = "{name: ask, messages: [{user: \"{{question}}\"}]}";
    assert!(suite.contains(ask));
    let suite = suite.replace(ask, "{name: again, messages: [{from: messages}]}");
    let suite = suite.replace(
        "scorers: [exact]",
        "scorers: [{exact: {}, target: \"{{reply}}\"}]",
    );
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let again = project.run(&["serve", "dataset", "--out", "datasets/traffic.jsonl"]);
    assert_eq!(again.code, 2, "a dataset is never written over");
}
