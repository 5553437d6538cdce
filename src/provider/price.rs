//! What a call costs: as the provider states it, by the suite's own price, or by the price table.
//!
//! An unknown cost is `None` and never 0. Prices are those of the table's own date, so that the
//! same replies cost the same in every run made with one version of bakeoff.

use super::call::Usage;
use super::catalog::Provider;
use super::lenient::{at, count};
pub use crate::project::Price;
use genai_prices::{Calculator, ErrorKind, PriceRequest, UsageKey};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// The day of the bundled price table: the release of the crate that carries it.
pub const TABLE_DATE: &str = "2026-10-30";

/// Noon (UTC) of that day, since 1970.
const TABLE_TIME: Duration = Duration::from_secs(1_793_361_600);

/// What an attempt cost and where the figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// USD.
    pub usd: f64,
    /// `stated`, `suite`, or `prices:DATE`.
    pub source: String,
}

/// The cost of these counts at the suite's own price; `None` where input or output is not stated.
pub fn at_price(price: &Price, usage: &Usage) -> Option<f64> {
    let (input, output) = both(usage)?;
    let cached = usage.cached_input.unwrap_or(0).min(input);
    let written = usage.cache_write.unwrap_or(0).min(input - cached);
    let plain = (input - cached - written) as f64 * price.input;
    let cached = cached as f64 * price.cached_input.unwrap_or(price.input);
    let written = written as f64 * price.cache_write.unwrap_or(price.input);
    Some((plain + cached + written + output as f64 * price.output) / 1e6)
}

/// A price table.
#[derive(Debug, Clone, Copy)]
pub struct Prices {
    at: SystemTime,
}

/// What is to be priced.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// Who serves it; `None` for an endpoint of the user's own.
    pub provider: Option<&'a Provider>,
    /// The model as it was asked for.
    pub asked: &'a str,
    /// The model that answered, which is what is billed.
    pub served: Option<&'a str>,
    /// The tier that was billed.
    pub service_tier: Option<&'a str>,
    /// The counts.
    pub usage: &'a Usage,
    /// What the provider says it cost.
    pub stated: Option<f64>,
    /// The suite's own price.
    pub suite: Option<&'a Price>,
}

impl Prices {
    /// The table that bakeoff carries, read on first use.
    pub fn bundled() -> Self {
        Prices {
            at: SystemTime::UNIX_EPOCH + TABLE_TIME,
        }
    }

    /// `prices:DATE`, as a cost names its source.
    pub fn source(&self) -> String {
        format!("prices:{TABLE_DATE}")
    }

    /// The cost: stated by the provider, else by the suite's price, else by the table.
    pub fn cost(&self, priced: &Priced<'_>) -> Option<Cost> {
        let cost = |usd: f64, source: &str| Cost {
            usd,
            source: source.into(),
        };
        if let Some(usd) = priced.stated {
            return Some(cost(usd, "stated"));
        }
        if let Some(price) = priced.suite {
            return Some(cost(at_price(price, priced.usage)?, "suite"));
        }
        let provider = priced.provider?.prices?;
        let names = priced.served.into_iter().chain([priced.asked]);
        let usd = names
            .into_iter()
            .find_map(|model| self.by_table(provider, model, priced.usage, priced.service_tier))?;
        Some(cost(usd, &self.source()))
    }

    /// USD per million tokens of input and of output, for a plan and for reserving the worst case.
    /// A long prompt may cost more: [`Prices::estimate`] knows the steps.
    pub fn list_price(&self, provider: &Provider, model: &str) -> Option<(f64, f64)> {
        let usage = genai_prices::Usage::from([
            (UsageKey::INPUT_TOKENS, 1000.0),
            (UsageKey::OUTPUT_TOKENS, 1000.0),
        ]);
        let request = PriceRequest::new(model, &usage)
            .with_provider_id(provider.prices?)
            .with_timestamp(self.at);
        let price = Calculator::bundled().calculate(&request).ok()?;
        Some((price.input_price * 1e3, price.output_price * 1e3))
    }

    /// What a call of this many tokens costs at list price, request fees included.
    pub fn estimate(
        &self,
        provider: &Provider,
        model: &str,
        input: u64,
        output: u64,
    ) -> Option<f64> {
        let usage = Usage {
            input: Some(input),
            output: Some(output),
            ..Usage::default()
        };
        self.by_table(provider.prices?, model, &usage, None)
    }

    fn by_table(
        &self,
        provider: &str,
        model: &str,
        usage: &Usage,
        tier: Option<&str>,
    ) -> Option<f64> {
        let (mut input, mut output) = both(usage)?;
        if let Some(billed) = usage
            .raw
            .as_ref()
            .and_then(|raw| at(raw, &["billed_units"]))
        {
            // Cohere counts every token and bills fewer
            input = count(billed, &["input_tokens"])?;
            output = count(billed, &["output_tokens"])?;
        }
        let plain = || {
            genai_prices::Usage::from([
                (UsageKey::INPUT_TOKENS, input as f64),
                (UsageKey::OUTPUT_TOKENS, output as f64),
            ])
        };
        let ask = |counts: &genai_prices::Usage| {
            let mut request = PriceRequest::new(model, counts)
                .with_provider_id(provider)
                .with_timestamp(self.at);
            if let Some(tier) = tier {
                request = request.with_price_context("service_tier", tier);
            }
            Calculator::bundled()
                .calculate(&request)
                .map(|price| price.total_price)
        };
        let mut counts = plain();
        let cached = usage.cached_input.unwrap_or(0).min(input);
        let written = usage.cache_write.unwrap_or(0).min(input - cached);
        counts.insert(UsageKey::CACHE_READ_TOKENS, cached as f64);
        counts.insert(UsageKey::CACHE_WRITE_TOKENS, written as f64);
        if let Some(raw) = &usage.raw {
            // Anthropic bills writes that live for an hour at twice the price of input
            let hour = count(raw, &["cache_creation", "ephemeral_1h_input_tokens"]);
            if let Some(hour) = hour.filter(|hour| *hour <= written) {
                counts.insert(UsageKey::CACHE_WRITE_1H_TOKENS, hour as f64);
                counts.insert(UsageKey::CACHE_WRITE_5M_TOKENS, (written - hour) as f64);
            }
            if let Some(searches) = count(raw, &["server_tool_use", "web_search_requests"]) {
                counts.insert(UsageKey::WEB_SEARCHES, searches as f64);
            }
        }
        match ask(&counts) {
            // counts that the table cannot reconcile: the whole input at the full price
            Err(problem) if problem.kind() == ErrorKind::InvalidUsage => ask(&plain()).ok(),
            answer => answer.ok(),
        }
    }
}

/// Input and output, if the cost can be known from them. A prompt that was blocked has no output:
/// Google then states the input as the total and leaves the output out.
fn both(usage: &Usage) -> Option<(u64, u64)> {
    let input = usage.input?;
    let nothing_else = || {
        let total = count(usage.raw.as_ref()?, &["totalTokenCount"])?;
        (total == input).then_some(0)
    };
    Some((input, usage.output.or_else(nothing_else)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::catalog::provider;
    use serde_json::json;

    fn usage(input: u64, output: u64) -> Usage {
        Usage {
            input: Some(input),
            output: Some(output),
            ..Usage::default()
        }
    }

    fn price(input: f64, output: f64) -> Price {
        Price {
            input,
            output,
            cached_input: None,
            cache_write: None,
        }
    }

    fn priced<'a>(name: &str, asked: &'a str, usage: &'a Usage) -> Priced<'a> {
        Priced {
            provider: provider(name),
            asked,
            served: None,
            service_tier: None,
            usage,
            stated: None,
            suite: None,
        }
    }

    fn near(cost: Option<Cost>, usd: f64) {
        let cost = cost.expect("a known price");
        assert!((cost.usd - usd).abs() < 1e-9, "{cost:?} against {usd}");
    }

    #[test]
    fn stated_then_suite_then_table() {
        let prices = Prices::bundled();
        let usage = usage(1000, 100);
        let mut asked = priced("openai", "gpt-4o", &usage);
        near(prices.cost(&asked), 0.0035);
        assert_eq!(prices.cost(&asked).unwrap().source, "prices:2026-10-30");
        let own = price(1.0, 2.0);
        asked.suite = Some(&own);
        near(prices.cost(&asked), 0.0012);
        asked.stated = Some(0.5);
        assert_eq!(prices.cost(&asked).unwrap().source, "stated");
    }

    #[test]
    fn unknown_is_none() {
        let prices = Prices::bundled();
        let usage = usage(1000, 100);
        assert_eq!(
            prices.cost(&priced("openai", "no-such-model", &usage)),
            None
        );
        assert_eq!(prices.cost(&priced("ollama", "llama3", &usage)), None);
        assert_eq!(
            prices.cost(&priced("openai", "gpt-4o", &Usage::default())),
            None
        );
        let free = price(0.0, 0.0);
        let nothing = Priced {
            suite: Some(&free),
            ..priced("ollama", "llama3", &usage)
        };
        assert_eq!(prices.cost(&nothing).unwrap().usd, 0.0);
    }

    #[test]
    fn served_model_and_tier_count() {
        let prices = Prices::bundled();
        let usage = usage(1000, 100);
        let mut asked = priced("openai", "my-alias", &usage);
        asked.served = Some("gpt-4o-2024-08-06");
        near(prices.cost(&asked), 0.0035);
        asked.service_tier = Some("priority");
        near(prices.cost(&asked), 0.00595);
        asked.served = Some("fine-tuned");
        asked.asked = "gpt-4o";
        asked.service_tier = None;
        near(prices.cost(&asked), 0.0035);
    }

    #[test]
    fn caches_have_prices_of_their_own() {
        let prices = Prices::bundled();
        let claude = Usage {
            cached_input: Some(200),
            cache_write: Some(300),
            raw: Some(json!({"cache_creation": {"ephemeral_1h_input_tokens": 100}})),
            ..usage(1000, 100)
        };
        let usd = (500.0 * 3.0 + 200.0 * 0.3 + 200.0 * 3.75 + 100.0 * 6.0 + 100.0 * 15.0) / 1e6;
        near(
            prices.cost(&priced("anthropic", "claude-3-5-sonnet-20241022", &claude)),
            usd,
        );
        let odd = Usage {
            cached_input: Some(5000),
            ..usage(1000, 100)
        };
        near(
            prices.cost(&priced("openai", "gpt-4o", &odd)),
            (1000.0 * 1.25 + 100.0 * 10.0) / 1e6,
        );
        let own = Price {
            input: 10.0,
            output: 0.0,
            cached_input: Some(1.0),
            cache_write: Some(20.0),
        };
        assert_eq!(
            at_price(&own, &claude),
            Some((500.0 * 10.0 + 200.0 + 300.0 * 20.0) / 1e6)
        );
    }

    #[test]
    fn a_blocked_prompt_costs_its_input() {
        let usage = Usage {
            input: Some(1000),
            raw: Some(json!({"promptTokenCount": 1000, "totalTokenCount": 1000})),
            ..Usage::default()
        };
        near(
            Prices::bundled().cost(&priced("gemini", "gemini-2.5-flash", &usage)),
            0.0003,
        );
    }

    #[test]
    fn list_prices() {
        let prices = Prices::bundled();
        let (input, output) = prices
            .list_price(provider("openai").unwrap(), "gpt-4o")
            .unwrap();
        assert!((input - 2.5).abs() < 1e-9 && (output - 10.0).abs() < 1e-9);
        let long = prices.estimate(provider("gemini").unwrap(), "gemini-1.5-pro", 200_000, 0);
        assert!(
            (long.unwrap() - 0.5).abs() < 1e-9,
            "the higher step counts for the whole prompt"
        );
    }

    #[test]
    fn the_tables_date_is_that_of_the_crate() {
        let lock = include_str!("../../Cargo.lock");
        assert!(
            lock.contains("name = \"genai-prices\"\nversion = \"0.2.1\""),
            "another price crate: set TABLE_DATE and TABLE_TIME to its release"
        );
        let day = TABLE_TIME.as_secs() / 86400;
        let date = jiff::Timestamp::from_second((day * 86400) as i64).unwrap();
        assert!(date.to_string().starts_with(TABLE_DATE));
    }
}
