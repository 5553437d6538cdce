//! What is kept of requests and replies: a share of them, with personal things blanked.

use crate::prompt::{Message, Part};
use crate::provider::Tool;
use crate::store::Content;
use regex::{Captures, Regex};
use serde_json::Value;
use std::borrow::Cow;

/// What is always blanked: an e-mail address, a key or token, a run of digits as long as a card's,
/// an account's or a telephone's.
const ALWAYS: [(&str, &str); 3] = [
    (
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
        "[email]",
    ),
    (
        r"\b(sk|pk|rk|ghp|gho|xox[abpsr]|hf|gsk|AKIA|AIza|bk)[-_A-Za-z0-9]{14,}\b|\beyJ[-_A-Za-z0-9]{10,}\.[-_.A-Za-z0-9]+",
        "[key]",
    ),
    (r"\+?\d(?:[ ()./-]{0,2}\d){8,}", "[number]"),
];

/// Which requests' content is kept, and what is blanked in it.
#[derive(Debug)]
pub struct Blank {
    share: f64,
    /// The user's own first: they know their data best.
    patterns: Vec<(Regex, &'static str)>,
}

impl Blank {
    /// Keeps this share, and blanks what these patterns find as well.
    pub fn new(share: f64, own: &[String]) -> Result<Blank, regex::Error> {
        let own = own.iter().map(|pattern| (pattern.as_str(), "[redacted]"));
        let compiled = own
            .chain(ALWAYS)
            .map(|(pattern, word)| Ok((Regex::new(pattern)?, word)));
        Ok(Blank {
            share,
            patterns: compiled.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the content of this request is kept: chance that its id decides.
    pub(super) fn keeps(&self, id: &str) -> bool {
        let hash = blake3::hash(id.as_bytes());
        let bytes = hash.as_bytes();
        let chance = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        f64::from(chance) < self.share * 2f64.powi(32)
    }

    /// The content as it may be kept. Pictures and what providers want back are left out.
    pub(super) fn content(
        &self,
        messages: &[Message],
        tools: &[Tool],
        reply: Option<Message>,
    ) -> Content {
        Content {
            messages: messages.iter().map(|turn| self.message(turn)).collect(),
            tools: tools.to_vec(),
            reply: reply.map(|turn| self.message(&turn)),
        }
    }

    fn message(&self, turn: &Message) -> Message {
        let mut turn = turn.clone();
        turn.state = None;
        for part in &mut turn.parts {
            match part {
                Part::Text { text } => *text = self.text(text),
                Part::Image { .. } => {
                    let text = "[picture]".to_owned();
                    *part = Part::Text { text };
                }
            }
        }
        for call in &mut turn.tool_calls {
            self.value(&mut call.arguments);
        }
        turn
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.value(field)),
            Value::Number(number) => {
                let blanked = self.text(&number.to_string());
                if blanked.starts_with('[') {
                    *value = Value::String(blanked);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&self, text: &str) -> String {
        let blanked = self
            .patterns
            .iter()
            .fold(Cow::Borrowed(text), |text, (pattern, word)| {
                match pattern.replace_all(&text, |_: &Captures<'_>| *word) {
                    Cow::Borrowed(_) => text,
                    Cow::Owned(other) => Cow::Owned(other),
                }
            });
        blanked.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{Role, ToolCall};
    use serde_json::json;

    #[test]
    fn personal_things_are_blanked_and_the_rest_is_kept() {
        let blank = Blank::new(1.0, &[r"ACME-\d+".to_owned()]).unwrap();
        for (text, kept) in [
            (
                "write to ann.o'hara+x@mail.example.com today",
                "write to ann.o'[email] today",
            ),
            (
                "card 4111 1111 1111 1111, tel. +49 (0)30 1234567",
                "card [number], tel. [number]",
            ),
            (
                "order ACME-77 of 2026-11-20, 3 items, $12.50",
                "order [redacted] of 2026-11-20, 3 items, $12.50",
            ),
            (
                "my key is sk-proj-abcdefghijklmnop1234.",
                "my key is [key].",
            ),
            ("nothing here: 12345678, a@b", "nothing here: 12345678, a@b"),
        ] {
            assert_eq!(blank.text(text), kept);
        }
        let mut turn = Message::text(Role::Assistant, "hi");
        turn.state = Some(json!({"secret": 1}));
        turn.tool_calls.push(ToolCall {
            id: "c".into(),
            name: "f".into(),
            arguments: json!({"to": ["x@y.org"], "card": 4_111_111_111_111_111_u64, "n": 3}),
        });
        let kept = blank.content(&[turn], &[], None);
        let call = &kept.messages[0].tool_calls[0];
        assert_eq!(
            call.arguments,
            json!({"to": ["[email]"], "card": "[number]", "n": 3})
        );
        assert_eq!(kept.messages[0].state, None);
    }

    #[test]
    fn a_share_is_that_share() {
        let blank = Blank::new(0.1, &[]).unwrap();
        let kept = (0..20_000)
            .filter(|n| blank.keeps(&format!("id-{n}")))
            .count();
        assert!((1800..2200).contains(&kept), "{kept}");
        let none = Blank::new(0.0, &[]).unwrap();
        assert!(!(0..1000).any(|n| none.keeps(&n.to_string())));
    }
}
