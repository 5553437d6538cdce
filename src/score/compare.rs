//! Expected values: a target's alternatives, a value as text, equality of JSON values.

use super::{Graded, Unscored};
use serde_json::Value;
use std::borrow::Cow;

/// The expected answer; a case without one cannot be scored by a scorer that needs it.
pub(super) fn target<'a>(graded: &Graded<'a>) -> Result<&'a Value, Unscored> {
    match graded.target {
        None | Some(Value::Null) => Err(Unscored("the case has no target".into())),
        Some(target) => Ok(target),
    }
}

/// The texts of which any one is right: a list's items, or the one value.
pub(super) fn texts(target: &Value) -> Vec<Cow<'_, str>> {
    match target {
        Value::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// A value as text: a string as it is, anything else as compact JSON.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// What is wrong with a JSON pointer (RFC 6901), if anything is.
pub(super) fn bad_pointer(pointer: &str) -> Option<String> {
    let mut escapes = pointer.split('~').skip(1);
    if !pointer.is_empty() && !pointer.starts_with('/') {
        Some(format!(
            "{pointer:?} is no JSON pointer: write {:?}",
            format!("/{pointer}")
        ))
    } else if escapes.any(|rest| !rest.starts_with(['0', '1'])) {
        Some(format!(
            "{pointer:?} is no JSON pointer: in a key, `~` is written `~0` and `/` `~1`"
        ))
    } else {
        None
    }
}

/// Whether two JSON values are the same: numbers by value (1 is 1.0), objects in any order.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && inexact(a, b))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Whether at least one is written as a float: two large integers are never the same by rounding.
fn inexact(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    a.is_f64() || b.is_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_values_are_compared_by_value() {
        assert!(same(
            &json!({"a": 1, "b": [2.0]}),
            &json!({"b": [2], "a": 1.0})
        ));
        assert!(!same(
            &json!(9007199254740993_u64),
            &json!(9007199254740992_u64)
        ));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        assert!(!same(&json!("1"), &json!(1)));
        assert!(!same(&json!({"a": null}), &json!({})));
    }
}
