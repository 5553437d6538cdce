//! One trial's life: reserve, wait its turn, send, decode, retry, settle. The only retry loop there is.

use super::budget::Budget;
use super::cassette::Replays;
use super::event::Event;
use super::exchange::{Patience, exchange, since};
use super::job::{Ended, Job, Unsent};
use super::limit::{Lane, Pass};
use super::retry::{Decision, LONGEST_WAIT, decide};
use super::stop::{Stop, Urgency};
use super::transport::{Transport, UNREACHED};
use crate::plan::{Limits, Target};
use crate::provider::{Cost, Failure, FailureKind, Prices, Reply, Usage};
use crate::store::{Attempt, Note, Origin, Outcome, Record, Store, StoreError, Times};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::Instant;

/// Why an attempt was not made.
enum Untried {
    /// The trial stays open.
    Unsent(Unsent),
    /// The lane is closed: the trial has failed like the request that closed it.
    Closed(Failure),
}

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
    /// Where events go.
    pub tell: mpsc::UnboundedSender<Event>,
    /// Spent by this run, nano-dollars: what is shown.
    pub spent: AtomicU64,
    /// Judges that could not be asked: case and candidate, and why.
    pub unasked: Mutex<Vec<(String, String, Unsent)>>,
}

impl Engine {
    /// Asks one job: from a recording, from the cache, or over the wire.
    pub async fn ask(&self, job: &Job<'_>) -> Ended {
        match self.known(job) {
            Ok(Some(record)) => return Ended::Record(Box::new(record)),
            Ok(None) => {}
            Err(error) => return Ended::Unsent(Unsent::Store(error.to_string())),
        }
        let Some(transport) = &self.transport else {
            return Ended::Unsent(Unsent::Offline);
        };
        let mut attempts = Vec::new();
        loop {
            let number = job.made + attempts.len() as u32 + 1;
            // Attempts made so far are on disk; a trial that is not finished goes on at `resume`.
            let (attempt, result) = match self.attempt(job, transport.as_ref(), number).await {
                Ok(tried) => tried,
                Err(Untried::Unsent(why)) => return Ended::Unsent(why),
                Err(Untried::Closed(failure)) => {
                    return ended(job, Outcome::Failed(failure), attempts);
                }
            };
            attempts.push(attempt.clone());
            let failure = match result {
                Ok(reply) => return ended(job, Outcome::Answered(Box::new(reply)), attempts),
                Err(failure) => failure,
            };
            let made = attempts.len() as u32;
            let decision = decide(made, self.limits.attempts, &failure, self.jitter(job, made));
            self.heed(job.target, &failure, decision);
            let Decision::Retry(wait) = decision else {
                return ended(job, Outcome::Failed(failure), attempts);
            };
            let note = Note::Attempt {
                run: self.run.clone(),
                trial: job.trial.clone(),
                attempt: Box::new(attempt),
            };
            if let Err(error) = self.store.write(note).await {
                return Ended::Unsent(Unsent::Store(error.to_string()));
            }
            self.tell(Event::Retrying {
                candidate: job.candidate.clone(),
                case: job.case.clone(),
                number: made,
                kind: failure.kind,
                wait,
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.stop.reached(Urgency::Soon) => return Ended::Unsent(Unsent::Stopped),
            }
        }
    }

    /// The reply if it is known already.
    fn known(&self, job: &Job<'_>) -> Result<Option<Record>, StoreError> {
        if let Some(found) = self.replays.get(&job.key) {
            let origin = Origin::Recorded(found.recorded.clone());
            let outcome = Outcome::Answered(Box::new(found.reply.clone()));
            return Ok(Some(job.record(
                outcome,
                origin,
                job.renumbered(&found.attempts),
            )));
        }
        if !self.cache {
            return Ok(None);
        }
        let found = self.store.cached(&job.key, &self.run)?;
        Ok(found.map(|found| {
            let answering: Vec<Attempt> = found.answering().cloned().into_iter().collect();
            let attempts = match &found.outcome {
                Outcome::Answered(reply) => self.repriced(job, reply, &answering),
                Outcome::Failed(_) => job.renumbered(&answering),
            };
            job.record(found.outcome, found.origin, attempts)
        }))
    }

    /// Attempts that are known already, the answering one at today's price.
    fn repriced(&self, job: &Job<'_>, reply: &Reply, attempts: &[Attempt]) -> Vec<Attempt> {
        let mut attempts = job.renumbered(attempts);
        let answering = attempts
            .iter_mut()
            .filter(|attempt| attempt.failure.is_none());
        for attempt in answering {
            attempt.cost = job.target.cost(&self.prices, reply);
        }
        attempts
    }

    /// One attempt, from its intent to its settlement.
    async fn attempt(
        &self,
        job: &Job<'_>,
        transport: &dyn Transport,
        number: u32,
    ) -> Result<(Attempt, Result<Reply, Failure>), Untried> {
        let queued = Instant::now();
        let lane = &self.lanes[&job.target.lane];
        if let Some(failure) = lane.closed(&job.target.wire_model) {
            return Err(Untried::Closed(not_sent(failure)));
        }
        let worst = job.target.worst_cost(
            &self.prices,
            crate::plan::input_ceiling(&job.request),
            job.max_tokens,
        );
        self.intend(job, number, worst).await?;
        let admitted = tokio::select! {
            admitted = self.admit(job, lane) => admitted,
            () = self.stop.reached(Urgency::Soon) => Err(Untried::Unsent(Unsent::Stopped)),
        };
        let (pass, _slot) = match admitted {
            Ok(admitted) => admitted,
            Err(why) => return Err(self.withdraw(job, number, why).await),
        };
        let reservation = tokio::select! {
            reservation = self.budget.reserve(worst.unwrap_or(0.0)) => reservation,
            () = self.stop.reached(Urgency::Soon) => {
                return Err(self.withdraw(job, number, Untried::Unsent(Unsent::Stopped)).await);
            }
        };
        let Ok(reservation) = reservation else {
            return Err(self
                .withdraw(job, number, Untried::Unsent(Unsent::Cap))
                .await);
        };
        if self.stop.urgency() != Urgency::None {
            reservation.settle(0.0);
            return Err(self
                .withdraw(job, number, Untried::Unsent(Unsent::Stopped))
                .await);
        }

        let patience = Patience {
            total: self.limits.timeout,
            first_byte: self.limits.first_byte,
            idle: self.limits.idle,
        };
        let mut times = Times {
            admitted: since(queued),
            ..Times::default()
        };
        let reply = tokio::select! {
            reply = exchange(transport, job.target.dialect, job.request.clone(), patience, queued, &mut times) => reply,
            // The intent stays: it was sent, and may have been billed.
            () = self.stop.reached(Urgency::Now) => return Err(Untried::Unsent(Unsent::Stopped)),
        };
        let usage = usage(&reply);
        let cost = self.cost(job.target, &reply);
        match &cost {
            Some(cost) => reservation.settle(cost.usd),
            None if worst.is_none() => reservation.settle(0.0),
            // Unknown and perhaps billed: the whole reservation is spent.
            None => drop(reservation),
        }
        match &reply {
            Ok(_) => pass.clean(&job.target.wire_model),
            Err(failure) if failure.kind == FailureKind::RateLimit => pass.limited(),
            Err(_) => drop(pass),
        }
        let attempt = Attempt {
            number,
            times,
            failure: reply.as_ref().err().cloned(),
            usage,
            cost,
        };
        Ok((attempt, reply))
    }

    /// Waits for a place in the lane and in the run. What became of the lane meanwhile counts.
    async fn admit<'a>(
        &'a self,
        job: &Job<'_>,
        lane: &'a Lane,
    ) -> Result<(Pass<'a>, SemaphorePermit<'a>), Untried> {
        let model = &job.target.wire_model;
        let tokens = crate::plan::input_ceiling(&job.request) / 3 + job.max_tokens;
        let mut pass = lane.enter(model, tokens).await.map_err(closed)?;
        loop {
            let slot = self.slots.acquire().await;
            let slot = slot.expect("the semaphore is never closed");
            if let Some(failure) = lane.closed(model) {
                return Err(closed(failure));
            }
            if lane.paused_until().is_none() {
                return Ok((pass, slot));
            }
            drop((pass, slot));
            pass = lane.enter(model, 0).await.map_err(closed)?;
        }
    }

    /// Puts on disk that a request is about to be sent.
    async fn intend(
        &self,
        job: &Job<'_>,
        number: u32,
        worst_usd: Option<f64>,
    ) -> Result<(), Untried> {
        let note = Note::Intent {
            run: self.run.clone(),
            trial: job.trial.clone(),
            number,
            worst_usd,
        };
        self.store
            .write(note)
            .await
            .map_err(|error| Untried::Unsent(Unsent::Store(error.to_string())))
    }

    /// Takes the intent back: it was not sent.
    async fn withdraw(&self, job: &Job<'_>, number: u32, why: Untried) -> Untried {
        let note = Note::Unsent {
            run: self.run.clone(),
            trial: job.trial.clone(),
            number,
        };
        match self.store.write(note).await {
            Ok(()) => why,
            Err(error) => Untried::Unsent(Unsent::Store(error.to_string())),
        }
    }

    /// What a failure means for its lane: a wrong key or an empty purse closes it, a refused model
    /// closes that model, "too many" makes all of it wait.
    fn heed(&self, target: &Target, failure: &Failure, decision: Decision) {
        let lane = &self.lanes[&target.lane];
        let limited = matches!(
            failure.kind,
            FailureKind::RateLimit | FailureKind::Overloaded
        );
        let too_long = failure.retry_after.is_some_and(|wait| wait > LONGEST_WAIT);
        let whole = match failure.kind {
            FailureKind::Auth => failure.http_status != Some(403),
            FailureKind::Quota => failure.http_status == Some(402),
            _ if limited && too_long => true,
            FailureKind::RateLimit | FailureKind::Overloaded => {
                let wish = failure.retry_after;
                let wait = match decision {
                    Decision::Retry(wait) if failure.kind == FailureKind::RateLimit => Some(wait),
                    _ => wish,
                };
                if let Some(wait) = wait {
                    lane.pause(wait);
                    let (lane, kind) = (target.lane.clone(), failure.kind);
                    self.tell(Event::Waiting { lane, kind, wait });
                }
                return;
            }
            _ => return,
        };
        let model = (!whole).then_some(target.wire_model.as_str());
        if lane.close(model, failure) {
            let name = if whole { &target.lane } else { &target.name };
            self.tell(Event::Closed {
                lane: name.clone(),
                kind: failure.kind,
                message: failure.message.clone(),
            });
        }
    }

    /// What an attempt cost. A redirect or an error status is not billed; what broke half-way was, by an unknown
    /// amount: the usage stated so far does not count what came after.
    fn cost(&self, target: &Target, result: &Result<Reply, Failure>) -> Option<Cost> {
        let failure = match result {
            Ok(reply) => return target.cost(&self.prices, reply),
            Err(failure) => failure,
        };
        let refused = failure.http_status.is_some_and(|status| status >= 300);
        let unreached = failure.error_type.as_deref() == Some(UNREACHED);
        if (refused || unreached) && failure.partial.is_none() {
            return Some(Cost::new(0.0, "not_billed"));
        }
        let stated = failure
            .partial
            .as_ref()
            .and_then(|partial| partial.stated_cost);
        stated.map(|usd| Cost::new(usd, "stated"))
    }

    fn jitter(&self, job: &Job<'_>, number: u32) -> f64 {
        let hash = blake3::hash(format!("jitter {} {} {number}", self.seed, job.trial).as_bytes());
        let bytes = hash.as_bytes();
        f64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            / f64::from(u32::MAX)
    }

    fn tell(&self, event: Event) {
        // Nobody listening is fine: the store has what matters.
        let _ = self.tell.send(event);
    }

    /// Counts an answer's cost towards what is shown as spent.
    pub fn count(&self, usd: f64) -> f64 {
        let nanos = (usd.max(0.0) * 1e9) as u64;
        (self.spent.fetch_add(nanos, Ordering::Relaxed) + nanos) as f64 / 1e9
    }
}

fn closed(failure: Failure) -> Untried {
    Untried::Closed(not_sent(failure))
}

fn ended(job: &Job<'_>, outcome: Outcome, attempts: Vec<Attempt>) -> Ended {
    Ended::Record(Box::new(job.record(outcome, Origin::Live, attempts)))
}

fn usage(result: &Result<Reply, Failure>) -> Option<Usage> {
    let usage = match result {
        Ok(reply) => Some(&reply.usage),
        Err(failure) => failure.partial.as_ref().map(|partial| &partial.usage),
    };
    usage.filter(|usage| **usage != Usage::default()).cloned()
}

fn not_sent(failure: Failure) -> Failure {
    Failure {
        should_retry: Some(false),
        retry_after: None,
        message: format!(
            "not sent: an earlier request failed with: {}",
            failure.message
        ),
        ..failure
    }
}
