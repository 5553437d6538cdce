//! Messages as a caller speaks them: Anthropic's API reference, `/v1/messages`.

mod blocks;
mod read;
mod write;

use super::trouble::{Cause, Trouble};
use super::wire::{Events, Head, Request, Wire};
use crate::provider::Reply;
use serde_json::{Value, json};

/// The dialect.
pub struct Messages;

/// Under which name a reply's blocks are kept for the next turn.
const STATE: &str = "anthropic-messages";

impl Wire for Messages {
    fn name(&self) -> &'static str {
        "anthropic-messages"
    }

    fn read(&self, body: &Value) -> Result<Request, Trouble> {
        read::request(body)
    }

    fn whole(&self, head: &Head, reply: &Reply) -> Value {
        write::whole(head, reply)
    }

    fn stream(&self, head: Head) -> Box<dyn Events> {
        Box::new(write::Blocks::new(head))
    }

    fn error(&self, trouble: &Trouble, id: &str) -> (u16, Value) {
        let (status, kind) = words(trouble.cause);
        let error = json!({"type": kind, "message": trouble.message});
        (
            status,
            json!({"type": "error", "error": error, "request_id": id}),
        )
    }
}

/// The status and the type of an error.
fn words(cause: Cause) -> (u16, &'static str) {
    match cause {
        Cause::BadRequest | Cause::ContextLength | Cause::Filtered => {
            (400, "invalid_request_error")
        }
        Cause::NoKey => (401, "authentication_error"),
        Cause::Spend => (402, "billing_error"),
        Cause::Forbidden => (403, "permission_error"),
        Cause::NotFound => (404, "not_found_error"),
        Cause::Method => (405, "invalid_request_error"),
        Cause::TooLarge => (413, "request_too_large"),
        Cause::RateLimit => (429, "rate_limit_error"),
        Cause::Overloaded => (529, "overloaded_error"),
        Cause::Upstream => (502, "api_error"),
        Cause::Timeout => (504, "timeout_error"),
    }
}

#[cfg(test)]
mod tests;
