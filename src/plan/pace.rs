//! How long a run takes at its limits: rough where only concurrency limits it, firm where the
//! user's caps per minute do.

use super::{LaneCaps, Limits, Line};
use serde::Serialize;
use std::collections::BTreeMap;

/// Seconds that one call is assumed to take.
pub const ASSUMED_SECONDS: f64 = 5.0;
/// In flight on a lane whose concurrency nobody gives: where it starts, and it grows from there.
const USUAL: u32 = 20;

/// The time of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Pace {
    /// About this long, seconds, if a call takes [`ASSUMED_SECONDS`].
    pub seconds: f64,
    /// No shorter than this, seconds, by the caps per minute; `None` where there are none.
    pub at_least: Option<f64>,
    /// The lanes with such caps.
    pub capped: Vec<String>,
}

/// The time that these calls take: the slowest lane, and all of them under the run's own limit.
pub(super) fn pace<'a>(limits: &Limits, lines: impl Iterator<Item = &'a Line>) -> Pace {
    let mut lanes: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for line in lines {
        let (calls, tokens) = lanes.entry(&line.lane).or_default();
        *calls += line.calls;
        *tokens += line.input_tokens + line.output_tokens;
    }
    lanes.retain(|_, (calls, _)| *calls > 0);
    let mut pace = Pace::default();
    let rounds = |calls: usize, at_once: u32| calls.div_ceil(at_once.max(1) as usize) as f64;
    for (lane, (calls, tokens)) in &lanes {
        let caps = caps(limits, lane);
        let usual = if limits.given {
            limits.concurrency
        } else {
            USUAL.min(limits.concurrency)
        };
        let at_once = caps.concurrency.unwrap_or(usual);
        pace.seconds = pace.seconds.max(rounds(*calls, at_once) * ASSUMED_SECONDS);
        let per_minute = [
            caps.rpm.map(|rpm| *calls as f64 / rpm),
            caps.tpm.map(|tpm| *tokens as f64 / tpm),
        ];
        let minutes = per_minute.into_iter().flatten().reduce(f64::max);
        if let Some(minutes) = minutes.filter(|minutes| minutes.is_finite()) {
            pace.at_least = Some(pace.at_least.unwrap_or(0.0).max(minutes * 60.0));
            pace.capped.push((*lane).to_owned());
        }
    }
    let calls = lanes.values().map(|(calls, _)| calls).sum();
    let together = rounds(calls, limits.concurrency) * ASSUMED_SECONDS;
    pace.seconds = pace
        .seconds
        .max(together)
        .max(pace.at_least.unwrap_or_default());
    pace
}

/// The caps of a lane; a key of its own shares those of its provider.
fn caps(limits: &Limits, lane: &str) -> LaneCaps {
    let provider = lane.split('#').next().unwrap_or(lane);
    let own = limits.lanes.get(lane);
    own.or_else(|| limits.lanes.get(provider))
        .copied()
        .unwrap_or_default()
}
