//! A prompt as a run keeps it: the texts of its messages, so that a report can show years later what the
//! models were asked, whatever the file says by then.

use super::step::{Arguments, Calling, PictureKind, Piece, Say, Step};
use super::{EXAMPLES, Prompt, Role};
use crate::source::Source;
use crate::template::{Syntax, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The messages of a prompt as texts, with its examples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Kept {
    /// The messages in order.
    pub lines: Vec<Line>,
    /// What the variable `examples` holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Value>,
}

/// One message, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Line {
    /// `system`, `user`, `assistant`, `tool`; `messages` is a column of them, `reply` is where the model answers.
    pub role: String,
    /// The template, or the column's name.
    pub text: String,
    /// It is written in Jinja.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub jinja: bool,
    /// It stands for a picture.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub picture: bool,
}

/// A kept prompt, parsed: says what a case was asked.
pub struct Asking {
    /// Role and text of each message.
    pub lines: Vec<(String, Saying)>,
    examples: Vec<Value>,
}

/// What a message says.
pub enum Saying {
    /// The same for every case.
    Always(String),
    /// What the template makes of the case.
    Made(Box<Template>),
    /// The address or the size of a picture.
    Picture(Box<Template>),
    /// What the column holds.
    Column(String),
}

impl Prompt {
    /// Its messages, to be kept with a run.
    pub fn kept(&self) -> Kept {
        let lines = self.messages.iter().flat_map(|step| match step {
            Step::Say(say) => say.kept(),
            Step::From(column) => vec![line("messages", &column.name)],
            Step::Reply => vec![line("reply", "")],
        });
        Kept {
            lines: lines.collect(),
            examples: self.examples.clone(),
        }
    }
}

fn line(role: &str, text: &str) -> Line {
    Line {
        role: role.to_owned(),
        text: text.to_owned(),
        jinja: false,
        picture: false,
    }
}

impl Say {
    fn kept(&self) -> Vec<Line> {
        let role = role(self.role);
        let parts = self.parts.iter().map(|piece| match piece {
            Piece::Text(template) => template_line(role, template, false),
            // Its bytes would be as long as all the rest, and say nothing to a reader.
            Piece::Image(picture) if picture.kind == PictureKind::Data => line(role, "(a picture)"),
            Piece::Image(picture) => template_line(role, &picture.template, true),
        });
        let calls = self.calls.iter().map(|call| line(role, &call.written()));
        parts.chain(calls).collect()
    }
}

fn template_line(role: &str, template: &Template, picture: bool) -> Line {
    Line {
        jinja: template.syntax() == "jinja",
        picture,
        ..line(role, template.text())
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

impl Calling {
    fn written(&self) -> String {
        format!("{}({})", self.name, self.arguments.written())
    }
}

impl Arguments {
    /// The arguments as JSON, templates and all.
    fn written(&self) -> Value {
        match self {
            Arguments::Text(template) => Value::from(template.text()),
            Arguments::Plain(value) => value.clone(),
            Arguments::List(items) => items.iter().map(Arguments::written).collect(),
            Arguments::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, item)| (key.clone(), item.written()));
                Value::Object(entries.collect())
            }
        }
    }
}

impl Kept {
    /// Parses it. A text that is no template (any more) is shown as it is.
    pub fn asking(&self) -> Asking {
        let lines = self.lines.iter().map(|line| {
            let says = match line.role.as_str() {
                "messages" => Saying::Column(line.text.clone()),
                _ => line.saying(),
            };
            (line.role.clone(), says)
        });
        Asking {
            lines: lines.collect(),
            examples: self.examples.clone(),
        }
    }
}

impl Line {
    fn saying(&self) -> Saying {
        let syntax = match self.jinja {
            true => Syntax::Jinja,
            false => Syntax::Handlebars,
        };
        let source = Arc::new(Source::new("the prompt", self.text.as_str()));
        match Template::parse(&self.text, &source, 0..self.text.len(), syntax) {
            Ok(template) if self.picture => Saying::Picture(Box::new(template)),
            Ok(template) if template.is_plain() => Saying::Always(self.text.clone()),
            Ok(template) => Saying::Made(Box::new(template)),
            Err(_) => Saying::Always(self.text.clone()),
        }
    }
}

impl Asking {
    /// What a case with these values was asked: a text for each line that is not the same for all.
    pub fn said(&self, vars: &Map<String, Value>) -> Vec<String> {
        let mut all = std::borrow::Cow::Borrowed(vars);
        if !self.examples.is_empty() {
            let examples = Value::Array(self.examples.clone());
            all.to_mut().insert(EXAMPLES.to_owned(), examples);
        }
        let render = |template: &Template| {
            let made = template.render(&all);
            made.unwrap_or_else(|problem| format!("(cannot be shown: {})", problem.title))
        };
        let said = self.lines.iter().filter_map(|(_, saying)| match saying {
            Saying::Always(_) => None,
            Saying::Made(template) => Some(render(template)),
            Saying::Picture(template) => Some(match render(template) {
                data if data.trim_start().starts_with("data:") => "(a picture)".to_owned(),
                place => format!("(a picture: {})", place.trim()),
            }),
            Saying::Column(name) => Some(all.get(name).map_or(String::new(), |value| {
                let text = value.as_str().map(str::to_owned);
                text.unwrap_or_else(|| format!("{value:#}"))
            })),
        });
        said.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Case, Dataset};
    use crate::project::Catalog;
    use serde_json::json;

    fn prompt(name: &str, text: &str) -> Prompt {
        let source = Arc::new(Source::new(name, text));
        let read = Prompt::of_source(name, source, &Catalog::shipped());
        read.unwrap_or_else(|problems| panic!("{}", problems[0].draw(false)))
    }

    /// Role and text of each line, through the store and back.
    fn said(prompt: &Prompt, vars: &Value) -> Vec<(String, String)> {
        let stored = serde_json::to_string(&prompt.kept()).unwrap();
        let kept: Kept = serde_json::from_str(&stored).unwrap();
        assert_eq!(kept, prompt.kept());
        let asking = kept.asking();
        let mut own = asking.said(vars.as_object().unwrap()).into_iter();
        let lines = asking.lines.iter().map(|(role, saying)| {
            let text = match saying {
                Saying::Always(text) => text.clone(),
                _ => own.next().unwrap(),
            };
            (role.clone(), text)
        });
        let lines = lines.collect();
        assert_eq!(own.next(), None);
        lines
    }

    #[test]
    fn what_is_shown_is_what_is_sent() {
        let vars = json!({"q": "a < b {{x}}", "n": 3});
        let case = Case {
            id: "c".into(),
            vars: vars.as_object().unwrap().clone(),
            target: None,
            group: None,
            tags: Vec::new(),
            line: 1,
        };
        let files = crate::prompt::Files::new(&Catalog::shipped(), &Dataset::empty());
        let yaml = "messages:\n- system: Be brief.\n- user: \"{{#each examples}}{{this.x}};{{/each}} {{q}} {{n}}\"\n\
                    examples: [{x: 1}, {x: 2}]\n";
        for prompt in [
            prompt("p.yaml", yaml),
            prompt("p.j2", "{{ q }} {% if n %}yes{% endif %}\n"),
        ] {
            let sent = prompt.render(&case, &files).unwrap();
            let sent = sent
                .iter()
                .map(|it| (role(it.role).to_owned(), it.joined_text()));
            assert_eq!(said(&prompt, &vars), sent.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_no_text_is_told_in_words() {
        let yaml = "messages:\n- from: history\n- user:\n  - text: \"{{q}}\"\n  - image: \"{{p}}\"\n- reply\n- user: go on\n";
        let vars = json!({"history": "[]", "q": "look", "p": "data:image/png;base64,AAAA"});
        let told = said(&prompt("p.yaml", yaml), &vars);
        let told: Vec<(&str, &str)> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let expected = [
            ("messages", "[]"),
            ("user", "look"),
            ("user", "(a picture)"),
            ("reply", ""),
            ("user", "go on"),
        ];
        assert_eq!(told, expected);
        let lost = said(
            &prompt("p.yaml", "messages:\n- user: \"{{q}}\"\n"),
            &json!({}),
        );
        assert!(lost[0].1.starts_with("(cannot be shown: "), "{lost:?}");
    }
}
