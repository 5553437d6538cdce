//! Replies that are known already: recorded in a file, or kept by an earlier run.

use super::course::{Course, Place};
use super::engine::Engine;
use super::job::Job;
use crate::plan::Asked;
use crate::provider::Reply;
use crate::store::{Attempt, Origin, Outcome, Record, StoreError};

/// A reply that need not be asked for.
pub(super) struct Found {
    pub reply: Box<Reply>,
    pub origin: Origin,
    pub attempts: Vec<Attempt>,
}

impl Engine {
    /// The record that recordings make, if they hold a reply of one of the hops. They go before
    /// everything else: of a chain, the first hop that has one answers, as far as the chain lets it.
    pub(super) fn recorded(&self, job: &Job<'_>) -> Option<Record> {
        if !job.policy.is_chain() {
            return self.replayed_route(job);
        }
        let known = |hop: &usize| self.replays.get(&job.hops[*hop].key);
        let mut hop = (0..job.hops.len()).find(|hop| known(hop).is_some())?;
        let (mut course, _) = Course::new(self, job);
        loop {
            let found = known(&hop)?;
            let origin = Origin::Recorded(found.recorded.clone());
            // As if they had been asked one after the other.
            let before = course.elapsed();
            for mut attempt in job.adopted(hop, &found.attempts, course.number()) {
                attempt.after += before;
                course.push(attempt);
            }
            match course.answered(hop, &found.reply, &origin, None) {
                Some(next) if known(&next.hop).is_some() => hop = next.hop,
                Some(_) => return course.over(),
                None => return Some(course.record(hop, Box::new(found.reply.clone()), origin)),
            }
        }
    }

    /// The record that recordings make of a conversation that is known by this key as a whole.
    pub(super) fn replayed(&self, job: &Job<'_>, key: &str) -> Option<Record> {
        if self.drilled(job) {
            return None;
        }
        let found = self.replays.get(key)?;
        let attempts = job.adopted(0, &found.attempts, job.made + 1);
        let outcome = Outcome::Answered(Box::new(found.reply.clone()));
        let origin = Origin::Recorded(found.recorded.clone());
        let record = job.record(0, outcome, origin, attempts);
        let key = key.to_owned();
        Some(Record { key, ..record })
    }

    /// The record that a recording of this very route makes: the way that it went then.
    fn replayed_route(&self, job: &Job<'_>) -> Option<Record> {
        let mut hops = job.hops.iter().enumerate();
        hops.find_map(|(hop, asked)| {
            let found = self.replays.get(&asked.key)?;
            let its_own = found.candidate == job.candidate
                && found.attempts.iter().all(|it| it.at.is_some())
                && found.attempts.iter().any(|it| it.hop() == hop);
            let origin = Origin::Recorded(found.recorded.clone());
            let outcome = Outcome::Answered(Box::new(found.reply.clone()));
            let attempts = job.adopted(hop, &found.attempts, job.made + 1);
            its_own.then(|| job.record(hop, outcome, origin, attempts))
        })
    }

    /// The record that an earlier run has of this very trial of a route, at today's prices: the way
    /// that it went then.
    pub(super) fn cached_route(&self, job: &Job<'_>) -> Result<Option<Record>, StoreError> {
        if !self.cache || job.policy.is_chain() {
            return Ok(None);
        }
        for (hop, asked) in job.hops.iter().enumerate() {
            let found = self.store.cached(&asked.key, &self.run)?;
            let Some(found) = found.filter(|found| found.trial == job.trial) else {
                continue;
            };
            let Outcome::Answered(reply) = found.outcome else {
                continue;
            };
            let mut attempts = job.adopted(hop, &found.attempts, job.made + 1);
            for attempt in &mut attempts {
                let said = match &attempt.passed {
                    Some(passed) => &passed.reply,
                    None if attempt.failure.is_none() => &reply,
                    None => continue,
                };
                if let Some(asked) = job.hops.get(attempt.hop()) {
                    attempt.cost = asked.target.cost(&self.prices, said);
                }
            }
            let outcome = Outcome::Answered(reply);
            return Ok(Some(job.record(hop, outcome, found.origin, attempts)));
        }
        Ok(None)
    }

    /// Whether something may befall a request of this job.
    pub(super) fn drilled(&self, job: &Job<'_>) -> bool {
        let mut hops = job.hops.iter();
        hops.any(|asked| self.drill.threatens(job, asked.target))
    }

    /// Whether a hop's reply is known: recorded, or kept by an earlier run.
    pub(super) fn is_known(&self, asked: &Asked<'_>) -> bool {
        let cached = || self.store.cached(&asked.key, &self.run);
        self.replays.contains_key(&asked.key)
            || self.cache && cached().is_ok_and(|found| found.is_some())
    }

    /// The reply that an earlier run has to this hop's request, at today's price; of a route, a
    /// recorded one goes first.
    pub(super) fn cached(
        &self,
        job: &Job<'_>,
        here: &Place,
        number: u32,
    ) -> Result<Option<Found>, StoreError> {
        let hop = here.hop;
        let asked = &job.hops[hop];
        if (!job.policy.is_chain() || self.drilled(job))
            && let Some(found) = self.replays.get(&asked.key)
        {
            let answering = found.attempts.iter().rev().find(|it| !it.wasted());
            let answering: Vec<Attempt> = answering.cloned().into_iter().collect();
            let mut attempts = job.adopted(hop, &answering, number);
            for attempt in &mut attempts {
                attempt.at = job.at(hop, &here.why);
            }
            return Ok(Some(Found {
                reply: Box::new(found.reply.clone()),
                origin: Origin::Recorded(found.recorded.clone()),
                attempts,
            }));
        }
        if !self.cache {
            return Ok(None);
        }
        let Some(found) = self.store.cached(&asked.key, &self.run)? else {
            return Ok(None);
        };
        let answering: Vec<Attempt> = found.answering().cloned().into_iter().collect();
        let Outcome::Answered(reply) = found.outcome else {
            return Ok(None);
        };
        let mut attempts = job.adopted(hop, &answering, number);
        for attempt in &mut attempts {
            // Where it stood in a chain of another run means nothing here.
            attempt.at = job.at(hop, &here.why);
            attempt.cost = asked.target.cost(&self.prices, &reply);
        }
        Ok(Some(Found {
            reply,
            origin: found.origin,
            attempts,
        }))
    }
}
