//! Scorers that ask models for vectors or run programs, and what is said about scorers.

use crate::project::Project;
use crate::run::right;
use crate::server::{Answer, Request, Server, chat};
use crate::shared::say;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// Answers chats rightly; a text's vector is its length and one.
fn server() -> Server {
    Server::start(|request: &Request| match request.body["input"].as_array() {
        None => chat(request.model(), &right(request)),
        Some(texts) => {
            let vector = |text: &Value| json!([text.as_str().unwrap().len(), 1]);
            let data = texts.iter().enumerate();
            let data = data.map(|(index, text)| json!({"index": index, "embedding": vector(text)}));
            let body = json!({"object": "list", "model": "vec-1", "data": data.rev().collect::<Vec<_>>(),
                              "usage": {"prompt_tokens": 10, "total_tokens": 10}});
            let json = vec![("content-type", "application/json".to_owned())];
            Answer::Whole(200, json, body.to_string())
        }
    })
}

/// The arithmetic suite with these scorers, and an embedding model that is no candidate.
fn project(server: &Server, scorers: &str) -> Project {
    let url = server.base_url();
    let project = Project::arithmetic(&url, &["m"], 4, "");
    let vectors = format!(
        "models:\n  - {{name: vectors, api: openai-embeddings, base_url: \"{url}\", model: vec, price: {{input: 100, output: 0}}}}\n"
    );
    let suite = project.read("bakeoff.yaml");
    let suite = suite.replace("models:\n", &vectors);
    project.write("bakeoff.yaml", &suite.replace("[exact]", scorers));
    project
}

fn asked_for_vectors(server: &Server) -> usize {
    let requests = server.requests();
    requests
        .iter()
        .filter(|request| request.body["input"].is_array())
        .count()
}

#[test]
fn embeddings_are_asked_like_judges() {
    let server = server();
    let project = project(&server, "[{embedding: vectors, threshold: 0.99}]");
    let said = project.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("vectors") && said.out.contains("judges: up to 4 calls"),
        "{}",
        said.out
    );
    let said = project.run(&["run", "--format", "json", "--max-cost", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["candidates"].as_array().unwrap().len(), 1);
    let candidate = &summary["candidates"][0];
    assert_eq!(candidate["scores"]["embedding"]["value"], 1.0);
    let cost = candidate["cost_usd"]["judges"].as_f64().unwrap();
    assert!((cost - 4.0 * 10.0 * 100.0 / 1e6).abs() < 1e-12, "{cost}");
    assert_eq!(asked_for_vectors(&server), 4);
    // scored again, and with another threshold: nothing is asked twice
    let suite = project.read("bakeoff.yaml").replace("0.99", "0.5");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["score", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(asked_for_vectors(&server), 4);
    let suite = suite.replace(
        "embedding: vectors",
        "embedding: anthropic/claude-3-5-haiku-20241022",
    );
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["check"]);
    assert!(
        said.code == 2 && said.err.contains("has no embeddings"),
        "{}",
        said.err
    );
}

const SCRIPT: &str = "while read -r line; do case $line in '{\"output\":\"3\"'*) exit 1;; esac; echo '{\"value\": 0.5}'; done";

#[test]
fn programs_are_run_only_when_it_is_allowed() {
    let server = server();
    let project = project(&server, "[exact, {name: mine, script: [sh, mine.sh]}]");
    project.write("mine.sh", SCRIPT);
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.contains("wants to run the program \"sh\"")
                && said.err.contains("bakeoff.yaml:9:40"),
            "{}",
            said.err
        );
    }
    assert!(server.requests().is_empty());
    let said = project.run(&["run", "--allow-exec", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let mine = &said.json()["candidates"][0]["scores"]["mine"];
    assert_eq!(
        (&mine["value"], &mine["n"], &mine["unscored"]),
        (&json!(0.5), &json!(3), &json!(1))
    );
    // the program is part of the scorer: a better one scores again, and no model is asked
    let before = server.requests().len();
    project.write(
        "mine.sh",
        &SCRIPT.replace("exit 1", ":").replace("0.5", "0.75"),
    );
    let said = project.run(&["score", "--allow-exec", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let mine = &said.json()["candidates"][0]["scores"]["mine"];
    assert_eq!((&mine["value"], &mine["n"]), (&json!(0.75), &json!(4)));
    assert_eq!(server.requests().len(), before);
}

/// The answers to these lines of `score --try`.
fn tried(lines: &[Value], more: &[&str]) -> Vec<Value> {
    let project = Project::new(&[]);
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    project.write("lines.jsonl", &text.join("\n"));
    let said = project.run(&[&["score", "--try", "lines.jsonl"], more].concat());
    let found = said.out.lines();
    let found: Vec<Value> = found
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let wrong = found.iter().any(|line| line.get("error").is_some());
    assert_eq!(said.code, if wrong { 2 } else { 0 }, "{}", said.err);
    found
}

#[test]
fn the_shipped_programs_score() {
    let line =
        |scorer: &str, output: &str| json!({"scorer": scorer, "output": output, "target": "TODO"});
    let shell = tried(
        &[
            line("placeholders", "Dear [Your Name],"),
            line("placeholders", "Dear \"Ann\",\"target\":"),
        ],
        &["--allow-exec"],
    );
    assert_eq!(
        (&shell[0]["passed"], &shell[1]["passed"]),
        (&json!(false), &json!(true)),
        "{shell:?}"
    );
    let python = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !python.is_ok_and(|status| status.success()) {
        return say("not run: the Python scorer, as there is no python3");
    }
    let code = |code: &str| format!("Here:\n```python\n{code}\n```");
    let lines = [
        line("python-parses", &code("def f(x):\n    return x")),
        line("python-parses", &code("def f(x) return x")),
        line("python-parses", "no code"),
    ];
    let python = tried(&lines, &["--allow-exec"]);
    let values: Vec<&Value> = python.iter().map(|answer| &answer["value"]).collect();
    assert_eq!(
        values,
        [&json!(1.0), &json!(0.0), &json!(0.0)],
        "{python:?}"
    );
    let refused = tried(&lines[..1], &[]);
    assert!(
        refused[0]["error"]
            .as_str()
            .unwrap()
            .contains("--allow-exec"),
        "{refused:?}"
    );
}

#[test]
fn every_kind_is_listed_and_explained() {
    let project = Project::new(&[("scorers/mine.yaml", "about: My own.\ncontains: x\n")]);
    let kinds = project.run(&["list", "scorers", "--format", "json"]).json();
    let kinds = kinds.as_array().unwrap();
    let kinds: Vec<&Value> = kinds
        .iter()
        .filter(|kind| kind["origin"] == "kind")
        .collect();
    assert!(kinds.len() > 20);
    let mut lines = Vec::new();
    for kind in &kinds {
        let name = kind["name"].as_str().unwrap();
        let said = project.run(&["explain", name]);
        assert_eq!(said.code, 0, "{}", said.err);
        for part in ["range", "direction", "needs"] {
            let text = kind[part].as_str().unwrap();
            let known = text.split_whitespace().all(|word| said.out.contains(word));
            assert!(
                known && (part == "needs" || !text.is_empty()),
                "{name}: {part}"
            );
        }
        assert_eq!(
            project.run(&["explain", name, "--format", "json"]).json(),
            **kind
        );
        lines.push(kind["example"].clone());
    }
    // what needs no model gives what its explanation says
    for (answer, kind) in tried(&lines, &["--allow-exec"]).iter().zip(&kinds) {
        if kind["needs"].as_str().unwrap().contains("model") {
            assert!(answer["unscored"].is_string(), "{answer}");
            continue;
        }
        for (key, expected) in kind["gives"].as_object().unwrap() {
            assert_eq!(&answer[key], expected, "{}: {answer}", kind["name"]);
        }
    }
    assert!(
        project
            .run(&["explain", "mine"])
            .out
            .starts_with("mine: My own.\n  file")
    );
    assert!(
        project
            .run(&["explain", "helpful"])
            .out
            .contains("provider/name")
    );
    let said = project.run(&["explain", "numerik"]);
    assert!(
        said.code == 2 && said.err.contains("did you mean \"numeric\"?"),
        "{}",
        said.err
    );
}

#[test]
fn a_list_keeps_to_the_terminal() {
    let project = Project::new(&[]);
    for columns in [60, 100] {
        let mut list = project.command(&["list", "scorers"]);
        let said = list.env("COLUMNS", columns.to_string()).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let long: Vec<&str> = said
            .lines()
            .filter(|line| line.chars().count() > columns)
            .collect();
        assert!(long.is_empty(), "wider than {columns}: {long:#?}");
    }
}
