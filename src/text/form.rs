//! Forms of a text under which two texts may be the same: Unicode's normal forms, case folding, and
//! the options of the usual exact match.

use unicode_normalization::UnicodeNormalization;

/// Unicode's canonical composition (UAX #15).
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Unicode's compatibility composition (UAX #15).
pub fn nfkc(text: &str) -> String {
    text.nfkc().collect()
}

/// Unicode's full case folding (CaseFolding.txt, C and F), which is lower(upper(lower(c))) for all
/// letters but the dotless `ı`, which stays, and Cherokee, which folds to upper case.
pub fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ı' => folded.push(c),
            '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => folded.extend(c.to_uppercase()),
            c => {
                let upper = c.to_lowercase().flat_map(char::to_uppercase);
                folded.extend(upper.flat_map(char::to_lowercase));
            }
        }
    }
    folded
}

/// Without ASCII punctuation.
pub fn without_punctuation(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_punctuation(), "")
}

/// Without the digits 0 to 9.
pub fn without_digits(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_digit(), "")
}
