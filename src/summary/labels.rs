//! A classification report: which label was given where which was expected.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a candidate's labels add up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LabelReport {
    /// The labels that were expected or given, in order.
    pub labels: Vec<String>,
    /// Answers by expected label (row) and given label (column); the last column is "no label".
    pub matrix: Vec<Vec<usize>>,
    /// The share of right labels.
    pub accuracy: f64,
    /// The mean of the labels' F1.
    pub macro_f1: f64,
    /// F1 over all labels' counts.
    pub micro_f1: f64,
    /// The mean of the labels' F1, each as often as it is expected.
    pub weighted_f1: f64,
    /// Each label.
    pub by_label: BTreeMap<String, LabelCell>,
}

/// One label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LabelCell {
    /// Of the answers that gave it, the share where it was expected.
    pub precision: f64,
    /// Of the answers where it was expected, the share that gave it.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Answers where it was expected.
    pub support: usize,
}

impl LabelReport {
    /// What was mistaken for what, the most frequent first: expected, given (`None`: no label), how
    /// often.
    pub fn mistakes(&self) -> Vec<(&str, Option<&str>, usize)> {
        let rows = self.labels.iter().zip(&self.matrix).enumerate();
        let cells = rows.flat_map(|(at, (expected, row))| {
            let wrong = row
                .iter()
                .enumerate()
                .filter(move |(to, n)| *to != at && **n > 0);
            wrong.map(|(to, n)| {
                (
                    expected.as_str(),
                    self.labels.get(to).map(String::as_str),
                    *n,
                )
            })
        });
        let mut cells: Vec<_> = cells.collect();
        cells.sort_by_key(|(.., n)| std::cmp::Reverse(*n));
        cells
    }
}
