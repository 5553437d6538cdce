//! Fields of a call by their dotted names (`params.reasoning.effort`): reading and taking them out.

use crate::provider::call::{Call, Params, Reasoning};
use serde_json::{Map, Value, json};

/// The value of a field as JSON; `None` if it is not set.
pub(super) fn value(call: &Call, field: &str) -> Option<Value> {
    if let Some(path) = field.strip_prefix("params.") {
        let params = serde_json::to_value(&call.params).expect("parameters are plain data");
        let value = path.split('.').try_fold(&params, |at, step| at.get(step))?;
        return Some(value.clone());
    }
    match field {
        "tool_choice" => serde_json::to_value(call.tool_choice.as_ref()?).ok(),
        "parallel_tool_calls" => Some(json!(call.parallel_tool_calls?)),
        "stream" => Some(json!(call.stream)),
        "tools" => {
            let names: Vec<&str> = call.tools.iter().map(|tool| tool.name.as_str()).collect();
            (!names.is_empty()).then(|| json!(names))
        }
        _ => None,
    }
}

/// Takes a field out of a call. Conversations and tools stay: without them it is another question.
pub(super) fn drop(call: &mut Call, field: &str) {
    if let Some(path) = field.strip_prefix("params.") {
        let params = serde_json::to_value(&call.params).expect("parameters are plain data");
        let Value::Object(mut params) = params else {
            return;
        };
        remove(&mut params, path);
        let params = serde_json::from_value(Value::Object(params));
        let params: Params = params.expect("no field of parameters is required");
        let idle = params.reasoning.as_ref() == Some(&Reasoning::default());
        call.params = Params {
            reasoning: params.reasoning.clone().filter(|_| !idle),
            ..params
        };
        return;
    }
    match field {
        "tool_choice" => call.tool_choice = None,
        "parallel_tool_calls" => call.parallel_tool_calls = None,
        "stream" => call.stream = false,
        _ => {}
    }
}

/// Removes the value at a path, and an object that is empty for it.
fn remove(fields: &mut Map<String, Value>, path: &str) {
    let Some((first, rest)) = path.split_once('.') else {
        fields.shift_remove(path);
        return;
    };
    if let Some(Value::Object(inner)) = fields.get_mut(first) {
        remove(inner, rest);
        if inner.is_empty() {
            fields.shift_remove(first);
        }
    }
}
