//! Parameters, tools and output schemas of a call, as suites and prompts state them.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Sampling and other parameters of a call; `None` is "not sent".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct Params {
    /// Those written as null: not sent, whatever the suite or the prompt says.
    #[serde(skip)]
    pub unset: BTreeSet<String>,
    /// Sampling temperature; 0 is the most repeatable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Sample from the k likeliest tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u64>,
    /// Most tokens of output, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Texts that end the output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Seed of the provider's sampling, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Presence penalty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// Frequency penalty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// How many choices to ask for; only the first is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Log probabilities of the k likeliest tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u64>,
    /// The end user's id, for the provider's abuse checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The provider's service tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// How much to reason before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// Any JSON object as the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub response_json: bool,
    /// An answer by this JSON Schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_schema: Option<ResponseSchema>,
    /// Raw fields of the wire format, merged into the body last.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// Reasoning effort: one of the three fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reasoning {
    /// `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// At most this many tokens of reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u64>,
    /// Reasoning switched off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// A JSON Schema that the answer must follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseSchema {
    /// The schema's name; some providers want one.
    pub name: String,
    /// The JSON Schema.
    pub schema: Value,
    /// Whether the provider is to enforce it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of the arguments.
    pub parameters: Value,
    /// Whether the provider is to enforce the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// Whether, and which, tool is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// No tool.
    None,
    /// Some tool.
    Required,
    /// This tool: `{name: …}`.
    #[serde(rename = "name")]
    Named(String),
}

impl Params {
    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Params::default()
    }
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Params::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields: Map<String, Value> = Deserialize::deserialize(from)?;
        let nulls = fields.iter().filter(|(_, value)| value.is_null());
        let unset = nulls.map(|(name, _)| name.clone()).collect();
        let params = Params::deserialize(Value::Object(fields));
        let params = params.map_err(serde::de::Error::custom)?;
        Ok(Params { unset, ..params })
    }
}

impl Params {
    /// These parameters with every one that `over` sets replaced by its own, and without those that
    /// it sets to null; `extra` is joined.
    #[must_use]
    pub fn with(&self, over: &Params) -> Params {
        let set = |params: &Params| match serde_json::to_value(params) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let mut fields = set(self);
        let mut extra = self.extra.clone();
        extra.extend(over.extra.clone());
        fields.retain(|name, _| !over.unset.contains(name));
        let own = set(over);
        let mut unset = self.unset.clone();
        unset.retain(|name| !own.contains_key(name));
        unset.extend(over.unset.iter().cloned());
        fields.extend(own);
        let merged = serde_json::from_value::<Params>(Value::Object(fields));
        let merged = merged.expect("its fields come from the same type");
        Params {
            extra,
            unset,
            ..merged
        }
    }
}
