//! What a score adds to a figure over all cases, where that figure is not the mean of the scores.

use crate::text::bleu::Smoothing;
use serde::{Deserialize, Serialize};

/// A case's share of a figure over all of them. The figure is made from the sums of these, so it is
/// kept with the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    /// Of corpus BLEU: tokens found and expected, matches by order, n-grams by order.
    Bleu {
        /// What is done about precisions of 0.
        smoothing: Smoothing,
        /// The counts.
        counts: Vec<f64>,
    },
    /// Of corpus chrF: by order n-grams found, expected, shared.
    Chrf {
        /// How much recall counts beside precision.
        beta: f64,
        /// The mean of the F-scores of all orders instead of the F-score of the means.
        epsilon: bool,
        /// The counts.
        counts: Vec<f64>,
    },
    /// Of an error rate: 1 − edits ÷ length.
    Rate {
        /// Edits.
        edits: f64,
        /// What they are a rate of.
        length: f64,
    },
    /// Of a classification report.
    Label {
        /// The target's label.
        expected: String,
        /// The reply's label, if it names one.
        found: Option<String>,
        /// The report's figure that stands for the candidate; by default the share of right labels,
        /// which is the mean of the scores.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        figure: Option<LabelFigure>,
    },
}

/// A figure of a classification report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelFigure {
    /// The mean of the labels' F1.
    MacroF1,
    /// F1 over all labels' counts.
    MicroF1,
    /// The mean of the labels' F1, each as often as it is expected.
    WeightedF1,
}
