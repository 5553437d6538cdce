//! Which kind of failure: by status, then by type and code, and by text last, gated by the status.
//!
//! Text is never enough alone: a 400 may echo the prompt, and the prompt may say "429".

use super::Stated;
use crate::provider::call::FailureKind::{self, *};
use crate::provider::lenient::{at, count, list, text};
use serde_json::Value;

const QUOTA: &[&str] = &[
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_error",
    "insufficient_balance",
    "servicequotaexceededexception",
];
const NOT_FOUND: &[&str] = &[
    "model_not_found",
    "invalid_model",
    "unknown_model",
    "deploymentnotfound",
    "not_found_error",
    "resourcenotfoundexception",
];
const CONTEXT: &[&str] = &[
    "context_length_exceeded",
    "exceed_context_size_error",
    "too_many_prompt_tokens",
    "too_many_tokens",
];
const CONTENT: &[&str] = &[
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "data_inspection_failed",
    "moderation_blocked",
];
const AUTH: &[&str] = &[
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "api_key_invalid",
    "expiredtokenexception",
    "unrecognizedclientexception",
    "accessdeniedexception",
];
const RATE: &[&str] = &[
    "rate_limit_error",
    "rate_limit_exceeded",
    "throttlingexception",
    "too_many_requests",
];
const OVERLOADED: &[&str] = &[
    "overloaded_error",
    "overloaded",
    "serviceunavailableexception",
    "insufficient_system_resource",
];

/// Words in messages of status 400, 413 and 422.
const TEXTS: &[(FailureKind, &[&str])] = &[
    (
        ContextLength,
        &[
            "maximum context length",
            "context window",
            "context size",
            "max context length",
            "prompt is too long",
            "prompt too long",
            "input token count",
            "input tokens exceeded",
            "input is too long",
            "too long for requested model",
            "too many tokens",
            "current length is",
        ],
    ),
    (
        Auth,
        &["incorrect api key", "api key not valid", "invalid api key"],
    ),
    (
        NotFound,
        &[
            "not a valid model",
            "model not found",
            "invalid model",
            "unknown model",
            "model identifier is invalid",
            "supported api model names are",
        ],
    ),
    (
        Quota,
        &[
            "specified api usage limits",
            "credit balance is too low",
            "insufficient balance",
        ],
    ),
    (
        ContentFilter,
        &[
            "content filtering policy",
            "content management policy",
            "blocked by content",
        ],
    ),
];

/// The kind of an error of this (real or implied) status.
pub(super) fn of(status: u16, stated: &Stated, message: &str, body: &Value) -> FailureKind {
    let words = Words::of(stated, body);
    match status {
        401 => Auth,
        402 => Quota,
        403 if words.any(CONTENT) || flagged(body) => ContentFilter,
        403 if words.any(QUOTA) => Quota,
        403 => Auth,
        404 | 405 | 410 => NotFound,
        408 | 409 | 424 | 425 | 499 => Server,
        429 if words.any(QUOTA) || daily_quota(body) => Quota,
        429 => RateLimit,
        // 498 is Groq's "flex tier capacity exceeded"
        498 | 503 | 529 => Overloaded,
        500..600 if words.any(OVERLOADED) => Overloaded,
        500..600 => Server,
        300..=399 => NotFound,
        _ => words.kind().unwrap_or_else(|| by_text(message)),
    }
}

/// The status that an error inside a 200 answer stands for.
pub(super) fn status_inside(stated: &Stated, body: &Value) -> u16 {
    let number = |path: &[&str]| count(body, path).and_then(|n| u16::try_from(n).ok());
    let stated_number = stated
        .code
        .as_ref()
        .and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    let numbers = [
        stated_number.and_then(|n| u16::try_from(n).ok()),
        number(&["error", "status_code"]),
        number(&["raw_status_code"]),
        number(&["status_code"]),
    ];
    if let Some(status) = numbers
        .into_iter()
        .flatten()
        .find(|n| *n >= 400 && *n < 600)
    {
        return status;
    }
    // https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
    let by_word = stated.status.as_deref().and_then(|word| {
        Some(match word {
            "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
            "UNAUTHENTICATED" => 401,
            "PERMISSION_DENIED" => 403,
            "NOT_FOUND" => 404,
            "ABORTED" | "ALREADY_EXISTS" => 409,
            "RESOURCE_EXHAUSTED" => 429,
            "UNAVAILABLE" => 503,
            "DEADLINE_EXCEEDED" => 504,
            _ => return None,
        })
    });
    by_word.unwrap_or_else(|| match Words::of(stated, body).kind() {
        Some(Overloaded) => 529,
        Some(RateLimit) => 429,
        Some(Auth) => 401,
        Some(NotFound) => 404,
        Some(Quota) => 402,
        Some(_) => 400,
        None => match stated.error_type.as_deref() {
            Some("invalid_request_error" | "request_too_large" | "validationException") => 400,
            _ => 500,
        },
    })
}

/// Everything in an error that is a word of a fixed vocabulary, lower-case.
struct Words(Vec<String>);

impl Words {
    fn of(stated: &Stated, body: &Value) -> Self {
        let code = stated.code.as_ref().and_then(Value::as_str);
        let inner = text(body, &["error", "innererror", "code"]);
        let google = list(body, &["error", "details"]);
        let reasons = google.iter().map(|detail| text(detail, &["reason"]));
        let words = [
            stated.error_type.as_deref(),
            code,
            inner,
            text(body, &["error_type"]),
        ];
        let words = words.into_iter().chain(reasons).flatten();
        Words(words.map(str::to_ascii_lowercase).collect())
    }

    fn any(&self, known: &[&str]) -> bool {
        self.0.iter().any(|word| known.contains(&word.as_str()))
    }

    fn kind(&self) -> Option<FailureKind> {
        let known = [
            (ToolUseFailed, &["tool_use_failed"] as &[&str]),
            (ContextLength, CONTEXT),
            (ContentFilter, CONTENT),
            (Quota, QUOTA),
            (NotFound, NOT_FOUND),
            (Auth, AUTH),
            (RateLimit, RATE),
            (Overloaded, OVERLOADED),
        ];
        let found = known.into_iter().find(|(_, words)| self.any(words));
        found.map(|(kind, _)| kind)
    }
}

fn by_text(message: &str) -> FailureKind {
    let message = message.to_lowercase();
    let found = TEXTS
        .iter()
        .find(|(_, texts)| texts.iter().any(|text| message.contains(text)));
    found.map_or(InvalidRequest, |(kind, _)| *kind)
}

/// Google's daily quotas: waiting some seconds does not help.
fn daily_quota(body: &Value) -> bool {
    let body = body.get(0).unwrap_or(body);
    let details = list(body, &["error", "details"]).iter();
    let mut violations = details.flat_map(|detail| list(detail, &["violations"]));
    violations.any(|violation| {
        text(violation, &["quotaId"]).is_some_and(|quota| quota.contains("PerDay"))
    })
}

/// OpenRouter's moderation answers with 403.
fn flagged(body: &Value) -> bool {
    at(body, &["error", "metadata", "flagged_input"]).is_some()
}
