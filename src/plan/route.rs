//! What a `routes:` entry asks, made into candidates; and what its policy is told of a request.

use super::chain::{Wanted, meant};
use super::choose::Picker;
use super::resolve::{Keys, full};
use super::{Candidate, Placed, Plan, Trial};
use crate::policy::{Draw, Load, Request, Route, Seen, prompt_tokens};
use crate::project::{Project, RouteMap};
use crate::prompt::{Conversation, Message, Next, Role};
use crate::source::Problem;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a policy is told of one request. The default is what a chain needs: nothing.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    /// Tokens of the rendered prompt.
    pub prompt_tokens: u64,
    /// The text of its user messages.
    pub text: String,
    /// The case's tags.
    pub tags: &'a [String],
    /// The case's columns.
    pub vars: Option<&'a Map<String, Value>>,
    /// The request's luck.
    pub draw: Draw,
}

impl<'a> Told<'a> {
    /// What these messages say.
    pub fn of(messages: &[Message]) -> Told<'a> {
        let bytes = messages.iter().map(|it| it.joined_text().len()).sum();
        let said = messages.iter().filter(|it| it.role == Role::User);
        let said: Vec<String> = said.map(Message::joined_text).collect();
        Told {
            prompt_tokens: prompt_tokens(bytes),
            text: said.join("\n"),
            ..Told::default()
        }
    }

    /// The request as a policy sees it.
    pub fn request(&self) -> Request<'_> {
        Request {
            prompt_tokens: self.prompt_tokens,
            text: &self.text,
            tags: self.tags,
            vars: self.vars,
        }
    }

    /// All that a policy decides by.
    pub fn seen<'s>(&'s self, loads: &'s [Load]) -> Seen<'s> {
        Seen {
            request: self.request(),
            loads,
            draw: self.draw,
        }
    }
}

impl Plan {
    /// What a trial's policy is told of its request after these replies. A chain looks at nothing.
    pub fn told(&self, trial: Trial, conversation: &Conversation, replies: &[Message]) -> Told<'_> {
        match conversation.next(replies) {
            Next::Ask(messages) => self.told_of(trial, &messages),
            Next::Done { .. } => Told::default(),
        }
    }

    /// What a trial's policy is told of a request with these messages.
    pub(super) fn told_of(&self, trial: Trial, messages: &[Message]) -> Told<'_> {
        let (candidate, case) = (self.candidate(trial), self.case(trial));
        if candidate.policy.is_chain() {
            return Told::default();
        }
        let name = candidate.route.as_ref().map_or("", |route| &route.name);
        Told {
            tags: &case.tags,
            vars: Some(&case.vars),
            draw: Draw::new(self.seed, name, &case.id, trial.repeat),
            ..Told::of(messages)
        }
    }
}

/// The candidates of every route that is wanted, each with its place in the suite.
pub(super) fn candidates(
    project: &Project,
    prompts: &[&Placed],
    wanted_models: &mut Picker<'_>,
    keys: &Keys<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(Candidate, String)> {
    let mut candidates = Vec::new();
    for (index, map) in project.suite.routes.iter().enumerate() {
        let pointer = format!("/routes/{index}");
        let name = |placed: &Placed| match prompts.len() {
            1 => map.name.clone(),
            _ => full(&map.name, &placed.prompt),
        };
        let kept = prompts
            .iter()
            .filter(|placed| wanted_models.picks(&[&map.name, &full(&map.name, &placed.prompt)]));
        let kept: Vec<&&Placed> = kept.collect();
        if kept.is_empty() {
            continue;
        }
        match wanted(project, map, &pointer, keys) {
            Ok(wanted) => candidates.extend(kept.into_iter().map(|placed| {
                let prompt = placed.prompt.clone();
                let candidate = wanted.candidate(&project.suite, prompt, name(placed));
                (candidate, pointer.clone())
            })),
            Err(more) => problems.extend(more),
        }
    }
    candidates
}

/// The route written at `pointer`, its models found; all that is wrong with it at once.
fn wanted(
    project: &Project,
    map: &RouteMap,
    pointer: &str,
    keys: &Keys<'_>,
) -> Result<Wanted, Vec<Problem>> {
    let route = Route::of(map).map_err(|faults| {
        let problem = |fault: crate::policy::Fault| fault.problem(&project.doc, pointer);
        faults.into_iter().map(problem).collect::<Vec<_>>()
    })?;
    let mut problems = Vec::new();
    let mut hops = Vec::new();
    for leaf in &route.leaves {
        let at = format!("{pointer}{}", leaf.at);
        match meant(project, &leaf.hop, &at, keys) {
            Ok((target, params)) => hops.push((target, params, leaf.hop.attempts)),
            Err(problem) => problems.push(problem),
        }
    }
    match problems.is_empty() {
        true => Ok(Wanted::route(hops, route.policy, Arc::new(map.clone()))),
        false => Err(problems),
    }
}
