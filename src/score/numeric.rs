//! `numeric`: a number in the reply is the target's, within a tolerance.

use super::kind::Kind;
use super::number::{Decimal, Number, numbers};
use super::quote::{list, quote};
use super::unit::unit;
use super::{Check, Graded, Score, Unscored, compare};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// The kind `numeric`.
pub(super) const KIND: Kind = Kind {
    name: "numeric",
    about: "a number in the reply is the target's",
    params: "tolerance: 0.01 | 1%, take: last | first | only, decimal: auto | \".\" | \",\", units: false",
    short: "",
    range: "0 or 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": {"numeric": {"tolerance": "1%"}}, "output": "So it is 101.", "target": 100, "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, _| Ok(Box::new(Numeric(given.params()?))),
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "null"}, params]})
    },
};

/// What `numeric` takes.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// How far off is still right: `0.01`, or `1%` of the target.
    tolerance: Tolerance,
    /// Which number of the reply counts.
    take: Take,
    /// The decimal mark.
    decimal: Decimal,
    /// Whether amounts are compared in the same unit: `5 km` is `5000 m`, `45%` is `0.45 = 45 percent`.
    /// A number of the reply without a unit is in the target's.
    units: bool,
}

/// Which number of the reply counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Take {
    /// The last.
    #[default]
    Last,
    /// The first.
    First,
    /// The only one: a reply with several is wrong.
    Only,
}

/// How far off is still right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tolerance {
    /// By this much.
    Absolute(f64),
    /// By this share of the target.
    Relative(f64),
}

impl Default for Tolerance {
    fn default() -> Self {
        Tolerance::Absolute(0.0)
    }
}

impl Tolerance {
    fn parse(text: &str) -> Option<Self> {
        let (number, make): (_, fn(f64) -> Self) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent, |value| Tolerance::Relative(value / 100.0)),
            None => (text, Tolerance::Absolute),
        };
        let value = number.trim().parse::<f64>().ok()?;
        (value.is_finite() && value >= 0.0).then(|| make(value))
    }

    /// The greatest distance from `target`; a little more than said, for binary rounding.
    pub(super) fn within(self, target: f64) -> f64 {
        match self {
            Tolerance::Absolute(0.0) => 0.0,
            Tolerance::Absolute(by) => by + by.max(target.abs()) * 4.0 * f64::EPSILON,
            Tolerance::Relative(share) => share * target.abs() * (1.0 + 1e-12),
        }
    }
}

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Tolerance;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0, or a percentage as `1%`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tolerance, E> {
                self.visit_str(&value.to_string())
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tolerance, E> {
                self.visit_str(&value.to_string())
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tolerance, E> {
                self.visit_str(&value.to_string())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tolerance, E> {
                Tolerance::parse(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        from.deserialize_any(Seen)
    }
}

impl JsonSchema for Tolerance {
    fn schema_name() -> Cow<'static, str> {
        "Tolerance".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": "^\\s*[0-9.]+\\s*%?\\s*$"},
        ]})
    }
}

/// A number of the reply is the target's.
struct Numeric(Params);

impl Check for Numeric {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let targets = self.targets(compare::target(graded)?)?;
        let mut found = numbers(&graded.reply.text, self.0.decimal);
        let number = match self.0.take {
            Take::Only if found.len() > 1 => {
                let texts: Vec<&str> = found.iter().map(|number| number.text.as_str()).collect();
                return Ok(Score::pass(
                    false,
                    format!("several numbers: {}", list(&texts)),
                ));
            }
            Take::First if !found.is_empty() => found.swap_remove(0),
            _ => match found.pop() {
                Some(number) => number,
                None => {
                    return Ok(Score::pass(
                        false,
                        format!("no number in {}", quote(&graded.reply.text)),
                    ));
                }
            },
        };
        let right = targets.iter().any(|target| self.right(target, &number));
        let expected: Vec<&str> = targets.iter().map(|target| target.text.as_str()).collect();
        let why = match (right, expected.as_slice()) {
            (true, _) => format!("is {}", quote(&number.text)),
            (false, [one]) => format!("expected {one}, got {}", quote(&number.text)),
            (false, several) => format!(
                "expected one of {}, got {}",
                list(several),
                quote(&number.text)
            ),
        };
        Ok(Score::pass(right, why))
    }

    fn needs_target(&self) -> bool {
        true
    }
}

impl Numeric {
    /// The last number of each of the target's values.
    fn targets(&self, target: &Value) -> Result<Vec<Number>, Unscored> {
        let read = |text: Cow<'_, str>, decimal| {
            let number = numbers(&text, decimal)
                .pop()
                .filter(|number| number.value.is_finite());
            number.ok_or_else(|| Unscored(format!("the target {} has no number", quote(&text))))
        };
        let one = |value: &Value| match value {
            Value::Number(number) => read(number.to_string().into(), Decimal::Point),
            other => read(compare::text(other), self.0.decimal),
        };
        match target {
            Value::Array(items) => items.iter().map(one).collect(),
            value => Ok(vec![one(value)?]),
        }
    }

    fn right(&self, target: &Number, found: &Number) -> bool {
        let (mut expected, mut value) = (target.value, found.value);
        let mut slack = 0.0;
        if self.0.units {
            let of = |number: &Number| unit(&number.around.0, &number.around.1);
            let (own, other) = (of(target), of(found));
            // a bare number is in the other's unit; two units must be of one kind
            let (own, other) = (own.or(other), other.or(own));
            if own.dimension != other.dimension {
                return false;
            }
            if own != other {
                (expected, value) = (own.base(expected), other.base(value));
                // what conversion loses
                slack = 1e-9 * expected.abs();
            } else if found.exact == target.exact {
                return true;
            }
        } else if found.exact == target.exact {
            return true;
        }
        let within = self.0.tolerance.within(expected).max(slack);
        within > 0.0 && value.is_finite() && (value - expected).abs() <= within
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::*;
    use serde_json::json;

    fn numeric(params: Value) -> Numeric {
        Numeric(serde_json::from_value(params).unwrap())
    }

    #[test]
    fn the_last_number_counts() {
        let plain = numeric(json!({}));
        for (text, target, value) in [
            ("She has 3 + 4 = 7.", json!(7), 1.0),
            ("7 apples, or 8", json!(7), 0.0),
            ("€ 1.234,50", json!(1234.5), 1.0),
            ("#### 1,234", json!("9 * 2 = 18 #### 1234"), 1.0),
            ("答案是−42。", json!(-42), 1.0),
            ("45%", json!("45"), 1.0),
            ("no idea", json!(7), 0.0),
            ("1e999", json!(7), 0.0),
            ("12345678901234567891", json!(12345678901234567890_u64), 0.0),
        ] {
            assert_eq!(check(&plain, text, target).unwrap().value, value, "{text}");
        }
        assert_eq!(
            check(&plain, "8", json!(7)).unwrap().why,
            "expected 7, got \"8\""
        );
        assert!(check(&plain, "8", json!("eight")).is_err());
        let only = numeric(json!({"take": "only"}));
        assert_eq!(
            check(&only, "7 or 8", json!(8)).unwrap().why,
            "several numbers: \"7\", \"8\""
        );
        let first = numeric(json!({"take": "first"}));
        assert_eq!(check(&first, "7 or 8", json!([6, 7])).unwrap().value, 1.0);
    }

    #[test]
    fn amounts_are_compared_in_one_unit() {
        let units = numeric(json!({"units": true, "tolerance": "1%"}));
        for (text, target, value) in [
            ("about 5 km", "5000 m", 1.0),
            ("5 km", "5", 1.0),
            ("5 km", "5000", 0.0),
            ("5000", "5 km", 0.0),
            ("5", "5 km", 1.0),
            ("5 kg", "5 km", 0.0),
            ("It grew by 12.5%.", "12.5 percent", 1.0),
            ("$3.2 million", "3,200,000 USD", 1.0),
            ("$3.2 million", "3,200,000", 1.0),
            ("€3", "$3", 0.0),
            ("2 GB", "2000 MB", 1.0),
            ("1.5 hours", "90 min", 1.0),
            ("20 °C", "68 °F", 1.0),
            ("3 miles", "4.83 km", 1.0),
        ] {
            let score = check(&units, text, json!(target)).unwrap();
            assert_eq!(score.value, value, "{text} {target}");
        }
        let exact = numeric(json!({"units": true}));
        assert_eq!(check(&exact, "0.3 km", json!("300 m")).unwrap().value, 1.0);
        assert_eq!(check(&exact, "0.31 km", json!("300 m")).unwrap().value, 0.0);
    }

    #[test]
    fn tolerance_is_absolute_or_relative() {
        let absolute = numeric(json!({"tolerance": 0.1}));
        assert_eq!(check(&absolute, "1.1", json!(1.0)).unwrap().value, 1.0);
        assert_eq!(check(&absolute, "1.11", json!(1.0)).unwrap().value, 0.0);
        let relative = numeric(json!({"tolerance": "1%"}));
        assert_eq!(check(&relative, "101", json!(100)).unwrap().value, 1.0);
        assert_eq!(check(&relative, "-101", json!(100)).unwrap().value, 0.0);
        assert_eq!(check(&relative, "102", json!(100)).unwrap().value, 0.0);
        for wrong in [
            json!("x"),
            json!(-1),
            json!("-1%"),
            json!("NaN"),
            json!("inf"),
        ] {
            assert!(serde_json::from_value::<Tolerance>(wrong).is_err());
        }
    }
}
