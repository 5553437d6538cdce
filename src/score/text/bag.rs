//! `bag_of_words`: the words of both, their order forgotten.

use super::super::kind::Kind;
use super::super::{Check, Graded, Score, Unscored};
use super::{best, references, unspaced, which};
use crate::text::bag;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `bag_of_words`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "bag_of_words",
    about: "how alike the words of reply and target are, whatever their order",
    params: "measure: cosine | jaccard",
    short: "the measure",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": {"bag_of_words": "jaccard"}, "output": "red green blue", "target": "Blue red", "gives": {"value": 0.6666666666666666, "why": "jaccard 0.667"}}"#,
    build: |given, _| {
        let measure = match given.short() {
            Some(block) => block.read()?,
            None => given.params::<Params>()?.measure,
        };
        Ok(Box::new(Bag(measure)))
    },
    schema: |generator| {
        let measure = generator.subschema_for::<Measure>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [measure, {"type": "null"}, params]})
    },
};

/// What `bag_of_words` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What the score is.
    measure: Measure,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Measure {
    /// The cosine between the counts.
    #[default]
    Cosine,
    /// Words in both ÷ words in either.
    Jaccard,
}

struct Bag(Measure);

impl Check for Bag {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let (name, of): (_, fn(&str, &str) -> f64) = match self.0 {
            Measure::Cosine => ("cosine", bag::cosine),
            Measure::Jaccard => ("jaccard", bag::jaccard),
        };
        let (at, value, ()) = best(&references, |text| (of(&graded.reply.text, text), ()));
        let value = value.clamp(0.0, 1.0);
        let hint = match unspaced(&references[at]) {
            true => "; the target has no spaces between words: use `chrf`",
            false => "",
        };
        let closest = which(&references, at);
        Ok(Score::graded(
            value,
            format!("{name} {value:.3}{closest}{hint}"),
        ))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }
}
