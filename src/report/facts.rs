//! What makes the numbers checkable: seed, dates, hashes, and the methods in plain words.

use super::number::{NONE, count, counted, money, money_or_unknown};
use crate::summary::{CostCell, Summary};
use serde::Serialize;

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
    let methods: Vec<&str> = methods(summary).iter().map(|m| m.title).collect();
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

/// A statistical method in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Method {
    /// Its name in the summary.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does.
    pub about: &'static str,
}

const METHODS: &[Method] = &[
    Method {
        name: "wilson",
        title: "Wilson",
        about: "The range of true pass rates that would not make the observed rate surprising. It stays honest near 0% and 100% and with few cases.",
    },
    Method {
        name: "bca",
        title: "BCa bootstrap",
        about: "The cases are drawn again 10,000 times with replacement; the interval is where the middle 95% of those means lie, corrected for bias and skew.",
    },
    Method {
        name: "bootstrap",
        title: "bootstrap of the whole",
        about: "A figure over all cases that is no mean, like corpus BLEU or macro F1: the cases (or their groups) are drawn again up to 10,000 times with replacement and the figure is made anew; the interval is where the middle 95% lie.",
    },
    Method {
        name: "cr2",
        title: "CR2 cluster",
        about: "Cases of one group (a customer, a document) resemble each other; this interval counts the groups, not the rows, and corrects for few groups.",
    },
    Method {
        name: "newcombe",
        title: "Newcombe paired",
        about: "Both candidates answered the same cases, so only the cases on which they differ count; the interval of the difference of two rates on the same cases.",
    },
    Method {
        name: "ppi++",
        title: "PPI++",
        about: "People labelled a random part of these answers; the judge's scores of the rest count as far as they follow those labels, and the interval holds the uncertainty of both.",
    },
    Method {
        name: "rogan_gladen",
        title: "Rogan-Gladen",
        about: "The judge's share of passes, corrected by how often it is right on what people passed and on what they failed; the interval holds the uncertainty of those two as well, and is wide for a weak judge.",
    },
    Method {
        name: "labels",
        title: "people's labels",
        about: "Every answer has a person's label, so the judge is not asked.",
    },
    Method {
        name: "t",
        title: "paired t",
        about: "The interval of the mean of the case-by-case differences.",
    },
];

/// The methods behind this summary's intervals.
pub fn methods(summary: &Summary) -> Vec<Method> {
    let cells = summary.candidates.iter().flat_map(|r| r.scores.values());
    let mut used: Vec<&str> = cells.map(|c| c.method.as_str()).collect();
    used.extend(summary.contrasts.iter().map(|c| c.method.as_str()));
    let known = METHODS.iter().filter(|m| used.contains(&m.name));
    known.copied().collect()
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
