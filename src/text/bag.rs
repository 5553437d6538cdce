//! Bags of words: lower case, parted by white space, order forgotten.

use super::words::words;
use std::collections::BTreeMap;

/// Each word with how often it stands in either text.
fn counts(a: &str, b: &str) -> BTreeMap<String, (f64, f64)> {
    let mut counts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for word in words(&a.to_lowercase()) {
        counts.entry(word.to_owned()).or_default().0 += 1.0;
    }
    for word in words(&b.to_lowercase()) {
        counts.entry(word.to_owned()).or_default().1 += 1.0;
    }
    counts
}

/// Different words in both ÷ different words in either; 1 for two texts without words.
pub fn jaccard(a: &str, b: &str) -> f64 {
    let counts = counts(a, b);
    let both = counts.values().filter(|(a, b)| a * b > 0.0).count();
    match counts.len() {
        0 => 1.0,
        all => both as f64 / all as f64,
    }
}

/// The cosine between the two vectors of counts; 1 for two texts without words.
pub fn cosine(a: &str, b: &str) -> f64 {
    let counts = counts(a, b);
    let sum = |of: fn(&(f64, f64)) -> f64| counts.values().map(of).sum::<f64>();
    let lengths = sum(|(a, _)| a * a).sqrt() * sum(|(_, b)| b * b).sqrt();
    match counts.len() {
        0 => 1.0,
        _ if lengths == 0.0 => 0.0,
        _ => sum(|(a, b)| a * b) / lengths,
    }
}
