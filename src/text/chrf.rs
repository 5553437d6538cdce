//! chrF and chrF++ (Popović 2015, 2017) as sacreBLEU 2.6 computes them, of a sentence or of a corpus.

use super::ngrams;
use super::words::{Numbers, code_points, is_space, words};
use std::borrow::Cow;

/// How chrF is computed; with words it is chrF+ (1) or chrF++ (2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chrf {
    /// The longest n-grams of characters.
    pub characters: usize,
    /// The longest n-grams of words; 0 for none.
    pub words: usize,
    /// How much recall counts beside precision.
    pub beta: f64,
    /// Lower case first.
    pub lowercase: bool,
    /// Whether white space is among the characters.
    pub space: bool,
    /// A tiny number for what is missing, and the mean of the F-scores of all orders, as in chrF++.py.
    pub epsilon: bool,
}

impl Default for Chrf {
    fn default() -> Self {
        Chrf {
            characters: 6,
            words: 0,
            beta: 2.0,
            lowercase: false,
            space: false,
            epsilon: false,
        }
    }
}

impl Chrf {
    /// What a sentence adds to a corpus, by order: n-grams found, expected, shared. Of several
    /// references the one that scores best counts.
    pub fn counts(&self, hypothesis: &str, references: &[&str]) -> Vec<f64> {
        let hypothesis = self.lowered(hypothesis);
        let characters = self.characters_of(&hypothesis);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for reference in references {
            let reference = self.lowered(reference);
            let mut counts = Vec::with_capacity(3 * (self.characters + self.words));
            let expected = self.characters_of(&reference);
            add(&mut counts, &characters, &expected, self.characters);
            if self.words > 0 {
                let mut numbers = Numbers::default();
                let mut ids =
                    |text| -> Vec<u32> { parted(text).map(|word| numbers.of(word)).collect() };
                let (expected, found) = (ids(&reference), ids(&hypothesis));
                add(&mut counts, &found, &expected, self.words);
            }
            let score = self.score(&counts);
            if best.as_ref().is_none_or(|(most, _)| score > *most) {
                best = Some((score, counts));
            }
        }
        best.map_or_else(
            || vec![0.0; 3 * (self.characters + self.words)],
            |best| best.1,
        )
    }

    /// The score, 0..=100, from counts or their sums.
    pub fn score(&self, counts: &[f64]) -> f64 {
        const EPSILON: f64 = 1e-16;
        let factor = self.beta * self.beta;
        let mean = |precision: f64, recall: f64| {
            let weighted = factor * precision + recall;
            match weighted > 0.0 {
                true => (1.0 + factor) * precision * recall / weighted,
                false => EPSILON,
            }
        };
        let (mut precision, mut recall, mut orders, mut sum) = (0.0, 0.0, 0.0, 0.0);
        for order in counts.as_chunks::<3>().0 {
            let [found, expected, shared] = *order;
            let share = |of: f64| if of > 0.0 { shared / of } else { EPSILON };
            let (p, r) = (share(found), share(expected));
            sum += mean(p, r);
            if found > 0.0 && expected > 0.0 {
                precision += p;
                recall += r;
                orders += 1.0;
            }
        }
        if self.epsilon {
            return 100.0 * sum / (self.characters + self.words).max(1) as f64;
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        100.0 * mean(precision / orders, recall / orders)
    }

    fn lowered<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.lowercase {
            true => Cow::Owned(text.to_lowercase()),
            false => Cow::Borrowed(text),
        }
    }

    fn characters_of(&self, text: &str) -> Vec<u32> {
        let mut points = code_points(text);
        if !self.space {
            points.retain(|point| !char::from_u32(*point).is_some_and(is_space));
        }
        // symbols are from 1, and NUL is a character too
        points.iter_mut().for_each(|point| *point += 1);
        points
    }
}

/// Counts of every order; what the reference has no n-gram of is not counted against the hypothesis.
fn add(counts: &mut Vec<f64>, found: &[u32], expected: &[u32], orders: usize) {
    for (at, order) in ngrams::shared(found, &[expected], orders)
        .iter()
        .enumerate()
    {
        let there = expected.len().saturating_sub(at);
        let found = if there > 0 { order.found } else { 0 };
        counts.extend([found, there, order.shared].map(|count| count as f64));
    }
}

/// The words, with a punctuation mark at the end apart, else one at the beginning.
fn parted(text: &str) -> impl Iterator<Item = &str> {
    words(text).flat_map(|word| {
        let mark = |c: &char| c.is_ascii_punctuation();
        let last = word.chars().next_back().filter(mark);
        let first = word.chars().next().filter(mark);
        let (head, tail) = match (last, first) {
            _ if word.chars().nth(1).is_none() => (word, ""),
            (Some(_), _) => word.split_at(word.len() - 1),
            (None, Some(_)) => word.split_at(1),
            (None, None) => (word, ""),
        };
        [head, tail].into_iter().filter(|part| !part.is_empty())
    })
}
