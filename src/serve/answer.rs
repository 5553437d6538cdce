//! One request's life: the calls that it makes, what the caller is told and when, the row that is left.
//!
//! The row is on its way to disk before the last word of the answer leaves. When the caller goes away
//! everything stops at once, the provider's stream too.

use super::caller::{self, Caller, Header, again};
use super::clients::Visit;
use super::note::{told, why};
use super::shared::{Inside, Shared};
use super::trouble::{Cause, Trouble};
use super::wire::{Head, Request, Wire};
use crate::plan::{Asked, Candidate, input_ceiling};
use crate::run::{Budget, Ended, Job, Piece, Tap, Unsent};
use crate::store::{Attempt, End, Note, Outcome, Record, Served, Tried};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

/// The status of a request whose caller went away, as proxies log it.
const GONE: u16 = 499;

/// A request that was let in.
pub(super) struct Life {
    pub shared: Arc<Shared>,
    pub wire: &'static dyn Wire,
    pub request: Request,
    pub id: String,
    pub at: String,
    pub begun: Instant,
    pub visit: Option<Visit>,
    /// Its place among those under way, as long as it lives.
    pub _inside: Inside,
}

/// How the asking ended.
enum Over {
    Asked(Ended),
    Late,
    Gone,
}

impl Life {
    /// Lives it.
    pub async fn live(self, tell: oneshot::Sender<caller::Told>) {
        let shared = self.shared.clone();
        let mut caller = Caller::new(tell);
        let asked = shared.candidate(&self.request.model);
        let vars = self.vars();
        let tags = self.tags();
        let asked = asked.and_then(|candidate| {
            let told = self.told(candidate, &tags, &vars);
            let hops = self.hops(candidate, &told)?;
            Ok((candidate, told, hops))
        });
        let (candidate, told, hops) = match asked {
            Ok(asked) => asked,
            Err(trouble) => {
                let end = self.end(None, &caller);
                return self.fail(trouble, end, 0.0, caller).await;
            }
        };
        let worst = |hop: &Asked<'_>| {
            let input = input_ceiling(&hop.request);
            hop.target
                .worst_cost(&shared.setup.engine.prices, input, hop.max_tokens)
        };
        let worst: Vec<f64> = hops.iter().map(|hop| worst(hop).unwrap_or(0.0)).collect();
        let most = worst.iter().copied().fold(0.0, f64::max);
        if shared.capped() && !self.keep(None, most).await {
            let why = "this server cannot write its log, and so asks nothing";
            let trouble = Trouble::new(Cause::Overloaded, "log_broken", why);
            let end = self.end(None, &caller);
            return self.fail(trouble, end, 0.0, caller).await;
        }
        let purses = self.purses();
        let (tap, mut pieces) = Tap::new();
        let job = Job {
            trial: self.id.clone(),
            judged: None,
            case: self.id.clone(),
            candidate: candidate.name.clone(),
            repeat: 0,
            hops,
            policy: &candidate.policy,
            told,
            made: 0,
            before: &[],
            tap: self.request.call.stream.then_some(&tap),
            purses: &purses,
        };
        let over = self.ask(&job, candidate, &mut pieces, &mut caller).await;
        drop(job);
        self.finish(candidate, over, &worst, most, caller).await;
    }

    /// Asks, and passes on what comes meanwhile.
    async fn ask(
        &self,
        job: &Job<'_>,
        candidate: &Candidate,
        pieces: &mut mpsc::Receiver<Piece>,
        caller: &mut Caller,
    ) -> Over {
        let asking = self.shared.setup.engine.ask(job);
        let late = sleep(self.shared.setup.patience);
        tokio::pin!(asking, late);
        let over = loop {
            tokio::select! {
                Some(piece) = pieces.recv() => if !self.pass(&piece, candidate, caller).await {
                    return Over::Gone;
                },
                ended = &mut asking => break Over::Asked(ended),
                () = caller.gone() => return Over::Gone,
                () = &mut late => break Over::Late,
            }
        };
        while let Ok(piece) = pieces.try_recv() {
            self.pass(&piece, candidate, caller).await;
        }
        over
    }

    fn purses(&self) -> Vec<Arc<Budget>> {
        let own = self
            .visit
            .as_ref()
            .and_then(|visit| visit.known().purse.as_ref());
        let all = self.shared.setup.purse.iter().chain(own);
        all.map(|purse| purse.at(&self.at)).collect()
    }

    /// Passes a piece on; with the first one the answer begins. Whether the caller is still there.
    async fn pass(&self, piece: &Piece, candidate: &Candidate, caller: &mut Caller) -> bool {
        if !caller.begun() {
            let target = candidate.targets().nth(piece.hop);
            let target = target.expect("a piece comes from one of the candidate's hops");
            let why = match (&piece.why, candidate.fallback.is_empty()) {
                (_, true) => "only model".to_owned(),
                (Some(why), false) => why.to_string(),
                (None, false) => String::new(),
            };
            let mut headers = self.headers(&candidate.name);
            headers.push(("x-bakeoff-served-by", target.name.clone()));
            headers.push(("x-bakeoff-why", why));
            headers.push(("x-bakeoff-attempts", piece.number.to_string()));
            caller.begin(self.wire, self.head(&target.wire_model), headers);
            caller.first_ms = Some(self.ms());
        }
        let mut text = String::new();
        caller.events(|events| events.deltas(&piece.deltas, &mut text));
        caller.say(text).await
    }

    fn head(&self, model: &str) -> Head {
        Head {
            id: self.id.clone(),
            created: (self.shared.setup.clock.seconds)(),
            model: model.to_owned(),
            usage: self.request.usage,
        }
    }

    fn headers(&self, name: &str) -> Vec<Header> {
        let mut headers = vec![("x-bakeoff-model", name.to_owned())];
        if !self.request.ignored.is_empty() {
            headers.push(("x-bakeoff-ignored", self.request.ignored.join(", ")));
        }
        headers
    }

    fn ms(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1e3
    }

    /// The row's end, as far as it is the same however it ends.
    fn end(&self, record: Option<(&Candidate, &Record)>, caller: &Caller) -> End {
        let name = |candidate: &Candidate, attempt: &Attempt| match &attempt.at {
            Some(at) => at.model.clone(),
            None => candidate.target.name.clone(),
        };
        let tried = record.iter().flat_map(|(candidate, record)| {
            record.attempts.iter().map(|attempt| Tried {
                model: name(candidate, attempt),
                ms: attempt.times.latency(),
                failure: attempt.failure.as_ref().map(|failure| failure.kind),
                usd: attempt.cost.as_ref().map(|cost| cost.usd),
            })
        });
        let attempts: Vec<Tried> = tried.collect();
        let cost: Option<f64> = attempts.iter().map(|tried| tried.usd).sum();
        End {
            api: self.wire.name().to_owned(),
            stream: self.request.call.stream,
            cost_usd: cost.filter(|_| record.is_some()),
            attempts,
            first_ms: caller.first_ms,
            tags: self.request.tags.clone(),
            ignored: self.request.ignored.clone(),
            ..End::default()
        }
    }

    async fn finish(
        self,
        candidate: &Candidate,
        over: Over,
        worst: &[f64],
        most: f64,
        mut caller: Caller,
    ) {
        let record = match over {
            Over::Asked(Ended::Record(record)) => record,
            Over::Gone => {
                let end = End {
                    status: GONE,
                    trouble: Some("gone".to_owned()),
                    ..self.end(None, &caller)
                };
                self.keep(Some(end), most).await;
                return;
            }
            Over::Late => {
                let seconds = self.shared.setup.patience.as_secs();
                let why = format!("there was no answer within {seconds} s");
                let end = self.end(None, &caller);
                let trouble = Trouble::new(Cause::Timeout, "late", why);
                return self.fail(trouble, end, most, caller).await;
            }
            Over::Asked(Ended::Unsent(why)) => {
                let trouble = self.unsent(why);
                let end = self.end(None, &caller);
                return self.fail(trouble, end, 0.0, caller).await;
            }
        };
        let counted = record.attempts.iter().map(|attempt| match &attempt.cost {
            Some(cost) => cost.usd,
            None => worst.get(attempt.hop()).copied().unwrap_or(0.0),
        });
        let counted = counted.sum();
        let mut end = self.end(Some((candidate, &record)), &caller);
        end.by = record.answering().map(|attempt| match &attempt.at {
            Some(at) => at.model.clone(),
            None => candidate.target.name.clone(),
        });
        end.why = why(candidate, &record);
        let reply = match record.outcome {
            Outcome::Answered(reply) => reply,
            Outcome::Failed(failure) => {
                return self.fail(Trouble::of(&failure), end, counted, caller).await;
            }
        };
        end.status = 200;
        end.usage = Some(crate::provider::Usage {
            raw: None,
            ..reply.usage.clone()
        });
        let note = json!({"model": candidate.name, "served_by": end.by, "why": end.why,
            "attempts": end.attempts.len(), "cost_usd": end.cost_usd, "ignored": end.ignored,
            "warnings": reply.warnings});
        let headers = [self.headers(&candidate.name), told(&end, &reply)].concat();
        if let Some(blank) = self
            .shared
            .setup
            .blank
            .as_ref()
            .filter(|blank| blank.keeps(&self.id))
        {
            let call = &self.request.call;
            end.content = Some(blank.content(&call.messages, &call.tools, Some(reply.message())));
        }
        let head = self.head(&candidate.target.wire_model);
        let stream = self.request.call.stream;
        let wire = self.wire;
        self.keep(Some(end), counted).await;
        // The place is free before the caller can know that it is.
        drop(self);
        if stream {
            caller.begin(wire, head, headers);
            let mut text = String::new();
            caller.events(|events| events.end(&reply, &note, &mut text));
            caller.say(text).await;
        } else {
            caller.whole(200, headers, &wire.whole(&head, &reply));
        }
    }

    /// No answer: an error, or in a stream that has begun an event.
    async fn fail(self, trouble: Trouble, end: End, counted: f64, mut caller: Caller) {
        let (status, body) = self.wire.error(&trouble, &self.id);
        let end = End {
            status,
            trouble: Some(trouble.word.to_owned()),
            ..end
        };
        let mut headers = self.headers(&self.request.model);
        headers.push(("x-bakeoff-attempts", end.attempts.len().to_string()));
        headers.extend(again(&trouble));
        self.keep(Some(end), counted).await;
        drop(self);
        let mut text = String::new();
        caller.events(|events| events.fail(&trouble, &mut text));
        match caller.begun() {
            true => drop(caller.say(text).await),
            false => caller.whole(status, headers, &body),
        }
    }

    /// Why nothing was asked.
    fn unsent(&self, why: Unsent) -> Trouble {
        match why {
            Unsent::Cap => {
                let why = "the most that this request can cost does not fit under the spending cap";
                Trouble::new(Cause::Spend, "cap", why)
            }
            Unsent::Stopped => {
                Trouble::new(Cause::Overloaded, "leaving", "this server is going down")
            }
            Unsent::Offline => {
                Trouble::new(Cause::Upstream, "offline", "this server may not ask anyone")
            }
            Unsent::Store(_) => {
                self.shared.break_off();
                let why = "this server cannot write its log, and so asks nothing";
                Trouble::new(Cause::Overloaded, "log_broken", why)
            }
        }
    }

    /// Writes the row; whether it could be written.
    async fn keep(&self, end: Option<End>, counted: f64) -> bool {
        let client = self
            .visit
            .as_ref()
            .map(|visit| visit.known().client.name.clone());
        let served = Served {
            id: self.id.clone(),
            at: self.at.clone(),
            client,
            model: self.request.model.clone(),
            counted_usd: counted,
            end: end.map(|end| End {
                total_ms: self.ms(),
                ..end
            }),
        };
        if let Some(end) = &served.end {
            self.shared.metrics.add(&served, end);
        }
        let kept = self
            .shared
            .setup
            .engine
            .store
            .write(Note::Served(Box::new(served)));
        let kept = kept.await.is_ok();
        if !kept {
            self.shared.break_off();
        }
        kept
    }
}
