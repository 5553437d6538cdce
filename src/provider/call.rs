//! The neutral call and reply: what every provider can be asked, and all that one can answer.

pub use crate::project::{Params, Reasoning, ResponseSchema, Tool, ToolChoice};
use crate::prompt::{Message, Part, Role, ToolCall};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// One request to one model, in no provider's spelling.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Call {
    /// The model's name as its API spells it (`gpt-4o`, not `openai/gpt-4o`).
    pub model: String,
    /// The conversation; system messages stand in it.
    pub messages: Vec<Message>,
    /// Tools the model may call.
    pub tools: Vec<Tool>,
    /// Which of them.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several calls at once are allowed.
    pub parallel_tool_calls: Option<bool>,
    /// Everything else.
    pub params: Params,
    /// Ask for the reply in pieces, so that the first token's time is known.
    pub stream: bool,
}

/// Why the model stopped, normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    Stop,
    /// The token limit cut it.
    Length,
    /// It wants tools called.
    ToolCalls,
    /// A filter or a refusal.
    ContentFilter,
    /// The provider says it failed.
    Error,
    /// It waits to be sent back (server tools).
    Pause,
    /// A word we do not know; the raw one is kept.
    Other,
}

impl Finish {
    /// The name in results: `tool_calls`.
    pub fn name(self) -> &'static str {
        match self {
            Finish::Stop => "stop",
            Finish::Length => "length",
            Finish::ToolCalls => "tool_calls",
            Finish::ContentFilter => "content_filter",
            Finish::Error => "error",
            Finish::Pause => "pause",
            Finish::Other => "other",
        }
    }
}

/// Token counts by the inclusive convention; `None` is "not stated", which is not 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// Every input token, read from or written to a cache or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// Every output token, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// Of the input: read from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<u64>,
    /// Of the input: written to a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<u64>,
    /// Of the output: reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<u64>,
    /// The provider's own usage object (of a stream: the last value of each field).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Value>,
}

/// What a model answered. A refusal, a cut or an empty text is an answer too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Reply {
    /// All visible text parts joined with nothing between.
    pub text: String,
    /// Thinking text, where the provider sends any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_text: Option<String>,
    /// The refusal's text, where it has a place of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The vectors of an embedding model, one a text.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        with = "super::embeddings::stored"
    )]
    #[schemars(with = "Vec<String>")]
    pub vectors: Vec<Vec<f32>>,
    /// Client tool calls, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why it stopped, normalised; `None` where the provider does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// Why it stopped, in the provider's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_raw: Option<String>,
    /// Token counts.
    pub usage: Usage,
    /// The mean natural log probability of the answer's tokens, where they were asked for and stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprob: Option<f64>,
    /// What the provider says the call cost, in USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_cost: Option<f64>,
    /// The model that answered, as the provider names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// The provider's id of the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tier that was billed, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// Parameters as the provider states that it used them (`temperature`, `reasoning.effort`).
    #[serde(skip)]
    pub stated: Map<String, Value>,
    /// What the provider wants back unchanged on the next turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Value>,
    /// What was odd about the reply without losing it (an unknown event, a dropped field).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Reply {
    /// The assistant's message as the next request of the conversation has to repeat it.
    pub fn message(&self) -> Message {
        let text = match (self.text.as_str(), &self.refusal) {
            ("", Some(refusal)) => refusal,
            (text, _) => text,
        };
        let parts = match text {
            "" => Vec::new(),
            text => vec![Part::Text { text: text.into() }],
        };
        Message {
            parts,
            tool_calls: self.tool_calls.clone(),
            state: self.state.clone(),
            ..Message::text(Role::Assistant, "")
        }
    }
}

/// What kind of failure it was; decides whether to try again and how it is counted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The key is missing, wrong or not allowed.
    Auth,
    /// No such model or address.
    NotFound,
    /// Out of money or over a long-term quota: waiting does not help.
    Quota,
    /// Too many requests just now.
    RateLimit,
    /// The provider has no capacity.
    Overloaded,
    /// The provider broke.
    Server,
    /// Too slow: connecting, first byte, between bytes, or in all.
    Timeout,
    /// The connection broke, or what came is no reply (cut stream, no JSON, an HTML page).
    Transport,
    /// The prompt is too long for the model.
    ContextLength,
    /// The request was refused by a content filter.
    ContentFilter,
    /// The request itself is wrong.
    InvalidRequest,
    /// The model called a tool in a way the provider could not read.
    ToolUseFailed,
    /// The model's output was malformed and the provider threw it away.
    Malformed,
    /// Our own spending cap.
    Budget,
}

impl FailureKind {
    /// The name in results: `rate_limit`.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Auth => "auth",
            FailureKind::NotFound => "not_found",
            FailureKind::Quota => "quota",
            FailureKind::RateLimit => "rate_limit",
            FailureKind::Overloaded => "overloaded",
            FailureKind::Server => "server",
            FailureKind::Timeout => "timeout",
            FailureKind::Transport => "transport",
            FailureKind::ContextLength => "context_length",
            FailureKind::ContentFilter => "content_filter",
            FailureKind::InvalidRequest => "invalid_request",
            FailureKind::ToolUseFailed => "tool_use_failed",
            FailureKind::Malformed => "malformed",
            FailureKind::Budget => "budget",
        }
    }
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// HTTP status, if there was a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The error type as the body states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// The error code as the body states it (numbers as text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Box<Value>>,
    /// The status word as the body states it (Google's `RESOURCE_EXHAUSTED`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the provider said, or what happened.
    pub message: String,
    /// How long the server wishes us to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
    /// The server's own word on whether to retry (`x-should-retry`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<bool>,
    /// What had arrived before it failed, with the usage stated so far: it was billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Box<Reply>>,
}

impl Failure {
    /// A failure of this kind with nothing else known.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            http_status: None,
            error_type: None,
            code: None,
            status: None,
            message: message.into(),
            retry_after: None,
            should_retry: None,
            partial: None,
        }
    }
}

/// Asks a model through the engine: cached, priced, limited, recorded. All that a judge may do.
pub trait Ask: Send + Sync {
    /// Sends one call to `model` (as the suite spells it) and waits for its reply. Calls that are
    /// alike but for `repeat` (from 0) are asked apart; alike in all, they may share one reply.
    fn ask<'a>(
        &'a self,
        model: &'a str,
        call: Call,
        repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>>;
}

impl<T: Ask + ?Sized> Ask for &T {
    fn ask<'a>(
        &'a self,
        model: &'a str,
        call: Call,
        repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>> {
        (**self).ask(model, call, repeat)
    }
}
