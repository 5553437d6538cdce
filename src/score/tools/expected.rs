//! The calls that are expected, and when a call made is one of them.

use super::Alike;
use crate::prompt::ToolCall;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A call that is expected.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Expected {
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

/// How a call's arguments are compared with those expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum Arguments {
    /// They are the same.
    #[default]
    Exact,
    /// Those expected are there; others may be.
    Subset,
    /// Only the name counts.
    Ignore,
}

impl Arguments {
    /// Whether the call has the arguments that are expected. Arguments that are no JSON object are
    /// never right.
    pub(super) fn fit(self, expected: &Expected, call: &ToolCall, alike: &Alike) -> bool {
        let Value::Object(found) = &call.arguments else {
            return false;
        };
        let wanted = &expected.arguments;
        match self {
            Arguments::Ignore => true,
            Arguments::Exact if found.len() != wanted.len() => false,
            Arguments::Exact | Arguments::Subset => wanted
                .iter()
                .all(|(key, value)| found.get(key).is_some_and(|it| alike.same(value, it))),
        }
    }
}

/// The calls in a target: one or a list of `{name, arguments}`, also as JSON in a text, also with
/// OpenAI's `function` around each and its arguments as text.
pub(super) fn of_target(target: &Value) -> Result<Vec<Expected>, String> {
    let read;
    let target = match target {
        Value::String(text) => {
            read = serde_json::from_str(text)
                .map_err(|_| "the target is no list of calls [{name, arguments}]".to_owned())?;
            &read
        }
        other => other,
    };
    match target {
        Value::Array(calls) => calls.iter().map(call).collect(),
        one => Ok(vec![call(one)?]),
    }
}

fn call(value: &Value) -> Result<Expected, String> {
    let value = value.get("function").unwrap_or(value);
    let name = value.get("name").and_then(Value::as_str);
    let name = name.ok_or("a call in the target has no `name`")?;
    let arguments = match value.get("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|_| format!("the target's arguments of {name:?} are no JSON object"))?,
        Some(_) => {
            return Err(format!(
                "the target's arguments of {name:?} are no JSON object"
            ));
        }
    };
    Ok(Expected {
        name: name.to_owned(),
        arguments,
    })
}
