//! sacreBLEU's tokenisers that need no model: each makes a text whose tokens are parted by white space.

use super::words::{is_space, words};
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// How a text becomes tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tokenizer {
    /// `13a`: that of mteval-v13a, for Western languages.
    #[default]
    Western,
    /// `intl`: that of mteval-v14, by Unicode's punctuation and symbols.
    International,
    /// `zh`: Chinese characters apart, the rest as `13a`.
    Chinese,
    /// `char`: every character apart.
    Char,
    /// `none`: at white space only.
    None,
}

/// The text with its tokens parted by white space.
pub fn tokenized(text: &str, by: Tokenizer) -> Cow<'_, str> {
    match by {
        Tokenizer::Western => Cow::Owned(western(&format!(" {} ", unescaped(text)))),
        Tokenizer::International => Cow::Owned(international(text)),
        Tokenizer::Chinese => Cow::Owned(western(&chinese(text.trim_matches(is_space)))),
        Tokenizer::Char => Cow::Owned(apart(text, |_| true)),
        Tokenizer::None => Cow::Borrowed(text),
    }
}

/// The tokens of a text.
pub fn tokens(text: &str, by: Tokenizer) -> Vec<String> {
    words(&tokenized(text, by)).map(str::to_owned).collect()
}

/// Lines joined, the four entities of mteval read.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let rules = [
        ("<skipped>", ""),
        ("-\n", ""),
        ("\n", " "),
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    for (from, to) in rules {
        if text.contains(from) {
            text = Cow::Owned(text.replace(from, to));
        }
    }
    text
}

/// The Western rules of mteval-v13a.
fn western(text: &str) -> String {
    marks_apart(symbols_apart(text))
}

/// ASCII symbols apart, but for `'`, `-`, `.` and `,`. All that is parted here is ASCII, so bytes
/// will do.
pub(super) fn symbols_apart(text: &str) -> String {
    let mut symbols = Vec::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'{'..=b'~' | b'['..=b'`' | b'!'..=b'&' | b'('..=b'+' | b':'..=b'@' | b'/' => {
                symbols.extend_from_slice(&[b' ', byte, b' ']);
            }
            byte => symbols.push(byte),
        }
    }
    utf8(symbols)
}

/// Full stops and commas apart unless between digits, a dash after a digit apart.
pub(super) fn marks_apart(text: String) -> String {
    let point = |byte: &u8| matches!(byte, b'.' | b',');
    let digit = |byte: &u8| byte.is_ascii_digit();
    let after = pairs(
        text.as_bytes(),
        |a, b| !digit(a) && point(b),
        [false, true, true],
    );
    let before = pairs(&after, |a, b| point(a) && !digit(b), [true, true, false]);
    let dashes = pairs(&before, |a, b| digit(a) && *b == b'-', [false, true, true]);
    utf8(dashes)
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("spaces went in beside ASCII only")
}

/// Every two bytes that belong together, left to right and without overlap, with spaces put before
/// the first, between, or after the second.
fn pairs(text: &[u8], together: impl Fn(&u8, &u8) -> bool, spaces: [bool; 3]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let mut at = 0;
    while let Some(first) = text.get(at) {
        match text.get(at + 1) {
            Some(second) if together(first, second) => {
                let parts = [
                    (spaces[0], Some(first)),
                    (spaces[1], Some(second)),
                    (spaces[2], None),
                ];
                for (space, byte) in parts {
                    out.extend(space.then_some(b' '));
                    out.extend(byte);
                }
                at += 2;
            }
            _ => {
                out.push(*first);
                at += 1;
            }
        }
    }
    out
}

/// mteval-v14: punctuation apart unless between numbers, symbols apart.
fn international(text: &str) -> String {
    static RULES: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
        [
            (r"(\P{N})(\p{P})", "$1 $2 "),
            (r"(\p{P})(\P{N})", " $1 $2"),
            (r"(\p{S})", " $1 "),
        ]
        .map(|(rule, by)| (Regex::new(rule).expect("a fixed pattern"), by))
    });
    let mut text = text.to_owned();
    for (rule, by) in RULES.iter() {
        text = rule.replace_all(&text, *by).into_owned();
    }
    text
}

fn chinese(text: &str) -> String {
    apart(text, is_chinese)
}

/// Characters with a space on either side.
fn apart(text: &str, which: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match which(c) {
            true => out.extend([' ', c, ' ']),
            false => out.push(c),
        }
    }
    out
}

/// What sacreBLEU takes for a Chinese character. Its two ranges beyond the basic plane are written
/// with too few digits there and mean U+2001–2A6D and U+2F81–2FA1; so they do here.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fbb}' | '\u{f900}'..='\u{fa2d}'
        | '\u{fa30}'..='\u{fa6a}' | '\u{fa70}'..='\u{fad9}' | '\u{2001}'..='\u{2a6d}'
        | '\u{ff00}'..='\u{ffef}' | '\u{2e80}'..='\u{2fdf}' | '\u{2ff0}'..='\u{303f}'
        | '\u{31c0}'..='\u{31ef}' | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{3200}'..='\u{33ff}')
}
