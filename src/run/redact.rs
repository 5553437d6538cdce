//! Keys kept out of what comes back: a server that echoes the key must not get it into store or report.

use crate::provider::{Failure, FailureKind, HttpRequest, Reply};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Shorter texts are no keys, and would be found everywhere.
const SHORTEST: usize = 8;
const SHOWN: &str = "[redacted]";
/// As many bytes of a key betray it; fewer are what all keys of a provider begin with.
const TELLING: usize = 16;

/// Replaces one request's key wherever it stands: as it is, in base64 among other bytes, percent-encoded, or
/// escaped as JSON.
pub(super) struct Redactor {
    forms: Vec<String>,
}

impl Redactor {
    /// For the key that this request carries; without one it does nothing.
    pub(super) fn of(request: &HttpRequest) -> Redactor {
        let secret = request.secret.iter().map(|(_, secret)| {
            let secret = secret.expose_secret();
            secret.strip_prefix("Bearer ").unwrap_or(secret)
        });
        // an access key's id is no secret, what follows it is
        let signing = request.sign.iter();
        let signing = signing.flat_map(|sign| sign.expose_secret().splitn(3, ':').skip(1));
        let keys = secret.chain(signing).filter(|key| key.len() >= SHORTEST);
        let mut forms: Vec<String> = keys.flat_map(forms).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Redactor { forms }
    }

    /// How much of a text that still grows may be shown: its end is left out where that could be the
    /// beginning of a key.
    pub(super) fn safe(&self, text: &str) -> usize {
        let held = self.forms.iter().map(|form| {
            let longest = form.len().saturating_sub(1).min(text.len());
            let partial = |n: &usize| {
                form.as_bytes()
                    .starts_with(&text.as_bytes()[text.len() - n..])
            };
            (1..=longest).rev().find(partial).unwrap_or(0)
        });
        let mut safe = text.len() - held.max().unwrap_or(0);
        while !text.is_char_boundary(safe) {
            safe -= 1;
        }
        safe
    }

    /// A text without the key.
    pub(super) fn cleaned(&self, text: &str) -> String {
        let forms = self.forms.iter();
        forms.fold(text.to_owned(), |text, form| {
            blotted(&text, form).unwrap_or(text)
        })
    }

    /// The result without the key.
    pub(super) fn clean(&self, result: Result<Reply, Failure>) -> Result<Reply, Failure> {
        match result {
            Ok(reply) => self.scrub(reply).ok_or_else(withheld),
            Err(failure) => Err(self.scrub(failure).unwrap_or_else(withheld)),
        }
    }

    /// The value without the key; `None` if it cannot be taken out.
    fn scrub<T: Serialize + DeserializeOwned>(&self, value: T) -> Option<T> {
        if self.forms.is_empty() {
            return Some(value);
        }
        let mut text = serde_json::to_string(&value).ok()?;
        let mut found = false;
        for form in &self.forms {
            // As the form stands inside a JSON text.
            let inside = serde_json::to_string(form).unwrap_or_default();
            for form in [form.as_str(), inside.trim_matches('"')] {
                if let Some(blotted) = blotted(&text, form) {
                    (found, text) = (true, blotted);
                }
            }
        }
        if found {
            serde_json::from_str(&text).ok()
        } else {
            Some(value)
        }
    }
}

/// The text without this form of a key, or what is left of it where somebody cut the text; `None` if it is not there.
fn blotted(text: &str, form: &str) -> Option<String> {
    let head = &form[..form.floor_char_boundary(TELLING)];
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.find(head).filter(|_| !head.is_empty()) {
        let alike = rest[at..].char_indices().zip(form.chars());
        let same = alike.take_while(|((_, said), known)| said == known);
        let end = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
        out += &rest[..at];
        out += SHOWN;
        rest = &rest[at + end..];
    }
    (!out.is_empty()).then(|| out + rest)
}

/// How a key may stand in a text.
fn forms(key: &str) -> Vec<String> {
    let escaped = serde_json::to_string(key).unwrap_or_default();
    let mut forms = vec![
        key.to_owned(),
        escaped.trim_matches('"').to_owned(),
        percent(key),
        small(&percent(key)),
    ];
    forms.extend((0..3).flat_map(|before| encoded(key, before)));
    forms
}

/// The key in base64 with this many bytes before it (a header's `Bearer `, a pair's name), modulo 3: the digits
/// that are made of its bits alone (RFC 4648: six bits a digit).
fn encoded(key: &str, before: usize) -> [String; 2] {
    let text = [&vec![0; before], key.as_bytes()].concat();
    let (first, end) = ((8 * before).div_ceil(6), 8 * text.len() / 6);
    [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(&text)[first..end].to_owned())
}

/// Percent-encoded text with its escapes in small letters.
fn small(text: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        left = if c == '%' { 3_usize } else { left };
        let is_escape = left > 0;
        left = left.saturating_sub(1);
        match is_escape {
            true => c.to_ascii_lowercase(),
            false => c,
        }
    };
    text.chars().map(lower).collect()
}

/// What is said instead of a reply that the key cannot be taken out of.
fn withheld() -> Failure {
    let why = "the server sent the key back in a form that cannot be kept";
    Failure {
        should_retry: Some(false),
        ..Failure::new(FailureKind::Transport, why)
    }
}

fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request(key: &str) -> HttpRequest {
        HttpRequest {
            method: "POST",
            url: String::new(),
            headers: Vec::new(),
            secret: Some(("authorization", format!("Bearer {key}").into())),
            body: Bytes::new(),
            sign: None,
            pictures: Default::default(),
            warnings: Vec::new(),
            wishes: Vec::new(),
        }
    }

    #[test]
    fn the_key_is_replaced_in_every_form() {
        for key in [
            "sk-0123456789abcdef",
            "käy/with+odd \"signs\" & %",
            "a/b+c=d?e&f#g",
        ] {
            let redactor = Redactor::of(&request(key));
            let escaped = serde_json::to_string(key).unwrap();
            for form in [
                key.to_owned(),
                escaped,
                percent(key),
                small(&percent(key)),
                STANDARD_NO_PAD.encode(key),
                STANDARD_NO_PAD.encode(format!("Bearer {key}")),
                URL_SAFE_NO_PAD.encode(format!("ab:{key}:c")),
            ] {
                let reply = Reply {
                    text: format!("you sent {form}."),
                    ..Reply::default()
                };
                let Ok(clean) = redactor.clean(Ok(reply)) else {
                    panic!("a reply stays one")
                };
                assert!(
                    clean.text.contains(SHOWN) && !clean.text.contains(key),
                    "{}",
                    clean.text
                );
            }
            let failure = Failure::new(FailureKind::Auth, format!("bad key {key}"));
            let Err(clean) = redactor.clean(Err(failure)) else {
                panic!("a failure stays one")
            };
            assert!(!clean.message.contains(key), "{}", clean.message);
        }
    }

    #[test]
    fn a_key_that_comes_in_pieces_is_never_shown() {
        let key = "sk-0123456789abcdef";
        let redactor = Redactor::of(&request(key));
        let whole = format!("yes: {key}, and sk-01 is none");
        for cut in 0..=whole.len() {
            let first = redactor.safe(&whole[..cut]);
            let shown = [&whole[..first], &whole[first..]].map(|piece| redactor.cleaned(piece));
            let shown = shown.concat();
            assert!(
                shown.contains("yes: [redacted], and sk-01 is none"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_key_that_was_cut_is_still_one() {
        let key = "sk-0123456789abcdef-and-more";
        let redactor = Redactor::of(&request(key));
        for end in 16..=key.len() {
            let failure = Failure::new(FailureKind::Auth, format!("bad key {}", &key[..end]));
            let Err(clean) = redactor.clean(Err(failure)) else {
                panic!("a failure stays one")
            };
            assert_eq!(clean.message, format!("bad key {SHOWN}"));
        }
    }

    #[test]
    fn other_text_is_untouched() {
        let reply = Reply {
            text: "sk-012345 is not it".into(),
            ..Reply::default()
        };
        let kept = Redactor::of(&request("sk-0123456789abcdef")).clean(Ok(reply.clone()));
        assert_eq!(kept, Ok(reply));
    }
}
