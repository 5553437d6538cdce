//! Every format of a gate, with texts that would like to be obeyed.

use super::*;
use crate::gate::Flip;

fn gated() -> Gated {
    let rule = |about: &str, verdict, flagged| Judged {
        rule: format!("{about}: at most 5 points worse"),
        about: about.into(),
        candidate: "a|b\u{1b}[2J".into(),
        verdict,
        flagged,
        difference: None,
        value: None,
        limit: 0.05,
        gains: 1,
        losses: 2,
        need: None,
        method: "newcombe".into(),
        reason: "because <script>\n::error::x".into(),
    };
    Gated {
        schema: "bakeoff.gate/1".into(),
        verdict: Answer::Undecided,
        sentence: "Flagged: look".into(),
        mode: Mode::Commit,
        stage: 1,
        run: "r".into(),
        baseline: None,
        rules: vec![
            rule("exact", Verdict::Regressed, true),
            rule("other", Verdict::NotWorse, false),
        ],
        changes: vec!["prompt of x: was 1, is 2".into()],
        unmatched: vec!["c (new)".into()],
        flips: vec![Flip {
            candidate: "a".into(),
            scorer: "exact".into(),
            case: "c|1".into(),
            before: 1.0,
            now: 0.0,
        }],
        false_alarms: 1.2,
        next: Some("bakeoff gate --rerun --max-cost 1".into()),
        notes: Vec::new(),
        stopped_early: None,
    }
}

#[test]
fn nothing_in_it_is_obeyed() {
    for (format, _) in GATE_FORMATS.iter().filter(|(format, _)| *format != "html") {
        let text =
            gate(&gated(), &Places::default(), format, (80, false)).expect("a format of the list");
        assert!(!text.contains('\u{1b}'), "{format}: {text}");
        if *format == "markdown" {
            assert!(!text.contains("<script>"), "{text}");
        }
        assert!(
            !text.lines().any(|line| line.starts_with("::error::x")),
            "{format}"
        );
    }
    assert!(gate(&gated(), &Places::default(), "nonsense", (80, false)).is_none());
}

#[test]
fn the_terminal_says_what_to_do() {
    let text = terminal(&gated(), 80, false);
    assert!(text.starts_with("Flagged: look\n"), "{text}");
    assert!(text.contains("→ bakeoff gate --rerun"));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn junit_counts_a_flag_as_a_failure() {
    let text = junit(&gated());
    assert!(
        text.contains("failures=\"1\"") && text.contains("tests=\"2\""),
        "{text}"
    );
}

#[test]
fn a_broken_rule_brings_its_lost_cases_with_their_lines() {
    let case = |id: &str, line| crate::dataset::Case {
        id: id.into(),
        vars: Default::default(),
        target: None,
        group: None,
        tags: Vec::new(),
        line,
    };
    let places = Places::of("evals/data.csv".into(), &[case("x", 2), case("c|1", 7)]);
    let text = gate(&gated(), &places, "github", (80, false)).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.starts_with("::warning title=exact%3A at most 5 points worse::"),
        "{text}"
    );
    assert!(
        text.contains("\n::warning file=evals/data.csv,line=7,title=case c|1::"),
        "{text}"
    );
    let mut kept = gated();
    kept.rules.remove(0);
    kept.verdict = Answer::Pass;
    let text = gate(&kept, &places, "github", (80, false)).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}
