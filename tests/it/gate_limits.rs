//! `bakeoff gate`: what its rules may ask, what its rerun asks, which run it means.

use crate::gate::{ask_nicely, project, worse_when_asked_nicely};
use crate::run::right;
use crate::server::{Request, Server, chat};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn limits_in_the_wrong_unit_are_found_where_they_stand() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 10);
    let suite = project.read("bakeoff.yaml");
    let with = |rules: &str| {
        let rules = suite.replace("[{scorer: exact, margin: 0.05}]", rules);
        project.write("bakeoff.yaml", &rules);
        project.run(&["check"])
    };
    for (rule, key) in [
        ("{scorer: exact, margin: 5}", "margin: 5"),
        ("{scorer: exact, min: 80}", "min: 80"),
        ("{scorer: exact, min: 1.5}", "min: 1.5"),
        ("{scorer: exact, min: -1}", "min: -1"),
        ("{metric: refused, max: 3}", "max: 3"),
        ("{metric: refused, max_rise: 2}", "max_rise: 2"),
        ("{metric: cost_per_case, max_rise: 10}", "max_rise: 10"),
    ] {
        let said = with(&format!("[{rule}]"));
        assert_eq!(said.code, 2, "{rule}: {}", said.err);
        assert!(said.err.contains(key), "{rule}: {}", said.err);
        assert!(said.err.contains("bakeoff.yaml:"), "{rule}: {}", said.err);
    }
    let meant = "[{scorer: exact, margin: 5%, min: 1}, {metric: refused, max: 3%}, \
                 {metric: cost_per_case, max: 30, max_rise: 1000%}, {metric: output_tokens, max_rise: 1.5}]";
    let said = with(meant);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn the_latest_run_is_none_of_the_gates_own() {
    let server = worse_when_asked_nicely(Arc::new(AtomicUsize::new(25)));
    let project = project(&server, 100);
    project.run(&["run", "--quiet"]);
    project.run(&["baseline", "set", "--out", "my base.json"]);
    ask_nicely(&project);
    project.run(&["run", "--quiet"]);
    let before = project.run(&["report", "--format", "json"]).json();
    let options = ["--baseline", "my base.json", "--candidate", "m"];
    let flagged = project.run(&[&["gate", "--format", "json"][..], &options].concat());
    let next = flagged.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(
        next,
        "bakeoff gate --baseline 'my base.json' --candidate m --rerun --max-cost USD"
    );
    let rerun = ["gate", "--rerun", "--max-cost", "1", "--format", "json"];
    let rerun = project.run(&[&rerun[..], &options].concat());
    assert_eq!(rerun.code, 1, "{}{}", rerun.out, rerun.err);
    let after = project.run(&["report", "--format", "json"]).json();
    assert_eq!(before["run"], after["run"]);
    let compared = project.run(&["show", "latest", "q001"]);
    assert!(!compared.out.contains("(baseline)"), "{}", compared.out);
}

#[test]
fn the_baseline_is_asked_with_its_parameters_and_no_others() {
    let server = worse_when_asked_nicely(Arc::new(AtomicUsize::new(25)));
    let project = project(&server, 100);
    project.run(&["run", "--quiet"]);
    project.run(&["baseline", "set"]);
    ask_nicely(&project);
    // A parameter of today that the baseline did not have.
    let suite = project.read("bakeoff.yaml");
    let suite = suite.replace("params: {", "params: {seed: 7, top_p: 0.5, ");
    project.write("bakeoff.yaml", &suite);
    project.run(&["run", "--quiet"]);
    let before = server.requests().len();
    let confirmed = project.run(&["gate", "--rerun", "--max-cost", "1"]);
    assert_eq!(confirmed.code, 1, "{}{}", confirmed.out, confirmed.err);
    let requests = server.requests();
    let seeded = |request: &&Request| request.body["seed"] == 7;
    let old = |request: &&Request| !request.prompt().starts_with("Please");
    let asked = &requests[before..];
    assert_eq!(asked.iter().filter(old).count(), 100);
    assert_eq!(asked.iter().filter(old).filter(seeded).count(), 0);
    assert_eq!(asked.iter().filter(seeded).count(), 100);

    // A baseline that would be asked in another way is not asked at all.
    let text = project.read("baselines/main.json");
    let other = text.replacen("\"max_tokens\": 16", "\"max_tokens\": 17", 1);
    assert_ne!(text, other);
    project.write("baselines/main.json", &other);
    let before = server.requests().len();
    let refused = project.run(&["gate", "--rerun", "--max-cost", "1"]);
    assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
    assert!(
        refused.err.contains("would not be asked as it was"),
        "{}",
        refused.err
    );
    assert_eq!(server.requests().len(), before);
}

#[test]
fn a_rerun_says_whose_model_did_not_answer() {
    let down = Arc::new(AtomicUsize::new(0));
    let seen = down.clone();
    let server = Server::start(move |request: &Request| {
        let nice = request.prompt().starts_with("Please");
        if !nice && seen.load(Ordering::Relaxed) == 1 {
            return crate::server::error(404, "no such model any more");
        }
        chat(
            request.model(),
            &if nice {
                "no".to_owned()
            } else {
                right(request)
            },
        )
    });
    let project = project(&server, 60);
    project.run(&["run", "--quiet"]);
    project.run(&["baseline", "set"]);
    ask_nicely(&project);
    project.run(&["run", "--quiet"]);
    down.store(1, Ordering::Relaxed);
    let said = project.run(&["gate", "--rerun", "--max-cost", "1", "--format", "json"]);
    let json = said.json();
    let notes = json["notes"].to_string();
    assert!(notes.contains("m (baseline) failed"), "{notes}{}", said.err);
    assert!(notes.contains("no such model any more"), "{notes}");
}

#[test]
fn a_judge_that_nobody_checked_does_not_stop_a_run() {
    let server = Server::start(|request: &Request| {
        let text = if request.prompt().contains("Good?") {
            "yes"
        } else {
            "4"
        };
        chat(request.model(), text)
    });
    let project = project(&server, 3);
    let suite = project.read("bakeoff.yaml").replace(
        "[exact]",
        "[exact, {name: a, judge: {rubric: Good?, model: m}}, {name: a.b, judge: {rubric: {criteria: {polite: {criteria: Polite?}, short: {criteria: Short?}}}, model: m}}]",
    );
    let rule = |name: &str| suite.replace("{scorer: exact", &format!("{{scorer: {name}"));
    project.write("bakeoff.yaml", &rule("a"));
    let run = project.run(&["run", "--quiet", "--max-cost", "1"]);
    assert_ne!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("not calibrated"), "{}", run.err);
    let gate = project.run(&["gate"]);
    assert_eq!(
        (gate.code, gate.err.contains("not calibrated")),
        (2, true),
        "{}",
        gate.err
    );
    // A criterion of a judge is a scorer, and as good as its judge.
    project.write("bakeoff.yaml", &rule("a.b.polite"));
    let said = project.run(&["check"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(!said.err.contains("no scorer is called"), "{}", said.err);
    assert!(said.err.contains("not calibrated"), "{}", said.err);
}

#[test]
fn a_figure_over_all_cases_is_not_judged_case_by_case() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 10);
    let suite = project.read("bakeoff.yaml");
    let with = |scorer: &str| {
        let suite = suite.replace("[exact]", &format!("[{scorer}]"));
        project.write("bakeoff.yaml", &suite.replace("scorer: exact", "scorer: b"));
        project.run(&["run", "--quiet"]);
        project.run(&["baseline", "set"]);
        project.run(&["gate"])
    };
    for scorer in [
        "chrf: {}",
        "bleu: {}",
        "wer: {}",
        "label: {of: [a, b], summary: macro_f1}",
    ] {
        let gate = with(&format!("{{name: b, {scorer}}}"));
        // Nothing is paid for a rule that can never be judged.
        assert!(
            gate.code == 2 && server.requests().is_empty(),
            "{scorer}: {}",
            gate.err
        );
        let check = project.run(&["check"]);
        assert_eq!(check.code, 2, "{scorer}: {}", check.out);
        assert!(
            check.err.contains("summary: mean"),
            "{scorer}: {}",
            check.err
        );
    }
    let mean = with("{name: b, chrf: {summary: mean}}");
    assert_eq!(mean.code, 0, "{}{}", mean.out, mean.err);
}

#[test]
fn a_chain_is_said_to_be_no_baseline_that_can_be_asked_again() {
    let server = worse_when_asked_nicely(Arc::default());
    let project = project(&server, 10);
    let suite = project.read("bakeoff.yaml");
    let chain = "models:\n  - {name: c, fallback: [m, m]}\n";
    project.write("bakeoff.yaml", &suite.replace("models:\n", chain));
    project.run(&["run", "--quiet"]);
    let set = project.run(&["baseline", "set"]);
    assert_eq!(set.code, 0, "{}", set.err);
    assert!(set.err.contains("chain of models"), "{}", set.err);
    // Two candidates: each rule names its own.
    let gate = project.run(&["gate"]);
    assert_eq!(gate.code, 0, "{}{}", gate.out, gate.err);
    assert!(
        gate.out.contains("c – exact:") && gate.out.contains("m – exact:"),
        "{}",
        gate.out
    );
}
