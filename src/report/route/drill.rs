//! Outages in words and tables.

use super::{document, or_none, percent};
use crate::report::Look;
use crate::report::number::{Scale, count, duration, money};
use crate::report::prose::{Block, Table, render};
use crate::route::drill::{Drill, Event, Link};
use serde::Serialize;

/// Drills as `terminal`, `markdown` or `json`; `None` for another format.
pub fn drills(found: &[Drill], sources: &[String], format: &str, look: &Look) -> Option<String> {
    #[derive(Serialize)]
    struct Drills<'a> {
        sources: &'a [String],
        chains: &'a [Drill],
    }
    let all = Drills {
        sources,
        chains: found,
    };
    let lead = found.first().map(lead).unwrap_or_default();
    let said = || document("drill", &lead, &all);
    let blocks = || {
        let mut said: Vec<Block> = found.iter().flat_map(blocks).collect();
        said.push(Block::Small(format!(
            "an unanswered request counts 0 · failed requests cost nothing and are waited for · {}",
            sources.join(", ")
        )));
        said
    };
    render(format, &blocks, &said, look)
}

/// An availability with as many nines as there are.
fn availability(share: f64) -> String {
    let shown = 100.0 * share;
    let nines = if share < 1.0 {
        (-(1.0 - share).log10()).floor()
    } else {
        2.0
    };
    format!(
        "{shown:.digits$}%",
        digits = (nines as usize).clamp(2, 9) - 1
    )
}

fn lead(found: &Drill) -> String {
    let Some(first) = found.events.first() else {
        return format!("{} cannot be computed.", found.name);
    };
    let worst = found
        .events
        .iter()
        .skip(1)
        .min_by(|a, b| a.served.total_cmp(&b.served));
    let worst = worst.map_or(String::new(), |event| {
        format!("; {}: {}", event.when, availability(event.served))
    });
    format!(
        "{} answers {} of requests as measured{worst}.",
        found.name,
        availability(first.served)
    )
}

fn blocks(found: &Drill) -> Vec<Block> {
    let mut said = vec![Block::Lead(lead(found))];
    let link = |link: &Link| {
        let limits = link.limits.map_or(String::new(), |(low, _)| {
            format!(" (≥ {})", availability(low))
        });
        let from = match link.measured {
            0 => "stated".to_owned(),
            n => count(n),
        };
        vec![
            link.model.clone(),
            format!("{}{limits}", availability(link.availability)),
            from,
            Scale::Percent.value(link.quality, None, None),
            money(link.cost),
            duration(link.latency),
            duration(link.failed_latency),
        ]
    };
    said.push(Block::Table(Table {
        title: format!("{}: its models", found.name),
        head: [
            "model",
            "available",
            "calls",
            "score",
            "cost",
            "latency",
            "given up after",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found.links.iter().map(link).collect(),
    }));
    let event = |event: &Event| {
        vec![
            event.when.clone(),
            availability(event.served),
            Scale::Percent.value(event.quality, None, None),
            or_none(event.quality_served, |q| {
                Scale::Percent.value(q, None, None)
            }),
            money(event.cost),
            duration(event.latency),
            event
                .by_hop
                .iter()
                .map(|share| percent(*share))
                .collect::<Vec<_>>()
                .join(" "),
        ]
    };
    said.push(Block::Table(Table {
        title: format!(
            "Expected (outages with a common cause: {})",
            percent(found.common)
        ),
        head: [
            "when",
            "answered",
            "score",
            "of answered",
            "cost",
            "latency",
            "by hop",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found.events.iter().map(event).collect(),
    }));
    said.extend(found.notes.iter().cloned().map(Block::Caution));
    said
}
