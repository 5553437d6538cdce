//! A judge's verdict: one JSON object with a reason and an allowed grade. Anything else is none.

use super::rubric::Scale;
use crate::provider::{Finish, Reply, ResponseSchema};
use crate::score::quote::{quote, tell};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a judge said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The grade; of a boolean scale 0 or 1.
    pub grade: i64,
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

impl Verdict {
    /// The verdict in a judge's reply, or why it is none.
    pub(super) fn read(reply: &Reply, scale: &Scale) -> Result<Self, String> {
        let text = reply.text.trim();
        let fields: Fields = serde_json::from_str(unfenced(text)).map_err(|error| {
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
        })?;
        let grade = grade(&fields.grade, scale).ok_or_else(|| {
            let given = quote(&fields.grade.to_string());
            format!("the judge's verdict has the grade {given}, which is not on the scale")
        })?;
        if fields.reason.trim().is_empty() {
            return Err("the judge's verdict gives no reason".into());
        }
        let reason = tell(&fields.reason);
        Ok(Verdict { grade, reason })
    }
}

fn grade(given: &Value, scale: &Scale) -> Option<i64> {
    match scale {
        Scale::Boolean => given.as_bool().map(i64::from),
        Scale::Grades(grades) => {
            let mut allowed = grades.keys().copied();
            allowed.find(|grade| given.as_f64() == Some(*grade as f64))
        }
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
pub(super) fn schema(scale: &Scale) -> ResponseSchema {
    let grade = match scale {
        Scale::Boolean => json!({"type": "boolean"}),
        Scale::Grades(grades) => {
            json!({"type": "integer", "enum": grades.keys().collect::<Vec<_>>()})
        }
    };
    ResponseSchema {
        name: "verdict".into(),
        schema: json!({
            "type": "object",
            "properties": {"reason": {"type": "string"}, "grade": grade},
            "required": ["reason", "grade"],
            "additionalProperties": false,
        }),
        strict: Some(true),
    }
}
