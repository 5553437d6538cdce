//! Taking what is there from a provider's JSON: a missing or odd field is `None`, never an error.

use serde::de::Error;
use serde_json::{Map, Value};

/// Deepest nesting that is taken from a provider. What is kept of it is stored inside other JSON, and
/// nothing reads that back below 128.
const DEEPEST: usize = 64;

/// The JSON in some bytes; what is nested too deep to be kept is none.
pub(super) fn json(bytes: &[u8]) -> serde_json::Result<Value> {
    let value = serde_json::from_slice(bytes)?;
    match deeper_than(&value, DEEPEST) {
        true => Err(serde_json::Error::custom(format!(
            "it is nested more than {DEEPEST} deep"
        ))),
        false => Ok(value),
    }
}

fn deeper_than(value: &Value, left: usize) -> bool {
    let inner = |value: &Value| left == 0 || deeper_than(value, left - 1);
    match value {
        Value::Array(items) => items.iter().any(inner),
        Value::Object(fields) => fields.values().any(inner),
        _ => false,
    }
}

/// The value at a path of keys, unless it is null.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let found = path.iter().try_fold(value, |value, key| value.get(key))?;
    (!found.is_null()).then_some(found)
}

/// The text at a path of keys.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str()
}

/// The text at a path of keys, if there is anything in it.
pub(super) fn words<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    text(value, path).filter(|text| !text.is_empty())
}

/// The elements of the list at a path; none where there is no list.
pub(super) fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    at(value, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The count at a path of keys: a whole number that is not negative, even if it is written as a float.
pub(super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    let number = at(value, path)?;
    number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0 && float < 1e15).then_some(float as u64)
    })
}

/// The amount of money at a path of keys.
pub(super) fn money(value: &Value, path: &[&str]) -> Option<f64> {
    at(value, path)?
        .as_f64()
        .filter(|usd| usd.is_finite() && *usd >= 0.0)
}

/// Lays a later usage object over an earlier one: the last value of each field stands, but a null
/// never covers a value. Usage is stated cumulatively, so nothing is added up.
pub(super) fn lay_over(earlier: &mut Option<Value>, later: &Value) {
    let Some(fields) = later.as_object().filter(|fields| !fields.is_empty()) else {
        return;
    };
    let kept = earlier.get_or_insert_with(|| Value::Object(Map::new()));
    if let Some(kept) = kept.as_object_mut() {
        for (name, value) in fields {
            if !value.is_null() || !kept.contains_key(name) {
                kept.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Adds to a text that may not have begun.
pub(super) fn append(text: &mut Option<String>, more: &str) {
    if !more.is_empty() {
        text.get_or_insert_default().push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_fields_are_absent() {
        let value = json!({"a": {"b": null, "c": 3.0, "d": -1, "e": ""}});
        assert_eq!(at(&value, &["a", "b"]), None);
        assert_eq!(count(&value, &["a", "c"]), Some(3));
        assert_eq!(count(&value, &["a", "d"]), None);
        assert_eq!(words(&value, &["a", "e"]), None);
        assert!(list(&value, &["a"]).is_empty());
    }

    #[test]
    fn what_is_nested_too_deep_is_no_json() {
        let nested = |deep: usize| format!("{}1{}", "[".repeat(deep), "]".repeat(deep));
        assert!(json(nested(DEEPEST).as_bytes()).is_ok());
        assert!(json(nested(DEEPEST + 1).as_bytes()).is_err());
        assert!(json(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn later_usage_covers_earlier_but_null_does_not() {
        let mut usage = None;
        for later in [
            json!({"in": 0, "tier": null}),
            json!({"in": 5, "out": 2}),
            json!({"out": null}),
            json!({}),
            json!(null),
        ] {
            lay_over(&mut usage, &later);
        }
        assert_eq!(usage, Some(json!({"in": 5, "tier": null, "out": 2})));
    }
}
