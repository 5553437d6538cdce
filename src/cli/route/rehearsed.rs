//! What a rehearsed outage was to bring, computed from an earlier run.

use super::Common;
use super::drill::links;
use super::input::input;
use crate::cli::args::Global;
use crate::cli::host::Host;
use crate::plan::{Candidate, Limits, Plan, Target};
use crate::provider::Failure;
use crate::route::drill::{Event, Link, Outage, drill};
use crate::run::{Decision, Drill, Fault, decide};
use std::time::Duration;

/// What each chain of the plan was to deliver under these faults, by the chain's name; or why that cannot be said.
pub fn expected(
    host: &Host,
    global: &Global,
    plan: &Plan,
    run: &str,
    faults: &Drill,
) -> Vec<(String, Result<Event, String>)> {
    let common = Common {
        run: run.to_owned(),
        table: None,
        routes: None,
        scorer: Some(plan.primary.clone()),
        margin: None,
        seed: None,
        format: "terminal".to_owned(),
    };
    let chains = plan.candidates.iter();
    let chains: Vec<_> = chains
        .filter(|it| !it.fallback.is_empty() && it.policy.is_chain())
        .collect();
    if chains.is_empty() {
        return Vec::new();
    }
    let input = input(host, global, &common);
    let one = |candidate: &Candidate| {
        let input = input.as_ref().map_err(|problems| {
            let first = problems.first();
            first.map_or(String::new(), |problem| problem.title.clone())
        })?;
        let models: Vec<String> = candidate.targets().map(|it| it.name.clone()).collect();
        let timeout = plan.limits.first_byte.min(plan.limits.timeout);
        let mut links = links(input, &models, timeout.as_secs_f64())?;
        let first = candidate.attempts;
        let later = candidate.fallback.iter().map(|hop| hop.attempts);
        let attempts = std::iter::once(first).chain(later);
        let mut down = Vec::new();
        for ((link, target), attempts) in links.iter_mut().zip(candidate.targets()).zip(attempts) {
            let attempts = attempts.unwrap_or(plan.limits.attempts);
            befall(link, target, faults, attempts, &plan.limits);
            if link.availability == 0.0 {
                down.push(link.model.clone());
            }
        }
        let is_down = !down.is_empty();
        // Faults are drawn one by one: there is no common cause in them.
        let outage = Outage {
            down,
            common: Some(0.0),
            ..Outage::default()
        };
        let mut events = drill(&candidate.name, links, &outage).events;
        let found = match is_down {
            true => events.pop(),
            false => (!events.is_empty()).then(|| events.swap_remove(0)),
        };
        found.ok_or_else(|| "what was measured does not suffice".to_owned())
    };
    chains
        .into_iter()
        .map(|candidate| (candidate.name.clone(), one(candidate)))
        .collect()
}

/// A link as the faults leave it: each attempt fails by itself, and is made again after the mean wait.
fn befall(link: &mut Link, target: &Target, faults: &Drill, attempts: u32, limits: &Limits) {
    let patience = limits.first_byte.min(limits.timeout);
    let ms = |time: Duration| 1000.0 * time.as_secs_f64();
    // The share of attempts that no fault has befallen, that one has failed, and the time that those took.
    let (mut left, mut failed, mut lost) = (1.0, 0.0, 0.0);
    let mut worst: Option<Failure> = None;
    for spec in faults.of(target) {
        let share = left * spec.share;
        left -= share;
        match spec.fault {
            Fault::Slow(time) if time < patience => link.latency += share * ms(time),
            fault => {
                let silent = matches!(fault, Fault::Slow(_) | Fault::Hang);
                lost += share * if silent { ms(patience) } else { 0.0 };
                failed += share;
                worst.get_or_insert(fault.failure(target));
            }
        }
    }
    let Some(failure) = worst else { return };
    let each = lost / failed;
    // Answered after n attempts in vain; given up after the last.
    let (mut until, mut reached, mut waited) = (0.0, 1.0, 0.0);
    for n in 1..=attempts.max(1) {
        waited += reached * (1.0 - failed) * until;
        reached *= failed;
        until += each;
        match decide(n, attempts, &failure, 0.5) {
            Decision::Retry(wait) => until += ms(wait),
            Decision::GiveUp => break,
        }
    }
    if reached < 1.0 {
        link.latency += waited / (1.0 - reached);
    }
    let natural = (1.0 - reached) * (1.0 - link.availability);
    link.failed_latency = (reached * until + natural * link.failed_latency) / (reached + natural);
    link.availability *= 1.0 - reached;
    link.limits = None;
}
