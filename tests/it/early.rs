//! `--early-stop`: no more is asked than the verdict needs, and everything says so.

use crate::gate::{ask_nicely, project, worse_when_asked_nicely};
use crate::project::Project;
use crate::run::right;
use crate::server::{Request, Server, chat};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A suite with a committed baseline, whose prompt was changed since.
fn changed(server: &Server, cases: usize) -> Project {
    let project = project(server, cases);
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    assert_eq!(project.run(&["baseline", "set"]).code, 0);
    ask_nicely(&project);
    project
}

const CLOSELY: [&str; 5] = ["run", "--quiet", "--early-stop", "--concurrency", "4"];

#[test]
fn a_large_drop_stops_the_run_and_its_rerun_long_before_the_end() {
    let wrong = Arc::new(AtomicUsize::new(60));
    let server = worse_when_asked_nicely(wrong);
    let project = changed(&server, 200);
    let before = server.requests().len();
    let said = project.run(&[
        "run",
        "--early-stop",
        "--concurrency",
        "4",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let json = said.json();
    let asked = server.requests().len() - before;
    let stopped = &json["stopped_early"];
    assert!(asked < 120, "{asked} of 200 were asked");
    assert_eq!(stopped["cases"].as_u64(), Some(asked as u64), "{stopped}");
    assert_eq!(
        (&stopped["of"], &json["cases"]),
        (&200.into(), &asked.into())
    );
    assert_eq!(
        (&json["complete"], &json["candidates"][0]["failed"]),
        (&true.into(), &0.into())
    );
    assert_eq!(json["candidates"][0]["trials"], asked);
    assert!(said.err.contains("stopped early"), "{}", said.err);
    assert!(
        json["notes"].to_string().contains("lean towards"),
        "{}",
        json["notes"]
    );

    let flagged = project.run(&["gate", "--format", "json"]);
    let json = flagged.json();
    assert_eq!(flagged.code, 4, "{}{}", flagged.out, flagged.err);
    assert_eq!(json["rules"][0]["method"], "betting");
    assert_eq!(json["unmatched"].as_array().map(Vec::len), Some(0));
    assert!(
        json["sentence"].as_str().unwrap().contains("Stopped early"),
        "{}",
        json["sentence"]
    );

    let before = server.requests().len();
    let options = [
        "gate",
        "--rerun",
        "--early-stop",
        "--max-cost",
        "1",
        "--format",
        "json",
    ];
    let blocked = project.run(&options);
    assert_eq!(blocked.code, 1, "{}{}", blocked.out, blocked.err);
    let again = server.requests().len() - before;
    assert!(again <= 2 * asked, "{again} after {asked}");
    assert_eq!(blocked.json()["stage"], 2);
    // What is known is not asked a third time, and says the same.
    let third = project.run(&options);
    assert_eq!(
        (third.code, server.requests().len() - before),
        (1, again),
        "{}",
        third.out
    );

    // It is no baseline, and there is nothing to go on with; a whole run asks only the rest.
    let set = project.run(&["baseline", "set"]);
    assert!(
        set.code == 2 && set.err.contains("stopped early"),
        "{}",
        set.err
    );
    let before = server.requests().len();
    let resumed = project.run(&["resume", "--format", "json"]);
    assert_eq!(
        (resumed.code, server.requests().len() - before),
        (0, 0),
        "{}",
        resumed.err
    );
    assert_eq!(resumed.json()["stopped_early"], *stopped);
    let report = project.run(&["report", "--format", "json"]);
    assert_eq!(report.json()["stopped_early"], *stopped);
    project.run(&["run", "--quiet"]);
    assert_eq!(server.requests().len() - before, 200 - asked);
    assert_eq!(project.run(&["gate"]).code, 4);
}

#[test]
fn a_rerun_alone_may_stop_early_too() {
    let wrong = Arc::new(AtomicUsize::new(60));
    let server = worse_when_asked_nicely(wrong);
    let project = changed(&server, 200);
    project.run(&["run", "--quiet"]);
    let before = server.requests().len();
    let options = [
        "gate",
        "--rerun",
        "--early-stop",
        "--max-cost",
        "1",
        "--format",
        "json",
    ];
    let blocked = project.run(&options);
    assert_eq!(blocked.code, 1, "{}{}", blocked.out, blocked.err);
    let asked = server.requests().len() - before;
    assert!(asked < 300, "{asked} of 400");
    let json = blocked.json();
    let stopped = &json["stopped_early"];
    assert_eq!((&json["stage"], &stopped["of"]), (&2.into(), &200.into()));
    assert_eq!(json["rules"][0]["difference"]["n"], stopped["cases"]);
    let why = stopped["why"].as_str().unwrap();
    assert!(
        why.contains("worse than the baseline by more than 5 points"),
        "{why}"
    );
}

/// A server that errs now and then, on other cases when it is asked nicely, as often.
fn wavering() -> Server {
    Server::start(|request: &Request| {
        let right = right(request);
        let number: usize = right.parse().unwrap_or(0);
        let nice = request.prompt().starts_with("Please");
        let text = match number % 10 == usize::from(nice) {
            true => "no".to_owned(),
            false => right,
        };
        chat(request.model(), &text)
    })
}

#[test]
fn where_nothing_can_be_told_every_case_is_asked() {
    let server = wavering();
    let project = changed(&server, 60);
    let before = server.requests().len();
    let said = project.run(&CLOSELY);
    assert_eq!(
        (said.code, server.requests().len() - before),
        (0, 60),
        "{}",
        said.err
    );
    let gated = project.run(&["gate", "--format", "json"]);
    let json = gated.json();
    assert_eq!(
        (gated.code, &json["stopped_early"]),
        (0, &serde_json::Value::Null),
        "{}",
        gated.out
    );
    assert_eq!(json["rules"][0]["verdict"], "inconclusive");
    // The bets had their share of the error, so the last test is a little stricter.
    let reason = json["rules"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("judged by the 92% CI"), "{reason}");
}

#[test]
fn what_is_the_same_is_told_early_too() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = changed(&server, 200);
    let before = server.requests().len();
    assert_eq!(project.run(&CLOSELY).code, 0);
    let asked = server.requests().len() - before;
    assert!(asked < 160, "{asked} of 200 were asked");
    let gated = project.run(&["gate", "--release", "--format", "json"]);
    assert_eq!(gated.code, 0, "{}", gated.out);
    assert_eq!(gated.json()["rules"][0]["verdict"], "not_worse");
    // A rule that nobody bet on is not decided by a stop.
    let suite = project.read("bakeoff.yaml");
    let more = suite.replace("margin: 0.05}", "margin: 0.01}");
    project.write("bakeoff.yaml", &more);
    let other = project.run(&["gate", "--format", "json"]);
    assert_eq!(other.code, 1, "{}", other.out);
    assert!(other.out.contains("run it whole"), "{}", other.out);
}

#[test]
fn nothing_to_follow_is_said_before_anything_is_asked() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 20);
    let said = project.run(&["run", "--early-stop"]);
    assert_eq!((said.code, server.requests().len()), (2, 0), "{}", said.err);
    assert!(said.err.contains("baselines/main.json"), "{}", said.err);
    let suite = project.read("bakeoff.yaml");
    let rules = "[{metric: refused, max: 3%}]";
    project.write(
        "bakeoff.yaml",
        &suite.replace("[{scorer: exact, margin: 0.05}]", rules),
    );
    let said = project.run(&["run", "--early-stop"]);
    assert!(
        said.code == 2 && said.err.contains("nothing to follow"),
        "{}",
        said.err
    );
}

#[test]
fn a_rerun_that_was_cut_off_goes_on_and_pays_nothing_twice() {
    let wrong = Arc::new(AtomicUsize::new(25));
    let server = worse_when_asked_nicely(wrong.clone());
    let project = changed(&server, 100);
    project.run(&["run", "--quiet"]);
    let before = server.requests().len();
    let cut = project.run(&["gate", "--rerun", "--max-cost", "0.002", "--format", "json"]);
    let json = cut.json();
    assert_eq!(
        (cut.code, &json["stage"]),
        (4, &1.into()),
        "{}{}",
        cut.out,
        cut.err
    );
    assert!(
        json["next"].as_str().unwrap().contains("not asked again"),
        "{}",
        json["next"]
    );
    let first = server.requests().len() - before;
    assert!((1..200).contains(&first), "{first}");
    let whole = project.run(&["gate", "--rerun", "--max-cost", "1", "--format", "json"]);
    assert_eq!(
        (whole.code, server.requests().len() - before),
        (1, 200),
        "{}{}",
        whole.out,
        whole.err
    );
    assert_eq!(whole.json()["stage"], 2);
    wrong.store(0, Ordering::Relaxed);
    // A second opinion is a new run.
    project.run(&["run", "--quiet", "--fresh"]);
    assert_eq!(project.run(&["gate"]).code, 0);
}
