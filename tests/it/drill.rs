//! `run --drill`: an outage is rehearsed with injected faults, and the run stands apart from all others.

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Server, chat};
use serde_json::{Value, json};

fn truthful() -> Server {
    Server::start(|request| chat(request.model(), &right(request)))
}

/// Two models and a chain of both.
fn project(server: &Server, cases: usize, more: &str) -> Project {
    let url = server.base_url();
    let project = Project::arithmetic(&url, &["a", "b"], cases, more);
    let hop = |model: &str| {
        format!(
            "      - {{api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}}}\n"
        )
    };
    let chain = format!(
        "models:\n  - name: safe\n    fallback:\n{}{}",
        hop("a"),
        hop("b")
    );
    let suite = project.read("bakeoff.yaml").replace("models:\n", &chain);
    project.write("bakeoff.yaml", &suite);
    project
}

fn asked(server: &Server, model: &str) -> usize {
    let requests = server.requests();
    requests.iter().filter(|it| it.model() == model).count()
}

fn row(said: &Said, name: &str) -> Value {
    let summary = said.json();
    let rows = summary["candidates"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).unwrap().clone()
}

const FEW: &str = "limits: {attempts: 2}\n";

#[test]
fn the_second_answers_all_that_the_first_cannot() {
    let server = truthful();
    let project = project(&server, 6, FEW);
    let drill = [
        "run", "--model", "safe", "--drill", "a=down", "--format", "json",
    ];
    let said = project.run(&drill);
    assert_eq!(said.code, 0, "{}", said.err);
    let safe = row(&said, "safe");
    assert_eq!((&safe["answered"], &safe["failed"]), (&json!(6), &json!(0)));
    assert_eq!(safe["hops"][0]["answered"], 0);
    assert_eq!(safe["hops"][0]["failed"], 6);
    assert_eq!(safe["hops"][1]["answered"], 6);
    assert_eq!((asked(&server, "a"), asked(&server, "b")), (0, 6));
    let summary = said.json();
    assert_eq!(summary["suite"], "arithmetic (drill)");
    assert_eq!(summary["drill"], json!(["a=down"]));
    let note = summary["notes"][0].as_str().unwrap();
    assert!(
        note.contains("a drill") && note.contains("a=down"),
        "{note}"
    );
    for file in ["summary.html", "summary.md"] {
        let text = project.read(&format!("bakeoff-report/drill/{file}"));
        assert!(
            text.contains("a drill, no measurement of the models"),
            "{file}"
        );
    }
}

#[test]
fn a_drill_is_no_latest_run_and_neither_takes_from_the_cache_nor_leaves_anything_there() {
    let server = truthful();
    let project = project(&server, 4, FEW);
    let said = project.run(&["run", "--model", "b", "--drill", "a=down"]);
    assert_eq!(said.code, 2, "nothing that is asked is a: {}", said.err);
    let drill = ["run", "--model", "safe", "--drill", "a=down"];
    assert_eq!(project.run(&drill).code, 0);
    assert_eq!(asked(&server, "b"), 4);
    let none = project.run(&["report", "--format", "json"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("(drill)"), "{}", none.err);
    // The run asks all anew, and the drill after it too.
    assert_eq!(project.run(&["run"]).code, 0);
    let after = asked(&server, "b");
    assert!(after >= 8, "{after}");
    let said = project.run(&drill);
    assert_eq!(asked(&server, "b"), after + 4, "{}", said.err);
    let words = said.unwrapped();
    assert!(words.contains("Drill: a=down"), "{words}");
    assert!(words.contains("safe computed 100% 100%"), "{words}");
    assert!(words.contains("safe measured 100% 100%"), "{words}");
    assert!(words.contains("0% 100%"), "{words}");
    let latest = project.run(&["report", "--format", "json"]).json();
    assert_eq!(latest["suite"], "arithmetic");
    let runs = project.run(&["list", "runs", "--format", "json"]).json();
    let ids: Vec<&Value> = runs.as_array().unwrap().iter().collect();
    let drilled = ids.iter().find(|run| run["suite"] == "arithmetic (drill)");
    let id = drilled.unwrap()["id"].as_str().unwrap();
    for refused in [
        ["baseline", "set", id].as_slice(),
        &["resume", id],
        &["gate", id],
    ] {
        let said = project.run(refused);
        assert_eq!(said.code, 2, "{refused:?}: {}", said.err);
        assert!(said.err.contains("drill"), "{refused:?}: {}", said.err);
    }
}

#[test]
fn a_share_of_refusals_is_retried_and_drawn_by_the_seed() {
    let server = truthful();
    let project = project(&server, 20, "limits: {attempts: 6}\n");
    let drill = [
        "run",
        "--model",
        "a",
        "--drill",
        "a=503:30%",
        "--format",
        "json",
    ];
    let first = project.run(&drill);
    assert_eq!(first.code, 0, "{}", first.err);
    let retries = first.json()["usage"]["retries"].as_u64().unwrap();
    assert!((1..=25).contains(&retries), "{retries}");
    assert_eq!(row(&first, "a")["answered"], 20);
    assert_eq!(asked(&server, "a"), 20, "what is refused is not sent");
    assert_eq!(row(&first, "a")["cost_usd"]["waste"], 0.0);
    let second = project.run(&drill).json();
    assert_eq!(second["usage"]["retries"], retries);
}

#[test]
fn who_hangs_is_given_up_on_and_who_is_slow_is_late() {
    let server = truthful();
    let limits = "limits: {attempts: 1, first_byte: 300ms}\n";
    let project = project(&server, 3, limits);
    let said = project.run(&[
        "run",
        "--drill",
        "a=hang",
        "--drill",
        "b=slow:120ms",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(row(&said, "a")["failures"], json!({"timeout": 3}));
    assert_eq!(row(&said, "safe")["answered"], 3);
    let p50 = |name: &str, what: &str| row(&said, name)[what]["p50"]["value"].as_f64().unwrap();
    assert!(p50("b", "latency_ms") >= 120.0);
    assert!(p50("safe", "total_ms") >= 420.0);
    assert_eq!(asked(&server, "a"), 0);
}

#[test]
fn recordings_are_drilled_offline() {
    let server = truthful();
    let project = project(&server, 5, FEW);
    assert_eq!(project.run(&["run", "--record", "replies.jsonl"]).code, 0);
    let before = server.requests().len();
    let suite = format!("{}replay: replies.jsonl\n", project.read("bakeoff.yaml"));
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&[
        "run",
        "--model",
        "a",
        "--model",
        "b",
        "--drill",
        "b=slow:2s",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let p50 = |name: &str| {
        row(&said, name)["latency_ms"]["p50"]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(
        p50("b") >= 2000.0 && p50("a") < 2000.0,
        "{} {}",
        p50("a"),
        p50("b")
    );
    let said = project.run(&[
        "run", "--model", "a", "--drill", "a=down", "--format", "json",
    ]);
    assert_eq!(
        row(&said, "a")["failures"],
        json!({"transport": 5}),
        "{}",
        said.err
    );
    assert_eq!(server.requests().len(), before, "nothing was sent");
    // The chain's second hop is asked for a reply of its own, which nobody recorded.
    let said = project.run(&["run", "--model", "safe", "--drill", "a=down"]);
    assert!(
        said.code == 0 || said.err.contains("not recorded"),
        "{}",
        said.err
    );
    assert_eq!(server.requests().len(), before, "nothing was sent");
}

#[test]
fn a_name_that_means_nothing_is_said() {
    let server = truthful();
    let project = project(&server, 2, "");
    let said = project.run(&["run", "--drill", "saef=down"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean \"safe\"?"), "{}", said.err);
    assert!(said.err.contains("there are: "), "{}", said.err);
    let said = project.run(&["run", "--drill", "a=broken"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("NAME=429:30%"), "{}", said.err);
    assert_eq!(server.requests().len(), 0);
    assert!(!project.path().join(".bakeoff/store.db").exists());
}
