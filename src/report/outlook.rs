//! What a run could see, as a reader sees it.

use super::number::{NONE, Scale, count, counted, money};
use super::prose::{Block, Table, render};
use super::{Look, json};
use crate::summary::outlook::{Outlook, Spread};

/// The outlook as `terminal`, `markdown` or `json`; `None` for another format.
pub fn outlook(found: &Outlook, format: &str, look: &Look) -> Option<String> {
    render(format, &|| blocks(found), &|| json::document(found), look)
}

/// Where a spread comes from, in words.
pub fn origin(spread: &Spread) -> String {
    match (&spread.from, &spread.scorer) {
        (Some(run), Some(scorer)) => format!("from what run {run} measured by {scorer}"),
        _ => format!(
            "assuming that {:.0}% of the cases flip",
            100.0 * spread.between
        ),
    }
}

fn blocks(found: &Outlook) -> Vec<Block> {
    let points = |v: f64| format!("{:.0}", (v * 100.0).ceil());
    let (repeats, needed) = found.needed.first().copied().unwrap_or((1, 0));
    let mut said = vec![
        Block::Lead(format!(
            "About {} show that a candidate is not worse by {}{}.",
            counted(needed, "case"),
            Scale::Percent.margin(found.margin),
            match repeats {
                1 => String::new(),
                k => format!(", asked {k} times each"),
            }
        )),
        Block::Say(format!("That is {}.", origin(&found.spread))),
    ];
    said.push(Block::Say(match found.add_cases {
        None => "Whether more repeats would help is not known: no case was asked twice. More cases always help.",
        Some(true) => "More cases help more than more repeats: cases differ more than repeats of a case.",
        Some(false) => "More repeats help too: repeats of a case differ a good deal.",
    }.to_owned()));
    let judged = found.rows.iter().any(|row| row.judgements != 1);
    let mut head = vec!["cases", "repeats"];
    head.extend(judged.then_some("judgements"));
    head.extend(["could show", "cost"]);
    let rows = found.rows.iter().map(|row| {
        let mut cells = vec![count(row.cases), row.repeats.to_string()];
        cells.extend(judged.then(|| row.judgements.to_string()));
        cells.push(format!("{} points", points(row.detectable)));
        cells.push(row.cost_usd.map_or_else(|| NONE.to_owned(), money));
        cells
    });
    said.push(Block::Table(Table {
        title: String::new(),
        rows: rows.collect(),
        head: head.into_iter().map(str::to_owned).collect(),
    }));
    let unpriced = found.usd_per_call.0.is_none();
    said.push(Block::Small(format!(
        "differences seen in four runs of five, two-sided 5% · cost of {}{}",
        counted(found.candidates, "candidate"),
        if unpriced {
            " unknown"
        } else {
            ", by what the run cost"
        }
    )));
    said
}
