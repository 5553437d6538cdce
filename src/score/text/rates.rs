//! `wer`, `cer`, `ter`: error rates, as 1 − rate and no less than 0.

use super::super::kind::{Built, Given, Kind};
use super::super::normal::{Normal, Punctuation, Space, Unicode};
use super::super::{Check, Graded, Score, Unscored};
use super::{Over, best, references, unspaced, which};
use crate::store::Parts;
use crate::text::rates::{self, Edits};
use crate::text::ter;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Parameters of `wer` and `cer`, in a line.
const PARAMS: &str = "case: true, punctuation: keep | ignore, unicode, summary: corpus | mean";

/// The kind `wer`.
pub(in crate::score) const WER: Kind = Kind {
    name: "wer",
    about: "1 − the word error rate against the target",
    params: PARAMS,
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "wer", "output": "the cat sat", "target": "the black cat sat", "gives": {"value": 0.75, "why": "WER 25.0 %: 1 edit over 4 words"}}"#,
    build: |given, _| build(given, "WER", "word", rates::words),
    schema,
};

/// The kind `cer`.
pub(in crate::score) const CER: Kind = Kind {
    name: "cer",
    about: "1 − the character error rate against the target",
    params: PARAMS,
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "cer", "output": "今天天气不错", "target": "今天天气很好", "gives": {"value": 0.6666666666666667, "why": "CER 33.3 %: 2 edits over 6 characters"}}"#,
    build: |given, _| build(given, "CER", "character", rates::characters),
    schema,
};

/// The kind `ter`.
pub(in crate::score) const TER: Kind = Kind {
    name: "ter",
    about: "1 − the translation edit rate against the target (sacreBLEU's)",
    params: "normalized: false, no_punct: false, asian_support: false, case: false, summary: corpus | mean",
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "ter", "output": "on the mat sat the cat", "target": "the cat sat on the mat", "gives": {"value": 0.6666666666666667, "why": "TER 33.3: 2 edits over 6 words"}}"#,
    build: |given, _| Ok(Box::new(TranslationEdits(given.params()?))),
    schema: |generator| {
        let params = generator.subschema_for::<TerParams>();
        json_schema!({"anyOf": [{"type": "null"}, params]})
    },
};

type Count = fn(&str, &str) -> Edits;

fn build(given: &Given<'_, '_>, name: &'static str, unit: &'static str, count: Count) -> Built {
    Ok(Box::new(ErrorRate {
        params: given.params()?,
        name,
        unit,
        count,
    }))
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    let params = generator.subschema_for::<Params>();
    json_schema!({"anyOf": [{"type": "null"}, params]})
}

/// What `wer` and `cer` take.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// Whether upper and lower case differ.
    case: bool,
    /// Punctuation.
    punctuation: Punctuation,
    /// Unicode normalisation.
    unicode: Unicode,
    /// How the cases' scores become one figure.
    summary: Over,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            case: true,
            punctuation: Punctuation::Keep,
            unicode: Unicode::Nfc,
            summary: Over::Corpus,
        }
    }
}

/// 1 − edits ÷ the reference's length.
struct ErrorRate {
    params: Params,
    name: &'static str,
    unit: &'static str,
    count: Count,
}

impl Check for ErrorRate {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let normal = Normal {
            case: self.params.case,
            trim: true,
            space: Space::Keep,
            punctuation: self.params.punctuation,
            unicode: self.params.unicode,
        };
        let reply = normal.apply(&graded.reply.text);
        let (at, _, edits) = best(&references, |text| {
            let edits = (self.count)(&reply, &normal.apply(text));
            (edits.rate().map_or(f64::NEG_INFINITY, |rate| -rate), edits)
        });
        let (name, unit) = (self.name, self.unit);
        let Some(rate) = edits.rate() else {
            return Err(Unscored(format!("the target has no {unit}s: no {name}")));
        };
        let hint = match unit == "word" && unspaced(&references[at]) {
            true => "; the target has no spaces between words: use `cer`",
            false => "",
        };
        let why = told(
            name,
            100.0 * rate,
            " %",
            edits.edits as f64,
            edits.length as f64,
            unit,
        );
        let closest = which(&references, at);
        let parts = Parts::Rate {
            edits: edits.edits as f64,
            length: edits.length as f64,
        };
        let score = Score::graded((1.0 - rate).max(0.0), format!("{why}{closest}{hint}"));
        Ok(score.with((self.params.summary == Over::Corpus).then_some(parts)))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }

    fn figure(&self) -> bool {
        self.params.summary == Over::Corpus
    }
}

fn told(name: &str, rate: f64, sign: &str, edits: f64, length: f64, unit: &str) -> String {
    let plural = |n: f64| if n == 1.0 { "" } else { "s" };
    let (edits_, units) = (plural(edits), plural(length));
    format!("{name} {rate:.1}{sign}: {edits} edit{edits_} over {length} {unit}{units}")
}

/// What `ter` takes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct TerParams {
    /// Punctuation apart from words.
    normalized: bool,
    /// Punctuation taken out.
    no_punct: bool,
    /// With either, Chinese and Japanese characters and marks too.
    asian_support: bool,
    /// Whether upper and lower case differ.
    case: bool,
    /// How the cases' scores become one figure.
    summary: Over,
}

/// Words of a text whose shifts are searched for.
const WORDS: usize = 2_000;

struct TranslationEdits(TerParams);

impl Check for TranslationEdits {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = references(graded)?;
        let texts: Vec<&str> = references.iter().map(AsRef::as_ref).collect();
        let long = |text: &str| text.chars().filter(|c| c.is_whitespace()).count() >= WORDS;
        if texts.iter().any(|text| long(text)) || long(&graded.reply.text) {
            return Err(Unscored(format!(
                "too long for TER: more than {WORDS} words; use `wer`"
            )));
        }
        let ter = ter::Ter {
            normalized: self.0.normalized,
            no_punctuation: self.0.no_punct,
            asian_support: self.0.asian_support,
            case_sensitive: self.0.case,
        };
        let (edits, length) = ter.edits(&graded.reply.text, &texts);
        let rate = ter::Ter::score(edits, length);
        let hint = match unspaced(texts[0]) && !(self.0.normalized && self.0.asian_support) {
            true => {
                "; the target has no spaces between words: use `normalized` and `asian_support`"
            }
            false => "",
        };
        let mean = if texts.len() > 1 {
            " (mean of the references)"
        } else {
            ""
        };
        let why = told("TER", rate, "", edits, length, "word");
        let score = Score::graded((1.0 - rate / 100.0).max(0.0), format!("{why}{mean}{hint}"));
        let parts = Parts::Rate { edits, length };
        Ok(score.with((self.0.summary == Over::Corpus).then_some(parts)))
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }

    fn figure(&self) -> bool {
        self.0.summary == Over::Corpus
    }
}
