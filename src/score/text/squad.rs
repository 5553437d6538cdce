//! `squad`: exact match or token F1 after SQuAD's normalisation.

use super::super::kind::Kind;
use super::super::quote::quote;
use super::super::{Check, Graded, Score, Unscored};
use super::{best, references, unspaced, which};
use crate::text::squad;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `squad`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "squad",
    about: "words shared with the target, without case, punctuation and articles (SQuAD)",
    params: "measure: f1 | exact_match",
    short: "the measure",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "squad", "output": "It is the Eiffel Tower.", "target": ["Eiffel Tower", "tower"], "gives": {"value": 0.6666666666666666, "why": "F1 0.667: 2 words shared, 4 given, 2 expected; closest of 2: \"Eiffel Tower\""}}"#,
    build: |given, _| {
        let measure = match given.short() {
            Some(block) => block.read()?,
            None => given.params::<Params>()?.measure,
        };
        Ok(Box::new(Squad(measure)))
    },
    schema: |generator| {
        let measure = generator.subschema_for::<Measure>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [measure, {"type": "null"}, params]})
    },
};

/// What `squad` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// What the score is.
    measure: Measure,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Measure {
    /// The harmonic mean of the words' precision and recall.
    #[default]
    F1,
    /// Whether both are the same.
    ExactMatch,
}

/// Words shared with the closest reference.
struct Squad(Measure);

impl Check for Squad {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let reply = &graded.reply.text;
        if self.0 == Measure::ExactMatch {
            let right = references.iter().any(|text| squad::exact(reply, text));
            let normalised = quote(&squad::normalised(reply));
            let why = match (right, references.as_slice()) {
                (true, _) => format!("is {normalised}"),
                (false, [one]) => {
                    let expected = quote(&squad::normalised(one));
                    format!("expected {expected}, got {normalised}")
                }
                (false, several) => format!("{normalised} is none of {} targets", several.len()),
            };
            return Ok(Score::pass(right, why));
        }
        let (at, value, overlap) = best(&references, |text| {
            let overlap = squad::overlap(reply, text);
            // two texts of which nothing is left are the same (SQuAD 2.0)
            let nothing = overlap.found == 0 && overlap.expected == 0;
            (if nothing { 1.0 } else { overlap.f1 }, overlap)
        });
        let hint = match unspaced(&references[at]) {
            true => "; the target has no spaces between words: use `cer` or `chrf`",
            false => "",
        };
        let (shared, found, expected) = (overlap.shared, overlap.found, overlap.expected);
        let closest = which(&references, at);
        Ok(Score::graded(
            value,
            format!(
                "F1 {value:.3}: {shared} words shared, {found} given, {expected} expected{closest}{hint}"
            ),
        ))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        self.0 == Measure::ExactMatch
    }
}
