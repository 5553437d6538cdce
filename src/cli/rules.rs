//! The gate's rules that can never be judged, found before a run is paid for.

use crate::calibration::Calibration;
use crate::plan::JudgeRef;
use crate::project::{Amount, Project, Rule, Share};
use crate::score::Named;
use crate::source::{Kind, Problem, did_you_mean};
use crate::store::{Parts, Scored, Stored};
use std::collections::BTreeMap;

/// A rise of this (1000 %) or more is taken for a number in the wrong unit, unless it is written as a percentage.
const MOST_RISE: f64 = 10.0;

/// Rules that can never be judged.
pub fn wrong(project: &Project, scorers: &[Named]) -> Vec<Problem> {
    let rules = project.suite.gate.iter().flat_map(|gate| &gate.rules);
    let names = scorers.iter();
    let names = names.flat_map(|named| std::iter::once(named.name.clone()).chain(named.parts()));
    let names: Vec<String> = names.collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut problems = Vec::new();
    for (index, rule) in rules.enumerate() {
        let at = |key: &str| format!("/gate/rules/{index}/{key}");
        problems.extend(absurd(project, rule, &at));
        match rule {
            Rule::Scorer(rule) if !names.is_empty() && !names.contains(&rule.scorer.as_str()) => {
                let title = format!("no scorer is called {:?}", rule.scorer);
                let problem = project.doc.problem(&at("scorer"), title, "");
                let problem = match did_you_mean(&rule.scorer, names.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean {near:?}?")),
                    None => problem,
                };
                problems.push(problem.help(format!("scorers: {}", names.join(", "))));
            }
            Rule::Metric(rule) if rule.max.is_none() && rule.max_rise.is_none() => {
                let title = "the rule has no limit, so it can never be broken";
                let problem = project.doc.problem(&at("metric"), title, "");
                problems.push(problem.help("give it `max:` or `max_rise:`"));
            }
            Rule::Metric(rule) => match (rule.metric.is_time(), rule.max) {
                (true, Some(Amount::Number(_))) => {
                    let problem = project.doc.problem(&at("max"), "a time needs a unit", "");
                    problems.push(problem.help("such as `2s` or `800ms`"));
                }
                (false, Some(Amount::Time(_))) => {
                    let title = "this metric is no time";
                    problems.push(project.doc.problem(&at("max"), title, ""));
                }
                _ => {}
            },
            Rule::Scorer(rule) => {
                let mut whole = scorers.iter().filter(|named| named.figure());
                if whole.any(|named| named.name == rule.scorer) {
                    problems.push(no_mean(project, index, &rule.scorer));
                }
            }
        }
    }
    problems
}

/// There is no figure of a single case to pair.
fn no_mean(project: &Project, index: usize, scorer: &str) -> Problem {
    let title = format!(
        "the gate cannot judge {scorer:?}: its score is a figure over all cases, not the mean of theirs"
    );
    let problem = project
        .doc
        .problem(&format!("/gate/rules/{index}/scorer"), title, "");
    problem.help("write `summary: mean` (of labels: `summary: accuracy`) at the scorer, or rest the rule on another one")
}

/// Numbers in the wrong unit: a limit that no result can break, or none can keep.
fn absurd(project: &Project, rule: &Rule, at: &dyn Fn(&str) -> String) -> Vec<Problem> {
    let share = |key: &'static str, value: f64, what: &str, example: &str| {
        let title = format!("`{key}: {value}` can never be judged: {what} lie between 0 and 1");
        let outside = !(0.0..=1.0).contains(&value);
        outside.then(|| project.doc.problem(&at(key), title, "").help(example))
    };
    match rule {
        Rule::Scorer(rule) => {
            let points = "5 points are `0.05` or `5%`";
            let margin = rule
                .margin
                .and_then(|it| share("margin", it.0, "scores", points));
            let least = "80 % is `0.8`";
            let min = rule.min.and_then(|it| share("min", it, "scores", least));
            margin.into_iter().chain(min).collect()
        }
        Rule::Metric(rule) if rule.metric.is_share() => {
            let max = match rule.max {
                Some(Amount::Number(max)) => share("max", max, "shares", "3 % is `0.03` or `3%`"),
                _ => None,
            };
            let points = "a share rises in points: 2 points are `0.02` or `2%`";
            let rise = rule
                .max_rise
                .and_then(|it| share("max_rise", it.0, "shares", points));
            max.into_iter().chain(rise).collect()
        }
        Rule::Metric(rule) => {
            let rise = rule.max_rise.filter(|rise| rise.0 >= MOST_RISE);
            let rise = rise.filter(|_| !percentage(project, &at("max_rise")));
            let told = |rise: Share| {
                let title = format!("`max_rise: {}` is {:.0} %", rise.0, rise.0 * 100.0);
                let problem = project.doc.problem(&at("max_rise"), title, "");
                problem.help(format!(
                    "{0} % is `{0}%`; if you mean it, write `{1:.0}%`",
                    rise.0,
                    rise.0 * 100.0
                ))
            };
            rise.map(told).into_iter().collect()
        }
    }
}

/// Whether a share is written with its percent sign, so that its unit is beyond doubt.
fn percentage(project: &Project, pointer: &str) -> bool {
    let node = project.doc.node(pointer);
    node.is_some_and(|node| matches!(&node.value, Kind::Text(text) if text.ends_with('%')))
}

/// Rules on scorers that stand for more than the mean of their scores: there is no figure of a single case to pair.
pub fn whole(project: &Project, rules: &[Rule], stored: &Stored) -> Vec<Problem> {
    let figure = |scored: &Scored| {
        let parts = scored
            .result
            .as_ref()
            .ok()
            .and_then(|score| score.parts.as_ref());
        parts.is_some_and(|parts| !matches!(parts, Parts::Label { figure: None, .. }))
    };
    let of = |(index, rule): (usize, &Rule)| {
        let Rule::Scorer(rule) = rule else {
            return None;
        };
        let mut scores = stored.scores.values().filter_map(|it| it.get(&rule.scorer));
        scores
            .any(figure)
            .then(|| no_mean(project, index, &rule.scorer))
    };
    rules.iter().enumerate().filter_map(of).collect()
}

/// Rules on judges that nobody has held against people: they may inform, but decide only if told so.
pub fn uncalibrated(
    project: &Project,
    rules: &[Rule],
    judges: &BTreeMap<String, JudgeRef>,
) -> Vec<Problem> {
    let trusted = |judge: &JudgeRef| judge.calibrated().is_some_and(Calibration::usable);
    let of = |(index, rule): (usize, &Rule)| {
        let Rule::Scorer(rule) = rule else {
            return None;
        };
        // A criterion of a judge is as good as its judge.
        let its = |name: &str| {
            let rest = rule.scorer.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let named = judges.iter().filter(|(name, _)| its(name));
        let (_, judge) = named.max_by_key(|(name, _)| name.len())?;
        if rule.allow_uncalibrated || trusted(judge) {
            return None;
        }
        let title = format!(
            "the judge {:?} is not calibrated, so no rule may rest on it",
            rule.scorer
        );
        let at = format!("/gate/rules/{index}/scorer");
        let problem = project.doc.problem(&at, title, "");
        Some(
            problem
                .help("hold it against people: bakeoff judge label, bakeoff judge calibrate")
                .help("or accept it as it is with `allow_uncalibrated: true`"),
        )
    };
    rules.iter().enumerate().filter_map(of).collect()
}
