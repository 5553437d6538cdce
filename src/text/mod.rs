//! Text metrics: texts in, numbers out. Knows nothing of cases, models or scores.
//!
//! Units are Unicode code points unless a function says otherwise; words are parted by white space
//! as Python's `str.split` sees it, because the tools that set the conventions are Python's. BLEU,
//! chrF and TER are on 0..=100 as in sacreBLEU, everything else on 0..=1; a rate that has no
//! denominator is `None`. No function panics on any text.

pub mod bag;
pub mod bleu;
pub mod chrf;
pub mod damerau;
pub mod form;
pub mod gsm8k;
pub mod jaro;
pub mod lcs;
pub mod levenshtein;
mod masks;
mod ngrams;
mod porter;
pub mod rates;
pub mod rouge;
pub mod squad;
pub mod ter;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod words;

pub use porter::stem;

/// Precision, recall and their harmonic mean, each on 0..=1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overlap {
    /// Share of what was found that was expected.
    pub precision: f64,
    /// Share of what was expected that was found.
    pub recall: f64,
    /// 2·P·R/(P+R); 0 where nothing is shared.
    pub f1: f64,
    /// How much of both is shared.
    pub shared: usize,
    /// How much was found.
    pub found: usize,
    /// How much was expected.
    pub expected: usize,
}

impl Overlap {
    /// From counts: shared, found, expected. A share of nothing is 0.
    pub fn of(shared: usize, found: usize, expected: usize) -> Self {
        let precision = shared as f64 / found.max(1) as f64;
        let recall = shared as f64 / expected.max(1) as f64;
        let sum = precision + recall;
        let f1 = if sum > 0.0 {
            2.0 * precision * recall / sum
        } else {
            0.0
        };
        Overlap {
            precision,
            recall,
            f1,
            shared,
            found,
            expected,
        }
    }
}
