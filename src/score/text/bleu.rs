//! `bleu`: n-grams of tokens shared with the target, as sacreBLEU counts.

use super::super::kind::Kind;
use super::super::{Check, Graded, Score, Unscored};
use super::{Over, unspaced, worded};
use crate::store::Parts;
use crate::text::bleu::{Bleu, Smoothing};
use crate::text::tokens::Tokenizer;
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `bleu`.
pub(in crate::score) const KIND: Kind = Kind {
    name: "bleu",
    about: "BLEU against the target (sacreBLEU's); over all cases corpus BLEU",
    params: "tokenize: 13a | intl | zh | char | none, smooth: exp | floor | add-k | none, smooth_value, lowercase: false, max_order: 4, effective_order: true, summary: corpus | mean",
    short: "the tokeniser",
    range: "0 to 1",
    direction: "higher is better",
    needs: "a target",
    example: r#"{"scorer": "bleu", "output": "The cat sat on a mat.", "target": "The cat sat on the mat.", "gives": {"value": 0.4889230224349009}}"#,
    build: |given, _| {
        let params = match given.short() {
            Some(block) => Params {
                tokenize: block.read()?,
                ..Params::default()
            },
            None => given.params()?,
        };
        let wrong = params.wrong();
        match wrong {
            Some((key, why)) => Err(given.wrong(key, [why])),
            None => Ok(Box::new(Translation(params))),
        }
    },
    schema: |generator| {
        let tokenize = generator.subschema_for::<Tokenize>();
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [tokenize, {"type": "null"}, params]})
    },
};

/// What `bleu` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The tokeniser.
    tokenize: Tokenize,
    /// What is done about orders without a match.
    smooth: Smooth,
    /// How much `floor` (else 0.1) or `add-k` (else 1) put in.
    smooth_value: Option<f64>,
    /// Lower case first.
    lowercase: bool,
    /// The longest n-grams.
    max_order: usize,
    /// For a single answer, only the orders it is long enough for.
    effective_order: bool,
    /// How the cases' scores become one figure.
    summary: Over,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            tokenize: Tokenize::default(),
            smooth: Smooth::default(),
            smooth_value: None,
            lowercase: false,
            max_order: 4,
            effective_order: true,
            summary: Over::Corpus,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Tokenize {
    /// For Western languages.
    #[default]
    #[serde(rename = "13a")]
    Western,
    /// By Unicode's punctuation and symbols.
    Intl,
    /// Chinese characters apart.
    Zh,
    /// Every character apart.
    Char,
    /// At white space.
    None,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
enum Smooth {
    /// Half a match, then a quarter …
    #[default]
    Exp,
    /// A fixed small number.
    Floor,
    /// A number added to matches and totals.
    AddK,
    /// Nothing: an order without a match makes 0.
    None,
}

impl Params {
    fn wrong(&self) -> Option<(&'static str, String)> {
        let needs = matches!(self.smooth, Smooth::Floor | Smooth::AddK);
        match self.smooth_value {
            _ if !(1..=9).contains(&self.max_order) => {
                Some(("max_order", "`max_order` is 1 to 9".into()))
            }
            Some(_) if !needs => Some((
                "smooth_value",
                "`smooth_value` is for `floor` and `add-k`".into(),
            )),
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                Some(("smooth_value", "`smooth_value` is more than 0".into()))
            }
            _ => None,
        }
    }

    fn bleu(&self) -> Bleu {
        Bleu {
            tokenizer: match self.tokenize {
                Tokenize::Western => Tokenizer::Western,
                Tokenize::Intl => Tokenizer::International,
                Tokenize::Zh => Tokenizer::Chinese,
                Tokenize::Char => Tokenizer::Char,
                Tokenize::None => Tokenizer::None,
            },
            lowercase: self.lowercase,
            smoothing: match self.smooth {
                Smooth::Exp => Smoothing::Exp,
                Smooth::Floor => Smoothing::Floor(self.smooth_value.unwrap_or(0.1)),
                Smooth::AddK => Smoothing::AddK(self.smooth_value.unwrap_or(1.0)),
                Smooth::None => Smoothing::None,
            },
            effective_order: self.effective_order,
            orders: self.max_order,
        }
    }
}

/// BLEU of one answer, with what it adds to corpus BLEU.
struct Translation(Params);

impl Check for Translation {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let references = worded(graded)?;
        let texts: Vec<&str> = references.iter().map(AsRef::as_ref).collect();
        let bleu = self.0.bleu();
        let counts = bleu.counts(&graded.reply.text, &texts);
        let found = bleu.score(&counts).expect("counts of its own orders");
        let precisions: Vec<String> = found.precisions.iter().map(|p| format!("{p:.1}")).collect();
        let unsplit = !matches!(self.0.tokenize, Tokenize::Zh | Tokenize::Char);
        let hint = match unsplit && unspaced(texts[0]) {
            true => "; the target has no spaces between words: use `tokenize: zh` or `char`",
            false => "",
        };
        let why = format!(
            "BLEU {:.1}: precisions {}, brevity penalty {:.3}, {} tokens to {}{hint}",
            found.score,
            precisions.join("/"),
            found.brevity_penalty,
            found.found,
            found.expected,
        );
        let parts = Parts::Bleu {
            smoothing: bleu.smoothing,
            counts,
        };
        let value = (found.score / 100.0).min(1.0);
        let corpus = self.0.summary == Over::Corpus;
        Ok(Score::graded(value, why).with(corpus.then_some(parts)))
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
