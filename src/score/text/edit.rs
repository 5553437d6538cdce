//! `edit`: how close the reply is to the target by an edit distance or its kin.

use super::super::kind::Kind;
use super::super::normal::{Normal, Punctuation, Space, Unicode};
use super::super::{Check, Graded, Score, Unscored};
use super::{best, references, which};
use crate::text::words::{Numbers, code_points};
use crate::text::{damerau, jaro, lcs, levenshtein};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

/// The kind `edit`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "edit",
    about: "how close the reply is to the target by an edit distance",
    params: "metric: levenshtein | osa | damerau | indel | lcs | jaro | jaro_winkler, unit: character | grapheme | word, case: true, space, punctuation, unicode",
    short: "the metric",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "edit", "output": "sitting", "target": "kitten", "gives": {"value": 0.5714285714285714, "why": "levenshtein similarity 0.571: 3 edits over 7 characters"}}"#,
    build: |given, _| {
        let params = match given.short() {
            Some(block) => Params {
                metric: block.read()?,
                ..Params::default()
            },
            None => given.params()?,
        };
        Ok(Box::new(Edit(params)))
    },
    schema: |generator| {
        let metric = generator.subschema_for::<Metric>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [metric, {"type": "null"}, params]})
    },
};

/// What `edit` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The distance or similarity.
    metric: Metric,
    /// What is edited.
    unit: Unit,
    /// Whether upper and lower case differ.
    case: bool,
    /// White space inside.
    space: Space,
    /// Punctuation.
    punctuation: Punctuation,
    /// Unicode normalisation.
    unicode: Unicode,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            metric: Metric::default(),
            unit: Unit::default(),
            case: true,
            space: Space::default(),
            punctuation: Punctuation::default(),
            unicode: Unicode::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Metric {
    /// Insertions, deletions, substitutions.
    #[default]
    Levenshtein,
    /// Also swaps of neighbours, nothing edited twice.
    Osa,
    /// Also swaps of neighbours.
    Damerau,
    /// Insertions and deletions.
    Indel,
    /// The longest common subsequence.
    Lcs,
    /// Jaro's similarity.
    Jaro,
    /// Jaro's, with more for an equal beginning.
    JaroWinkler,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Unit {
    /// Unicode code points.
    #[default]
    Character,
    /// What a reader takes for a character (UAX #29).
    Grapheme,
    /// What stands between white space.
    Word,
}

/// The most cells of a table that is filled one by one.
const CELLS: usize = 200_000_000;

/// How close the reply is.
struct Edit(Params);

impl Check for Edit {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let normal = Normal {
            case: self.0.case,
            trim: true,
            space: self.0.space,
            punctuation: self.0.punctuation,
            unicode: self.0.unicode,
        };
        let reply = normal.apply(&graded.reply.text);
        let longest = references.iter().map(|text| text.len()).max().unwrap_or(0);
        if self.0.metric == Metric::Damerau && longest.saturating_mul(reply.len()) > CELLS {
            return Err(Unscored(
                "the texts are too long for `damerau`: use `osa`".into(),
            ));
        }
        let (at, value, what) = best(&references, |text| {
            let expected = normal.apply(text);
            let (a, b) = self.symbols(&reply, &expected);
            self.closeness(&a, &b)
        });
        let closest = which(&references, at);
        Ok(Score::graded(value, format!("{what}{closest}")))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }
}

impl Edit {
    fn symbols(&self, a: &str, b: &str) -> (Vec<u32>, Vec<u32>) {
        let mut numbers = Numbers::default();
        match self.0.unit {
            Unit::Character => (code_points(a), code_points(b)),
            Unit::Word => (numbers.of_words(a), numbers.of_words(b)),
            Unit::Grapheme => {
                let a = a.graphemes(true).map(|part| numbers.of(part)).collect();
                (a, b.graphemes(true).map(|part| numbers.of(part)).collect())
            }
        }
    }

    fn closeness(&self, a: &[u32], b: &[u32]) -> (f64, String) {
        let longer = a.len().max(b.len());
        let unit = match self.0.unit {
            Unit::Character => "characters",
            Unit::Grapheme => "graphemes",
            Unit::Word => "words",
        };
        let edits = |name: &str, distance: usize, most: usize| {
            let value = match most {
                0 => 1.0,
                most => 1.0 - distance as f64 / most as f64,
            };
            let plural = if distance == 1 { "" } else { "s" };
            (
                value,
                format!("{name} similarity {value:.3}: {distance} edit{plural} over {most} {unit}"),
            )
        };
        match self.0.metric {
            Metric::Levenshtein => edits("levenshtein", levenshtein::distance(a, b), longer),
            Metric::Osa => edits("osa", levenshtein::osa(a, b), longer),
            Metric::Damerau => edits("damerau", damerau::distance(a, b), longer),
            Metric::Indel => edits("indel", lcs::indel_distance(a, b), a.len() + b.len()),
            Metric::Lcs => {
                let value = lcs::similarity(a, b);
                let shared = lcs::length(a, b);
                let why =
                    format!("lcs similarity {value:.3}: {shared} of {longer} {unit} in order");
                (value, why)
            }
            Metric::Jaro => told("jaro", jaro::jaro(a, b)),
            Metric::JaroWinkler => told("jaro-winkler", jaro::jaro_winkler(a, b)),
        }
    }
}

fn told(name: &str, value: f64) -> (f64, String) {
    (value, format!("{name} similarity {value:.3}"))
}
