//! White space and words as Python sees them, and words as numbers.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// White space to Python's `str.split`: Unicode's White_Space and the four information separators.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The words between white space.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// The code points of a text.
pub fn code_points(text: &str) -> Vec<u32> {
    match text.is_ascii() {
        true => text.bytes().map(u32::from).collect(),
        false => text.chars().map(u32::from).collect(),
    }
}

/// A number for each different word, from 1: equal words, equal numbers.
#[derive(Debug, Default)]
pub struct Numbers<'a>(HashMap<&'a str, u32, FixedState>);

impl<'a> Numbers<'a> {
    /// The word's number.
    pub fn of(&mut self, word: &'a str) -> u32 {
        let next = self.0.len() as u32 + 1;
        *self.0.entry(word).or_insert(next)
    }

    /// The numbers of a text's words.
    pub fn of_words(&mut self, text: &'a str) -> Vec<u32> {
        words(text).map(|word| self.of(word)).collect()
    }
}
