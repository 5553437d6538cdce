//! One trial's requests: a single one, or a conversation that goes on with the model's own replies.

use super::Before;
use super::engine::Engine;
use super::job::{Ended, Job, Unsent};
use crate::plan::{Asked, Plan, RequestError, Trial, short_hash};
use crate::prompt::{Conversation, Message, Next};
use crate::provider::{Failure, FailureKind, Reply, Usage};
use crate::store::{Attempt, Origin, Outcome, Record};

/// Asks a trial, turn by turn. Each turn is on disk before the next is asked, so that a trial that is
/// cut off goes on where it was; a conversation that is known already is known as a whole.
pub(super) async fn talk(plan: &Plan, engine: &Engine, trial: Trial, before: &Before) -> Ended {
    let conversation = match plan.conversation(trial) {
        Ok(conversation) => conversation,
        Err(error) => return Ended::Record(Box::new(broken(plan, trial, &error))),
    };
    let id = plan.trial_id(trial);
    let cut = before.cut.get(&id).map_or(&[][..], Vec::as_slice);
    let mut talk = Talk {
        plan,
        engine,
        trial,
        conversation,
        made: before.made.get(&id).copied().unwrap_or(0),
        turns: Vec::new(),
        attempts: Vec::new(),
        by: Vec::new(),
        opening: Vec::new(),
        id,
    };
    let mut rest = cut;
    if let Some(last) = cut.iter().rposition(|attempt| attempt.turn.is_some()) {
        for attempt in cut {
            if let Some(reply) = attempt.turn.as_deref() {
                talk.turns.push(reply.clone());
                talk.by.push(attempt.hop());
            }
        }
        rest = &cut[last + 1..];
    }
    talk.end(rest).await
}

/// A conversation under way.
struct Talk<'a> {
    plan: &'a Plan,
    engine: &'a Engine,
    trial: Trial,
    conversation: Conversation,
    /// The trial's id.
    id: String,
    /// Attempts that earlier sessions made.
    made: u32,
    /// What the model said so far.
    turns: Vec<Reply>,
    /// Attempts of this session.
    attempts: Vec<Attempt>,
    /// Which hop said it.
    by: Vec<usize>,
    /// What the first request to each hop is known by.
    opening: Vec<String>,
}

impl Talk<'_> {
    async fn end(mut self, mut cut: &[Attempt]) -> Ended {
        if !self.turns.is_empty() {
            // Nothing of the first request is sent again: only its keys are wanted.
            match self.plan.ask(self.trial, &self.conversation, &[]) {
                Ok(hops) => self.opening = keys(&hops),
                Err(error) => return self.broken(&error),
            }
        }
        loop {
            let said: Vec<Message> = self.turns.iter().map(Reply::message).collect();
            let hops = match self.plan.ask(self.trial, &self.conversation, &said) {
                Ok(hops) => hops,
                // `check` renders every prompt before the first call, so this is a file changed under a run.
                Err(error) => return self.broken(&error),
            };
            if self.turns.is_empty() {
                self.opening = keys(&hops);
            }
            let candidate = self.plan.candidate(self.trial);
            let job = Job {
                trial: self.id.clone(),
                judged: None,
                case: self.plan.case(self.trial).id.clone(),
                candidate: candidate.name.clone(),
                repeat: self.trial.repeat,
                hops,
                policy: &candidate.policy,
                told: self.plan.told(self.trial, &self.conversation, &said),
                made: self.made + self.attempts.len() as u32,
                before: std::mem::take(&mut cut),
                tap: None,
                purses: &[],
            };
            let first = self.turns.is_empty();
            if first && let Some(known) = self.engine.replayed(&job, &mixed(&self.opening)) {
                return Ended::Record(Box::new(known));
            }
            let record = match self.engine.ask(&job).await {
                Ended::Record(record) => *record,
                unsent => return unsent,
            };
            let reply = match &record.outcome {
                // What is known of the first request is known of the whole conversation.
                Outcome::Answered(reply) if record.origin == Origin::Live || !first => {
                    reply.as_ref().clone()
                }
                _ => return self.over(record, first),
            };
            self.turns.push(reply);
            self.by.extend(record.answering().map(Attempt::hop));
            let said: Vec<Message> = self.turns.iter().map(Reply::message).collect();
            match self.conversation.next(&said) {
                Next::Ask(_) => {
                    if let Err(why) = self.went_on(&job, record).await {
                        return Ended::Unsent(why);
                    }
                }
                Next::Done { early } => {
                    let reply = self.whole(early);
                    let outcome = Outcome::Answered(Box::new(reply));
                    return self.over(Record { outcome, ..record }, first);
                }
            }
        }
    }

    /// A turn is over, and the conversation goes on: its reply is kept first.
    async fn went_on(&mut self, job: &Job<'_>, record: Record) -> Result<(), Unsent> {
        let mut attempts = record.attempts;
        if let Some(last) = attempts.iter_mut().rev().find(|attempt| !attempt.wasted()) {
            last.turn = self.turns.last().cloned().map(Box::new);
            self.engine.keep(job, last).await?;
        }
        self.attempts.append(&mut attempts);
        Ok(())
    }

    /// The last reply, with the tokens of all turns: that is what the answer took.
    fn whole(&mut self, early: Option<String>) -> Reply {
        let mut reply = self.turns.last().cloned().unwrap_or_default();
        if self.turns.len() > 1 {
            let of = |pick: fn(&Usage) -> Option<u64>| {
                let counts = self.turns.iter().map(|turn| pick(&turn.usage));
                counts.sum::<Option<u64>>()
            };
            reply.usage = Usage {
                input: of(|usage| usage.input),
                output: of(|usage| usage.output),
                cached_input: of(|usage| usage.cached_input),
                cache_write: of(|usage| usage.cache_write),
                reasoning: of(|usage| usage.reasoning),
                raw: reply.usage.raw,
            };
            reply.stated_cost = self.turns.iter().map(|turn| turn.stated_cost).sum();
        }
        let early = early.map(|why| format!("the conversation ended early: {why}"));
        reply.warnings.extend(early);
        reply
    }

    /// The trial's record: that of its last request, with the attempts of all.
    fn over(mut self, record: Record, first: bool) -> Ended {
        self.attempts.extend(record.attempts);
        let key = match first {
            true => record.key,
            false => self.key(),
        };
        Ended::Record(Box::new(Record {
            key,
            attempts: self.attempts,
            ..record
        }))
    }

    /// What the whole conversation is known by: the first request to the model that said all of it.
    /// What several models said together is known as that alone, and is no model's own.
    fn key(&self) -> String {
        let alone = self.by.first();
        let alone = alone.filter(|hop| self.by.iter().all(|by| by == *hop));
        let own = alone.and_then(|hop| self.opening.get(*hop).cloned());
        own.unwrap_or_else(|| mixed(&self.opening))
    }

    fn broken(self, error: &RequestError) -> Ended {
        let record = broken(self.plan, self.trial, error);
        Ended::Record(Box::new(Record {
            attempts: self.attempts,
            ..record
        }))
    }
}

fn keys(hops: &[Asked<'_>]) -> Vec<String> {
    hops.iter().map(|hop| hop.key.clone()).collect()
}

/// What a conversation is known by that several models of a chain had together.
fn mixed(opening: &[String]) -> String {
    let opening = opening.iter().map(String::as_str);
    let parts: Vec<&str> = std::iter::once("together").chain(opening).collect();
    short_hash(&parts)
}

/// The record of a trial that cannot be put into a request.
fn broken(plan: &Plan, trial: Trial, error: &RequestError) -> Record {
    let failure = Failure::new(FailureKind::InvalidRequest, error.to_string());
    Record {
        trial: plan.trial_id(trial),
        judged: None,
        case: plan.case(trial).id.clone(),
        candidate: plan.candidate(trial).name.clone(),
        repeat: trial.repeat,
        key: String::new(),
        outcome: Outcome::Failed(failure),
        origin: Origin::Live,
        attempts: Vec::new(),
    }
}
