//! A rubric: what a judge grades by, in the user's words.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A rubric, as a file in `scorers/` or inline.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::score) struct Rubric {
    /// What the rubric is for, for a reader.
    #[serde(default)]
    pub about: Option<String>,
    /// What to look at and what not: plain text, the same for every case.
    pub criteria: String,
    /// `boolean`, or what each grade means: `{1: useless, 2: partly useful, 3: useful}`.
    #[serde(default)]
    pub scale: Scale,
    /// The columns the judge sees; all but the target, if not given.
    #[serde(default)]
    pub show: Option<Vec<String>>,
    /// Whether the judge sees the case's target as a reference answer.
    #[serde(default)]
    pub reference: bool,
}

impl Rubric {
    /// A rubric of nothing but criteria.
    pub(super) fn plain(criteria: &str) -> Self {
        Rubric {
            about: None,
            criteria: criteria.to_owned(),
            scale: Scale::Boolean,
            show: None,
            reference: false,
        }
    }
}

/// The grades that a judge may give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::score) enum Scale {
    /// The answer meets the rubric or does not.
    #[default]
    Boolean,
    /// Whole numbers, each with what it means.
    Grades(BTreeMap<i64, String>),
}

impl Scale {
    /// The lowest and the highest grade.
    pub(super) fn ends(&self) -> (i64, i64) {
        match self {
            Scale::Boolean => (0, 1),
            Scale::Grades(grades) => {
                let ends = grades.first_key_value().zip(grades.last_key_value());
                let ((low, _), (high, _)) = ends.expect("a scale has two grades or more");
                (*low, *high)
            }
        }
    }
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
                let mut grades = BTreeMap::new();
                while let Some((grade, means)) = map.next_entry::<String, String>()? {
                    let number = grade.parse::<i32>().map_err(|_| {
                        de::Error::custom(format!(
                            "the grade {grade:?} of a scale is no whole number"
                        ))
                    })?;
                    grades.insert(i64::from(number), means);
                }
                match grades.len() {
                    2..=20 => Ok(Scale::Grades(grades)),
                    n => Err(de::Error::custom(format!(
                        "a scale of {n} grades: it takes 2 to 20"
                    ))),
                }
            }
        }
        from.deserialize_any(Seen)
    }
}

impl JsonSchema for Scale {
    fn schema_name() -> Cow<'static, str> {
        "Scale".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "string", "enum": ["boolean"]},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ]})
    }
}
