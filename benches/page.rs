//! How fast a run's page is made: 200 cases of four candidates with replies of 600 characters, in milliseconds.
//!
//! The report is written down here as the JSON that it is, so nothing but the making of the page is timed.
//! Each line is the median of rounds with the quickest and the slowest beside it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark reads the real world and may panic"
)]

use bakeoff::report::{Look, Report, format};
use bakeoff::source::{Problem, Source};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CASES: usize = 200;
const NAMES: [&str; 4] = ["openai/gpt-4o", "claude-haiku", "llama-fast", "local"];
const REPLY: usize = 600;

fn reply(case: usize, who: usize) -> String {
    let words =
        "the customer was charged <b>twice</b> & asks for \"one\" refund of the order in time ";
    words
        .chars()
        .cycle()
        .skip(case * 7 % 60 + who)
        .take(REPLY)
        .collect()
}

fn trial(case: usize, who: usize) -> Value {
    let right = f64::from(u8::from(!(case * 31 + who * 17).is_multiple_of(4 + who)));
    json!({
        "candidate": NAMES[who], "repeat": 0, "text": reply(case, who), "finish": "stop",
        "scores": {"exact": {"value": right, "passed": right == 1.0, "why": "is not \"billing\""}},
        "cost_usd": 0.0011 / (who + 1) as f64, "latency_ms": 300.0 + (case * 37 % 900) as f64,
        "input_tokens": 220, "output_tokens": 150, "attempts": 1, "origin": "live",
        "served_model": NAMES[who],
    })
}

fn row(name: &str) -> Value {
    let time = json!({"p50": {"value": 700.0, "low": 650.0, "high": 760.0, "n": CASES},
        "p95": {"value": 1150.0, "low": 1100.0, "high": 1190.0, "n": CASES}, "n": CASES, "excluded": 0});
    json!({
        "name": name, "model": name, "prompt": "triage", "served": {name: CASES}, "trials": CASES,
        "answered": CASES, "failed": 0, "failures": {}, "refused": 0, "cut": 0, "empty": 0,
        "scores": {"exact": {"value": 0.8, "low": 0.74, "high": 0.85, "n": CASES, "unscored": 0, "method": "wilson", "passed": 0.8}},
        "cost_usd": {"answers": 0.22, "waste": 0.0, "judges": null, "per_case": 0.0011, "low": 0.001, "high": 0.0012},
        "cost_unknown": 0, "cost_sources": {}, "cost_check": null,
        "tokens": {"input": 44000, "output": 30000, "cached_input": null, "reasoning": null},
        "latency_ms": time, "first_token_ms": time, "tokens_per_s": time,
    })
}

fn contrast(name: &str) -> Value {
    json!({
        "a": name, "b": NAMES[0], "scorer": "exact", "gains": 9, "losses": 22, "unmatched": 0, "margin": 0.05,
        "difference": {"value": -0.065, "low": -0.12, "high": -0.01, "n": CASES},
        "verdict": "inconclusive", "need": 700, "method": "newcombe",
    })
}

fn report() -> Report {
    let case = |at: usize| {
        json!({
            "id": format!("case-{at:04}"), "vars": {"ticket": reply(at, 9)}, "target": "billing",
            "tags": [format!("lang={}", ["en", "de", "fr"][at % 3]), format!("level={}", at % 2)],
            "trials": (0..NAMES.len()).map(|who| trial(at, who)).collect::<Vec<_>>(),
        })
    };
    let summary = json!({
        "schema": "bakeoff.summary/1", "run": "0199f3a2-0000", "suite": "triage", "complete": true, "seed": 1,
        "cases": CASES, "repeats": 1, "scorers": ["exact"], "candidates": NAMES.map(row),
        "contrasts": NAMES[1..].iter().map(|name| contrast(name)).collect::<Vec<_>>(),
        "best": {"scorer": "exact", "name": NAMES[0], "tied": NAMES[..2]},
        "usage": {"requests": 800, "retries": 0, "cache_hits": 0, "replayed": 0}, "prices": "2026-10-30",
        "prices_hash": "08cff5caf0c1", "price_table": "table", "repriced": null, "recorded": null,
        "dataset": "5d1f0c77a9e2", "notes": [],
    });
    let whole = json!({
        "summary": summary, "cases": (0..CASES).map(case).collect::<Vec<_>>(),
        "version": "0", "show": "bakeoff show 0199f3a2",
    });
    serde_json::from_value(whole).unwrap()
}

fn shipped(path: &str) -> Result<Arc<Source>, Problem> {
    let file = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    Ok(Arc::new(Source::new(
        path,
        std::fs::read_to_string(file).unwrap(),
    )))
}

fn main() {
    let report = report();
    let look = Look {
        width: 100,
        color: false,
        part: &shipped,
    };
    for name in ["html", "markdown", "json", "csv"] {
        let format = format(name).unwrap();
        let mut size = 0;
        let mut rounds: Vec<Duration> = (0..25)
            .map(|_| {
                let begun = Instant::now();
                size = (format.render)(&report, &look).unwrap().len();
                begun.elapsed()
            })
            .collect();
        rounds.sort_unstable();
        let ms = |it: Duration| it.as_secs_f64() * 1e3;
        println!(
            "{name:<9} {:7.1} ms ({:.1} to {:.1}), {size} bytes",
            ms(rounds[rounds.len() / 2]),
            ms(rounds[0]),
            ms(rounds[rounds.len() - 1])
        );
    }
}
