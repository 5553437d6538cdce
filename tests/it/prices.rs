//! Prices: the table shown and replaced, what a run keeps of it, what providers state, old runs priced anew.

use crate::project::Project;
use crate::server::{Answer, Server, chat_frames};
use serde_json::{Value, json};
use std::time::Duration;

const LITELLM: &str = include_str!("../../src/provider/price/litellm.json");
/// `sha256sum src/provider/price/litellm.json`
fn litellm_hash() -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(LITELLM.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says its usage, and what that cost where `stated`.
fn server(stated: Option<f64>) -> Server {
    Server::start(move |request| {
        let mut frames = chat_frames(request.model(), "7");
        frames.pop();
        let mut usage =
            json!({"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100});
        if let Some(usd) = stated {
            usage["cost"] = json!(usd);
        }
        let last = json!({"model": request.model(), "choices": [], "usage": usage});
        frames.push(format!("data: {last}\n\ndata: [DONE]\n\n"));
        Answer::Stream(frames, Duration::ZERO)
    })
}

fn project(server: &Server) -> Project {
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, "");
    let suite = project.read("bakeoff.yaml");
    let suite = suite
        .replace("model: m", "model: openai/gpt-4o")
        .replace(", price: {input: 1, output: 2}", "");
    project.write("bakeoff.yaml", &suite);
    project.write("litellm.json", LITELLM);
    project
}

fn near(value: &Value, usd: f64) {
    let got = value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no cost"));
    assert!((got - usd).abs() < 1e-9, "{got} against {usd}");
}

#[test]
fn the_bundled_table_is_shown() {
    let project = Project::new(&[]);
    let said = project.run(&["prices", "show", "openai/gpt-5.4", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let shown = said.json();
    assert_eq!(shown["schema"], "bakeoff.prices/1");
    let table = &shown["tables"][0];
    assert_eq!(
        (&table["date"], &table["bundled"]),
        (&json!("2026-10-30"), &json!(true))
    );
    assert_eq!(table["sha256"].as_str().unwrap().len(), 64);
    let row = &shown["models"][0];
    assert_eq!(row["model"], "openai/gpt-5.4");
    assert_eq!(
        (&row["input"], &row["cached_input"], &row["output"]),
        (&json!(2.5), &json!(0.25), &json!(15.0))
    );
    assert_eq!(row["tiers"][0]["above"], 272_000);
    let names: Vec<_> = row["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].clone())
        .collect();
    assert_eq!(
        names,
        [
            json!("batch"),
            json!("flex"),
            json!("priority"),
            json!("fast")
        ]
    );

    let said = project.run(&["prices", "show", "anthropic/*sonnet*"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("2026-10-30, genai-prices 0.2.1 (sha256 ")
            && said.out.contains("anthropic/claude"),
        "{}",
        said.out
    );
    let said = project.run(&["prices", "show"]);
    assert!(
        said.code == 0 && said.out.contains("name models"),
        "{}{}",
        said.out,
        said.err
    );
    let said = project.run(&["prices", "show", "openai/no-such-model"]);
    assert!(
        said.code == 2 && said.err.contains("prices:"),
        "{}",
        said.err
    );
}

#[test]
fn a_loaded_table_prices_every_run_until_it_is_taken_back() {
    let server = server(None);
    let project = project(&server);
    let said = project.run(&["run", "--format", "json"]);
    near(
        &said.json()["candidates"][0]["cost_usd"]["per_case"],
        0.0035,
    );

    let said = project.run(&[
        "prices",
        "update",
        "--from",
        "litellm.json",
        "--date",
        "2026-11-01",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains(&litellm_hash()) && said.err.contains("5 models"),
        "{}",
        said.err
    );
    let shown = project.run(&["prices", "show", "--format", "json"]).json();
    assert_eq!(shown["tables"][0]["format"], "litellm");
    assert_eq!(shown["tables"][1]["bundled"], true);
    near(&shown["models"][0]["input"], 3.0);

    let summary = project.run(&["run", "--fresh", "--format", "json"]).json();
    near(&summary["candidates"][0]["cost_usd"]["per_case"], 0.0042);
    assert_eq!(summary["prices"], "2026-11-01");
    assert_eq!(summary["prices_hash"], json!(litellm_hash()));
    assert_eq!(
        summary["candidates"][0]["cost_sources"],
        json!({"prices:2026-11-01": 4})
    );
    let table = summary["price_table"].as_str().unwrap();
    assert!(
        table.contains("litellm.json") && table.contains("LiteLLM"),
        "{table}"
    );
    let shown = project.run(&["report", "--format", "markdown"]);
    assert!(
        shown.out.contains("2026-11-01") && shown.out.contains(&litellm_hash()[..12]),
        "{}",
        shown.out
    );

    assert_eq!(project.run(&["prices", "update", "--bundled"]).code, 0);
    let summary = project.run(&["run", "--fresh", "--format", "json"]).json();
    near(&summary["candidates"][0]["cost_usd"]["per_case"], 0.0035);
    assert!(!project.path().join(".local/share/bakeoff/prices").exists());
}

#[test]
fn a_broken_table_is_told_with_what_to_do() {
    let server = server(None);
    let project = project(&server);
    for (text, told) in [
        ("nonsense", "no JSON"),
        ("{\"a\": {}}", "neither"),
        ("[{}]", "required"),
    ] {
        project.write("bad.json", text);
        let said = project.run(&["prices", "update", "--from", "bad.json"]);
        assert!(
            said.code == 2 && said.err.contains(told),
            "{text}: {}",
            said.err
        );
    }
    let said = project.run(&[
        "prices",
        "update",
        "--from",
        "litellm.json",
        "--date",
        "soon",
    ]);
    assert!(
        said.code == 2 && said.err.contains("YYYY-MM-DD"),
        "{}",
        said.err
    );
    assert_eq!(project.run(&["prices", "update"]).code, 2);

    assert_eq!(
        project
            .run(&["prices", "update", "--from", "litellm.json"])
            .code,
        0
    );
    let folder = ".local/share/bakeoff/prices";
    let table = format!("{folder}/{}.json", litellm_hash());
    project.write(&table, &LITELLM.replace("3e-06", "3e-09"));
    for args in [["run"].as_slice(), &["check"], &["prices", "show"]] {
        let said = project.run(args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(
            said.err.contains("SHA-256 differs") && said.err.contains("--bundled"),
            "{args:?}: {}",
            said.err
        );
    }
    project.write(&format!("{folder}/current.json"), "{");
    let said = project.run(&["run"]);
    assert!(
        said.code == 2 && said.err.contains("current.json"),
        "{}",
        said.err
    );
    assert!(server.requests().is_empty());
    assert_eq!(project.run(&["prices", "update", "--bundled"]).code, 0);
    assert_eq!(project.run(&["run"]).code, 0);
}

#[test]
fn a_stated_cost_is_preferred_and_held_against_the_table() {
    let apart = server(Some(0.0042));
    let project_apart = project(&apart);
    let said = project_apart.run(&["run", "--format", "json"]);
    let row = &said.json()["candidates"][0];
    near(&row["cost_usd"]["answers"], 4.0 * 0.0042);
    assert_eq!(row["cost_sources"], json!({"stated": 4}));
    near(&row["cost_check"]["table"], 4.0 * 0.0035);
    let notes = said.json()["notes"].to_string();
    assert!(
        notes.contains("stated cost is 20 % above the price table's"),
        "{notes}"
    );
    let csv = project_apart.run(&["report", "--format", "csv"]).out;
    assert!(
        csv.contains("cost_source") && csv.contains(",stated,"),
        "{csv}"
    );

    let close = server(Some(0.0036));
    let project_close = project(&close);
    let said = project_close.run(&["run", "--format", "json"]);
    assert!(!said.json()["notes"].to_string().contains("stated cost"));
}

#[test]
fn an_old_run_is_priced_anew_and_the_store_keeps_what_was() {
    let server = server(Some(0.0042));
    let project = project(&server);
    assert_eq!(project.run(&["run"]).code, 0);
    let asked = server.requests().len();
    let report = |more: &[&str]| {
        let args: Vec<&str> = ["report", "--format", "json"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        let said = project.run(&args);
        assert_eq!(said.code, 0, "{}", said.err);
        said.json()
    };
    let before = report(&[]);
    assert_eq!(before["repriced"], Value::Null);
    let again = report(&["--reprice"]);
    near(&again["candidates"][0]["cost_usd"]["answers"], 4.0 * 0.0035);
    near(&again["repriced"]["recorded_usd"], 4.0 * 0.0042);
    assert!(again["notes"][0].as_str().unwrap().starts_with("REPRICED"));
    let other = report(&[
        "--reprice",
        "--prices",
        "litellm.json",
        "--at",
        "2026-11-05",
    ]);
    near(&other["candidates"][0]["cost_usd"]["answers"], 4.0 * 0.0042);
    assert_eq!(other["repriced"]["on"], "2026-11-05");
    assert_eq!(other["repriced"]["table"]["sha256"], json!(litellm_hash()));
    for format in ["terminal", "markdown", "html"] {
        let said = project.run(&["report", "--reprice", "--format", format]);
        assert!(said.out.contains("REPRICED"), "{format}: {}", said.out);
    }
    assert_eq!(report(&[]), before, "nothing of it is stored");
    assert_eq!(server.requests().len(), asked);
    assert_eq!(project.run(&["report", "--at", "2026-01-01"]).code, 2);
    assert_eq!(
        project.run(&["report", "--reprice", "--at", "never"]).code,
        2
    );
}

#[test]
fn prices_have_a_history() {
    let old = |date: &str| {
        let server = server(None);
        let project = project(&server);
        let suite = project.read("bakeoff.yaml").replace("gpt-4o", "o3");
        project.write("bakeoff.yaml", &suite);
        assert_eq!(project.run(&["run", "--drop-params"]).code, 0);
        let said = project.run(&["report", "--reprice", "--at", date, "--format", "json"]);
        said.json()["candidates"][0]["cost_usd"]["per_case"]
            .as_f64()
            .unwrap()
    };
    // OpenAI cut o3's prices by four fifths on 2025-06-10.
    let (before, after) = (old("2025-06-01"), old("2025-07-01"));
    assert!((before / after - 5.0).abs() < 1e-6, "{before} then {after}");
}
