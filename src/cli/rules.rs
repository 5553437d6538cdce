//! The gate's rules that can never be judged, found before a run is paid for.

use crate::calibration::Calibration;
use crate::plan::JudgeRef;
use crate::project::{Amount, Project, Rule};
use crate::score::Named;
use crate::source::{Problem, did_you_mean};
use std::collections::BTreeMap;

/// Rules that can never be judged.
pub fn wrong(project: &Project, scorers: &[Named]) -> Vec<Problem> {
    let rules = project.suite.gate.iter().flat_map(|gate| &gate.rules);
    let names: Vec<&str> = scorers.iter().map(|named| named.name.as_str()).collect();
    let mut problems = Vec::new();
    for (index, rule) in rules.enumerate() {
        let at = |key: &str| format!("/gate/rules/{index}/{key}");
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
            Rule::Scorer(_) => {}
        }
    }
    problems
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
        let judge = rule.scorer.split('.').next().unwrap_or_default();
        let judge = judges.get(&rule.scorer).or_else(|| judges.get(judge))?;
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
