//! Runs that are cut off: nothing answered is asked again, nothing acknowledged is lost, no cap is passed.

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Server, chat, chat_frames};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

fn slow(ms: u64) -> Server {
    Server::start(move |request| {
        Answer::Stream(
            chat_frames(request.model(), &right(request)),
            Duration::from_millis(ms),
        )
    })
}

/// How often each prompt was asked of each model.
fn asked(server: &Server) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for request in server.requests() {
        *times
            .entry(format!("{} {}", request.model(), request.prompt()))
            .or_insert(0) += 1;
    }
    times
}

#[test]
fn after_a_kill_only_what_was_in_flight_is_asked_again() {
    let server = slow(15);
    let project = Project::arithmetic(
        &server.base_url(),
        &["a", "b"],
        40,
        "limits: {concurrency: 4}\n",
    );
    let mut child = project
        .command(&["run", "--events", "events.jsonl"])
        .spawn()
        .unwrap();
    while server.requests().len() < 30 {
        std::thread::sleep(Duration::from_millis(5));
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it could be killed"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let told = project
        .read("events.jsonl")
        .lines()
        .filter(|line| line.contains("\"finished\""))
        .count();
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("possibly billed"), "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["candidates"][0]["answered"], 40);
    let twice: Vec<_> = asked(&server)
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .collect();
    assert!(
        twice.len() <= 4,
        "more than what was in flight was asked twice: {twice:?}"
    );
    assert!(told <= 30, "{told} were told as done");
    assert_eq!(asked(&server).len(), 80);
    let again = project.run(&["resume", "--format", "json"]);
    assert_eq!(
        (again.code, again.json()["complete"].clone()),
        (0, json!(true)),
        "a finished run just prints its summary"
    );
}

#[test]
fn a_changed_suite_is_not_resumed() {
    let server = slow(0);
    let project = Project::arithmetic(&server.base_url(), &["a"], 3, "");
    assert_eq!(project.run(&["run"]).code, 0);
    project.write(
        "bakeoff.yaml",
        &project
            .read("bakeoff.yaml")
            .replace("max_tokens: 16", "max_tokens: 17"),
    );
    let said = project.run(&["resume"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("parameters of a"), "{}", said.err);
    let none = Project::arithmetic(&server.base_url(), &["a"], 3, "").run(&["resume"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("no run to resume"), "{}", none.err);
}

#[test]
fn the_cap_is_never_passed() {
    // 12 tokens in and 3 out at $1 and $2 per million: $0.000018 a reply
    let server = slow(2);
    let project = Project::arithmetic(
        &server.base_url(),
        &["a", "b"],
        30,
        "limits: {max_cost: 0.0006}\n",
    );
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["complete"], false);
    let spent: f64 = summary["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["cost_usd"]["answers"].as_f64().unwrap_or(0.0))
        .sum();
    assert!(spent > 0.0 && spent <= 0.0006, "spent {spent}");
    assert!(said.err.contains("cap"), "{}", said.err);
    let more = project.run(&["resume", "--max-cost", "1", "--format", "json"]);
    assert_eq!(more.code, 0, "{}", more.err);
    assert_eq!(more.json()["complete"], true);
    assert!(
        asked(&server).values().all(|times| *times == 1),
        "what was paid was asked again"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_what_is_in_flight_and_says_how_to_go_on() {
    let server = slow(20);
    let project = Project::arithmetic(&server.base_url(), &["a"], 60, "limits: {concurrency: 3}\n");
    let child = project
        .command(&["run"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while server.requests().len() < 9 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("bakeoff resume"), "{}", said.err);
    assert!(server.requests().len() < 60);
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        !said.err.contains("possibly billed"),
        "nothing was in flight: {}",
        said.err
    );
    assert!(asked(&server).values().all(|times| *times == 1));
}

#[test]
fn a_store_that_cannot_be_written_stops_the_sending() {
    let server = slow(5);
    let project = Project::arithmetic(&server.base_url(), &["a"], 50, "limits: {concurrency: 2}\n");
    project.write(
        ".bakeoff/store.db",
        "this is no database, and it is longer than a header of one would be, so it is read",
    );
    let said = project.run(&["run"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("store"), "{}", said.err);
    assert!(server.requests().is_empty());
}

#[test]
fn several_processes_share_a_store() {
    let server = slow(3);
    let project = Project::arithmetic(&server.base_url(), &["a"], 15, "");
    let children: Vec<_> = (0..4)
        .map(|n| {
            let (out, model) = (format!("out{n}"), "a");
            project
                .command(&[
                    "run", "--fresh", "--quiet", "--model", model, "--out", &out, "--format",
                    "json",
                ])
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let said: Said = child.wait_with_output().unwrap().into();
        assert_eq!(
            (said.code, said.json()["candidates"][0]["answered"].clone()),
            (0, json!(15))
        );
    }
    assert_eq!(server.requests().len(), 60);
    let runs = project.run(&["list", "runs", "--format", "json"]).json();
    assert_eq!(runs.as_array().unwrap().len(), 4);
}

#[test]
fn failed_trials_are_asked_again_by_resume() {
    let server = Server::start(|request| {
        if request.seen == 0 {
            crate::server::error(400, "not today")
        } else {
            chat("a", &right(request))
        }
    });
    let project = Project::arithmetic(&server.base_url(), &["a"], 5, "");
    assert_eq!(project.run(&["run"]).code, 3);
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["candidates"][0]["answered"], 5);
}

#[test]
fn a_fresh_run_stays_fresh_when_it_is_resumed() {
    let server = slow(0);
    let project = Project::arithmetic(&server.base_url(), &["a"], 20, "");
    assert_eq!(project.run(&["run"]).code, 0);
    let stopped = project.run(&["run", "--fresh", "--max-cost", "0.0004"]);
    assert_eq!(stopped.code, 3, "{}", stopped.err);
    let said = project.run(&["resume", "--max-cost", "1", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let usage = &said.json()["usage"];
    assert_eq!(
        (usage["requests"].clone(), usage["cache_hits"].clone()),
        (json!(20), json!(0))
    );
}
