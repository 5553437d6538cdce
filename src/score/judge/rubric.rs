//! A rubric: what a judge grades by, in the user's words.

use super::scale::Scale;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A rubric, as a file in `scorers/` or inline.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::score) struct Rubric {
    /// What the rubric is for, for a reader.
    #[serde(default)]
    pub about: Option<String>,
    /// What to look at and what not: plain text, the same for every case; or several criteria by name.
    pub criteria: Criteria,
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

/// What a rubric asks.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::score) enum Criteria {
    /// One question, one grade.
    One(String),
    /// Several, each with a grade of its own, in one call.
    Several(Vec<(String, Criterion)>),
}

/// One of several criteria.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::score) struct Criterion {
    /// What to look at and what not.
    pub criteria: String,
    /// Its own scale; the rubric's, if not given.
    #[serde(default)]
    pub scale: Option<Scale>,
    /// How much it counts in the whole.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0))]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// A criterion with what holds for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Asked<'a> {
    /// Its name; empty where there is only one.
    pub name: &'a str,
    /// What to look at.
    pub criteria: &'a str,
    /// The grades.
    pub scale: &'a Scale,
    /// How much it counts.
    pub weight: f64,
}

/// Criteria that one call may ask for.
const MOST: usize = 20;

impl Rubric {
    /// A rubric of nothing but criteria.
    pub(super) fn plain(criteria: &str) -> Self {
        Rubric {
            about: None,
            criteria: Criteria::One(criteria.to_owned()),
            scale: Scale::Boolean,
            show: None,
            reference: false,
        }
    }

    /// What is asked, in order.
    pub(super) fn asked(&self) -> Vec<Asked<'_>> {
        match &self.criteria {
            Criteria::One(text) => vec![Asked {
                name: "",
                criteria: text,
                scale: &self.scale,
                weight: 1.0,
            }],
            Criteria::Several(all) => {
                let asked = all.iter().map(|(name, one)| Asked {
                    name,
                    criteria: &one.criteria,
                    scale: one.scale.as_ref().unwrap_or(&self.scale),
                    weight: one.weight,
                });
                asked.collect()
            }
        }
    }

    /// Whether there are several criteria.
    pub(super) fn several(&self) -> bool {
        matches!(self.criteria, Criteria::Several(_))
    }

    /// What is wrong with it beyond its shape.
    pub(super) fn wrong(&self) -> Option<String> {
        let asked = self.asked();
        if asked.is_empty() || asked.iter().any(|it| it.criteria.trim().is_empty()) {
            return Some("the rubric has no criteria".into());
        }
        if asked.len() > MOST {
            return Some(format!("{} criteria: a call takes {MOST}", asked.len()));
        }
        let weights = asked.iter().map(|it| it.weight);
        let sound = weights.clone().all(|it| it.is_finite() && it >= 0.0);
        if !sound || weights.sum::<f64>() <= 0.0 {
            return Some("the weights of the criteria add up to nothing".into());
        }
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let odd = asked.iter().find(|it| !it.name.chars().all(plain));
        odd.map(|it| format!("the criterion {:?} is no plain word", it.name))
    }
}

impl<'de> Deserialize<'de> for Criteria {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Criteria;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a map of criteria by name")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Criteria, E> {
                Ok(Criteria::One(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Criteria, A::Error> {
                let mut all = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    let criterion = match value {
                        serde_json::Value::String(criteria) => Criterion {
                            criteria,
                            scale: None,
                            weight: 1.0,
                        },
                        other => Criterion::deserialize(other).map_err(de::Error::custom)?,
                    };
                    all.push((name, criterion));
                }
                Ok(Criteria::Several(all))
            }
        }
        from.deserialize_any(Seen)
    }
}

impl JsonSchema for Criteria {
    fn schema_name() -> Cow<'static, str> {
        "Criteria".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Criterion>();
        json_schema!({"anyOf": [
            {"type": "string"},
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, one]}},
        ]})
    }
}
