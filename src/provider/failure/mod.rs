//! Error answers of every shape → [`Failure`].
//!
//! The shapes are those recorded from the providers themselves. What comes from outside is cut to
//! a bounded length; nothing here decides whether to try again.

mod delay;
mod kind;

pub(super) use delay::reset;

use super::call::{Failure, FailureKind};
use super::frames::{Frames, Framing};
use super::http::HttpResponse;
use super::lenient::{at, json, list, text, words};
use serde_json::Value;

/// The most bytes kept of a provider's message.
const MESSAGE_LIMIT: usize = 8 << 10;

/// What an error body states, in its own words.
#[derive(Debug, Clone, Default, PartialEq)]
struct Stated {
    error_type: Option<String>,
    code: Option<Value>,
    status: Option<String>,
    message: Option<String>,
}

/// The failure in a response whose status is not 2xx.
pub(super) fn of_response(response: &HttpResponse) -> Failure {
    let body = error_in(&response.body).unwrap_or_default();
    let mut stated = read(&body);
    if stated.error_type.is_none() {
        // Bedrock names the type only here: `ValidationException:http://…`
        let header = response.header("x-amzn-errortype");
        stated.error_type = header.and_then(|value| Some(value.split(':').next()?.into()));
    }
    let message = stated
        .message
        .take()
        .unwrap_or_else(|| without_json(response));
    let kind = kind::of(response.status, &stated, &message, &body);
    Failure {
        retry_after: delay::wished(response, &body, &message),
        should_retry: match response.header("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
        ..failure(kind, response.status, stated, message)
    }
}

/// The failure that a body (or a frame) of a 200 answer states, if it states one.
pub(super) fn in_body(body: &Value) -> Option<Failure> {
    let first = match body {
        Value::Array(items) => items.first()?,
        other => other,
    };
    let error = at(first, &["error"]).is_some_and(|error| match error {
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    });
    let named = ["type", "object"].map(|key| text(first, &[key]) == Some("error"));
    if !error && !named.contains(&true) {
        return None;
    }
    let mut stated = read(first);
    let message = stated
        .message
        .take()
        .unwrap_or_else(|| cut(&first.to_string()));
    let status = kind::status_inside(&stated, first);
    let kind = kind::of(status, &stated, &message, first);
    Some(Failure {
        retry_after: delay::in_body(first).or_else(|| delay::in_text(&message)),
        ..failure(kind, 200, stated, message)
    })
}

/// The JSON of a 200 answer, or the failure that it is: empty, HTML, not JSON, or an error after all.
pub(super) fn json_of(response: &HttpResponse) -> Result<Value, Failure> {
    if !(200..300).contains(&response.status) {
        return Err(of_response(response));
    }
    let Some(body) = json_in(&response.body) else {
        let mut failure = Failure::new(FailureKind::Transport, without_json(response));
        failure.http_status = Some(response.status);
        failure.error_type = Some("not_json".into());
        return Err(failure);
    };
    match in_body(&body) {
        Some(failure) => Err(Failure {
            retry_after: delay::wished(response, &body, &failure.message),
            ..failure
        }),
        None => Ok(body),
    }
}

/// The JSON of a stream's frame, or the failure that it is.
pub(super) fn json_of_frame(data: &str) -> Result<Value, Failure> {
    json(data.as_bytes()).map_err(|problem| {
        let start: String = data.chars().take(80).collect();
        let message = format!("a frame of the stream is no JSON ({problem}): {start}");
        broken("not_json", message)
    })
}

/// What came with status 200 is no reply, for a reason of our own naming.
pub(super) fn broken(error_type: &str, message: impl Into<String>) -> Failure {
    let mut failure = Failure::new(FailureKind::Transport, message);
    failure.http_status = Some(200);
    failure.error_type = Some(error_type.into());
    failure
}

/// An answer that lacks the one thing that it is for.
pub(super) fn without(what: &str, body: &Value) -> Failure {
    let start: String = body.to_string().chars().take(200).collect();
    let message = format!("the answer has no {what}: {start}");
    broken(&format!("no_{what}"), message)
}

fn failure(kind: FailureKind, http_status: u16, stated: Stated, message: String) -> Failure {
    let mut failure = Failure::new(kind, message);
    failure.http_status = Some(http_status);
    failure.error_type = stated.error_type;
    failure.code = stated.code.map(Box::new);
    failure.status = stated.status;
    failure
}

/// The JSON in a body.
fn json_in(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    json(body).ok()
}

/// The JSON of an error body, which some servers send as an event.
fn error_in(body: &[u8]) -> Option<Value> {
    let event = || {
        let frames = Frames::of(Framing::guess(body)?, body).ok()?;
        json(frames.first()?.data.as_bytes()).ok()
    };
    json_in(body).or_else(event)
}

/// Where each provider puts the parts of an error.
fn read(body: &Value) -> Stated {
    let body = match body {
        Value::Array(items) => items.first().unwrap_or(&Value::Null),
        other => other,
    };
    match body.get("error") {
        Some(error @ Value::Object(_)) => Stated {
            error_type: own_type(error),
            code: code(error).or_else(|| code(body)),
            status: words(error, &["status"]).map(Into::into),
            message: message(error).or_else(|| message(body)),
        },
        Some(Value::String(text)) => Stated {
            error_type: own_type(body),
            code: code(body),
            status: words(body, &["status"]).map(Into::into),
            message: Some(cut(text)),
        },
        _ => Stated {
            error_type: own_type(body),
            code: code(body),
            status: words(body, &["status"]).map(Into::into),
            message: message(body),
        },
    }
}

fn own_type(value: &Value) -> Option<String> {
    words(value, &["type"])
        .filter(|word| *word != "error")
        .map(Into::into)
}

fn code(value: &Value) -> Option<Value> {
    at(value, &["code"])
        .filter(|code| code.is_string() || code.is_number())
        .cloned()
}

fn message(value: &Value) -> Option<String> {
    let found = ["message", "Message", "detail", "msg"]
        .iter()
        .find_map(|key| at(value, &[key]))
        .or_else(|| list(value, &["errors"]).first())?;
    match found {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(cut(text)),
        // FastAPI's `detail: [{loc, msg, type}]`
        Value::Array(items) if items.iter().all(|item| item.get("msg").is_some()) => {
            let lines = items.iter().map(|item| {
                let place = list(item, &["loc"]).iter().map(|step| match step {
                    Value::String(name) => name.clone(),
                    other => other.to_string(),
                });
                let place = place.collect::<Vec<_>>().join(".");
                format!("{place}: {}", text(item, &["msg"]).unwrap_or_default())
            });
            Some(cut(&lines.collect::<Vec<_>>().join("; ")))
        }
        other => Some(cut(&other.to_string())),
    }
}

/// A sentence for a body that states nothing: HTML of a proxy, plain text, nothing at all.
fn without_json(response: &HttpResponse) -> String {
    let status = response.status;
    if (300..400).contains(&status) {
        let to = response.header("location").unwrap_or("another address");
        return format!(
            "HTTP {status}: the server redirects to {}, and redirects are not followed",
            cut(to)
        );
    }
    let text = String::from_utf8_lossy(&response.body);
    let text = text.trim();
    if text.is_empty() {
        return format!("HTTP {status} with an empty body");
    }
    if text.starts_with('<') {
        let lower = text.to_ascii_lowercase();
        let title = lower.find("<title>").and_then(|from| {
            let to = from + 7 + lower[from + 7..].find("</title>")?;
            Some(text[from + 7..to].trim())
        });
        let title = title.unwrap_or("no title");
        return format!("HTTP {status} with an HTML page: {}", cut(title));
    }
    if (200..300).contains(&status) {
        let start: String = text.chars().take(80).collect();
        return format!("HTTP {status} with a body that is no JSON: {start}");
    }
    cut(text)
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MESSAGE_LIMIT)].to_string()
}

#[cfg(test)]
mod tests;
