//! One entry of a prompt's messages, parsed: a message to be filled in, a column's messages, or the
//! place where the model answers.

use super::files::{Files, data_url};
use super::neutral::read_messages;
use super::{Column, Message, Part, Role, ToolCall};
use crate::source::{Problem, clip};
use crate::template::Template;
use serde_json::{Map, Value, json};

/// One entry of a prompt's messages.
#[derive(Debug, Clone)]
pub enum Step {
    /// A message.
    Say(Box<Say>),
    /// The messages of a column.
    From(Column),
    /// The model answers here.
    Reply,
}

/// A message whose texts are templates.
#[derive(Debug, Clone)]
pub struct Say {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Piece>,
    /// Tool calls of the assistant.
    pub calls: Vec<Calling>,
    /// For a tool's result: the id of the call that it answers.
    pub call: Option<String>,
    /// For a tool's result: the tool's name.
    pub name: Option<String>,
}

/// A piece of what is said.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A text.
    Text(Template),
    /// A picture.
    Image(Picture),
}

/// A picture that a template names.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What to make of the rendered text.
    pub kind: PictureKind,
    /// Its path, its address or its bytes.
    pub template: Template,
    /// What the prompt says it is.
    pub media_type: Option<String>,
}

/// What the text of a [`Picture`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Whatever it begins like.
    Any,
    /// A file's path.
    File,
    /// An http(s) address.
    Url,
    /// Base64.
    Data,
}

/// A tool call whose arguments are templates.
#[derive(Debug, Clone)]
pub struct Calling {
    /// Its id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments.
    pub arguments: Arguments,
}

/// The shape of a call's arguments, with a template for each text.
#[derive(Debug, Clone)]
pub enum Arguments {
    /// A text; where it is all there is, it may be a JSON object.
    Text(Template),
    /// A number, true, false or null.
    Plain(Value),
    /// A list.
    List(Vec<Arguments>),
    /// A map.
    Map(Vec<(String, Arguments)>),
}

impl Step {
    /// The templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        let Step::Say(say) = self else {
            return Vec::new();
        };
        let mut templates: Vec<&Template> = Vec::new();
        templates.extend(say.parts.iter().map(|piece| match piece {
            Piece::Text(template) => template,
            Piece::Image(picture) => &picture.template,
        }));
        for call in &say.calls {
            call.arguments.templates(&mut templates);
        }
        templates
    }

    /// What it is, for the prompt's hash. A plain message is its role, text and syntax.
    pub(super) fn identity(&self) -> Value {
        let say = match self {
            Step::Say(say) => say,
            Step::From(column) => return json!(["from", column.name]),
            Step::Reply => return json!(["reply"]),
        };
        let words = |template: &Template| json!([template.text(), template.syntax()]);
        match (
            say.parts.as_slice(),
            say.calls.as_slice(),
            &say.call,
            &say.name,
        ) {
            ([Piece::Text(text)], [], None, None) => {
                json!([say.role, text.text(), text.syntax()])
            }
            (parts, calls, call, name) => {
                let parts = parts.iter().map(|piece| match piece {
                    Piece::Text(text) => json!(["text", words(text)]),
                    Piece::Image(picture) => json!([
                        "image",
                        format!("{:?}", picture.kind),
                        words(&picture.template),
                        picture.media_type
                    ]),
                });
                let calls = calls
                    .iter()
                    .map(|call| json!([call.id, call.name, call.arguments.identity()]));
                json!([
                    say.role,
                    parts.collect::<Vec<_>>(),
                    calls.collect::<Vec<_>>(),
                    call,
                    name
                ])
            }
        }
    }

    /// The messages that it makes for a case with these values; none for `reply`.
    pub(super) fn render(
        &self,
        vars: &Map<String, Value>,
        files: &Files,
        beside: &str,
    ) -> Result<Vec<Message>, Problem> {
        match self {
            Step::Reply => Ok(Vec::new()),
            Step::Say(say) => Ok(vec![say.render(vars, files, beside)?]),
            Step::From(Column { name, place }) => {
                let located = |problem: Problem| Problem {
                    at: problem.at.or_else(|| place.at.clone()),
                    ..problem
                };
                column_json(vars, name)
                    .and_then(|list| match list {
                        Value::Null => Ok(Vec::new()),
                        list => read_messages(&list, name),
                    })
                    .map_err(located)
            }
        }
    }
}

/// A column's cell as JSON: what the format gave, or what its text says; nothing is null.
pub(super) fn column_json(vars: &Map<String, Value>, column: &str) -> Result<Value, Problem> {
    match vars.get(column) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Value::Null),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|error| {
            let title = format!("the column `{column}` is no JSON: {error}");
            Problem::error(title).help(format!("it says: {}", clip(text)))
        }),
        Some(value) => Ok(value.clone()),
    }
}

impl Say {
    fn render(
        &self,
        vars: &Map<String, Value>,
        files: &Files,
        beside: &str,
    ) -> Result<Message, Problem> {
        let parts = self.parts.iter().map(|piece| match piece {
            Piece::Text(template) => template.render(vars).map(|text| Part::Text { text }),
            Piece::Image(picture) => picture.render(vars, files, beside),
        });
        let parts = parts.collect::<Result<_, _>>()?;
        let calls = self.calls.iter().map(|call| {
            Ok(ToolCall {
                id: call.id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.whole(vars)?,
            })
        });
        Ok(Message {
            role: self.role,
            parts,
            tool_calls: calls.collect::<Result<_, Problem>>()?,
            tool_call_id: self.call.clone(),
            name: self.name.clone(),
            state: None,
        })
    }
}

impl Picture {
    /// The path of the file that it is for these values, if it is one.
    pub(super) fn path(&self, vars: &Map<String, Value>) -> Result<Option<String>, Problem> {
        let text = self.template.render(vars)?;
        let text = text.trim();
        let address = |start: &str| {
            text.get(..start.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        };
        Ok(match self.kind {
            PictureKind::File => Some(text.to_owned()),
            PictureKind::Any if ["http://", "https://", "data:"].into_iter().any(address) => None,
            PictureKind::Any => Some(text.to_owned()),
            PictureKind::Url | PictureKind::Data => None,
        })
    }

    fn render(
        &self,
        vars: &Map<String, Value>,
        files: &Files,
        beside: &str,
    ) -> Result<Part, Problem> {
        if let Some(path) = self.path(vars)? {
            return files.picture(&path, beside);
        }
        let text = self.template.render(vars)?.trim().to_owned();
        if self.kind == PictureKind::Data {
            let media_type = self.media_type.as_deref();
            return super::files::inline(&text, media_type, "the picture's `data`");
        }
        let scheme = text.split(':').next().unwrap_or_default().to_lowercase();
        match scheme.as_str() {
            "data" => data_url(&text),
            "http" | "https" => Ok(Part::Image {
                media_type: self.media_type.clone(),
                data: None,
                url: Some(text),
            }),
            _ => {
                let title = format!("`{}` is no http(s) address", clip(&text));
                Err(Problem::error(title).help("for a file, write `image: {file: PATH}`"))
            }
        }
    }
}

impl Arguments {
    fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Arguments::Text(template) => into.push(template),
            Arguments::Plain(_) => {}
            Arguments::List(items) => items.iter().for_each(|item| item.templates(into)),
            Arguments::Map(entries) => entries.iter().for_each(|(_, item)| item.templates(into)),
        }
    }

    fn identity(&self) -> Value {
        match self {
            Arguments::Text(template) => json!([template.text(), template.syntax()]),
            Arguments::Plain(value) => value.clone(),
            Arguments::List(items) => items.iter().map(Arguments::identity).collect(),
            Arguments::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, item)| (key.clone(), item.identity()));
                Value::Object(entries.collect())
            }
        }
    }

    /// All of a call's arguments; a single text that is a JSON object is that object.
    fn whole(&self, vars: &Map<String, Value>) -> Result<Value, Problem> {
        let value = self.fill(vars)?;
        Ok(match (self, &value) {
            (Arguments::Text(_), Value::String(text)) => match serde_json::from_str(text) {
                Ok(object @ Value::Object(_)) => object,
                _ => value,
            },
            _ => value,
        })
    }

    fn fill(&self, vars: &Map<String, Value>) -> Result<Value, Problem> {
        Ok(match self {
            Arguments::Text(template) => Value::String(template.render(vars)?),
            Arguments::Plain(value) => value.clone(),
            Arguments::List(items) => {
                let items = items.iter().map(|item| item.fill(vars));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Arguments::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, item)| Ok((key.clone(), item.fill(vars)?)));
                Value::Object(entries.collect::<Result<_, Problem>>()?)
            }
        })
    }
}
