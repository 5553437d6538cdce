//! Exact match and token F1 after SQuAD's normalisation (Rajpurkar et al. 2016, evaluate-v1.1.py).

use super::Overlap;
use super::form::without_punctuation;
use super::words::words;
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A word to Python's `\b`: letters, numbers, the underscore, but no combining marks.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("a fixed pattern"));

/// Lower case, without ASCII punctuation, without `a`, `an` and `the`, one space between words.
pub fn normalised(text: &str) -> String {
    let bare = without_punctuation(&text.to_lowercase());
    let bare = WORD.replace_all(&bare, |word: &Captures<'_>| match &word[0] {
        "a" | "an" | "the" => " ".to_owned(),
        other => other.to_owned(),
    });
    words(&bare).collect::<Vec<_>>().join(" ")
}

/// Whether both are the same once normalised.
pub fn exact(prediction: &str, answer: &str) -> bool {
    normalised(prediction) == normalised(answer)
}

/// Words in common, each as often as it stands in both, with how many words either has. F1 is 0
/// where nothing is shared, also for two empty answers.
pub fn overlap(prediction: &str, answer: &str) -> Overlap {
    let (prediction, answer) = (normalised(prediction), normalised(answer));
    let mut open: HashMap<&str, usize> = HashMap::new();
    let mut expected = 0;
    for word in words(&answer) {
        *open.entry(word).or_default() += 1;
        expected += 1;
    }
    let (mut shared, mut found) = (0, 0);
    for word in words(&prediction) {
        found += 1;
        if let Some(left) = open.get_mut(word).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    Overlap::of(shared, found, expected)
}
