//! The grades that a judge may give, and what each is worth.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The grades that a judge may give.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::score) enum Scale {
    /// The answer meets the rubric or does not.
    #[default]
    Boolean,
    /// Whole numbers, each with what it means; worth 0 for the lowest to 1 for the highest.
    Grades(BTreeMap<i64, String>),
    /// Words, each with its own worth.
    Words(Vec<Word>),
}

/// A grade that is a word.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::score) struct Word {
    /// What the judge says.
    pub name: String,
    /// What it is worth, 0 to 1.
    pub value: f64,
    /// What it means.
    pub means: String,
}

/// A grade given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grade {
    /// As it is shown.
    pub shown: String,
    /// What it is worth, 0 to 1.
    pub value: f64,
}

impl Scale {
    /// Every grade, the worst of whole numbers first.
    pub(super) fn grades(&self) -> Vec<Grade> {
        let grade = |shown: &str, value| Grade {
            shown: shown.to_owned(),
            value,
        };
        match self {
            Scale::Boolean => vec![grade("true", 1.0), grade("false", 0.0)],
            Scale::Grades(grades) => {
                let (low, high) = ends(grades);
                let worth = |one: i64| (one - low) as f64 / (high - low) as f64;
                let all = grades.keys();
                all.map(|one| grade(&one.to_string(), worth(*one)))
                    .collect()
            }
            Scale::Words(words) => {
                let all = words.iter();
                all.map(|word| grade(&word.name, word.value)).collect()
            }
        }
    }

    /// The grade that a verdict's value is, if it is on the scale.
    pub(super) fn read(&self, given: &Value) -> Option<Grade> {
        let is = |grade: &Grade| match self {
            Scale::Boolean => {
                given.as_bool().map(|it| it.to_string()).as_ref() == Some(&grade.shown)
            }
            Scale::Grades(_) => given.as_f64() == grade.shown.parse().ok() && given.is_number(),
            Scale::Words(_) => given.as_str() == Some(&grade.shown),
        };
        self.grades().into_iter().find(is)
    }

    /// A line for each grade: what the judge may say and what it means.
    pub(super) fn told(&self) -> String {
        match self {
            Scale::Boolean => "true: the answer meets the rubric\nfalse: it does not\n".to_owned(),
            Scale::Grades(grades) => grades
                .iter()
                .map(|(grade, means)| format!("{grade}: {}\n", means.trim()))
                .collect(),
            Scale::Words(words) => words
                .iter()
                .map(|word| format!("\"{}\": {}\n", word.name, word.means.trim()))
                .collect(),
        }
    }

    /// What may stand for the grade, in words.
    pub(super) fn allowed(&self) -> String {
        let names: Vec<String> = self.grades().into_iter().map(|it| it.shown).collect();
        match self {
            Scale::Boolean => "true or false".to_owned(),
            Scale::Grades(_) => format!("one of {}", names.join(", ")),
            Scale::Words(_) => format!("one of \"{}\"", names.join("\", \"")),
        }
    }

    /// The JSON Schema of a grade.
    pub(super) fn schema(&self) -> Value {
        match self {
            Scale::Boolean => json!({"type": "boolean"}),
            Scale::Grades(grades) => {
                json!({"type": "integer", "enum": grades.keys().collect::<Vec<_>>()})
            }
            Scale::Words(words) => {
                let names: Vec<&str> = words.iter().map(|word| word.name.as_str()).collect();
                json!({"type": "string", "enum": names})
            }
        }
    }

    /// A grade in a sentence: `grade 2 of 1 to 3`.
    pub(super) fn said(&self, shown: &str) -> String {
        match self {
            Scale::Boolean if shown == "true" => "meets the rubric".to_owned(),
            Scale::Boolean => "does not meet the rubric".to_owned(),
            Scale::Grades(grades) => {
                let (low, high) = ends(grades);
                let s = if shown.contains(", ") { "s" } else { "" };
                format!("grade{s} {shown} of {low} to {high}")
            }
            Scale::Words(_) => format!("graded {shown}"),
        }
    }
}

/// The lowest and the highest grade.
fn ends(grades: &BTreeMap<i64, String>) -> (i64, i64) {
    let ends = grades.first_key_value().zip(grades.last_key_value());
    let ((low, _), (high, _)) = ends.expect("a scale has two grades or more");
    (*low, *high)
}

/// What a grade means: a text, or a text with a worth.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Worth {
    value: f64,
    means: String,
}

impl<'de> Deserialize<'de> for Scale {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Scale;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`boolean`, or a map of grades with what each means")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Scale, E> {
                match text {
                    "boolean" => Ok(Scale::Boolean),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scale, A::Error> {
                let (mut grades, mut words) = (BTreeMap::new(), Vec::new());
                while let Some((grade, means)) = map.next_entry::<String, Value>()? {
                    if let Value::String(means) = means {
                        let number = grade.parse::<i32>().map_err(|_| {
                            de::Error::custom(format!(
                                "the grade {grade:?} of a scale is no whole number: \
                                 give it a worth, {{value: 0.5, means: …}}"
                            ))
                        })?;
                        grades.insert(i64::from(number), means);
                    } else {
                        let worth = Worth::deserialize(means).map_err(de::Error::custom)?;
                        words.push(word(grade, worth).map_err(de::Error::custom)?);
                    }
                }
                match (grades.len(), words.len()) {
                    (2..=20, 0) => Ok(Scale::Grades(grades)),
                    (0, 2..=20) => Ok(Scale::Words(words)),
                    (1.., 1..) => Err(de::Error::custom(
                        "a scale of numbers and words: give every grade a worth, or none",
                    )),
                    (n, m) => Err(de::Error::custom(format!(
                        "a scale of {} grades: it takes 2 to 20",
                        n + m
                    ))),
                }
            }
        }
        from.deserialize_any(Seen)
    }
}

fn word(name: String, worth: Worth) -> Result<Word, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    if name.is_empty() || name.chars().count() > 60 || !name.chars().all(plain) {
        return Err(format!("the grade {name:?} of a scale is no plain word"));
    }
    if !(0.0..=1.0).contains(&worth.value) {
        let value = worth.value;
        return Err(format!(
            "the grade {name:?} is worth {value}: it takes 0 to 1"
        ));
    }
    Ok(Word {
        name,
        value: worth.value,
        means: worth.means,
    })
}

impl JsonSchema for Scale {
    fn schema_name() -> Cow<'static, str> {
        "Scale".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let worth = json!({
            "type": "object", "required": ["value", "means"], "additionalProperties": false,
            "properties": {"value": {"type": "number", "minimum": 0, "maximum": 1}, "means": {"type": "string"}},
        });
        json_schema!({"anyOf": [
            {"type": "string", "enum": ["boolean"]},
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, worth]}},
        ]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(value: Value) -> Result<Scale, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn bad_scales_are_refused() {
        for bad in [
            json!("bool"),
            json!({}),
            json!({"1": "x"}),
            json!({"a": "x", "b": "y"}),
            json!(["x", "y"]),
            json!({"1": "x", "b": {"value": 1, "means": "y"}}),
            json!({"a": {"value": 0, "means": "x"}, "b": {"value": 1.5, "means": "y"}}),
            json!({"a\n": {"value": 0, "means": "x"}, "b": {"value": 1, "means": "y"}}),
            json!({"a": {"value": 0, "means": "x", "more": 1}, "b": {"value": 1, "means": "y"}}),
        ] {
            assert!(scale(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_grades_of_the_scale_are_read() {
        let words =
            json!({"same": {"value": 1, "means": "x"}, "other": {"value": 0.25, "means": "y"}});
        let words = scale(words).unwrap();
        assert_eq!(words.read(&json!("other")).unwrap().value, 0.25);
        let numbers = scale(json!({"1": "x", "5": "y", "3": "z"})).unwrap();
        assert_eq!(numbers.read(&json!(3.0)).unwrap().value, 0.5);
        for (scale, bad) in [
            (&words, json!("Other")),
            (&words, json!(1)),
            (&numbers, json!(2)),
            (&numbers, json!("3")),
            (&numbers, json!(null)),
            (&Scale::Boolean, json!("true")),
            (&Scale::Boolean, json!(1)),
        ] {
            assert_eq!(scale.read(&bad), None, "{bad}");
        }
    }
}
