//! The shapes of documents that are put together from several parts where they are printed.

use crate::plan::{Estimate, ScorerRef};
use crate::provider::{FailureKind, Finish};
use crate::report::CaseView;
use crate::store::Record;
use crate::summary::outlook::Spread;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// One case with all that became of it.
#[derive(Serialize, JsonSchema)]
pub struct Case {
    /// `bakeoff.case/1`.
    schema: String,
    /// The run's id.
    run: String,
    /// The case as reports show it: its variables, and a trial per candidate and repeat.
    case: CaseView,
    /// Each trial's record: outcome, attempts with times and costs; judges' calls as well.
    records: Vec<Record>,
}

/// What a run would ask, and what it would cost.
#[derive(Serialize, JsonSchema)]
pub struct Plan {
    /// `bakeoff.plan/1`.
    schema: String,
    /// The suite's name.
    suite: String,
    /// How many cases.
    cases: usize,
    /// How often each is asked.
    repeats: u32,
    /// The scorers.
    scorers: Vec<ScorerRef>,
    /// The scorer that decides.
    primary: String,
    /// Calls, tokens and cost by candidate; null if nothing can be run.
    estimate: Option<Estimate>,
    /// The difference that this number of cases could show, as a share.
    detectable_difference: f64,
    /// Within what difference a candidate counts as not worse.
    margin: f64,
    /// How many cases would show "not worse by the margin".
    needed_cases: usize,
    /// How much single cases differ: measured by an earlier run, or assumed.
    spread: Spread,
    /// Date of the price table.
    prices: String,
    /// What the models' APIs refuse, ignore or change: rule, model, place, message.
    lint: Vec<Value>,
}

/// One run of the store.
#[derive(Serialize, JsonSchema)]
pub struct Run {
    /// Its id.
    id: String,
    /// Its suite; another command's own run says so in brackets.
    suite: String,
    /// When it was started, RFC 3339.
    started: String,
    /// How many trials it has.
    trials: u64,
    /// Whether each of them has an outcome.
    complete: bool,
}

/// The store's runs, newest first.
pub type Runs = Vec<Run>;

/// What came of one request.
#[derive(Serialize, JsonSchema)]
pub struct ReplyShape {
    /// `bakeoff.reply/1`.
    schema: String,
    /// `answered` or `failed`.
    outcome: String,
    /// The visible text.
    text: String,
    /// The model's reasoning, where it is shown.
    reasoning_text: Option<String>,
    /// The refusal's text, where it has a place of its own.
    refusal: Option<String>,
    /// Tool calls: `name`, `arguments`.
    tool_calls: Vec<Value>,
    /// The message as a request that goes on has to repeat it.
    message: Option<Value>,
    /// Why it stopped.
    finish_reason: Option<Finish>,
    /// The same in the provider's word.
    finish_reason_raw: Option<String>,
    /// Tokens read, cached ones included.
    input_tokens: Option<u64>,
    /// Tokens written, reasoning included.
    output_tokens: Option<u64>,
    /// Of the tokens read, those from a cache.
    cached_input_tokens: Option<u64>,
    /// Tokens written to a cache.
    cache_write_tokens: Option<u64>,
    /// Of the tokens written, those of reasoning.
    reasoning_tokens: Option<u64>,
    /// What it cost, USD; null is unknown.
    cost_usd: Option<f64>,
    /// Where the cost is from.
    cost_source: Option<String>,
    /// The model that the provider says has answered.
    served_model: Option<String>,
    /// Milliseconds since it was sent.
    timings_ms: Timings,
    /// How many attempts it took.
    attempts: u32,
    /// Why there is no answer.
    error: Option<ErrorShape>,
    /// What encoding, pricing and the lint had to say.
    warnings: Vec<String>,
    /// What came of each model of a chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    hops: Option<Vec<Value>>,
}

/// Milliseconds since sending.
#[derive(Serialize, JsonSchema)]
pub struct Timings {
    /// First generated token; streams only.
    first_token: Option<f64>,
    /// First visible output; streams only.
    first_output: Option<f64>,
    /// The end.
    total: Option<f64>,
}

/// A failure.
#[derive(Serialize, JsonSchema)]
pub struct ErrorShape {
    /// Its kind.
    kind: FailureKind,
    /// The response's status.
    http_status: Option<u16>,
    /// As the body states it.
    #[serde(rename = "type")]
    error_type: Option<String>,
    /// As the body states it.
    code: Option<Value>,
    /// As the body states it.
    status: Option<String>,
    /// What is wrong.
    message: String,
}
