//! The gate's rules that can never be judged, found before a run is paid for.

use crate::project::{Amount, Project, Rule};
use crate::score::Named;
use crate::source::{Problem, did_you_mean};

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
