//! Scorers: from a stored reply to a score. Replies stay as they are; scoring again asks no model
//! but a judge.
//!
//! A kind of scorer is a file here with its `KIND` and a line in [`KINDS`].

mod alike;
mod build;
mod common;
mod compare;
mod compose;
mod contains;
mod embedding;
mod exact;
mod fences;
mod format;
mod guard;
mod json;
mod json_diff;
mod judge;
mod kind;
mod label;
mod length;
mod line;
mod matching;
mod named;
mod normal;
mod number;
mod numeric;
mod pass;
mod path;
mod pattern;
mod phrase;
mod piece;
mod quote;
mod reading;
mod refusal;
mod script;
mod sources;
#[cfg(test)]
mod testing;
mod tools;
mod vary;

pub use crate::store::{Score, Scored, Unscored};
pub use build::build_all;
pub use kind::{Definition, Kind};
pub use line::try_line;
pub use named::Named;
pub use pass::{Answer, AskAbout, Nobody, score};
pub use sources::Build;

use crate::dataset::Case;
use crate::provider::{Ask, Reply};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// Every kind of scorer, in the order they are shown.
pub const KINDS: &[&Kind] = &[
    &exact::KIND,
    &contains::KIND,
    &pattern::KIND,
    &numeric::KIND,
    &label::KIND,
    &label::ONE_OF,
    &json::KIND,
    &json::YAML,
    &json_diff::KIND,
    &format::KIND,
    &length::KIND,
    &refusal::KIND,
    &tools::KIND,
    &tools::F1,
    &tools::NO_CALL,
    &judge::KIND,
    &embedding::KIND,
    &script::KIND,
    &guard::LATENCY,
    &guard::COST,
    &compose::NOT,
    &compose::ALL,
    &compose::ANY,
    &compose::MEAN,
];

/// What a scorer sees of one answered trial.
#[derive(Debug, Clone, Copy)]
pub struct Graded<'a> {
    /// The case that was asked.
    pub case: &'a Case,
    /// The expected answer: the scorer's own `target`, else the case's.
    pub target: Option<&'a Value>,
    /// What the model answered.
    pub reply: &'a Reply,
    /// The successful attempt from sent to end, in milliseconds.
    pub latency_ms: Option<f64>,
    /// What the answer cost, in USD; `None` is unknown.
    pub cost_usd: Option<f64>,
}

/// Scores one answered trial.
pub trait Scorer: Send + Sync {
    /// The score of this reply, or why there is none.
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>>;

    /// The models it asks about an answer, an entry a call, as the suite spells them: to price it, and
    /// to see a model judge itself.
    fn models(&self) -> Vec<String> {
        Vec::new()
    }

    /// Those of [`Scorer::models`] that make vectors of texts.
    fn embedders(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether its score takes time that others can use: it asks a model, or a program.
    fn waits(&self) -> bool {
        !self.models().is_empty()
    }

    /// Whether it cannot score a case that has no target.
    fn needs_target(&self) -> bool {
        false
    }

    /// Whether its scores say passed or not passed without a threshold.
    fn passes(&self) -> bool {
        true
    }
}

/// A scorer that asks nobody: a function of what it sees.
pub trait Check: Send + Sync {
    /// The score of this reply, or why there is none.
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored>;

    /// As [`Scorer::needs_target`].
    fn needs_target(&self) -> bool {
        false
    }
}

impl<T: Check> Scorer for T {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        _ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move { self.check(&graded) })
    }

    fn needs_target(&self) -> bool {
        Check::needs_target(self)
    }
}
