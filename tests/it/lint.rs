//! The portability lint as a user meets it: in `check`, before a run, with `--drop-params`, in `call`.

use crate::project::Project;
use crate::run::right;
use crate::server::{Server, chat};
use bakeoff::provider::lint::rules;
use serde_json::json;

fn truthful() -> Server {
    Server::start(|request| chat(request.model(), &right(request)))
}

/// A suite that asks OpenAI's models at this address, with a temperature that gpt-5 refuses.
fn suite(base_url: &str, more: &str) -> Project {
    let suite = format!(
        "name: moved
dataset: data.csv
prompts: [ask.yaml]
models:
  - {{name: old, model: openai/gpt-4o, base_url: \"{base_url}\", price: {{input: 1, output: 2}}}}
  - {{name: new, model: openai/gpt-5, base_url: \"{base_url}\", price: {{input: 1, output: 2}}}}
params: {{max_tokens: 2000, temperature: 0}}
scorers: [exact]
{more}"
    );
    Project::new(&[
        (
            "data.csv",
            "id,question,target\na,what is 1 + 1?,2\nb,what is 2 + 1?,3\n",
        ),
        (
            "ask.yaml",
            "messages: [{user: \"{{question}}\"}]\nparams: {top_p: 0.5}\n",
        ),
        ("bakeoff.yaml", &suite),
    ])
}

#[test]
fn the_rules_table_is_current() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/portability-lint.md")).unwrap();
    let rows = rules().into_iter().map(|rule| {
        let drops = if rule.drops { "yes" } else { "no" };
        let severity = rule.severity.name();
        format!(
            "| {} | {} | {severity} | {} | {drops} |\n",
            rule.id, rule.title, rule.help
        )
    });
    let rows: String = rows.collect();
    assert!(page.ends_with(&rows), "the table should be:\n{rows}");
}

#[test]
fn an_error_is_shown_with_its_line_and_stops_a_run_before_anything_is_sent() {
    let server = truthful();
    let project = suite(&server.base_url(), "");
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2, "{}", said.err);
    for told in [
        "[P001]",
        "new: temperature and top_p are refused",
        "bakeoff.yaml:7:",
        "--drop-params",
    ] {
        assert!(said.err.contains(told), "{told} is not in:\n{}", said.err);
    }
    let found = project.run(&["check", "--format", "json"]);
    assert_eq!(found.code, 2);
    let rows = found.json()["lint"].clone();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["rule"] == "P001")
        .unwrap();
    assert_eq!(row["candidate"], "new");
    assert_eq!(
        (&row["file"], &row["line"]),
        (&json!("bakeoff.yaml"), &json!(7))
    );
    assert_eq!(row["cases"], 2);
    let said = project.run(&["run"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("[P001]"), "{}", said.err);
    assert!(server.requests().is_empty());
    let old = project.run(&["run", "--model", "old", "--format", "json"]);
    assert_eq!(old.code, 0, "{}", old.err);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_is_dropped_is_not_sent_and_is_told_of_each_reply() {
    for (more, args) in [
        ("", vec!["run", "--drop-params", "--format", "json"]),
        ("drop_params: true\n", vec!["run", "--format", "json"]),
    ] {
        let server = truthful();
        let project = suite(&server.base_url(), more);
        let said = project.run(&args);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains("[P001]"), "{}", said.err);
        for request in server.requests() {
            let sent = request.body.get("temperature").is_some();
            assert_eq!(sent, request.model() == "gpt-4o", "{}", request.body);
            assert_eq!(request.body["max_completion_tokens"], 2000);
        }
        assert_eq!(server.requests().len(), 4);
        let mut again = args.clone();
        again.extend(["--record", "replies.jsonl"]);
        assert_eq!(project.run(&again).code, 0);
        assert_eq!(
            server.requests().len(),
            4,
            "what is sent is what the cache knows"
        );
        let told = "temperature: asked 0 → sent nothing (P001) → acknowledged nothing";
        let replies = project.read("replies.jsonl");
        assert_eq!(replies.matches(told).count(), 2, "{replies}");
        let resumed = project.run(&["resume", "--format", "json"]);
        assert_eq!(resumed.code, 0, "{}", resumed.err);
    }
}

#[test]
fn what_is_found_in_single_cases_is_counted_with_the_first() {
    let project = Project::new(&[
        (
            "data.csv",
            "id,question,target\na,one,1\nb,\"\",2\nc,\"\",3\n",
        ),
        (
            "bakeoff.yaml",
            "name: x\ndataset: data.csv\nprompts: [{name: ask, messages: [{user: \"{{question}}\"}]}]\n\
             models: [anthropic/claude-sonnet-4-5]\nparams: {max_tokens: 9}\nscorers: [exact]\n",
        ),
    ]);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains("[P043]") && said.err.contains("case b, and 1 more"),
        "{}",
        said.err
    );
}

#[test]
fn judges_are_linted_too() {
    let server = truthful();
    let check = |more: &str| {
        let judge = format!(
            "scorers: [exact, {{name: good, judge: {{rubric: \"Is it right?\", model: openai/gpt-5{more}}}}}]\n"
        );
        let project = suite(&server.base_url(), "");
        let text = project.read("bakeoff.yaml");
        project.write("bakeoff.yaml", &text.replace("scorers: [exact]\n", &judge));
        project.run(&["check", "--model", "old"])
    };
    // A judge's own temperature of 0 is a wish; what the user sets is meant.
    let wish = check("");
    let told = "good (judge openai/gpt-5): temperature is refused";
    assert!(wish.err.contains(told), "{}", wish.err);
    assert_eq!(wish.code, 0, "{}", wish.err);
    let meant = check(", params: {top_p: 0.5}");
    assert!(meant.err.contains("[P001]"), "{}", meant.err);
    assert_eq!(meant.code, 2, "{}", meant.err);
}

#[test]
fn a_single_call_is_only_warned_of() {
    let server = truthful();
    let url = server.base_url();
    let project = Project::new(&[(
        "call.json",
        r#"{"messages": [{"role": "user", "content": "what is 1 + 1?"}], "temperature": 0, "max_tokens": 2000}"#,
    )]);
    let base = [
        "call",
        "openai/gpt-5",
        "--base-url",
        &url,
        "--request",
        "call.json",
    ];
    let said = project.run(&base);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("[P001]"), "{}", said.err);
    assert!(
        said.json()["warnings"].to_string().contains("P001"),
        "{}",
        said.out
    );
    assert_eq!(server.requests()[0].body["temperature"], 0.0);
    let dry = project.run(&[&base[..], &["--drop-params", "--dry-run"]].concat());
    assert!(
        dry.json()["body"].get("temperature").is_none(),
        "{}",
        dry.out
    );
}

#[test]
fn models_are_listed_with_what_is_known_of_them() {
    let project = suite("http://127.0.0.1:9/v1", "");
    let own = project.run(&["list", "models"]);
    assert_eq!(own.code, 0, "{}", own.err);
    for told in [
        "new = openai/gpt-5",
        "context 400000",
        "always reasons",
        "$1 in",
    ] {
        assert!(own.out.contains(told), "{told} is not in:\n{}", own.out);
    }
    assert!(
        own.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        own.out
    );
    let one = project.run(&[
        "list",
        "models",
        "anthropic/claude-opus-4-7",
        "--format",
        "json",
    ]);
    let one = &one.json()[0];
    assert_eq!(one["capabilities"]["sampling"], "refused");
    assert_eq!(
        (&one["api"], &one["key_set"]),
        (&json!("anthropic-messages"), &json!(false))
    );
    assert!(one["price"]["input"].as_f64().unwrap() > 0.0);
    let all = project.run(&["list", "models", "--all"]);
    assert!(all.out.lines().count() > 200, "{}", all.out.lines().count());
}
