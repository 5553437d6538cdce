//! ROUGE (Lin 2004) as rouge-score 0.1.2 counts it. Only `a`–`z` and `0`–`9` are seen: a text in
//! another script has no tokens and scores 0.

use super::words::Numbers;
use super::{Overlap, lcs, ngrams, porter};
use std::collections::HashMap;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// ROUGE-N: n-grams of this order.
    N(usize),
    /// ROUGE-L: the longest common subsequence of the whole texts.
    L,
    /// ROUGE-Lsum: the union of each reference line's common subsequences with the candidate's lines.
    Lsum,
}

/// Lower case, `[a-z0-9]+` parted by single spaces; with the stemmer, tokens longer than three
/// letters as their stem.
pub fn tokenized(text: &str, stemmer: bool) -> String {
    let mut tokens = Vec::with_capacity(text.len() + 1);
    let mut word = Vec::new();
    let mut end = |word: &mut Vec<u8>| {
        if stemmer && word.len() > 3 {
            porter::stem_ascii(word);
        }
        if !word.is_empty() {
            if !tokens.is_empty() {
                tokens.push(b' ');
            }
            tokens.append(word);
        }
    };
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => word.push(c as u8),
            'A'..='Z' => word.push(c.to_ascii_lowercase() as u8),
            c if c.is_ascii() => end(&mut word),
            c => {
                for lower in c.to_lowercase() {
                    match lower {
                        'a'..='z' => word.push(lower as u8),
                        _ => end(&mut word),
                    }
                }
            }
        }
    }
    end(&mut word);
    String::from_utf8(tokens).expect("letters, digits and spaces")
}

/// The overlap of a candidate with a reference.
pub fn rouge(variant: Variant, candidate: &str, reference: &str, stemmer: bool) -> Overlap {
    if variant == Variant::Lsum {
        return summary(candidate, reference, stemmer);
    }
    let candidate = tokenized(candidate, stemmer);
    let reference = tokenized(reference, stemmer);
    let mut numbers = Numbers::default();
    let expected = numbers.of_words(&reference);
    let found = numbers.of_words(&candidate);
    match variant {
        Variant::N(n) => {
            let count = |ids: &[u32]| (ids.len() + 1).saturating_sub(n);
            let shared = ngrams::shared(&found, &[&expected], n);
            let shared = shared.last().map_or(0, |last| last.shared);
            Overlap::of(shared, count(&found), count(&expected))
        }
        _ => Overlap::of(lcs::length(&expected, &found), found.len(), expected.len()),
    }
}

/// Section 3.2 of the paper; a token counts no more often than it stands in either text, as in
/// ROUGE 1.5.5.
fn summary(candidate: &str, reference: &str, stemmer: bool) -> Overlap {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.split('\n').filter(|line| !line.is_empty());
        lines.map(|line| tokenized(line, stemmer)).collect()
    };
    let (candidate, reference) = (lines(candidate), lines(reference));
    let mut numbers = Numbers::default();
    let expected: Vec<_> = reference.iter().map(|l| numbers.of_words(l)).collect();
    let found: Vec<_> = candidate.iter().map(|l| numbers.of_words(l)).collect();
    let mut left: HashMap<u32, usize> = HashMap::new();
    for id in found.iter().flatten() {
        *left.entry(*id).or_default() += 1;
    }
    let mut shared = 0;
    for line in &expected {
        let mut member = vec![false; line.len()];
        for other in &found {
            for at in lcs::members(line, other) {
                member[at] = true;
            }
        }
        for (id, _) in line.iter().zip(member).filter(|(_, member)| *member) {
            if let Some(left) = left.get_mut(id).filter(|left| **left > 0) {
                *left -= 1;
                shared += 1;
            }
        }
    }
    let count = |lines: &[Vec<u32>]| lines.iter().map(Vec::len).sum();
    Overlap::of(shared, count(&found), count(&expected))
}
