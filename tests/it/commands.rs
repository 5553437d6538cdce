//! The other commands: each tried as a user would, on good input and on bad.

use crate::project::Project;
use crate::run::right;
use crate::server::{Server, chat};
use serde_json::{Value, json};

fn truthful() -> Server {
    Server::start(|request| chat(request.model(), &right(request)))
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let suite = "\
name: bad
dataset: {path: data.csv, target: anser}
prompts:
  - {name: ask, messages: [{user: \"{{qestion}}\"}]}
models:
  - openia/gpt-4o
  - {name: m, model: openai/gpt-4o, temprature: 0}
params: {temperature: warm}
scorers: [exakt]
repeat: 2
";
    let project = Project::new(&[
        ("bakeoff.yaml", suite),
        ("data.csv", "id,question,answer\na,b,c\n"),
    ]);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    for told in [
        "bakeoff.yaml:10:1",
        "repeats",
        "temprature",
        "bakeoff.yaml:8:23",
        "expected a number",
        "anser",
        "openia",
        "exakt",
    ] {
        assert!(said.err.contains(told), "{told} is not in:\n{}", said.err);
    }
    let shape = suite
        .replace("repeat: 2\n", "")
        .replace(", temprature: 0", "")
        .replace("warm", "0");
    project.write("bakeoff.yaml", &shape);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    for told in [
        "anser",
        "did you mean",
        "qestion",
        "bakeoff.yaml:6:5",
        "openai",
        "exakt",
        "exact",
    ] {
        assert!(said.err.contains(told), "{told} is not in:\n{}", said.err);
    }
    project.write("data.csv", "id,question,answer\na,b\na,b,c\nb\n");
    let said = project.run(&["check"]);
    assert!(
        said.err.contains("data.csv:2") && said.err.contains("data.csv:4"),
        "{}",
        said.err
    );
}

#[test]
fn nothing_to_compare_is_an_error() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 5, "");
    let good = project.read("bakeoff.yaml");
    for (change, told) in [
        (
            good.replace("scorers: [exact]", "scorers: []"),
            "no scorers",
        ),
        (
            good.replace("params:", "  - {name: m, api: openai-chat, base_url: \"http://127.0.0.1:1/v1\", model: x}\nparams:"),
            "two candidates",
        ),
    ] {
        project.write("bakeoff.yaml", &change);
        let said = project.run(&["run"]);
        assert_eq!(said.code, 2, "{told}");
        assert!(said.err.contains(told), "{told}: {}", said.err);
    }
    project.write("bakeoff.yaml", &good);
    for (args, told) in [
        (vec!["run", "--only", "q0000"], "q000"),
        (vec!["run", "--model", "nn"], "suite's models"),
        (vec!["run", "--format", "jsn"], "json"),
        (vec!["report"], "no runs yet"),
        (vec!["rum"], "run"),
    ] {
        let said = project.run(&args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains(told), "{args:?}: {}", said.err);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn check_and_dry_run_say_what_a_run_would_cost_and_send_nothing() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m", "n"], 12, "");
    let said = project.run(&["check", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let plan = said.json();
    assert_eq!(plan["schema"], "bakeoff.plan/1");
    assert_eq!(plan["estimate"]["calls"], 24);
    assert!(plan["estimate"]["cost_usd"][1].as_f64().unwrap() > 0.0);
    assert!(plan["detectable_difference"].as_f64().unwrap() > 0.2);
    assert!(said.err.contains("few"), "{}", said.err);
    assert_eq!(project.run(&["run", "--dry-run"]).code, 0);
    assert!(server.requests().is_empty());
    assert_eq!(project.run(&["run"]).code, 0);
    let plan = project
        .run(&["run", "--dry-run", "--format", "json"])
        .json();
    assert_eq!(
        (
            plan["estimate"]["calls"].clone(),
            plan["estimate"]["known"].clone()
        ),
        (json!(0), json!(24))
    );
}

#[test]
fn an_unpriced_model_under_a_cap_must_be_allowed() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace(", price: {input: 1, output: 2}", "");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["run", "--max-cost", "1"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--allow-unpriced"), "{}", said.err);
    let said = project.run(&[
        "run",
        "--max-cost",
        "1",
        "--allow-unpriced",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = &said.json()["candidates"][0];
    assert_eq!(row["cost_usd"]["answers"], Value::Null, "unknown is not 0");
    assert_eq!(row["cost_unknown"], 3);
}

#[test]
fn replies_are_scored_again_without_asking() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, "");
    assert_eq!(project.run(&["run"]).code, 0);
    let suite = project
        .read("bakeoff.yaml")
        .replace("scorers: [exact]", "scorers: [{regex: \"^[0-9]+$\"}]");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["score", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let scores = &said.json()["candidates"][0]["scores"];
    assert_eq!(scores["regex"]["value"], 1.0);
    assert_eq!(scores["exact"], Value::Null);
    assert_eq!(server.requests().len(), 4);
    let report = project.run(&["report", "--format", "json"]).json();
    assert_eq!(report["best"]["scorer"], "regex");
    let csv = project.run(&["report", "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 5);
    let show = project
        .run(&["show", "latest", "q002", "--format", "json"])
        .json();
    assert_eq!(show["records"][0]["outcome"]["answered"]["text"], "3");
    assert_eq!(project.run(&["show", "latest", "q9"]).code, 2);
}

#[test]
fn single_outputs_are_scored_line_by_line() {
    let project = Project::new(&[]);
    let lines = [
        json!({"scorer": "exact", "output": "Paris", "target": "Paris"}),
        json!({"scorer": {"numeric": {"tolerance": 0.5}}, "output": "about 41.8", "target": 42}),
        json!({"scorer": {"not": {"contains": "sorry"}}, "output": "I am sorry"}),
        json!({"scorer": "exakt", "output": "x", "target": "x"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    project.write("lines.jsonl", &text);
    let said = project.run(&["score", "--try", "lines.jsonl"]);
    assert_eq!(said.code, 2, "a line is wrong: {}", said.err);
    let said: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (said[0]["value"].clone(), said[0]["passed"].clone()),
        (json!(1.0), json!(true))
    );
    assert_eq!(said[1]["passed"], true);
    assert_eq!(said[2]["passed"], false);
    assert!(said[3]["error"].as_str().unwrap().contains("exact"));
}

#[test]
fn one_call_is_made_priced_and_shown() {
    let server = truthful();
    let project = Project::new(&[(
        "call.json",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"what is 4 + 1?\"}], \"max_tokens\": 5, \"stream\": true}",
    )]);
    let place = ["--api", "openai-chat", "--base-url", &server.base_url()];
    let said = project.run(&[&["call", "m", "--request", "call.json"][..], &place].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let reply = said.json();
    assert_eq!(reply["schema"], "bakeoff.reply/1");
    assert_eq!(
        (reply["text"].clone(), reply["input_tokens"].clone()),
        (json!("5"), json!(12))
    );
    assert_eq!(reply["cost_usd"], Value::Null);
    assert!(reply["timings_ms"]["first_token"].is_number());
    let dry = project
        .command(&["call", "openai/gpt-4o", "--prompt", "hi", "--dry-run"])
        .env("OPENAI_API_KEY", "sk-0123456789")
        .output()
        .unwrap();
    let dry: crate::project::Said = dry.into();
    assert!(!dry.out.contains("sk-0123"), "{}", dry.out);
    let dry = dry.json();
    assert_eq!(dry["url"], "https://api.openai.com/v1/chat/completions");
    assert_eq!(dry["body"]["messages"][0]["content"], "hi");
    let refused = project.run(&[
        "call",
        "m",
        "--api",
        "openai-chat",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--prompt",
        "x",
        "--attempts",
        "1",
    ]);
    assert_eq!(refused.code, 3);
    assert_eq!(refused.json()["error"]["kind"], "transport");
    project.write("call.json", "{\"messages\": [], \"temprature\": 1}");
    let bad = project.run(&[
        "call",
        "openai/gpt-4o",
        "--request",
        "call.json",
        "--dry-run",
    ]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("temperature"), "{}", bad.err);
}

#[test]
fn a_new_project_runs_at_once_and_offline() {
    let project = Project::new(&[]);
    let said = project.run(&["init", "eval"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let inside = |args: &[&str]| -> crate::project::Said {
        let folder = project.path().join("eval");
        project
            .command(args)
            .current_dir(folder)
            .output()
            .unwrap()
            .into()
    };
    let said = inside(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["usage"]["requests"], 0);
    assert_eq!(summary["cases"], 12);
    assert!(project.read("eval/.gitignore").contains("/.bakeoff/"));
    assert_eq!(inside(&["init"]).code, 2, "it does not overwrite");
    assert_eq!(inside(&["init", "--force"]).code, 0);
    assert_eq!(inside(&["check"]).code, 0);
}

#[test]
fn the_committed_schema_is_current() {
    let said = Project::new(&[]).run(&["schema"]);
    assert_eq!(said.code, 0);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = std::fs::read_to_string(root.join("bakeoff.schema.json")).unwrap();
    assert_eq!(
        committed, said.out,
        "make it anew with: bakeoff schema --out bakeoff.schema.json"
    );
    let schema: Value = serde_json::from_str(&committed).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let good = json!({"dataset": "d.csv", "scorers": ["exact", {"name": "x", "json": {"fields": ["/a"]}}]});
    assert!(validator.is_valid(&good));
    assert!(!validator.is_valid(&json!({"dataset": "d.csv", "modles": []})));
}

#[test]
fn lists_and_completions_are_printed() {
    let project = Project::new(&[]);
    for (args, told) in [
        (vec!["list", "providers"], "anthropic"),
        (vec!["list", "scorers"], "regex"),
        (vec!["list", "reports"], "summary.html"),
        (vec!["list", "datasets"], "support-triage"),
        (vec!["completions", "bash"], "bakeoff"),
        (vec!["--help"], "Exit codes"),
        (vec!["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let said = project.run(&args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        assert!(said.out.contains(told), "{args:?}: {}", said.out);
    }
}

#[test]
fn this_repository_is_a_project_that_runs_offline() {
    let out = tempfile::tempdir().unwrap();
    let project = Project::new(&[]);
    let root = env!("CARGO_MANIFEST_DIR");
    let (store, report) = (out.path().join("store.db"), out.path().join("report"));
    let suite = format!("{root}/bakeoff.yaml");
    let args = [
        "run",
        "--file",
        &suite,
        "--store",
        store.to_str().unwrap(),
        "--out",
        report.to_str().unwrap(),
        "--format",
        "json",
    ];
    let said = project.run(&args);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["cases"], 100);
    assert_eq!(summary["usage"]["replayed"], 300);
    assert_eq!(summary["complete"], true);
    let best = &summary["best"]["name"];
    assert_eq!(best, "qwen2.5-coder-1.5b", "the larger model sorts best");
}
