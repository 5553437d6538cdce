//! One run from the first request to the report: asking, scoring, summing up. `run`, `resume` and `score` share it.

use super::comparing::compare_stored;
use super::early::{Follow, Sides};
use super::grading::Grading;
use super::host::Host;
use super::load::Loaded;
use super::progress::Watches;
use super::signal::{Heard, listen};
use super::stored::{short_id, trouble};
use crate::dataset::Case;
use crate::plan::{Early, Plan, Snapshot, Stopped};
use crate::provider::Ask;
use crate::report::{Report, gather};
use crate::run::{
    Before, Budget, Decide, Done, Drill, Engine, Event, Judge, Live, Recents, Replays, Stop,
    Transport, Unsent, Urgency, Watch, lanes, run,
};
use crate::score::{Answer, Graded, Named, score};
use crate::source::Problem;
use crate::store::{Note, Origin, Outcome, Record, RunRow, Store, StoreError, Stored};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc};

/// Everything a run needs, resolved.
pub struct Session<'a> {
    pub host: &'a Host,
    pub loaded: &'a Loaded,
    pub store: Arc<Store>,
    pub row: RunRow,
    /// Replies to be used instead of asking.
    pub replays: Arc<Replays>,
    /// Whether anything may be sent.
    pub offline: bool,
    /// Whether replies of earlier runs may be used.
    pub cache: bool,
    /// The outage that it rehearses.
    pub drill: Drill,
    /// The run was begun before.
    pub resumed: bool,
    /// What it is judged by while it goes, where it may stop early.
    pub early: Option<Sides>,
}

/// How a session ended.
pub struct Ending {
    pub done: Done,
    pub report: Report,
    /// The run without its wire objects.
    pub stored: Stored,
    /// The signal that ended it, if one had to be obeyed at once.
    pub signal: Option<u8>,
}

impl Session<'_> {
    fn plan(&self) -> &Plan {
        &self.loaded.plan
    }

    /// Asks, scores and sums up. Blocks until all is done or it was told to stop.
    pub fn go(self, events: Option<std::fs::File>) -> Result<Ending, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|e| Problem::error(format!("cannot start: {e}")))?;
        let ending = runtime.block_on(self.live(events))?;
        // A resolver thread may still be busy with a dead name; nothing waits for it.
        runtime.shutdown_background();
        Ok(ending)
    }

    /// Scores the stored replies and sums up; asks nobody but judges.
    pub fn score_only(self, plan: Snapshot) -> Result<Ending, Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|e| Problem::error(format!("cannot start: {e}")))?;
        runtime.block_on(async {
            let (tell, _told) = mpsc::unbounded_channel();
            let engine = self.engine(tell, Stop::default())?;
            let _claim = self.store.claim(&self.row.id).map_err(|e| trouble(&e))?;
            let mut done = Done::default();
            self.judge(&engine, &mut done).await;
            self.ending(done, &plan, None)
        })
    }

    async fn live(mut self, events: Option<std::fs::File>) -> Result<Ending, Problem> {
        let store = &self.store;
        let _claim = store.claim(&self.row.id).map_err(|e| trouble(&e))?;
        let mut watch = Watches::new(self.host, events);
        let (tell, told) = mpsc::unbounded_channel();
        let (stop, heard) = (Stop::default(), Heard::default());
        // A port or a gate's rerun finds its own replies again; `resume` does not know its candidates.
        let next = match self.row.aside() {
            true if self.row.drill() => "a drill is not gone on with: begin it again".to_owned(),
            true => "the same command goes on later, with what was answered".to_owned(),
            false => format!(
                "resume with: bakeoff resume {}",
                short_id(store, &self.row.id)
            ),
        };
        let listening = listen(stop.clone(), heard.clone(), self.host.quiet, next);
        let signals = tokio::spawn(listening);
        let before = self.before().map_err(|e| trouble(&e))?;
        let engine = self.engine(tell, stop.clone())?;
        watch.see(&self.started(before.done.len()));
        let follow = self.follow(&engine).await.map_err(|e| trouble(&e))?;
        let decide = follow.as_ref().map(|follow| follow as &dyn Decide);
        let mut done = run(self.plan(), &engine, &before, told, &mut watch, decide).await;
        drop(follow);
        let leaving = stop.urgency() == Urgency::Now;
        if done.store.is_none() && done.missing.is_empty() && !leaving {
            self.judge(&engine, &mut done).await;
        }
        signals.abort();
        let signal = heard.load(Ordering::Relaxed);
        let signal = (stop.urgency() == Urgency::Now && signal > 0).then_some(signal);
        let mut plan = self.loaded.snapshot.clone();
        let noted = self.stopped(&done, &mut plan).await;
        noted.map_err(|e| trouble(&e))?;
        self.ending(done, &plan, signal)
    }

    async fn follow<'b>(&'b self, engine: &'b Engine) -> Result<Option<Follow<'b>>, StoreError> {
        match &self.early {
            Some(sides) => Follow::new(self.loaded, engine, &self.row, sides)
                .await
                .map(Some),
            None => Ok(None),
        }
    }

    /// Writes down where the run stopped because its verdict was certain.
    async fn stopped(&mut self, done: &Done, plan: &mut Snapshot) -> Result<(), StoreError> {
        let Some(why) = done.enough.clone().filter(|_| done.complete()) else {
            return Ok(());
        };
        let dataset = &self.loaded.plan.dataset;
        let asked = self.store.table(self.row.clone())?.records.into_values();
        let asked: HashSet<String> = asked.map(|record| record.case).collect();
        let stopped = Stopped {
            cases: asked.len(),
            of: dataset.cases.len(),
            why,
        };
        self.row.trials = asked.len() * plan.candidates.len() * plan.repeats as usize;
        self.row.complete = true;
        plan.early = Some(Early {
            stopped: (stopped.cases < stopped.of).then_some(stopped),
        });
        self.row.plan = serde_json::to_value(&plan).expect("a snapshot is plain data");
        let note = Note::Run(Box::new(self.row.clone()), dataset.clone());
        self.store.write(note).await
    }

    /// What earlier sessions of this run left; a run that begins has none.
    fn before(&self) -> Result<Before, StoreError> {
        if !self.resumed {
            return Ok(Before::default());
        }
        let (store, run) = (&self.store, &self.row.id);
        Ok(Before {
            done: store.answered(run)?,
            made: store.attempts_made(run)?,
            cut: store.cut_off(run)?,
        })
    }

    /// Scores what is stored; what judges were not asked counts like trials that were not.
    async fn judge(&self, engine: &Engine, done: &mut Done) {
        let mut scored = score_stored(self.loaded, engine, &self.row).await;
        if scored.is_ok() {
            scored = compare_stored(self.loaded, engine, &self.row).await;
        }
        if let Err(error) = scored {
            done.store.get_or_insert(error);
        }
        let unasked = engine
            .unasked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (case, candidate, why) in unasked.iter() {
            done.unsent += 1;
            match why {
                Unsent::Offline => done
                    .missing
                    .push((case.clone(), format!("the judge of {candidate}"))),
                Unsent::Cap => drop(
                    done.why
                        .get_or_insert("judges could pass the spending cap".into()),
                ),
                Unsent::Stopped => drop(done.why.get_or_insert("stopped".into())),
                Unsent::Store(why) => drop(done.why.get_or_insert(why.clone())),
            }
        }
    }

    fn ending(&self, done: Done, plan: &Snapshot, signal: Option<u8>) -> Result<Ending, Problem> {
        let stored = self.store.table(self.row.clone());
        let stored = stored.map_err(|e| trouble(&e))?;
        Ok(Ending {
            done,
            report: gather(plan, &stored),
            stored,
            signal,
        })
    }

    fn started(&self, done: usize) -> Event {
        let plan = self.plan();
        let each = plan.dataset.cases.len() * plan.repeats as usize;
        Event::Started {
            run: self.row.id.clone(),
            candidates: plan
                .candidates
                .iter()
                .map(|candidate| (candidate.name.clone(), each))
                .collect(),
            done,
            cap_usd: plan.limits.max_cost,
        }
    }

    fn engine(&self, tell: mpsc::UnboundedSender<Event>, stop: Stop) -> Result<Engine, Problem> {
        let limits = self.plan().limits.clone();
        let spent = match self.resumed {
            true => self.store.spent(&self.row.id, limits.concurrency),
            false => Ok(0.0),
        };
        let spent = spent.map_err(|e| trouble(&e))?;
        let transport = match self.offline {
            true => None,
            false => Some(
                Box::new(Live::new(limits.connect).with_clock(Host::signing_time))
                    as Box<dyn Transport>,
            ),
        };
        Ok(Engine {
            run: self.row.id.clone(),
            transport,
            store: self.store.clone(),
            lanes: lanes(self.plan()),
            slots: Semaphore::new(limits.concurrency as usize),
            budget: Budget::new(limits.max_cost, spent),
            prices: self.loaded.prices.clone(),
            stop,
            seed: self.plan().seed,
            replays: self.replays.clone(),
            cache: self.cache,
            drill: self.drill.clone(),
            tell,
            spent: AtomicU64::new((spent * 1e9) as u64),
            recents: Recents::default(),
            grade: Grading::of(self.loaded),
            judging: Mutex::default(),
            unasked: Mutex::default(),
            journal: true,
            limits,
        })
    }
}

/// Scores what this definition of the scorers has not scored yet.
pub async fn score_stored(
    loaded: &Loaded,
    engine: &Engine,
    row: &RunRow,
) -> Result<(), StoreError> {
    let stored = engine.store.table(row.clone())?;
    let cases: HashMap<&str, &Case> = stored
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect();
    let open = stored
        .records
        .values()
        .filter(|record| !is_scored(record, &stored, &cases, &loaded.scorers));
    let about = |answer: &Answer<'_>| -> Box<dyn Ask + '_> {
        asker(engine, &loaded.plan, &stored.records[answer.trial])
    };
    let answers = open.filter_map(|record| answer(record, &cases));
    let scores = score(
        answers,
        &loaded.scorers,
        &about,
        loaded.plan.limits.concurrency as usize,
    )
    .await;
    for some in scores.chunks(1000) {
        engine
            .store
            .write(Note::Scores {
                run: row.id.clone(),
                scores: some.to_vec(),
            })
            .await?;
    }
    Ok(())
}

/// What a judge asks through about an answer of this run.
pub(super) fn asker<'a>(engine: &'a Engine, plan: &'a Plan, record: &Record) -> Box<dyn Ask + 'a> {
    Box::new(Judge {
        engine,
        models: &plan.judges,
        drops: plan.drops,
        trial: record.trial.clone(),
        case: record.case.clone(),
        candidate: record.candidate.clone(),
    })
}

/// Whether every scorer, as it is defined now, has a score for this answer.
fn is_scored(
    record: &Record,
    stored: &Stored,
    cases: &HashMap<&str, &Case>,
    scorers: &[Named],
) -> bool {
    let Some(known) = stored.scores.get(&record.trial) else {
        return false;
    };
    let case = cases.get(record.case.as_str());
    scorers
        .iter()
        .filter(|named| named.against().is_none())
        .filter(|named| case.is_none_or(|case| named.applies(case)))
        .all(|named| {
            known.get(&named.name).is_some_and(|scored| {
                scored.result.is_ok() && scored.definition == named.definition
            })
        })
}

pub(super) fn answer<'a>(
    record: &'a Record,
    cases: &HashMap<&str, &'a Case>,
) -> Option<Answer<'a>> {
    let Outcome::Answered(reply) = &record.outcome else {
        return None;
    };
    let case = cases.get(record.case.as_str())?;
    let attempt = record.answering();
    // A cached reply was fast or slow in another run: no guard may judge it by that.
    let times = attempt
        .filter(|_| !matches!(record.origin, Origin::Cache(_)))
        .map(|attempt| attempt.times);
    let graded = Graded {
        case,
        target: case.target.as_ref(),
        reply,
        latency_ms: times.map(|times| times.latency()),
        cost_usd: record.answer_cost(),
    };
    Some(Answer {
        trial: &record.trial,
        graded,
    })
}
