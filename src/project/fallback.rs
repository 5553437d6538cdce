//! A chain of models as the suite writes it: who is asked next when a model gives no answer.

use super::{Key, ModelMap, Params, Price, PromptSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Models asked one after the other, as one candidate.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainMap {
    /// What to call it in reports; by default its models with arrows between.
    #[serde(default)]
    pub name: Option<String>,
    /// The first model, where `fallback` lists only those after it.
    #[serde(default)]
    pub model: Option<String>,
    /// The models in their order, at most eight: `provider/name`, the name of a model of this suite, or a map.
    #[schemars(length(min = 1, max = 8))]
    pub fallback: Vec<HopSpec>,
    /// Parameters of all its calls, over the suite's and the prompt's; a hop's own go first.
    #[serde(default)]
    pub params: Params,
    /// A prompt of its own instead of the suite's.
    #[serde(default)]
    pub prompt: Option<PromptSpec>,
}

impl ChainMap {
    /// Its models in the order of asking.
    pub fn hops(&self) -> Vec<HopMap> {
        let first = self.model.iter().map(|model| HopMap {
            model: model.clone(),
            ..HopMap::default()
        });
        first
            .chain(self.fallback.iter().map(HopSpec::options))
            .collect()
    }

    /// What it is called.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let models: Vec<String> = self.hops().into_iter().map(|hop| hop.model).collect();
            models.join(" → ")
        })
    }
}

/// One model of a chain: its name, or a map with `model` and what is special about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HopSpec {
    /// `provider/name`, or the name of a model of this suite.
    Name(String),
    /// The same with options.
    Map(Box<HopMap>),
}

impl HopSpec {
    /// The long form.
    pub fn options(&self) -> HopMap {
        match self {
            HopSpec::Map(map) => (**map).clone(),
            HopSpec::Name(model) => HopMap {
                model: model.clone(),
                ..HopMap::default()
            },
        }
    }
}

/// One model of a chain with options.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HopMap {
    /// `provider/name`, or the name of a model of this suite; with `api` and `base_url`, the name that the server knows.
    pub model: String,
    /// What leads from an earlier hop to this one, a word or a list of words: kinds of failure, `any` of
    /// them, or `refusal`, `cut`, `empty` for answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    /// Most attempts at this hop; by default as `limits.attempts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub attempts: Option<u32>,
    /// The wire format (`openai-chat`, `anthropic`, …), for a server that is no known provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// Where the server is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Where the key comes from: the name of an environment variable, or `{file: …}`, `{command: […]}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Its price, USD per million tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Parameters of this hop's calls, over the chain's.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
}

impl HopMap {
    /// The model that is meant. `listed` is the suite's own model of this name, whose settings count
    /// where the hop has none.
    pub fn model(&self, listed: Option<&ModelMap>) -> ModelMap {
        let mut model = listed.cloned().unwrap_or_else(|| ModelMap {
            model: self.model.clone(),
            ..ModelMap::default()
        });
        model.api = self.api.clone().or(model.api);
        model.base_url = self.base_url.clone().or(model.base_url);
        model.key = self.key.clone().or(model.key);
        model.price = self.price.clone().or(model.price);
        model.params = model.params.with(&self.params);
        model
    }
}

/// What leads to a hop: one word, or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum On {
    /// One.
    One(Trigger),
    /// Any of these.
    Several(#[schemars(length(min = 1))] Vec<Trigger>),
}

impl On {
    /// All of them.
    pub fn words(&self) -> Vec<Trigger> {
        match self {
            On::One(word) => vec![*word],
            On::Several(words) => words.clone(),
        }
    }
}

/// Something that leads from one hop of a chain to a later one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Every kind of failure; no answer.
    Any,
    /// The key is missing, wrong or not allowed.
    Auth,
    /// No such model or address.
    NotFound,
    /// Out of money or over a long-term quota.
    Quota,
    /// Too many requests.
    RateLimit,
    /// The provider has no capacity.
    Overloaded,
    /// The provider broke.
    Server,
    /// Too slow.
    Timeout,
    /// The connection broke, or what came is no reply.
    Transport,
    /// The prompt is too long for the model.
    ContextLength,
    /// The provider's filter refused the request.
    ContentFilter,
    /// The request itself is wrong.
    InvalidRequest,
    /// The model called a tool in a way the provider could not read.
    ToolUseFailed,
    /// The model's output was malformed and the provider threw it away.
    Malformed,
    /// An answer that is a refusal, or that a filter stopped.
    Refusal,
    /// An answer cut by the token limit.
    Cut,
    /// An answer without text or tool call.
    Empty,
}

impl Trigger {
    /// The word in a suite: `rate_limit`.
    pub fn name(self) -> &'static str {
        match self {
            Trigger::Any => "any",
            Trigger::Auth => "auth",
            Trigger::NotFound => "not_found",
            Trigger::Quota => "quota",
            Trigger::RateLimit => "rate_limit",
            Trigger::Overloaded => "overloaded",
            Trigger::Server => "server",
            Trigger::Timeout => "timeout",
            Trigger::Transport => "transport",
            Trigger::ContextLength => "context_length",
            Trigger::ContentFilter => "content_filter",
            Trigger::InvalidRequest => "invalid_request",
            Trigger::ToolUseFailed => "tool_use_failed",
            Trigger::Malformed => "malformed",
            Trigger::Refusal => "refusal",
            Trigger::Cut => "cut",
            Trigger::Empty => "empty",
        }
    }
}
