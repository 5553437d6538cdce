//! How `bakeoff serve` serves: who may ask, how much, under which names, and what is kept of it.

use super::units::Share;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How `bakeoff serve` serves the suite's models.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// Clients and the hashes of their keys. Where there are none, everyone on this machine may ask.
    pub keys: Vec<Client>,
    /// Names under which the server is reached, beside this machine's own.
    pub hosts: Vec<String>,
    /// Other names for models: `gpt-4o: safe` answers requests for gpt-4o with the model called safe.
    pub names: BTreeMap<String, String>,
    /// Most requests to providers in flight; as many again may wait.
    #[schemars(range(min = 1, max = 10_000))]
    pub concurrency: Option<u32>,
    /// Most USD that all clients together may spend.
    #[schemars(range(min = 0.0))]
    pub max_cost: Option<f64>,
    /// In which time; by default ever.
    pub per: Option<Window>,
    /// What is kept of requests and replies, to make a dataset of them; by default nothing.
    pub keep: Option<Keep>,
}

/// A client and its limits.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// What the log and the metrics call it.
    pub name: String,
    /// `sha256:` and the hash of its key in hex, as `bakeoff serve key NAME` prints it.
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub hash: String,
    /// The names that it may ask; by default all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Most requests in any minute.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rpm: Option<u32>,
    /// Most requests at once.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub concurrency: Option<u32>,
    /// Most USD that it may spend.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub max_cost: Option<f64>,
    /// In which time; by default ever.
    #[serde(default)]
    pub per: Option<Window>,
}

/// The time that a spending cap counts over; it begins anew at midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
}

/// What is kept of requests and replies.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The share of requests whose content is kept: `0.1` or `10%`.
    pub share: Share,
    /// Regular expressions of what is blanked, beside e-mail addresses, long numbers and keys.
    #[serde(default)]
    pub redact: Vec<String>,
}
