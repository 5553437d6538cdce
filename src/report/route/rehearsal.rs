//! A rehearsed outage: what was computed beside what happened.

use super::{or_none, percent};
use crate::report::Look;
use crate::report::number::{Scale, duration, money};
use crate::report::prose::{Block, Table, render};

/// What one candidate delivered in a drill, or was to deliver.
pub struct Rehearsed {
    /// The candidate.
    pub name: String,
    /// `computed` or `measured`.
    pub how: &'static str,
    /// Share of requests that somebody answered.
    pub answered: f64,
    /// Share that each hop answered; none where the candidate is one model.
    pub by_hop: Vec<f64>,
    /// Mean score of the answers.
    pub score: Option<f64>,
    /// Mean cost of a request, USD.
    pub cost: Option<f64>,
    /// Mean time of a request, ms, waiting for failed hops included.
    pub latency: Option<f64>,
}

/// The table, as `terminal` shows it, with what a reader must know, a sentence each.
pub fn rehearsal(faults: &str, rows: &[Rehearsed], notes: &[String], look: &Look) -> String {
    let row = |row: &Rehearsed| {
        let hops: Vec<String> = row.by_hop.iter().map(|share| percent(*share)).collect();
        vec![
            row.name.clone(),
            row.how.to_owned(),
            percent(row.answered),
            or_none(row.score, |score| Scale::Percent.value(score, None, None)),
            or_none(row.cost, money),
            or_none(row.latency, duration),
            hops.join(" "),
        ]
    };
    let head = [
        "candidate",
        "",
        "answered",
        "of answered",
        "cost",
        "latency",
        "by hop",
    ];
    let blocks = || {
        let table = Block::Table(Table {
            title: format!("Drill: {faults}"),
            head: head.map(str::to_owned).to_vec(),
            rows: rows.iter().map(row).collect(),
        });
        let notes = notes.iter().cloned().map(Block::Small);
        std::iter::once(table).chain(notes).collect()
    };
    render("terminal", &blocks, &String::new, look).unwrap_or_default()
}
