//! Numbers in running text: signs, currencies, grouping in several customs, exponents, per cent.

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::LazyLock;

/// Which character parts the whole from the fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub(super) enum Decimal {
    /// By the number's shape; `1.234` and `1,234` alone are read as in English.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// A point: `1,234.5`.
    #[serde(rename = ".")]
    Point,
    /// A comma: `1.234,5` and `1 234,5`.
    #[serde(rename = ",")]
    Comma,
}

/// A number as it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// Its value; infinite if too large for one.
    pub value: f64,
    /// Sign, digits without outer zeros, and the power of ten of the last: equal for equal numbers.
    pub exact: (bool, String, i64),
    /// How it was written.
    pub text: String,
    /// What stands right before it and right after it, a few characters: where a unit would be.
    pub around: (String, String),
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"([-+])?(?:\\?[$€£¥₹] ?)?([-+])?",
        r"([0-9]+(?:[.,'_\x{a0}][0-9]+)*|[.][0-9]+)",
        r"(?:[eE]([-+]?[0-9]+)\b|\s?[×*·x]\s?10(?:(?:\^\{?|\*\*)([-+]?[0-9]+)|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?",
    ))
    .expect("a fixed pattern")
});

/// Every number in `text`, in order.
pub(super) fn numbers(text: &str, decimal: Decimal) -> Vec<Number> {
    let text = plain(text, decimal);
    let mut found = Vec::new();
    for parts in NUMBER.captures_iter(&text) {
        let whole = parts.get(0).expect("group 0 is the match");
        let body = parts.get(3).expect("every match has digits");
        let before = text[..whole.start()].chars().next_back();
        let signed = parts.get(1).is_some();
        // `gpt-4`, `H2O`: part of a word
        if before.is_some_and(|c| c.is_ascii_alphabetic())
            && (signed || whole.start() == body.start())
        {
            continue;
        }
        // `3-5`, `(a)-5`: not a sign
        let sign_counts = !before.is_some_and(|c| c.is_ascii_digit() || c == ')' || c == ']');
        let minus = |group| parts.get(group).is_some_and(|sign| sign.as_str() == "-");
        let negative = (minus(1) && sign_counts) || minus(2);
        let power = (4..=6)
            .find_map(|group| parts.get(group))
            .map(|power| lowered(power.as_str()));
        let pieces = split(body.as_str(), decimal);
        let last = pieces.len() - 1;
        for (i, digits) in pieces.into_iter().enumerate() {
            let power = power.as_deref().filter(|_| i == last).unwrap_or("0");
            let shown = if last == 0 { whole.as_str() } else { &digits };
            found.push(number(negative && i == 0, &digits, power, shown));
        }
        if let Some(last) = found.last_mut() {
            last.around = around(&text, body.start(), whole.end());
        }
    }
    found
}

fn number(negative: bool, digits: &str, power: &str, shown: &str) -> Number {
    let sign = if negative { "-" } else { "" };
    let value = format!("{sign}{digits}e{power}")
        .parse()
        .unwrap_or(f64::INFINITY);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let left = all.trim_start_matches('0');
    let kept = left.trim_end_matches('0');
    let zeros = left.len() - kept.len();
    let power = power.parse().unwrap_or(if power.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    });
    let shift = i64::try_from(zeros).unwrap_or(i64::MAX)
        - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let exponent = if kept.is_empty() {
        0
    } else {
        power.saturating_add(shift)
    };
    Number {
        value,
        exact: (negative && !kept.is_empty(), kept.to_owned(), exponent),
        text: shown.trim().to_owned(),
        around: (String::new(), String::new()),
    }
}

/// The few characters before a place and after another.
fn around(text: &str, start: usize, end: usize) -> (String, String) {
    const FEW: usize = 24;
    let before: Vec<char> = text[..start].chars().rev().take(4).collect();
    let before = before.into_iter().rev().collect();
    (before, text[end..].chars().take(FEW).collect())
}

/// One spelling for signs, digits of other scripts, and the spaces and marks that group digits.
fn plain(text: &str, decimal: Decimal) -> String {
    let point = if decimal == Decimal::Comma { ',' } else { '.' };
    let mut plain: String = text
        .replace("{,}", ",")
        .chars()
        .map(|c| match c {
            '−' | '–' | '﹣' | '－' => '-',
            '＋' => '+',
            '．' => '.',
            '，' => ',',
            '٫' => point,
            '٬' | '’' | '＇' => '\'',
            '\u{202f}' | '\u{2009}' => '\u{a0}',
            '＄' => '$',
            '￥' => '¥',
            c => digit(c).unwrap_or(c),
        })
        .collect();
    if decimal == Decimal::Comma {
        plain = grouped(&plain);
    }
    plain
}

/// The ASCII digit of a decimal digit of the scripts that models write.
fn digit(c: char) -> Option<char> {
    // the zeros: Arabic-Indic, its Persian forms, Devanagari, Bengali, Thai, full width
    let zeros = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10];
    let code = u32::from(c);
    let value = zeros
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// Plain spaces between a digit and exactly three digits become spaces that group.
fn grouped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    let groups = |at: usize| {
        is_digit(at.checked_sub(1))
            && (1..=3).all(|k| is_digit(Some(at + k)))
            && !is_digit(Some(at + 4))
    };
    let spaced = chars.iter().enumerate().map(|(at, c)| match c {
        ' ' if groups(at) => '\u{a0}',
        c => *c,
    });
    spaced.collect()
}

/// An exponent in ordinary digits.
fn lowered(power: &str) -> String {
    let lower = power.chars().map(|c| match c {
        '⁻' => '-',
        '⁺' => '+',
        c => "⁰¹²³⁴⁵⁶⁷⁸⁹"
            .chars()
            .position(|high| high == c)
            .and_then(|value| char::from_digit(value as u32, 10))
            .unwrap_or(c),
    });
    lower.collect()
}

/// The numbers in a run of digits and separators, as plain `123.45`: one, if its grouping is
/// sound; else it is a list, a date or a version, and each part is a number.
fn split(body: &str, decimal: Decimal) -> Vec<String> {
    if let Some(one) = one(body, decimal) {
        return vec![one];
    }
    if decimal != Decimal::Comma && body.contains(',') {
        let pieces: Option<Vec<String>> =
            body.split(',').map(|piece| one(piece, decimal)).collect();
        if let Some(pieces) = pieces {
            return pieces;
        }
    }
    let runs = body.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| !run.is_empty())
        .map(str::to_owned)
        .collect()
}

fn one(body: &str, decimal: Decimal) -> Option<String> {
    let separators: Vec<char> = body.chars().filter(|c| !c.is_ascii_digit()).collect();
    let parts: Vec<&str> = body.split(|c: char| !c.is_ascii_digit()).collect();
    let count = |wanted: char| separators.iter().filter(|c| **c == wanted).count();
    let english_group = parts.len() == 2
        && parts[1].len() == 3
        && (1..=3).contains(&parts[0].len())
        && !parts[0].starts_with('0');
    let point = match decimal {
        Decimal::Point => '.',
        Decimal::Comma => ',',
        Decimal::Auto => match (count('.'), count(',')) {
            (0, 1) if separators.len() == 1 && english_group => '.',
            (0, 1) => ',',
            (0, _) | (1, 0) => '.',
            (_, 0) => ',',
            _ => *separators.last()?,
        },
    };
    let (whole, groups, fraction) = match separators.split_last() {
        Some((last, before)) if *last == point => {
            (&parts[..parts.len() - 1], before, parts.last().copied())
        }
        _ => (&parts[..], &separators[..], None),
    };
    let (first, rest) = whole.split_first()?;
    let sound = groups.iter().all(|c| *c == groups[0] && *c != point)
        && (rest.is_empty() || (1..=3).contains(&first.len()))
        && (rest.iter().all(|part| part.len() == 3) || indian(first, rest, groups));
    sound.then(|| match fraction {
        Some(fraction) => format!("{}.{fraction}", whole.concat()),
        None => whole.concat(),
    })
}

/// `12,34,567`: groups of two before the last group of three.
fn indian(first: &str, rest: &[&str], groups: &[char]) -> bool {
    let Some((last, middle)) = rest.split_last() else {
        return false;
    };
    groups[0] == ','
        && first.len() <= 2
        && last.len() == 3
        && middle.iter().all(|part| part.len() == 2)
}

#[cfg(test)]
mod tests;
