//! What has come of a trial so far: its attempts, the hops behind it, the answers that were passed over.

use super::engine::Engine;
use super::job::Job;
use super::retry::{Decision, decide};
use crate::policy::{Came, Step, Why};
use crate::provider::{Failure, Reply};
use crate::store::{Attempt, Checked, Origin, Outcome, Passed, Record};

/// A trial under way.
pub(super) struct Course<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    /// Attempts of this session.
    attempts: Vec<Attempt>,
    /// The hops that are over.
    past: Vec<Step>,
    /// The last failure of a request that was sent, and at which hop.
    failure: Option<(usize, Failure)>,
    /// Why the last hop that was not asked was not.
    unasked: Option<(usize, Failure)>,
    /// Answers that were passed over, the latest last.
    passed: Vec<(usize, Attempt, Origin)>,
    /// How long the trial had been under way when it was cut off, ms.
    pub base: f64,
}

/// Where a trial goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The hop.
    pub hop: usize,
    /// Attempts made at it already.
    pub made: u32,
    /// Why there.
    pub why: Why,
}

impl<'a> Course<'a> {
    /// The course of a trial, and where it begins or goes on; nowhere, if it was cut off at its very end.
    pub fn new(engine: &'a Engine, job: &'a Job<'a>) -> (Course<'a>, Option<Place>) {
        let mut course = Course {
            engine,
            job,
            attempts: Vec::new(),
            past: Vec::new(),
            failure: None,
            unasked: None,
            passed: Vec::new(),
            base: 0.0,
        };
        if job.before.is_empty() || !job.is_chain() {
            let place = course.next();
            return (course, place);
        }
        let place = course.replay();
        (course, place)
    }

    /// Goes over the attempts of the session that was cut off.
    fn replay(&mut self) -> Option<Place> {
        let hops = self.job.hops.len();
        let before = self.job.before.iter().filter(|it| it.hop() < hops);
        let before: Vec<&Attempt> = before.collect();
        let mut open = None;
        for group in before.chunk_by(|a, b| a.hop() == b.hop()) {
            let (last, made) = (group[group.len() - 1], group.len() as u32);
            let hop = last.hop();
            self.base = last.after + last.times.end;
            open = None;
            if let Some(passed) = &last.passed {
                let scored = last.checked.as_ref().map(|it| it.verdict.clone());
                self.past
                    .push(self.job.policy.answered(hop, &passed.reply, scored));
                self.pass(hop, last.clone(), Origin::Live);
            } else if let Some(failure) = &last.failure {
                let _ = self.failed(hop, failure.clone());
                let why = last.at.as_ref().and_then(|at| at.why.clone());
                let why = why.unwrap_or_default();
                open = Some((Place { hop, made, why }, failure));
            }
        }
        let Some((place, failure)) = open else {
            return self.next();
        };
        let most = self.job.hops[place.hop].attempts;
        if matches!(decide(place.made, most, failure, 0.0), Decision::Retry(_)) {
            // It was not over there.
            self.past.pop();
            return Some(place);
        }
        // A chain whose end was not written down asks its last hop once more.
        self.next().or_else(|| {
            let made = most.saturating_sub(1);
            self.past.pop();
            self.passed.is_empty().then_some(Place { made, ..place })
        })
    }

    /// The number of the next attempt.
    pub fn number(&self) -> u32 {
        self.job.made + self.attempts.len() as u32 + 1
    }

    /// The latest attempt.
    pub fn latest(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// How long the attempts so far took, ms.
    pub fn elapsed(&self) -> f64 {
        self.latest().map_or(0.0, |it| it.after + it.times.end)
    }

    /// Another attempt was made.
    pub fn push(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
    }

    /// The hop has failed for good. The hop to ask next.
    pub fn failed(&mut self, hop: usize, failure: Failure) -> Option<Place> {
        let came = Came::Failed(failure.kind);
        self.past.push(Step::new(hop, came));
        self.failure = Some((hop, failure));
        self.next()
    }

    /// The hop cannot be asked. The hop to ask next.
    pub fn unasked(&mut self, hop: usize, failure: Failure) -> Option<Place> {
        let came = Came::Closed(failure.kind);
        self.past.push(Step::new(hop, came));
        self.unasked = Some((hop, failure));
        self.next()
    }

    /// Attempts of another run brought a reply to the hop: as if they had been made here.
    pub fn adopt(&mut self, attempts: Vec<Attempt>) {
        for attempt in attempts {
            let after = self.elapsed();
            self.base += attempt.times.end;
            self.push(Attempt { after, ..attempt });
        }
    }

    /// Nothing is known of the hop and nothing may be sent: perhaps a later hop's reply is known.
    pub fn unknown(&self, hop: usize) -> Option<Place> {
        let (hop, why) = (hop + 1, Why::default());
        (hop < self.job.hops.len()).then_some(Place { hop, made: 0, why })
    }

    /// The hop answered: the attempts that brought the answer are there. The hop to ask all the
    /// same, if the route wants another answer than this, or this is none. `scored` is what the
    /// scorer that its check names said.
    pub fn answered(
        &mut self,
        hop: usize,
        reply: &Reply,
        origin: &Origin,
        scored: Option<Checked>,
    ) -> Option<Place> {
        let verdict = scored.as_ref().map(|it| it.verdict.clone());
        let step = self.job.policy.answered(hop, reply, verdict);
        let why = match &step.came {
            Came::Answered(odd) => odd.clone(),
            _ => Vec::new(),
        };
        let checked = step.verdict.clone().map(|verdict| Checked {
            verdict,
            ms: scored.as_ref().map_or(0.0, |it| it.ms),
            usd: scored.as_ref().map_or(Some(0.0), |it| it.usd),
        });
        self.past.push(step);
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.checked = checked.map(Box::new);
        }
        let next = self.next()?;
        let attempt = self.attempts.last_mut()?;
        attempt.passed = Some(Box::new(Passed {
            why,
            reply: Box::new(reply.clone()),
        }));
        let attempt = attempt.clone();
        self.pass(hop, attempt, origin.clone());
        Some(next)
    }

    /// An answer is passed over; a classifier's word is none.
    fn pass(&mut self, hop: usize, attempt: Attempt, origin: Origin) {
        if self.job.policy.classifier(hop).is_none() {
            self.passed.push((hop, attempt, origin));
        }
    }

    /// The hop after what came so far.
    fn next(&self) -> Option<Place> {
        let loads = self.engine.loads(self.job);
        let seen = self.job.told.seen(&loads);
        let pick = self.job.policy.next(&seen, &self.past)?;
        let (hop, why) = (pick.hop, pick.why);
        Some(Place { hop, made: 0, why })
    }

    /// The record of an answer.
    pub fn record(self, hop: usize, reply: Box<Reply>, origin: Origin) -> Record {
        let outcome = Outcome::Answered(reply);
        self.job.record(hop, outcome, origin, self.attempts)
    }

    /// The record when no hop is left: the latest answer that was passed over, else the failure of
    /// the last request, else why none was sent. `None` if nothing came of anything.
    pub fn over(mut self) -> Option<Record> {
        if let Some((hop, mut attempt, origin)) = self.passed.pop() {
            let passed = attempt.passed.take()?;
            match self
                .attempts
                .iter_mut()
                .find(|it| it.number == attempt.number)
            {
                Some(known) => *known = attempt,
                None => self.attempts.insert(0, attempt),
            }
            return Some(self.record(hop, passed.reply, origin));
        }
        let (hop, failure) = self.failure.take().or(self.unasked.take())?;
        let outcome = Outcome::Failed(failure);
        Some(self.job.record(hop, outcome, Origin::Live, self.attempts))
    }
}
