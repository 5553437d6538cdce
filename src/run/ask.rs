//! Judges ask through the engine: the same cache, limits, budget and store as every other call.

use super::engine::Engine;
use super::job::{Ended, Job, Unsent};
use crate::plan::{Asked, Target, Told, short_hash};
use crate::policy::Policy;
use crate::provider::lint::Drops;
use crate::provider::{Ask, Call, Failure, FailureKind, Reply};
use crate::store::{Note, Outcome};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Asks judges about one trial.
pub struct Judge<'a> {
    /// The engine of the run.
    pub engine: &'a Engine,
    /// Judges' models by the suite's spelling.
    pub models: &'a BTreeMap<String, Target>,
    /// What may be taken out of its calls.
    pub drops: Drops,
    /// The trial that is judged.
    pub trial: String,
    /// Its case's id.
    pub case: String,
    /// Its candidate's name.
    pub candidate: String,
}

impl Ask for Judge<'_> {
    fn ask<'a>(
        &'a self,
        model: &'a str,
        call: Call,
        repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(self.judge(model, call, repeat))
    }
}

impl Judge<'_> {
    /// What a call with this id waits for.
    fn turn(&self, trial: &str) -> Arc<tokio::sync::Mutex<()>> {
        let judging = self.engine.judging.lock();
        let mut judging = judging.unwrap_or_else(PoisonError::into_inner);
        judging.entry(trial.to_owned()).or_default().clone()
    }

    async fn judge(&self, model: &str, mut call: Call, repeat: u32) -> Result<Reply, Failure> {
        let failed = |why: String| Failure::new(FailureKind::InvalidRequest, why);
        let target = self
            .models
            .get(model)
            .ok_or_else(|| failed(format!("the judge's model {model} is not in the plan")))?;
        call.stream = true;
        let params = call.params.clone();
        let request = target.request(call, self.drops.for_judges());
        let request = request.map_err(|error| failed(error.to_string()))?;
        let attempts = self.engine.limits.attempts;
        let asked = Asked::of(target, request, (repeat, 0), &params, attempts);
        let trial = short_hash(&["judge", &self.trial, &asked.key]);
        let store = &self.engine.store;
        // Two scorers may ask the same about a trial at once: it is asked and paid once.
        let turn = self.turn(&trial);
        let _turn = turn.lock().await;
        let known = store.trial(&self.engine.run, &trial);
        let (known, made) = known.map_err(|error| failed(error.to_string()))?;
        if let Some(Outcome::Answered(reply)) = known.map(|record| record.outcome) {
            return Ok(*reply);
        }
        let job = Job {
            trial,
            judged: Some(self.trial.clone()),
            case: self.case.clone(),
            candidate: self.candidate.clone(),
            repeat,
            hops: vec![asked],
            policy: &Policy::default(),
            told: Told::default(),
            made,
            before: &[],
            tap: None,
            purses: &[],
        };
        let why = match self.engine.ask(&job).await {
            Ended::Record(record) => {
                let outcome = record.outcome.clone();
                let run = self.engine.run.clone();
                let saved = store.write(Note::Record { run, record }).await;
                saved.map_err(|error| failed(error.to_string()))?;
                return match outcome {
                    Outcome::Answered(reply) => Ok(*reply),
                    Outcome::Failed(failure) => Err(failure),
                };
            }
            Ended::Unsent(why) => why,
        };
        let mut unasked = self
            .engine
            .unasked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        unasked.push((self.case.clone(), self.candidate.clone(), why.clone()));
        Err(match why {
            Unsent::Cap => Failure::new(
                FailureKind::Budget,
                "the judge's call could pass the spending cap",
            ),
            Unsent::Offline => {
                failed("the judge's reply is not recorded, and nothing may be sent".into())
            }
            Unsent::Stopped => failed("the run was stopped before the judge was asked".into()),
            Unsent::Store(why) => failed(why),
        })
    }
}
