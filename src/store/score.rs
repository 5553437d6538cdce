//! What a scorer made of an answer: a score, or the reason why there is none.

use super::Parts;
use serde::{Deserialize, Serialize};

/// A score: a number, normally in 0..=1, with a sentence that says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The number; never a NaN.
    pub value: f64,
    /// Whether it passed, where the scorer can say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<bool>,
    /// Why, in a few words.
    pub why: String,
    /// What it adds to a figure over all cases, where that is not the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

impl Score {
    /// 1 for a pass, 0 for a fail.
    pub fn pass(passed: bool, why: impl Into<String>) -> Self {
        Score {
            value: f64::from(u8::from(passed)),
            passed: Some(passed),
            why: why.into(),
            parts: None,
        }
    }

    /// A value that says nothing of passed or not.
    pub fn graded(value: f64, why: impl Into<String>) -> Self {
        Score {
            value,
            passed: None,
            why: why.into(),
            parts: None,
        }
    }

    /// With what it adds to a figure over all cases.
    pub fn with(self, parts: Option<Parts>) -> Self {
        Score { parts, ..self }
    }
}

/// The scorer itself failed: the trial has no score, which is not a score of 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct Unscored(pub String);

/// One scorer's result for one answered trial, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The trial's id.
    pub trial: String,
    /// The scorer's name.
    pub scorer: String,
    /// Hash of the scorer's definition, so that a changed scorer is seen as another one.
    pub definition: String,
    /// The score, or why there is none.
    pub result: Result<Score, Unscored>,
}
