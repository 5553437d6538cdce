//! Caps and patience of a run: what the suite says, what the command line chose over it, what is usual.

use super::Choice;
use crate::project::{Rule, Suite};
use std::collections::BTreeMap;
use std::time::Duration;

/// Requests in flight where nobody says otherwise.
const CONCURRENCY: u32 = 64;

/// Caps and patience of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Most money, USD.
    pub max_cost: Option<f64>,
    /// Most requests in flight over the whole run.
    pub concurrency: u32,
    /// Whether the user gave `concurrency`: then lanes start there instead of slowly.
    pub given: bool,
    /// Most attempts a trial.
    pub attempts: u32,
    /// Patience for a whole attempt.
    pub timeout: Duration,
    /// Patience for a connection.
    pub connect: Duration,
    /// Patience for the first byte of the response.
    pub first_byte: Duration,
    /// Patience between two pieces of the response.
    pub idle: Duration,
    /// The share of failed trials a candidate may have before the run counts as incomplete.
    pub max_failed: f64,
    /// Caps by lane (provider).
    pub lanes: BTreeMap<String, LaneCaps>,
}

/// The user's caps for one lane.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LaneCaps {
    /// Most requests in flight; where it is given, the lane starts there.
    pub concurrency: Option<u32>,
    /// Most requests a minute.
    pub rpm: Option<f64>,
    /// Most tokens a minute.
    pub tpm: Option<f64>,
}

pub(super) fn limits(suite: &Suite, choice: &Choice) -> Limits {
    let limits = &suite.limits;
    let given = choice.concurrency.or(limits.concurrency);
    let timeout = limits.timeout.0;
    let within = |period: Option<Duration>, usual: Duration| period.unwrap_or(usual).min(timeout);
    Limits {
        max_cost: choice.max_cost.or(limits.max_cost),
        concurrency: given.unwrap_or(CONCURRENCY),
        given: given.is_some(),
        attempts: limits.attempts,
        timeout,
        connect: within(
            limits.connect.map(|period| period.0),
            Duration::from_secs(10),
        ),
        first_byte: within(limits.first_byte.map(|period| period.0), timeout),
        idle: within(limits.idle.map(|period| period.0), timeout),
        max_failed: limits.max_failed.0,
        lanes: limits
            .lanes
            .iter()
            .map(|(name, lane)| {
                let caps = LaneCaps {
                    concurrency: lane.concurrency,
                    rpm: lane.rpm.map(f64::from),
                    tpm: lane.tpm.map(|n| n as f64),
                };
                (name.clone(), caps)
            })
            .collect(),
    }
}

/// The margin of the gate's rule on the primary scorer, else 5 points.
pub(super) fn margin(suite: &Suite) -> f64 {
    let rules = suite.gate.iter().flat_map(|gate| &gate.rules);
    let margins = rules.filter_map(|rule| match rule {
        Rule::Scorer(rule)
            if suite
                .primary
                .as_ref()
                .is_none_or(|primary| *primary == rule.scorer) =>
        {
            rule.margin
        }
        _ => None,
    });
    margins.map(|share| share.0).next().unwrap_or(0.05)
}
