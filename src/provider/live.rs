//! A streamed reply passed on while it comes: what a decoder holds, and what of it is news.
//!
//! Decoders put a reply together as always; a [`Cursor`] remembers how much of it was passed on. So a
//! run that nobody listens to pays nothing for this.

/// A part of a reply as far as it has come. Its place among the others never changes, and its texts
/// only ever grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Visible text.
    Text(&'a str),
    /// Thinking, and the provider's signature under it.
    Reasoning(&'a str, &'a str),
    /// A refusal that has a place of its own.
    Refusal(&'a str),
    /// A tool call: id, name, arguments as JSON text.
    Call(&'a str, &'a str, std::borrow::Cow<'a, str>),
    /// Something that is not passed on piece by piece.
    Other,
}

/// A piece of a reply, the moment it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// More visible text.
    Text(String),
    /// More thinking.
    Reasoning(String),
    /// More of the signature under the thinking that came last.
    Signature(String),
    /// More of a refusal.
    Refusal(String),
    /// A tool call begins.
    Call {
        /// Its place among the reply's calls, from 0.
        index: usize,
        /// The provider's id, or one minted by us.
        id: String,
        /// The tool's name.
        name: String,
    },
    /// More of a call's arguments.
    Arguments {
        /// The call's place.
        index: usize,
        /// JSON text.
        piece: String,
    },
}

/// How much of a reply has been passed on.
#[derive(Debug, Default)]
pub struct Cursor {
    sent: Vec<Sent>,
}

#[derive(Debug, Default, Clone)]
struct Sent {
    begun: bool,
    first: usize,
    second: usize,
}

impl Cursor {
    /// What is new in these segments. `safe` says how many bytes of a text may be passed on yet, and
    /// `clean` what of a new piece may be shown.
    pub fn news(
        &mut self,
        segments: &[Segment<'_>],
        safe: &dyn Fn(&str) -> usize,
        clean: &dyn Fn(&str) -> String,
    ) -> Vec<Delta> {
        let mut news = Vec::new();
        let mut calls = 0;
        self.sent
            .resize(self.sent.len().max(segments.len()), Sent::default());
        let more = |text: &str, sent: &mut usize| {
            let until = safe(text);
            let piece = text.get(*sent..until).filter(|piece| !piece.is_empty())?;
            *sent = until;
            Some(clean(piece))
        };
        for (segment, sent) in segments.iter().zip(&mut self.sent) {
            match segment {
                Segment::Text(text) => {
                    news.extend(more(text, &mut sent.first).map(Delta::Text));
                }
                Segment::Reasoning(text, signature) => {
                    news.extend(more(text, &mut sent.first).map(Delta::Reasoning));
                    news.extend(more(signature, &mut sent.second).map(Delta::Signature));
                }
                Segment::Refusal(text) => {
                    news.extend(more(text, &mut sent.first).map(Delta::Refusal));
                }
                Segment::Call(id, name, arguments) => {
                    let index = calls;
                    calls += 1;
                    if !sent.begun && (!name.is_empty() || !arguments.is_empty()) {
                        sent.begun = true;
                        let id = match id.is_empty() {
                            true => format!("call_{index}"),
                            false => clean(id),
                        };
                        let name = clean(name);
                        news.push(Delta::Call { index, id, name });
                    }
                    let piece = more(arguments, &mut sent.first);
                    news.extend(piece.map(|piece| Delta::Arguments { index, piece }));
                }
                Segment::Other => {}
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(cursor: &mut Cursor, segments: &[Segment<'_>]) -> Vec<Delta> {
        cursor.news(segments, &str::len, &str::to_owned)
    }

    #[test]
    fn only_what_is_new_is_told_and_all_of_it() {
        let mut cursor = Cursor::default();
        let first = news(&mut cursor, &[Segment::Text("he")]);
        assert_eq!(first, [Delta::Text("he".into())]);
        assert!(news(&mut cursor, &[Segment::Text("he")]).is_empty());
        let call = |text: &'static str| Segment::Call("", "f", text.into());
        let second = news(&mut cursor, &[Segment::Text("hey"), call("")]);
        let begun = Delta::Call {
            index: 0,
            id: "call_0".into(),
            name: "f".into(),
        };
        assert_eq!(second, [Delta::Text("y".into()), begun]);
        let third = news(&mut cursor, &[Segment::Text("hey"), call("{}")]);
        let piece = "{}".to_owned();
        assert_eq!(third, [Delta::Arguments { index: 0, piece }]);
    }

    #[test]
    fn what_is_not_safe_yet_waits() {
        let mut cursor = Cursor::default();
        let hold = |text: &str| text.len().saturating_sub(2);
        let some = cursor.news(&[Segment::Text("abcd")], &hold, &str::to_owned);
        assert_eq!(some, [Delta::Text("ab".into())]);
        let rest = news(&mut cursor, &[Segment::Text("abcd")]);
        assert_eq!(rest, [Delta::Text("cd".into())]);
    }
}
