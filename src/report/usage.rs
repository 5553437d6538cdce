//! What was spent, as a reader sees it: by model, by key, by day.

use super::number::{count, counted, money};
use super::prose::{Block, Table, render};
use super::{Look, json};
use crate::summary::usage::{Part, Spent, Usage};
use std::collections::BTreeMap;

/// The spending as `terminal`, `markdown` or `json`; `None` for another format.
pub fn usage(found: &Usage, format: &str, look: &Look) -> Option<String> {
    render(format, &|| blocks(found), &|| json::document(found), look)
}

fn blocks(found: &Usage) -> Vec<Block> {
    let total = found.total.all();
    let since = match &found.since {
        Some(day) => format!(" since {day}"),
        None => String::new(),
    };
    let mut said = vec![Block::Lead(match total.requests {
        0 => format!("Nothing was sent{since}."),
        n => format!(
            "{}: {} in {}{since}.",
            cost(&total),
            counted(n, "request"),
            counted(found.runs, "run")
        ),
    })];
    if total.requests > 0 {
        let nameless = |text: &str| match text {
            "" => "unknown".to_owned(),
            text => text.to_owned(),
        };
        let key = |row: &Spent| {
            row.key
                .clone()
                .unwrap_or_else(|| "none or unknown".to_owned())
        };
        said.push(table("model", found, &|row| nameless(&row.model)));
        said.push(table("key", found, &key));
        said.push(table("day", found, &|row| row.day.clone()));
    }
    if total.unknown > 0 {
        said.push(Block::Caution(format!(
            "of {} the cost is not known: the price table has no such model, or the provider did not say what it counted; `bakeoff prices show MODEL`",
            counted(total.unknown, "request")
        )));
    }
    if found.open.requests > 0 {
        let worst = found.open.worst_usd.map_or_else(
            || "at a price nobody knows".to_owned(),
            |usd| format!("at most {}", money(usd)),
        );
        said.push(Block::Caution(format!(
            "cut off and possibly billed, {worst}: {}; in no figure above",
            counted(found.open.requests, "request")
        )));
    }
    if total.requests > 0 {
        said.push(Block::Small(
            "waste: attempts that failed or were passed over · days are those on which a run was started, UTC · answers from the cache and recorded ones cost nothing here".into(),
        ));
    }
    said
}

fn table(what: &str, found: &Usage, of: &dyn Fn(&Spent) -> String) -> Block {
    let mut rows: BTreeMap<String, Spent> = BTreeMap::new();
    for row in &found.rows {
        rows.entry(of(row)).or_default().take(row);
    }
    let row = |(name, spent): (&String, &Spent)| {
        let all = spent.all();
        vec![
            name.clone(),
            count(all.requests),
            tokens(all.input_tokens),
            tokens(all.output_tokens),
            cost(&spent.answers),
            cost(&spent.waste),
            cost(&spent.judges),
            cost(&all),
        ]
    };
    Block::Table(Table {
        title: String::new(),
        head: [
            what, "requests", "in", "out", "answers", "waste", "judges", "all",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows.iter().map(row).collect(),
    })
}

/// `$1.20`; with what is not known said beside it, never as nothing.
fn cost(part: &Part) -> String {
    match (part.requests, part.unknown) {
        (0, _) => super::number::NONE.to_owned(),
        (_, 0) => money(part.known_usd),
        (n, unknown) if n == unknown => super::number::UNKNOWN.to_owned(),
        (_, unknown) => format!("{} + {unknown}?", money(part.known_usd)),
    }
}

fn tokens(n: u64) -> String {
    match n {
        n if n < 10_000 => n.to_string(),
        n if n < 10_000_000 => format!("{:.1}k", n as f64 / 1e3),
        n => format!("{:.1}M", n as f64 / 1e6),
    }
}
