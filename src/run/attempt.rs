//! One attempt: intent, leave to send, money, the exchange, what it cost. Knows no retries and no hops.

use super::budget::{Aside, Exhausted};
use super::course::Place;
use super::engine::Engine;
use super::exchange::{Exchange, Patience, since};
use super::job::{Job, Unsent};
use super::limit::{Lane, Need, Pass};
use super::stop::Urgency;
use super::tap::Feed;
use super::transport::{Transport, UNREACHED};
use crate::plan::{Asked, Target, input_ceiling};
use crate::provider::{Cost, Failure, FailureKind, Reply, Usage, allowances};
use crate::store::{At, Attempt, Note, Times};
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

/// Why an attempt was not made.
pub(super) enum Untried {
    /// The trial stays open.
    Unsent(Unsent),
    /// The lane is closed: the hop has failed like the request that closed it.
    Closed(Failure),
}

impl Engine {
    /// One attempt, from its intent to its settlement.
    pub(super) async fn attempt(
        &self,
        job: &Job<'_>,
        here: &Place,
        transport: &dyn Transport,
        number: u32,
    ) -> Result<(Attempt, Result<Reply, Failure>), Untried> {
        let queued = Instant::now();
        let asked = &job.hops[here.hop];
        let target = asked.target;
        let lane = &self.lanes[&target.lane];
        if let Some(failure) = lane.closed(&target.wire_model) {
            return Err(Untried::Closed(not_sent(failure)));
        }
        let input = input_ceiling(&asked.request);
        let worst = target.worst_cost(&self.prices, input, asked.max_tokens);
        let at = job.at(here.hop, &here.why);
        let timing = self.recents.begin(target);
        self.intend(job, at.clone(), number, worst).await?;
        let admitted = tokio::select! {
            admitted = self.admit(asked, lane) => admitted,
            () = self.stop.reached(Urgency::Soon) => Err(Untried::Unsent(Unsent::Stopped)),
        };
        let (pass, _slot) = match admitted {
            Ok(admitted) => admitted,
            Err(why) => return Err(self.withdraw(job, number, why).await),
        };
        let reservation = tokio::select! {
            reservation = self.set_aside(job, worst.unwrap_or(0.0)) => reservation,
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
        // What the server says of its limits counts from the head of the response on, not from its end.
        let hear = |headers: &[(String, String)]| {
            timing.heard();
            pass.heard(&allowances(headers));
        };
        let exchange = Exchange {
            transport,
            dialect: target.dialect,
            patience,
            hear: &hear,
            feed: job.tap(here.hop).map(|tap| Feed::new(tap, here, number)),
        };
        pass.go();
        timing.sent();
        let reply = tokio::select! {
            reply = exchange.send(asked.request.clone(), queued, &mut times) => reply,
            // The intent stays: it was sent, and may have been billed.
            () = self.stop.reached(Urgency::Now) => return Err(Untried::Unsent(Unsent::Stopped)),
        };
        timing.over(&times, reply.is_ok());
        let usage = usage(&reply);
        let cost = match transport.sends() {
            true => self.cost(target, &reply),
            false => Some(Cost::new(0.0, "not_billed")),
        };
        match &cost {
            Some(cost) => reservation.settle(cost.usd),
            None if worst.is_none() => reservation.settle(0.0),
            // Unknown and perhaps billed: the whole reservation is spent.
            None => drop(reservation),
        }
        match &reply {
            Ok(_) => pass.clean(),
            Err(failure) if failure.kind == FailureKind::RateLimit => pass.limited(),
            Err(_) => drop(pass),
        }
        let attempt = Attempt {
            number,
            at,
            times,
            failure: reply.as_ref().err().cloned(),
            usage,
            cost,
            ..Attempt::default()
        };
        Ok((attempt, reply))
    }

    /// Sets money aside under every cap.
    async fn set_aside<'a>(&'a self, job: &'a Job<'_>, usd: f64) -> Result<Aside<'a>, Exhausted> {
        let mut aside = Aside::default();
        for budget in std::iter::once(&self.budget).chain(job.purses.iter().map(AsRef::as_ref)) {
            aside.add(budget.reserve(usd).await)?;
        }
        Ok(aside)
    }

    /// Waits for a place in the lane and in the run. What became of the lane meanwhile counts.
    async fn admit<'a>(
        &'a self,
        asked: &'a Asked<'_>,
        lane: &'a Lane,
    ) -> Result<(Pass<'a>, SemaphorePermit<'a>), Untried> {
        let model = &asked.target.wire_model;
        let need = Need {
            input: input_ceiling(&asked.request) / 3,
            output: asked.max_tokens,
        };
        let mut pass = lane.enter(model, need).await.map_err(closed)?;
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
            pass = lane.enter(model, need).await.map_err(closed)?;
        }
    }

    /// Puts on disk that a request is about to be sent.
    async fn intend(
        &self,
        job: &Job<'_>,
        at: Option<Box<At>>,
        number: u32,
        worst_usd: Option<f64>,
    ) -> Result<(), Untried> {
        if !self.journal {
            return Ok(());
        }
        let note = Note::Intent {
            run: self.run.clone(),
            trial: job.trial.clone(),
            number,
            at,
            worst_usd,
        };
        self.store
            .write(note)
            .await
            .map_err(|error| Untried::Unsent(Unsent::Store(error.to_string())))
    }

    /// Takes the intent back: it was not sent.
    async fn withdraw(&self, job: &Job<'_>, number: u32, why: Untried) -> Untried {
        if !self.journal {
            return why;
        }
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
}

fn closed(failure: Failure) -> Untried {
    Untried::Closed(not_sent(failure))
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
