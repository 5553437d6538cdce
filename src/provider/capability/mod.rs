//! What is known of a model: how it reasons, what it takes, how much it holds, how long it lives.
//!
//! The table (`rows.rs` and its neighbours) goes from the general to the special: every row whose
//! pattern fits lays its fields over those before it. What no row states is unknown, which is
//! neither yes nor no. An [`Overlay`] made from another source is laid over the table.

mod claude;
mod effort;
mod gemini;
mod openai;
mod others;
mod overlay;
mod row;

pub use effort::{Effort, Efforts};
pub use overlay::Overlay;
pub use row::bare;
pub(super) use row::begins;

use super::call::Reasoning;
use super::catalog::Provider;
use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use jiff::civil::Date;
use row::Row;
use serde::{Deserialize, Serialize};

/// When a model reasons before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reasons {
    /// It cannot.
    Never,
    /// Only when an effort or a budget is asked for.
    WhenAsked,
    /// Unless it is switched off.
    UnlessOff,
    /// It cannot be switched off.
    Always,
}

/// What becomes of temperature, top_p and their like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// They count.
    Taken,
    /// They are ignored while the model reasons.
    IgnoredWhileReasoning,
    /// They are refused while the model reasons.
    RefusedWhileReasoning,
    /// They are refused.
    Refused,
}

/// What is known of a model; `None` is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// When it reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reasons>,
    /// The reasoning efforts that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efforts: Option<Efforts>,
    /// Whether reasoning can be given a budget of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<bool>,
    /// Whether it can decide itself how much to reason (Anthropic's `adaptive`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<bool>,
    /// What becomes of sampling parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Whether temperature and top_p may be given together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub both_temperature_and_top_p: Option<bool>,
    /// Whether it takes stop sequences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<bool>,
    /// Whether it goes on with an assistant message that ends the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefill: Option<bool>,
    /// Whether it can call tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Whether it can be made to call one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_tools: Option<bool>,
    /// Whether it answers by a JSON Schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<bool>,
    /// Whether it does so while it has tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_with_tools: Option<bool>,
    /// Whether it sees pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// Tokens of input and output together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Most tokens of input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input: Option<u64>,
    /// Most tokens of output, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Whether the name leads to another model from time to time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<bool>,
    /// The day from which on it is no longer served.
    #[serde(skip_serializing_if = "Option::is_none", with = "day")]
    pub deprecated: Option<Date>,
}

/// Nothing is known: what rows start from.
const UNKNOWN: Capabilities = Capabilities {
    reasons: None,
    efforts: None,
    budget: None,
    adaptive: None,
    sampling: None,
    both_temperature_and_top_p: None,
    stop: None,
    prefill: None,
    tools: None,
    forced_tools: None,
    schema: None,
    schema_with_tools: None,
    vision: None,
    context: None,
    max_input: None,
    max_output: None,
    alias: None,
    deprecated: None,
};

/// The tables, from the general to the special.
const TABLES: &[&[Row]] = &[openai::ROWS, claude::ROWS, gemini::ROWS, others::ROWS];

impl Capabilities {
    /// What is known of a model: the table, then the price data's context window, then the overlay.
    /// `provider` is `None` for an endpoint of the user's own, where only the model's name speaks.
    pub fn of(provider: Option<&Provider>, model: &str, overlay: Option<&Overlay>) -> Self {
        let host = provider.map_or("", |provider| provider.name);
        let name = bare(model);
        let rows = TABLES.iter().copied().flatten();
        let mut can = rows
            .filter(|row| row.fits(host, &name))
            .fold(UNKNOWN, |can, row| can.with(&row.can));
        if name.ends_with("-latest") || name.ends_with(":latest") {
            can.alias = Some(true);
        }
        if can.context.is_none() {
            can.context = provider.and_then(|provider| context(provider, model));
        }
        match overlay.and_then(|overlay| overlay.find(provider, model)) {
            Some(over) => can.with(over),
            None => can,
        }
    }

    /// These facts with every one that `over` states replaced by its own.
    #[must_use]
    pub fn with(&self, over: &Capabilities) -> Capabilities {
        Capabilities {
            reasons: over.reasons.or(self.reasons),
            efforts: over.efforts.or(self.efforts),
            budget: over.budget.or(self.budget),
            adaptive: over.adaptive.or(self.adaptive),
            sampling: over.sampling.or(self.sampling),
            both_temperature_and_top_p: over
                .both_temperature_and_top_p
                .or(self.both_temperature_and_top_p),
            stop: over.stop.or(self.stop),
            prefill: over.prefill.or(self.prefill),
            tools: over.tools.or(self.tools),
            forced_tools: over.forced_tools.or(self.forced_tools),
            schema: over.schema.or(self.schema),
            schema_with_tools: over.schema_with_tools.or(self.schema_with_tools),
            vision: over.vision.or(self.vision),
            context: over.context.or(self.context),
            max_input: over.max_input.or(self.max_input),
            max_output: over.max_output.or(self.max_output),
            alias: over.alias.or(self.alias),
            deprecated: over.deprecated.or(self.deprecated),
        }
    }

    /// Whether a call with this wish makes the model reason; `None` if that is not known.
    pub fn reasons_with(&self, wish: Option<&Reasoning>) -> Option<bool> {
        let effort = wish.and_then(|wish| match wish.off {
            true => Some(Effort::None),
            false => Effort::named(wish.effort.as_deref()?),
        });
        self.reasons_at(effort, wish.and_then(|wish| wish.budget_tokens))
    }

    /// Whether this effort or budget makes the model reason; `None` if that is not known.
    pub fn reasons_at(&self, effort: Option<Effort>, budget: Option<u64>) -> Option<bool> {
        Some(match (self.reasons?, effort) {
            (Reasons::Never, _) => false,
            (Reasons::Always, _) => true,
            (_, Some(level)) => level != Effort::None,
            (Reasons::UnlessOff, None) => true,
            (Reasons::WhenAsked, None) => budget.is_some(),
        })
    }
}

/// Every model that the price data lists at a provider.
pub fn models(provider: &Provider) -> impl Iterator<Item = &'static str> {
    let mut hosts = Calculator::bundled().providers();
    let host = hosts.find(|host| provider.prices == Some(host.id()));
    host.into_iter()
        .flat_map(|host| host.models())
        .map(|model| model.id())
}

/// The context window that the price data states.
fn context(provider: &Provider, model: &str) -> Option<u64> {
    let prices = Calculator::bundled();
    let usage = Usage::from([
        (UsageKey::INPUT_TOKENS, 1.0),
        (UsageKey::OUTPUT_TOKENS, 1.0),
    ]);
    let request = PriceRequest::new(model, &usage).with_provider_id(provider.prices?);
    let found = prices.calculate(&request).ok()?;
    let mut hosts = prices.providers();
    let host = hosts.find(|host| host.id() == found.provider_id)?;
    let mut models = host.models();
    models
        .find(|model| model.id() == found.model_id)?
        .context_window()
}

/// A date as `2026-07-23`.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests;
