//! What makes the numbers checkable: seed, dates, hashes, methods.

use super::methods::of_intervals;
use super::number::{NONE, count, counted, money, money_or_unknown};
use crate::summary::{CostCell, Summary};

/// The facts that make the numbers checkable, name and value.
pub fn facts(summary: &Summary, version: &str) -> Vec<(&'static str, String)> {
    let repeats = match summary.repeats {
        0 | 1 => String::new(),
        k => format!(", each asked {k} times"),
    };
    let traffic = summary.usage;
    let mut requests = vec![counted(traffic.requests, "request")];
    for (n, what) in [
        (traffic.retries, "retries"),
        (traffic.cache_hits, "from the cache"),
        (traffic.replayed, "replayed"),
    ] {
        if n > 0 {
            requests.push(format!("{} {what}", count(n)));
        }
    }
    let methods: Vec<&str> = of_intervals(summary).iter().map(|m| m.title).collect();
    let or_none = |text: &str| {
        if text.is_empty() {
            NONE.to_owned()
        } else {
            text.to_owned()
        }
    };
    vec![
        ("Cases", format!("{}{repeats}", count(summary.cases))),
        (
            "Intervals",
            format!("95%: {}", or_none(&methods.join(", "))),
        ),
        ("Seed", summary.seed.to_string()),
        ("Dataset", or_none(&summary.dataset)),
        ("Cost", cost(summary)),
        ("Prices", or_none(&prices(summary))),
        (
            "Replies",
            summary
                .recorded
                .as_ref()
                .map_or("live".to_owned(), |day| format!("recorded {day}")),
        ),
        ("Traffic", requests.join(", ")),
        ("Run", summary.run.clone()),
        ("Made by", format!("bakeoff {version}")),
    ]
}

/// The price table: its date, where it is from, its hash as far as people compare one.
fn prices(summary: &Summary) -> String {
    let (date, name, hash) = match &summary.repriced {
        Some(repriced) => {
            let table = &repriced.table;
            let on = format!("{} (REPRICED; recorded at {})", repriced.on, summary.prices);
            (on, &table.name, &table.sha256)
        }
        None => (
            summary.prices.clone(),
            &summary.price_table,
            &summary.prices_hash,
        ),
    };
    match hash.get(..12) {
        Some(hash) => format!("{date}, {name}, sha256 {hash}"),
        None => date,
    }
}

/// The lines of money of all candidates, and for how many answers it is unknown.
fn cost(summary: &Summary) -> String {
    let sum = |of: fn(&CostCell) -> Option<f64>| {
        let known = summary.candidates.iter().filter_map(|r| of(&r.cost_usd));
        known.reduce(|a, b| a + b)
    };
    // One unknown part makes the whole unknown.
    let waste: Option<Vec<f64>> = summary
        .candidates
        .iter()
        .map(|r| r.cost_usd.waste)
        .collect();
    let waste = waste.map(|parts| parts.iter().sum::<f64>() + 0.0);
    let mut said = format!(
        "answers {}, failed and retried {}",
        money_or_unknown(sum(|c| c.answers)),
        money_or_unknown(waste)
    );
    if let Some(usd) = sum(|c| c.passed_over) {
        said += &format!(", passed over by routes {}", money(usd));
    }
    if let Some(usd) = sum(|c| c.judges) {
        said += &format!(", judges {}", money(usd));
    }
    match summary.candidates.iter().map(|r| r.cost_unknown).sum() {
        0 => said,
        n => said + &format!("; unknown for {}", counted(n, "answer")),
    }
}

/// The facts that no table may stand without, in a line.
pub fn honesty(summary: &Summary) -> String {
    let facts = facts(summary, "");
    let shown = ["Cases", "Intervals", "Seed", "Cost", "Prices", "Dataset"];
    let mut said: Vec<String> = facts
        .iter()
        .filter(|(name, value)| shown.contains(name) && value != NONE)
        .map(|(name, value)| format!("{} {value}", name.to_lowercase()))
        .collect();
    if let Some(day) = &summary.recorded {
        said.push(format!("replies recorded {day}"));
    }
    said.join(" · ")
}
