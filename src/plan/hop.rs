//! The hops of a candidate: the models that it asks, one after the other, and the request to each.

use super::{Candidate, Plan, RequestError, Target, Trial, key, output_ceiling};
use crate::provider::{HttpRequest, Params};

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
    /// The requests of a trial, one a hop; one in all where the candidate is no chain.
    pub fn hops(&self, trial: Trial) -> Result<Vec<Asked<'_>>, RequestError> {
        let candidate = self.candidate(trial);
        let call = self.call(trial)?;
        let first = Asked::of(
            &candidate.target,
            candidate
                .target
                .dialect
                .encode(&call, &candidate.target.endpoint)?,
            (trial.repeat, candidate.alike),
            &candidate.params,
            candidate.attempts.unwrap_or(self.limits.attempts),
        );
        let later = candidate.fallback.iter().map(|hop| {
            let mut call = call.clone();
            call.model.clone_from(&hop.target.wire_model);
            call.params.clone_from(&hop.params);
            let request = hop.target.dialect.encode(&call, &hop.target.endpoint)?;
            let attempts = hop.attempts.unwrap_or(self.limits.attempts);
            let place = (trial.repeat, hop.alike);
            Ok(Asked::of(
                &hop.target,
                request,
                place,
                &hop.params,
                attempts,
            ))
        });
        std::iter::once(Ok(first)).chain(later).collect()
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
