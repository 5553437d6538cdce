//! JUnit's XML, as Jenkins, GitLab and the rest read it: a suite a candidate, a test a case.
//!
//! A wrong answer is a failure. No reply, or no score, is an error: nothing is known of the model then.

use super::compare::scale;
use super::port::parts;
use super::telling::Mark;
use super::{CaseView, Format, Report, TrialView, terminal, text_of, words};
use crate::portability::{Answer, Ported};
use crate::source::{plain, plain_line, unheeded};
use crate::summary::compare::Comparison;
use crate::summary::{Row, Verdict};
use quick_junit::{
    NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite, XmlString,
};
use std::time::Duration;

/// Trials as tests.
pub const FORMAT: Format = Format {
    name: "junit",
    file: "junit.xml",
    about: "every trial as a test, for a CI service",
    render: |report, _| Ok(of_report(report).into_bytes()),
};

/// Characters of a reply kept.
const LONGEST: usize = 2000;

/// A text on one line, with nothing in it that a reader or a log would obey.
fn line(text: &str) -> XmlString {
    unheeded(&plain_line(text)).as_ref().into()
}

fn cut(text: &str) -> XmlString {
    let text = plain(text);
    let short: String = text.chars().take(LONGEST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    unheeded(&format!("{short}{more}")).as_ref().into()
}

/// A test that did not pass, and why.
pub(super) fn failing(kind: NonSuccessKind, word: &str, why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(line(word)).set_message(line(why));
    status
}

/// A test of this name, of this class, with what is to be read of it.
pub(super) fn test(class: &str, name: &str, status: TestCaseStatus, out: &str) -> TestCase {
    let mut test = TestCase::new(line(name), status);
    test.set_classname(line(class));
    if !out.is_empty() {
        test.set_system_out(cut(out));
    }
    test
}

/// The suites as a document.
pub(super) fn document(name: &str, suites: impl IntoIterator<Item = TestSuite>) -> String {
    let mut report = Junit::new(line(name));
    report.add_test_suites(suites);
    let text = report.to_string();
    text.expect("a report in memory can be written")
}

fn of_report(report: &Report) -> String {
    let rows = report.summary.candidates.iter();
    document(
        &report.summary.suite,
        rows.map(|row| candidate(report, row)),
    )
}

fn candidate(report: &Report, row: &Row) -> TestSuite {
    let mut suite = TestSuite::new(line(&row.name));
    let primary = &report.summary.best.scorer;
    let score = row.scores.get(primary).and_then(|cell| cell.value);
    let known = [
        ("run", Some(report.summary.run.clone())),
        ("model", Some(row.model.clone())),
        ("prompt", Some(row.prompt.clone())),
        ("dataset", Some(report.summary.dataset.clone())),
        ("scorer", Some(primary.clone())),
        ("score", score.map(|score| score.to_string())),
        ("cost_usd", row.cost_usd.answers.map(|usd| usd.to_string())),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            suite.add_property(Property::new(name, line(&value)));
        }
    }
    let mut whole = Duration::ZERO;
    for case in &report.cases {
        let mine = case.trials.iter().filter(|it| it.candidate == row.name);
        for trial in mine {
            let test = trial_test(report, case, trial);
            whole += test.time.unwrap_or_default();
            suite.add_test_case(test);
        }
    }
    suite.set_time(whole);
    suite
}

fn trial_test(report: &Report, case: &CaseView, trial: &TrialView) -> TestCase {
    let name = match report.summary.repeats {
        0 | 1 => case.id.clone(),
        _ => format!("{} (repeat {})", case.id, trial.repeat + 1),
    };
    let status = status(report, trial);
    let out = trial.text.as_deref().unwrap_or_default();
    let mut test = test(&trial.candidate, &name, status, out);
    if let Some(ms) = trial.latency_ms.filter(|ms| ms.is_finite() && *ms >= 0.0) {
        test.set_time(Duration::from_secs_f64(ms / 1000.0));
    }
    if !report.file.is_empty() {
        test.extra.insert("file".into(), line(&report.file));
        if case.line > 0 {
            let number = case.line.to_string();
            test.extra.insert("line".into(), number.as_str().into());
        }
    }
    let scores = trial.scores.iter();
    let scores = scores.filter_map(|(name, score)| Some((name.clone(), score.value?.to_string())));
    let cost = trial
        .cost_usd
        .map(|usd| ("cost_usd".into(), usd.to_string()));
    let target = case.target.as_ref();
    let target = target.map(|it| ("target".to_owned(), terminal::clip(&text_of(it), 200)));
    for (name, value) in scores.chain(cost).chain(target) {
        test.add_property(Property::new(line(&name), line(&value)));
    }
    test
}

fn status(report: &Report, trial: &TrialView) -> TestCaseStatus {
    let primary = &report.summary.best.scorer;
    let why = || {
        let score = trial.scores.get(primary);
        score.map_or(String::new(), |score| format!("{primary}: {}", score.why))
    };
    if let Some(failure) = &trial.failure {
        return failing(NonSuccessKind::Error, super::trials::kind(failure), failure);
    }
    if trial.text.is_none() {
        let mut status = TestCaseStatus::skipped();
        status.set_message("not asked");
        return status;
    }
    match Mark::of(&[trial], primary) {
        Mark::Right | Mark::Part(_) => TestCaseStatus::success(),
        Mark::Wrong => failing(NonSuccessKind::Failure, "wrong", &why()),
        Mark::Failed | Mark::Unscored => failing(NonSuccessKind::Error, "unscored", &why()),
    }
}

/// A suite a target: the verdict, then each part of what stands below it.
pub(super) fn of_ports(ports: &[Ported]) -> String {
    let suite = |it: &Ported| {
        let name = format!("{} → {}", it.from, it.to);
        let status = match it.verdict {
            Answer::Portable | Answer::PortableAfterRewrite => TestCaseStatus::success(),
            Answer::NotPortable | Answer::Inconclusive => {
                failing(NonSuccessKind::Failure, it.verdict.words(), &it.sentence)
            }
            Answer::Invalid => failing(NonSuccessKind::Error, it.verdict.words(), &it.sentence),
        };
        let mut suite = TestSuite::new(line(&name));
        suite.add_test_case(test(&name, "verdict", status, &it.sentence));
        for part in parts(it) {
            let lines = || part.lines.iter();
            let out: Vec<&str> = lines().map(|line| line.text.as_str()).collect();
            let broken = lines().filter(|line| line.sign == "✗");
            let broken: Vec<&str> = broken.map(|line| line.text.as_str()).collect();
            let status = match broken.is_empty() {
                true => TestCaseStatus::success(),
                false => failing(NonSuccessKind::Failure, "broken", &broken.join("; ")),
            };
            suite.add_test_case(test(&name, part.title, status, &out.join("\n")));
        }
        suite
    };
    document("bakeoff port", ports.iter().map(suite))
}

/// A test a difference: what is worse fails.
pub(super) fn of_comparison(found: &Comparison) -> String {
    let mut suite = TestSuite::new(line(&found.sources.join(", ")));
    let scale = scale(found);
    for it in &found.contrasts {
        let said = words::difference(scale, &it.contrast);
        let status = match it.contrast.verdict {
            Verdict::Regressed => failing(NonSuccessKind::Failure, "regressed", &said),
            Verdict::Invalid => failing(NonSuccessKind::Error, "invalid", &said),
            _ => TestCaseStatus::success(),
        };
        let name = format!("{} − {}", it.contrast.a, it.contrast.b);
        suite.add_test_case(test(&found.scorer, &name, status, &said));
    }
    document("bakeoff compare", [suite])
}
