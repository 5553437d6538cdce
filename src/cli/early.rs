//! Stopping early: scores each reply as it comes, and says when the gate's verdict is certain.

use super::gate::{baseline_of, rules_of, side_by_side};
use super::host::Host;
use super::load::Loaded;
use super::session::{answer, asker, score_stored};
use crate::dataset::Case;
use crate::gate::{Looks, Mode, Question, Rounds, Versus};
use crate::plan::{Plan, Snapshot};
use crate::project::Rule;
use crate::run::{Decide, Engine, Next};
use crate::score::{Answer, score};
use crate::source::Problem;
use crate::store::{Note, Outcome, Record, RunRow, StoreError, Stored};
use crate::summary::{Asked, Trace, Tried, traces, tried};
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// What a run is judged by while it goes.
pub struct Sides {
    /// Each candidate and what it is held against.
    pub pairs: Vec<(Side, Side)>,
    pub rules: Vec<Rule>,
    /// Whether replies of an earlier run are pooled with its own.
    pub pooled: bool,
    pub seed: u64,
    pub rounds: Rounds,
}

/// What is known of a candidate before the run.
pub struct Side {
    /// The candidate of the run that adds to it.
    pub asked: Option<String>,
    pub trace: Trace,
}

impl Sides {
    /// A new run against the suite's baseline.
    pub fn of_run(host: &Host, loaded: &Loaded) -> Result<Sides, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let plan = &loaded.snapshot;
        let rules = rules_of(&loaded.project, &plan.primary);
        let followed = |rule: &&Rule| matches!(rule, Rule::Scorer(_));
        if !rules.iter().any(|rule| followed(&rule)) {
            let problem = loaded.project.doc.problem(
                "/gate/rules",
                "--early-stop has nothing to follow: no rule is about a scorer",
                "",
            );
            return Err(one(
                problem.help("add one, such as {scorer: exact, margin: 0.05}")
            ));
        }
        let baseline = baseline_of(host, &loaded.project, None)
            .map_err(|problem| one(problem.help("--early-stop holds the run against it")))??;
        let changed = baseline.changed_scorers(&plan.scorers);
        let ruled = rules.iter().filter_map(|rule| match rule {
            Rule::Scorer(rule) if changed.contains(&rule.scorer) => Some(&rule.scorer),
            _ => None,
        });
        if let Some(scorer) = ruled.into_iter().next() {
            let title = format!("the scorer {scorer} is not the one of the baseline");
            let help = "set a new baseline from a whole run: bakeoff run, bakeoff baseline set";
            return Err(one(Problem::error(title).help(help)));
        }
        let cases = loaded.plan.dataset.cases.iter();
        let bare: Vec<Asked> = cases.map(unasked).collect();
        let own = plan.candidates.iter().map(|column| Trace {
            name: column.name.clone(),
            cases: bare.clone(),
        });
        let some = !plan.chosen.models.is_empty();
        let pairs = side_by_side(own.collect(), &baseline, some)?;
        let pairs = pairs.into_iter().map(|(now, before)| {
            let asked = Some(now.name.clone());
            let trace = before.unwrap_or_default();
            (Side { asked, trace: now }, Side { asked: None, trace })
        });
        Ok(Sides {
            pairs: pairs.collect(),
            rules,
            pooled: false,
            seed: plan.seed,
            rounds: rounds(&loaded.plan),
        })
    }
}

/// The order in which a plan asks its cases.
pub fn rounds(plan: &Plan) -> Rounds {
    let cases = plan.dataset.cases.iter();
    let cases = cases.map(|case| (case.id.as_str(), case.group.as_deref()));
    Rounds::new(plan.seed, cases)
}

/// A case of which nothing is known yet.
fn unasked(case: &Case) -> Asked {
    Asked {
        id: case.id.clone(),
        hash: case.content(),
        group: case.group.clone(),
        trials: Vec::new(),
    }
}

/// Where a trial stands: pair, whether it is the baseline's, case, and which of the case's trials.
type Slot = (usize, bool, usize, usize);

/// Follows a run.
pub struct Follow<'a> {
    loaded: &'a Loaded,
    engine: &'a Engine,
    cases: HashMap<String, Case>,
    slots: HashMap<String, Vec<Slot>>,
    seen: Mutex<Seen>,
}

/// What is known by now.
struct Seen {
    pairs: Vec<(Trace, Trace)>,
    looks: Looks,
    certain: Option<String>,
}

impl Seen {
    fn look(&mut self) {
        let pairs = versus(&self.pairs);
        self.looks.look(&pairs);
        if self.certain.is_none() {
            self.certain = self.looks.certain(&pairs);
        }
    }
}

fn versus(pairs: &[(Trace, Trace)]) -> Vec<Versus<'_>> {
    let versus = |(now, before)| Versus {
        now,
        before: Some(before),
    };
    pairs
        .iter()
        .map(|(now, before)| versus((now, before)))
        .collect()
}

impl<'a> Follow<'a> {
    /// From what the store has of the run; what is not scored yet is scored first.
    pub async fn new(
        loaded: &'a Loaded,
        engine: &'a Engine,
        row: &RunRow,
        sides: &Sides,
    ) -> Result<Follow<'a>, StoreError> {
        score_stored(loaded, engine, row).await?;
        let mut stored = engine.store.table(row.clone())?;
        // What failed is asked again, so nothing is known of it.
        let answered = |record: &Record| matches!(record.outcome, Outcome::Answered(_));
        stored.records.retain(|_, record| answered(record));
        let plan = &loaded.snapshot;
        let own = traces(plan, &stored);
        let mut slots: HashMap<String, Vec<Slot>> = HashMap::new();
        let mut pairs = Vec::new();
        for (index, (now, before)) in sides.pairs.iter().enumerate() {
            let mut made = |side: &Side, is_old: bool| {
                let places = |case, trial| (index, is_old, case, trial);
                extend(side, plan, &stored, &own, |id, case, trial| {
                    slots.entry(id).or_default().push(places(case, trial));
                })
            };
            pairs.push((made(now, false), made(before, true)));
        }
        let looks = Looks::new(&Question {
            rules: &sides.rules,
            mode: Mode::Commit,
            pairs: versus(&pairs),
            changed_scorers: Vec::new(),
            pooled: sides.pooled,
            seed: sides.seed,
            runs_a_month: 0.0,
            rounds: Some(sides.rounds.clone()),
        });
        let mut seen = Seen {
            pairs,
            looks,
            certain: None,
        };
        seen.look();
        let cases = stored.cases.into_iter();
        Ok(Follow {
            loaded,
            engine,
            cases: cases.map(|case| (case.id.clone(), case)).collect(),
            slots,
            seen: Mutex::new(seen),
        })
    }

    async fn scores(&self, record: &Record) -> BTreeMap<String, Option<f64>> {
        let cases = self.cases.iter().map(|(id, case)| (id.as_str(), case));
        let cases = cases.filter(|(id, _)| *id == record.case).collect();
        let Some(answer) = answer(record, &cases) else {
            return BTreeMap::new();
        };
        let about = |_: &Answer<'_>| asker(self.engine, &self.loaded.plan, record);
        let at_once = self.loaded.plan.limits.concurrency as usize;
        let scores = score([answer], &self.loaded.scorers, &about, at_once).await;
        let own = |scorer: &str| {
            let mut known = self.loaded.snapshot.scorers.iter();
            known.any(|it| it.name == scorer)
        };
        let values = scores.iter().filter(|scored| own(&scored.scorer));
        let values = values.map(|scored| {
            let value = scored.result.as_ref().ok().map(|score| score.value);
            (scored.scorer.clone(), value)
        });
        let values = values.collect();
        let run = self.engine.run.clone();
        // The pass at the end scores what could not be kept now.
        let _ = self.engine.store.write(Note::Scores { run, scores }).await;
        values
    }
}

impl Decide for Follow<'_> {
    fn next(&self) -> Next {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match &seen.certain {
            Some(why) => Next::Enough(why.clone()),
            None => Next::GoOn,
        }
    }

    fn stored<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(slots) = self.slots.get(&record.trial) else {
                return;
            };
            let scores = self.scores(record).await;
            let trial = tried(Some(record), scores);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            for (pair, is_old, case, at) in slots {
                let (now, before) = &mut seen.pairs[*pair];
                let side = if *is_old { before } else { now };
                side.cases[*case].trials[*at] = trial.clone();
            }
            seen.look();
        })
    }
}

/// A side with room for the trials of this run; `place` is told where each will stand.
fn extend(
    side: &Side,
    plan: &Snapshot,
    stored: &Stored,
    own: &[Trace],
    mut place: impl FnMut(String, usize, usize),
) -> Trace {
    let mut trace = side.trace.clone();
    let column = plan
        .candidates
        .iter()
        .position(|column| Some(&column.name) == side.asked.as_ref());
    let Some(column) = column else {
        return trace;
    };
    let fresh = stored.cases.iter().zip(&own[column].cases);
    let fresh: HashMap<&str, (&Case, &Asked)> = fresh
        .map(|(case, asked)| (case.id.as_str(), (case, asked)))
        .collect();
    for (at, case) in trace.cases.iter_mut().enumerate() {
        let Some((whole, asked)) = fresh
            .get(case.id.as_str())
            .filter(|(_, it)| it.hash == case.hash)
        else {
            continue;
        };
        for repeat in 0..plan.repeats {
            let id = plan.trial_id(whole, &plan.candidates[column], repeat);
            place(id, at, case.trials.len());
            let known = asked.trials.get(repeat as usize);
            case.trials.push(known.cloned().unwrap_or_else(|| Tried {
                missing: Some("unsent".into()),
                ..Tried::default()
            }));
        }
    }
    trace
}
