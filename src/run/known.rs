//! Replies that are known already: recorded in a file, or kept by an earlier run.

use super::course::Course;
use super::engine::Engine;
use super::job::Job;
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
        let known = |hop: &usize| self.replays.get(&job.hops[*hop].key);
        let mut hop = (0..job.hops.len()).find(|hop| known(hop).is_some())?;
        let (mut course, _) = Course::new(job);
        loop {
            let found = known(&hop)?;
            let origin = Origin::Recorded(found.recorded.clone());
            // As if they had been asked one after the other.
            let before = course.elapsed();
            for mut attempt in job.adopted(hop, &found.attempts, course.number()) {
                attempt.after += before;
                course.push(attempt);
            }
            match course.answered(hop, &found.reply, &origin) {
                Some(next) if known(&next.hop).is_some() => hop = next.hop,
                Some(_) => return course.over(),
                None => return Some(course.record(hop, Box::new(found.reply.clone()), origin)),
            }
        }
    }

    /// The record that recordings make of a conversation that is known by this key as a whole.
    pub(super) fn replayed(&self, job: &Job<'_>, key: &str) -> Option<Record> {
        let found = self.replays.get(key)?;
        let attempts = job.adopted(0, &found.attempts, job.made + 1);
        let outcome = Outcome::Answered(Box::new(found.reply.clone()));
        let origin = Origin::Recorded(found.recorded.clone());
        let record = job.record(0, outcome, origin, attempts);
        let key = key.to_owned();
        Some(Record { key, ..record })
    }

    /// The reply that an earlier run has to this hop's request, at today's price.
    pub(super) fn cached(
        &self,
        job: &Job<'_>,
        hop: usize,
        number: u32,
    ) -> Result<Option<Found>, StoreError> {
        if !self.cache {
            return Ok(None);
        }
        let asked = &job.hops[hop];
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
            attempt.at = job.at(hop);
            attempt.cost = asked.target.cost(&self.prices, &reply);
        }
        Ok(Some(Found {
            reply,
            origin: found.origin,
            attempts,
        }))
    }
}
