//! A judge's verdict: one JSON object with a reason and an allowed grade, or such an object for each
//! criterion. Anything else is none.

use super::rubric::Rubric;
use super::scale::{Grade, Scale};
use crate::provider::{Finish, Reply, ResponseSchema};
use crate::score::quote::{quote, tell};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::{Map, Value, json};
use std::fmt;

/// What a judge said of one criterion.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// The grade.
    pub grade: Grade,
    /// Why, shortened.
    pub reason: String,
}

/// The fields as they must be; serde refuses a field that stands twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    reason: String,
    grade: Value,
}

/// The verdicts in a judge's reply, one a criterion in the rubric's order, or why there are none.
pub(super) fn verdicts(reply: &Reply, rubric: &Rubric) -> Result<Vec<Verdict>, String> {
    let asked = rubric.asked();
    if !rubric.several() {
        let fields: Fields = object(reply)?;
        return Ok(vec![verdict(fields, asked[0].scale)?]);
    }
    let Unique(mut given) = object::<Unique>(reply)?;
    let verdicts = asked.iter().map(|one| {
        let at = given.iter().position(|(name, _)| name == one.name);
        let at = at.ok_or_else(|| format!("the judge's verdict says nothing of {}", one.name))?;
        let (_, fields) = given.remove(at);
        verdict(fields, one.scale).map_err(|why| format!("{}: {why}", one.name))
    });
    let verdicts = verdicts.collect::<Result<_, String>>()?;
    match given.first() {
        Some((name, _)) => Err(format!(
            "the judge's verdict has {}, which was not asked",
            quote(name)
        )),
        None => Ok(verdicts),
    }
}

/// The one JSON object of a judge's reply, as this type.
pub(super) fn object<T: DeserializeOwned>(reply: &Reply) -> Result<T, String> {
    let text = reply.text.trim();
    serde_json::from_str(unfenced(text)).map_err(|error| {
        let why = match reply.finish {
            _ if reply.refusal.is_some() => "the judge refused".to_owned(),
            Some(Finish::Length) => "the token limit cut it".to_owned(),
            Some(Finish::ContentFilter) => "a content filter stopped it".to_owned(),
            _ if text.is_empty() => "it is empty".to_owned(),
            _ => error.to_string(),
        };
        format!(
            "the judge's verdict cannot be read ({why}): {}",
            quote(text)
        )
    })
}

fn verdict(fields: Fields, scale: &Scale) -> Result<Verdict, String> {
    let grade = scale.read(&fields.grade).ok_or_else(|| {
        let given = quote(&fields.grade.to_string());
        format!("the judge's verdict has the grade {given}, which is not on the scale")
    })?;
    if fields.reason.trim().is_empty() {
        return Err("the judge's verdict gives no reason".into());
    }
    let reason = tell(&fields.reason);
    Ok(Verdict { grade, reason })
}

/// The entries of an object in which no name stands twice.
struct Unique(Vec<(String, Fields)>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Unique;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of criteria")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut all: Vec<(String, Fields)> = Vec::new();
                while let Some((name, fields)) = map.next_entry::<String, Fields>()? {
                    if all.iter().any(|(known, _)| *known == name) {
                        return Err(de::Error::custom(format!("{name:?} stands twice")));
                    }
                    all.push((name, fields));
                }
                Ok(Unique(all))
            }
        }
        from.deserialize_map(Seen)
    }
}

/// The content of a text that is one fenced block and nothing else.
fn unfenced(text: &str) -> &str {
    let inside = text
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"));
    match inside.and_then(|inside| inside.split_once('\n')) {
        Some((language, body)) if matches!(language.trim(), "" | "json") => body,
        _ => text,
    }
}

/// The schema that a verdict follows, the reason first so that it comes before the grade.
pub(super) fn schema(rubric: &Rubric) -> ResponseSchema {
    let asked = rubric.asked();
    let one = |scale: &Scale| {
        strict(vec![
            ("reason", json!({"type": "string"})),
            ("grade", scale.schema()),
        ])
    };
    let schema = match rubric.several() {
        false => one(asked[0].scale),
        true => strict(asked.iter().map(|it| (it.name, one(it.scale))).collect()),
    };
    named(schema)
}

/// An object with all of these properties and no other.
pub(super) fn strict(properties: Vec<(&str, Value)>) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let required = json!(names);
    let properties: Map<String, Value> = properties
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema as it is sent.
pub(super) fn named(schema: Value) -> ResponseSchema {
    ResponseSchema {
        name: "verdict".into(),
        schema,
        strict: Some(true),
    }
}
