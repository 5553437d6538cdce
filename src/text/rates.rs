//! Error rates: edits for each word or character of the reference.

use super::levenshtein::distance;
use super::words::{Numbers, code_points};

/// Edits and what they are a rate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edits {
    /// The least number of insertions, deletions and substitutions.
    pub edits: usize,
    /// The reference's length.
    pub length: usize,
}

impl Edits {
    /// Edits ÷ length; `None` for an empty reference.
    pub fn rate(self) -> Option<f64> {
        (self.length > 0).then(|| self.edits as f64 / self.length as f64)
    }
}

/// Over words: the word error rate.
pub fn words(hypothesis: &str, reference: &str) -> Edits {
    let mut numbers = Numbers::default();
    let reference = numbers.of_words(reference);
    Edits {
        edits: distance(&numbers.of_words(hypothesis), &reference),
        length: reference.len(),
    }
}

/// Over code points: the character error rate.
pub fn characters(hypothesis: &str, reference: &str) -> Edits {
    let reference = code_points(reference);
    Edits {
        edits: distance(&code_points(hypothesis), &reference),
        length: reference.len(),
    }
}
