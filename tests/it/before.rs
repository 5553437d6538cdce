//! What is tried before anything is sent, and what a run leaves to go on with: files, keys, prices, selections.

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Request, Server, chat};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Answers sums rightly; a judge finds everything good.
fn truthful() -> Server {
    Server::start(said)
}

fn said(request: &Request) -> Answer {
    let text = match request.model() {
        "judge" => "{\"reason\": \"good\", \"grade\": true}".into(),
        _ => right(request),
    };
    chat(request.model(), &text)
}

fn with_env(project: &Project, args: &[&str], env: &[(&str, &str)]) -> Said {
    let env = env.iter().copied();
    project.command(args).envs(env).output().unwrap().into()
}

/// The suite with a second model for judging, and a judge.
fn judged(project: &Project, server: &Server, key: &str) {
    let url = server.base_url();
    let model = format!(
        "  - {{name: judge, api: openai-chat, base_url: \"{url}\", model: judge{key}, price: {{input: 1, output: 2}}}}\nparams:"
    );
    let suite = project.read("bakeoff.yaml");
    let suite = suite.replacen("params:", &model, 1).replace(
        "scorers: [exact]",
        "scorers: [exact, {name: good, judge: {rubric: \"Is it good?\", model: judge}}]",
    );
    project.write("bakeoff.yaml", &suite);
}

#[test]
fn files_that_cannot_be_written_are_told_before_anything_is_sent() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    project.write("file", "in the way");
    std::fs::create_dir(project.path().join("folder")).unwrap();
    for (args, told) in [
        (["run", "--out", "file"], "the report"),
        (["run", "--record", "folder"], "it is a folder"),
        (["run", "--record", "file/r.jsonl"], "the recording"),
        (["run", "--events", "nowhere/e.jsonl"], "the events"),
        (["run", "--replay", "nothing.jsonl"], "the replay file"),
    ] {
        let said = project.run(&args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(told), "{args:?}: {}", said.err);
    }
    assert!(server.requests().is_empty());
    let runs = project.run(&["list", "runs", "--format", "json"]);
    assert_eq!(runs.json(), json!([]), "no run was begun");
    let said = project.run(&["run", "--repeats", "0"]);
    assert_eq!(said.code, 2);
    assert_eq!(project.run(&["run", "--max-cost", "nan"]).code, 2);
}

#[test]
fn a_report_that_cannot_be_written_does_not_hide_how_the_run_ended() {
    let place: Arc<OnceLock<PathBuf>> = Arc::default();
    let out = place.clone();
    let server = Server::start(move |request| {
        // The folder was fine when the run began.
        if let Some(out) = out.get().filter(|out| out.is_dir()) {
            std::fs::remove_dir(out).unwrap();
            std::fs::write(out, "in the way").unwrap();
        }
        said(request)
    });
    let project = Project::arithmetic(&server.base_url(), &["m"], 9, "limits: {concurrency: 1}\n");
    let out = project.path().join("out");
    place.set(out.clone()).unwrap();
    let args = ["run", "--out", "out", "--format", "json"];
    let said = project.run(&[&args[..], &["--max-cost", "0.0003"]].concat());
    assert_eq!(said.code, 3, "{}", said.err);
    assert_eq!(said.json()["complete"], false, "the result is printed");
    assert!(said.err.contains("cannot write"), "{}", said.err);
    assert!(said.err.contains("bakeoff resume"), "{}", said.err);
    std::fs::remove_file(out).unwrap();
    let said = project.run(&[&args[..], &["--only", "q000"]].concat());
    assert_eq!(said.code, 0, "what was paid is not asked: {}", said.err);
}

#[test]
fn resume_chooses_what_the_run_chose() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m", "n"], 9, "");
    let few = "0.0003";
    let args = ["run", "--model", "m", "--limit", "5", "--repeats", "2"];
    let said = project.run(&[&args[..], &["--max-cost", few]].concat());
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("--max-cost USD"), "{}", said.err);
    assert!(server.requests().len() < 10);
    let said = project.run(&["resume"]);
    assert_eq!(said.code, 3, "the cap is kept: {}", said.err);
    let said = project.run(&["resume", "--max-cost", "1", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["candidates"][0]["answered"], 10);
    assert_eq!(server.requests().len(), 10);
    let said = project.run(&["resume", "--limit", "4"]);
    assert_eq!(said.code, 2, "another selection is another run");
    assert!(said.err.contains("dataset"), "{}", said.err);
}

#[test]
fn a_finished_run_is_shown_without_keys_and_scored_by_the_scorers_of_today() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace("model: m,", "model: m, key: MY_KEY,");
    project.write("bakeoff.yaml", &suite);
    let none = project.run(&["run"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("MY_KEY"), "{}", none.err);
    let said = with_env(&project, &["run"], &[("MY_KEY", "k-123456")]);
    assert_eq!(said.code, 0, "{}", said.err);
    let suite = suite.replace("scorers: [exact]", "scorers: [{regex: \"^[0-9]+$\"}]");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["resume", "--record", "r.jsonl", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.json()["candidates"][0]["scores"]["regex"]["value"],
        1.0
    );
    assert_eq!(project.read("r.jsonl").lines().count(), 4);
    let report = project.run(&["report", "--format", "json"]).json();
    assert_eq!(report["best"]["scorer"], "regex", "the store knows it");
    let case = project.run(&["report", "--format", "csv"]).out;
    assert!(!case.contains("exact"), "an old scorer is not shown");
    assert_eq!(server.requests().len(), 4);
    let other = suite.replace("api: openai-chat", "api: ollama");
    project.write("bakeoff.yaml", &other);
    let said = project.run(&["resume"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("api of m"), "{}", said.err);
}

#[test]
fn scores_stand_until_there_are_new_ones() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    assert_eq!(project.run(&["run"]).code, 0);
    judged(&project, &server, ", key: JUDGE_KEY");
    let said = project.run(&["score"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("JUDGE_KEY"), "{}", said.err);
    let report = project.run(&["report", "--format", "json"]).json();
    assert_eq!(report["candidates"][0]["scores"]["exact"]["value"], 1.0);
    let env = [("JUDGE_KEY", "k-123456")];
    let said = with_env(&project, &["score", "--format", "json"], &env);
    assert_eq!(said.code, 0, "{}", said.err);
    let scores = &said.json()["candidates"][0]["scores"];
    assert_eq!(scores["good"]["value"], 1.0, "{scores}");
    assert_eq!(server.requests().len(), 6);
    // Another scorer is new; what the judge has said is neither asked nor paid again.
    let suite = project
        .read("bakeoff.yaml")
        .replace("[exact,", "[{exact: {trim: false}},");
    project.write("bakeoff.yaml", &suite);
    let mut paid = Vec::new();
    for _ in 0..2 {
        let said = with_env(&project, &["score", "--format", "json"], &env);
        assert_eq!(said.code, 0, "{}", said.err);
        paid.push(said.json()["candidates"][0]["cost_usd"]["judges"].clone());
    }
    assert_eq!(server.requests().len(), 6);
    assert!(
        paid[0].as_f64() > Some(0.0) && paid[0] == paid[1],
        "{paid:?}"
    );
}

#[test]
fn judges_are_counted_and_must_have_a_price_too() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 5, "");
    judged(&project, &server, "");
    let plan = project.run(&["check", "--model", "m", "--format", "json"]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    let plan = plan.json();
    assert_eq!(plan["estimate"]["calls"], 10);
    assert_eq!(plan["estimate"]["judges"][0]["calls"], 5);
    assert!(plan["estimate"]["judges"][0]["cost_usd"][1].as_f64() > Some(0.0));
    assert_eq!(plan["estimate"]["pace"]["seconds"], 5.0);
    let said = project.run(&["run", "--model", "m"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("up to 10 calls"), "{}", said.err);
    assert!(said.err.contains("5 cases are few"), "{}", said.err);
    let suite = project
        .read("bakeoff.yaml")
        .replace("model: judge, price: {input: 1, output: 2}", "model: judge");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["run", "--model", "m", "--max-cost", "1", "--fresh"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("judge has no known price"),
        "{}",
        said.err
    );
}

#[test]
fn what_cannot_be_rendered_is_told_once_and_with_all_else() {
    let rows = "{\"id\": 1, \"q\": \"a\", \"more\": \"b\"}\n{\"id\": 2, \"q\": \"a\"}\n{\"id\": 3, \"q\": \"a\"}\n";
    let suite = "name: s\ndataset: data.jsonl\nprompts: [{name: ask, messages: [{user: \"{{q}} {{more}}\"}]}]\n\
                 models: [{name: m, api: openai-chat, base_url: \"http://127.0.0.1:1/v1\", model: m}, \
                 {name: n, api: openai-chat, base_url: \"http://127.0.0.1:1/v1\", model: n}]\n\
                 scorers: [{contains: a}]\nreplay: gone.jsonl\n";
    let project = Project::new(&[("data.jsonl", rows), ("bakeoff.yaml", suite)]);
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("gone.jsonl"), "{command}: {}", said.err);
        let unrendered = said.err.matches("and 1 more trial").count();
        assert_eq!(unrendered, 1, "{command}: {}", said.err);
        assert!(said.err.contains("candidates m, n"), "{}", said.err);
    }
}

#[test]
fn models_and_prompts_are_chosen_by_every_name_they_have() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m", "n"], 2, "");
    let ask = "messages: [{user: \"{{question}}\"}]\n";
    for name in ["terse", "long", "own"] {
        project.write(&format!("prompts/{name}.yaml"), ask);
    }
    let (head, tail) = ("prompts:\n", "models:");
    let suite = project.read("bakeoff.yaml");
    let (before, after) = suite.split_once(head).unwrap();
    let (_, after) = after.split_once(tail).unwrap();
    let after = after.replace("model: n,", "model: n, prompt: prompts/own.yaml,");
    project.write(
        "bakeoff.yaml",
        &format!("{before}{head}  - prompts/terse.yaml\n  - prompts/long.yaml\n{tail}{after}"),
    );
    let chosen = |args: &[&str]| -> Value {
        let said = project.run(&[&["check", "--format", "json"], args].concat());
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        let rows = said.json()["estimate"]["candidates"].clone();
        let names = rows.as_array().unwrap().iter();
        names.map(|row| row["name"].clone()).collect()
    };
    assert_eq!(chosen(&[]), json!(["m @ terse", "m @ long", "n"]));
    assert_eq!(chosen(&["--prompt", "prompts/terse.yaml"]), json!(["m"]));
    assert_eq!(chosen(&["--prompt", "own"]), json!(["n"]));
    assert_eq!(chosen(&["--model", "m @ long"]), json!(["m @ long"]));
    assert_eq!(chosen(&["--model", "*long"]), json!(["m @ long"]));
    let said = project.run(&["check", "--model", "m", "--prompt", "own"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("leave none"), "{}", said.err);
}

#[test]
fn a_cap_does_not_stop_what_costs_nothing() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace(", price: {input: 1, output: 2}", "");
    project.write("bakeoff.yaml", &suite);
    assert_eq!(project.run(&["run", "--record", "r.jsonl"]).code, 0);
    for args in [
        vec!["--offline", "--replay", "r.jsonl"],
        vec!["--replay", "r.jsonl"],
        vec![],
    ] {
        let said = project.run(&[&["run", "--max-cost", "1"], args.as_slice()].concat());
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        assert!(!said.err.contains("could show"), "{args:?}: {}", said.err);
    }
    let said = project.run(&["run", "--max-cost", "1", "--fresh"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn caps_for_a_lane_that_nobody_uses_are_pointed_out() {
    let server = truthful();
    let port = server.port;
    let lanes =
        format!("limits: {{lanes: {{\"127.0.0.1:{port}\": {{rpm: 2}}, opnai: {{rpm: 5}}}}}}\n");
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, &lanes);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("lane \"opnai\""), "{}", said.err);
    assert!(!said.err.contains("lane \"127"), "{}", said.err);
    assert!(
        said.out.contains("at least 2 min at the limits of"),
        "{}",
        said.out
    );
}

#[test]
fn a_run_is_named_by_what_no_other_run_begins_with() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 2, "");
    for _ in 0..2 {
        assert_eq!(project.run(&["run"]).code, 0);
    }
    let said = project.run(&["run", "--fresh", "--max-cost", "0.00001"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let id = said.err.split("bakeoff resume ").last().unwrap();
    let id = id.split_whitespace().next().unwrap();
    assert!(id.len() >= 8);
    let said = project.run(&["resume", id, "--max-cost", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let html = project.run(&["report", "--format", "html"]).out;
    assert!(html.contains(&format!("bakeoff show {id}")), "{id}");
}
