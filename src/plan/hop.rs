//! The hops of a candidate: the models that it asks, one after the other, and the request to each.

use super::{Candidate, Plan, RequestError, Target, Trial, key, output_ceiling, short_hash};
use crate::prompt::{Conversation, Message, Next, Role};
use crate::provider::{Call, HttpRequest, Params, Pictures};
use serde_json::json;

/// A model that a chain asks when those before it gave no answer.
#[derive(Clone)]
pub struct Hop {
    /// Hash of model and parameters.
    pub id: String,
    /// Where it is asked.
    pub target: Target,
    /// Its parameters.
    pub params: Params,
    /// Most attempts, where the chain says so.
    pub attempts: Option<u32>,
    /// How many requests of others are exactly its own: their replies must not be shared.
    pub alike: u32,
}

/// One hop's request for one trial.
pub struct Asked<'a> {
    /// Where to.
    pub target: &'a Target,
    /// What is sent.
    pub request: HttpRequest,
    /// Hash of all that is sent.
    pub key: String,
    /// Most tokens of output that it asks for.
    pub max_tokens: u64,
    /// Most attempts.
    pub attempts: u32,
}

impl Candidate {
    /// Every place it may be asked, in order.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        let later = self.fallback.iter().map(|hop| &hop.target);
        std::iter::once(&self.target).chain(later)
    }
}

impl Plan {
    /// The requests of a trial after these replies of its own, one a hop; one in all where the
    /// candidate is no chain.
    ///
    /// A conversation of several requests is known by its first one and its script, so that it is
    /// found again as a whole; what it asks later is known by its place in it.
    pub fn ask(
        &self,
        trial: Trial,
        conversation: &Conversation,
        replies: &[Message],
    ) -> Result<Vec<Asked<'_>>, RequestError> {
        let candidate = self.candidate(trial);
        let messages = match conversation.next(replies) {
            Next::Ask(messages) => messages,
            Next::Done { .. } => Vec::new(),
        };
        let pictures = Pictures::of(&messages);
        let script = conversation.script();
        let first = (candidate.attempts, candidate.alike);
        let later = candidate
            .fallback
            .iter()
            .map(|hop| (hop.attempts, hop.alike));
        let calls = self.by_hop(trial, messages)?.into_iter();
        let hops = calls.zip(std::iter::once(first).chain(later));
        hops.map(|((target, mut call), (attempts, alike))| {
            if script.is_some() {
                keep_reasoning(target, &mut call.params);
            }
            let params = call.params.clone();
            let request = HttpRequest {
                pictures,
                ..target.request(call, self.drops)?
            };
            let attempts = attempts.unwrap_or(self.limits.attempts);
            let place = (trial.repeat, alike);
            let mut asked = Asked::of(target, request, place, &params, attempts);
            if let Some(script) = &script {
                asked.key = short_hash(&[&asked.key, script, &replies.len().to_string()]);
            }
            Ok(asked)
        })
        .collect()
    }

    /// The neutral calls that begin a trial, one a hop, as they were meant: nothing is dropped yet.
    pub fn calls(&self, trial: Trial) -> Result<Vec<(&Target, Call)>, RequestError> {
        match self.conversation(trial)?.next(&[]) {
            Next::Ask(messages) => self.by_hop(trial, messages),
            Next::Done { .. } => Ok(Vec::new()),
        }
    }

    /// The neutral calls that ask these messages, one a hop.
    fn by_hop(
        &self,
        trial: Trial,
        messages: Vec<Message>,
    ) -> Result<Vec<(&Target, Call)>, RequestError> {
        let candidate = self.candidate(trial);
        let told = self.told_of(trial, &messages);
        let call = self.call(trial, messages)?;
        let first = (&candidate.target, &candidate.params);
        let later = candidate
            .fallback
            .iter()
            .map(|hop| (&hop.target, &hop.params));
        let hops = std::iter::once(first).chain(later).enumerate();
        let calls = hops.map(|(at, (target, params))| {
            let own = Call {
                model: target.wire_model.clone(),
                params: params.clone(),
                stream: true,
                ..Call::default()
            };
            let call = match candidate.policy.classifier(at) {
                None => Call {
                    model: own.model,
                    params: own.params,
                    ..call.clone()
                },
                Some(classifier) => {
                    let asked = classifier.prompt(&told.request());
                    let asked = asked.map_err(|problem| RequestError::Prompt(Box::new(problem)))?;
                    Call {
                        messages: vec![Message::text(Role::User, asked)],
                        ..own
                    }
                }
            };
            Ok((target, call))
        });
        calls.collect()
    }
}

/// Asks for reasoning in the form in which it can be sent back: OpenAI's Responses API gives it only
/// when asked to, and refuses the wish from models that do not reason.
pub fn keep_reasoning(target: &Target, params: &mut Params) {
    let reasons = || target.can.reasons_with(params.reasoning.as_ref()) == Some(true);
    if target.api == "openai-responses" && !params.extra.contains_key("include") && reasons() {
        let wish = json!(["reasoning.encrypted_content"]);
        params.extra.insert("include".to_owned(), wish);
    }
}

impl<'a> Asked<'a> {
    /// The request to a target. `place` is the repeat, and how many are alike.
    pub fn of(
        target: &'a Target,
        request: HttpRequest,
        place: (u32, u32),
        params: &Params,
        attempts: u32,
    ) -> Asked<'a> {
        Asked {
            target,
            key: key(&request, place.0, place.1),
            request,
            max_tokens: output_ceiling(params),
            attempts,
        }
    }
}
