//! Scorers over the text metrics of [`crate::text`]: values on 0..=1, higher is better, `why` in the
//! metric's usual terms. A target that is a list holds references of which the closest counts.

pub(super) mod answer;
pub(super) mod bag;
pub(super) mod bleu;
mod calendar;
pub(super) mod choice;
pub(super) mod chrf;
pub(super) mod date;
pub(super) mod edit;
pub(super) mod list;
pub(super) mod rates;
pub(super) mod rouge;
pub(super) mod squad;
#[cfg(test)]
mod tests;

use super::quote::quote;
use super::{Graded, Unscored, compare};
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;

/// Characters of a reply or a reference that are compared.
const LONG: usize = 100_000;

/// How the scores of all cases become a candidate's figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Over {
    /// From the counts of all cases together, as the metric is usually stated.
    #[default]
    Corpus,
    /// The mean of the cases' scores.
    Mean,
}

/// The texts of the target, at least one, and none of them or the reply too long.
fn references<'a>(graded: &Graded<'a>) -> Result<Vec<Cow<'a, str>>, Unscored> {
    let texts = compare::texts(compare::target(graded)?);
    if texts.is_empty() {
        return Err(Unscored("the target is an empty list".into()));
    }
    let all = texts.iter().map(|text| ("a target", text.as_ref()));
    for (what, text) in all.chain([("the reply", graded.reply.text.as_str())]) {
        if text.chars().nth(LONG).is_some() {
            return Err(Unscored(format!(
                "{what} is too long to compare: more than {LONG} characters"
            )));
        }
    }
    Ok(texts)
}

/// The same, for a metric that has no meaning where every reference is blank.
fn worded<'a>(graded: &Graded<'a>) -> Result<Vec<Cow<'a, str>>, Unscored> {
    let references = references(graded)?;
    match references.iter().all(|text| text.trim().is_empty()) {
        true => Err(Unscored(
            "the target is empty: there is nothing to share".into(),
        )),
        false => Ok(references),
    }
}

/// The reference with the highest value: its place and what was found there.
fn best<T>(references: &[Cow<'_, str>], of: impl Fn(&str) -> (f64, T)) -> (usize, f64, T) {
    let found = references.iter().enumerate().map(|(at, text)| {
        let (value, more) = of(text);
        (at, value, more)
    });
    let first = |a: (usize, f64, T), b: (usize, f64, T)| if b.1 > a.1 { b } else { a };
    found
        .reduce(first)
        .expect("there is at least one reference")
}

/// Which of several references was the closest.
fn which(references: &[Cow<'_, str>], at: usize) -> String {
    match references.len() {
        1 => String::new(),
        n => format!("; closest of {n}: {}", quote(&references[at])),
    }
}

/// Whether most letters are of a script that puts no spaces between words.
fn unspaced(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut all, mut without) = (0, 0);
    for c in letters {
        all += 1;
        // Korean has spaces
        let hangul = matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7ff}');
        without += usize::from(super::normal::unspaced(c) && !hangul);
    }
    2 * without > all
}
