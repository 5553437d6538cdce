//! Chat completions as a caller speaks them: OpenAI's API reference, `/v1/chat/completions`.

mod read;
mod write;

use super::trouble::{Cause, Trouble};
use super::wire::{Events, Head, Request, Wire};
use crate::provider::Reply;
use serde_json::{Value, json};

/// The dialect.
pub struct Chat;

impl Wire for Chat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn read(&self, body: &Value) -> Result<Request, Trouble> {
        read::request(body)
    }

    fn whole(&self, head: &Head, reply: &Reply) -> Value {
        write::whole(head, reply)
    }

    fn stream(&self, head: Head) -> Box<dyn Events> {
        Box::new(write::Chunks::new(&head))
    }

    fn error(&self, trouble: &Trouble, _: &str) -> (u16, Value) {
        let (status, kind, code) = words(trouble);
        let error =
            json!({"message": trouble.message, "type": kind, "param": trouble.param, "code": code});
        (status, json!({"error": error}))
    }
}

/// The status, the type and the code of an error.
fn words(trouble: &Trouble) -> (u16, &'static str, Option<&'static str>) {
    match trouble.cause {
        Cause::BadRequest => (400, "invalid_request_error", None),
        Cause::NoKey => (401, "invalid_request_error", Some("invalid_api_key")),
        Cause::Forbidden => (403, "invalid_request_error", Some(trouble.word)),
        Cause::NotFound => (404, "invalid_request_error", Some(trouble.word)),
        Cause::Method => (405, "invalid_request_error", None),
        Cause::TooLarge => (413, "invalid_request_error", Some("request_too_large")),
        Cause::RateLimit => (429, "rate_limit_error", Some("rate_limit_exceeded")),
        Cause::Spend => (429, "insufficient_quota", Some("insufficient_quota")),
        Cause::ContextLength => (
            400,
            "invalid_request_error",
            Some("context_length_exceeded"),
        ),
        Cause::Filtered => (400, "invalid_request_error", Some("content_filter")),
        Cause::Overloaded => (503, "server_error", Some("overloaded")),
        Cause::Upstream => (502, "server_error", Some(trouble.word)),
        Cause::Timeout => (504, "server_error", Some("timeout")),
    }
}

#[cfg(test)]
mod tests;
