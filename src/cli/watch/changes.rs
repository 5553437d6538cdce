//! What is different from the run before, in words and counts.

use crate::report::{CaseView, Report, counted};
use crate::source::plain_line;
use crate::summary::Summary;
use std::collections::BTreeMap;

/// Ids that are named of those that moved.
const NAMED: usize = 5;

/// Lines about what is another than before; the first says what was asked.
pub fn changes(before: &Report, now: &Report) -> Vec<String> {
    let (was, is) = (&before.summary, &now.summary);
    let usage = &is.usage;
    let known = usage.cache_hits + usage.replayed;
    let mut lines = vec![format!(
        "since the last run: {} sent, {} known already",
        counted(usage.requests, "request"),
        replies(known)
    )];
    lines.extend(cases(before, now));
    let scorer = &is.best.scorer;
    if was.best.scorer != *scorer {
        let (scorer, before) = (plain_line(scorer), plain_line(&was.best.scorer));
        lines.push(format!("{scorer} decides now, no longer {before}"));
        return lines;
    }
    let of = |summary: &Summary| -> Vec<String> {
        let rows = summary.candidates.iter();
        rows.map(|row| row.name.clone()).collect()
    };
    let (old, new) = (of(was), of(is));
    for name in new.iter().filter(|name| old.contains(name)) {
        lines.push(candidate(before, now, name));
    }
    let named = |what: &str, some: Vec<&String>| {
        let some: Vec<_> = some.iter().map(|name| plain_line(name)).collect();
        (!some.is_empty()).then(|| format!("{what}: {}", some.join(", ")))
    };
    lines.extend(named(
        "new",
        new.iter().filter(|name| !old.contains(name)).collect(),
    ));
    lines.extend(named(
        "gone",
        old.iter().filter(|name| !new.contains(name)).collect(),
    ));
    lines
}

fn replies(n: usize) -> String {
    match n {
        1 => "1 reply".to_owned(),
        n => format!("{n} replies"),
    }
}

/// Cases that came or went.
fn cases(before: &Report, now: &Report) -> Option<String> {
    let has = |report: &Report, id: &str| report.cases.iter().any(|case| case.id == id);
    let count = |some: &Report, other: &Report| {
        let cases = some.cases.iter();
        cases.filter(|case| !has(other, &case.id)).count()
    };
    match (count(now, before), count(before, now)) {
        (0, 0) => None,
        (new, 0) => Some(format!("{} more", counted(new, "case"))),
        (0, gone) => Some(format!("{} fewer", counted(gone, "case"))),
        (new, gone) => Some(format!("{} new, {gone} gone", counted(new, "case"))),
    }
}

/// `m: label 58% → 67%, 2 cases gained (q1, q7), 1 lost (q3)`
fn candidate(before: &Report, now: &Report, name: &str) -> String {
    let scorer = &now.summary.best.scorer;
    let value = |summary: &Summary| {
        let row = summary.candidates.iter().find(|row| row.name == name)?;
        row.scores.get(scorer)?.value
    };
    let tell = |value: Option<f64>| match value {
        None => "unknown".to_owned(),
        Some(value) if (0.0..=1.0).contains(&value) => {
            let percent = format!("{:.1}", value * 100.0);
            format!("{}%", percent.trim_end_matches(".0"))
        }
        Some(value) => format!("{value:.3}"),
    };
    let (was, is) = (value(&before.summary), value(&now.summary));
    let old: BTreeMap<&str, f64> = scores(&before.cases, name, scorer).collect();
    let moved = scores(&now.cases, name, scorer);
    let moved = moved.filter_map(|(id, score)| Some((id, score, *old.get(id)?)));
    let moved: Vec<(&str, f64, f64)> = moved.filter(|(_, now, old)| now != old).collect();
    let ids = |up: bool| {
        let some = moved.iter().filter(|(_, now, old)| (now > old) == up);
        some.map(|(id, ..)| *id).collect::<Vec<_>>()
    };
    let (gained, lost) = (ids(true), ids(false));
    let figure = match was == is {
        true => tell(is),
        false => format!("{} → {}", tell(was), tell(is)),
    };
    let (name, scorer) = (plain_line(name), plain_line(scorer));
    let mut said = format!("{name}: {scorer} {figure}");
    match (gained.len(), lost.len()) {
        (0, 0) => said += ", no case changed",
        (up, down) => {
            let parts = [(up, "gained", &gained), (down, "lost", &lost)];
            for (n, word, ids) in parts.into_iter().filter(|(n, ..)| *n > 0) {
                said += &format!(", {} {word} ({})", counted(n, "case"), some(ids));
            }
        }
    }
    said
}

/// A case's mean score of one candidate, where it has one.
fn scores<'a>(
    cases: &'a [CaseView],
    candidate: &'a str,
    scorer: &'a str,
) -> impl Iterator<Item = (&'a str, f64)> {
    cases.iter().filter_map(move |case| {
        let trials = case.trials.iter().filter(|it| it.candidate == candidate);
        let values = trials.filter_map(|it| it.scores.get(scorer)?.value);
        let values: Vec<f64> = values.collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (!values.is_empty()).then_some((case.id.as_str(), mean))
    })
}

fn some(ids: &[&str]) -> String {
    let shown = ids.iter().take(NAMED).map(|id| plain_line(id));
    let mut shown = shown.collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        shown += ", …";
    }
    shown
}
