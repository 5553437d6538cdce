//! What the dialects' request bodies share: optional fields, raw extras, images, the address.

use super::Unsupported;
use super::http::{Auth, Endpoint, HttpRequest};
use crate::prompt::{Part, ToolCall};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// A JSON object under construction; what is absent is not sent.
#[derive(Debug, Default)]
pub(super) struct Body(pub Map<String, Value>);

impl Body {
    /// Sets a field.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets a field if there is a value for it.
    pub fn set_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a field unless the object is empty.
    pub fn set_filled(&mut self, name: &str, object: Body) {
        if !object.0.is_empty() {
            self.set(name, object.0);
        }
    }

    /// Lays the call's raw fields over the body: objects field by field, `tools` added to those
    /// that are there, all else replaced.
    pub fn merge(&mut self, extra: &Map<String, Value>) {
        merge(&mut self.0, extra);
    }
}

fn merge(body: &mut Map<String, Value>, extra: &Map<String, Value>) {
    for (name, value) in extra {
        match (body.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (Some(Value::Array(old)), Value::Array(new)) if name == "tools" => {
                old.extend_from_slice(new);
            }
            _ => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
}

/// A picture as base64 with its media type, or as an http(s) address.
pub(super) enum Picture<'a> {
    Inline {
        media_type: &'a str,
        data: &'a str,
    },
    Address {
        media_type: Option<&'a str>,
        url: &'a str,
    },
}

/// Reads an image part: base64, a `data:` address, or an http(s) one.
pub(super) fn picture<'a>(
    part: &'a Part,
    dialect: &'static str,
) -> Result<Picture<'a>, Unsupported> {
    let Part::Image {
        media_type,
        data,
        url,
    } = part
    else {
        return Err(unsupported(dialect, "image", "this part is text"));
    };
    if let Some(data) = data {
        let media_type = media_type.as_deref().unwrap_or("image/png");
        return Ok(Picture::Inline { media_type, data });
    }
    let Some(url) = url else {
        return Err(unsupported(
            dialect,
            "image without data",
            "give it `data` (base64) or a `url`",
        ));
    };
    let inline = url
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    Ok(match inline {
        Some((media_type, data)) => Picture::Inline { media_type, data },
        None => Picture::Address {
            media_type: media_type.as_deref(),
            url,
        },
    })
}

/// An [`Unsupported`] in a line.
pub(super) fn unsupported(dialect: &'static str, field: &str, help: &str) -> Unsupported {
    Unsupported {
        dialect,
        field: field.into(),
        help: help.into(),
    }
}

/// The address of a dialect's `path` below a base address, whose query (if any) stays at the end.
/// A base that already ends in the path, or in the path's first segments, is not given them twice.
pub(super) fn address(base_url: &str, path: &str) -> String {
    let (base, query) = match base_url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (base_url, None),
    };
    let base = base.trim_end_matches('/');
    let cuts = path.match_indices('/').map(|(at, _)| at).skip(1);
    let overlap = cuts
        .chain([path.len()])
        .filter(|end| base.ends_with(&path[..*end]))
        .last()
        .unwrap_or(0);
    let url = format!("{base}{}", &path[overlap..]);
    match query {
        None => url,
        Some(query) if url.contains('?') => format!("{url}&{query}"),
        Some(query) => format!("{url}?{query}"),
    }
}

/// A tool call's arguments as text, which is how most APIs carry them.
pub(super) fn arguments_text(call: &ToolCall) -> String {
    match &call.arguments {
        Value::String(text) => text.clone(),
        Value::Null => "{}".into(),
        object => object.to_string(),
    }
}

/// A tool call's arguments as an object.
pub(super) fn arguments_object(call: &ToolCall) -> Value {
    match &call.arguments {
        Value::Null => Value::Object(Map::new()),
        object => object.clone(),
    }
}

/// A model's name as part of a path: all but plain characters and those of `also` is escaped.
pub(super) fn in_path(name: &str, also: &[u8]) -> String {
    let bytes = name.bytes().map(|byte| {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        }
    });
    bytes.collect()
}

/// The header that carries the endpoint's key.
pub(super) fn secret(to: &Endpoint) -> Option<(&'static str, SecretString)> {
    let key = to.key.as_ref()?;
    match to.auth {
        Auth::Bearer => {
            let value = format!("Bearer {}", key.expose_secret());
            Some(("authorization", SecretString::from(value)))
        }
        Auth::Header(name) => Some((name, key.clone())),
        Auth::SigV4 => None,
    }
}

/// The request that posts a body to an address.
pub(super) fn post(url: String, to: &Endpoint, stream: bool, body: Body) -> HttpRequest {
    let accept = match stream {
        true => "text/event-stream",
        false => "application/json",
    };
    let mut headers = vec![
        ("content-type", "application/json".to_string()),
        ("accept", accept.to_string()),
    ];
    if stream {
        // compression holds events back
        headers.push(("accept-encoding", "identity".to_string()));
    }
    let secret = secret(to);
    HttpRequest {
        method: "POST",
        url,
        headers,
        secret,
        sign: to.key.clone().filter(|_| to.auth == Auth::SigV4),
        body: Bytes::from(Value::Object(body.0).to_string()),
        pictures: Default::default(),
        warnings: Vec::new(),
        wishes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_joined_once() {
        for (base, path, url) in [
            (
                "https://a/v1",
                "/chat/completions",
                "https://a/v1/chat/completions",
            ),
            (
                "https://a/v1/",
                "/chat/completions",
                "https://a/v1/chat/completions",
            ),
            (
                "https://a/v1/chat/completions",
                "/chat/completions",
                "https://a/v1/chat/completions",
            ),
            ("https://a", "/v1/messages", "https://a/v1/messages"),
            ("https://a/v1", "/v1/messages", "https://a/v1/messages"),
            (
                "https://a/d?api-version=1",
                "/chat/completions",
                "https://a/d/chat/completions?api-version=1",
            ),
            (
                "https://a?k=1",
                "/v1beta/m:stream?alt=sse",
                "https://a/v1beta/m:stream?alt=sse&k=1",
            ),
        ] {
            assert_eq!(address(base, path), url);
        }
    }

    #[test]
    fn extras_are_laid_over() {
        let mut body = Body(
            json!({"a": {"x": 1, "y": 2}, "tools": [1]})
                .as_object()
                .unwrap()
                .clone(),
        );
        body.merge(
            json!({"a": {"y": 3}, "tools": [2], "b": 4})
                .as_object()
                .unwrap(),
        );
        assert_eq!(
            Value::Object(body.0),
            json!({"a": {"x": 1, "y": 3}, "tools": [1, 2], "b": 4})
        );
    }
}
