//! The shape of an answer's text: JSON bare, in a fence or among words, and an answer with words around it.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

/// Where in a text a JSON object or list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It is the whole text.
    Bare,
    /// In a Markdown fence.
    Fenced,
    /// Among other words.
    Within,
    /// Nowhere.
    None,
}

/// Brackets at which an object or list is looked for.
const PLACES: usize = 32;
/// Fences that are looked into.
const FENCES: usize = 8;

/// Where the text has its JSON.
pub(super) fn form(text: &str) -> Form {
    let text = text.trim();
    if whole(text) {
        return Form::Bare;
    }
    if fenced(text) {
        return Form::Fenced;
    }
    let places = text.char_indices().filter(|(_, c)| matches!(c, '{' | '['));
    let within = |(at, _): (usize, char)| {
        let mut found = Deserializer::from_str(&text[at..]).into_iter::<IgnoredAny>();
        // `[1]` in prose is a reference, not an answer.
        let ends = found.next().is_some_and(|value| value.is_ok());
        ends && text[at..at + found.byte_offset()].contains('"')
    };
    match places.take(PLACES).any(within) {
        true => Form::Within,
        false => Form::None,
    }
}

fn whole(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn fenced(text: &str) -> bool {
    // Every other part lies between a fence's two ends; its first line may name a language.
    let inside = text.split("```").skip(1).step_by(2).take(FENCES);
    inside.into_iter().any(|part| {
        let body = part.split_once('\n').map_or("", |(_, body)| body);
        whole(part.trim()) || whole(body.trim())
    })
}

/// Whether the text holds the expected answer among other words. `None` where the answer is no word
/// or number of its own, so that this cannot be told.
pub(super) fn around(text: &str, target: Option<&Value>) -> Option<bool> {
    let target = match target? {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if target.is_empty() {
        return None;
    }
    let text = text.to_lowercase();
    let edges = |c: char| c.is_whitespace() || c.is_ascii_punctuation();
    if text.trim_matches(edges) == target.trim_matches(edges) {
        return Some(false);
    }
    let alone = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + target.len()..].chars().next();
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !word(before) && !word(after)
    };
    Some(text.match_indices(&target).any(|(at, _)| alone(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_found_where_it_stands() {
        let cases = [
            (r#" {"a": 1} "#, Form::Bare),
            ("[1, 2]", Form::Bare),
            ("42", Form::None),
            ("```json\n{\"a\": 1}\n```", Form::Fenced),
            ("Here it is:\n```\n[\"x\"]\n```\nBye", Form::Fenced),
            ("```{\"a\": 1}```", Form::Fenced),
            ("Sure! {\"a\": {\"b\": 1}} Anything else?", Form::Within),
            ("see [1] and {2}", Form::None),
            ("{\"a\": ", Form::None),
            ("```json\n{\"a\": 1", Form::None),
            ("", Form::None),
        ];
        for (text, found) in cases {
            assert_eq!(form(text), found, "{text}");
        }
        // Deep and wide texts end.
        assert_eq!(form(&"[".repeat(100_000)), Form::None);
        assert_eq!(form(&"```".repeat(100_000)), Form::None);
    }

    #[test]
    fn words_around_an_answer_are_seen() {
        let cases = [
            ("billing", Some(false)),
            ("Billing.", Some(false)),
            ("The label is billing, I think.", Some(true)),
            ("rebillings", Some(false)),
            ("no idea", Some(false)),
        ];
        for (text, found) in cases {
            assert_eq!(around(text, Some(&json!("billing"))), found, "{text}");
        }
        assert_eq!(around("It is 42!", Some(&json!(42))), Some(true));
        assert_eq!(around("x", Some(&json!({"a": 1}))), None);
        assert_eq!(around("x", None), None);
    }
}
