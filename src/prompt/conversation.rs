//! A conversation that the model takes part in: what is said next, given its replies so far. Pure.
//!
//! A script is messages with places where the model answers. Its own words go back as it said them,
//! opaque state included; tools that it calls are answered by the script or by canned results.

use super::neutral::write_message;
use super::{Message, Role, ToolCall};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most requests of one conversation where the prompt does not say.
pub(super) const MOST: u32 = 8;

/// One line of a script.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// Said by the script.
    Said(Message),
    /// The model answers.
    Reply,
}

/// A case's script, and what tools answer in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    lines: Vec<Line>,
    results: BTreeMap<String, String>,
    most: u32,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// The model is asked this.
    Ask(Vec<Message>),
    /// The last reply is the answer.
    Done {
        /// Why the script was not followed to its end, if it was not.
        early: Option<String>,
    },
}

/// How a reply's tool calls are dealt with.
enum Calls {
    /// There are none, or the script answers them: on to the next line.
    Settled,
    /// Their results are there, and the model is asked again.
    Answered(Vec<Message>),
    /// One of them has no result.
    Open(String),
}

impl Conversation {
    /// The last line is a reply; it need not be written.
    pub(super) fn new(
        mut lines: Vec<Line>,
        results: BTreeMap<String, String>,
        most: Option<u32>,
    ) -> Conversation {
        if lines.last() != Some(&Line::Reply) {
            lines.push(Line::Reply);
        }
        let replies = lines.iter().filter(|line| **line == Line::Reply).count() as u32;
        Conversation {
            lines,
            results,
            most: most.unwrap_or_else(|| MOST.max(replies)),
        }
    }

    /// The least number of requests that it takes.
    pub fn least(&self) -> u32 {
        let replies = self.lines.iter().filter(|line| **line == Line::Reply);
        (replies.count() as u32).min(self.most)
    }

    /// The greatest number of requests that it can take.
    pub fn most(&self) -> u32 {
        match self.results.is_empty() {
            true => self.least(),
            false => self.most,
        }
    }

    /// What a script of several requests says and answers, as a hash; none for a single request.
    pub fn script(&self) -> Option<String> {
        if self.most() == 1 {
            return None;
        }
        let lines = self.lines.iter().map(|line| match line {
            Line::Said(message) => write_message(message),
            Line::Reply => Value::Null,
        });
        let all = json!([lines.collect::<Vec<_>>(), self.results, self.most]);
        Some(blake3::hash(all.to_string().as_bytes()).to_hex()[..32].to_owned())
    }

    /// Bytes of text that are said after the first reply.
    pub fn later(&self) -> usize {
        let lines = self.lines.iter().skip_while(|line| **line != Line::Reply);
        let said = lines.filter_map(|line| match line {
            Line::Said(message) => Some(message.joined_text().len()),
            Line::Reply => None,
        });
        said.sum::<usize>() + self.results.values().map(String::len).sum::<usize>()
    }

    /// What comes after these replies of the model.
    pub fn next(&self, replies: &[Message]) -> Next {
        let mut said: Vec<Message> = Vec::new();
        let mut left = replies.iter();
        let early = |why: String| Next::Done { early: Some(why) };
        for (at, line) in self.lines.iter().enumerate() {
            match line {
                Line::Said(message) => said.extend(settle(message, &said)),
                Line::Reply => loop {
                    let Some(reply) = left.next() else {
                        return match replies.len() as u32 >= self.most {
                            true => early(format!("it had {} requests", self.most)),
                            false => Next::Ask(said),
                        };
                    };
                    said.push(reply.clone());
                    match self.calls(reply, &self.lines[at + 1..]) {
                        Calls::Settled => break,
                        Calls::Answered(results) => said.extend(results),
                        Calls::Open(_) if at + 1 == self.lines.len() => {
                            return Next::Done { early: None };
                        }
                        Calls::Open(name) => {
                            return early(format!("the tool `{name}` has no result"));
                        }
                    }
                },
            }
        }
        Next::Done { early: None }
    }

    fn calls(&self, reply: &Message, rest: &[Line]) -> Calls {
        let scripted = rest
            .iter()
            .take_while(|line| matches!(line, Line::Said(message) if message.role == Role::Tool));
        let scripted: Vec<&Message> = scripted
            .filter_map(|line| match line {
                Line::Said(message) => Some(message),
                Line::Reply => None,
            })
            .collect();
        if reply.tool_calls.is_empty() {
            return Calls::Settled;
        }
        if !scripted.is_empty() {
            let mut said = vec![reply.clone()];
            for message in scripted {
                said.extend(settle(message, &said));
            }
            return match open(&said).first() {
                None => Calls::Settled,
                Some(call) => Calls::Open(call.name.clone()),
            };
        }
        let mut results = Vec::new();
        for call in &reply.tool_calls {
            let Some(result) = self.results.get(&call.name) else {
                return Calls::Open(call.name.clone());
            };
            results.push(Message {
                tool_call_id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                ..Message::text(Role::Tool, result)
            });
        }
        Calls::Answered(results)
    }
}

/// The calls of the last assistant's message that no later message answers.
fn open(said: &[Message]) -> Vec<&ToolCall> {
    let Some(last) = said.iter().rposition(|it| it.role == Role::Assistant) else {
        return Vec::new();
    };
    let answered: Vec<&str> = said[last..]
        .iter()
        .filter_map(|message| message.tool_call_id.as_deref())
        .collect();
    let calls = said[last].tool_calls.iter();
    calls
        .filter(|call| !answered.contains(&call.id.as_str()))
        .collect()
}

/// A scripted message as it is said: a tool's result with the call that it answers. One that answers
/// nothing is left out, since the model did not call the tool.
fn settle(message: &Message, said: &[Message]) -> Option<Message> {
    if message.role != Role::Tool || message.tool_call_id.is_some() {
        return Some(message.clone());
    }
    let named = |call: &&&ToolCall| message.name.as_ref().is_none_or(|name| *name == call.name);
    let open = open(said);
    let call = open.iter().find(named)?;
    Some(Message {
        tool_call_id: Some(call.id.clone()),
        name: Some(call.name.clone()),
        ..message.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(text: &str) -> Line {
        Line::Said(Message::text(Role::User, text))
    }

    fn result(name: Option<&str>, text: &str) -> Line {
        Line::Said(Message {
            name: name.map(str::to_owned),
            ..Message::text(Role::Tool, text)
        })
    }

    fn reply(text: &str, calls: &[(&str, &str)]) -> Message {
        let call = |(id, name): &(&str, &str)| ToolCall {
            id: (*id).into(),
            name: (*name).into(),
            arguments: json!({}),
        };
        Message {
            tool_calls: calls.iter().map(call).collect(),
            state: Some(json!({"gemini": {"parts": [text]}})),
            ..Message::text(Role::Assistant, text)
        }
    }

    fn asked(next: Next) -> Vec<String> {
        let Next::Ask(messages) = next else {
            panic!("{next:?}")
        };
        let word = |it: &Message| format!("{:?} {}", it.role, it.joined_text());
        messages.iter().map(word).collect()
    }

    #[test]
    fn a_plain_prompt_is_one_request() {
        let talk = Conversation::new(vec![user("a"), user("b")], BTreeMap::new(), None);
        assert_eq!((talk.least(), talk.most()), (1, 1));
        assert_eq!(asked(talk.next(&[])), ["User a", "User b"]);
        assert_eq!(talk.next(&[reply("x", &[])]), Next::Done { early: None });
        // a call that nobody answers is the answer
        let called = reply("", &[("1", "f")]);
        assert_eq!(talk.next(&[called]), Next::Done { early: None });
    }

    #[test]
    fn replies_go_back_with_their_state() {
        let lines = vec![user("a"), Line::Reply, user("b")];
        let talk = Conversation::new(lines, BTreeMap::new(), None);
        assert_eq!(talk.least(), 2);
        let first = reply("x", &[]);
        let Next::Ask(messages) = talk.next(std::slice::from_ref(&first)) else {
            panic!()
        };
        assert_eq!(messages[1], first);
        assert_eq!(
            asked(Next::Ask(messages)),
            ["User a", "Assistant x", "User b"]
        );
        let both = [first, reply("y", &[])];
        assert_eq!(talk.next(&both), Next::Done { early: None });
    }

    #[test]
    fn canned_results_until_the_model_is_content_or_the_bound_is_reached() {
        let results = BTreeMap::from([("f".to_owned(), "R".to_owned())]);
        let talk = Conversation::new(vec![user("a")], results, Some(3));
        assert_eq!((talk.least(), talk.most()), (1, 3));
        let call = reply("", &[("1", "f"), ("2", "f")]);
        let said = asked(talk.next(std::slice::from_ref(&call)));
        assert_eq!(said, ["User a", "Assistant ", "Tool R", "Tool R"]);
        let done = talk.next(&[call.clone(), reply("it is R", &[])]);
        assert_eq!(done, Next::Done { early: None });
        let early = talk.next(&[call.clone(), call.clone(), call]);
        assert_eq!(
            early,
            Next::Done {
                early: Some("it had 3 requests".into())
            }
        );
        let other = talk.next(&[reply("", &[("1", "g")])]);
        assert_eq!(other, Next::Done { early: None });
    }

    #[test]
    fn the_script_answers_what_was_called() {
        let lines = vec![
            user("a"),
            Line::Reply,
            result(Some("g"), "G"),
            result(None, "F"),
            user("b"),
        ];
        let talk = Conversation::new(lines, BTreeMap::new(), None);
        let both = reply("", &[("1", "f"), ("2", "g")]);
        let Next::Ask(messages) = talk.next(&[both]) else {
            panic!()
        };
        let ids: Vec<_> = messages
            .iter()
            .map(|it| it.tool_call_id.as_deref())
            .collect();
        assert_eq!(ids, [None, None, Some("2"), Some("1"), None]);
        // nothing was called: nothing is answered
        assert_eq!(
            asked(talk.next(&[reply("x", &[])])),
            ["User a", "Assistant x", "User b"]
        );
        let third = reply("", &[("1", "f"), ("2", "g"), ("3", "h")]);
        let Next::Done { early: Some(why) } = talk.next(&[third]) else {
            panic!()
        };
        assert_eq!(why, "the tool `h` has no result");
    }
}
