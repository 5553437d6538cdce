//! Conversations: the model answers in between, tools answer it, and nothing of it is paid twice.

use crate::project::Project;
use crate::server::{Answer, Request, Server};
use serde_json::{Value, json};

const SUITE: &str = r#"name: talk
dataset: data.csv
prompts: [talk.yaml]
models:
  - {name: m, api: openai-chat, base_url: "URL", model: m, price: {input: 1, output: 2}}
scorers: [exact]
"#;

const PROMPT: &str = r#"messages:
  - user: "Weather in {{city}}?"
  - reply
  - user: And what should I take?
tools: tools.yaml
tool_results: {weather: "{{report}}"}
"#;

const TOOLS: &str =
    "- {name: weather, parameters: {type: object, properties: {city: {type: string}}}}\n";

fn project(server: &Server, cases: usize) -> Project {
    let rows = (0..cases).map(|n| format!("City{n},rain {n},umbrella\n"));
    let data = format!("city,report,target\n{}", rows.collect::<String>());
    Project::new(&[
        ("bakeoff.yaml", &SUITE.replace("URL", &server.base_url())),
        ("data.csv", &data),
        ("talk.yaml", PROMPT),
        ("tools.yaml", TOOLS),
    ])
}

/// A model that calls the tool first, then reports, then advises.
fn model(request: &Request) -> Answer {
    let messages = request.body["messages"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let last = messages.last().cloned().unwrap_or_default();
    let message = match (messages.len(), last["role"].as_str()) {
        (1, _) => {
            json!({"content": null, "reasoning_content": "I look it up.", "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "weather", "arguments": "{\"city\": \"x\"}"}}]})
        }
        (_, Some("tool")) => {
            json!({"content": format!("It says: {}", last["content"].as_str().unwrap_or_default())})
        }
        _ => json!({"content": "umbrella"}),
    };
    let finish = if message["tool_calls"].is_null() {
        "stop"
    } else {
        "tool_calls"
    };
    let body = json!({"model": "m", "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5}});
    Answer::Whole(200, Vec::new(), body.to_string())
}

fn candidate(summary: &Value) -> &Value {
    &summary["candidates"][0]
}

#[test]
fn a_conversation_is_asked_turn_by_turn_and_known_as_a_whole() {
    let server = Server::start(model);
    let project = project(&server, 3);
    let check = project.run(&["check", "--format", "json"]);
    assert_eq!(check.code, 0, "{}", check.err);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!(candidate(&summary)["scores"]["exact"]["value"], 1.0);
    assert_eq!(summary["usage"]["requests"], 9);
    assert_eq!(summary["usage"]["retries"], 0);
    // three requests a case, each 10 tokens at 1 and 5 at 2 USD a million
    let cost = candidate(&summary)["cost_usd"]["answers"].as_f64().unwrap();
    assert!((cost - 9.0 * 20e-6).abs() < 1e-12, "{cost}");
    let waste = candidate(&summary)["cost_usd"]["waste"].as_f64();
    assert_eq!(waste, Some(0.0));
    let requests = server.requests();
    assert_eq!(requests.len(), 9);
    let longest = requests
        .iter()
        .max_by_key(|it| it.body["messages"].as_array().map(Vec::len));
    let messages = &longest.unwrap().body["messages"];
    let roles: Vec<&str> = messages
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["role"].as_str())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "user"]);
    assert_eq!(messages[1]["tool_calls"][0]["id"], "call_1");
    assert_eq!(messages[2]["tool_call_id"], "call_1");
    assert!(
        messages[3]["content"]
            .as_str()
            .unwrap()
            .starts_with("It says: rain")
    );

    let again = project.run(&["run", "--format", "json"]).json();
    assert_eq!(
        server.requests().len(),
        9,
        "a known conversation is not asked again"
    );
    assert_eq!(again["usage"]["cache_hits"], 3);
    let cost = candidate(&again)["cost_usd"]["answers"].as_f64().unwrap();
    assert!((cost - 9.0 * 20e-6).abs() < 1e-12, "{cost}");

    let recorded = project.run(&["run", "--record", "r.jsonl", "--fresh"]);
    assert_eq!(recorded.code, 0, "{}", recorded.err);
    assert_eq!(server.requests().len(), 18);
    let replayed = project.run(&[
        "run",
        "--offline",
        "--fresh",
        "--replay",
        "r.jsonl",
        "--format",
        "json",
    ]);
    assert_eq!(replayed.code, 0, "{}", replayed.err);
    assert_eq!(replayed.json()["usage"]["requests"], 0);
    assert_eq!(candidate(&replayed.json())["scores"]["exact"]["value"], 1.0);
}

#[test]
fn a_turn_that_was_answered_is_not_paid_again() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static BROKEN: AtomicBool = AtomicBool::new(true);
    let server = Server::start(|request| {
        let last = request.body["messages"].as_array().map_or(0, Vec::len) == 5;
        if last && BROKEN.load(Ordering::SeqCst) {
            let body =
                json!({"error": {"message": "no such thing", "type": "invalid_request_error"}});
            return Answer::Whole(400, Vec::new(), body.to_string());
        }
        model(request)
    });
    let project = project(&server, 2);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert_eq!(candidate(&said.json())["failed"], 2);
    assert_eq!(server.requests().len(), 6);
    BROKEN.store(false, Ordering::SeqCst);
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(server.requests().len(), 8, "only the last turns are asked");
    assert_eq!(candidate(&said.json())["scores"]["exact"]["value"], 1.0);
    let cost = candidate(&said.json())["cost_usd"]["answers"]
        .as_f64()
        .unwrap();
    assert!((cost - 6.0 * 20e-6).abs() < 1e-12, "{cost}");
}

#[test]
fn a_conversation_that_cannot_go_on_says_so() {
    let server = Server::start(|request| {
        match request.body["messages"].as_array().map_or(0, Vec::len) {
            1 => {
                let call = json!({"id": "c", "type": "function", "function": {"name": "other", "arguments": "{}"}});
                let body = json!({"choices": [{"message": {"content": "hm", "tool_calls": [call]}, "finish_reason": "tool_calls"}]});
                Answer::Whole(200, Vec::new(), body.to_string())
            }
            _ => model(request),
        }
    });
    let project = project(&server, 1);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(server.requests().len(), 1);
    let shown = project.run(&["show", "latest", "--format", "json"]);
    let all = format!("{}{}", shown.out, shown.err);
    let stored = project.read("bakeoff-report/trials.csv");
    assert!(stored.contains("hm"), "{stored} {all}");
}

/// Two models, the first of which is broken as long as a file says so, as a chain or the first alone.
fn pair(server: &Server, chain: bool) -> String {
    let url = server.base_url();
    let hop = |model: &str| {
        format!(
            "api: openai-chat, base_url: \"{url}\", model: {model}, price: {{input: 1, output: 2}}"
        )
    };
    let models = match chain {
        true => format!(
            "  - name: safe\n    fallback:\n      - {{{}}}\n      - {{{}}}\n",
            hop("a"),
            hop("b")
        ),
        false => format!("  - {{name: a, {}}}\n", hop("a")),
    };
    let (before, after) = SUITE.split_once("  - {name: m").unwrap();
    let after = after.split_once('\n').unwrap().1;
    format!("{before}{models}{after}limits: {{attempts: 1}}\n")
}

#[test]
fn a_chains_conversation_is_known_by_the_model_that_had_it() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    // How long a conversation must be for the first model to be broken.
    static FROM: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|request| {
        let turns = request.body["messages"].as_array().map_or(0, Vec::len);
        if request.model() == "a" && turns >= FROM.load(Ordering::SeqCst) {
            return crate::server::error(500, "a is broken");
        }
        model(request)
    });
    let asked = |model: &str| {
        let requests = server.requests();
        requests.iter().filter(|it| it.model() == model).count()
    };
    let project = project(&server, 1);
    let alone = |so_far: usize| {
        project.write("bakeoff.yaml", &pair(&server, false));
        FROM.store(usize::MAX, Ordering::SeqCst);
        let said = project.run(&["run", "--format", "json"]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(said.json()["usage"]["cache_hits"], 0, "that was b's");
        assert_eq!(asked("a"), so_far + 3);
    };
    for from in [0, 2] {
        // Broken from the beginning on, or from the second request on.
        FROM.store(from, Ordering::SeqCst);
        let _ = std::fs::remove_dir_all(project.path().join(".bakeoff"));
        project.write("bakeoff.yaml", &pair(&server, true));
        let said = project.run(&["run", "--format", "json", "--record", "r.jsonl"]);
        assert_eq!(said.code, 0, "{}", said.err);
        let live = candidate(&said.json()).clone();
        let so_far = asked("a");
        let replay = ["run", "--offline", "--fresh", "--replay", "r.jsonl"];
        let replayed = project.run(&[&replay[..], &["--format", "json"]].concat());
        assert_eq!(replayed.code, 0, "{}", replayed.err);
        assert_eq!(candidate(&replayed.json())["scores"], live["scores"]);
        assert_eq!(candidate(&replayed.json())["hops"], live["hops"]);
        assert_eq!(asked("a"), so_far);
        alone(so_far);
    }
}

#[test]
fn a_conversation_costs_what_all_its_turns_cost() {
    let server = Server::start(model);
    let project = project(&server, 2);
    let suite = project.read("bakeoff.yaml");
    // 60 micro-dollars a conversation, of which the last turn is 20
    project.write(
        "bakeoff.yaml",
        &suite.replace("[exact]", "[exact, {cost: 0.00004}]"),
    );
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(candidate(&said.json())["scores"]["cost"]["value"], 0.0);
    let set = project.run(&["baseline", "set", "--out", "b.json"]);
    assert_eq!(set.code, 0, "{}", set.err);
    let kept: Value = serde_json::from_str(&project.read("b.json")).unwrap();
    let costs = kept["candidates"][0]["cases"].as_array().unwrap().iter();
    let costs: Vec<f64> = costs
        .map(|case| case["trials"][0]["cost_usd"].as_f64().unwrap())
        .collect();
    assert!(
        costs.iter().all(|usd| (usd - 60e-6).abs() < 1e-12),
        "{costs:?}"
    );
}
