//! `on`: the part of a reply that is scored instead of its whole text – a place in its JSON or YAML,
//! a code block, what a pattern matches, a tool call's arguments.
//!
//! Named groups of a pattern become columns for what stands inside the scorer that has the `on`.

use super::fences::{fences, language};
use super::path::Path;
use super::phrase::Phrase;
use super::quote::{quote, tell};
use super::reading::{self, Around};
use super::{Build, Graded, Unscored, compare, pattern};
use crate::dataset::Case;
use crate::source::{Block, Kind, Problem, clip};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// Steps that may follow each other.
const STEPS: usize = 8;

/// The way from a reply to what is scored.
#[derive(Debug)]
pub(super) struct Piece {
    steps: Vec<Step>,
    /// The named groups of its patterns.
    pub names: Vec<String>,
    /// As it stands in the suite.
    pub written: Value,
}

/// One step of the way.
#[derive(Debug)]
enum Step {
    /// A text made of columns and names.
    Phrase(Phrase),
    /// A place in the JSON.
    Json(Path),
    /// A place in the YAML.
    Yaml(Path),
    /// A fenced block in this language, or in any.
    Code(Option<String>, Take),
    /// What a group of a pattern matches.
    Regex(Box<Regex>, usize, Take),
    /// The arguments of a call of this tool.
    Tool(String, Take),
}

/// Which of several counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Take {
    /// The last.
    #[default]
    Last,
    /// The first.
    First,
}

impl Take {
    fn of<T>(self, mut all: impl DoubleEndedIterator<Item = T>) -> Option<T> {
        match self {
            Take::Last => all.next_back(),
            Take::First => all.next(),
        }
    }
}

/// A step as it is written: one of the first five, and what belongs to it.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
#[schemars(inline)]
struct Written {
    /// A JSONPath (RFC 9535) into the JSON: `$.label`.
    json: Option<String>,
    /// A JSONPath into the YAML.
    yaml: Option<String>,
    /// A fenced block in this language, or `any`.
    code: Option<String>,
    /// What this pattern matches.
    regex: Option<String>,
    /// The arguments of a call of this tool.
    tool: Option<String>,
    /// With `regex`: the group (name or number) that counts, instead of the whole match.
    group: Option<String>,
    /// With `code`, `regex`, `tool`: which of several.
    take: Option<Take>,
}

/// What the key `on` may hold; only its JSON Schema, for editors.
pub(super) struct On;

impl JsonSchema for On {
    fn schema_name() -> Cow<'static, str> {
        "On".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<Written>();
        let step = json_schema!({"anyOf": [{"type": "string"}, step]});
        json_schema!({
            "description": "The part of the reply that is scored: one step, or several that follow each other",
            "anyOf": [step.clone(), {"type": "array", "items": step, "minItems": 1}],
        })
    }
}

/// What was found in a reply.
pub(super) struct Found {
    /// What is scored.
    pub text: String,
    /// The case with the named groups as columns, if there are any.
    pub case: Option<Case>,
}

impl Piece {
    /// The way that the key `on` describes.
    pub(super) fn of(block: &Block<'_>, build: &Build<'_>) -> Result<Self, Vec<Problem>> {
        let blocks = match &block.node().value {
            Kind::List(items) if (1..=STEPS).contains(&items.len()) => block
                .children()
                .into_iter()
                .map(|(_, block)| block)
                .collect(),
            Kind::List(_) => {
                let title = format!("`on` takes 1 to {STEPS} steps");
                return Err(vec![block.problem(title, "")]);
            }
            _ => vec![block.clone()],
        };
        let mut piece = Piece {
            steps: Vec::new(),
            names: Vec::new(),
            written: block.value(),
        };
        let mut problems = Vec::new();
        for block in &blocks {
            match step(block, build, &mut piece.names) {
                Ok(step) => piece.steps.push(step),
                Err(more) => problems.extend(more),
            }
        }
        match problems.is_empty() {
            true => Ok(piece),
            false => Err(problems),
        }
    }

    /// What is to be scored, or why there is nothing in this reply.
    pub(super) fn find(&self, graded: &Graded<'_>) -> Result<Result<Found, String>, Unscored> {
        let mut text = Cow::Borrowed(graded.reply.text.as_str());
        let mut case: Option<Case> = None;
        for step in &self.steps {
            let now = case.as_ref().unwrap_or(graded.case);
            let found = match step {
                Step::Phrase(phrase) => Ok(phrase.render(now)?.into_owned()),
                Step::Json(path) => {
                    reading::json(&text, Around::Fence).and_then(|it| path.text(&it))
                }
                Step::Yaml(path) => {
                    reading::yaml(&text, Around::Fence).and_then(|it| path.text(&it))
                }
                Step::Code(wanted, take) => block_of(&text, wanted.as_deref(), *take),
                Step::Tool(name, take) => arguments(graded, name, *take),
                Step::Regex(regex, group, take) => match matched(regex, &text, *take)? {
                    None => Err(format!("no match in {}", quote(&text))),
                    Some(found) => {
                        if !self.names.is_empty() {
                            let case = case.get_or_insert_with(|| graded.case.clone());
                            for name in regex.capture_names().flatten() {
                                let text = found.name(name).map_or("", |group| group.as_str());
                                case.vars.insert(name.into(), Value::String(text.into()));
                            }
                        }
                        match found.get(*group) {
                            Some(piece) => Ok(piece.as_str().to_owned()),
                            None => Err("the pattern matches without its group".into()),
                        }
                    }
                },
            };
            match found {
                Ok(found) => text = Cow::Owned(found),
                Err(why) => return Ok(Err(why)),
            }
        }
        let text = text.into_owned();
        Ok(Ok(Found { text, case }))
    }
}

fn step(
    block: &Block<'_>,
    build: &Build<'_>,
    names: &mut Vec<String>,
) -> Result<Step, Vec<Problem>> {
    if block.text().is_some() {
        let columns = [build.columns, names.as_slice()].concat();
        return Phrase::of(block, &build.over(&columns)).map(Step::Phrase);
    }
    let at = |key: &str| block.child(key).unwrap_or_else(|| block.clone());
    let wrong = |key: &str, why: String| vec![at(key).problem(why, "")];
    let written: Written = block.read()?;
    let take = written.take.unwrap_or_default();
    if written.group.is_some() && written.regex.is_none() {
        return Err(wrong("group", "`group` belongs to `regex`".into()));
    }
    let given = [
        written.json.is_some(),
        written.yaml.is_some(),
        written.code.is_some(),
        written.regex.is_some(),
        written.tool.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let title = "a step is one of `json`, `yaml`, `code`, `regex`, `tool`";
        let problem = block.problem(title, "");
        return Err(vec![problem.help(
            "several steps are a list: `on: [{code: json}, {json: $.label}]`",
        )]);
    }
    if written.take.is_some() && (written.json.is_some() || written.yaml.is_some()) {
        return Err(wrong(
            "take",
            "a path says itself which one it takes".into(),
        ));
    }
    if let Some(regex) = &written.regex {
        let group = written.group.as_deref();
        let (regex, group) = pattern::compile(regex, true, group)
            .map_err(|why| wrong("regex", format!("bad pattern: {why}")))?;
        for name in regex.capture_names().flatten() {
            let mut known = build.columns.iter().chain(names.iter());
            if known.any(|known| known == name) {
                let title = format!("the group `{}` has the name of a column", clip(name));
                let problem = at("regex").problem(title, "");
                return Err(vec![problem.help("give it another name")]);
            }
            names.push(name.to_owned());
        }
        return Ok(Step::Regex(Box::new(regex), group.unwrap_or(0), take));
    }
    let path = |key: &str, text: &str| Path::read(text).map_err(|why| wrong(key, why));
    Ok(match written {
        Written {
            json: Some(json), ..
        } => Step::Json(path("json", &json)?),
        Written {
            yaml: Some(yaml), ..
        } => Step::Yaml(path("yaml", &yaml)?),
        Written {
            code: Some(code), ..
        } => Step::Code(Some(language(&code)).filter(|name| name != "any"), take),
        other => Step::Tool(other.tool.unwrap_or_default(), take),
    })
}

/// A pattern's first or last match.
fn matched<'t>(
    regex: &Regex,
    text: &'t str,
    take: Take,
) -> Result<Option<regex::Captures<'t>>, Unscored> {
    if take == Take::First {
        return Ok(regex.captures(text));
    }
    pattern::last(regex, text, |_| true)
}

/// A block of code.
fn block_of(text: &str, wanted: Option<&str>, take: Take) -> Result<String, String> {
    let blocks = fences(text).into_iter();
    let blocks = blocks.filter(|block| wanted.is_none_or(|name| block.language == name));
    let what = wanted.map_or(String::new(), |name| format!(" in {}", tell(name)));
    take.of(blocks)
        .map(|block| block.text)
        .ok_or_else(|| format!("the reply has no code block{what}"))
}

/// The arguments of a tool's call, as text.
fn arguments(graded: &Graded<'_>, name: &str, take: Take) -> Result<String, String> {
    let calls = graded.reply.tool_calls.iter();
    let call = take.of(calls.filter(|call| call.name == name));
    match call {
        None => Err(format!("{} is not called", tell(name))),
        Some(call) => Ok(compare::text(&call.arguments).into_owned()),
    }
}

#[cfg(test)]
mod tests;
