//! BLEU (Papineni et al. 2002) as sacreBLEU 2.6 computes it, of a sentence or of a corpus.

use super::ngrams;
use super::tokens::{Tokenizer, tokenized};
use super::words::{Numbers, is_space};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What takes the place of a precision of 0 (Chen and Cherry 2014).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Smoothing {
    /// Nothing: the score is 0.
    None,
    /// This instead of no match; by default 0.1.
    Floor(f64),
    /// This added to matches and totals beyond single tokens; by default 1.
    AddK(f64),
    /// Half of a match, then a quarter …, as in mteval.
    #[default]
    Exp,
}

/// How BLEU is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// The tokeniser.
    pub tokenizer: Tokenizer,
    /// Lower case first.
    pub lowercase: bool,
    /// What is done about precisions of 0.
    pub smoothing: Smoothing,
    /// Only the orders that the hypothesis is long enough for; right for single sentences.
    pub effective_order: bool,
    /// The longest n-grams.
    pub orders: usize,
}

impl Default for Bleu {
    fn default() -> Self {
        Bleu {
            tokenizer: Tokenizer::Western,
            lowercase: false,
            smoothing: Smoothing::Exp,
            effective_order: false,
            orders: 4,
        }
    }
}

/// BLEU with all that went into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// On 0..=100.
    pub score: f64,
    /// Of each order, on 0..=100, smoothed.
    pub precisions: Vec<f64>,
    /// The penalty for being shorter than the reference.
    pub brevity_penalty: f64,
    /// Tokens of the hypotheses.
    pub found: f64,
    /// Tokens of the references closest in length.
    pub expected: f64,
    /// Matches of each order, smoothed.
    pub matches: Vec<f64>,
    /// N-grams of each order, smoothed.
    pub totals: Vec<f64>,
}

impl Bleu {
    /// What a sentence adds to a corpus: tokens found and expected, matches by order, n-grams by
    /// order. Those of several sentences are summed.
    pub fn counts(&self, hypothesis: &str, references: &[&str]) -> Vec<f64> {
        let hypothesis = self.prepared(hypothesis);
        let references: Vec<String> = references.iter().map(|text| self.prepared(text)).collect();
        let mut numbers = Numbers::default();
        let expected: Vec<Vec<u32>> = references
            .iter()
            .map(|text| numbers.of_words(text))
            .collect();
        let found = numbers.of_words(&hypothesis);
        let lists: Vec<&[u32]> = expected.iter().map(Vec::as_slice).collect();
        let closest = expected
            .iter()
            .map(Vec::len)
            .min_by_key(|length| (length.abs_diff(found.len()), *length));
        let shared = ngrams::shared(&found, &lists, self.orders);
        let lengths = [found.len(), closest.unwrap_or(0)];
        let matches = shared.iter().map(|order| order.shared);
        let totals = shared.iter().map(|order| order.found);
        let all = lengths.into_iter().chain(matches).chain(totals);
        all.map(|count| count as f64).collect()
    }

    /// BLEU from counts; `None` for counts of other orders.
    pub fn score(&self, counts: &[f64]) -> Option<Found> {
        let [found, expected, rest @ ..] = counts else {
            return None;
        };
        if rest.len() != 2 * self.orders || self.orders == 0 {
            return None;
        }
        let (matches, totals) = rest.split_at(self.orders);
        let mut all = Found {
            score: 0.0,
            precisions: vec![0.0; self.orders],
            brevity_penalty: match found {
                found if found >= expected => 1.0,
                0.0 => 0.0,
                found => (1.0 - expected / found).exp(),
            },
            found: *found,
            expected: *expected,
            matches: matches.to_vec(),
            totals: totals.to_vec(),
        };
        if matches.iter().all(|count| *count == 0.0) {
            return Some(all);
        }
        let (mut halved, mut orders) = (1.0, self.orders);
        for n in 0..self.orders {
            if let (Smoothing::AddK(k), true) = (self.smoothing, n > 0) {
                all.matches[n] += k;
                all.totals[n] += k;
            }
            let (matched, total) = (all.matches[n], all.totals[n]);
            if total == 0.0 {
                break;
            }
            if self.effective_order {
                orders = n + 1;
            }
            all.precisions[n] = match self.smoothing {
                _ if matched > 0.0 => 100.0 * matched / total,
                Smoothing::Exp => {
                    halved *= 2.0;
                    100.0 / (halved * total)
                }
                Smoothing::Floor(floor) => 100.0 * floor / total,
                Smoothing::None | Smoothing::AddK(_) => 0.0,
            };
        }
        let logs = all.precisions[..orders].iter().map(|p| match p {
            0.0 => -9_999_999_999.0,
            p => p.ln(),
        });
        all.score = all.brevity_penalty * (logs.sum::<f64>() / orders as f64).exp();
        Some(all)
    }

    fn prepared(&self, text: &str) -> String {
        let text = match self.lowercase {
            true => Cow::Owned(text.to_lowercase()),
            false => Cow::Borrowed(text),
        };
        tokenized(text.trim_end_matches(is_space), self.tokenizer).into_owned()
    }
}
