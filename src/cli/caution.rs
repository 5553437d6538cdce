//! What a user should know before spending: too few cases, a cap too low, a judge of its own answers; and the
//! plan in a line.

use super::host::Host;
use super::load::Loaded;
use crate::plan::{Candidate, Estimate, Plan, Target};
use crate::project::Project;
use crate::provider::catalog::family;
use crate::report::counted;
use crate::source::{Problem, Severity, did_you_mean};
use crate::summary::outlook::Spread;
use std::collections::BTreeSet;

/// Below this many cases only large differences can be seen.
const FEW: usize = 50;

/// Every caution.
pub fn cautions(plan: &Plan, estimate: Option<&Estimate>, spread: &Spread) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(few(plan, spread));
    problems.extend(own_judge(plan));
    problems.extend(estimate.and_then(|estimate| over(plan, estimate)));
    problems
}

/// The difference that the plan's paired cases could show, in whole points.
fn detectable(plan: &Plan, spread: &Spread) -> f64 {
    (spread.detectable(plan.dataset.cases.len(), plan.repeats) * 100.0).ceil()
}

/// Says the plan in a line.
pub fn tell(host: &Host, loaded: &Loaded, estimate: &Estimate, spread: &Spread) {
    let cases = loaded.plan.dataset.cases.len();
    let points = detectable(&loaded.plan, spread);
    let measured = match &spread.from {
        Some(run) => format!(" (cases differ as in run {run})"),
        None => String::new(),
    };
    host.say(&format!(
        "up to {}, {}; {} could show a difference of about {points:.0} points{measured}",
        counted(estimate.calls, "call"),
        money(estimate.cost_usd),
        counted(cases, "paired case")
    ));
}

/// A range of money in words.
pub fn money(cost: Option<(f64, f64)>) -> String {
    match cost {
        None => "price unknown".into(),
        Some((low, high)) if high == 0.0 && low == 0.0 => "free".into(),
        Some((low, high)) => format!("${low:.4} to ${high:.4}"),
    }
}

fn few(plan: &Plan, spread: &Spread) -> Option<Problem> {
    let cases = plan.dataset.cases.len();
    (cases < FEW).then(|| {
        let points = detectable(plan, spread);
        let few = match cases {
            1 => "one case is little".to_owned(),
            n => format!("{n} cases are few"),
        };
        Problem::warning(format!(
            "{few}: differences below about {points:.0} points cannot be seen"
        ))
        .help("50 to 200 cases are usual; `repeats:` helps only against the model's own noise")
    })
}

/// A judge that is also a candidate, or of a candidate's family, likes such answers.
fn own_judge(plan: &Plan) -> Vec<Problem> {
    let help = "let a model of another family judge: models prefer what they or their like wrote";
    let of = |(name, judge): (&String, &Target)| {
        let own = plan
            .candidates
            .iter()
            .flat_map(Candidate::targets)
            .any(|target| {
                target.wire_model == judge.wire_model
                    && target.endpoint.base_url == judge.endpoint.base_url
            });
        if own {
            return Some(Problem::warning(format!("{name} judges its own answers")).help(help));
        }
        let kin = family(&judge.wire_model)?;
        let same = plan.candidates.iter().filter(|it| {
            let mut targets = it.targets();
            targets.any(|target| family(&target.wire_model) == Some(kin))
        });
        let names: Vec<&str> = same.map(|it| it.name.as_str()).collect();
        let title = format!(
            "{name} judges answers of its own family: {}",
            names.join(", ")
        );
        (!names.is_empty()).then(|| Problem::warning(title).help(help))
    };
    plan.judges.iter().filter_map(of).collect()
}

fn over(plan: &Plan, estimate: &Estimate) -> Option<Problem> {
    let (cap, (_, high)) = (plan.limits.max_cost?, estimate.cost_usd?);
    (high > cap).then(|| {
        Problem::warning(format!(
            "the run may cost up to ${high:.4}, more than the cap of ${cap}"
        ))
        .help("it will stop at the cap and can be resumed with a higher one")
    })
}

/// Caps for lanes that nobody uses: a slip of the pen lets the real lane run free.
pub(super) fn unused_lanes(project: &Project, plan: &Plan) -> Vec<Problem> {
    let candidates = plan.candidates.iter().flat_map(Candidate::targets);
    let targets = candidates.chain(plan.judges.values());
    let used = targets.flat_map(|target| {
        let provider = target.lane.split('#').next().unwrap_or_default();
        [target.lane.as_str(), provider]
    });
    let used: BTreeSet<&str> = used.collect();
    let lanes = project.doc.block("/limits/lanes");
    let names = project.suite.limits.lanes.keys();
    let unused = names.filter(|name| !used.contains(name.as_str()));
    let problem = |name: &String| {
        let title = format!("no model is asked on the lane {name:?}: its caps hold nothing back");
        let problem = match &lanes {
            Some(lanes) => lanes.key_problem(name, title, ""),
            None => Problem::error(title),
        };
        let problem = match did_you_mean(name, used.iter().copied()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem,
        };
        let used: Vec<&str> = used.iter().copied().collect();
        Problem {
            severity: Severity::Warning,
            ..problem.help(format!("lanes: {}", used.join(", ")))
        }
    };
    unused.map(problem).collect()
}
