//! What is said of a chain: its mistakes with their places, and the reply of `call`.

use super::half;
use crate::project::Project;
use crate::server::{Server, chat, error};
use serde_json::{Value, json};

#[test]
fn what_is_wrong_with_a_chain_is_said_with_its_place() {
    let server = Server::start(half);
    let check = |models: &str| {
        let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
        let text = project.read("bakeoff.yaml");
        project.write(
            "bakeoff.yaml",
            &text.replace("params:", &format!("{models}params:")),
        );
        project.run(&["check"])
    };
    for (models, said) in [
        (
            "  - {name: x, fallback: [m, {model: m, on: rate_limt}]}\n",
            "did you mean `rate_limit`?",
        ),
        (
            "  - {name: x, fallback: [m, m, m, m, m, m, m, m, m]}\n",
            "a chain of 9 models is too long",
        ),
        ("  - {name: x, fallback: []}\n", "needs at least 1 item"),
        (
            "  - {name: x, fallback: [{model: m, on: any}, m]}\n",
            "the first model of a chain is always asked",
        ),
        (
            "  - {name: y, fallback: [m]}\n  - {name: x, fallback: [m, y]}\n",
            "y is a chain itself",
        ),
        (
            "  - {name: x, fallback: [m, {fallback: [m]}]}\n",
            "unknown key `fallback`",
        ),
        (
            "  - {name: x, fallback: [m, opnai/gpt-4o]}\n",
            "did you mean `openai`?",
        ),
    ] {
        let check = check(models);
        assert_eq!(check.code, 2, "{models}{}", check.err);
        assert!(check.err.contains(said), "{models}{}", check.err);
        assert!(check.err.contains("bakeoff.yaml:"), "{}", check.err);
    }
    assert_eq!(
        check("  - {model: m, fallback: [m]}\n").code,
        0,
        "the first model may stand before"
    );
    let missing = "  - {name: x, fallback: [m, openai/gpt-4o]}\n";
    assert_eq!(check(missing).code, 0, "a missing key is a warning here");
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let text = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &text.replace("params:", &format!("{missing}params:")),
    );
    let run = project.run(&["run"]);
    assert_eq!(run.code, 2, "a fallback without a key is none");
    assert!(run.err.contains("OPENAI_API_KEY"), "{}", run.err);
}

#[test]
fn call_falls_back_too() {
    let server = Server::start(|request| match request.model() {
        "a" => error(503, "no capacity"),
        "wrong" => error(400, "no such parameter"),
        model => chat(model, "hello"),
    });
    let project = Project::new(&[]);
    let url = server.base_url();
    let call = |models: &[&str]| {
        let usual = [
            "--api",
            "openai-chat",
            "--base-url",
            &url,
            "--attempts",
            "1",
            "--prompt",
            "hi",
        ];
        let first = ["call", models[0]];
        let later = models[1..].iter().flat_map(|model| ["--fallback", *model]);
        let args: Vec<&str> = first.into_iter().chain(usual).chain(later).collect();
        project.run(&args)
    };
    let said = call(&["a", "b", "c"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let reply = said.json();
    assert_eq!(
        (&reply["text"], &reply["served_model"]),
        (&json!("hello"), &json!("b"))
    );
    let errors: Vec<&Value> = reply["hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| &hop["error"])
        .collect();
    assert_eq!(errors, [&json!("overloaded"), &Value::Null]);
    let said = call(&["wrong", "b"]);
    assert_eq!(
        (said.code, said.json()["hops"].as_array().unwrap().len()),
        (3, 1)
    );
    assert!(call(&["b"]).json().get("hops").is_none());
}
