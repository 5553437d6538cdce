//! `not`, `all`, `any`, `mean`: one score from those of others.

use super::build::definition;
use super::kind::{Built, Given};
use super::{
    Ask, Build, Call, Definition, Graded, JudgeFacts, Kind, Named, Parted, Score, Scorer, Unscored,
};
use crate::source;
use futures_util::future::BoxFuture;
use schemars::{Schema, SchemaGenerator, json_schema};

/// The kind `not`.
pub(super) const NOT: Kind = Kind {
    name: "not",
    about: "another scorer does not pass",
    params: "exact, or {contains: ...}",
    short: "a scorer",
    range: "0 or 1",
    direction: "higher is better",
    needs: "what its part needs",
    example: r#"{"scorer": {"not": {"contains": "sorry"}}, "output": "Here you are.", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| compose(How::Not, given, build),
    schema: SchemaGenerator::subschema_for::<Definition>,
};

/// The kind `all`.
pub(super) const ALL: Kind = Kind {
    name: "all",
    about: "every one of several scorers passes; the value is the lowest",
    params: "[exact, {length: 100}, ...]",
    short: "a list of scorers",
    range: "0 to 1",
    direction: "higher is better",
    needs: "what its parts need",
    example: r#"{"scorer": {"all": [{"contains": "refund"}, {"length": 10}]}, "output": "A refund is on its way.", "gives": {"value": 0.0, "passed": false}}"#,
    build: |given, build| compose(How::All, given, build),
    schema: parts_schema,
};

/// The kind `any`.
pub(super) const ANY: Kind = Kind {
    name: "any",
    about: "at least one of several scorers passes; the value is the highest",
    params: "[exact, {length: 100}, ...]",
    short: "a list of scorers",
    range: "0 to 1",
    direction: "higher is better",
    needs: "what its parts need",
    example: r#"{"scorer": {"any": [{"contains": "refund"}, {"length": 10}]}, "output": "A refund is on its way.", "gives": {"value": 1.0, "passed": true}}"#,
    build: |given, build| compose(How::Any, given, build),
    schema: parts_schema,
};

/// The kind `mean`.
pub(super) const MEAN: Kind = Kind {
    name: "mean",
    about: "the mean of several scorers, each with its `weight`",
    params: "[exact, {length: 100}, ...]",
    short: "a list of scorers",
    range: "0 to 1",
    direction: "higher is better",
    needs: "what its parts need",
    example: r#"{"scorer": {"mean": [{"contains": "refund", "weight": 3}, {"length": 10}]}, "output": "A refund is on its way.", "gives": {"value": 0.75, "passed": null}}"#,
    build: |given, build| compose(How::Mean, given, build),
    schema: parts_schema,
};

fn parts_schema(generator: &mut SchemaGenerator) -> Schema {
    let part = generator.subschema_for::<Definition>();
    json_schema!({"type": "array", "items": part, "minItems": 1})
}

/// How several scores make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Not,
    All,
    Any,
    Mean,
}

/// Several scorers as one.
struct Compose {
    how: How,
    /// Those that ask no model first, so that no judge is paid (and no program run) for what is
    /// already decided.
    parts: Vec<Named>,
}

fn compose(how: How, given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let blocks = match (how, &given.block.node().value) {
        (How::Not, _) if !given.bare => vec![given.block.clone()],
        (How::All | How::Any | How::Mean, source::Kind::List(items)) if !items.is_empty() => given
            .block
            .children()
            .into_iter()
            .map(|(_, block)| block)
            .collect(),
        _ => {
            return Err(vec![given.problem(format!(
                "`{}` takes {}",
                given.kind.name, given.kind.short
            ))]);
        }
    };
    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    for block in &blocks {
        match definition(block, &build.deeper()) {
            Err(more) => problems.extend(more),
            Ok(part) if part.against().is_some() => {
                let title = format!("`{}` compares answers: it is no part of another", part.kind);
                let problem = block.problem(title, "");
                problems.push(problem.help("make it a scorer of its own"));
            }
            Ok(part) if how != How::Mean && block.child("weight").is_some() => {
                let title = format!("a weight has no effect in `{}`", given.kind.name);
                let problem = block.key_problem("weight", title, "");
                problems.push(problem.help("weights count in `mean: […]`"));
                parts.push(part);
            }
            Ok(part) if how != How::Mean && !part.passes() => {
                let title = format!("`{}` does not say what passes", part.kind);
                problems.push(block.problem(title, "").help("give it a `threshold`"));
            }
            Ok(part) => parts.push(part),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    parts.sort_by_key(|part| (!part.models().is_empty(), part.waits()));
    Ok(Box::new(Compose { how, parts }))
}

impl Compose {
    /// Whether a part's score settles the whole, whatever the others say.
    fn settled(&self, score: &Score) -> bool {
        match self.how {
            How::All => score.passed == Some(false) && score.value <= 0.0,
            How::Any => score.passed == Some(true) && score.value >= 1.0,
            How::Not | How::Mean => false,
        }
    }

    /// `nothing`: the reply lacks what a part was to look at.
    fn whole(&self, scores: &[(&Named, Score)], nothing: bool) -> Parted {
        let score = self.one(scores, nothing);
        // What passes all the same does so by other parts.
        let nothing = nothing && score.passed != Some(true);
        Parted {
            score,
            parts: Vec::new(),
            nothing,
        }
    }

    fn one(&self, scores: &[(&Named, Score)], nothing: bool) -> Score {
        let passed = |score: &Score| score.passed == Some(true);
        let values = scores.iter().map(|(_, score)| score.value);
        let told = |wanted: &dyn Fn(&Score) -> bool| {
            let parts = scores.iter().filter(|(_, score)| wanted(score)).take(3);
            let parts: Vec<String> = parts
                .map(|(part, score)| format!("{}: {}", part.name, score.why))
                .collect();
            parts.join("; ")
        };
        match self.how {
            How::Not if nothing => {
                let why = scores.first().map_or("", |(_, score)| score.why.as_str());
                Score::pass(false, why)
            }
            How::Not => {
                let was = scores.iter().any(|(_, score)| passed(score));
                let (name, why) = scores.first().map_or(("", ""), |(part, score)| {
                    (part.name.as_str(), score.why.as_str())
                });
                let what = if was { "passes" } else { "does not pass" };
                Score::pass(!was, format!("{name} {what}: {why}"))
            }
            How::All => {
                let right = scores.iter().all(|(_, score)| passed(score));
                Score {
                    value: values.fold(f64::INFINITY, f64::min),
                    passed: Some(right),
                    why: if right {
                        told(&|_| true)
                    } else {
                        told(&|score| !passed(score))
                    },
                    parts: None,
                }
            }
            How::Any => {
                let right = scores.iter().any(|(_, score)| passed(score));
                Score {
                    value: values.fold(f64::NEG_INFINITY, f64::max),
                    passed: Some(right),
                    why: if right {
                        told(&passed)
                    } else {
                        told(&|_| true)
                    },
                    parts: None,
                }
            }
            How::Mean => {
                let weight: f64 = scores.iter().map(|(part, _)| part.weight).sum();
                let sum: f64 = scores
                    .iter()
                    .map(|(part, score)| part.weight * score.value)
                    .sum();
                let parts: Vec<String> = scores
                    .iter()
                    .map(|(part, score)| format!("{} {:.3}", part.name, score.value))
                    .collect();
                Score::graded(sum / weight, format!("mean of {}", parts.join(", ")))
            }
        }
    }
}

impl Scorer for Compose {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move { Ok(self.score_parts(graded, ask).await?.score) })
    }

    fn score_parts<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Parted, Unscored>> {
        Box::pin(async move {
            let (mut scores, mut missing, mut nothing) = (Vec::new(), None, false);
            for part in self.parts.iter().filter(|part| part.applies(graded.case)) {
                match part.score_parts(graded, ask).await {
                    Ok(one) if self.settled(&one.score) => {
                        return Ok(self.whole(&[(part, one.score)], one.nothing));
                    }
                    Ok(one) => {
                        nothing |= one.nothing;
                        scores.push((part, one.score));
                    }
                    Err(Unscored(why)) => {
                        missing = missing.or(Some(Unscored(format!("{}: {why}", part.name))))
                    }
                }
            }
            match missing {
                Some(unscored) => Err(unscored),
                None if scores.is_empty() => {
                    Err(Unscored("none of its parts is for this case".into()))
                }
                None => Ok(self.whole(&scores, nothing)),
            }
        })
    }

    /// As good as the judges among its parts; no person gives one grade in their place.
    fn judge(&self) -> Option<JudgeFacts> {
        let all: Vec<JudgeFacts> = self.parts.iter().filter_map(Named::judge).collect();
        let each = |of: fn(&JudgeFacts) -> &str| {
            let texts: Vec<&str> = all.iter().map(of).collect();
            texts.join("\n")
        };
        let mut models: Vec<String> = all.iter().flat_map(|it| it.models.clone()).collect();
        models.sort_unstable();
        models.dedup();
        let definitions = self.parts.iter().map(|part| part.definition.as_str());
        (!all.is_empty()).then(|| JudgeFacts {
            models,
            grades: Vec::new(),
            question: each(|it| &it.question),
            asks: format!(
                "{:?} {}\n{}",
                self.how,
                definitions.collect::<Vec<_>>().join(" "),
                each(|it| &it.asks)
            ),
            unpinned: all.iter().all(|it| it.unpinned),
        })
    }

    fn models(&self) -> Vec<String> {
        self.parts.iter().flat_map(Named::models).collect()
    }

    fn calls(&self) -> Vec<(String, Call)> {
        self.parts.iter().flat_map(Named::calls).collect()
    }

    fn embedders(&self) -> Vec<String> {
        self.parts.iter().flat_map(Named::embedders).collect()
    }

    fn waits(&self) -> bool {
        self.parts.iter().any(Named::waits)
    }

    fn needs_target(&self) -> bool {
        self.parts.iter().any(Named::needs_target)
    }

    fn passes(&self) -> bool {
        self.how != How::Mean
    }
}

#[cfg(test)]
mod tests;
