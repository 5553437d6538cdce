//! What a user should know before spending: too few cases, a cap too low, a judge of its own answers; and the
//! plan in a line.

use super::host::Host;
use super::load::Loaded;
use crate::plan::{Candidate, Estimate, Plan};
use crate::source::Problem;
use crate::stats::power::{ASSUMED_DISCORDANT, mde_paired_binary};

/// Below this many cases only large differences can be seen.
const FEW: usize = 50;

/// Every caution.
pub fn cautions(plan: &Plan, estimate: Option<&Estimate>) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(few(plan));
    problems.extend(own_judge(plan));
    problems.extend(estimate.and_then(|estimate| over(plan, estimate)));
    problems
}

/// The difference that this many paired cases could show.
pub fn detectable(cases: usize) -> f64 {
    mde_paired_binary(cases, ASSUMED_DISCORDANT, 0.05, 0.8)
}

/// Says the plan in a line.
pub fn tell(host: &Host, loaded: &Loaded, estimate: &Estimate) {
    let cases = loaded.plan.dataset.cases.len();
    let points = (detectable(cases) * 100.0).ceil();
    host.say(&format!(
        "up to {} calls, {}; {cases} paired cases could show a difference of about {points:.0} points",
        estimate.calls,
        money(estimate.cost_usd)
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

fn few(plan: &Plan) -> Option<Problem> {
    let cases = plan.dataset.cases.len();
    (cases < FEW).then(|| {
        let points = (detectable(cases) * 100.0).ceil();
        Problem::warning(format!(
            "{cases} cases are few: differences below about {points:.0} points cannot be seen"
        ))
        .help("50 to 200 cases are usual; `repeats:` helps only against the model's own noise")
    })
}

/// A judge that is also a candidate likes its own answers.
fn own_judge(plan: &Plan) -> Vec<Problem> {
    let own = plan.judges.iter().filter(|(_, judge)| {
        let mut targets = plan.candidates.iter().flat_map(Candidate::targets);
        targets.any(|target| {
            target.wire_model == judge.wire_model
                && target.endpoint.base_url == judge.endpoint.base_url
        })
    });
    own.map(|(name, _)| {
        Problem::warning(format!("{name} judges its own answers"))
            .help("let another model judge: models prefer what they wrote themselves")
    })
    .collect()
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
