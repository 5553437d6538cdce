//! The engine: asks every trial of a plan, keeps what comes back, tells what happens.
//!
//! One loop starts trials and is the only consumer of what they bring; `engine.rs` is one trial's
//! life, `attempt.rs` one request's. Nothing is scored here.

mod ask;
mod attempt;
mod budget;
mod cassette;
mod course;
mod decide;
mod drill;
mod engine;
mod event;
mod exchange;
mod grade;
mod heed;
mod job;
mod known;
mod limit;
mod queue;
mod recents;
mod redact;
mod retry;
mod stop;
mod talk;
mod tap;
mod transport;

pub use ask::Judge;
pub use budget::Budget;
pub use cassette::{Recorded, Replays, read as read_recorded, write as write_recorded};
pub use decide::{Decide, Next};
pub use drill::{Drill, Fault, Spec};
pub use engine::Engine;
pub use event::{Event, Watch};
pub use exchange::{Patience, exchange};
pub use grade::{Asking, Grade};
pub use job::{Ended, Job, Unsent};
pub use limit::{Caps, Lane, Need, Pass};
pub use recents::Recents;
pub use retry::{Alike, Decision, LONGEST_WAIT, decide};
pub use stop::{Stop, Urgency};
pub use tap::{Piece, Tap};
pub use transport::{Incoming, Live, Transport};

use crate::plan::{Candidate, Plan, Trial};
use crate::store::{Attempt, Note, Origin, Outcome, Record, StoreError};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use queue::Queue;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;
use talk::talk;
use tokio::sync::mpsc::UnboundedReceiver;

/// How often those who look on are told that time has passed.
const TICK: Duration = Duration::from_secs(1);

/// Outcomes on their way to the disk at once, at the most.
const SAVING: usize = 1024;

/// How a run ended.
#[derive(Debug, Default)]
pub struct Done {
    /// Trials that were not sent.
    pub unsent: usize,
    /// Why sending ended early, if it did.
    pub why: Option<String>,
    /// The store's error, if that is what ended it.
    pub store: Option<StoreError>,
    /// Trials for which nothing is recorded, when nothing may be sent: case and candidate.
    pub missing: Vec<(String, String)>,
    /// Why no new case was begun, if the verdict was certain before the end.
    pub enough: Option<String>,
}

impl Done {
    /// Every trial has an outcome, but for the cases that were not needed.
    pub fn complete(&self) -> bool {
        self.unsent == 0
    }
}

/// A lane for every provider that the plan asks.
pub fn lanes(plan: &Plan) -> BTreeMap<String, Lane> {
    let targets = plan
        .candidates
        .iter()
        .flat_map(Candidate::targets)
        .chain(plan.judges.values());
    let lanes = targets.map(|target| {
        // Caps for `openai` hold for `openai#MY_KEY` too, unless it has its own.
        let usual = target.lane.split('#').next().unwrap_or_default();
        let caps = &plan.limits.lanes;
        let caps = caps.get(&target.lane).or_else(|| caps.get(usual));
        let caps = caps.copied().unwrap_or_default();
        let caps = Caps {
            concurrency: caps.concurrency,
            rpm: caps.rpm,
            tpm: caps.tpm,
        };
        (
            target.lane.clone(),
            Lane::new(caps, plan.limits.concurrency, plan.limits.given),
        )
    });
    lanes.collect()
}

/// What earlier sessions of a run left.
#[derive(Debug, Default)]
pub struct Before {
    /// Trials that were answered.
    pub done: HashSet<String>,
    /// How many attempts each trial has had.
    pub made: HashMap<String, u32>,
    /// The attempts of trials that were cut off in the middle of a chain.
    pub cut: HashMap<String, Vec<Attempt>>,
}

/// Asks every trial of the plan that was not answered `before`, storing each outcome before it is told;
/// where somebody decides, until that says it is enough.
pub async fn run(
    plan: &Plan,
    engine: &Engine,
    before: &Before,
    mut events: UnboundedReceiver<Event>,
    watch: &mut dyn Watch,
    decide: Option<&dyn Decide>,
) -> Done {
    let mut queue = Queue::new(plan, engine, &before.done, decide.is_some());
    let mut flying: FuturesUnordered<BoxFuture<'_, (Trial, Ended)>> = FuturesUnordered::new();
    let mut saving: FuturesUnordered<BoxFuture<'_, Result<Saved, StoreError>>> =
        FuturesUnordered::new();
    let mut thinking: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
    let mut result = Done::default();
    let mut clock = tokio::time::interval(TICK);
    loop {
        if let Some(Next::Enough(why)) = decide.map(Decide::next)
            && result.enough.is_none()
        {
            queue.begin_no_more();
            watch.see(&Event::Stopping { why: why.clone() });
            result.enough = Some(why);
        }
        while engine.stop.urgency() == Urgency::None {
            let room = saving.len() < SAVING;
            let Some(trial) = room.then(|| queue.next()).flatten() else {
                break;
            };
            flying.push(Box::pin(async move {
                (trial, talk(plan, engine, trial, before).await)
            }));
        }
        if flying.is_empty() && saving.is_empty() && thinking.is_empty() {
            break;
        }
        tokio::select! {
            Some((trial, ended)) = flying.next(), if !flying.is_empty() => {
                queue.landed(trial);
                match ended {
                    Ended::Record(record) => saving.push(Box::pin(save(engine, record, decide.is_some()))),
                    Ended::Unsent(why) => unsent(plan, engine, trial, why, &mut result, watch),
                }
            }
            Some(saved) = saving.next(), if !saving.is_empty() => match saved {
                Ok((event, record)) => {
                    watch.see(&event);
                    if let (Some(decide), Some(record)) = (decide, record) {
                        thinking.push(Box::pin(async move { decide.stored(&record).await }));
                    }
                }
                Err(error) => {
                    result.unsent += 1;
                    stop(engine, &mut result, error.to_string(), watch);
                    result.store.get_or_insert(error);
                }
            },
            Some(()) = thinking.next(), if !thinking.is_empty() => {}
            Some(event) = events.recv() => watch.see(&event),
            _ = clock.tick() => watch.see(&Event::Tick),
        }
    }
    while let Ok(event) = events.try_recv() {
        watch.see(&event);
    }
    result.unsent += queue.left();
    // Cut off among the cases that were begun, it has not come to its early end.
    if result.unsent > 0 {
        result.enough = None;
    }
    if result.why.is_none() && engine.stop.urgency() != Urgency::None {
        result.why = Some("stopped".into());
    }
    let note = Note::Ended {
        run: engine.run.clone(),
        // Where it stopped early is not written down yet.
        complete: result.complete() && result.enough.is_none(),
    };
    if let Err(error) = engine.store.write(note).await {
        result.store.get_or_insert(error);
    }
    watch.see(&Event::Ended {
        complete: result.complete(),
        unsent: result.unsent,
    });
    result
}

/// An outcome that is on disk: what may be told of it, and itself where it is asked for.
type Saved = (Event, Option<Box<Record>>);

/// Puts an outcome on disk.
async fn save(engine: &Engine, record: Box<Record>, keep: bool) -> Result<Saved, StoreError> {
    let event = finished(engine, &record);
    let kept = keep.then(|| record.clone());
    engine
        .store
        .write(Note::Record {
            run: engine.run.clone(),
            record,
        })
        .await?;
    Ok((event, kept))
}

fn finished(engine: &Engine, record: &Record) -> Event {
    let cost: f64 = record
        .sent()
        .filter_map(|attempt| attempt.cost.as_ref())
        .map(|cost| cost.usd)
        .sum();
    Event::Finished {
        candidate: record.candidate.clone(),
        case: record.case.clone(),
        repeat: record.repeat,
        failure: match &record.outcome {
            Outcome::Answered(_) => None,
            Outcome::Failed(failure) => Some(failure.kind),
        },
        origin: match record.origin {
            Origin::Live => "live",
            Origin::Cache(_) => "cache",
            Origin::Recorded(_) => "recorded",
        },
        spent_usd: engine.count(cost),
    }
}

/// A trial that was not sent: what that means for the rest of the run.
fn unsent(
    plan: &Plan,
    engine: &Engine,
    trial: Trial,
    why: Unsent,
    result: &mut Done,
    watch: &mut dyn Watch,
) {
    result.unsent += 1;
    match why {
        Unsent::Stopped => {}
        Unsent::Cap => {
            let cap = plan.limits.max_cost.unwrap_or_default();
            let why = format!(
                "the next request may cost up to ${:.6} and so could pass the cap of ${cap} (spent: ${:.6})",
                engine.budget.refused().unwrap_or_default(),
                engine.budget.spent()
            );
            stop(engine, result, why, watch);
        }
        Unsent::Store(why) => stop(engine, result, why, watch),
        Unsent::Offline => {
            result.missing.push((
                plan.case(trial).id.clone(),
                plan.candidate(trial).name.clone(),
            ));
        }
    }
}

fn stop(engine: &Engine, result: &mut Done, why: String, watch: &mut dyn Watch) {
    engine.stop.soon();
    if result.why.is_none() {
        watch.see(&Event::Stopping { why: why.clone() });
        result.why = Some(why);
    }
}
