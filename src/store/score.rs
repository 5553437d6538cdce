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

/// Which place a judge of two answers, asked in both orders, took whatever stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Neither: it said the same in both orders.
    Consistent,
    /// The first.
    First,
    /// The second.
    Second,
    /// Nobody was asked: the answers are the same, or one lacks what is compared.
    Same,
}

/// Which of two answers is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preferred {
    /// 1 if it is the one, 0 if it is the other, ½ for a tie or a judge that contradicts itself.
    pub value: f64,
    /// Whether the judge said the same in both orders.
    pub order: Order,
    /// Why, in a few words.
    pub why: String,
}

/// One comparing scorer's result for two answered trials of the same case, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    /// The trial whose preference `value` is.
    pub trial: String,
    /// The trial it was compared with.
    pub versus: String,
    /// The scorer's name.
    pub scorer: String,
    /// Hash of the scorer's definition.
    pub definition: String,
    /// The preference, or why there is none.
    pub result: Result<Preferred, Unscored>,
}
