//! What a candidate's models are asked for a request, and what its policy is told of it.

use super::answer::Life;
use super::trouble::{Cause, Trouble};
use crate::plan::{Asked, Candidate, Told, keep_reasoning, output_ceiling};
use crate::policy::Draw;
use crate::prompt::{Message, Role};
use crate::provider::{Call, HttpRequest, Params, Pictures};
use crate::source::Problem;
use serde_json::{Map, Value, json};

impl Life {
    /// The request to every model of the candidate.
    pub fn hops<'a>(
        &self,
        candidate: &'a Candidate,
        told: &Told<'_>,
    ) -> Result<Vec<Asked<'a>>, Trouble> {
        let setup = &self.shared.setup;
        let pictures = Pictures::of(&self.request.call.messages);
        let first = (&candidate.target, &candidate.params, candidate.attempts);
        let later = candidate.fallback.iter();
        let later = later.map(|hop| (&hop.target, &hop.params, hop.attempts));
        std::iter::once(first)
            .chain(later)
            .enumerate()
            .map(|(at, (target, own, attempts))| {
                let mut call = match candidate.policy.classifier(at) {
                    None => Call {
                        params: over(own, &self.request.call.params),
                        ..self.request.call.clone()
                    },
                    Some(classifier) => {
                        let prompt = classifier.prompt(&told.request());
                        let broken = |problem: Problem| {
                            Trouble::new(Cause::Upstream, "classifier", problem.title)
                        };
                        Call {
                            messages: vec![Message::text(Role::User, prompt.map_err(broken)?)],
                            params: own.clone(),
                            ..Call::default()
                        }
                    }
                };
                call.model.clone_from(&target.wire_model);
                keep_reasoning(target, &mut call.params);
                let max_tokens = output_ceiling(&call.params);
                let request = target.request(call, setup.drops).map_err(|error| {
                    let why = format!("{} cannot be asked this: {error}", target.name);
                    Trouble::bad_request(why, &error.field)
                })?;
                Ok(Asked {
                    target,
                    request: HttpRequest {
                        pictures,
                        ..request
                    },
                    key: String::new(),
                    max_tokens,
                    attempts: attempts.unwrap_or(setup.engine.limits.attempts),
                })
            })
            .collect()
    }

    /// What a route is told of the request: the caller's words about it are its tags and columns.
    pub fn told<'a>(
        &self,
        candidate: &Candidate,
        tags: &'a [String],
        vars: &'a Map<String, Value>,
    ) -> Told<'a> {
        let Some(route) = candidate
            .route
            .as_ref()
            .filter(|_| !candidate.policy.is_chain())
        else {
            return Told::default();
        };
        Told {
            tags,
            vars: Some(vars),
            draw: Draw::new(self.shared.setup.engine.seed, &route.name, &self.id, 0),
            ..Told::of(&self.request.call.messages)
        }
    }

    /// The caller's words as tags.
    pub fn tags(&self) -> Vec<String> {
        let tags = self.request.tags.iter();
        tags.map(|(name, value)| match value.is_empty() {
            true => name.clone(),
            false => format!("{name}={value}"),
        })
        .collect()
    }

    /// The caller's words as columns.
    pub fn vars(&self) -> Map<String, Value> {
        let tags = self.request.tags.iter();
        tags.map(|(name, value)| (name.clone(), json!(value)))
            .collect()
    }
}

/// The candidate's own parameters, and over them what the caller asks for.
fn over(own: &Params, asked: &Params) -> Params {
    match *own == Params::default() {
        true => asked.clone(),
        false => own.with(asked),
    }
}
