//! What bakeoff says of a reply beside it: who gave it, why, what it cost, what was odd.

use super::caller::Header;
use crate::plan::Candidate;
use crate::provider::Reply;
use crate::store::{Attempt, End, Record};

/// Why this model answered.
pub(super) fn why(candidate: &Candidate, record: &Record) -> String {
    if candidate.fallback.is_empty() {
        return "only model".to_owned();
    }
    let last = record.answering();
    let reason = last.and_then(|it| it.at.as_ref()?.why.as_ref());
    match reason {
        // what led here is told below, from the beginning
        Some(why) if why.word != "fallback" => return why.to_string(),
        _ => {}
    }
    let answering = last.map_or(0, Attempt::hop);
    let before = record
        .attempts
        .iter()
        .filter(|attempt| attempt.hop() < answering);
    let mut reasons: Vec<String> = before
        .filter_map(|attempt| {
            let at = attempt.at.as_ref()?;
            let word = match (&attempt.failure, &attempt.passed) {
                (Some(failure), _) => failure.kind.name(),
                (None, Some(passed)) => passed.why.first()?.name(),
                (None, None) => return None,
            };
            Some(format!("{} {word}", at.model))
        })
        .collect();
    reasons.dedup();
    format!("fallback: {}", reasons.join(", "))
}

/// What the headers of a reply say that is whole.
pub(super) fn told(end: &End, reply: &Reply) -> Vec<Header> {
    let mut headers = vec![
        ("x-bakeoff-why", end.why.clone()),
        ("x-bakeoff-attempts", end.attempts.len().to_string()),
    ];
    headers.extend(end.by.clone().map(|by| ("x-bakeoff-served-by", by)));
    headers.extend(
        end.cost_usd
            .map(|usd| ("x-bakeoff-cost-usd", format!("{usd:.9}"))),
    );
    if !reply.warnings.is_empty() {
        headers.push(("x-bakeoff-warnings", reply.warnings.join("; ")));
    }
    headers
}
