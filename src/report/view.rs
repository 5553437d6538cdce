//! What a template sees: every number already said in words, nothing computed, nothing escaped.
//!
//! Plain data, so it can be printed as JSON: the fields are the contract with a user's own templates.

use super::made::Made;
use super::methods::{self, Method};
use super::number::{self, NONE, Scale, count, duration};
use super::svg::{self, Axis};
use super::{Report, facts, judges, labels, link, words};
use crate::stats::Estimate;
use crate::summary::{Contrast, Row, Summary};
use serde::Serialize;

/// The summary's side of a report, for a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The suite's name.
    pub suite: String,
    /// The run's id.
    pub run: String,
    /// Its first eight characters, which the commands accept.
    pub run_short: String,
    /// Every trial has an outcome.
    pub complete: bool,
    /// Who is best, and whether that is known, in a sentence.
    pub headline: String,
    /// What follows from it: cheapest and fastest of the tied, a sentence each.
    pub sentences: Vec<String>,
    /// The primary scorer.
    pub primary: String,
    /// The other scorers.
    pub others: Vec<String>,
    /// Several candidates could be the best.
    pub ties: bool,
    /// A row a candidate.
    pub candidates: Vec<Line>,
    /// What the table leaves out, a line each: trials without a reply, unknown costs, latencies not counted.
    pub missing: Vec<String>,
    /// Paired differences.
    pub differences: Vec<Difference>,
    /// Which label was given where which was expected, by scorer and candidate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<labels::Labels>,
    /// What scorers that compare answers found, a sentence each.
    pub comparisons: Vec<String>,
    /// What a reader must know first, a sentence each.
    pub notes: Vec<String>,
    /// Name and value of what makes the numbers checkable: cases, seed, dataset, dates.
    pub facts: Vec<Fact>,
    /// The statistical methods used, in plain words.
    pub methods: Vec<Method>,
    /// Those behind the intervals of scores and differences.
    pub intervals: Vec<Method>,
    /// What the run was made of, by its hashes.
    pub made: Vec<Made>,
    /// How many cases there are.
    pub cases: usize,
}

/// One candidate as texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its model; empty where the candidate is named like it.
    pub model: String,
    /// Its prompt.
    pub prompt: String,
    /// The models that answered, as the providers name them.
    pub served: String,
    /// It has the highest estimate.
    pub best: bool,
    /// The data cannot tell it from the best.
    pub tied: bool,
    /// The primary score.
    pub score: Shown,
    /// The other scores.
    pub others: Vec<Shown>,
    /// Cost of a case.
    pub cost: String,
    /// Its interval; may be empty.
    pub cost_range: String,
    /// The cost of all its answers, and what that leaves out.
    pub cost_note: String,
    /// Median latency.
    pub p50: String,
    /// Its interval.
    pub p50_range: String,
    /// 95th percentile of the latency.
    pub p95: String,
    /// Its interval.
    pub p95_range: String,
    /// Median time to the first token.
    pub first_token: String,
    /// Median output speed, `81 tokens/s`; may be empty.
    pub speed: String,
    /// The same without its unit.
    pub tokens_per_s: String,
    /// Trials without a reply.
    pub failed: String,
    /// Why, by kind.
    pub failures: String,
    /// Refused, cut and empty answers: `1 / 0 / 2`.
    pub odd: String,
    /// What is missing or odd, each with the cases behind it.
    pub counts: Vec<Count>,
}

/// How often something is missing or odd.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// `failed`, `refused`, `cut`, `empty` or `unpriced`.
    pub name: &'static str,
    /// The same as a heading.
    pub title: &'static str,
    /// How often.
    pub n: String,
    /// Never.
    pub zero: bool,
    /// Why, by kind; may be empty.
    pub note: String,
    /// The cases behind it, within the page; empty where there are none.
    pub link: String,
}

/// A score as texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// `84%`
    pub value: String,
    /// `76–90%`; may be empty.
    pub range: String,
    /// Scored answers.
    pub n: String,
    /// `1 unscored`; may be empty.
    pub note: String,
    /// How the interval was made; empty without one.
    pub method: &'static str,
    /// The cases that are not right, within the page; empty where there are none.
    pub link: String,
    /// The interval as an SVG strip; empty where there is no value.
    pub strip: String,
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drawing {
    /// Its title.
    pub title: String,
    /// An `<svg>` element.
    pub svg: String,
    /// What it leaves out; may be empty.
    pub note: String,
}

/// A paired difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The whole sentence.
    pub sentence: String,
    /// The verdict in a word or two.
    pub verdict: String,
    /// The verdict's name in the JSON.
    pub class: String,
    /// The candidate.
    pub a: String,
    /// What it is held against.
    pub b: String,
    /// The scorer.
    pub scorer: String,
    /// How many cases differ.
    pub moved: String,
    /// Those cases, within the page; empty where there are none.
    pub link: String,
    /// How the interval was made; empty without one.
    pub method: &'static str,
    /// That in words.
    pub method_title: &'static str,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The view of a report's summary.
pub fn view(report: &Report) -> View {
    let summary = &report.summary;
    let primary = &summary.best.scorer;
    let others: Vec<String> = summary
        .scorers
        .iter()
        .filter(|s| *s != primary)
        .cloned()
        .collect();
    View {
        suite: summary.suite.clone(),
        run: summary.run.clone(),
        run_short: summary.run.chars().take(8).collect(),
        complete: summary.complete,
        headline: words::headline(summary),
        sentences: words::choice(summary),
        primary: primary.clone(),
        ties: summary.best.tied.len() > 1,
        candidates: summary
            .candidates
            .iter()
            .map(|row| line(summary, row, &others))
            .collect(),
        others,
        missing: words::missing(summary),
        differences: summary
            .contrasts
            .iter()
            .map(|c| difference(summary, c))
            .collect(),
        labels: labels::labels(summary),
        comparisons: judges::comparisons(summary),
        notes: [summary.notes.clone(), judges::trust(summary)].concat(),
        facts: facts::facts(summary, &report.version)
            .into_iter()
            .map(|(name, value)| Fact {
                name: name.to_owned(),
                value,
            })
            .collect(),
        methods: methods::of_summary(summary),
        intervals: methods::of_intervals(summary),
        made: report.made.clone(),
        cases: report.cases.len(),
    }
}

fn line(summary: &Summary, row: &Row, others: &[String]) -> Line {
    let tied = summary.best.tied.contains(&row.name);
    let mut cost_note: Vec<String> = row
        .cost_usd
        .answers
        .iter()
        .map(|usd| format!("{} in all", number::money(*usd)))
        .collect();
    if row.cost_unknown > 0 {
        cost_note.push(format!(
            "{} of {} unknown",
            count(row.cost_unknown),
            count(row.answered)
        ));
    }
    Line {
        name: row.name.clone(),
        model: if row.model == row.name {
            String::new()
        } else {
            row.model.clone()
        },
        prompt: row.prompt.clone(),
        served: served(row),
        best: summary.best.name.as_ref() == Some(&row.name),
        tied,
        score: shown(summary, row, &summary.best.scorer, tied),
        others: others
            .iter()
            .map(|s| shown(summary, row, s, tied))
            .collect(),
        cost: number::money_or_unknown(row.cost_usd.per_case),
        cost_range: match (row.cost_usd.low, row.cost_usd.high) {
            (Some(low), Some(high)) => format!("{}–{}", number::money(low), number::money(high)),
            _ => String::new(),
        },
        cost_note: cost_note.join(", "),
        p50: time(row.latency_ms.p50),
        p50_range: time_range(row.latency_ms.p50),
        p95: time(row.latency_ms.p95),
        p95_range: time_range(row.latency_ms.p95),
        first_token: time(row.first_token_ms.p50),
        speed: row.tokens_per_s.p50.map_or(String::new(), |e| {
            format!("{} tokens/s", number::speed(e.value))
        }),
        tokens_per_s: row
            .tokens_per_s
            .p50
            .map_or(NONE.to_owned(), |e| number::speed(e.value)),
        failed: count(row.failed),
        failures: words::failures(row),
        odd: format!("{} / {} / {}", row.refused, row.cut, row.empty),
        counts: counts(row),
    }
}

/// The models that answered, as the providers name them: `gpt-4o-2024-08-06 (200)`.
pub fn served(row: &Row) -> String {
    let served = row.served.iter();
    let served: Vec<String> = served
        .map(|(model, n)| format!("{model} ({})", count(*n)))
        .collect();
    served.join(", ")
}

fn counts(row: &Row) -> Vec<Count> {
    let all = [
        ("failed", "Failed", row.failed, words::failures(row)),
        ("refused", "Refused", row.refused, String::new()),
        ("cut", "Cut", row.cut, String::new()),
        ("empty", "Empty", row.empty, String::new()),
        ("unpriced", "Unpriced", row.cost_unknown, String::new()),
    ];
    let one = |(name, title, n, note)| Count {
        name,
        title,
        n: count(n),
        zero: n == 0,
        note,
        // what has no price is no kind of case
        link: match name {
            "unpriced" => String::new(),
            _ => link::cases_if(n, name, &row.name),
        },
    };
    all.map(one).into()
}

fn shown(summary: &Summary, row: &Row, scorer: &str, tied: bool) -> Shown {
    let scale = words::scale(summary, scorer);
    let cell = row.scores.get(scorer);
    let value = cell.and_then(|c| Some((c, c.value?)));
    Shown {
        value: value.map_or(NONE.to_owned(), |(c, v)| scale.value(v, c.low, c.high)),
        range: value.map_or(String::new(), |(c, v)| scale.range(v, c.low, c.high)),
        n: cell.map_or(NONE.to_owned(), |c| count(c.n)),
        note: match cell.map_or(0, |c| c.unscored) {
            0 => String::new(),
            n => format!("{} unscored", count(n)),
        },
        method: cell
            .and_then(|c| methods::known(&c.method))
            .map_or("", |it| it.name),
        link: match value {
            Some((_, v)) if v < 1.0 && scorer == summary.best.scorer => {
                link::cases("wrong", &row.name)
            }
            _ => String::new(),
        },
        strip: value.map_or(String::new(), |(c, v)| {
            svg::strip(&score_axis(summary, scorer, scale), v, c.low, c.high, tied)
        }),
    }
}

fn score_axis(summary: &Summary, scorer: &str, scale: Scale) -> Axis {
    let cells = summary
        .candidates
        .iter()
        .filter_map(|r| r.scores.get(scorer));
    let values: Vec<f64> = cells
        .flat_map(|c| [c.value, c.low, c.high])
        .flatten()
        .collect();
    Axis::scores(&values, (scale == Scale::Percent).then_some((0.0, 1.0)))
}

fn time(estimate: Option<Estimate>) -> String {
    estimate.map_or(NONE.to_owned(), |e| duration(e.value))
}

fn time_range(estimate: Option<Estimate>) -> String {
    match estimate.map(|e| (e.low, e.high)) {
        Some((Some(low), Some(high))) => number::durations(low, high),
        Some((Some(low), None)) => format!("≥ {}", duration(low)),
        Some((None, Some(high))) => format!("≤ {}", duration(high)),
        _ => String::new(),
    }
}

fn difference(summary: &Summary, c: &Contrast) -> Difference {
    let method = methods::known(&c.method);
    Difference {
        sentence: words::contrast(summary, c),
        verdict: words::verdict(c.verdict).to_owned(),
        class: words::class(c.verdict),
        a: c.a.clone(),
        b: c.b.clone(),
        scorer: c.scorer.clone(),
        moved: number::counted(c.gains + c.losses, "case"),
        link: match c.scorer == summary.best.scorer {
            true => link::cases_if(c.gains + c.losses, "flips", &c.a),
            false => String::new(),
        },
        method: method.map_or("", |it| it.name),
        method_title: method.map_or("", |it| it.title),
    }
}
