//! A model as the suite names it.

use super::{ChainMap, Params, Price, PromptSpec};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A model: `provider/name`, or a map with `model` and what is special about it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ModelSpec {
    /// `provider/name`, or a well-known bare name.
    Name(String),
    /// The same with options.
    Map(Box<ModelMap>),
    /// Several models, each asked when those before it gave no answer.
    Chain(Box<ChainMap>),
}

impl ModelSpec {
    /// The long form, with nothing but the model where the short one was written. Of a chain it is
    /// what holds for all of it, with its models' names for a model.
    pub fn options(&self) -> ModelMap {
        match self {
            ModelSpec::Map(map) => (**map).clone(),
            ModelSpec::Chain(chain) => ModelMap {
                model: chain.label(),
                name: chain.name.clone(),
                params: chain.params.clone(),
                prompt: chain.prompt.clone(),
                ..ModelMap::default()
            },
            ModelSpec::Name(model) => ModelMap {
                model: model.clone(),
                ..ModelMap::default()
            },
        }
    }

    /// The chain, if it is one.
    pub fn chain(&self) -> Option<&ChainMap> {
        match self {
            ModelSpec::Chain(chain) => Some(chain),
            _ => None,
        }
    }
}

/// A model with options.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelMap {
    /// `provider/name`; with `api` and `base_url`, the name that the server knows.
    pub model: String,
    /// What to call it in reports.
    #[serde(default)]
    pub name: Option<String>,
    /// The wire format (`openai-chat`, `anthropic`, …), for a server that is no known provider.
    #[serde(default)]
    pub api: Option<String>,
    /// Where the server is.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Where the key comes from: the name of an environment variable, or `{file: …}`, `{command: […]}`.
    #[serde(default)]
    pub key: Option<Key>,
    /// Its price, USD per million tokens.
    #[serde(default)]
    pub price: Option<Price>,
    /// Parameters of this model's calls, over the suite's and the prompt's.
    #[serde(default)]
    pub params: Params,
    /// A prompt of its own instead of the suite's.
    #[serde(default)]
    pub prompt: Option<PromptSpec>,
}

/// Where a key comes from; never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Key {
    /// The environment variable of this name.
    Variable(#[schemars(schema_with = "variable")] String),
    /// Somewhere else.
    From(KeySource),
}

/// Marked as a secret, so that a key written here by mistake is not shown in the message about it.
fn variable(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string", "title": "name of an environment variable", "writeOnly": true,
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "examples": ["MY_API_KEY"],
    })
}

/// A place that holds a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeySource {
    /// The environment variable of this name.
    Env(#[schemars(schema_with = "variable")] String),
    /// The first line of this file.
    File(String),
    /// The first line that this program prints; needs `--allow-exec`.
    Command(Vec<String>),
}
