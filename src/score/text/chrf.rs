//! `chrf`: n-grams of characters (and words) shared with the target, as sacreBLEU counts.

use super::super::kind::Kind;
use super::super::{Check, Graded, Score, Unscored};
use super::{Over, worded};
use crate::store::Parts;
use crate::text::chrf::Chrf;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `chrf`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "chrf",
    about: "chrF against the target, chrF++ with word_order: 2 (sacreBLEU's); for every script",
    params: "char_order: 6, word_order: 0, beta: 2, lowercase: false, whitespace: false, eps_smoothing: false, summary: corpus | mean",
    short: "",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "chrf", "output": "今天天气不错", "target": "今天天气很好", "gives": {"value": 0.35, "why": "chrF 35.0"}}"#,
    build: |given, _| {
        let params: Params = given.params()?;
        match params.wrong() {
            Some((key, why)) => Err(given.wrong(key, [why.to_owned()])),
            None => Ok(Box::new(Characters(params))),
        }
    },
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "null"}, params]})
    },
};

/// What `chrf` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The longest n-grams of characters.
    char_order: usize,
    /// The longest n-grams of words.
    word_order: usize,
    /// How much recall counts beside precision.
    beta: f64,
    /// Lower case first.
    lowercase: bool,
    /// Whether white space is among the characters.
    whitespace: bool,
    /// A tiny number for what is missing, as in chrF++.py.
    eps_smoothing: bool,
    /// How the cases' scores become one figure.
    summary: Over,
}

impl Default for Params {
    fn default() -> Self {
        let chrf = Chrf::default();
        Params {
            char_order: chrf.characters,
            word_order: chrf.words,
            beta: chrf.beta,
            lowercase: false,
            whitespace: false,
            eps_smoothing: false,
            summary: Over::Corpus,
        }
    }
}

impl Params {
    fn wrong(&self) -> Option<(&'static str, &'static str)> {
        if !(1..=20).contains(&self.char_order) {
            return Some(("char_order", "`char_order` is 1 to 20"));
        }
        if self.word_order > 9 {
            return Some(("word_order", "`word_order` is 0 to 9"));
        }
        let fits = self.beta > 0.0 && self.beta <= 1000.0;
        (!fits).then_some(("beta", "`beta` is more than 0"))
    }

    fn chrf(&self) -> Chrf {
        Chrf {
            characters: self.char_order,
            words: self.word_order,
            beta: self.beta,
            lowercase: self.lowercase,
            space: self.whitespace,
            epsilon: self.eps_smoothing,
        }
    }
}

/// chrF of one answer, with what it adds to corpus chrF.
struct Characters(Params);

impl Check for Characters {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = worded(graded)?;
        let texts: Vec<&str> = references.iter().map(AsRef::as_ref).collect();
        let chrf = self.0.chrf();
        let counts = chrf.counts(&graded.reply.text, &texts);
        let score = chrf.score(&counts);
        let pluses = "+".repeat(self.0.word_order.min(2));
        let parts = Parts::Chrf {
            beta: chrf.beta,
            epsilon: chrf.epsilon,
            counts,
        };
        let value = (score / 100.0).clamp(0.0, 1.0);
        let score = Score::graded(value, format!("chrF{pluses} {score:.1}"));
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
