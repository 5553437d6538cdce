//! A price of the suite's own: what a table cannot know, or has wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// USD per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Input tokens.
    #[schemars(range(min = 0.0))]
    pub input: f64,
    /// Output tokens, reasoning included.
    #[schemars(range(min = 0.0))]
    pub output: f64,
    /// Input tokens read from a cache; by default as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cached_input: Option<f64>,
    /// Input tokens written to a cache; by default as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cache_write: Option<f64>,
    /// Input tokens written to a cache for an hour; by default as `cache_write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cache_write_1h: Option<f64>,
    /// A fee for each request, USD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub per_request: Option<f64>,
    /// Other prices for long prompts: above so many input tokens they hold for the whole request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
}

/// USD per million tokens of a request with a long prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceTier {
    /// For prompts of more input tokens than this.
    pub above: u64,
    /// Input tokens.
    #[schemars(range(min = 0.0))]
    pub input: f64,
    /// Output tokens, reasoning included.
    #[schemars(range(min = 0.0))]
    pub output: f64,
    /// Input tokens read from a cache; by default as the tier's `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cached_input: Option<f64>,
    /// Input tokens written to a cache; by default as the tier's `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cache_write: Option<f64>,
    /// Input tokens written to a cache for an hour; by default as the tier's `cache_write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub cache_write_1h: Option<f64>,
}
