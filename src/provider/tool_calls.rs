//! Tool calls put together from the pieces of a stream.
//!
//! A piece's `index` is a label, not an identity: servers repeat it for different calls, leave it
//! out, or change it half-way. The rule here is the one that reads every shape seen so far: a
//! known id, then a new id, then the index, then the call being streamed.

use super::Segment;
use super::lenient::json;
use crate::prompt::ToolCall;
use serde_json::{Map, Value};

/// Calls as far as they have come.
#[derive(Debug, Default)]
pub(super) struct ToolCalls(Vec<Building>);

/// What one piece of a stream says about a call; empty texts are "not said".
#[derive(Debug, Default)]
pub(super) struct Piece<'a> {
    pub index: Option<u64>,
    pub id: &'a str,
    pub name: &'a str,
    pub arguments: Option<&'a Value>,
}

#[derive(Debug, Default)]
struct Building {
    index: Option<u64>,
    id: String,
    name: String,
    text: String,
    whole: Option<Value>,
}

impl ToolCalls {
    /// Takes a piece; says whether it carried anything that the model generated.
    pub fn add(&mut self, piece: Piece<'_>) -> bool {
        let arguments = match piece.arguments {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Null) | None => false,
            Some(_) => true,
        };
        if piece.id.is_empty() && piece.name.is_empty() && !arguments {
            return false;
        }
        let at = self.place(&piece).unwrap_or_else(|| {
            self.0.push(Building {
                index: piece.index,
                ..Building::default()
            });
            self.0.len() - 1
        });
        let call = &mut self.0[at];
        if call.id.is_empty() {
            call.id = piece.id.into();
        }
        if call.name.is_empty() {
            call.name = piece.name.into();
        }
        match piece.arguments {
            Some(Value::String(text)) => call.text.push_str(text),
            Some(Value::Null) | None => {}
            Some(whole) => call.whole = Some(whole.clone()),
        }
        arguments || !piece.name.is_empty()
    }

    /// The calls as far as they have come.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.0.iter().map(|call| {
            let arguments = match &call.whole {
                Some(whole) => whole.to_string().into(),
                None => call.text.as_str().into(),
            };
            Segment::Call(&call.id, &call.name, arguments)
        })
    }

    /// The calls, in order; ids that never came are minted.
    pub fn finish(self) -> Vec<ToolCall> {
        let calls = self.0.into_iter().enumerate().map(|(n, call)| ToolCall {
            arguments: call.whole.unwrap_or_else(|| arguments(&call.text)),
            id: match call.id.is_empty() {
                true => format!("call_{n}"),
                false => call.id,
            },
            name: call.name,
        });
        calls.collect()
    }

    /// The call that a piece belongs to, or `None` for a new one.
    fn place(&self, piece: &Piece<'_>) -> Option<usize> {
        let calls = &self.0;
        let same_index = piece
            .index
            .and_then(|index| calls.iter().rposition(|call| call.index == Some(index)));
        if !piece.id.is_empty() {
            return calls
                .iter()
                .position(|call| call.id == piece.id)
                .or_else(|| same_index.filter(|at| calls[*at].id.is_empty()));
        }
        if same_index.is_some() {
            return same_index;
        }
        let current = calls.last()?;
        let begins = !piece.name.is_empty() && (piece.index.is_some() || current.complete());
        (!begins).then_some(calls.len() - 1)
    }
}

impl Building {
    fn complete(&self) -> bool {
        self.whole.is_some() || serde_json::from_str::<Value>(&self.text).is_ok()
    }
}

/// Arguments written as text: nothing is no arguments, and text that is no JSON stays text.
pub(super) fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    json(text.as_bytes()).unwrap_or_else(|_| Value::String(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    type Row<'a> = (Option<u64>, &'a str, &'a str, &'a str);

    fn assemble(rows: &[Row<'_>]) -> Vec<(String, String, Value)> {
        let mut calls = ToolCalls::default();
        for (index, id, name, text) in rows {
            let text = json!(text);
            calls.add(Piece {
                index: *index,
                id,
                name,
                arguments: Some(&text),
            });
        }
        let calls = calls.finish().into_iter();
        calls
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    fn two(rows: &[Row<'_>]) {
        let calls = assemble(rows);
        let got: Vec<_> = calls
            .iter()
            .map(|(_, name, args)| (name.as_str(), args))
            .collect();
        assert_eq!(
            got,
            [("f", &json!({"a": 1})), ("g", &json!({"b": 2}))],
            "{rows:?}"
        );
    }

    #[test]
    fn every_habit_of_labelling_gives_the_same_calls() {
        let (zero, one) = (Some(0), Some(1));
        // as specified: id first, then the index alone
        two(&[
            (zero, "x", "f", ""),
            (zero, "", "", "{\"a\":1}"),
            (one, "y", "g", "{\"b\":"),
            (one, "", "", "2}"),
        ]);
        // the same index for every call
        two(&[(zero, "x", "f", "{\"a\":1}"), (zero, "y", "g", "{\"b\":2}")]);
        // no index and no id
        two(&[
            (None, "", "f", "{\"a\":1}"),
            (None, "", "g", "{\"b\":"),
            (None, "", "", "2}"),
        ]);
        // the id in every piece, calls interleaved
        two(&[
            (None, "x", "f", "{\"a\""),
            (None, "y", "g", "{\"b\":2}"),
            (None, "x", "", ":1}"),
        ]);
        // no id at all
        two(&[(zero, "", "f", "{\"a\":1}"), (one, "", "g", "{\"b\":2}")]);
        // the head of the second call has the first one's index, its tail has its own
        two(&[
            (zero, "x", "f", "{\"a\":1}"),
            (zero, "y", "g", "{\"b\""),
            (one, "", "", ":2}"),
        ]);
        // the id comes late
        two(&[
            (zero, "", "f", "{\"a\":"),
            (zero, "x", "", "1}"),
            (one, "y", "g", "{\"b\":2}"),
        ]);
    }

    #[test]
    fn ids_are_minted_and_cut_arguments_stay_text() {
        let calls = assemble(&[(Some(0), "", "f", ""), (Some(1), "y", "g", "{\"b\": \"cu")]);
        assert_eq!(calls[0], ("call_0".into(), "f".into(), json!({})));
        assert_eq!(calls[1], ("y".into(), "g".into(), json!("{\"b\": \"cu")));
    }

    #[test]
    fn an_empty_piece_is_no_call() {
        assert!(assemble(&[(Some(0), "", "", "")]).is_empty());
    }
}
