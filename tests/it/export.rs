//! `route export`: what is carried, what is said to be lost, and a real LiteLLM proxy that does as it is told.

use crate::project::Project;
use crate::server::{Answer, Request, Server, error};
use crate::shared::say;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROUTES: &str = "routes:
  - {name: half, weighted: {cheap: 3, strong: 1}}
  - {name: safe, fallback: [broken, {model: cheap, on: context_length}, {model: strong, on: any}]}
  - {name: down, fallback: [broken, cheap]}
  - {name: ruled, cost: {rules: [{max_prompt_tokens: 9, use: cheap}], else: strong}}
  - {name: careful, cascade: [{use: cheap, accept: {scorer: exact}}, strong]}
limits: {attempts: 1}
";

fn answer(request: &Request) -> Answer {
    match request.model() {
        "broken" => error(500, "broken"),
        model => {
            let message = json!({"role": "assistant", "content": "yes"});
            let body = json!({"id": "c", "object": "chat.completion", "created": 1, "model": model,
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}});
            Answer::Whole(200, Vec::new(), body.to_string())
        }
    }
}

fn project(server: &Server) -> Project {
    Project::arithmetic(
        &server.base_url(),
        &["cheap", "strong", "broken"],
        2,
        ROUTES,
    )
}

#[test]
fn a_litellm_config_carries_what_it_can_and_says_the_rest() {
    let project = project(&Server::start(answer));
    let said = project.run(&["route", "export", "--format", "litellm"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "model_name: half",
        "weight: 3.0",
        "input_cost_per_token: 0.000001",
        "num_retries: 0",
        "api_key: none",
        "- safe: [strong]",
        "ruled is left out",
        "careful is left out",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains("model_name: ruled"), "{}", said.out);
    let told = &said.err;
    assert!(
        told.contains("bakeoff.yaml:") && told.contains("ruled is left out"),
        "{told}"
    );
    let alone = project.run(&["route", "export", "ruled", "--format", "litellm"]);
    assert_ne!(alone.code, 0);
    assert!(alone.out.is_empty() && alone.err.contains("nothing of these routes"));
    let wrong = project.run(&["route", "export", "hal", "--format", "litellm"]);
    assert!(wrong.code != 0 && wrong.err.contains("did you mean \"half\""));
}

#[test]
fn what_is_exported_stands_in_a_suite_as_it_is() {
    let server = Server::start(answer);
    let project = project(&server);
    let out = [
        "route", "export", "half", "safe", "ruled", "--format", "bakeoff", "--out", "r.yaml",
    ];
    assert_eq!(project.run(&out).code, 0);
    let text = project.read("r.yaml");
    assert!(text.starts_with("# bakeoff.routes/1"), "{text}");
    let rest = "name: other\ndataset: data.csv\nprompts:\n  - {name: ask, messages: [{user: \"{{question}}\"}]}\nscorers: [exact]\n";
    project.write("other.yaml", &format!("{rest}{text}"));
    let said = project.run(&[
        "-f",
        "other.yaml",
        "run",
        "--model",
        "half",
        "--format",
        "json",
    ]);
    assert_eq!(said.json()["candidates"][0]["name"], "half", "{}", said.err);
    assert_eq!(server.requests().len(), 2);
    let again = project.run(&[
        "-f",
        "other.yaml",
        "route",
        "export",
        "half",
        "safe",
        "ruled",
        "--format",
        "bakeoff",
    ]);
    assert_eq!(again.out, text);
}

/// A proxy that ends with the value.
struct Proxy(Child, u16);

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Proxy {
    fn post(&self, model: &str) -> Option<(u16, String)> {
        let body =
            json!({"model": model, "messages": [{"role": "user", "content": "hi"}]}).to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.1)).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .ok()?;
        write!(stream, "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let status = text.split(' ').nth(1)?.parse().ok()?;
        Some((status, text))
    }
}

#[test]
fn a_real_litellm_does_as_it_is_told() {
    let Some(program) = std::env::var_os("BAKEOFF_LITELLM") else {
        say("not run: no LiteLLM (set BAKEOFF_LITELLM to its executable)");
        return;
    };
    let server = Server::start(answer);
    let project = project(&server);
    let out = [
        "route",
        "export",
        "--format",
        "litellm",
        "--out",
        "litellm.yaml",
    ];
    assert_eq!(project.run(&out).code, 0);
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let log = std::fs::File::create(project.path().join("log")).unwrap();
    let child = Command::new(program)
        .args([
            "--config",
            "litellm.yaml",
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ])
        .current_dir(project.path())
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env(
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
            "true",
        )
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    let proxy = Proxy(child.unwrap(), port);
    let until = Instant::now() + Duration::from_secs(120);
    while proxy.post("strong").is_none_or(|(status, _)| status != 200) {
        assert!(Instant::now() < until, "{}", project.read("log"));
        std::thread::sleep(Duration::from_millis(500));
    }
    let asked = |from: usize| -> Vec<String> {
        let all = server.requests();
        all[from..].iter().map(|it| it.model().to_owned()).collect()
    };
    let before = server.requests().len();
    for _ in 0..400 {
        assert_eq!(proxy.post("half").unwrap().0, 200);
    }
    let cheap = asked(before)
        .iter()
        .filter(|model| *model == "cheap")
        .count();
    // Four standard deviations of a binomial share of 3/4.
    assert!((265..=335).contains(&cheap), "{cheap} of 400");
    let mut answered = Vec::new();
    for (route, ways) in [
        ("safe", ["broken", "strong"]),
        ("down", ["broken", "cheap"]),
    ] {
        for _ in 0..10 {
            let before = server.requests().len();
            let (status, text) = proxy.post(route).unwrap();
            assert_eq!(status, 200, "{text}");
            answered.push(asked(before) == ways);
        }
    }
    let known = answered.len();
    say(&format!(
        "LiteLLM: cheap {cheap} of 400 at 3:1; {known} requests fell back"
    ));
    assert!(answered.into_iter().all(|as_written| as_written));
}
