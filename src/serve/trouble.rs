//! Why a request gets no answer, in no caller's words yet.

use crate::provider::{Failure, FailureKind};
use std::time::Duration;

/// What kind of trouble it is; each dialect has words of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The request is wrong, or asks for what cannot be carried.
    BadRequest,
    /// No key, or an unknown one.
    NoKey,
    /// The key, the page or the host may not do this.
    Forbidden,
    /// No such model or path.
    NotFound,
    /// The path takes another method.
    Method,
    /// The body is too large.
    TooLarge,
    /// Too many requests, of this key or upstream.
    RateLimit,
    /// The spending cap of the key or of the server.
    Spend,
    /// The prompt is too long for the model.
    ContextLength,
    /// The provider's filter refused the request.
    Filtered,
    /// No capacity, here or upstream.
    Overloaded,
    /// The provider failed.
    Upstream,
    /// It took too long.
    Timeout,
}

/// Why a request gets no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// What kind.
    pub cause: Cause,
    /// What happened, for a person.
    pub message: String,
    /// The request's field that is at fault.
    pub param: Option<String>,
    /// The word for it in logs: `bad_request`, `rate_limit`, a provider's failure kind.
    pub word: &'static str,
    /// How long the caller should wait before it tries again.
    pub wait: Option<Duration>,
    /// Whether trying again can help. Whatever the engine tries again it has tried already.
    pub again: bool,
}

impl Trouble {
    /// Trouble of this kind.
    pub fn new(cause: Cause, word: &'static str, message: impl Into<String>) -> Trouble {
        Trouble {
            cause,
            message: message.into(),
            param: None,
            word,
            wait: None,
            again: false,
        }
    }

    /// A request that is wrong at a field.
    pub fn bad_request(message: impl Into<String>, field: &str) -> Trouble {
        let param = (!field.is_empty()).then(|| field.to_owned());
        Trouble {
            param,
            ..Trouble::new(Cause::BadRequest, "bad_request", message)
        }
    }

    /// The same, worth trying again after a while.
    #[must_use]
    pub fn after(self, wait: Duration) -> Trouble {
        Trouble {
            wait: Some(wait),
            again: true,
            ..self
        }
    }

    /// What a provider's failure means for the caller. A wrong key upstream is ours and not the caller's.
    pub fn of(failure: &Failure) -> Trouble {
        let cause = match failure.kind {
            FailureKind::RateLimit => Cause::RateLimit,
            FailureKind::Overloaded => Cause::Overloaded,
            FailureKind::Timeout => Cause::Timeout,
            FailureKind::ContextLength => Cause::ContextLength,
            FailureKind::ContentFilter => Cause::Filtered,
            FailureKind::InvalidRequest | FailureKind::ToolUseFailed => Cause::BadRequest,
            FailureKind::Budget => Cause::Spend,
            FailureKind::Auth
            | FailureKind::NotFound
            | FailureKind::Quota
            | FailureKind::Server
            | FailureKind::Transport
            | FailureKind::Malformed => Cause::Upstream,
        };
        let message = match failure.kind {
            FailureKind::Auth => "the provider refused this server's key".to_owned(),
            FailureKind::Quota => {
                "this server's account at the provider is out of money or quota".to_owned()
            }
            _ => failure.message.clone(),
        };
        Trouble {
            wait: failure.retry_after,
            again: matches!(cause, Cause::RateLimit | Cause::Overloaded),
            ..Trouble::new(cause, failure.kind.name(), message)
        }
    }
}
