//! From an entry of `messages`, as it is written, to a [`Step`].

use super::step::{Arguments, Calling, Picture, PictureKind, Piece, Say, Step};
use super::{Column, Role};
use crate::project::{Content, ImageSpec, Piece as Written, Said, ToolResult, Turn};
use crate::source::{Block, Kind, Node, Problem};
use crate::template::Template;

/// Makes steps of turns, in order; numbers the tool calls that have no id.
#[derive(Default)]
pub(super) struct Turns {
    /// Ids were given to so many calls.
    minted: u32,
    /// Calls that are written and have no result yet: id and tool.
    open: Vec<(String, String)>,
    /// The model, or a column, may have called tools before.
    unknown: bool,
    pub(super) problems: Vec<Problem>,
}

impl Turns {
    /// The step at a block; nothing where it is wrong, which is then among the problems.
    pub(super) fn step(&mut self, place: &Block, turn: &Turn) -> Option<Step> {
        let found = match turn {
            Turn::Reply => {
                self.unknown = true;
                self.open.clear();
                return Some(Step::Reply);
            }
            Turn::From(name) => {
                self.unknown = true;
                let at = place.child("from").unwrap_or_else(|| place.clone());
                return Some(Step::From(Column {
                    name: name.clone(),
                    place: Box::new(at.problem("", "")),
                }));
            }
            Turn::System(said) => self.plain(place, "system", Role::System, said),
            Turn::User(said) => self.plain(place, "user", Role::User, said),
            Turn::Assistant(said) => self.assistant(place, said),
            Turn::Tool(result) => self.tool(place, result),
        };
        match found {
            Ok(say) => Some(Step::Say(Box::new(say))),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn plain(
        &mut self,
        place: &Block,
        key: &str,
        role: Role,
        said: &Content,
    ) -> Result<Say, Problem> {
        let at = child(place, key);
        Ok(say(role, self.parts(&at, said)?))
    }

    /// The pieces of what is said; more than one mistake is said at once.
    fn parts(&mut self, at: &Block, said: &Content) -> Result<Vec<Piece>, Problem> {
        let pieces = match said {
            Content::Text(_) => return Ok(vec![Piece::Text(Template::of_block(at)?)]),
            Content::Parts(pieces) => pieces,
        };
        let read = pieces.iter().enumerate().map(|(index, piece)| {
            let at = child(at, &index.to_string());
            match piece {
                Written::Text(_) => Template::of_block(&child(&at, "text")).map(Piece::Text),
                Written::Image(image) => picture(&child(&at, "image"), image).map(Piece::Image),
            }
        });
        let mut parts = Vec::new();
        let mut first = None;
        for piece in read {
            match piece {
                Ok(piece) => parts.push(piece),
                Err(problem) if first.is_none() => first = Some(problem),
                Err(problem) => self.problems.push(problem),
            }
        }
        first.map_or(Ok(parts), Err)
    }

    fn assistant(&mut self, place: &Block, said: &Said) -> Result<Say, Problem> {
        let at = child(place, "assistant");
        self.open.clear();
        let saying = match said {
            Said::Text(_) => {
                let text = Template::of_block(&at)?;
                return Ok(say(Role::Assistant, vec![Piece::Text(text)]));
            }
            Said::Whole(saying) => saying,
        };
        if saying.text.is_none() && saying.tool_calls.is_empty() {
            let problem = at.problem("the assistant says nothing", "");
            return Err(problem.help("give it `text`, `tool_calls` or both"));
        }
        let text = match &saying.text {
            Some(_) => vec![Piece::Text(Template::of_block(&child(&at, "text"))?)],
            None => Vec::new(),
        };
        let mut calls = Vec::new();
        for (index, call) in saying.tool_calls.iter().enumerate() {
            let written = child(&child(&at, "tool_calls"), &index.to_string());
            let id = call.id.clone().unwrap_or_else(|| self.mint());
            let arguments = match written.child("arguments") {
                Some(arguments) => shape(&arguments, arguments.node())?,
                None => Arguments::Map(Vec::new()),
            };
            self.open.push((id.clone(), call.name.clone()));
            calls.push(Calling {
                id,
                name: call.name.clone(),
                arguments,
            });
        }
        Ok(Say {
            calls,
            ..say(Role::Assistant, text)
        })
    }

    fn tool(&mut self, place: &Block, result: &ToolResult) -> Result<Say, Problem> {
        let at = child(place, "tool");
        let (call, name, parts) = match result {
            ToolResult::Text(_) => {
                let text = Piece::Text(Template::of_block(&at)?);
                (None, None, vec![text])
            }
            ToolResult::Whole(answer) => {
                let parts = self.parts(&child(&at, "content"), &answer.content)?;
                (answer.call.clone(), answer.name.clone(), parts)
            }
        };
        let answers = |(id, tool): &(String, String)| match (&call, &name) {
            (Some(call), _) => call == id,
            (None, Some(name)) => name == tool,
            (None, None) => true,
        };
        match self.open.iter().position(answers) {
            Some(found) => drop(self.open.remove(found)),
            None if self.unknown => {}
            None => {
                let problem = at.problem("no tool call before this has no result yet", "");
                return Err(problem.help(
                    "write the call first: `assistant: {tool_calls: [{name: …, arguments: …}]}`, or `reply`",
                ));
            }
        }
        Ok(Say {
            call,
            name,
            ..say(Role::Tool, parts)
        })
    }

    /// An id for a call: nine letters and digits, which is the one form that every API takes.
    fn mint(&mut self) -> String {
        self.minted += 1;
        format!("call{:05}", self.minted)
    }
}

fn say(role: Role, parts: Vec<Piece>) -> Say {
    Say {
        role,
        parts,
        calls: Vec::new(),
        call: None,
        name: None,
    }
}

fn child<'a>(place: &Block<'a>, key: &str) -> Block<'a> {
    place.child(key).unwrap_or_else(|| place.clone())
}

fn picture(at: &Block, image: &ImageSpec) -> Result<Picture, Problem> {
    let map = match image {
        ImageSpec::Reference(_) => {
            return Ok(Picture {
                kind: PictureKind::Any,
                template: Template::of_block(at)?,
                media_type: None,
            });
        }
        ImageSpec::Map(map) => map,
    };
    let kinds = [
        ("file", &map.file, PictureKind::File),
        ("url", &map.url, PictureKind::Url),
        ("data", &map.data, PictureKind::Data),
    ];
    let mut said = kinds.iter().filter(|(_, value, _)| value.is_some());
    match (said.next(), said.next()) {
        (Some((key, _, kind)), None) => Ok(Picture {
            kind: *kind,
            template: Template::of_block(&child(at, key))?,
            media_type: map.media_type.clone(),
        }),
        _ => Err(at.problem("a picture is one of `file`, `url` and `data`", "")),
    }
}

/// Arguments with a template for every text in them.
fn shape(at: &Block, node: &Node) -> Result<Arguments, Problem> {
    Ok(match &node.value {
        Kind::Text(_) => Arguments::Text(Template::of_block(at)?),
        Kind::List(items) => {
            let items = items.iter().enumerate();
            let items = items.map(|(index, item)| shape(&child(at, &index.to_string()), item));
            Arguments::List(items.collect::<Result<_, _>>()?)
        }
        Kind::Map(entries) => {
            let entries = entries.iter().map(|(key, item)| {
                let item = shape(&child(at, &key.text), item)?;
                Ok((key.text.clone(), item))
            });
            Arguments::Map(entries.collect::<Result<_, Problem>>()?)
        }
        _ => Arguments::Plain(node.to_value()),
    })
}

#[cfg(test)]
mod tests;
