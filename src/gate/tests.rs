//! The gate's verdicts on made-up traces whose truth is known.

use super::*;
use crate::project::{Metric, MetricRule, ScorerRule, Share};
use crate::summary::{Asked, Tried};
use std::collections::BTreeMap;

mod missing;

fn side(name: &str, scores: impl IntoIterator<Item = Option<f64>>) -> Trace {
    let case = |(index, score): (usize, Option<f64>)| Asked {
        id: format!("case-{index}"),
        hash: "same".into(),
        group: None,
        trials: vec![match score {
            Some(score) => Tried {
                scores: BTreeMap::from([("exact".to_owned(), Some(score))]),
                cost_usd: Some(0.001),
                latency_ms: Some(100.0 + index as f64),
                ..Tried::default()
            },
            None => Tried {
                missing: Some("server".into()),
                ..Tried::default()
            },
        }],
    };
    Trace {
        name: name.into(),
        cases: scores.into_iter().enumerate().map(case).collect(),
    }
}

/// The first `wrong` of `n` cases wrong.
fn rate(n: usize, wrong: usize) -> Trace {
    side("m", (0..n).map(|at| Some(f64::from(u8::from(at >= wrong)))))
}

fn exact(margin: f64) -> Rule {
    Rule::Scorer(ScorerRule {
        scorer: "exact".into(),
        margin: Some(Share(margin)),
        min: None,
        ..ScorerRule::default()
    })
}

fn ask(now: &Trace, before: &Trace, rules: &[Rule], mode: Mode, pooled: bool) -> Gated {
    judge(&Question {
        rules,
        mode,
        pairs: vec![Versus {
            now,
            before: Some(before),
        }],
        changed_scorers: Vec::new(),
        pooled,
        seed: 1,
        runs_a_month: 200.0,
        rounds: None,
    })
}

#[test]
fn the_same_passes_a_commit_and_not_always_a_release() {
    let (now, before) = (rate(100, 15), rate(100, 15));
    let commit = ask(&now, &before, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(commit.verdict, Answer::Pass, "{commit:#?}");
    assert_eq!(commit.rules[0].verdict, Verdict::NotWorse);
    let few = ask(
        &rate(20, 3),
        &rate(20, 3),
        &[exact(0.05)],
        Mode::Release,
        false,
    );
    assert_eq!(few.verdict, Answer::Undecided);
    assert!(few.rules[0].need.is_some_and(|need| need > 20));
}

#[test]
fn a_drop_is_flagged_first_and_blocks_when_confirmed() {
    let (now, before) = (rate(100, 30), rate(100, 10));
    let first = ask(&now, &before, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(first.verdict, Answer::Undecided);
    assert!(first.rules[0].flagged && first.sentence.starts_with("Flagged"));
    assert_eq!((first.rules[0].losses, first.rules[0].gains), (20, 0));
    let second = ask(&now, &before, &[exact(0.05)], Mode::Commit, true);
    assert_eq!(second.verdict, Answer::Fail);
    let release = ask(&now, &before, &[exact(0.05)], Mode::Release, false);
    assert_eq!(release.verdict, Answer::Fail);
    assert_eq!(first.flips.len(), 20);
}

#[test]
fn a_small_drop_is_neither_shown_nor_hidden() {
    let gated = ask(
        &rate(100, 12),
        &rate(100, 10),
        &[exact(0.01)],
        Mode::Commit,
        false,
    );
    assert_eq!(gated.verdict, Answer::Pass);
    assert_eq!(gated.rules[0].verdict, Verdict::Inconclusive);
    assert!(
        gated.sentence.contains("cases would decide"),
        "{}",
        gated.sentence
    );
}

#[test]
fn what_is_missing_never_helps() {
    // Three wrong answers became failures: better on paper, were they left out.
    let before = rate(100, 3);
    let now = side("m", (0..100).map(|at| (at >= 3).then_some(1.0)));
    let gated = ask(&now, &before, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(gated.verdict, Answer::Invalid, "3 % are missing");
    let now = side("m", (0..100).map(|at| (at >= 1).then_some(1.0)));
    let gated = ask(&now, &rate(100, 0), &[exact(0.05)], Mode::Commit, false);
    assert_eq!(gated.rules[0].losses, 1, "the missing one counts as wrong");
}

#[test]
fn other_cases_and_other_scorers_are_no_comparison() {
    let before = rate(100, 5);
    let mut now = rate(100, 5);
    for case in now.cases.iter_mut().take(5) {
        case.hash = "other".into();
    }
    let gated = ask(&now, &before, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(gated.verdict, Answer::Invalid);
    assert_eq!(gated.unmatched.len(), 5);
    let rules = [exact(0.05)];
    let gated = judge(&Question {
        rules: &rules,
        mode: Mode::Commit,
        pairs: vec![Versus {
            now: &before,
            before: Some(&before),
        }],
        changed_scorers: vec!["exact".into()],
        pooled: false,
        seed: 1,
        runs_a_month: 200.0,
        rounds: None,
    });
    assert_eq!(gated.verdict, Answer::Invalid);
    assert!(gated.sentence.contains("set a new baseline"));
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let none = side("m", []);
    let gated = ask(&none, &none, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(gated.verdict, Answer::Invalid);
    let one = rate(1, 0);
    let gated = ask(&one, &one, &[exact(0.05)], Mode::Release, false);
    assert_eq!(gated.verdict, Answer::Undecided);
    assert_eq!(
        ask(&one, &one, &[], Mode::Commit, false).verdict,
        Answer::Invalid
    );
}

#[test]
fn limits_are_judged_at_once() {
    let before = rate(100, 50);
    let floor = Rule::Scorer(ScorerRule {
        scorer: "exact".into(),
        margin: None,
        min: Some(0.9),
        ..ScorerRule::default()
    });
    let gated = ask(&before, &before, &[floor], Mode::Commit, false);
    assert_eq!(gated.verdict, Answer::Fail, "50 % is below 90 %");
    let metric = |metric, max: Option<f64>, rise: Option<f64>| {
        Rule::Metric(MetricRule {
            metric,
            max: max.map(crate::project::Amount::Number),
            max_rise: rise.map(Share),
        })
    };
    let one = |rule| {
        ask(&before, &before, &[rule], Mode::Commit, false)
            .rules
            .remove(0)
            .verdict
    };
    assert_eq!(
        one(metric(Metric::CostPerCase, Some(0.01), None)),
        Verdict::NotWorse
    );
    assert_eq!(
        one(metric(Metric::CostPerCase, Some(0.0005), None)),
        Verdict::Regressed
    );
    assert_eq!(
        one(metric(Metric::LatencyP95, Some(0.05), None)),
        Verdict::Regressed
    );
    assert_eq!(
        one(metric(Metric::LatencyP95, Some(2.0), None)),
        Verdict::NotWorse
    );
    assert_eq!(
        one(metric(Metric::CostPerCase, None, Some(0.1))),
        Verdict::NotWorse
    );
    assert_eq!(
        one(metric(Metric::LatencyP50, None, Some(0.1))),
        Verdict::NotWorse
    );
    assert_eq!(
        one(metric(Metric::Refused, None, Some(0.05))),
        Verdict::NotWorse
    );
    assert_eq!(
        one(metric(Metric::FirstTokenP50, None, Some(0.02))),
        Verdict::Invalid
    );
}

#[test]
fn a_dearer_and_slower_candidate_is_flagged() {
    let before = rate(100, 5);
    let mut now = before.clone();
    for trial in now.cases.iter_mut().flat_map(|case| &mut case.trials) {
        trial.cost_usd = Some(0.0015);
        trial.latency_ms = trial.latency_ms.map(|ms| ms * 2.0);
    }
    for metric in [Metric::CostPerCase, Metric::LatencyP95] {
        let rule = Rule::Metric(MetricRule {
            metric,
            max: None,
            max_rise: Some(Share(0.1)),
        });
        let gated = ask(&now, &before, &[rule], Mode::Commit, false);
        assert!(gated.rules[0].flagged, "{metric:?}: {gated:#?}");
    }
}

#[test]
fn a_baseline_reads_what_it_wrote() {
    let column: crate::plan::Column = serde_json::from_value(serde_json::json!({
        "name": "m", "id": "1", "model": "openai/m", "api": "openai-chat", "base_url": "http://x",
        "prompt": "p", "prompt_hash": "2", "params": {}, "twin": 0, "price": null,
    }))
    .unwrap();
    let baseline = Baseline {
        schema: BASELINE_SCHEMA.into(),
        bakeoff: "0".into(),
        run: "r".into(),
        started: "2026-01-01T00:00:00Z".into(),
        suite: "s".into(),
        dataset: crate::plan::DatasetRef {
            name: "d".into(),
            hash: "h".into(),
            cases: 3,
            ..Default::default()
        },
        scorers: vec![crate::plan::ScorerRef {
            name: "exact".into(),
            kind: "exact".into(),
            hash: "h".into(),
        }],
        primary: "exact".into(),
        repeats: 1,
        prices: "2026-01-01".into(),
        candidates: vec![Kept {
            candidate: column,
            again: None,
            cases: rate(3, 1).cases,
        }],
    };
    let text = baseline.text();
    assert_eq!(
        text.lines().filter(|line| line.contains("case-")).count(),
        3,
        "{text}"
    );
    let source = std::sync::Arc::new(crate::source::Source::new("b.json", text));
    assert_eq!(Baseline::read(&source).unwrap(), baseline);
    // What no run can have written, and would be judged all the same.
    let mut wrongs = vec![baseline.clone(); 5];
    wrongs[0].candidates.extend(baseline.candidates.clone());
    let case = baseline.candidates[0].cases[0].clone();
    wrongs[1].candidates[0].cases.push(case);
    wrongs[2].primary = "exakt".into();
    for (wrong, score) in wrongs[3..].iter_mut().zip([-1e308, 7.0]) {
        let trial = &mut wrong.candidates[0].cases[2].trials[0];
        trial.scores.insert("exact".into(), Some(score));
    }
    let said = ["twice", "twice", "exakt", "out of range", "out of range"];
    for (wrong, said) in wrongs.iter().zip(said) {
        let source = std::sync::Arc::new(crate::source::Source::new("b.json", wrong.text()));
        let problem = Baseline::read(&source).unwrap_err();
        assert!(problem.title.contains(said), "{said}: {}", problem.title);
    }
    for broken in [
        "",
        "{}",
        "[]",
        "<<<<<<< HEAD",
        r#"{"schema": "bakeoff.baseline/9"}"#,
    ] {
        let source = std::sync::Arc::new(crate::source::Source::new("b.json", broken));
        assert!(Baseline::read(&source).is_err(), "{broken:?}");
    }
}
