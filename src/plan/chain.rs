//! What a `models:` entry asks: one model, or a chain of them, made into candidates.

use super::resolve::{Keys, target};
use super::{Candidate, Hop, Target, short_hash};
use crate::policy::{Check, DEFAULT, Fallback, MOST_HOPS, Policy};
use crate::project::{ChainMap, HopMap, ModelMap, ModelSpec, On, Params, Project, RouteMap, Suite};
use crate::prompt::Prompt;
use crate::source::{Problem, did_you_mean};
use std::collections::HashMap;
use std::sync::Arc;

/// The models of an entry, resolved, before a prompt is known.
pub(super) struct Wanted {
    hops: Vec<(Target, Params, Option<u32>)>,
    /// Of a whole chain.
    params: Params,
    /// The hop's parameters are all there are.
    alone: bool,
    policy: Policy,
    /// As it is written, if it is a route.
    route: Option<Arc<RouteMap>>,
}

impl Wanted {
    /// One model.
    pub fn one(target: Target, params: Params) -> Wanted {
        Wanted {
            hops: vec![(target, params, None)],
            params: Params::default(),
            alone: false,
            policy: Policy::default(),
            route: None,
        }
    }

    /// The models of a route.
    pub fn route(
        hops: Vec<(Target, Params, Option<u32>)>,
        policy: Policy,
        route: Arc<RouteMap>,
    ) -> Wanted {
        Wanted {
            hops,
            params: route.params.clone(),
            alone: false,
            policy,
            route: Some(route),
        }
    }

    /// One model, asked with these parameters and no others.
    pub fn alone(target: Target, params: Params) -> Wanted {
        Wanted {
            alone: true,
            ..Wanted::one(target, params)
        }
    }

    /// The candidate that asks them with this prompt.
    pub fn candidate(&self, suite: &Suite, prompt: Arc<Prompt>, name: String) -> Candidate {
        let common = match self.alone {
            true => self.params.clone(),
            false => suite.params.with(&prompt.params).with(&self.params),
        };
        let hop = |(at, (target, params, attempts)): (usize, &(Target, Params, Option<u32>))| {
            let classifier = self.policy.classifier(at);
            let mut params = match classifier {
                Some(_) => suite.params.with(params),
                None => common.with(params),
            };
            if matches!(self.policy.check(at), Some(Check::Logprob(_))) {
                params.logprobs.get_or_insert(0);
            }
            let asking = classifier.map_or(prompt.hash.as_str(), |it| it.text());
            Hop {
                id: hop_id(target, asking, &params),
                target: target.clone(),
                params,
                attempts: *attempts,
                alike: 0,
            }
        };
        let mut hops = self.hops.iter().enumerate().map(hop);
        let first = hops.next().expect("an entry names at least one model");
        let fallback: Vec<Hop> = hops.collect();
        let id = match fallback.is_empty() {
            true if self.policy.is_chain() => first.id.clone(),
            _ => self.route_id(&first, &fallback),
        };
        Candidate {
            id,
            name,
            target: first.target,
            prompt,
            params: first.params,
            twin: 0,
            alike: 0,
            attempts: first.attempts,
            fallback,
            policy: self.policy.clone(),
            route: self.route.clone(),
        }
    }

    /// Who is asked, in which order, how often, and what leads there.
    fn route_id(&self, first: &Hop, later: &[Hop]) -> String {
        let mut parts = vec!["fallback".to_owned()];
        if !self.policy.is_chain() {
            let written = serde_json::to_string(&self.route);
            parts = vec![written.expect("a route is plain data")];
        }
        for (at, hop) in std::iter::once(first).chain(later).enumerate() {
            let on = self.policy.on(at).iter().map(|word| word.name());
            parts.push(hop.id.clone());
            parts.push(hop.attempts.map_or_else(String::new, |n| n.to_string()));
            parts.push(on.collect::<Vec<_>>().join(" "));
        }
        short_hash(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// What is asked of a model: `asking` is the prompt's hash, or a classifier's question.
fn hop_id(target: &Target, asking: &str, params: &Params) -> String {
    let shown = serde_json::to_string(params).expect("parameters are plain data");
    short_hash(&[
        target.api,
        &target.endpoint.base_url,
        &target.wire_model,
        asking,
        &shown,
    ])
}

/// The chain written at `pointer`; all that is wrong with it at once.
pub(super) fn wanted(
    project: &Project,
    chain: &ChainMap,
    pointer: &str,
    keys: &Keys<'_>,
) -> Result<Wanted, Vec<Problem>> {
    let mut problems = Vec::new();
    let hops = chain.hops();
    let shift = usize::from(chain.model.is_some());
    if hops.len() > MOST_HOPS {
        let title = format!("a chain of {} models is too long", hops.len());
        let problem = project
            .doc
            .problem(&format!("{pointer}/fallback"), title, "");
        problems.push(problem.help(format!("at most {MOST_HOPS}")));
    }
    let mut found = Vec::new();
    let mut on = Vec::new();
    for (at, hop) in hops.iter().enumerate().take(MOST_HOPS) {
        let pointer = match at.checked_sub(shift) {
            Some(at) => format!("{pointer}/fallback/{at}"),
            None => pointer.to_owned(),
        };
        match meant(project, hop, &pointer, keys) {
            Ok((target, params)) => found.push((target, params, hop.attempts)),
            Err(problem) => problems.push(problem),
        }
        match (at, &hop.on) {
            (0, Some(_)) => {
                let title = "the first model of a chain is always asked: nothing leads to it";
                let problem = project.doc.problem(&format!("{pointer}/on"), title, "");
                problems.push(problem.help("write `on` at the hop that it is to lead to"));
            }
            (0, None) => {}
            (_, words) => on.push(words.as_ref().map_or(DEFAULT.to_vec(), On::words)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Wanted {
        hops: found,
        params: chain.params.clone(),
        alone: false,
        policy: Policy::chain(Fallback::new(on)),
        route: None,
    })
}

/// The model that a hop names: one of the suite's by its name, else any known one.
pub(super) fn meant(
    project: &Project,
    hop: &HopMap,
    pointer: &str,
    keys: &Keys<'_>,
) -> Result<(Target, Params), Problem> {
    let listed = project.suite.listed(&hop.model);
    if listed.is_some_and(|spec| spec.chain().is_some()) {
        let title = format!("{} is a chain itself", hop.model);
        let problem = project.doc.problem(pointer, title, "");
        return Err(problem.help("a chain is made of models: write its hops here instead"));
    }
    let routes = &project.suite.routes;
    if listed.is_none() && routes.iter().any(|route| route.name == hop.model) {
        let title = format!("{} is a route itself", hop.model);
        let problem = project.doc.problem(pointer, title, "");
        return Err(problem.help("name a model: a route is made of models"));
    }
    let known = listed.is_some();
    let listed: Option<ModelMap> = listed.map(ModelSpec::options);
    let map = hop.model(listed.as_ref());
    let target = target(project, &map, pointer, keys).map_err(|problem| {
        let names = project.suite.models.iter().map(ModelSpec::options);
        let names: Vec<String> = names.map(|it| it.name.unwrap_or(it.model)).collect();
        let near = did_you_mean(&hop.model, names.iter().map(String::as_str));
        match near.filter(|_| !known) {
            Some(near) => problem.help(format!("did you mean the suite's {near:?}?")),
            None => problem,
        }
    })?;
    Ok((target, map.params))
}

/// Numbers what is sent more than once, so that every request gets a reply of its own: candidates
/// that are alike (an A/A comparison), and hops that ask what a candidate or another hop asks.
pub(super) fn twins(candidates: &mut [Candidate]) {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut count = |id: &str| {
        let seen = known.entry(id.to_owned()).or_default();
        *seen += 1;
        *seen - 1
    };
    for candidate in candidates.iter_mut() {
        candidate.twin = count(&candidate.id);
        candidate.alike = candidate.twin;
    }
    // Hops come after all single models, whose ids must not depend on what chains there are.
    for candidate in candidates.iter_mut().filter(|it| !it.fallback.is_empty()) {
        let first = hop_id(&candidate.target, &candidate.prompt.hash, &candidate.params);
        candidate.alike = count(&first);
        for hop in &mut candidate.fallback {
            hop.alike = count(&hop.id);
        }
    }
}
