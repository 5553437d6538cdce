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
mod pairs;
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
mod text;
mod tools;
mod unit;
mod vary;

pub use crate::store::{Order, Preference, Preferred, Score, Scored, Unscored};
pub use build::build_all;
pub use json::schema_fault;
pub use kind::{Definition, Kind};
pub use line::try_line;
pub use named::Named;
pub use pairs::{Entrant, compare as compare_pairs, meetings, shares};
pub use pass::{Answer, AskAbout, Nobody, score};
pub use sources::Build;

use crate::dataset::Case;
use crate::provider::{Ask, Call, Reply};
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
    &text::edit::KIND,
    &text::rates::WER,
    &text::rates::CER,
    &text::rates::TER,
    &text::squad::KIND,
    &text::rouge::KIND,
    &text::bleu::KIND,
    &text::chrf::KIND,
    &text::bag::KIND,
    &text::answer::KIND,
    &text::choice::KIND,
    &text::date::KIND,
    &text::list::KIND,
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
    &judge::versus::KIND,
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

    /// The calls that it makes, each with its model, as far as they are known before there is an
    /// answer: for the portability lint.
    fn calls(&self) -> Vec<(String, Call)> {
        Vec::new()
    }

    /// The score, and those of its parts: criteria, and the votes of a panel.
    fn score_parts<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Parted, Unscored>> {
        Box::pin(async move {
            let score = self.score(graded, ask).await?;
            let parts = Vec::new();
            Ok(Parted {
                score,
                parts,
                nothing: false,
            })
        })
    }

    /// What its parts are called after its own name; the votes of a panel are not among them.
    fn parts(&self) -> Vec<String> {
        Vec::new()
    }

    /// The same as a scorer that looks at two answers at once, if it is one; it then scores no single
    /// answer.
    fn pairwise(&self) -> Option<&dyn Compare> {
        None
    }

    /// Whether it stands for a figure over all cases that is not the mean of their scores.
    fn figure(&self) -> bool {
        false
    }

    /// What is known of it as a judge, if it is one.
    fn judge(&self) -> Option<JudgeFacts> {
        None
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

/// A score with what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Parted {
    /// The score.
    pub score: Score,
    /// `.criterion` or `@model` of a panel, each with its own.
    pub parts: Vec<(String, Score)>,
    /// The reply lacks what was to be looked at: the lowest score, also for what would turn it round.
    pub nothing: bool,
}

/// Which of two answers to the same case is better.
pub trait Compare: Send + Sync {
    /// Whom each candidate is compared with.
    fn against(&self) -> &Against;

    /// How much `a` is preferred to `b`, both orders seen; or why nobody can say.
    fn compare<'a>(
        &'a self,
        a: Graded<'a>,
        b: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Preferred, Unscored>>;
}

/// Whom each candidate is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Every other.
    All,
    /// The suite's reference.
    Reference,
    /// The candidate of this name.
    Candidate(String),
}

/// A scorer that is somebody's judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeFacts {
    /// Who judges, as the suite spells it.
    pub models: Vec<String>,
    /// The grades that a person may give in its place, each with its worth; empty where it gives none.
    pub grades: Vec<(String, f64)>,
    /// What a person is asked in its place.
    pub question: String,
    /// All that it asks with, but the models and the material.
    pub asks: String,
    /// A model whose name may mean another one tomorrow is meant.
    pub unpinned: bool,
}

/// A scorer that asks nobody: a function of what it sees.
pub trait Check: Send + Sync {
    /// The score of this reply, or why there is none.
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored>;

    /// As [`Scorer::needs_target`].
    fn needs_target(&self) -> bool {
        false
    }

    /// As [`Scorer::passes`].
    fn passes(&self) -> bool {
        true
    }

    /// As [`Scorer::figure`].
    fn figure(&self) -> bool {
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

    fn passes(&self) -> bool {
        Check::passes(self)
    }

    fn figure(&self) -> bool {
        Check::figure(self)
    }
}
