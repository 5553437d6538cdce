//! Counters of what was served, as Prometheus reads them (text format 0.0.4).

use crate::store::{End, Served};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

/// Upper bounds of the times' buckets, seconds.
const BOUNDS: [f64; 12] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];

/// What was counted so far.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By name, client, dialect and status.
    requests: BTreeMap<(String, String, String, u16), u64>,
    /// By name and word.
    troubles: BTreeMap<(String, String), u64>,
    /// By provider's model and how it went.
    attempts: BTreeMap<(String, String), u64>,
    /// By name and kind.
    tokens: BTreeMap<(String, &'static str), u64>,
    /// By name and client, USD; with how many requests' cost is unknown.
    cost: BTreeMap<(String, String), (f64, u64)>,
    /// By name.
    whole: BTreeMap<String, Times>,
    first: BTreeMap<String, Times>,
}

#[derive(Default)]
struct Times {
    buckets: [u64; BOUNDS.len()],
    sum: f64,
    count: u64,
}

impl Times {
    fn add(&mut self, ms: f64) {
        let seconds = ms / 1e3;
        for (bucket, bound) in self.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
        self.sum += seconds;
        self.count += 1;
    }
}

impl Metrics {
    /// Counts a request that is over.
    pub(super) fn add(&self, served: &Served, end: &End) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = &served.model;
        let client = served.client.clone().unwrap_or_default();
        let key = (name.clone(), client.clone(), end.api.clone(), end.status);
        *counts.requests.entry(key).or_default() += 1;
        if let Some(word) = &end.trouble {
            *counts
                .troubles
                .entry((name.clone(), word.clone()))
                .or_default() += 1;
        }
        for tried in &end.attempts {
            let word = tried.failure.map_or("ok", |kind| kind.name());
            let key = (tried.model.clone(), word.to_owned());
            *counts.attempts.entry(key).or_default() += 1;
        }
        if let Some(usage) = &end.usage {
            for (kind, tokens) in [
                ("input", usage.input),
                ("output", usage.output),
                ("cached_input", usage.cached_input),
            ] {
                if let Some(tokens) = tokens {
                    *counts.tokens.entry((name.clone(), kind)).or_default() += tokens;
                }
            }
        }
        let cost = counts.cost.entry((name.clone(), client)).or_default();
        match end.cost_usd {
            Some(usd) => cost.0 += usd,
            None => cost.1 += 1,
        }
        counts
            .whole
            .entry(name.clone())
            .or_default()
            .add(end.total_ms);
        if let Some(ms) = end.first_ms {
            counts.first.entry(name.clone()).or_default().add(ms);
        }
    }

    /// Counts a request that was refused before it had a name.
    pub(super) fn refuse(&self, word: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (String::new(), word.to_owned());
        *counts.troubles.entry(key).or_default() += 1;
    }

    /// The page.
    pub(super) fn page(&self, in_flight: usize) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = Page::default();
        page.head(
            "requests_total",
            "counter",
            "Requests that were answered or failed.",
        );
        for ((model, client, api, status), n) in &counts.requests {
            let status = status.to_string();
            let labels = [
                ("model", &**model),
                ("client", client),
                ("api", api),
                ("status", &status),
            ];
            page.line("requests_total", &labels, *n as f64);
        }
        page.head(
            "troubles_total",
            "counter",
            "Requests without an answer, by reason.",
        );
        for ((model, word), n) in &counts.troubles {
            page.line(
                "troubles_total",
                &[("model", model), ("reason", word)],
                *n as f64,
            );
        }
        page.head(
            "attempts_total",
            "counter",
            "Requests to providers, by how they went.",
        );
        for ((model, word), n) in &counts.attempts {
            page.line(
                "attempts_total",
                &[("target", model), ("result", word)],
                *n as f64,
            );
        }
        page.head(
            "tokens_total",
            "counter",
            "Tokens of replies, as providers state them.",
        );
        for ((model, kind), n) in &counts.tokens {
            page.line(
                "tokens_total",
                &[("model", model), ("kind", kind)],
                *n as f64,
            );
        }
        page.head(
            "cost_usd_total",
            "counter",
            "What requests cost, as far as it is known.",
        );
        for ((model, client), (usd, _)) in &counts.cost {
            page.line(
                "cost_usd_total",
                &[("model", model), ("client", client)],
                *usd,
            );
        }
        page.head(
            "cost_unknown_total",
            "counter",
            "Requests whose cost is not known.",
        );
        for ((model, client), (_, n)) in &counts.cost {
            page.line(
                "cost_unknown_total",
                &[("model", model), ("client", client)],
                *n as f64,
            );
        }
        page.times("request_seconds", "Time of a request.", &counts.whole);
        page.times(
            "first_piece_seconds",
            "Time to a stream's first piece.",
            &counts.first,
        );
        page.head("in_flight", "gauge", "Requests under way.");
        page.line("in_flight", &[], in_flight as f64);
        page.0
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(
            self.0,
            "# HELP bakeoff_{name} {help}\n# TYPE bakeoff_{name} {kind}"
        );
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let shown = labels.iter().map(|(name, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        });
        let shown = shown.collect::<Vec<_>>().join(",");
        let _ = match shown.is_empty() {
            true => writeln!(self.0, "bakeoff_{name} {value}"),
            false => writeln!(self.0, "bakeoff_{name}{{{shown}}} {value}"),
        };
    }

    fn times(&mut self, name: &str, help: &str, by_model: &BTreeMap<String, Times>) {
        self.head(name, "histogram", help);
        for (model, times) in by_model {
            let bucket = format!("{name}_bucket");
            for (bound, n) in BOUNDS.iter().zip(times.buckets) {
                let bound = bound.to_string();
                self.line(&bucket, &[("model", model), ("le", &bound)], n as f64);
            }
            self.line(
                &bucket,
                &[("model", model), ("le", "+Inf")],
                times.count as f64,
            );
            self.line(&format!("{name}_sum"), &[("model", model)], times.sum);
            self.line(
                &format!("{name}_count"),
                &[("model", model)],
                times.count as f64,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_counts_and_escapes() {
        let metrics = Metrics::default();
        let served = Served {
            model: "a\"b\\c\nd".into(),
            ..Served::default()
        };
        let end = End {
            api: "openai-chat".into(),
            status: 200,
            total_ms: 300.0,
            cost_usd: Some(0.25),
            ..End::default()
        };
        metrics.add(&served, &end);
        metrics.add(&served, &end);
        let page = metrics.page(3);
        let label = r#"model="a\"b\\c\nd""#;
        for line in [
            format!(
                "bakeoff_requests_total{{{label},client=\"\",api=\"openai-chat\",status=\"200\"}} 2"
            ),
            format!("bakeoff_request_seconds_bucket{{{label},le=\"0.25\"}} 0"),
            format!("bakeoff_request_seconds_bucket{{{label},le=\"0.5\"}} 2"),
            format!("bakeoff_cost_usd_total{{{label},client=\"\"}} 0.5"),
            "bakeoff_in_flight 3".to_owned(),
        ] {
            assert!(page.lines().any(|known| known == line), "{line}\n{page}");
        }
    }
}
