//! `embedding`: how near the reply's meaning is to the target's – the cosine of their vectors, which
//! an embedding model makes.

use super::kind::{HIGHER, Kind};
use super::quote::tell;
use super::{Ask, Graded, Score, Scorer, Unscored, compare};
use crate::prompt::{Message, Role};
use crate::provider::{Call, Params as Sampling};
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

/// The kind `embedding`.
pub(super) const KIND: Kind = Kind {
    name: "embedding",
    about: "the cosine of the reply's and the target's embeddings; of several targets, the nearest counts",
    params: "model: provider/name, dimensions: N",
    short: "the embedding model: provider/name",
    range: "0 to 1",
    direction: HIGHER,
    needs: "a target, an embedding model",
    example: r#"{"scorer": {"embedding": "openai/text-embedding-3-small"}, "output": "a cat", "target": "a kitten", "says": [[[3, 4], [4, 3]]], "gives": {"value": 0.96, "passed": null}}"#,
    build: |given, _| {
        let params = match given.short() {
            Some(block) => Params {
                model: block.read()?,
                dimensions: None,
            },
            None => given.params()?,
        };
        match params.model.trim().is_empty() {
            true => Err(given.wrong("model", ["`model` is empty".into()])),
            false => Ok(Box::new(Embedding(params))),
        }
    },
    schema: |generator: &mut SchemaGenerator| {
        let params = generator.subschema_for::<Params>();
        schemars::json_schema!({"anyOf": [{"type": "string"}, params]})
    },
};

/// What `embedding` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// The model that makes the vectors: `provider/name`, or the name of one of the suite's models.
    model: String,
    /// How many numbers a vector is to have, where the model can be told.
    #[serde(default)]
    #[schemars(range(min = 1))]
    dimensions: Option<u32>,
}

/// The reply is near the target.
struct Embedding(Params);

/// Targets that are compared.
const MOST: usize = 100;

impl Scorer for Embedding {
    fn score<'a>(
        &'a self,
        graded: Graded<'a>,
        ask: &'a dyn Ask,
    ) -> BoxFuture<'a, Result<Score, Unscored>> {
        Box::pin(async move {
            let targets = compare::texts(compare::target(&graded)?);
            let text = graded.reply.text.trim();
            if text.is_empty() {
                let why = "the reply is empty".into();
                return Ok(Score {
                    value: 0.0,
                    passed: None,
                    why,
                    parts: None,
                });
            }
            let targets: Vec<&str> = targets.iter().map(|it| it.trim()).collect();
            if targets.is_empty() || targets.len() > MOST || targets.contains(&"") {
                let why = format!("the target is not 1 to {MOST} texts with something in them");
                return Err(Unscored(why));
            }
            let texts = [text].into_iter().chain(targets.iter().copied());
            let reply = ask.ask(&self.0.model, self.call(texts), 0).await;
            let reply = reply.map_err(|failure| {
                Unscored(format!("no embeddings: {}", tell(&failure.message)))
            })?;
            let [own, others @ ..] = reply.vectors.as_slice() else {
                return Err(Unscored("the model sent no vectors".into()));
            };
            if others.len() != targets.len() {
                let (sent, asked) = (others.len() + 1, targets.len() + 1);
                return Err(Unscored(format!("{sent} vectors came for {asked} texts")));
            }
            let cosines = others.iter().map(|other| cosine(own, other));
            let cosines: Option<Vec<f64>> = cosines.collect();
            let near = cosines.and_then(|all| all.into_iter().reduce(f64::max));
            let near = near.ok_or_else(|| Unscored("the vectors cannot be compared".into()))?;
            let by = reply.served_model.as_deref().unwrap_or(&self.0.model);
            Ok(Score {
                value: near.max(0.0),
                passed: None,
                why: format!("cosine {near:.4} by {}", tell(by)),
                parts: None,
            })
        })
    }

    fn models(&self) -> Vec<String> {
        vec![self.0.model.clone()]
    }

    fn embedders(&self) -> Vec<String> {
        self.models()
    }

    fn needs_target(&self) -> bool {
        true
    }

    fn passes(&self) -> bool {
        false
    }
}

impl Embedding {
    /// The call for the vectors of some texts. It brings no tokens of output.
    fn call<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Call {
        let mut params = Sampling {
            max_tokens: Some(0),
            ..Sampling::default()
        };
        if let Some(dimensions) = self.0.dimensions {
            params.extra.insert("dimensions".into(), dimensions.into());
        }
        Call {
            messages: texts.map(|text| Message::text(Role::User, text)).collect(),
            params,
            ..Call::default()
        }
    }
}

/// The cosine of the angle between two vectors; none if they differ in length or one is zero.
fn cosine(a: &[f32], b: &[f32]) -> Option<f64> {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    let size = (dot(a, a) * dot(b, b)).sqrt();
    (a.len() == b.len() && size > 0.0).then(|| (dot(a, b) / size).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Project, Scripted, case, graded, reply};
    use super::*;
    use crate::provider::{Failure, FailureKind, Reply};
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    fn score(
        says: Vec<Result<Reply, Failure>>,
        text: &str,
        target: Value,
    ) -> (Result<Score, Unscored>, Scripted) {
        let named = Project::new(&[])
            .build("- embedding: {model: m, dimensions: 2}")
            .unwrap();
        let (case, reply, ask) = (case(Some(target)), reply(text), Scripted::new(says));
        let scored = named[0]
            .score(graded(&case, &reply), &ask)
            .now_or_never()
            .unwrap();
        (scored, ask)
    }

    fn vectors(all: &[&[f32]]) -> Result<Reply, Failure> {
        Ok(Reply {
            vectors: all.iter().map(|one| one.to_vec()).collect(),
            ..Reply::default()
        })
    }

    #[test]
    fn the_nearest_target_counts() {
        let (scored, ask) = score(
            vec![vectors(&[&[3.0, 4.0], &[4.0, 3.0], &[-3.0, -4.0]])],
            " cat\n",
            json!(["kitten", "dog"]),
        );
        assert_eq!(
            scored.unwrap(),
            Score {
                value: 0.96,
                passed: None,
                why: "cosine 0.9600 by m".into(),
                parts: None
            }
        );
        let (model, call, _) = &ask.asked()[0];
        let texts: Vec<String> = call
            .messages
            .iter()
            .map(|turn| turn.joined_text())
            .collect();
        assert_eq!(
            (model.as_str(), texts),
            ("m", vec!["cat".into(), "kitten".into(), "dog".into()])
        );
        assert_eq!(
            (call.params.max_tokens, &call.params.extra["dimensions"]),
            (Some(0), &json!(2))
        );
        let (opposite, _) = score(vec![vectors(&[&[1.0], &[-1.0]])], "a", json!("b"));
        assert_eq!(opposite.unwrap().value, 0.0);
    }

    #[test]
    fn what_is_missing_is_not_zero() {
        let failed = Failure::new(FailureKind::Server, "down");
        for says in [
            Err(failed),
            vectors(&[]),
            vectors(&[&[1.0]]),
            vectors(&[&[0.0], &[1.0]]),
            vectors(&[&[1.0], &[1.0, 1.0]]),
        ] {
            assert!(score(vec![says], "a", json!("b")).0.is_err());
        }
        assert!(score(Vec::new(), "a", json!(null)).0.is_err());
        assert!(score(Vec::new(), "a", json!("")).0.is_err());
        let (empty, ask) = score(Vec::new(), " ", json!("b"));
        assert!(empty.unwrap().value == 0.0 && ask.asked().is_empty());
    }
}
