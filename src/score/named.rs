//! A scorer as it stands in a suite: with its name, weight, threshold, the cases it is for and the
//! target it compares to.

use super::kind::HIGHER;
use super::phrase::Phrase;
use super::piece::Piece;
use super::{
    Against, Ask, Call, Graded, JudgeFacts, KINDS, Order, Parted, Preferred, Score, Scorer,
    Unscored,
};
use crate::dataset::Case;
use crate::provider::Reply;
use futures_util::future::BoxFuture;
use serde_json::Value;

/// Bytes of a reply that are scored; a longer one is not.
const LIMIT: usize = 1 << 20;
/// What a value may fall short of its threshold by binary rounding.
const SLACK: f64 = 1e-12;

/// A scorer with all that the suite says about it.
pub struct Named {
    /// Its name in reports.
    pub name: String,
    /// The name of its kind.
    pub kind: &'static str,
    /// How much it counts in a mean.
    pub weight: f64,
    /// Hash of its definition, the files it reads included.
    pub definition: String,
    pub(super) threshold: Option<f64>,
    pub(super) when: When,
    pub(super) target: Option<Target>,
    pub(super) on: Option<Piece>,
    pub(super) scorer: Box<dyn Scorer>,
}

/// An expected answer that is not the case's own.
pub(super) enum Target {
    /// The same for every case.
    Value(Value),
    /// Made from the case's columns.
    Phrase(Phrase),
}

/// The cases that a scorer is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct When {
    /// With at least one of these tags, if there are any.
    pub any: Vec<String>,
    /// With none of these.
    pub none: Vec<String>,
}

impl When {
    fn holds(&self, case: &Case) -> bool {
        let has = |tag: &String| case.has_tag(tag);
        (self.any.is_empty() || self.any.iter().any(has)) && !self.none.iter().any(has)
    }
}

impl Named {
    /// Whether the scorer is for this case; if not, the case has no score and lacks none.
    pub fn applies(&self, case: &Case) -> bool {
        self.when.holds(case)
    }

    /// The models it asks about an answer, an entry a call, as the suite spells them.
    pub fn models(&self) -> Vec<String> {
        self.scorer.models()
    }

    /// The calls that it makes, as far as they are known before there is an answer.
    pub fn calls(&self) -> Vec<(String, Call)> {
        self.scorer.calls()
    }

    /// Those of the models that make vectors of texts.
    pub fn embedders(&self) -> Vec<String> {
        self.scorer.embedders()
    }

    /// Whether its score takes time that others can use.
    pub fn waits(&self) -> bool {
        self.scorer.waits()
    }

    /// Whether every case it is for must have a target.
    pub fn needs_target(&self) -> bool {
        self.target.is_none() && self.scorer.needs_target()
    }

    /// Whether it stands for a figure over all cases that is not the mean of their scores.
    pub fn figure(&self) -> bool {
        self.scorer.figure()
    }

    /// Whether its scores say passed or not passed.
    pub fn passes(&self) -> bool {
        self.threshold.is_some() || self.scorer.passes()
    }

    /// The tags that its `when` names.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.when
            .any
            .iter()
            .chain(&self.when.none)
            .map(String::as_str)
    }

    /// The score of this answer, or why there is none.
    pub fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move { Ok(self.score_parts(graded, ask).await?.score) })
    }

    /// The score of this answer with its parts, or why there is none.
    pub fn score_parts<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Parted, Unscored>> {
        Box::pin(async move {
            within(graded.reply)?;
            let found = match &self.on {
                None => None,
                Some(piece) => match piece.find(&graded)? {
                    Ok(found) => Some((found.case, part(graded.reply, found.text))),
                    Err(why) => return self.nothing(why),
                },
            };
            let graded = match &found {
                None => graded,
                Some((case, reply)) => Graded {
                    case: case.as_ref().unwrap_or(graded.case),
                    reply,
                    ..graded
                },
            };
            let own = self.own_target(graded.case)?;
            let target = own.as_ref().or(graded.target);
            let graded = Graded { target, ..graded };
            let mut parted = self.scorer.score_parts(graded, ask).await?;
            let parts = parted.parts.iter().map(|(_, score)| score);
            if !parts.chain([&parted.score]).all(|it| it.value.is_finite()) {
                return Err(Unscored("the scorer's value is no finite number".into()));
            }
            if let Some(threshold) = self.threshold {
                parted.score.passed = Some(parted.score.value >= threshold - SLACK);
            }
            Ok(parted)
        })
    }

    /// The names of its parts in reports.
    pub fn parts(&self) -> Vec<String> {
        let parts = self.scorer.parts().into_iter();
        parts.map(|part| format!("{}{part}", self.name)).collect()
    }

    /// Whom it compares each candidate with, if it compares.
    pub fn against(&self) -> Option<&Against> {
        self.scorer.pairwise().map(|it| it.against())
    }

    /// What is known of it as a judge, if it is one.
    pub fn judge(&self) -> Option<JudgeFacts> {
        self.scorer.judge()
    }

    /// How much `a` is preferred to `b`, two answers to the same case.
    pub fn compare<'a>(
        &'a self,
        a: Graded<'a>,
        b: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Preferred, Unscored>> {
        Box::pin(async move {
            within(a.reply)?;
            within(b.reply)?;
            let scorer = self.scorer.pairwise();
            let scorer = scorer.ok_or_else(|| Unscored("the scorer does not compare".into()))?;
            let own = self.own_target(a.case)?;
            let target = own.as_ref().or(a.target);
            let (a, b) = (Graded { target, ..a }, Graded { target, ..b });
            let Some(piece) = &self.on else {
                return scorer.compare(a, b, ask).await;
            };
            let (of_a, of_b) = match (piece.find(&a)?, piece.find(&b)?) {
                (Ok(of_a), Ok(of_b)) => (part(a.reply, of_a.text), part(b.reply, of_b.text)),
                // Whoever has the part is better than who lacks it; nobody need be asked.
                (of_a, of_b) => return Ok(lacking(of_a.err(), of_b.err())),
            };
            let (a, b) = (Graded { reply: &of_a, ..a }, Graded { reply: &of_b, ..b });
            scorer.compare(a, b, ask).await
        })
    }

    /// The score of a reply without the part that is to be scored: the lowest there is.
    fn nothing(&self, why: String) -> Result<Parted, Unscored> {
        let kind = KINDS.iter().find(|kind| kind.name == self.kind);
        if kind.is_none_or(|kind| kind.direction != HIGHER) {
            return Err(Unscored(why));
        }
        let lowest = |passes: bool| Score {
            value: 0.0,
            passed: passes.then_some(false),
            why: why.clone(),
            parts: None,
        };
        let parts = self.scorer.parts().into_iter();
        Ok(Parted {
            score: lowest(self.passes()),
            parts: parts
                .map(|part| (part, lowest(self.scorer.passes())))
                .collect(),
            nothing: true,
        })
    }

    fn own_target(&self, case: &Case) -> Result<Option<Value>, Unscored> {
        match &self.target {
            None => Ok(None),
            Some(Target::Value(value)) => Ok(Some(value.clone())),
            Some(Target::Phrase(phrase)) => phrase.value(case).map(Some),
        }
    }
}

/// What is preferred where the part that is compared is not in one of two replies, or in neither.
fn lacking(a: Option<String>, b: Option<String>) -> Preferred {
    let (value, why) = match (a, b) {
        (Some(why), None) => (0.0, format!("the one has nothing to compare: {why}")),
        (None, Some(why)) => (1.0, format!("the other has nothing to compare: {why}")),
        (why, _) => (
            0.5,
            format!(
                "neither has anything to compare: {}",
                why.unwrap_or_default()
            ),
        ),
    };
    Preferred {
        value,
        order: Order::Same,
        why,
    }
}

/// A reply that is too long is not scored.
fn within(reply: &Reply) -> Result<(), Unscored> {
    let bytes = reply.text.len();
    match bytes > LIMIT {
        true => Err(Unscored(format!(
            "the reply is too long to score: {bytes} bytes, more than {LIMIT}"
        ))),
        false => Ok(()),
    }
}

/// The same reply with a part of its text as its text.
fn part(reply: &Reply, text: String) -> Reply {
    Reply {
        text,
        ..reply.clone()
    }
}
