//! The scorers that cascades ask about an answer before it stands: the place where engine and
//! scorers meet.

use super::load::Loaded;
use crate::dataset::Dataset;
use crate::plan::Target;
use crate::policy::Verdict;
use crate::provider::lint::Drops;
use crate::provider::{Ask, Call, Failure, Prices, Reply};
use crate::run::{Asking, Engine, Grade, Judge};
use crate::score::{Graded, Named};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The suite's scorers, with all that they need to score one answer.
pub struct Grading {
    scorers: Arc<Vec<Named>>,
    judges: BTreeMap<String, Target>,
    drops: Drops,
    dataset: Arc<Dataset>,
}

impl Grading {
    /// What the routes of a plan need; nothing if none of them asks a scorer.
    pub fn of(loaded: &Loaded) -> Option<Box<dyn Grade>> {
        let plan = &loaded.plan;
        let asks = |candidate: &crate::plan::Candidate| {
            let hops = candidate.targets().count();
            (0..hops).any(|hop| candidate.policy.scorer(hop).is_some())
        };
        plan.candidates.iter().any(asks).then(|| {
            Box::new(Grading {
                scorers: loaded.scorers.clone(),
                judges: plan.judges.clone(),
                drops: plan.drops,
                dataset: plan.dataset.clone(),
            }) as Box<dyn Grade>
        })
    }

    async fn asked(
        &self,
        engine: &Engine,
        asking: &Asking<'_>,
        spent: &Mutex<Option<f64>>,
    ) -> Result<bool, String> {
        let named = self.scorers.iter().find(|it| it.name == asking.scorer);
        let named = named.ok_or("there is no such scorer")?;
        let mut cases = self.dataset.cases.iter();
        let case = cases.find(|case| case.id == asking.case);
        let case = case.ok_or("the case is unknown")?;
        if !named.applies(case) {
            return Err("it is not for this case".to_owned());
        }
        let judge = Judge {
            engine,
            models: &self.judges,
            drops: self.drops,
            trial: asking.trial.to_owned(),
            case: asking.case.to_owned(),
            candidate: asking.candidate.to_owned(),
        };
        let ask = Counting {
            judge,
            prices: &engine.prices,
            spent,
        };
        let attempt = asking.attempt;
        let graded = Graded {
            case,
            target: case.target.as_ref(),
            reply: asking.reply,
            latency_ms: attempt.map(|attempt| attempt.times.latency()),
            cost_usd: attempt.and_then(|attempt| Some(attempt.cost.as_ref()?.usd)),
        };
        let score = named.score(graded, &ask).await.map_err(|error| error.0)?;
        score
            .passed
            .ok_or_else(|| "it says neither passed nor failed".to_owned())
    }
}

impl Grade for Grading {
    fn grade<'a>(
        &'a self,
        engine: &'a Engine,
        asking: Asking<'a>,
    ) -> BoxFuture<'a, (Verdict, Option<f64>)> {
        Box::pin(async move {
            let spent = Mutex::new(Some(0.0));
            let passed = self.asked(engine, &asking, &spent).await;
            let passed = passed.as_ref().map(|passed| *passed);
            let verdict = Verdict::scored(asking.scorer, passed.map_err(String::as_str));
            let spent = spent.into_inner().unwrap_or_else(PoisonError::into_inner);
            (verdict, spent)
        })
    }
}

/// Asks judges, and adds up what they cost.
struct Counting<'a> {
    judge: Judge<'a>,
    prices: &'a Prices,
    spent: &'a Mutex<Option<f64>>,
}

impl Ask for Counting<'_> {
    fn ask<'a>(
        &'a self,
        model: &'a str,
        call: Call,
        repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move {
            let reply = self.judge.ask(model, call, repeat).await?;
            let target = self.judge.models.get(model);
            let cost = target.and_then(|target| target.cost(self.prices, &reply));
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            *spent = spent.zip(cost).map(|(sum, cost)| sum + cost.usd);
            Ok(reply)
        })
    }
}
