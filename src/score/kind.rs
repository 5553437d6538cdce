//! What a kind of scorer tells about itself, and the parameters it is built from.

use super::piece::On;
use super::{Build, Scorer};
use crate::source::{self, Block, Problem};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::borrow::Cow;

/// The direction of nearly every kind.
pub(super) const HIGHER: &str = "higher is better";

/// A kind of scorer.
#[derive(Debug)]
pub struct Kind {
    /// Its name, which is its key in a definition.
    pub name: &'static str,
    /// What it looks at, in a line.
    pub about: &'static str,
    /// Its parameters, in a line.
    pub params: &'static str,
    /// What a value that is no map means; empty where there must be a map.
    pub short: &'static str,
    /// The values it may have: `0 or 1`, `0 to 1`.
    pub range: &'static str,
    /// Which values are the good ones: `higher is better`.
    pub direction: &'static str,
    /// What it needs beside the reply: a target, a model; empty where it needs nothing.
    pub needs: &'static str,
    /// A line of `score --try` as JSON. In it, `gives` is what comes out (a part of it is enough) and
    /// `says` what the models that are asked would say, in order: a text, or a list of vectors.
    pub example: &'static str,
    /// Builds a scorer, or says all that is wrong with its parameters.
    pub(super) build: Builder,
    /// JSON Schema of the parameters, the short form included.
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

/// A scorer, or all that is wrong with its parameters.
pub(super) type Built = Result<Box<dyn Scorer>, Vec<Problem>>;

/// Builds a scorer from its parameters.
pub(super) type Builder = fn(&Given<'_, '_>, &Build<'_>) -> Built;

/// A kind's parameters as they were given.
pub(super) struct Given<'g, 'd> {
    /// The kind.
    pub kind: &'static Kind,
    /// The value under the kind's key; for a bare name, the name.
    pub block: &'g Block<'d>,
    /// Nothing but the kind's name was given.
    pub bare: bool,
}

impl<'d> Given<'_, 'd> {
    /// The value, if there is one and it is no map.
    pub(super) fn short(&self) -> Option<&Block<'d>> {
        let short = !self.none() && !matches!(self.block.node().value, source::Kind::Map(_));
        short.then_some(self.block)
    }

    /// The parameters of the long form; with none given, those that stand without any.
    pub(super) fn params<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, Vec<Problem>> {
        match self.block.node().value {
            _ if self.none() => serde_json::from_value(json!({}))
                .map_err(|_| vec![self.problem(format!("`{}` needs parameters", self.kind.name))]),
            source::Kind::Map(_) => self.block.read(),
            _ => {
                let short = self.kind.short;
                let or = if short.is_empty() {
                    String::new()
                } else {
                    format!("{short}, or ")
                };
                let title = format!("`{}` takes {or}a map of parameters", self.kind.name);
                Err(vec![self.problem(title)])
            }
        }
    }

    /// A problem with the parameters as a whole.
    pub(super) fn problem(&self, title: impl Into<String>) -> Problem {
        let problem = self.block.problem(title, "");
        match self.kind.params {
            "" => problem,
            params => problem.help(format!("`{}`: {params}", self.kind.name)),
        }
    }

    /// Problems with the value under a key, or with the whole where the key is not given.
    pub(super) fn wrong(&self, key: &str, whys: impl IntoIterator<Item = String>) -> Vec<Problem> {
        let child = self.block.child(key);
        let at = child.as_ref().unwrap_or(self.block);
        whys.into_iter().map(|why| at.problem(why, "")).collect()
    }

    fn none(&self) -> bool {
        self.bare || self.block.node().value == source::Kind::Null
    }
}

/// A scorer's definition as a suite has it; only its JSON Schema, for editors.
pub struct Definition;

impl JsonSchema for Definition {
    fn schema_name() -> Cow<'static, str> {
        "Scorer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = json!({
            "about": {"type": "string", "description": "What it is for, for a reader"},
            "name": {"type": "string", "description": "What reports call it"},
            "weight": {"type": "number", "exclusiveMinimum": 0, "description": "How much it counts in a mean"},
            "threshold": {"type": "number", "description": "The least value that passes"},
            "when": {
                "description": "Only for cases with this tag, or with one of these; `not:TAG` for those without",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            },
            "on": generator.subschema_for::<On>(),
            "override": {
                "description": "Columns that replace parameters where they say something: a map of parameter to column; or the column for the short form's value",
                "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}],
            },
            "target": {"description": "What to compare to, instead of the case's target: a template"},
        });
        for kind in super::KINDS {
            let mut schema = (kind.schema)(generator);
            let help = format!("{}. Parameters: {}", kind.about, kind.params);
            schema.insert("description".into(), help.into());
            properties[kind.name] = schema.to_value();
        }
        json_schema!({
            "description": "The name of a kind or of a file in scorers/, or a map with one kind and its parameters",
            "anyOf": [{"type": "string"}, {"type": "object", "properties": properties}],
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
