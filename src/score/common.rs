//! The keys that every scorer may have beside its kind.

use super::Build;
use super::named::{Target, When};
use super::phrase::Phrase;
use super::piece::Piece;
use super::vary::Override;
use crate::source::{Block, Kind, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

/// Their names; `about` is for a reader.
pub(super) const COMMON: [&str; 8] = [
    "about",
    "name",
    "weight",
    "threshold",
    "when",
    "target",
    "on",
    "override",
];

/// What every scorer may say beside its kind.
#[derive(Default)]
pub(super) struct Common {
    pub name: Option<String>,
    pub weight: Option<f64>,
    pub threshold: Option<f64>,
    pub when: Option<When>,
    pub target: Option<Target>,
    pub on: Option<Piece>,
    /// `override`: columns that replace parameters.
    pub vary: Option<Override>,
}

/// A number that decides something, so that it must be one.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Positive(#[schemars(range(min = 0.0))] f64);

/// A word or several.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Words(Vec<String>);

impl Common {
    /// Reads the common keys of a definition.
    pub(super) fn read(block: &Block<'_>, build: &Build<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut common = Common::default();
        fn keep<T>(result: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
            result.map_err(|more| problems.extend(more)).ok()
        }
        for (key, child) in block.children() {
            match key.as_str() {
                "name" => common.name = keep(name(&child), problems),
                "weight" => common.weight = keep(weight(&child), problems),
                "threshold" => common.threshold = keep(child.read::<f64>(), problems),
                "when" => common.when = keep(when(&child), problems),
                "override" => {
                    common.vary = keep(Override::read(&child, build.columns), problems);
                }
                "target" => common.target = keep(target(&child, build), problems),
                _ => {}
            }
        }
        common
    }

    /// This, and where it says nothing, the other.
    pub(super) fn or(self, other: Common) -> Common {
        Common {
            name: self.name.or(other.name),
            weight: self.weight.or(other.weight),
            threshold: self.threshold.or(other.threshold),
            when: self.when.or(other.when),
            target: self.target.or(other.target),
            on: self.on.or(other.on),
            vary: self.vary.or(other.vary),
        }
    }
}

fn name(block: &Block<'_>) -> Result<String, Vec<Problem>> {
    let name = block.read::<String>()?;
    let plain = !name.trim().is_empty()
        && name.chars().count() <= 100
        && !name.chars().any(char::is_control);
    match plain {
        true => Ok(name),
        false => {
            Err(vec![block.problem(
                "a scorer's name is 1 to 100 characters in a line",
                "",
            )])
        }
    }
}

fn weight(block: &Block<'_>) -> Result<f64, Vec<Problem>> {
    let Positive(weight) = block.read()?;
    match weight > 0.0 && weight.is_finite() {
        true => Ok(weight),
        false => Err(vec![block.problem("a weight is more than 0", "")]),
    }
}

fn when(block: &Block<'_>) -> Result<When, Vec<Problem>> {
    let words = match block.text() {
        Some(word) => vec![word.to_owned()],
        None => block.read::<Words>()?.0,
    };
    let mut when = When::default();
    for word in words {
        let (list, tag) = match word.strip_prefix("not:") {
            Some(tag) => (&mut when.none, tag.trim()),
            None => (&mut when.any, word.trim()),
        };
        if tag.is_empty() {
            return Err(vec![block.problem("`when` names an empty tag", "")]);
        }
        list.push(tag.to_owned());
    }
    Ok(when)
}

fn target(block: &Block<'_>, build: &Build<'_>) -> Result<Target, Vec<Problem>> {
    match &block.node().value {
        Kind::Text(_) => Ok(Target::Phrase(Phrase::of(block, build)?)),
        Kind::Null => Err(vec![block.problem("`target` is empty", "")]),
        _ => Ok(Target::Value(block.node().to_cell())),
    }
}
