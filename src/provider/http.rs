//! What goes over the wire: where to, the request, the response. No sending here.

use super::catalog::Quirks;
use super::lint::Wish;
use crate::prompt::{Message, Part};
use bytes::Bytes;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

/// How a key is put into a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// A header of this name with the bare key (`x-api-key`, `x-goog-api-key`, `api-key`).
    Header(&'static str),
    /// AWS's signature, made when the request leaves; the key is what `sigv4::credentials` makes.
    SigV4,
}

/// Where a call goes, and how that place differs from its dialect's norm.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Everything before the dialect's own path, without a trailing slash.
    pub base_url: String,
    /// How the key travels.
    pub auth: Auth,
    /// The key, if there is one.
    pub key: Option<SecretString>,
    /// Differences from the dialect's norm.
    pub quirks: Quirks,
}

/// A request ready to be sent; the secret header is kept apart so that nothing else can print it.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// `POST`; `GET` for a list of models.
    pub method: &'static str,
    /// The full address.
    pub url: String,
    /// Harmless headers, lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// The header that carries the key: name and whole value.
    pub secret: Option<(&'static str, SecretString)>,
    /// AWS credentials that sign it when it leaves.
    pub sign: Option<SecretString>,
    /// The JSON body.
    pub body: Bytes,
    /// The pictures in the body.
    pub pictures: Pictures,
    /// What the translation changed that the caller should know of.
    pub warnings: Vec<String>,
    /// What was asked for and what is sent of it, where the two differ or the reply may state it.
    pub wishes: Vec<Wish>,
}

/// How many pictures a request holds, and how much of its body they are: their bytes are no tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pictures {
    /// How many.
    pub count: usize,
    /// Bytes of base64.
    pub bytes: usize,
}

impl Pictures {
    /// The pictures in a conversation.
    pub fn of(messages: &[Message]) -> Pictures {
        let parts = messages.iter().flat_map(|message| &message.parts);
        parts.fold(Pictures::default(), |sum, part| match part {
            Part::Text { .. } => sum,
            Part::Image { data, .. } => Pictures {
                count: sum.count + 1,
                bytes: sum.bytes + data.as_ref().map_or(0, String::len),
            },
        })
    }
}

impl HttpRequest {
    /// The request as a user may see it: the header that carries the key says `[redacted]`.
    pub fn shown(&self) -> Value {
        let plain = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let signed = self.sign.iter().map(|_| "authorization");
        let secret = self.secret.iter().map(|(name, _)| *name).chain(signed);
        let secret = secret.map(|name| (name, "[redacted]"));
        let headers: Map<String, Value> = plain
            .chain(secret)
            .map(|(name, value)| (name.to_string(), json!(value)))
            .collect();
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json!({"method": self.method, "url": self.url, "headers": headers, "body": body})
    }
}

/// A response, whole.
#[derive(Debug, Clone, Default)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers, lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl HttpResponse {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_request_hides_its_key() {
        let request = HttpRequest {
            method: "POST",
            url: "https://a/v1".into(),
            headers: vec![("accept", "application/json".into())],
            secret: Some(("authorization", "Bearer sk-1234567890".to_string().into())),
            body: r#"{"model":"m"}"#.into(),
            sign: None,
            pictures: Pictures::default(),
            warnings: Vec::new(),
            wishes: Vec::new(),
        };
        let shown = request.shown();
        assert_eq!(shown["headers"]["authorization"], "[redacted]");
        assert_eq!(shown["body"]["model"], "m");
        assert!(!format!("{shown}{request:?}").contains("sk-1234567890"));
    }
}
