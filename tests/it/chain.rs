//! Chains: who is asked when, what is recorded, and that nothing is paid twice.

mod words;

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Request, Server, chat, chat_frames, error};
use serde_json::{Value, json};
use std::time::Duration;

/// A suite whose only candidate is a chain of these hops (YAML flow maps without their braces).
fn chain(server: &Server, hops: &[&str], cases: usize, more: &str) -> Project {
    let project = Project::arithmetic(&server.base_url(), &[], cases, more);
    let (url, price) = (server.base_url(), "price: {input: 1, output: 2}");
    let hops = hops
        .iter()
        .map(|hop| format!("      - {{api: openai-chat, base_url: \"{url}\", {price}, {hop}}}\n"));
    let model = format!(
        "models:\n  - name: safe\n    fallback:\n{}",
        hops.collect::<String>()
    );
    let suite = project.read("bakeoff.yaml").replace("models:\n", &model);
    project.write("bakeoff.yaml", &suite);
    project
}

fn asked(server: &Server, model: &str) -> usize {
    let requests = server.requests();
    requests.iter().filter(|it| it.model() == model).count()
}

fn candidate(said: &Said) -> Value {
    said.json()["candidates"][0].clone()
}

/// `a` is broken for odd cases, `b` never.
fn half(request: &Request) -> Answer {
    let n: usize = right(request).parse().unwrap();
    match request.model() {
        "a" if n.is_multiple_of(2) => error(500, "a is broken"),
        _ => chat(request.model(), &right(request)),
    }
}

#[test]
fn the_next_hop_answers_where_the_first_failed_and_every_hop_is_counted() {
    let server = Server::start(half);
    let project = chain(&server, &["model: a, attempts: 2", "model: b"], 10, "");
    let said = project.run(&["run", "--format", "json", "--events", "events.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = candidate(&said);
    assert_eq!((&row["answered"], &row["failed"]), (&json!(10), &json!(0)));
    assert_eq!(row["scores"]["exact"]["value"], 1.0);
    assert_eq!(row["model"], "a → b");
    let hops = row["hops"].as_array().unwrap();
    let counts = |hop: &Value| (hop["answered"].clone(), hop["failed"].clone());
    assert_eq!(counts(&hops[0]), (json!(5), json!(5)));
    assert_eq!(counts(&hops[1]), (json!(5), json!(0)));
    assert_eq!(
        (hops[1]["model"].as_str(), hops[1]["share"].as_f64()),
        (Some("b"), Some(0.5))
    );
    assert_eq!((asked(&server, "a"), asked(&server, "b")), (15, 5));
    assert_eq!(said.json()["usage"]["requests"], 20);
    let total = row["total_ms"]["p95"]["value"].as_f64().unwrap();
    let latency = row["latency_ms"]["p95"]["value"].as_f64().unwrap();
    assert!(total >= latency, "{total} < {latency}");
    let events = project.read("events.jsonl");
    assert_eq!(events.matches("\"event\":\"fallback\"").count(), 5);

    let shown = project.run(&["show", "latest", "q001"]);
    assert!(
        shown.unwrapped().contains("served by hop 2: b")
            && shown.unwrapped().contains("attempt 2 at hop 1, a")
            && shown.unwrapped().contains("attempt 3 at hop 2, b"),
        "{}",
        shown.out
    );
    let shown = project.run(&["report", "--format", "terminal"]);
    assert!(
        shown
            .out
            .contains("answered by hop: safe 1 a 5 (50%), 2 b 5 (50%)"),
        "{}",
        shown.out
    );
    for file in ["summary.html", "summary.md"] {
        let text = project.read(&format!("bakeoff-report/{file}"));
        assert!(text.contains("2 b 5 (50%)"), "{file}");
    }
    assert!(
        project
            .read("bakeoff-report/trials.csv")
            .contains("hop 2: b")
    );
}

#[test]
fn only_what_leads_to_a_hop_leads_to_it() {
    let server = Server::start(|request| match request.model() {
        "a" => error(400, "temperature must be below 1"),
        model => chat(model, &right(request)),
    });
    let project = chain(&server, &["model: a", "model: b"], 2, "");
    let row = candidate(&project.run(&["run", "--format", "json"]));
    assert_eq!(row["failures"], json!({"invalid_request": 2}));
    assert_eq!(asked(&server, "b"), 0);
    let project = chain(&server, &["model: a", "model: b, on: any"], 2, "");
    let row = candidate(&project.run(&["run", "--format", "json"]));
    assert_eq!(
        (row["answered"].clone(), asked(&server, "b")),
        (json!(2), 2)
    );
}

#[test]
fn a_refusal_is_an_answer_unless_the_chain_asks_for_another() {
    let refusal = |_: &Request| {
        let body = json!({"model": "a", "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": null, "refusal": "I will not."}}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3}});
        Answer::Whole(200, Vec::new(), body.to_string())
    };
    let server = Server::start(move |request| match request.model() {
        "a" => refusal(request),
        "broken" => error(500, "broken"),
        model => chat(model, &right(request)),
    });
    let run = |hops: &[&str]| {
        let project = chain(&server, hops, 2, "limits: {attempts: 1}\n");
        let said = project.run(&["run", "--format", "json"]);
        (candidate(&said), project)
    };
    let (row, _) = run(&["model: a", "model: b"]);
    assert_eq!((&row["refused"], asked(&server, "b")), (&json!(2), 0));
    let (row, project) = run(&["model: a", "model: b, on: [refusal, server]"]);
    assert_eq!(
        (&row["refused"], &row["hops"][1]["answered"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(row["cost_usd"]["waste"], 36e-6, "the refusals were paid");
    assert_eq!(row["cost_usd"]["answers"], 36e-6);
    assert_eq!(row["cost_usd"]["per_case"], 36e-6, "both answers of a case");
    let shown = project.run(&["show", "latest", "q001"]);
    assert!(
        shown.unwrapped().contains("answered, passed over: refusal"),
        "{}",
        shown.out
    );
    // If nobody else answers, what was refused is the answer after all.
    let (row, _) = run(&["model: a", "model: broken, on: refusal"]);
    assert_eq!((&row["refused"], &row["failed"]), (&json!(2), &json!(0)));
    assert_eq!(
        (&row["hops"][0]["answered"], &row["hops"][1]["failed"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(row["cost_usd"]["waste"], 0.0);
}

#[test]
fn a_closed_lane_is_passed_by_at_once() {
    let bad = Server::start(|_| error(401, "Incorrect API key provided"));
    let good = Server::start(|request| chat(request.model(), &right(request)));
    let project = Project::arithmetic(&good.base_url(), &[], 20, "limits: {concurrency: 2}\n");
    let hop = |server: &Server, model| {
        format!(
            "{{api: openai-chat, base_url: \"{}\", model: {model}}}",
            server.base_url()
        )
    };
    let model = format!(
        "models:\n  - {{name: safe, fallback: [{}, {}]}}\n",
        hop(&bad, "a"),
        hop(&good, "b")
    );
    project.write(
        "bakeoff.yaml",
        &project.read("bakeoff.yaml").replace("models:\n", &model),
    );
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = candidate(&said);
    assert_eq!(row["answered"], 20);
    assert_eq!(row["hops"][1]["answered"], 20);
    assert!(
        bad.requests().len() <= 2,
        "{} requests with a wrong key",
        bad.requests().len()
    );
}

#[test]
fn when_no_hop_answers_the_trial_has_failed() {
    let server = Server::start(|request| match request.model() {
        "a" => error(500, "a"),
        _ => error(404, "no such model"),
    });
    let project = chain(
        &server,
        &["model: a", "model: b"],
        3,
        "limits: {attempts: 2}\n",
    );
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let row = candidate(&said);
    assert_eq!(row["failures"], json!({"not_found": 3}));
    assert_eq!(row["scores"]["exact"]["n"], 0, "missing is not wrong");
    assert_eq!(
        (&row["hops"][0]["failed"], &row["hops"][1]["failed"]),
        (&json!(3), &json!(3))
    );
    assert_eq!((asked(&server, "a"), asked(&server, "b")), (6, 3));
    let again = project.run(&["resume", "--format", "json"]);
    assert_eq!(again.code, 3);
    assert_eq!(
        asked(&server, "a"),
        12,
        "a failed trial is asked from its first hop on"
    );
}

#[test]
fn a_kill_in_the_middle_of_a_chain_pays_nothing_twice() {
    let server = Server::start(|request| match request.model() {
        "a" => error(500, "a is broken"),
        model => Answer::Stream(
            chat_frames(model, &right(request)),
            Duration::from_millis(40),
        ),
    });
    let project = chain(
        &server,
        &["model: a, attempts: 1", "model: b"],
        30,
        "limits: {concurrency: 4}\n",
    );
    let mut child = project.command(&["run"]).spawn().unwrap();
    while asked(&server, "b") < 8 {
        std::thread::sleep(Duration::from_millis(5));
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = candidate(&said);
    assert_eq!(row["answered"], 30);
    assert_eq!(row["hops"][0]["failed"], 30);
    // What was in flight may be asked twice, at whichever hop it was; `resume` said how much that is.
    let (a, b) = (asked(&server, "a"), asked(&server, "b"));
    let told = said.err.split("cut off: ").nth(1).unwrap_or_default();
    let told = told.split(' ').next().and_then(|n| n.parse().ok());
    let twice = a + b - 60;
    assert!(
        a >= 30 && b >= 30 && twice <= told.unwrap_or(0),
        "a {a}, b {b}: {}",
        said.err
    );
}

#[test]
fn a_chain_is_recorded_cached_and_replayed_hop_by_hop() {
    let server = Server::start(half);
    let project = chain(&server, &["model: a, attempts: 1", "model: b"], 6, "");
    let live = project.run(&["run", "--record", "r.jsonl", "--format", "json"]);
    assert_eq!(live.code, 0, "{}", live.err);
    assert_eq!(server.requests().len(), 9);
    // What failed is asked again, what answered comes from the cache.
    let cached = project.run(&["run", "--format", "json"]);
    let usage = &cached.json()["usage"];
    assert_eq!(
        (&usage["cache_hits"], &usage["requests"]),
        (&json!(6), &json!(3))
    );
    assert_eq!(candidate(&cached)["hops"], candidate(&live)["hops"]);
    drop(server);
    std::fs::remove_dir_all(project.path().join(".bakeoff")).unwrap();
    let replay = [
        "run",
        "--offline",
        "--replay",
        "r.jsonl",
        "--format",
        "json",
    ];
    let replay = project.run(&replay);
    assert_eq!(replay.code, 0, "{}", replay.err);
    assert_eq!(candidate(&replay), candidate(&live));
}

#[test]
fn the_cap_holds_over_all_hops() {
    // 18 micro-dollars an answer of b; the refused ones of a cost nothing.
    let server = Server::start(|request| match request.model() {
        "a" => error(503, "no capacity"),
        model => chat(model, &right(request)),
    });
    let hops = ["model: a, attempts: 1", "model: b"];
    let project = chain(&server, &hops, 30, "limits: {max_cost: 0.0004}\n");
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let spent = candidate(&said)["cost_usd"]["answers"].as_f64().unwrap();
    assert!(spent > 0.0 && spent <= 0.0004, "{spent}");
    let before = asked(&server, "a");
    let more = project.run(&["resume", "--max-cost", "1", "--format", "json"]);
    assert_eq!(
        (more.code, candidate(&more)["answered"].clone()),
        (0, json!(30))
    );
    assert_eq!(asked(&server, "b"), 30, "what was paid was asked again");
    assert!(
        asked(&server, "a") - before < 30,
        "chains go on where they were"
    );
}
