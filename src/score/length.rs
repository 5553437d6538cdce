//! `length`: how long the reply is, in characters, words, lines or tokens.

use super::kind::{Built, Given, Kind};
use super::normal::unspaced;
use super::{Check, Graded, Score, Unscored};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `length`.
pub(super) const KIND: Kind = Kind {
    name: "length",
    about: "the reply is neither too short nor too long",
    params: "min: 1, max: 100, unit: characters | words | lines | tokens",
    short: "the most characters",
    range: "0 or 1",
    direction: "higher is better",
    needs: "",
    example: r#"{"scorer": {"length": {"max": 3, "unit": "words"}}, "output": "far too many words", "gives": {"value": 0.0, "passed": false}}"#,
    build: length,
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "integer", "minimum": 0}, params]})
    },
};

fn length(given: &Given<'_, '_>, _: &super::Build<'_>) -> Built {
    let params = match given.short() {
        Some(block) if matches!(block.node().value, crate::source::Kind::Number { .. }) => Params {
            max: Some(block.read()?),
            ..Params::default()
        },
        _ => given.params()?,
    };
    match (params.min, params.max) {
        (None, None) => Err(vec![given.problem("`length` needs `min` or `max`")]),
        (Some(min), Some(max)) if min > max => {
            Err(given.wrong("min", [format!("`min` {min} is more than `max` {max}")]))
        }
        _ => Ok(Box::new(Length(params))),
    }
}

/// What `length` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// No less than this.
    min: Option<u64>,
    /// No more than this.
    max: Option<u64>,
    /// What is counted.
    unit: Unit,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// Unicode code points, without white space at the ends.
    #[default]
    Characters,
    /// Runs between white space; in scripts without spaces, each letter.
    Words,
    /// Lines that are not blank.
    Lines,
    /// Output tokens as the provider counts them, without reasoning.
    Tokens,
}

/// The reply is neither too short nor too long.
struct Length(Params);

impl Check for Length {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let text = graded.reply.text.trim();
        let (count, unit) = match self.0.unit {
            Unit::Characters => (text.chars().count() as u64, "characters"),
            Unit::Words => (words(text), "words"),
            Unit::Lines => {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                (lines.count() as u64, "lines")
            }
            Unit::Tokens => {
                let usage = &graded.reply.usage;
                let output = usage.output.ok_or_else(|| {
                    Unscored("the provider does not say how many tokens the reply has".into())
                })?;
                (
                    output.saturating_sub(usage.reasoning.unwrap_or(0)),
                    "tokens",
                )
            }
        };
        let unit = if count == 1 {
            unit.trim_end_matches('s')
        } else {
            unit
        };
        Ok(match (self.0.min, self.0.max) {
            (Some(min), _) if count < min => {
                Score::pass(false, format!("{count} {unit}, fewer than {min}"))
            }
            (_, Some(max)) if count > max => {
                Score::pass(false, format!("{count} {unit}, more than {max}"))
            }
            _ => Score::pass(true, format!("{count} {unit}")),
        })
    }
}

fn words(text: &str) -> u64 {
    let (mut count, mut inside) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            inside = false;
        } else if unspaced(c) {
            count += u64::from(c.is_alphanumeric());
            inside = false;
        } else if !inside {
            (count, inside) = (count + 1, true);
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::testing::{case, check, graded, reply};
    use super::*;
    use serde_json::json;

    fn why(unit: Unit, text: &str) -> String {
        let params = Params {
            unit,
            max: Some(3),
            min: Some(1),
        };
        check(&Length(params), text, json!(null)).unwrap().why
    }

    #[test]
    fn each_unit() {
        assert_eq!(
            why(Unit::Characters, " naïf\n"),
            "4 characters, more than 3"
        );
        assert_eq!(why(Unit::Characters, ""), "0 characters, fewer than 1");
        assert_eq!(why(Unit::Words, "two – words"), "3 words");
        assert_eq!(why(Unit::Words, "東京。Tokyo"), "3 words");
        assert_eq!(why(Unit::Lines, "a\n\n b\r\nc\n"), "3 lines");
    }

    #[test]
    fn tokens_are_the_providers() {
        let length = Length(Params {
            unit: Unit::Tokens,
            max: Some(3),
            min: None,
        });
        let (case, mut reply) = (case(None), reply("hi"));
        assert!(length.check(&graded(&case, &reply)).is_err());
        reply.usage.output = Some(10);
        reply.usage.reasoning = Some(8);
        assert_eq!(
            length.check(&graded(&case, &reply)).unwrap().why,
            "2 tokens"
        );
    }
}
