//! A server in trouble: faults are retried and never scored as wrong answers; everything is bounded.

use crate::project::Project;
use crate::run::right;
use crate::server::{Answer, Request, Server, chat, chat_frames, error};
use serde_json::json;
use std::time::{Duration, Instant};

/// A kind of trouble by name, for models that are called after it.
fn fault(request: &Request) -> Answer {
    match request.model() {
        "429" => Answer::Whole(
            429,
            vec![("retry-after", "0.05".into())],
            json!({"error": {"message": "slow down"}}).to_string(),
        ),
        "500" => error(500, "internal error"),
        "reset" => Answer::Reset,
        "json" => Answer::Stream(
            vec!["data: {\"choices\": [{\"del\n\n".into()],
            Duration::ZERO,
        ),
        "body" => Answer::Whole(200, Vec::new(), "{\"choices\": [".into()),
        "error200" => Answer::Whole(
            200,
            Vec::new(),
            json!({"error": {"message": "upstream broke", "code": 502}}).to_string(),
        ),
        "cut" => Answer::Cut(chat_frames("cut", "a longer answer of some words")),
        other => panic!("no such fault: {other}"),
    }
}

const FAULTS: &[&str] = &["429", "500", "reset", "json", "body", "error200", "cut"];

#[test]
fn a_fault_on_the_first_attempt_is_recovered() {
    let server = Server::start(|request| {
        if request.seen == 0 {
            fault(request)
        } else {
            chat(request.model(), &right(request))
        }
    });
    let project = Project::arithmetic(&server.base_url(), FAULTS, 2, "");
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    for row in summary["candidates"].as_array().unwrap() {
        assert_eq!(row["answered"], 2, "{row:#}");
        assert_eq!(row["scores"]["exact"]["value"], 1.0, "{row:#}");
    }
    assert_eq!(summary["usage"]["retries"], 2 * FAULTS.len());
}

#[test]
fn a_fault_on_every_attempt_is_a_failure_and_no_wrong_answer() {
    let server = Server::start(fault);
    let project = Project::arithmetic(&server.base_url(), FAULTS, 2, "limits: {attempts: 2}\n");
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let summary = said.json();
    let kinds = [
        "rate_limit",
        "server",
        "transport",
        "transport",
        "transport",
        "server",
        "transport",
    ];
    for (row, kind) in summary["candidates"].as_array().unwrap().iter().zip(kinds) {
        assert_eq!(row["failures"], json!({kind: 2}), "{}", row["name"]);
        assert_eq!(row["scores"]["exact"]["value"], json!(null));
        assert_eq!(row["scores"]["exact"]["n"], 0);
    }
    assert_eq!(summary["complete"], true, "every trial has an outcome");
    assert_eq!(server.requests().len(), 2 * 2 * FAULTS.len());
}

#[test]
fn what_cannot_be_cured_is_asked_once() {
    let server = Server::start(|_| error(400, "temperature must be below 1"));
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!((said.code, server.requests().len()), (3, 3));
    assert_eq!(
        said.json()["candidates"][0]["failures"],
        json!({"invalid_request": 3})
    );
}

#[test]
fn an_endless_answer_a_silent_server_and_a_dead_port_are_bounded() {
    let started = Instant::now();
    let server = Server::start(|request| match request.model() {
        "endless" => Answer::Endless,
        _ => Answer::Silent(Duration::from_secs(30)),
    });
    let project = Project::arithmetic(
        &server.base_url(),
        &["endless", "silent"],
        1,
        "limits: {attempts: 1, timeout: 20s, first_byte: 1s}\n",
    );
    let dead = "  - {name: dead, api: openai-chat, base_url: \"http://127.0.0.1:9/v1\", model: dead}\nparams";
    project.write(
        "bakeoff.yaml",
        &project.read("bakeoff.yaml").replace("params", dead),
    );
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3);
    let summary = said.json();
    let kinds: Vec<_> = summary["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["failures"].clone())
        .collect();
    assert_eq!(
        kinds,
        [
            json!({"transport": 1}),
            json!({"timeout": 1}),
            json!({"transport": 1})
        ]
    );
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "took {:?}",
        started.elapsed()
    );
}

#[test]
fn a_slow_lane_does_not_hold_up_another() {
    let slow = Server::start(|request| match request.seen {
        0 => Answer::Whole(
            429,
            vec![("retry-after", "2".into())],
            json!({"error": {"message": "wait"}}).to_string(),
        ),
        _ => chat("slow", &right(request)),
    });
    let fast = Server::start(|request| chat("fast", &right(request)));
    let project = Project::arithmetic(&fast.base_url(), &["fast"], 40, "");
    let more = format!(
        "  - {{name: slow, api: openai-chat, base_url: \"{}\", model: slow}}\nparams",
        slow.base_url()
    );
    project.write(
        "bakeoff.yaml",
        &project.read("bakeoff.yaml").replace("params", &more),
    );
    let said = project.run(&["run", "--format", "json", "--events", "events.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let events = project.read("events.jsonl");
    let finished: Vec<&str> = events
        .lines()
        .filter(|line| line.contains("\"finished\""))
        .collect();
    let first_slow = finished
        .iter()
        .position(|line| line.contains("\"slow\""))
        .unwrap();
    assert_eq!(
        first_slow, 40,
        "all of the fast lane is done before the slow one may go on"
    );
}

#[test]
fn hostile_text_is_inert_wherever_it_is_shown() {
    let text = "\u{1b}]0;owned\u{7}\u{1b}[2J<script>alert(1)</script>{{question}} =1+1 \u{202e}x";
    let server = Server::start(move |request| chat(request.model(), text));
    let project = Project::arithmetic(&server.base_url(), &["m"], 2, "");
    let said = project.run(&["run"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let shown = project.run(&["show", "latest", "q000"]);
    assert!(shown.out.contains("{{question}}"), "{}", shown.out);
    for out in [said.out, said.err, shown.out] {
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
    }
    assert!(
        !project
            .read("bakeoff-report/summary.html")
            .contains("<script>alert")
    );
}

#[test]
fn no_more_are_in_flight_than_the_user_allows() {
    let server = Server::start(|request| {
        Answer::Stream(
            chat_frames(request.model(), &right(request)),
            Duration::from_millis(3),
        )
    });
    let project = Project::arithmetic(
        &server.base_url(),
        &["a", "b", "c"],
        20,
        "limits: {concurrency: 7}\n",
    );
    assert_eq!(project.run(&["run"]).code, 0);
    let most = server.most_in_flight();
    assert!((2..=7).contains(&most), "{most} in flight");
}
