//! One trial's life: known already, or asked, hop by hop, until one answers or none is left. The only retry loop there is.

use super::attempt::Untried;
use super::budget::Budget;
use super::cassette::Replays;
use super::course::{Course, Place};
use super::drill::{Drill, Fault, Faulty};
use super::event::Event;
use super::exchange::since;
use super::grade::Grade;
use super::job::{Ended, Job, Unsent};
use super::limit::Lane;
use super::recents::Recents;
use super::retry::{Alike, Decision, decide};
use super::stop::{Stop, Urgency};
use super::transport::Transport;
use crate::plan::Limits;
use crate::provider::{Failure, Prices, Reply};
use crate::store::{Attempt, Note, Origin, Store};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

/// What a run shares between its trials.
pub struct Engine {
    /// The run's id.
    pub run: String,
    /// The network; `None` when offline.
    pub transport: Option<Box<dyn Transport>>,
    /// Where everything is kept.
    pub store: Arc<Store>,
    /// Lanes by name.
    pub lanes: BTreeMap<String, Lane>,
    /// Requests in flight over the whole run.
    pub slots: Semaphore,
    /// The spending cap.
    pub budget: Budget,
    /// Price tables.
    pub prices: Arc<Prices>,
    /// Patience and attempts.
    pub limits: Limits,
    /// Asked before anything is sent.
    pub stop: Stop,
    /// Seed of the backoff's jitter.
    pub seed: u64,
    /// Recorded replies.
    pub replays: Arc<Replays>,
    /// Whether replies of earlier runs may be used.
    pub cache: bool,
    /// The outage that is rehearsed, if one is.
    pub drill: Drill,
    /// Where events go.
    pub tell: mpsc::UnboundedSender<Event>,
    /// Spent by this run, nano-dollars: what is shown.
    pub spent: AtomicU64,
    /// How the models have been doing lately.
    pub recents: Recents,
    /// Says whether an answer passes a scorer: what a cascade may ask.
    pub grade: Option<Box<dyn Grade>>,
    /// Judges' calls under way, by trial: an equal one waits and takes the same reply.
    pub judging: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Judges that could not be asked: case and candidate, and why.
    pub unasked: Mutex<Vec<(String, String, Unsent)>>,
    /// Whether each attempt is put on disk as it is made; else the caller keeps what comes of a job.
    pub journal: bool,
}

/// What came of one hop.
enum Tried {
    Answered(Box<Reply>, Origin),
    /// For good: it was tried as often as it is worth.
    Failed(Failure),
    /// Its lane is closed.
    Closed(Failure),
    /// Nothing is known of it, and nothing may be sent.
    Unknown,
}

impl Engine {
    /// Asks one job: from a recording, from the cache, or over the wire.
    pub async fn ask(&self, job: &Job<'_>) -> Ended {
        let drilled = self.drilled(job);
        if !drilled && let Some(record) = self.recorded(job) {
            return Ended::Record(Box::new(record));
        }
        match self.cached_route(job) {
            Ok(None) => {}
            Ok(Some(record)) => return Ended::Record(Box::new(record)),
            Err(error) => return Ended::Unsent(Unsent::Store(error.to_string())),
        }
        let mut unknown = false;
        let queued = Instant::now();
        let (mut course, mut place) = Course::new(self, job);
        while let Some(here) = place {
            let tried = match self.reply(job, &here, &mut course, queued).await {
                Ok(tried) => tried,
                Err(why) => return Ended::Unsent(why),
            };
            place = match tried {
                Tried::Answered(reply, origin) => {
                    let checked = self.graded(job, here.hop, &reply, course.latest()).await;
                    let next = course.answered(here.hop, &reply, &origin, checked);
                    if next.is_none() {
                        let record = course.record(here.hop, reply, origin);
                        return Ended::Record(Box::new(record));
                    }
                    next
                }
                Tried::Failed(failure) => {
                    let next = course.failed(here.hop, failure);
                    next.filter(|_| !job.is_out())
                }
                Tried::Closed(failure) => course.unasked(here.hop, failure),
                Tried::Unknown if job.policy.is_chain() => {
                    unknown = true;
                    course.unknown(here.hop)
                }
                // A route that cannot go on as it would is not known.
                Tried::Unknown => return Ended::Unsent(Unsent::Offline),
            };
            if let Some(next) = &place
                && (self.transport.is_some() || drilled)
                && let Err(why) = self.leave(job, &course, here.hop, next).await
            {
                return Ended::Unsent(why);
            }
        }
        match course.over() {
            // A fault is no outcome where the model that would have answered after it is not known.
            Some(_) if unknown && drilled => Ended::Unsent(Unsent::Offline),
            Some(record) => Ended::Record(Box::new(record)),
            None => Ended::Unsent(Unsent::Offline),
        }
    }

    /// One hop's reply, from the cache or over the wire.
    async fn reply(
        &self,
        job: &Job<'_>,
        here: &Place,
        course: &mut Course<'_>,
        queued: Instant,
    ) -> Result<Tried, Unsent> {
        let threatened = self.drill.threatens(job, job.hops[here.hop].target);
        if !threatened && let Some(found) = self.known(job, here, course, None)? {
            return Ok(found);
        }
        match self.transport.is_some() || threatened {
            true => self.hop(job, here, course, queued).await,
            false => Ok(Tried::Unknown),
        }
    }

    /// What is known of a hop, with the time that a fault adds to it.
    fn known(
        &self,
        job: &Job<'_>,
        here: &Place,
        course: &mut Course<'_>,
        late: Option<Duration>,
    ) -> Result<Option<Tried>, Unsent> {
        let known = self.cached(job, here, course.number());
        let known = known.map_err(|error| Unsent::Store(error.to_string()))?;
        Ok(known.map(|mut found| {
            // A recording waited in the lanes of its own day.
            let drilled = found.attempts.iter_mut().filter(|_| self.drilled(job));
            drilled.for_each(|attempt| attempt.times.at_once(late.unwrap_or_default()));
            course.adopt(found.attempts);
            Tried::Answered(found.reply, found.origin)
        }))
    }

    /// Asks one hop over the wire, until it answers or trying again is not worth it.
    async fn hop(
        &self,
        job: &Job<'_>,
        here: &Place,
        course: &mut Course<'_>,
        queued: Instant,
    ) -> Result<Tried, Unsent> {
        let asked = &job.hops[here.hop];
        let mut made = here.made;
        let mut alike = Alike::default();
        loop {
            let after = match course.latest() {
                None => course.base,
                Some(_) => course.base + since(queued),
            };
            let number = course.number();
            let fault = self.drill.fault(job, asked.target, number);
            // Behind a fault stands what is recorded, else the network.
            let first_byte = self.limits.first_byte.min(self.limits.timeout);
            let late = match fault {
                Some(Fault::Slow(time)) if time < first_byte => Some(time),
                _ => None,
            };
            if (fault.is_none() || late.is_some())
                && self.drill.threatens(job, asked.target)
                && let Some(found) = self.known(job, here, course, late)?
            {
                return Ok(found);
            }
            let transport = Faulty {
                fault,
                inner: self.transport.as_deref(),
            };
            if transport.sends() && self.transport.is_none() {
                return Ok(Tried::Unknown);
            }
            // Attempts made so far are on disk; a trial that is not finished goes on at `resume`.
            let (attempt, result) = match self.attempt(job, here, &transport, number).await {
                Ok(tried) => tried,
                Err(Untried::Unsent(why)) => return Err(why),
                Err(Untried::Closed(failure)) => return Ok(Tried::Closed(failure)),
            };
            let attempt = Attempt { after, ..attempt };
            course.push(attempt.clone());
            let failure = match result {
                Ok(reply) => return Ok(Tried::Answered(Box::new(reply), Origin::Live)),
                Err(failure) => failure,
            };
            made += 1;
            let answers = self.lanes[&asked.target.lane].answers();
            let decision = match alike.again(&failure, answers) {
                true => Decision::GiveUp,
                false if job.is_out() => Decision::GiveUp,
                false => decide(made, asked.attempts, &failure, self.jitter(job, number)),
            };
            self.heed(asked.target, &failure, decision);
            let Decision::Retry(wait) = decision else {
                return Ok(Tried::Failed(failure));
            };
            self.keep(job, &attempt).await?;
            self.tell(Event::Retrying {
                candidate: job.candidate.clone(),
                case: job.case.clone(),
                number: made,
                kind: failure.kind,
                wait,
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.stop.reached(Urgency::Soon) => return Err(Unsent::Stopped),
            }
        }
    }

    /// Leaves a hop for a later one: what was made of it is on disk first, so that it is never paid again.
    async fn leave(
        &self,
        job: &Job<'_>,
        course: &Course<'_>,
        from: usize,
        to: &Place,
    ) -> Result<(), Unsent> {
        if let Some(attempt) = course.latest() {
            self.keep(job, attempt).await?;
        }
        if job.policy.classifier(from).is_none() {
            self.tell(Event::Fallback {
                candidate: job.candidate.clone(),
                case: job.case.clone(),
                from: job.hops[from].target.name.clone(),
                to: job.hops[to.hop].target.name.clone(),
                why: to.why.detail.clone(),
            });
        }
        Ok(())
    }

    /// Puts an attempt on disk before its trial is over.
    pub(super) async fn keep(&self, job: &Job<'_>, attempt: &Attempt) -> Result<(), Unsent> {
        if !self.journal {
            return Ok(());
        }
        let note = Note::Attempt {
            run: self.run.clone(),
            trial: job.trial.clone(),
            attempt: Box::new(attempt.clone()),
        };
        let kept = self.store.write(note).await;
        kept.map_err(|error| Unsent::Store(error.to_string()))
    }

    fn jitter(&self, job: &Job<'_>, number: u32) -> f64 {
        let hash = blake3::hash(format!("jitter {} {} {number}", self.seed, job.trial).as_bytes());
        let bytes = hash.as_bytes();
        f64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            / f64::from(u32::MAX)
    }

    pub(super) fn tell(&self, event: Event) {
        // Nobody listening is fine: the store has what matters.
        let _ = self.tell.send(event);
    }

    /// Counts an answer's cost towards what is shown as spent.
    pub fn count(&self, usd: f64) -> f64 {
        let nanos = (usd.max(0.0) * 1e9) as u64;
        (self.spent.fetch_add(nanos, Ordering::Relaxed) + nanos) as f64 / 1e9
    }
}
