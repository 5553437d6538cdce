//! `bakeoff baseline set` and `bakeoff gate`: the verdict, the exit code, the rerun of both sides.

use crate::project::Project;
use crate::run::right;
use crate::server::{Request, Server, chat};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server whose answers are wrong for the first `wrong` cases, where the prompt begins with `Please`.
pub fn worse_when_asked_nicely(wrong: Arc<AtomicUsize>) -> Server {
    Server::start(move |request: &Request| {
        let right = right(request);
        let number: usize = right.parse().unwrap_or(0);
        let nice = request.prompt().starts_with("Please");
        let text = if nice && number <= wrong.load(Ordering::Relaxed) {
            "no".to_owned()
        } else {
            right
        };
        chat(request.model(), &text)
    })
}

pub fn project(server: &Server, cases: usize) -> Project {
    let more = "gate: {rules: [{scorer: exact, margin: 0.05}]}\n";
    Project::arithmetic(&server.base_url(), &["m"], cases, more)
}

pub fn ask_nicely(project: &Project) {
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("{{question}}", "Please: {{question}}"),
    );
}

#[test]
fn a_drop_is_flagged_then_confirmed_by_asking_both_sides_again() {
    let wrong = Arc::new(AtomicUsize::new(25));
    let server = worse_when_asked_nicely(wrong);
    let project = project(&server, 100);
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    let set = project.run(&["baseline", "set"]);
    assert_eq!(set.code, 0, "{}", set.err);
    let text = project.read("baselines/main.json");
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with(r#"{"id""#))
            .count(),
        100
    );

    // The same again: nothing to see.
    assert_eq!(project.run(&["run", "--quiet", "--fresh"]).code, 0);
    let same = project.run(&["gate", "--format", "json"]);
    assert_eq!(same.code, 0, "{}", same.out);
    assert_eq!(same.json()["verdict"], "pass");
    assert_eq!(project.run(&["gate", "--release"]).code, 0);

    ask_nicely(&project);
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    let flagged = project.run(&["gate", "--format", "json"]);
    let json = flagged.json();
    assert_eq!(flagged.code, 4, "{}", flagged.out);
    assert_eq!(
        (&json["verdict"], &json["rules"][0]["flagged"]),
        (&"undecided".into(), &true.into())
    );
    assert_eq!(json["rules"][0]["losses"], 25);
    assert!(json["next"].as_str().unwrap().contains("--rerun"));
    assert!(
        json["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line.as_str().unwrap().starts_with("prompt of m"))
    );
    assert_eq!(project.run(&["gate", "--release"]).code, 1);

    let before = server.requests().len();
    let confirmed = project.run(&["gate", "--rerun", "--max-cost", "1", "--format", "json"]);
    assert_eq!(confirmed.code, 1, "{}{}", confirmed.out, confirmed.err);
    assert_eq!(confirmed.json()["stage"], 2);
    let asked = &server.requests()[before..];
    assert_eq!(asked.len(), 200, "both sides, every case");
    let nice = asked
        .iter()
        .filter(|request| request.prompt().starts_with("Please"));
    assert_eq!(
        nice.count(),
        100,
        "the baseline was asked with its own prompt"
    );
    // The rerun is no run of the suite: the gate still judges the one before.
    assert_eq!(project.run(&["gate"]).code, 4);
}

#[test]
fn bad_luck_is_cleared_by_the_rerun() {
    let wrong = Arc::new(AtomicUsize::new(0));
    let server = worse_when_asked_nicely(wrong.clone());
    let project = project(&server, 100);
    project.run(&["run", "--quiet"]);
    project.run(&["baseline", "set"]);
    ask_nicely(&project);
    wrong.store(8, Ordering::Relaxed);
    project.run(&["run", "--quiet"]);
    assert_eq!(project.run(&["gate"]).code, 4);
    wrong.store(0, Ordering::Relaxed);
    let cleared = project.run(&["gate", "--rerun", "--max-cost", "1", "--format", "json"]);
    assert_eq!(cleared.code, 0, "{}", cleared.out);
}

#[test]
fn what_cannot_be_compared_never_passes() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 40);
    let none = project.run(&["gate"]);
    assert_eq!(
        (none.code, none.err.contains("bakeoff run")),
        (2, true),
        "{}",
        none.err
    );
    project.run(&["run", "--quiet"]);
    let none = project.run(&["gate"]);
    assert_eq!(
        (none.code, none.err.contains("bakeoff baseline set")),
        (2, true),
        "{}",
        none.err
    );
    project.run(&["baseline", "set"]);
    // Other cases under the same ids.
    let data = project.read("data.csv").replace("what is", "tell me");
    project.write("data.csv", &data);
    project.run(&["run", "--quiet"]);
    let other = project.run(&["gate", "--format", "json"]);
    assert_eq!(
        (other.code, other.json()["verdict"].as_str()),
        (1, Some("invalid")),
        "{}",
        other.out
    );
    assert_eq!(other.json()["unmatched"].as_array().unwrap().len(), 40);
    // Another scorer under the same name.
    project.write("data.csv", &data.replace("tell me", "what is"));
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("[exact]", "[{name: exact, contains: \"1\"}]"),
    );
    project.run(&["run", "--quiet"]);
    let other = project.run(&["gate"]);
    assert_eq!(
        (other.code, other.out.contains("set a new baseline")),
        (1, true),
        "{}",
        other.out
    );
    project.write("baselines/main.json", "<<<<<<< HEAD");
    let broken = project.run(&["gate"]);
    assert_eq!(
        (broken.code, broken.err.contains("no baseline")),
        (2, true),
        "{}",
        broken.err
    );
}

#[test]
fn a_failing_run_is_neither_baseline_nor_pass() {
    let server = Server::start(|_| crate::server::error(401, "bad key"));
    let project = project(&server, 10);
    project.run(&["run", "--quiet"]);
    let set = project.run(&["baseline", "set"]);
    assert_eq!(set.code, 2, "{}", set.err);
    assert!(set.err.contains("too many for a baseline"), "{}", set.err);
}

#[test]
fn rules_that_can_never_be_judged_are_found_before_the_run() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 10);
    let suite = project.read("bakeoff.yaml");
    let rules = "[{scorer: exakt}, {metric: latency_p95, max: 2}, {metric: failed, max: 2s}, {metric: cut}]";
    project.write(
        "bakeoff.yaml",
        &suite.replace("[{scorer: exact, margin: 0.05}]", rules),
    );
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2);
    for part in [
        "did you mean \"exact\"",
        "a time needs a unit",
        "this metric is no time",
        "no limit",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
}

#[test]
fn a_judge_that_nobody_checked_decides_nothing() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 10);
    let suite = project.read("bakeoff.yaml").replace(
        "[exact]",
        "[{name: good, judge: {rubric: Good?, model: m}}]",
    );
    project.write(
        "bakeoff.yaml",
        &suite.replace("scorer: exact", "scorer: good"),
    );
    let said = project.run(&["check"]);
    assert_eq!(
        (said.code, said.err.contains("not calibrated")),
        (2, true),
        "{}",
        said.err
    );
    let trusted = suite.replace("{scorer: exact", "{scorer: good, allow_uncalibrated: true");
    project.write("bakeoff.yaml", &trusted);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
}
