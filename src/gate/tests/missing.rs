//! What is missing never helps, what was judged is what is shown.

use super::*;

#[test]
fn a_failed_case_is_below_every_least_value_and_no_case_of_another_scorer() {
    let floor = |scorer: &str| {
        Rule::Scorer(ScorerRule {
            scorer: scorer.into(),
            min: Some(0.9),
            ..ScorerRule::default()
        })
    };
    let half = side("m", (0..100).map(|at| (at >= 40).then_some(1.0)));
    let gated = ask(&half, &half, &[floor("exact")], Mode::Commit, false);
    assert_eq!(gated.verdict, Answer::Invalid, "{gated:#?}");
    assert!(
        gated.rules[0]
            .reason
            .starts_with("40.0 % of the cases have no score")
    );
    // Failed on both sides, it still has to be there.
    let paired = ask(&half, &half, &[exact(0.05)], Mode::Commit, false);
    assert_eq!(paired.verdict, Answer::Invalid);
    // A scorer that is for some cases only says nothing of the others.
    let mut some = rate(100, 0);
    for case in some.cases.iter_mut().take(30) {
        let scores = BTreeMap::from([("other".to_owned(), Some(1.0))]);
        case.trials[0].scores.extend(scores);
    }
    let gated = ask(&some, &some, &[floor("other")], Mode::Commit, false);
    assert_eq!(gated.rules[0].value.map(|value| value.n), Some(30));
}

#[test]
fn the_share_that_cannot_be_compared_is_of_all_cases() {
    let before = rate(100, 5);
    let mut now = rate(110, 5);
    now.cases[0].trials[0] = Tried {
        missing: Some("server".into()),
        ..Tried::default()
    };
    let gated = ask(&now, &before, &[exact(0.05)], Mode::Commit, false);
    let reason = &gated.rules[0].reason;
    assert!(
        reason.starts_with("10.0 % of the cases lack a score on one side or the other"),
        "{reason}"
    );
}

#[test]
fn what_failed_is_not_left_out_of_costs_and_times() {
    let rule = |metric, max, rise: Option<f64>| {
        Rule::Metric(MetricRule {
            metric,
            max,
            max_rise: rise.map(Share),
        })
    };
    let most = Some(crate::project::Amount::Number(1.0));
    let before = rate(100, 5);
    let now = side("m", (0..100).map(|at| (at >= 10).then_some(1.0)));
    for metric in [Metric::CostPerCase, Metric::LatencyP95, Metric::Refused] {
        for rule in [rule(metric, most, None), rule(metric, None, Some(0.5))] {
            let gated = ask(&now, &before, &[rule], Mode::Commit, false);
            assert_eq!(gated.verdict, Answer::Invalid, "{metric:?}");
            assert!(
                gated
                    .sentence
                    .contains("10.0 % of the cases have no answer"),
                "{}",
                gated.sentence
            );
        }
    }
    let failed = ask(
        &now,
        &before,
        &[rule(Metric::Failed, most, None)],
        Mode::Commit,
        false,
    );
    assert_eq!(failed.verdict, Answer::Pass);
    // Other cases are another measurement, of failures too.
    let fewer = rate(90, 5);
    for metric in [Metric::CostPerCase, Metric::Failed] {
        let gated = ask(
            &fewer,
            &before,
            &[rule(metric, None, Some(0.5))],
            Mode::Commit,
            false,
        );
        assert_eq!(gated.verdict, Answer::Invalid, "{metric:?}");
    }
}

#[test]
fn a_tail_is_one_of_single_calls() {
    let slow = |share: usize| {
        let mut side = rate(100, 0);
        for (at, case) in side.cases.iter_mut().enumerate() {
            let one = case.trials[0].clone();
            let slow = Tried {
                latency_ms: Some(3000.0),
                ..one.clone()
            };
            case.trials = vec![
                if at < share { slow } else { one.clone() },
                one.clone(),
                one,
            ];
        }
        side
    };
    let rule = |max, rise: Option<f64>| {
        Rule::Metric(MetricRule {
            metric: Metric::LatencyP95,
            max,
            max_rise: rise.map(Share),
        })
    };
    let most = Some(crate::project::Amount::Time(
        std::time::Duration::from_millis(1500),
    ));
    // 30 of 300 calls take 3 s; no case's mean does.
    let gated = ask(
        &slow(30),
        &slow(0),
        &[rule(most, None)],
        Mode::Commit,
        false,
    );
    assert_eq!(
        gated.rules[0].verdict,
        Verdict::Regressed,
        "{}",
        gated.sentence
    );
    let gated = ask(
        &slow(30),
        &slow(0),
        &[rule(None, Some(10.0))],
        Mode::Commit,
        false,
    );
    assert_eq!(
        gated.rules[0].verdict,
        Verdict::Regressed,
        "{}",
        gated.sentence
    );
}

#[test]
fn replies_from_the_cache_have_no_times_and_the_gate_says_so() {
    let mut now = rate(100, 5);
    for trial in now.cases.iter_mut().flat_map(|case| &mut case.trials) {
        trial.latency_ms = None;
    }
    for (max, rise) in [
        (Some(crate::project::Amount::Number(2.0)), None),
        (None, Some(Share(0.1))),
    ] {
        let rule = Rule::Metric(MetricRule {
            metric: Metric::LatencyP95,
            max,
            max_rise: rise,
        });
        let gated = ask(&now, &rate(100, 5), &[rule], Mode::Commit, false);
        assert_eq!(gated.verdict, Answer::Invalid);
        assert!(
            gated.sentence.contains("bakeoff run --fresh"),
            "{}",
            gated.sentence
        );
    }
}

#[test]
fn the_reason_shows_the_interval_that_was_judged() {
    let gated = ask(
        &rate(100, 30),
        &rate(100, 10),
        &[exact(0.05)],
        Mode::Commit,
        false,
    );
    assert!(
        gated.sentence.contains("judged by the 90% CI −"),
        "{}",
        gated.sentence
    );
    assert!(
        gated.sentence.contains("asking both sides again"),
        "{}",
        gated.sentence
    );
    let pooled = ask(
        &rate(100, 30),
        &rate(100, 10),
        &[exact(0.05)],
        Mode::Commit,
        true,
    );
    assert!(
        pooled.sentence.contains("judged by the 98% CI −"),
        "{}",
        pooled.sentence
    );
}
