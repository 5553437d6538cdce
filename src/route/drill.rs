//! What a chain of fallbacks delivers when its models fail as often as measured, or a provider is down or slow.

use super::Missing;
use crate::stats::fallback::{Delivered, Hop, chain};
use crate::stats::rate;
use serde::Serialize;

/// The share of outages with a common cause, across vendors.
pub const ACROSS: f64 = 0.1;
/// The same where all hops are of one vendor.
pub const WITHIN: f64 = 0.5;

/// A model of a chain, as it was measured by itself or as somebody states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// The model.
    pub model: String,
    /// Its provider: what is down when the provider is.
    pub provider: String,
    /// The share of requests that it answers.
    pub availability: f64,
    /// 95 % limits of that, where it was measured.
    pub limits: Option<(f64, f64)>,
    /// Requests it was measured on; 0 where it is stated.
    pub measured: usize,
    /// Mean score of its answers.
    pub quality: f64,
    /// Mean cost of an answer, USD.
    pub cost: f64,
    /// Mean latency of an answer, ms.
    pub latency: f64,
    /// Mean time until it is given up, ms.
    pub failed_latency: f64,
}

impl Link {
    /// The availability of `failed` failures in `calls` calls, with its Clopper-Pearson limits.
    pub fn measured(failed: usize, calls: usize) -> (f64, Option<(f64, f64)>) {
        if calls == 0 {
            return (1.0, None);
        }
        let answered = calls - failed.min(calls);
        let limits = rate::clopper_pearson(answered, calls, 0.95);
        (answered as f64 / calls as f64, Some(limits))
    }
}

/// What is to be tried.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outage {
    /// Providers, or models, that answer nothing.
    pub down: Vec<String>,
    /// Providers, or models, that take so many times as long.
    pub slow: Vec<(String, f64)>,
    /// The share of outages with a common cause; by default by the vendors.
    pub common: Option<f64>,
}

/// A chain under what may happen to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drill {
    /// The chain's name.
    pub name: String,
    /// Its models, in the order of asking.
    pub links: Vec<Link>,
    /// The share of outages with a common cause.
    pub common: f64,
    /// Each event with what the chain delivers then.
    pub events: Vec<Event>,
    /// What a reader must know first, a sentence each.
    pub notes: Vec<String>,
    /// Chains that cannot be computed, and why.
    pub cannot: Vec<Missing>,
}

/// What a chain delivers in one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// `as measured`, `openai down`, `openai 3 × as slow`, `as measured, at the lower limits`.
    pub when: String,
    /// Share of requests that somebody answers.
    pub served: f64,
    /// Share that each hop answers.
    pub by_hop: Vec<f64>,
    /// Mean score, an unanswered request counted as 0.
    pub quality: f64,
    /// Mean score of the answered ones; null if nothing is answered.
    pub quality_served: Option<f64>,
    /// Mean cost of a request, USD.
    pub cost: f64,
    /// Mean time of a request, ms, waiting for failed hops included.
    pub latency: f64,
}

fn hit(link: &Link, name: &str) -> bool {
    link.provider == name || link.model == name
}

/// Computes the events that are asked for; without any, each provider of the chain down in turn.
pub fn drill(name: &str, links: Vec<Link>, outage: &Outage) -> Drill {
    let same = links
        .windows(2)
        .all(|two| two[0].provider == two[1].provider);
    let common = outage.common.unwrap_or(if same && links.len() > 1 {
        WITHIN
    } else {
        ACROSS
    });
    let mut providers: Vec<&str> = links.iter().map(|link| link.provider.as_str()).collect();
    providers.sort_unstable();
    providers.dedup();
    let mut events = Vec::new();
    events.extend(event("as measured".to_owned(), &links, &[], common));
    let sure = |link: &Link| Link {
        availability: link.limits.map_or(link.availability, |limits| limits.0),
        ..link.clone()
    };
    let lower: Vec<Link> = links.iter().map(sure).collect();
    if lower != links {
        let when = "at the lower limits of what was measured".to_owned();
        events.extend(event(when, &lower, &[], common));
    }
    if outage.down.is_empty() && outage.slow.is_empty() {
        for provider in providers {
            let down = [provider.to_owned()];
            events.extend(event(format!("{provider} down"), &links, &down, common));
        }
    }
    if !outage.down.is_empty() {
        let when = format!("{} down", outage.down.join(" and "));
        events.extend(event(when, &links, &outage.down, common));
    }
    for (slow, times) in &outage.slow {
        let slowed = |link: &Link| Link {
            latency: if hit(link, slow) {
                link.latency * times
            } else {
                link.latency
            },
            ..link.clone()
        };
        let slowed: Vec<Link> = links.iter().map(slowed).collect();
        let when = format!("{slow} {times} × as slow");
        events.extend(event(when, &slowed, &outage.down, common));
    }
    let unknown = outage
        .down
        .iter()
        .chain(outage.slow.iter().map(|slow| &slow.0));
    let unknown = unknown.filter(|name| !links.iter().any(|link| hit(link, name)));
    let mut notes: Vec<String> = unknown
        .map(|other| {
            format!("nothing of {other} is in {name}: what befalls it changes nothing here")
        })
        .collect();
    let flawless = links
        .iter()
        .filter(|link| link.measured > 0 && link.availability == 1.0);
    notes.extend(flawless.map(|link| {
        let low = link.limits.map_or(0.0, |limits| limits.0);
        format!(
            "{}: {} calls without a failure show at least {:.1} % availability, no more",
            link.model,
            link.measured,
            100.0 * low
        )
    }));
    let unknown = links.iter().filter(|link| link.latency == 0.0);
    notes.extend(
        unknown.map(|link| format!("the latency of {} is not known and counts 0", link.model)),
    );
    Drill {
        name: name.to_owned(),
        links,
        common,
        events,
        notes,
        cannot: Vec::new(),
    }
}

/// What the chain delivers with some of its providers or models down: those are waited for in vain, the others fail as they
/// do otherwise.
fn event(when: String, links: &[Link], down: &[String], common: f64) -> Option<Event> {
    let is_down = |link: &Link| down.iter().any(|name| hit(link, name));
    let hop = |link: &Link| Hop {
        availability: link.availability,
        quality: link.quality,
        cost: link.cost,
        latency: link.latency,
        failed_cost: 0.0,
        failed_latency: link.failed_latency,
    };
    let up: Vec<Hop> = links
        .iter()
        .filter(|link| !is_down(link))
        .map(hop)
        .collect();
    let nothing = Delivered {
        served: 0.0,
        unserved: 1.0,
        by_hop: Vec::new(),
        quality: 0.0,
        quality_served: None,
        cost: 0.0,
        latency: 0.0,
    };
    let found = match up.is_empty() {
        true => nothing,
        false => chain(&up, common)?,
    };
    // a hop that is down is waited for by whoever gets to it
    let (mut reached, mut waited) = (1.0, 0.0);
    let mut left = found.by_hop.iter();
    let mut by_hop = Vec::with_capacity(links.len());
    for link in links {
        if is_down(link) {
            waited += reached * link.failed_latency;
            by_hop.push(0.0);
        } else {
            let share = left.next().copied().unwrap_or(0.0);
            reached -= share;
            by_hop.push(share);
        }
    }
    Some(Event {
        when,
        served: found.served,
        by_hop,
        quality: found.quality,
        quality_served: found.quality_served,
        cost: found.cost,
        latency: found.latency + waited,
    })
}
