//! Limits of a run: money, traffic, time, failures.

use super::units::{Period, Share};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Limits of a run.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most USD that the run may cost.
    #[schemars(range(min = 0.0))]
    pub max_cost: Option<f64>,
    /// Most requests in flight over the whole run.
    #[schemars(range(min = 1, max = 10_000))]
    pub concurrency: Option<u32>,
    /// Longest time of one attempt.
    pub timeout: Period,
    /// Longest time to connect.
    pub connect: Option<Period>,
    /// Longest time from sent to the first byte.
    pub first_byte: Option<Period>,
    /// Longest silence between two pieces of a reply.
    pub idle: Option<Period>,
    /// Most attempts for one trial.
    #[schemars(range(min = 1, max = 100))]
    pub attempts: u32,
    /// The share of a candidate's trials that may fail before the run counts as incomplete.
    pub max_failed: Share,
    /// Caps for one provider: `openai: {rpm: 500}`.
    pub lanes: BTreeMap<String, Lane>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_cost: None,
            concurrency: None,
            timeout: Period::seconds(120),
            connect: None,
            first_byte: None,
            idle: None,
            attempts: 4,
            max_failed: Share(0.02),
            lanes: BTreeMap::new(),
        }
    }
}

/// Caps for one provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lane {
    /// Most requests in flight.
    #[schemars(range(min = 1))]
    pub concurrency: Option<u32>,
    /// Most requests a minute.
    #[schemars(range(min = 1))]
    pub rpm: Option<u32>,
    /// Most tokens a minute, input and output.
    #[schemars(range(min = 1))]
    pub tpm: Option<u64>,
}
