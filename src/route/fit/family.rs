//! The kinds of routers that may be fitted, each as bins of cases and the actions that a bin may take.

use super::choose::Shape;
use super::sums::Row;
use crate::route::{Matrix, Missing};
use crate::stats::quantile;
use regex::Regex;
use serde::Serialize;
use std::collections::BTreeMap;

/// Cuts that are tried on one number.
const CUTS: usize = 20;
/// Cases a category must stand for on average.
pub const PER_CATEGORY: usize = 30;
/// From so many cases on anything may be fitted.
pub const MANY: usize = 500;

/// What a router looks at.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The prompt's tokens against one threshold.
    Length,
    /// A column or tag that sorts the cases.
    Category(String),
    /// A number recorded of the cheap model's answer, against one threshold.
    Signal {
        /// What it is called.
        name: String,
        /// Whose answer it is of.
        cheap: String,
    },
    /// What the text looks like: code, mathematics, choices …
    Text,
    /// The prompt's tokens, in bands.
    Bands,
}

impl By {
    /// A name for readers.
    pub fn name(&self) -> String {
        match self {
            By::Length => "prompt length".to_owned(),
            By::Category(column) => column.clone(),
            By::Signal { name, cheap } => format!("{name} of {cheap}"),
            By::Text => "text".to_owned(),
            By::Bands => "length bands".to_owned(),
        }
    }
}

/// A kind of router with the cases sorted into its bins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Family {
    pub by: By,
    /// The bin of each case.
    pub bins: Vec<u32>,
    /// What each bin is: a category, or the least number in it.
    pub labels: Vec<String>,
    /// The least number of each bin, where bins are of a number.
    pub edges: Vec<f64>,
    /// What may be done: candidates asked in order. The single models come first.
    pub actions: Vec<Vec<usize>>,
    pub shape: Shape,
}

impl Family {
    /// The rows of all cases.
    pub fn rows(&self, matrix: &Matrix, router_cost: f64) -> Vec<Row> {
        let nothing = Vec::new();
        let costs = matrix.cost.as_ref().unwrap_or(&nothing);
        let row = |(case, bin): (usize, &u32)| {
            let quality = |asked: &Vec<usize>| {
                let last = asked.last().copied().unwrap_or(0);
                matrix.quality[last][case]
            };
            let cost = |asked: &Vec<usize>| {
                let asked = asked.iter().filter_map(|c| costs.get(*c));
                asked.map(|costs| costs[case]).sum::<f64>() + router_cost
            };
            let quality = self.actions.iter().map(quality).collect();
            Row::new(*bin, quality, self.actions.iter().map(cost).collect())
        };
        self.bins.iter().enumerate().map(row).collect()
    }
}

/// What the text looks like: the first that fits.
pub(super) const KINDS: [(&str, &str); 4] = [
    (
        "code",
        r"(?m)```|\b(def|class|import|function|return|SELECT|#include)\b.*[\(\{:;]|[{};]\s*$",
    ),
    ("choices", r"(?m)^\s*\(?[A-D1-4][\).:]\s+\S"),
    (
        "mathematics",
        r"\d+\s*[-+*/×÷=^]\s*\d+|\\(frac|sum|int|sqrt)|(?i)\b(equation|integral|probability|how many|how much)\b",
    ),
    ("foreign", r"[^\x00-\x{024F}\x{2000}-\x{22FF}]{4}"),
];

/// What is asked of the kinds.
pub(super) struct Asked<'a> {
    pub matrix: &'a Matrix,
    /// Only these columns, if some are named.
    pub columns: &'a [String],
    /// Signals whose name was given.
    pub signals: &'a [String],
    /// Keeps to few categories where cases are few.
    pub few: bool,
    /// The model whose signals are meant.
    pub cheap: usize,
}

impl Asked<'_> {
    /// The kinds that so many cases allow, and those that they do not.
    pub fn families(&self) -> (Vec<Family>, Vec<Missing>) {
        let matrix = self.matrix;
        let n = matrix.len();
        let (mut found, mut refused) = (Vec::new(), Vec::new());
        let mut no = |name: &str, why: String| {
            let name = name.to_owned();
            refused.push(Missing { name, why });
        };
        let singles: Vec<Vec<usize>> = (0..matrix.candidates.len()).map(|c| vec![c]).collect();
        match matrix.tokens() {
            _ if !self.columns.is_empty() => {}
            Some(tokens) => found.extend(number(By::Length, &tokens, singles.clone(), None)),
            None => no(
                "prompt length",
                "the prompts' lengths are not known".to_owned(),
            ),
        }
        let most = if n >= MANY || !self.few {
            n
        } else {
            n / PER_CATEGORY
        };
        let columns = match self.columns {
            [] => matrix.declared(n / 2),
            named => {
                let mut all = matrix.categories(n / 2);
                all.retain(|column, _| named.contains(column));
                all
            }
        };
        for (column, values) in columns {
            let (labels, bins) = sorted_in(&values);
            match labels.len() <= most {
                true => found.push(table(By::Category(column), bins, labels, singles.clone())),
                false => no(
                    &column,
                    format!(
                        "{} categories are too many for {n} cases: one for every {PER_CATEGORY} at the most, below {MANY} cases",
                        labels.len()
                    ),
                ),
            }
        }
        for column in self
            .columns
            .iter()
            .filter(|c| !matrix.categories(n).contains_key(*c))
        {
            no(
                column,
                "no column or tag of this name sorts the cases".to_owned(),
            );
        }
        for name in self.signals {
            let known = matrix.signals.get(name).map(|signal| &signal[self.cheap]);
            let known: Option<Vec<f64>> = known.and_then(|known| known.iter().copied().collect());
            match known {
                None => no(
                    name,
                    format!(
                        "it was not recorded of every answer of {}",
                        matrix.candidates[self.cheap]
                    ),
                ),
                Some(values) => {
                    let cheap = matrix.candidates[self.cheap].clone();
                    let by = By::Signal {
                        name: name.clone(),
                        cheap,
                    };
                    found.extend(number(by, &values, singles.clone(), Some(self.cheap)));
                }
            }
        }
        let texts: Option<Vec<&str>> = matrix.requests.iter().map(|r| r.text.as_deref()).collect();
        if n < MANY {
            no(
                "text, length bands",
                format!("{n} cases are too few: from {MANY} on"),
            );
        } else if self.columns.is_empty() {
            if let Some(tokens) = matrix.tokens() {
                found.extend(bands(&tokens, singles.clone()));
            }
            if let Some(texts) = texts {
                let (labels, bins) = sorted_in(&kinds(&texts));
                found.push(table(By::Text, bins, labels, singles));
            }
        }
        (found, refused)
    }
}

/// What each text looks like.
pub(super) fn kinds(texts: &[&str]) -> Vec<String> {
    let known: Vec<(&str, Regex)> = KINDS
        .into_iter()
        .map(|(name, pattern)| {
            (
                name,
                Regex::new(pattern).expect("a pattern of ours compiles"),
            )
        })
        .collect();
    let of = |text: &&str| {
        let fits = known.iter().find(|(_, pattern)| pattern.is_match(text));
        fits.map_or("other", |(name, _)| name).to_owned()
    };
    texts.iter().map(of).collect()
}

/// Values numbered in their order.
fn sorted_in(values: &[String]) -> (Vec<String>, Vec<u32>) {
    let mut places: BTreeMap<&str, u32> = values.iter().map(|v| (v.as_str(), 0)).collect();
    for (place, to) in places.values_mut().enumerate() {
        *to = place as u32;
    }
    let bins = values.iter().map(|v| places[v.as_str()]).collect();
    (places.into_keys().map(str::to_owned).collect(), bins)
}

fn table(by: By, bins: Vec<u32>, labels: Vec<String>, actions: Vec<Vec<usize>>) -> Family {
    Family {
        by,
        bins,
        labels,
        edges: Vec::new(),
        actions,
        shape: Shape::Table,
    }
}

/// One number in bins of about as many cases each; `None` if it is the same everywhere.
fn binned(values: &[f64], parts: usize) -> Option<(Vec<u32>, Vec<f64>)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges = vec![*sorted.first()?];
    for part in 1..parts {
        // a cut lies on a value that occurs
        let at = quantile::of_sorted(&sorted, part as f64 / parts as f64);
        let at = sorted[sorted.partition_point(|v| *v < at).min(sorted.len() - 1)];
        if at > edges[edges.len() - 1] {
            edges.push(at);
        }
    }
    let bin = |value: &f64| (edges.partition_point(|edge| edge <= value).max(1) - 1) as u32;
    let bins = values.iter().map(bin).collect();
    (edges.len() > 1).then_some((bins, edges))
}

/// A threshold on one number: between two single models, or between a cheap answer and asking again.
fn number(
    by: By,
    values: &[f64],
    singles: Vec<Vec<usize>>,
    cheap: Option<usize>,
) -> Option<Family> {
    let (bins, edges) = binned(values, CUTS)?;
    let count = singles.len();
    let mut actions = singles;
    let mut pairs: Vec<(usize, usize)> = (0..count).map(|c| (c, c)).collect();
    match cheap {
        None => {
            let others = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
            pairs.extend(others.filter(|(a, b)| a != b));
        }
        // in doubt, that is below the cut, another model is asked as well
        Some(cheap) => {
            for other in (0..count).filter(|other| *other != cheap) {
                pairs.push((actions.len(), cheap));
                actions.push(vec![cheap, other]);
            }
        }
    }
    Some(Family {
        by,
        bins,
        labels: edges.iter().map(|edge| format!("{edge}")).collect(),
        edges,
        actions,
        shape: Shape::Cut(pairs),
    })
}

/// The prompt's length in four bands.
fn bands(tokens: &[f64], singles: Vec<Vec<usize>>) -> Option<Family> {
    let (bins, edges) = binned(tokens, 4)?;
    let labels = edges.iter().map(|edge| format!("{edge}")).collect();
    let mut found = table(By::Bands, bins, labels, singles);
    found.edges = edges;
    Some(found)
}
