//! What was not measured never looks good: each way in which an evaluation can come to nothing, by each command that judges.

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Request, Server, chat, error};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the server does, switched while it runs.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// Every answer is right.
    Right,
    /// The key is refused.
    BadKey,
    /// Every answer is wrong.
    Wrong,
}

/// A server and the switch of its mood.
fn server() -> (Server, Arc<AtomicU8>) {
    let mood = Arc::new(AtomicU8::new(Mood::Right as u8));
    let now = mood.clone();
    let server = Server::start(move |request: &Request| -> Answer {
        match now.load(Ordering::Relaxed) {
            it if it == Mood::BadKey as u8 => error(401, "bad key"),
            it if it == Mood::Wrong as u8 => chat(request.model(), "no"),
            _ => chat(request.model(), &right(request)),
        }
    });
    (server, mood)
}

const GATE: &str = "gate: {rules: [{scorer: exact, margin: 0.05}]}\n";

fn project(server: &Server, cases: usize) -> Project {
    Project::arithmetic(&server.base_url(), &["m", "n"], cases, GATE)
}

/// The commands that judge, as they would be given after a run.
fn judged(project: &Project) -> Vec<(&'static str, Said)> {
    let commands: [&[&str]; 4] = [
        &["gate"],
        &["gate", "--release"],
        &["compare", "m", "n"],
        &["select"],
    ];
    let said = |args: &[&str]| project.run(args);
    let names = ["gate", "release", "compare", "select"];
    names.into_iter().zip(commands.map(said)).collect()
}

/// Not green, and a sentence says why.
fn told(name: &str, said: &Said) {
    let words = format!("{}{}", said.out, said.err);
    assert_ne!(said.code, 0, "{name}: {words}");
    assert!(
        words.trim().split(' ').count() > 4,
        "{name} says nothing: {words}"
    );
}

fn with_baseline(server: &Server, cases: usize) -> Project {
    let project = project(server, cases);
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    assert_eq!(project.run(&["baseline", "set"]).code, 0);
    project
}

#[test]
fn a_bad_key() {
    let (server, mood) = server();
    let project = with_baseline(&server, 20);
    mood.store(Mood::BadKey as u8, Ordering::Relaxed);
    assert_eq!(project.run(&["run", "--quiet", "--fresh"]).code, 3);
    for (name, said) in judged(&project) {
        told(name, &said);
    }
    told("baseline", &project.run(&["baseline", "set"]));
    told(
        "port",
        &project.run(&["port", "--from", "m", "--to", "n", "--quiet", "--fresh"]),
    );
    // Once a run failed as a whole, resuming does not make it good.
    told("resume", &project.run(&["resume", "--quiet"]));
}

#[test]
fn no_case_matches() {
    let (server, _) = server();
    let project = with_baseline(&server, 20);
    for command in ["run", "check"] {
        told(command, &project.run(&[command, "--only", "nobody"]));
    }
    told(
        "port",
        &project.run(&["port", "--from", "m", "--to", "n", "--only", "nobody"]),
    );
    // All cases have other ids than the baseline's.
    project.write(
        "data.csv",
        &project.read("data.csv").replace("\nq", "\nother"),
    );
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    for (name, said) in judged(&project).into_iter().take(2) {
        told(name, &said);
        assert!(said.out.contains("Invalid"), "{name}: {}", said.out);
    }
    let runs = project.run(&["list", "runs", "--format", "json"]).json();
    let id = |at: usize| {
        runs[at]["id"]
            .as_str()
            .or(runs["runs"][at]["id"].as_str())
            .unwrap()
            .to_owned()
    };
    told("compare", &project.run(&["compare", &id(0), &id(1)]));
}

#[test]
fn an_aborted_run() {
    let (server, _) = server();
    let project = with_baseline(&server, 40);
    let cut = project.run(&["run", "--quiet", "--fresh", "--max-cost", "0.0005"]);
    assert_eq!(cut.code, 3, "{}", cut.err);
    for (name, said) in judged(&project) {
        match name {
            // What was asked of both may be looked at, with what is missing said beside it.
            "compare" => assert!(
                said.code != 0 || said.out.contains("incomplete"),
                "{}",
                said.out
            ),
            _ => told(name, &said),
        }
    }
    told("baseline", &project.run(&["baseline", "set"]));
    let port = [
        "port",
        "--from",
        "m",
        "--to",
        "n",
        "--quiet",
        "--fresh",
        "--max-cost",
        "0.0005",
    ];
    let port = project.run(&port);
    assert_eq!(port.code, 3, "{}{}", port.out, port.err);
    assert!(port.out.contains("incomplete"), "{}", port.out);
}

#[test]
fn every_judge_fails() {
    let server = Server::start(|request: &Request| match request.model() {
        "judge" => error(400, "no judging today"),
        _ => chat(request.model(), &right(request)),
    });
    let more = "gate: {rules: [{scorer: good, margin: 0.05, allow_uncalibrated: true}]}\n";
    let project = Project::arithmetic(&server.base_url(), &["m", "n", "judge"], 20, more);
    let suite = project.read("bakeoff.yaml").replace(
        "[exact]",
        "[{name: good, judge: {rubric: Good?, model: judge}}]",
    );
    project.write("bakeoff.yaml", &suite);
    let run = project.run(&[
        "run", "--quiet", "--model", "m", "--model", "n", "--format", "json",
    ]);
    let cell = &run.json()["candidates"][0]["scores"]["good"];
    assert_eq!(
        (&cell["value"], &cell["unscored"]),
        (&serde_json::Value::Null, &20.into())
    );
    told("baseline and gate", &project.run(&["gate"]));
    project.run(&["baseline", "set"]);
    for (name, said) in judged(&project) {
        told(name, &said);
    }
    let port = project.run(&["port", "--from", "m", "--to", "n", "--quiet"]);
    told("port", &port);
}

#[test]
fn a_single_case_shows_nothing() {
    let (server, mood) = server();
    let project = with_baseline(&server, 1);
    mood.store(Mood::Wrong as u8, Ordering::Relaxed);
    assert_eq!(project.run(&["run", "--quiet", "--fresh"]).code, 0);
    let said = judged(&project);
    let of = |name: &str| &said.iter().find(|it| it.0 == name).unwrap().1;
    // A commit gate blocks only what is shown, and says that it could see nothing; a release needs proof.
    assert!(
        of("gate").out.contains("neither shown nor ruled out"),
        "{}",
        of("gate").out
    );
    assert_eq!(of("release").code, 4, "{}", of("release").out);
    assert!(
        of("compare").out.contains("cannot tell"),
        "{}",
        of("compare").out
    );
    let port = project.run(&["port", "--from", "m", "--to", "n", "--quiet"]);
    assert_eq!(port.code, 4, "{}", port.out);
    let select = &of("select").out;
    assert!(select.contains("do not separate"), "{select}");
}

#[test]
fn no_variance_and_all_ties_are_no_proof_where_cases_are_few() {
    let (server, mood) = server();
    for (mood_now, cases) in [(Mood::Right, 10), (Mood::Wrong, 10)] {
        mood.store(mood_now as u8, Ordering::Relaxed);
        let project = with_baseline(&server, cases);
        project.run(&["run", "--quiet", "--fresh"]);
        let said = judged(&project);
        let of = |name: &str| &said.iter().find(|it| it.0 == name).unwrap().1;
        assert_eq!(of("release").code, 4, "{}", of("release").out);
        assert!(
            of("gate").out.contains("cases would decide"),
            "{}",
            of("gate").out
        );
        assert!(
            of("compare").out.contains("cannot tell"),
            "{}",
            of("compare").out
        );
        assert!(
            of("select").out.contains("do not separate"),
            "{}",
            of("select").out
        );
        let port = project.run(&["port", "--from", "m", "--to", "n", "--quiet"]);
        assert_eq!(port.code, 4, "{}", port.out);
    }
}
