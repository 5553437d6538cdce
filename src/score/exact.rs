//! `exact`: the reply is the target, letter by letter after normalisation, or as JSON.

use super::kind::Kind;
use super::normal::{Normal, Punctuation, Space, Unicode};
use super::phrase::Phrase;
use super::quote::{differ, differ_json, list, quote};
use super::reading::{self, Around};
use super::{Check, Graded, Score, Unscored, compare};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// The kind `exact`.
pub(super) const KIND: Kind = Kind {
    name: "exact",
    about: "the reply is the target, or one of the target's list",
    params: "case: true, trim: true, space: keep | collapse | ignore, punctuation: keep | ignore, \
             unicode: nfc | nfkc | keep, json: false",
    short: "the text that the reply is to be",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target, or the text itself",
    example: r#"{"scorer": "exact", "output": "Paris\n", "target": ["Paris", "paris"], "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| {
        let text = given
            .short()
            .map(|block| Phrase::of(block, build))
            .transpose()?;
        let params = if text.is_some() {
            Params::default()
        } else {
            given.params()?
        };
        Ok(Box::new(Exact { params, text }))
    },
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "string"}, {"type": "null"}, params]})
    },
};

/// What `exact` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// Compare as JSON values: key order and spacing do not matter.
    json: bool,
    /// Whether upper and lower case differ.
    case: bool,
    /// Cut white space at both ends.
    trim: bool,
    /// White space inside.
    space: Space,
    /// Punctuation.
    punctuation: Punctuation,
    /// Unicode normalisation.
    unicode: Unicode,
}

impl Default for Params {
    fn default() -> Self {
        let Normal {
            case,
            trim,
            space,
            punctuation,
            unicode,
        } = Normal::default();
        Params {
            json: false,
            case,
            trim,
            space,
            punctuation,
            unicode,
        }
    }
}

/// The reply is one of the target's texts.
#[derive(Default)]
struct Exact {
    params: Params,
    /// What the reply is to be, instead of the target.
    text: Option<Phrase>,
}

impl Check for Exact {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let own = self
            .text
            .as_ref()
            .map(|text| text.value(graded.case))
            .transpose()?;
        let target = match &own {
            Some(own) => own,
            None => compare::target(graded)?,
        };
        if self.params.json || target.is_object() {
            return Ok(as_json(target, &graded.reply.text));
        }
        let normal = Normal {
            case: self.params.case,
            trim: self.params.trim,
            space: self.params.space,
            punctuation: self.params.punctuation,
            unicode: self.params.unicode,
        };
        let found = normal.apply(&graded.reply.text);
        let expected = compare::texts(target);
        let right = expected.iter().any(|text| normal.apply(text) == found);
        let why = match expected.as_slice() {
            _ if right => format!("is {}", quote(&found)),
            [one] => differ(&normal.apply(one), &found),
            several => format!("expected one of {}, got {}", list(several), quote(&found)),
        };
        Ok(Score::pass(right, why))
    }

    fn needs_target(&self) -> bool {
        self.text.is_none()
    }
}

/// Equality as JSON; a target of text is read as JSON where it is some.
fn as_json(target: &Value, reply: &str) -> Score {
    let found = match reading::json(reply, Around::Fence) {
        Ok(found) => found,
        Err(why) => return Score::pass(false, why),
    };
    let read = target
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    let expected = read.as_ref().unwrap_or(target);
    match compare::same(expected, &found) {
        true => Score::pass(true, "is the same JSON value"),
        false => Score::pass(false, differ_json(expected, &found)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_with};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_text_is_the_target() {
        let exact = Exact::default();
        assert_eq!(
            check(&exact, " Paris\n", json!("Paris")),
            Ok(Score::pass(true, "is \"Paris\""))
        );
        let why = "expected \"Paris\", got \"The capital is Paris.\"";
        assert_eq!(
            check(&exact, "The capital is Paris.", json!("Paris")),
            Ok(Score::pass(false, why))
        );
        assert_eq!(check(&exact, "42", json!(42)).unwrap().value, 1.0);
        assert_eq!(check(&exact, "e\u{301}", json!("é")).unwrap().value, 1.0);
        assert_eq!(check(&exact, "", json!("Paris")).unwrap().value, 0.0);
        assert!(check_with(&exact, "x", None).is_err());
        assert!(check(&exact, "null", json!(null)).is_err());
    }

    #[test]
    fn a_list_is_any_of_them() {
        let exact = Exact {
            params: Params {
                case: false,
                ..Params::default()
            },
            text: None,
        };
        assert_eq!(
            check(&exact, "usa", json!(["US", "USA"])).unwrap().value,
            1.0
        );
        let why = "expected one of \"US\", \"USA\", got \"france\"";
        assert_eq!(
            check(&exact, "France", json!(["US", "USA"])),
            Ok(Score::pass(false, why))
        );
    }

    #[test]
    fn json_is_compared_as_json() {
        let exact = Exact {
            params: Params {
                json: true,
                ..Params::default()
            },
            text: None,
        };
        assert_eq!(
            check(&exact, "{\"b\": 2, \"a\": 1.0}", json!({"a": 1, "b": 2}))
                .unwrap()
                .value,
            1.0
        );
        assert_eq!(check(&exact, "[1, 2]", json!("[1,2]")).unwrap().value, 1.0);
        assert_eq!(check(&exact, "{", json!({"a": 1})).unwrap().value, 0.0);
        assert_eq!(
            check(&exact, "{\"a\": 2}", json!({"a": 1})).unwrap().why,
            "expected {\"a\":1}, got {\"a\":2}"
        );
    }
}
