//! One price table: the one that bakeoff carries, or a file that the user brought.

use super::counts::Counts;
use super::litellm;
use crate::provider::capability::Overlay;
use genai_prices::{Calculator, ErrorKind, PriceRequest, UsageKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The day of the bundled price table: the release of the crate that carries it.
pub const TABLE_DATE: &str = "2026-10-30";

/// The crate that carries it, and that crate's SHA-256 as crates.io states it.
const TABLE_NAME: &str = "genai-prices 0.2.1";
const TABLE_HASH: &str = "08cff5caf0c1f43b75e956f2ad40e40a6261c497847f6f268d811d34cba723e5";

/// The longest price file that is read, bytes.
const LONGEST: usize = 64 << 20;

/// What a price file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// genai-prices' provider data, version 2 (`data.json`, `prices.json`).
    GenaiPrices,
    /// LiteLLM's `model_prices_and_context_window.json`.
    Litellm,
}

impl Format {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Format::GenaiPrices => "genai-prices",
            Format::Litellm => "LiteLLM",
        }
    }
}

/// Which table it is: what a run keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Edition {
    /// The day whose prices it gives, `YYYY-MM-DD`.
    pub date: String,
    /// SHA-256 of the file (of the crate, for the bundled table).
    pub sha256: String,
    /// Where it is from: `genai-prices 0.2.1`, or a file and its format.
    pub name: String,
}

/// Why a price file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    Json(String),
    /// It is some other JSON.
    #[error(
        "it is neither genai-prices' data (a list of providers) nor LiteLLM's model prices (a map of models)"
    )]
    Unknown,
    /// It is one of the two, but broken.
    #[error("{0}")]
    Broken(String),
    /// It is too long.
    #[error("it has more than {} MB", LONGEST >> 20)]
    Long,
    /// The date is none.
    #[error("{0:?} is no date: write YYYY-MM-DD")]
    Date(String),
}

/// A price table, ready to be asked.
#[derive(Debug, Clone)]
pub struct Table {
    /// Which one.
    pub edition: Edition,
    /// The day whose prices are given.
    day: String,
    /// Noon of that day.
    at: SystemTime,
    /// `None` is the bundled one, which is decoded on first use.
    own: Option<Arc<Calculator>>,
    /// What the file says of models beside their prices.
    overlay: Option<Arc<Overlay>>,
}

impl Table {
    /// The table that bakeoff carries.
    pub fn bundled() -> Table {
        Table {
            edition: Edition {
                date: TABLE_DATE.to_owned(),
                sha256: TABLE_HASH.to_owned(),
                name: TABLE_NAME.to_owned(),
            },
            day: TABLE_DATE.to_owned(),
            at: noon(TABLE_DATE).expect("the table's date is one"),
            own: None,
            overlay: None,
        }
    }

    /// The table in a file's bytes; its prices are those of `edition.date`.
    pub fn read(bytes: &[u8], edition: Edition) -> Result<(Table, Format), Unreadable> {
        if bytes.len() > LONGEST {
            return Err(Unreadable::Long);
        }
        let at = noon(&edition.date)?;
        let broken = |error: genai_prices::Error| Unreadable::Broken(error.to_string());
        let (calculator, overlay) = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => {
                let calculator = Calculator::from_json(bytes).map_err(broken)?;
                (calculator, None)
            }
            _ => {
                let file: Value = serde_json::from_slice(bytes)
                    .map_err(|error| Unreadable::Json(error.to_string()))?;
                let models = file.as_object().filter(|models| litellm::is(models));
                let models = models.ok_or(Unreadable::Unknown)?;
                let table = litellm::table(models).to_string();
                let calculator = Calculator::from_json(table).map_err(broken)?;
                (calculator, Some(Overlay::from_litellm(models)))
            }
        };
        let table = Table {
            day: edition.date.clone(),
            edition,
            at,
            own: Some(Arc::new(calculator)),
            overlay: overlay.map(Arc::new),
        };
        let format = match table.overlay {
            Some(_) => Format::Litellm,
            None => Format::GenaiPrices,
        };
        Ok((table, format))
    }

    /// The same table, giving the prices of another day.
    pub fn on(self, date: &str) -> Result<Table, Unreadable> {
        Ok(Table {
            day: date.to_owned(),
            at: noon(date)?,
            ..self
        })
    }

    /// The day whose prices are given.
    pub fn day(&self) -> &str {
        &self.day
    }

    /// `prices:DATE` as a cost names its source; `prices:DATE@DAY` where another day is asked about.
    pub fn source(&self) -> String {
        match &self.edition.date {
            date if *date == self.day => format!("prices:{date}"),
            date => format!("prices:{date}@{}", self.day),
        }
    }

    /// What it says of models beside their prices; only LiteLLM's file says anything.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_deref()
    }

    /// How many models it prices.
    pub fn models(&self) -> usize {
        let providers = self.calculator().providers();
        providers.map(|provider| provider.models().count()).sum()
    }

    /// Its models of one provider (by the id in price data), each with its context window.
    pub fn models_of(&self, provider: &str) -> Vec<(&str, Option<u64>)> {
        let found = self.calculator().providers();
        let found = found.into_iter().find(|known| known.id() == provider);
        let models = found.map(|provider| provider.models());
        let models = models.into_iter().flatten();
        models.map(|it| (it.id(), it.context_window())).collect()
    }

    /// What these counts cost, USD; `None` where the table does not know the model.
    pub(super) fn cost(
        &self,
        provider: &str,
        model: &str,
        counts: Counts,
        tier: Option<&str>,
    ) -> Option<f64> {
        let ask = |counts| self.ask(provider, model, counts, tier);
        match ask(counts) {
            // Counts that the table cannot reconcile: the whole input at the full price.
            Err(problem) if problem.kind() == ErrorKind::InvalidUsage => ask(counts.plain()).ok(),
            answer => answer.ok(),
        }
        .map(|price| price.total_price)
    }

    /// The table's answer: input, output and total, USD.
    pub(super) fn ask(
        &self,
        provider: &str,
        model: &str,
        counts: Counts,
        tier: Option<&str>,
    ) -> genai_prices::Result<genai_prices::PriceCalculation> {
        let mut usage = genai_prices::Usage::from([
            (UsageKey::INPUT_TOKENS, counts.input as f64),
            (UsageKey::OUTPUT_TOKENS, counts.output as f64),
            (UsageKey::CACHE_READ_TOKENS, counts.cached as f64),
            (UsageKey::CACHE_WRITE_TOKENS, counts.written as f64),
            (UsageKey::WEB_SEARCHES, counts.searches as f64),
        ]);
        if counts.hour > 0 {
            let rest = counts.written - counts.hour;
            usage.insert(UsageKey::CACHE_WRITE_1H_TOKENS, counts.hour as f64);
            usage.insert(UsageKey::CACHE_WRITE_5M_TOKENS, rest as f64);
        }
        let mut request = PriceRequest::new(model, &usage)
            .with_provider_id(provider)
            .with_timestamp(self.at);
        if let Some((key, value)) = tier.map(context) {
            request = request.with_price_context(key, value);
        }
        self.calculator().calculate(&request)
    }

    fn calculator(&self) -> &Calculator {
        self.own.as_deref().unwrap_or_else(|| Calculator::bundled())
    }
}

/// How a price table calls the tier that a provider says it billed.
fn context(tier: &str) -> (&'static str, &'static str) {
    let tier = tier.to_ascii_lowercase();
    // Google says `ON_DEMAND_FLEX`; Anthropic marks what came from a batch.
    let known = ["flex", "priority", "ultrafast", "fast", "balanced"];
    match known.into_iter().find(|known| tier.ends_with(known)) {
        Some(known) => ("service_tier", known),
        None if tier == "batch" => ("processing", "batch"),
        None => ("service_tier", "default"),
    }
}

/// Noon (UTC) of a day, so that prices which change with the hour are those of the day.
fn noon(date: &str) -> Result<SystemTime, Unreadable> {
    let day: jiff::civil::Date = date
        .parse()
        .map_err(|_| Unreadable::Date(date.to_owned()))?;
    let noon = day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    let seconds = noon.map(|noon| noon.timestamp().as_second());
    let seconds = seconds.ok().and_then(|seconds| u64::try_from(seconds).ok());
    let seconds = seconds.ok_or_else(|| Unreadable::Date(date.to_owned()))?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_edition_is_that_of_the_crate() {
        let lock = include_str!("../../../Cargo.lock");
        let entry = lock.split("[[package]]");
        let entry = entry
            .into_iter()
            .find(|it| it.contains("name = \"genai-prices\""))
            .unwrap();
        let version = TABLE_NAME.split(' ').next_back().unwrap();
        assert!(
            entry.contains(&format!("version = \"{version}\"")) && entry.contains(TABLE_HASH),
            "another price crate: set TABLE_NAME, TABLE_HASH, and TABLE_DATE to its release:\n{entry}"
        );
    }

    #[test]
    fn tiers_as_providers_spell_them() {
        let tier = |word| context(word);
        assert_eq!(tier("priority"), ("service_tier", "priority"));
        assert_eq!(tier("ON_DEMAND_FLEX"), ("service_tier", "flex"));
        assert_eq!(tier("batch"), ("processing", "batch"));
        assert_eq!(tier("on_demand"), ("service_tier", "default"));
        assert_eq!(tier("standard"), ("service_tier", "default"));
    }

    #[test]
    fn files_that_are_no_table() {
        let read = |text: &str| {
            let edition = Edition {
                date: TABLE_DATE.into(),
                sha256: String::new(),
                name: String::new(),
            };
            Table::read(text.as_bytes(), edition)
                .unwrap_err()
                .to_string()
        };
        assert!(read("not json").starts_with("it is no JSON"));
        assert!(read("{\"a\": 1}").starts_with("it is neither"));
        assert!(read("{}").starts_with("it is neither"));
        assert!(read("[{\"id\": \"x\"}]").contains("api_pattern are required"));
        assert!(Table::bundled().on("yesterday").is_err());
    }
}
