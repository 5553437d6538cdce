//! `rouge`: what of the target's words, pairs of words or order is in the reply.

use super::super::kind::Kind;
use super::super::{Check, Graded, Score, Unscored};
use super::{best, which, worded};
use crate::text::rouge::{self, Variant};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `rouge`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "rouge",
    about: "ROUGE against the target: shared words, pairs or order (English letters only)",
    params: "metric: rouge1 | rouge2 | ... | rouge9 | rougeL | rougeLsum, stemmer: false, measure: f1 | precision | recall",
    short: "the metric",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "rouge", "output": "the dog sat on the mat", "target": "the cat sat on the mat", "gives": {"value": 0.8333333333333334, "why": "rougeL F1 0.833: P 0.833, R 0.833, 5 shared"}}"#,
    build: |given, _| {
        let params = match given.short() {
            Some(block) => Params {
                metric: block.read()?,
                ..Params::default()
            },
            None => given.params()?,
        };
        Ok(Box::new(Rouge(params)))
    },
    schema: |generator| {
        let metric = generator.subschema_for::<Metric>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [metric, {"type": "null"}, params]})
    },
};

/// What `rouge` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What is counted.
    metric: Metric,
    /// Whether words are compared by their stem (Porter's).
    stemmer: bool,
    /// What the score is.
    measure: Measure,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Metric {
    Rouge1,
    Rouge2,
    Rouge3,
    Rouge4,
    Rouge5,
    Rouge6,
    Rouge7,
    Rouge8,
    Rouge9,
    #[default]
    #[serde(rename = "rougeL", alias = "rougel")]
    RougeL,
    #[serde(rename = "rougeLsum", alias = "rougelsum")]
    RougeLsum,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Measure {
    /// The harmonic mean of both.
    #[default]
    F1,
    /// The share of the reply that is in the target.
    Precision,
    /// The share of the target that is in the reply.
    Recall,
}

/// Pairs of lines whose order is compared.
const LINES: usize = 1_000_000;

/// The overlap with the closest reference.
struct Rouge(Params);

impl Check for Rouge {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = worded(graded)?;
        let reply = &graded.reply.text;
        let variant = self.variant();
        if variant == Variant::Lsum {
            let lines = references.iter().map(|text| text.lines().count()).max();
            if lines.unwrap_or(0) * reply.lines().count() > LINES {
                return Err(Unscored("too many lines for rougeLsum".into()));
            }
        }
        let (at, value, overlap) = best(&references, |text| {
            let overlap = rouge::rouge(variant, reply, text, self.0.stemmer);
            let value = match self.0.measure {
                Measure::F1 => overlap.f1,
                Measure::Precision => overlap.precision,
                Measure::Recall => overlap.recall,
            };
            (value, overlap)
        });
        let seen = rouge::tokenized(&references[at], false);
        if seen.is_empty() {
            return Err(Unscored(
                "the target has no letter that ROUGE sees, which are a to z and 0 to 9: use `chrf`"
                    .into(),
            ));
        }
        // a text with its own n-grams missing, `rouge2` of one word, scores 0 against itself
        let letters = references[at].chars().filter(|c| c.is_alphanumeric());
        let (seen, all) = (seen.chars().filter(|c| *c != ' ').count(), letters.count());
        let hint = match 2 * seen < all {
            true => format!("; ROUGE sees only {seen} of the target's {all} letters: use `chrf`"),
            false => String::new(),
        };
        let name = self.name();
        let (p, r, shared) = (overlap.precision, overlap.recall, overlap.shared);
        let measure = match self.0.measure {
            Measure::F1 => "F1",
            Measure::Precision => "precision",
            Measure::Recall => "recall",
        };
        let closest = which(&references, at);
        Ok(Score::graded(
            value,
            format!(
                "{name} {measure} {value:.3}: P {p:.3}, R {r:.3}, {shared} shared{closest}{hint}"
            ),
        ))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }
}

impl Rouge {
    fn variant(&self) -> Variant {
        match self.0.metric {
            Metric::RougeL => Variant::L,
            Metric::RougeLsum => Variant::Lsum,
            n => Variant::N(n as usize + 1),
        }
    }

    fn name(&self) -> String {
        match self.variant() {
            Variant::L => "rougeL".into(),
            Variant::Lsum => "rougeLsum".into(),
            Variant::N(n) => format!("rouge{n}"),
        }
    }
}
