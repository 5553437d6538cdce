//! Judges on a scripted server: panels, criteria, answers compared in pairs, labels and calibration.

use crate::project::{Project, Said};
use crate::server::{Answer, Request, Server, chat};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// Candidates answer with their name and the number asked for; judges go by what they are shown.
fn said(request: &Request) -> Answer {
    let prompt = request.prompt();
    let number: u32 = {
        let rest = prompt.split("what is ").nth(1).unwrap_or_default();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    let text = match request.model() {
        "good" => format!("The sum is {}.", number + 1),
        "fair" if number.is_multiple_of(3) => "I do not know.".into(),
        "fair" => format!("The sum is {}!", number + 1),
        "bad" => "No idea, sorry.".into(),
        // a judge that likes sums, and errs on every seventh
        "judge" => {
            let sum = prompt.contains("The sum is");
            let grade = if number.is_multiple_of(7) { !sum } else { sum };
            format!("{{\"reason\": \"it says so\", \"grade\": {grade}}}")
        }
        "strict" => "{\"reason\": \"never\", \"grade\": false}".into(),
        "mute" => "I would rather not say.".into(),
        "both" => "{\"right\": {\"reason\": \"r\", \"grade\": true}, \"short\": {\"reason\": \"s\", \"grade\": 2}}".into(),
        // prefers the answer with a sum; between equals the first place
        "referee" => {
            let place = |name: &str| {
                let start = prompt.split(&format!("[answer {name} ")).nth(1);
                start.unwrap_or_default().split("[end").next().unwrap().to_owned()
            };
            let has = |name: &str| place(name).contains("The sum is");
            let winner = match (has("first"), has("second")) {
                (false, true) => "second",
                _ => "first",
            };
            format!("{{\"reason\": \"it sums\", \"winner\": \"{winner}\"}}")
        }
        other => panic!("nobody is called {other}"),
    };
    chat(request.model(), &text)
}

/// A project with these candidates and scorers; the judges are reached under their own names.
fn project(
    server: &Server,
    candidates: &[&str],
    judges: &[&str],
    cases: usize,
    scorers: &str,
) -> Project {
    let all: Vec<&str> = candidates.iter().chain(judges).copied().collect();
    let project = Project::arithmetic(&server.base_url(), &all, cases, "");
    let suite = project.read("bakeoff.yaml");
    project.write("bakeoff.yaml", &suite.replace("scorers: [exact]", scorers));
    project
}

fn run(project: &Project, candidates: &[&str], command: &[&str]) -> Said {
    let mut args: Vec<&str> = command.to_vec();
    for name in candidates {
        args.extend(["--model", name]);
    }
    args.extend(["--format", "json"]);
    project.run(&args)
}

#[test]
fn criteria_and_panels_are_scored_shown_and_fail_closed() {
    let server = Server::start(said);
    let scorers = "scorers:\n\
        - {name: two, judge: {rubric: {criteria: {right: Is it right?, short: {criteria: Is it short?, scale: {1: no, 2: in part, 3: yes}}}}, model: both}}\n\
        - {name: panel, judge: {rubric: Is it right?, models: [judge, strict], combine: mean}}\n\
        - {name: quorum, judge: {rubric: Is it right?, models: [judge, strict, mute], quorum: 2}}\n\
        - {name: closed, judge: {rubric: Is it right?, models: [judge, mute]}}";
    let project = project(
        &server,
        &["good"],
        &["both", "judge", "strict", "mute"],
        20,
        scorers,
    );
    let found = run(&project, &["good"], &["run"]);
    assert_eq!(found.code, 0, "{}", found.err);
    let summary = found.json();
    let names = ["two", "two.right", "two.short", "panel", "quorum", "closed"];
    assert_eq!(summary["scorers"], serde_json::json!(names));
    let score = |name: &str, field: &str| summary["candidates"][0]["scores"][name][field].clone();
    assert_eq!(score("two", "value"), 0.75);
    assert_eq!(
        (score("two.right", "value"), score("two.short", "value")),
        (1.0.into(), 0.5.into())
    );
    // 3 of 20 numbers are multiples of seven
    assert_eq!(score("panel", "value"), 17.0 / 40.0);
    assert_eq!(score("quorum", "value"), 17.0 / 40.0);
    assert_eq!(
        (score("closed", "value"), score("closed", "unscored")),
        (Value::Null, 20.into())
    );
    assert_eq!(score("panel", "judge")["calibrated"], false);
    let terminal = project.run(&["report", "--format", "terminal"]);
    assert!(
        terminal.out.contains("nobody has held this judge"),
        "{}",
        terminal.out
    );
}

#[test]
fn pairs_are_judged_in_both_orders_once_and_become_strengths() {
    let server = Server::start(said);
    let candidates = ["good", "fair", "bad"];
    let scorers = "scorers: [{name: better, pairwise: {rubric: Which is right?, model: referee}}]\nreference: bad";
    let project = project(&server, &candidates, &["referee"], 24, scorers);
    let plan = run(&project, &candidates, &["check"]).json();
    assert_eq!(
        plan["estimate"]["judges"][0]["calls"],
        2 * 3 * 24,
        "{}",
        plan["estimate"]
    );
    let found = run(&project, &candidates, &["run"]);
    assert_eq!(found.code, 0, "{}", found.err);
    let asked = server.requests().len();
    assert_eq!(asked, 3 * 24 + 2 * 3 * 24);
    let summary = found.json();
    let pairwise = &summary["pairwise"][0];
    // good and fair say the same on 16 of 24: the referee takes whichever stands first
    let first = &pairwise["pairs"][0];
    assert_eq!((&first["a"], &first["b"]), (&"good".into(), &"fair".into()));
    assert_eq!(
        (&first["wins"], &first["losses"], &first["ties"]),
        (&8.into(), &0.into(), &16.into())
    );
    assert!((first["net"]["value"].as_f64().unwrap() - 8.0 / 24.0).abs() < 1e-12);
    assert_eq!(pairwise["consistency"]["first"], 24);
    assert_eq!(pairwise["consistency"]["pairs"], 72);
    assert!(pairwise["consistency"]["p"].as_f64() < Some(0.001));
    let elo = |at: usize| pairwise["strengths"][at]["elo"]["value"].as_f64().unwrap();
    assert!(
        elo(0) > elo(1) && elo(1) > elo(2),
        "{}",
        pairwise["strengths"]
    );
    assert_eq!(elo(2), 1000.0, "the reference");
    let share = |at: usize| {
        summary["candidates"][at]["scores"]["better"]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(
        (share(0) + share(1) + share(2) - 1.5).abs() < 1e-12,
        "shares mirror each other"
    );
    // nothing is asked twice: neither by resume, nor by score, nor by a new run
    for command in [&["resume"][..], &["score"], &["run"]] {
        let again = match command {
            ["run"] => run(&project, &candidates, command),
            _ => project.run(&[command, &["--format", "json"]].concat()),
        };
        assert_eq!(again.code, 0, "{}", again.err);
        assert_eq!(again.json()["pairwise"], summary["pairwise"], "{command:?}");
        assert_eq!(server.requests().len(), asked, "{command:?}");
    }
    for format in ["terminal", "markdown", "html"] {
        let report = project.run(&["report", "--format", format]).out;
        assert!(report.contains("is preferred to"), "{format}: {report}");
    }
}

#[test]
fn whom_to_compare_with_and_which_model_are_checked_before() {
    let server = Server::start(said);
    let wrong = |scorers: &str| {
        let project = project(&server, &["good", "fair"], &["referee"], 3, scorers);
        let said = project.run(&["check"]);
        assert_eq!(said.code, 2, "{}", said.err);
        said.err
    };
    let err = wrong("scorers: [{pairwise: {rubric: x, model: referee, against: goood}}]");
    assert!(err.contains("did you mean \"good\"?"), "{err}");
    let err = wrong("scorers: [{pairwise: {rubric: x, model: referee, against: reference}}]");
    assert!(err.contains("the suite has none"), "{err}");
    let err = wrong("scorers: [{all: [{pairwise: {rubric: x, model: referee}}]}]");
    assert!(err.contains("no part of another"), "{err}");
    let err = wrong("scorers: [{judge: {rubric: x, model: anthropic/claude-3-5-haiku-latest}}]");
    assert!(
        err.contains("an alias that moves") && err.contains("unpinned: true"),
        "{err}"
    );
    let fine = "scorers: [{judge: {rubric: x, model: anthropic/claude-3-5-haiku-latest, unpinned: true}}, \
                {name: b, judge: {rubric: x, model: openai/gpt-4o}}]";
    let project = project(&server, &["good"], &[], 3, fine);
    let said = project.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("names no dated snapshot"), "{}", said.err);
}

#[test]
fn labels_calibrate_a_judge_and_correct_its_scores() {
    let server = Server::start(said);
    let scorers = "scorers: [{name: right, judge: {rubric: Is it right?, model: judge}}]";
    let project = project(&server, &["good", "fair"], &["judge"], 120, scorers);
    assert_eq!(run(&project, &["good", "fair"], &["run"]).code, 0);
    // a person labels the truth of sixty answers of `fair` and of ten of `good`
    let mut labels = String::from("case,candidate,label\n");
    for n in 0..60 {
        let right = if n % 3 == 0 { "no" } else { "yes" };
        labels += &format!("q{n:03},fair,{right}\n");
    }
    for n in 0..10 {
        labels += &format!("q{n:03},good,yes\n");
    }
    project.write("labels.csv", &labels);
    let args = [
        "judge",
        "calibrate",
        "--scorer",
        "right",
        "--labels",
        "labels.csv",
        "--format",
        "json",
    ];
    let found = project.run(&args);
    assert_eq!(found.code, 0, "{}", found.err);
    let calibration = found.json();
    assert_eq!(calibration["schema"], "bakeoff.calibration/1");
    assert_eq!(calibration["labels"], 70);
    let kept = project.read("scorers/right.calibration.json");
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), calibration);
    assert_eq!(
        project.run(&args).out,
        found.out,
        "the same labels give the same bytes"
    );
    let report = project.run(&["report", "--format", "json"]).json();
    let cell = |at: usize| report["candidates"][at]["scores"]["right"].clone();
    let (good, fair) = (cell(0), cell(1));
    assert_eq!(fair["method"], "ppi++", "{fair}");
    assert_eq!(good["method"], "rogan_gladen", "{good}");
    let off = |cell: &Value| {
        (
            cell["value"].as_f64().unwrap(),
            cell["raw"]["value"].as_f64().unwrap(),
        )
    };
    let (value, raw) = off(&fair);
    assert!(
        (value - 2.0 / 3.0).abs() < 0.03 && (raw - 2.0 / 3.0).abs() > 0.03,
        "{fair}"
    );
    assert_eq!(fair["judge"]["calibrated"], true);
    assert_eq!(fair["judge"]["n_labels"], 70);
    let listed = project.run(&["check"]);
    assert_eq!(
        listed.code, 0,
        "the file is no scorer of its own: {}",
        listed.err
    );
    // another rubric is another judge
    let suite = project
        .read("bakeoff.yaml")
        .replace("Is it right?", "Is it really right?");
    project.write("bakeoff.yaml", &suite);
    let said = run(&project, &["good", "fair"], &["run"]);
    assert!(said.err.contains("is of another rubric"), "{}", said.err);
    let cell = &said.json()["candidates"][1]["scores"]["right"];
    assert_eq!(
        (&cell["judge"]["calibrated"], &cell["raw"]),
        (&false.into(), &Value::Null)
    );
}

#[test]
fn wrong_labels_are_told_by_line() {
    let server = Server::start(said);
    let scorers = "scorers: [exact, {name: right, judge: {rubric: Is it right?, model: judge}}]";
    let project = project(&server, &["good", "fair"], &["judge"], 4, scorers);
    assert_eq!(run(&project, &["good", "fair"], &["run"]).code, 0);
    project.write(
        "labels.csv",
        "case,candidate,label\nq00,good,yes\nq001,god,yes\nq002,good,maybe\nq003,,no\n",
    );
    let args = [
        "judge",
        "calibrate",
        "--scorer",
        "right",
        "--labels",
        "labels.csv",
    ];
    let found = project.run(&args);
    assert_eq!(found.code, 2);
    for told in [
        "labels.csv:2: there is no case \"q00\"",
        "labels.csv:3: there is no candidate \"god\"",
        "labels.csv:4: \"maybe\" is no grade of right",
        "labels.csv:5: which candidate's answer is it?",
    ] {
        assert!(found.err.contains(told), "{told}: {}", found.err);
    }
    let found = project.run(&[
        "judge",
        "calibrate",
        "--scorer",
        "exact",
        "--labels",
        "labels.csv",
    ]);
    assert!(
        found.err.contains("no judge of this suite"),
        "{}",
        found.err
    );
}

/// The labelling loop with this typed into it.
fn label(project: &Project, typed: &str) -> Said {
    let args = [
        "judge",
        "label",
        "--scorer",
        "right",
        "--n",
        "6",
        "--out",
        "labels.csv",
        "--rater",
        "eve",
    ];
    let mut child = project
        .command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn labelling_is_blind_saves_each_answer_and_goes_on() {
    let server = Server::start(said);
    let scorers = "scorers: [{name: right, judge: {rubric: Is it right?, model: judge}}]";
    let project = project(&server, &["good", "fair"], &["judge"], 10, scorers);
    assert_eq!(run(&project, &["good", "fair"], &["run"]).code, 0);
    let rows = |project: &Project| project.read("labels.csv").lines().count() - 1;
    // two labels, one taken back, one skipped, something odd, and the end of the input
    let said = label(&project, "y\nn\nu\nn\ns\nperhaps\n");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(rows(&project), 2, "{}", project.read("labels.csv"));
    assert!(said.err.contains("Is it right?") && said.err.contains("that is none of"));
    for hidden in ["good", "fair", "it says so"] {
        assert!(
            !said.err.contains(hidden),
            "{hidden} is shown: {}",
            said.err
        );
    }
    let said = label(&project, "y\ny\nq\n");
    assert_eq!(rows(&project), 4, "{}", said.err);
    let said = label(&project, "y\ny\ny\ny\n");
    assert_eq!(rows(&project), 6, "no more than asked for: {}", said.err);
    assert_eq!(label(&project, "").code, 0);
    let args = [
        "judge",
        "calibrate",
        "--scorer",
        "right",
        "--labels",
        "labels.csv",
    ];
    let found = project.run(&args);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(
        found.out.contains("6 labels") && found.out.contains("Too few labels"),
        "{}",
        found.out
    );
}
