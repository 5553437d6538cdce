//! Routes: each policy live, what it costs, and what is recorded of its decisions.

mod slow;
mod wrong;

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Request, Server, chat, error};
use serde_json::{Value, json};
use std::time::Duration;

/// A suite with these models (all at the server, at the same price) and one route.
fn route(server: &Server, models: &[&str], route: &str, cases: usize, more: &str) -> Project {
    let more = format!("routes:\n  - {route}\n{more}");
    Project::arithmetic(&server.base_url(), models, cases, &more)
}

/// Asks only the route; its row.
fn only(project: &Project, name: &str, more: &[&str]) -> (Value, Said) {
    let args = [&["run", "--format", "json", "--model", name], more].concat();
    let said = project.run(&args);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = said.json()["candidates"][0].clone();
    assert_eq!(row["name"], name);
    (row, said)
}

fn asked(server: &Server, model: &str) -> usize {
    let requests = server.requests();
    requests.iter().filter(|it| it.model() == model).count()
}

/// `cheap` is right about even numbers, `tiny` tells even from odd, the rest is always right.
fn school(request: &Request) -> Answer {
    let n: usize = right(request).parse().unwrap();
    let even = !n.is_multiple_of(2);
    match request.model() {
        "cheap" if !even => chat("cheap", "no idea"),
        "tiny" if even => chat("tiny", "easy"),
        "tiny" => chat("tiny", "I think it is **hard**."),
        model => chat(model, &right(request)),
    }
}

fn hop(row: &Value, at: usize) -> (Value, Value, Value) {
    let hop = &row["hops"][at];
    (
        hop["model"].clone(),
        hop["answered"].clone(),
        hop["reasons"].clone(),
    )
}

/// What one answer of the server costs.
const EACH: f64 = 18e-6;

fn near(value: &Value, times: f64) {
    let value = value.as_f64().unwrap();
    assert!(
        (value - times * EACH).abs() < 1e-12,
        "{value} ≠ {times} × {EACH}"
    );
}

#[test]
fn rules_decide_by_what_the_request_says() {
    let server = Server::start(school);
    let written = "{name: r, cost: {rules: [{matches: 'is [0-3] ', use: cheap}, {column: question, is: 'what is 4 + 1?', use: other}], else: strong}}";
    let project = route(&server, &["cheap", "strong", "other"], written, 10, "");
    let (row, said) = only(&project, "r", &[]);
    assert_eq!(row["model"], "cheap | other | strong");
    assert_eq!(
        hop(&row, 0),
        (json!("cheap"), json!(4), json!({"rule 1": 4}))
    );
    assert_eq!(
        hop(&row, 2),
        (json!("strong"), json!(5), json!({"else": 5}))
    );
    assert_eq!(
        hop(&row, 1),
        (json!("other"), json!(1), json!({"rule 2": 1}))
    );
    assert_eq!(row["scores"]["exact"]["value"], 0.8);
    assert_eq!(server.requests().len(), 10, "{}", said.err);
    near(&row["cost_usd"]["per_case"], 1.0);
    let shown = project.run(&["show", "latest", "q004"]);
    let told = "at hop 2, other (rule 2: question is what is 4 + 1?)";
    assert!(shown.out.contains(told), "{}", shown.out);
    // Beside its models it is a candidate like them, in every report.
    let all = project.run(&["run", "--format", "json"]).json();
    let names: Vec<&str> = all["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["cheap", "strong", "other", "r"]);
}

#[test]
fn a_classifier_is_asked_first_and_paid() {
    let server = Server::start(school);
    let written = "{name: r, cost: {classifier: {model: tiny, labels: {easy: cheap, hard: strong}}, else: strong}}";
    let project = route(&server, &["cheap", "strong", "tiny"], written, 10, "");
    let (row, said) = only(&project, "r", &[]);
    assert_eq!(row["scores"]["exact"]["value"], 1.0);
    assert_eq!(
        hop(&row, 0),
        (json!("cheap"), json!(5), json!({"label easy": 5}))
    );
    assert_eq!(
        hop(&row, 1),
        (json!("strong"), json!(5), json!({"label hard": 5}))
    );
    assert_eq!(
        hop(&row, 2),
        (json!("tiny"), json!(0), json!({"classifier": 10}))
    );
    assert_eq!(row["hops"][2]["passed_over"], 10);
    near(&row["cost_usd"]["per_case"], 2.0);
    near(&row["cost_usd"]["answers"], 10.0);
    near(&row["cost_usd"]["passed_over"], 10.0);
    near(&row["cost_usd"]["waste"], 0.0);
    assert_eq!(said.json()["usage"]["requests"], 20);
    let of = |key: &str| row[key]["p50"]["value"].as_f64().unwrap();
    assert!(of("total_ms") > of("latency_ms"), "its time counts");
    let question = server
        .requests()
        .into_iter()
        .find(|it| it.model() == "tiny");
    let question = question.unwrap().prompt();
    assert!(
        question.contains("easy, hard") && question.contains("what is"),
        "{question}"
    );
    let shown = project.run(&["show", "latest", "q001"]);
    for told in [
        "at hop 3, tiny (classifier)",
        "said: I think it is **hard**.",
        "at hop 2, strong (label hard)",
    ] {
        assert!(shown.unwrapped().contains(told), "{told}: {}", shown.out);
    }
}

const CASCADE: &str = "{name: r, cascade: [{use: cheap, accept: {scorer: exact}}, strong]}";

#[test]
fn a_cascade_escalates_what_is_not_accepted_and_pays_for_both() {
    let server = Server::start(school);
    let project = route(&server, &["cheap", "strong"], CASCADE, 10, "");
    let (row, _) = only(&project, "r", &["--record", "r.jsonl"]);
    assert_eq!(row["scores"]["exact"]["value"], 1.0);
    assert_eq!(
        hop(&row, 0),
        (json!("cheap"), json!(5), json!({"first": 10}))
    );
    assert_eq!(
        hop(&row, 1),
        (json!("strong"), json!(5), json!({"escalated": 5}))
    );
    assert_eq!(row["hops"][0]["passed_over"], 5);
    assert_eq!(row["hops"][0]["failed"], 0);
    near(&row["cost_usd"]["per_case"], 1.5);
    near(&row["cost_usd"]["passed_over"], 5.0);
    near(&row["cost_usd"]["waste"], 0.0);
    assert_eq!(server.requests().len(), 15);
    let shown = project.run(&["show", "latest", "q001"]);
    for told in [
        "answered, passed over: rejected by exact",
        "strong (escalated: rejected by exact)",
    ] {
        assert!(shown.unwrapped().contains(told), "{told}: {}", shown.out);
    }
    let shown = project.run(&["show", "latest", "q000"]);
    assert!(
        shown.unwrapped().contains("answered, accepted by exact"),
        "{}",
        shown.out
    );
    // Again: the way that it went is in the cache, and in the recording.
    let hops = row["hops"].clone();
    let (again, _) = only(&project, "r", &[]);
    assert_eq!(again["hops"], hops);
    near(&again["cost_usd"]["per_case"], 1.5);
    let (replayed, _) = only(
        &project,
        "r",
        &["--offline", "--fresh", "--replay", "r.jsonl"],
    );
    assert_eq!(replayed["hops"], hops);
    assert_eq!(server.requests().len(), 15, "nothing was asked again");
}

#[test]
fn a_cascade_that_is_cut_off_goes_on_where_it_was() {
    let server = Server::start(school);
    let url = server.base_url();
    let dear = format!(
        "  - {{name: strong, api: openai-chat, base_url: \"{url}\", model: strong, price: {{input: 1000, output: 1000}}}}\n"
    );
    let project = route(
        &server,
        &["cheap"],
        CASCADE,
        6,
        "limits: {max_cost: 0.01}\n",
    );
    let suite = project.read("bakeoff.yaml");
    let suite = suite.replace("params: {temp", &format!("{dear}params: {{temp"));
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["run", "--format", "json", "--model", "r"]);
    assert_eq!(said.code, 3, "the dear stage does not fit: {}", said.err);
    let cheap = asked(&server, "cheap");
    assert_eq!(asked(&server, "strong"), 0);
    let said = project.run(&["resume", "--format", "json", "--max-cost", "100"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let row = said.json()["candidates"][0].clone();
    assert_eq!(
        hop(&row, 1),
        (json!("strong"), json!(3), json!({"escalated": 3}))
    );
    assert_eq!(asked(&server, "strong"), 3);
    assert!(
        cheap > 0 && asked(&server, "cheap") == 6,
        "none was asked twice"
    );
}

#[test]
fn an_answer_may_vouch_for_itself() {
    let server = Server::start(|request| {
        let n: usize = right(request).parse().unwrap();
        match request.model() {
            "cheap" => chat(
                "cheap",
                &format!("{{\"answer\": {n}, \"confidence\": 0.{n}}}"),
            ),
            "mid" => {
                let logprob = -0.1 * n as f64;
                let body = json!({"model": "mid", "choices": [{"index": 0, "finish_reason": "stop",
                    "logprobs": {"content": [{"token": "x", "logprob": logprob}, {"token": "y", "logprob": logprob}]},
                    "message": {"role": "assistant", "content": n.to_string()}}],
                    "usage": {"prompt_tokens": 12, "completion_tokens": 3}});
                Answer::Whole(200, Vec::new(), body.to_string())
            }
            model => chat(model, &right(request)),
        }
    });
    let written = "{name: r, cascade: [{use: cheap, accept: {confidence: {path: /confidence, at_least: 0.6}}}, {use: mid, accept: {logprob: -0.25}}, strong]}";
    let project = route(&server, &["cheap", "mid", "strong"], written, 9, "");
    let (row, _) = only(&project, "r", &[]);
    // n = 1…9: sure from 6 on; of the rest the second is sure up to 2.
    let answered = |at: usize| row["hops"][at]["answered"].clone();
    assert_eq!(
        (answered(0), answered(1), answered(2)),
        (json!(4), json!(2), json!(3))
    );
    let shown = project.run(&["show", "latest", "q003"]);
    for told in [
        "(escalated: confidence 0.4 < 0.6)",
        "(escalated: logprob -0.4 < -0.25)",
    ] {
        assert!(shown.unwrapped().contains(told), "{told}: {}", shown.out);
    }
    for request in server.requests() {
        let wanted = request.model() == "mid";
        assert_eq!(
            request.body["logprobs"] == true,
            wanted,
            "asked for where it counts"
        );
    }
}

#[test]
fn a_judge_may_accept_and_its_price_is_a_part_of_the_route() {
    let server = Server::start(|request| match request.model() {
        "judge" => {
            let fine = !request.prompt().contains("no idea");
            chat(
                "judge",
                &json!({"reason": "because", "grade": fine}).to_string(),
            )
        }
        _ => school(request),
    });
    let scorers = "scorers: [exact, {name: fine, judge: {rubric: Is it right?, model: judge}}]";
    let written = "{name: r, cascade: [{use: cheap, accept: {scorer: fine}}, strong]}";
    let project = route(&server, &["cheap", "strong", "judge"], written, 4, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace("scorers: [exact]", scorers);
    project.write("bakeoff.yaml", &suite);
    let (row, said) = only(&project, "r", &[]);
    assert_eq!(
        row["hops"][1]["reasons"],
        json!({"escalated": 2}),
        "{}",
        said.err
    );
    // Four first answers, two second ones, and a judgement of each first one.
    near(&row["cost_usd"]["per_case"], (4.0 + 2.0 + 4.0) / 4.0);
    let judged = asked(&server, "judge");
    assert_eq!(
        judged, 6,
        "what the cascade asked is not asked again to score"
    );
}

#[test]
fn shares_are_the_same_in_every_run() {
    let server = Server::start(school);
    let written = "{name: r, weighted: {cheap: 3, strong: 1}}";
    let project = route(&server, &["cheap", "strong"], written, 80, "");
    let (row, _) = only(&project, "r", &[]);
    let cheap = row["hops"][0]["answered"].as_u64().unwrap();
    assert!((48..=72).contains(&cheap), "{cheap} of 80");
    let (again, _) = only(&project, "r", &["--fresh"]);
    assert_eq!(again["hops"][0]["answered"], cheap);
    assert_eq!(asked(&server, "cheap") as u64, 2 * cheap);
}

#[test]
fn what_a_route_may_cost_is_said_before() {
    let server = Server::start(school);
    let cost = |written: &str| {
        let project = route(&server, &["cheap", "strong"], written, 10, "");
        let said = project.run(&["check", "--format", "json"]);
        let lines = said.json()["estimate"]["candidates"].clone();
        let of = |at: usize| {
            let line = &lines[at];
            let (low, high) = (&line["cost_usd"][0], &line["cost_usd"][1]);
            (
                low.as_f64().unwrap(),
                high.as_f64().unwrap(),
                line["calls"].clone(),
            )
        };
        (of(0), of(2))
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} ≠ {b}");
    // All models cost the same here: one alone, then a share, then a cascade of two.
    let (one, share) = cost("{name: r, weighted: {cheap: 1, strong: 1}}");
    near(one.0, share.0);
    near(one.1, share.1);
    assert_eq!(share.2, 10);
    let (one, cascade) = cost(CASCADE);
    near(one.0, cascade.0);
    near(2.0 * one.1, cascade.1);
    assert_eq!(cascade.2, 20);
    assert!(server.requests().is_empty());
}

#[test]
fn the_faster_lane_gets_the_requests() {
    let server = Server::start(|request| {
        if request.model() == "slow" {
            std::thread::sleep(Duration::from_millis(250));
        }
        chat(request.model(), &right(request))
    });
    let written = "{name: r, latency: {of: [slow, quick]}}";
    let more = "limits: {concurrency: 4}\n";
    let project = route(&server, &["slow", "quick"], written, 100, more);
    let (row, _) = only(&project, "r", &[]);
    let quick = row["hops"][1]["answered"].as_u64().unwrap();
    assert!(quick >= 90, "{quick} of 100");
    let reasons = row["hops"][1]["reasons"].as_object().unwrap();
    assert_eq!(reasons.keys().collect::<Vec<_>>(), ["peak_ewma"]);
}

#[test]
fn what_fails_falls_back_and_every_case_is_answered() {
    let server = Server::start(|request| {
        let n: usize = right(request).parse().unwrap();
        match (request.model(), n % 4) {
            ("a", 0) => error(500, "broken"),
            ("a", 1) => error(429, "slow down"),
            ("a", 2) => Answer::Silent(Duration::from_secs(3)),
            (model, _) => chat(model, &right(request)),
        }
    });
    let written = "{name: r, weighted: {a: 1}, fallback: [{model: b, on: [server, rate_limit]}], last_resort: c}";
    let more = "limits: {attempts: 1, timeout: 500ms}\n";
    let project = route(&server, &["a", "b", "c"], written, 16, more);
    let (row, _) = only(&project, "r", &[]);
    let answered = |at: usize| row["hops"][at]["answered"].clone();
    assert_eq!(row["answered"], 16);
    assert_eq!(
        (answered(0), answered(1), answered(2)),
        (json!(4), json!(8), json!(4))
    );
    assert_eq!(row["hops"][0]["failed"], 12);
    assert_eq!(row["hops"][2]["reasons"], json!({"fallback": 4}));
}
