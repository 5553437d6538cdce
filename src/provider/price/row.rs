//! A model's row of a price table, read by asking: what is shown is what is billed.
//!
//! The table answers only "what do these counts cost?". So each price is the cost of one kind of
//! token alone, and the steps for long prompts are found by halving the range in which the answer
//! changes.

use super::counts::Counts;
use super::table::Table;
use super::{ListPrice, Prices, Rates};
use crate::provider::catalog::{PROVIDERS, Provider};
use serde::Serialize;

/// The longest prompt that is looked at for a step, tokens.
const LONGEST: u64 = 1 << 25;

/// The ways of serving that tables know.
const SERVED: &[&str] = &["batch", "flex", "priority", "fast", "ultrafast", "balanced"];

/// The prices of one model, USD per million tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// `provider/name`.
    pub model: String,
    /// Tokens of the context window, where the table has them.
    pub context_window: Option<u64>,
    /// The usual prices.
    #[serde(flatten)]
    pub rates: Rates,
    /// A fee for each request, USD.
    pub per_request: f64,
    /// Prices for long prompts, which hold for the whole request.
    pub tiers: Vec<Step>,
    /// Prices of other ways of being served.
    pub variants: Vec<Variant>,
    /// Date of the table that has them.
    pub table: String,
}

/// Prices above a length of prompt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// For prompts of more input tokens than this.
    pub above: u64,
    /// The prices.
    #[serde(flatten)]
    pub rates: Rates,
}

/// Prices of another way of being served.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variant {
    /// `batch`, `flex`, `priority` …
    pub name: &'static str,
    /// The prices.
    #[serde(flatten)]
    pub rates: Rates,
    /// Its prices for long prompts.
    pub tiers: Vec<Step>,
}

/// One model at one way of being served, to be asked.
struct Probe<'a> {
    table: &'a Table,
    provider: &'a str,
    model: &'a str,
    tier: Option<&'a str>,
}

impl Probe<'_> {
    fn ask(&self, counts: Counts) -> Option<(f64, f64)> {
        let answer = self.table.ask(self.provider, self.model, counts, self.tier);
        let answer = answer.ok()?;
        Some((answer.input_price, answer.output_price))
    }

    /// The prices of a prompt of so many tokens.
    fn rates(&self, prompt: u64) -> Option<Rates> {
        let prompt_of = |cached, written, hour| Counts {
            input: prompt,
            output: 0,
            cached,
            written,
            hour,
            searches: 0,
        };
        let million = |usd: f64, tokens: u64| (usd / tokens as f64 * 1e15).round() / 1e9;
        let input = million(self.ask(prompt_of(0, 0, 0))?.0, prompt);
        let output = Counts {
            output: 1000,
            ..prompt_of(0, 0, 0)
        };
        let other = |counts: Counts, usual: f64| {
            let price = million(self.ask(counts)?.0, prompt);
            (price != usual).then_some(price)
        };
        let cache_write = other(prompt_of(0, prompt, 0), input);
        let hour = prompt_of(0, prompt, prompt);
        Some(Rates {
            input,
            cached_input: other(prompt_of(prompt, 0, 0), input),
            cache_write,
            cache_write_1h: other(hour, cache_write.unwrap_or(input)),
            output: million(self.ask(output)?.1, 1000),
        })
    }

    /// Where the prices change with the prompt's length.
    fn steps(&self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        let (mut at, mut rates) = (1, self.rates(1)?);
        let longest = self.rates(LONGEST)?;
        while rates != longest {
            let (mut same, mut other) = (at, LONGEST);
            while other - same > 1 {
                let middle = same + (other - same) / 2;
                match self.rates(middle)? == rates {
                    true => same = middle,
                    false => other = middle,
                }
            }
            (at, rates) = (other, self.rates(other)?);
            steps.push(Step { above: same, rates });
        }
        Some(steps)
    }
}

impl Table {
    /// The list price of a short prompt.
    pub(super) fn list_price(&self, provider: &str, model: &str) -> Option<ListPrice> {
        let probe = Probe {
            table: self,
            provider,
            model,
            tier: None,
        };
        let rates = probe.rates(1)?;
        let fee = self.ask(provider, model, Counts::default(), None).ok()?;
        Some(ListPrice {
            rates,
            per_request: fee.total_price,
        })
    }

    fn row(&self, provider: &Provider, model: &str, window: Option<u64>) -> Option<Row> {
        let id = provider.prices?;
        let usual = self.list_price(id, model)?;
        let probe = |tier| Probe {
            table: self,
            provider: id,
            model,
            tier,
        };
        let tiers = probe(None).steps()?;
        let variant = |name: &'static str| {
            let probe = probe(Some(name));
            let (rates, own) = (probe.rates(1)?, probe.steps()?);
            (rates != usual.rates || own != tiers).then_some(Variant {
                name,
                rates,
                tiers: own,
            })
        };
        Some(Row {
            model: format!("{}/{model}", provider.name),
            context_window: window,
            rates: usual.rates,
            per_request: usual.per_request,
            variants: SERVED.iter().filter_map(|name| variant(name)).collect(),
            tiers,
            table: self.edition.date.clone(),
        })
    }
}

impl Prices {
    /// The row of one model, from the first table that knows it.
    pub fn row(&self, provider: &Provider, model: &str) -> Option<Row> {
        self.tables.iter().find_map(|table| {
            let known = table.models_of(provider.prices?);
            let window = known.iter().find(|(id, _)| id.eq_ignore_ascii_case(model));
            table.row(provider, model, window.and_then(|(_, window)| *window))
        })
    }

    /// The rows of all models of known providers whose `provider/name` is wanted, by name.
    pub fn rows(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for provider in PROVIDERS {
            let Some(id) = provider.prices else { continue };
            for table in &self.tables {
                for (model, window) in table.models_of(id) {
                    let name = format!("{}/{model}", provider.name);
                    let known = rows.iter().any(|row| row.model == name);
                    if !known && wanted(&name) {
                        rows.extend(table.row(provider, model, window));
                    }
                }
            }
        }
        rows.sort_by(|a, b| a.model.cmp(&b.model));
        rows
    }
}
