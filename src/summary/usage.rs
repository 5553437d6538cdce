//! What was spent, over many runs: requests, tokens and money by day, model and key.
//!
//! Only what this store's runs sent counts: not what was recorded elsewhere, and an answer from the cache
//! counts once, in the run that asked for it.

use crate::plan::{Column, Snapshot};
use crate::store::{Attempt, InFlight, Origin, Record, Stored};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// All that was spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Always `bakeoff.usage/1`.
    pub schema: String,
    /// The first day that counts; null for all.
    pub since: Option<String>,
    /// Runs that sent anything.
    pub runs: usize,
    /// By day, model and key, in this order.
    pub rows: Vec<Spent>,
    /// The sum of all rows.
    pub total: Spent,
    /// Requests whose end nobody saw, since the process was ended: possibly billed, and in no row.
    pub open: Open,
}

/// Requests whose end nobody saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// How many.
    pub requests: usize,
    /// The most they can have cost, USD; null if one of them has no price.
    pub worst_usd: Option<f64>,
}

/// What was spent on one day on one model with one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// The day that the run was started, UTC.
    pub day: String,
    /// The model, `provider/name`.
    pub model: String,
    /// The environment variable of its key; null where none was used, or a run of an older version did not say.
    pub key: Option<String>,
    /// Attempts that brought an answer.
    pub answers: Part,
    /// Attempts that failed or were passed over.
    pub waste: Part,
    /// All that judges were asked.
    pub judges: Part,
}

/// Some requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// How many.
    pub requests: usize,
    /// Input tokens, as far as stated.
    pub input_tokens: u64,
    /// Output tokens, as far as stated.
    pub output_tokens: u64,
    /// What they cost, USD; null if that is not known of one of them.
    pub usd: Option<f64>,
    /// What those of known cost cost, USD.
    pub known_usd: f64,
    /// Requests of unknown cost.
    pub unknown: usize,
}

impl Part {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Part) -> Part {
        let mut sum = Part {
            requests: self.requests + other.requests,
            input_tokens: self.input_tokens + other.input_tokens,
            output_tokens: self.output_tokens + other.output_tokens,
            // in whole pico-dollars, so that the order does not matter
            known_usd: ((self.known_usd * 1e12).round() + (other.known_usd * 1e12).round()) / 1e12,
            unknown: self.unknown + other.unknown,
            usd: None,
        };
        sum.usd = (sum.unknown == 0).then_some(sum.known_usd);
        sum
    }

    fn of(attempt: &Attempt) -> Part {
        let usage = attempt.usage.as_ref();
        let usd = attempt.cost.as_ref().map(|cost| cost.usd);
        Part {
            requests: 1,
            input_tokens: usage.and_then(|usage| usage.input).unwrap_or(0),
            output_tokens: usage.and_then(|usage| usage.output).unwrap_or(0),
            usd,
            known_usd: usd.unwrap_or(0.0),
            unknown: usize::from(usd.is_none()),
        }
    }
}

impl Spent {
    /// Answers, waste and judges together.
    pub fn all(&self) -> Part {
        self.answers.and(self.waste).and(self.judges)
    }

    /// Takes another's figures in.
    pub fn take(&mut self, other: &Spent) {
        self.answers = self.answers.and(other.answers);
        self.waste = self.waste.and(other.waste);
        self.judges = self.judges.and(other.judges);
    }
}

/// Adds up runs, one after another.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: BTreeMap<(String, String, Option<String>), Spent>,
    runs: usize,
    open: Vec<InFlight>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Answer,
    Judge,
}

impl Ledger {
    /// Adds what a run sent, and what was in flight when it was cut off.
    pub fn add(&mut self, plan: &Snapshot, stored: &Stored, open: InFlight) {
        let before = self.requests();
        let columns: HashMap<&str, &Column> = plan
            .candidates
            .iter()
            .map(|column| (column.name.as_str(), column))
            .collect();
        let day = stored.run.started.get(..10).unwrap_or_default();
        for record in stored.records.values() {
            let column = columns.get(record.candidate.as_str());
            let model = column.map_or("", |column| column.model.as_str());
            self.record(plan, day, model, record, Kind::Answer);
        }
        for record in stored.judges.values() {
            let model = judge(plan, record);
            self.record(plan, day, &model, record, Kind::Judge);
        }
        if !stored.loose.is_empty() {
            let trials = trials(plan, stored);
            for (trial, attempt) in stored.loose.iter().filter(|(_, it)| !it.adopted) {
                let model = trials.get(trial).map_or("", |column| column.model.as_str());
                self.attempt(plan, day, model, attempt, Kind::Answer, true);
            }
        }
        if self.requests() > before || open.requests > 0 {
            self.runs += 1;
        }
        self.open.push(open);
    }

    /// All that was added.
    pub fn close(self, since: Option<String>) -> Usage {
        let rows: Vec<Spent> = self.rows.into_values().collect();
        let mut total = Spent {
            answers: Part::default().and(Part::default()),
            waste: Part::default().and(Part::default()),
            judges: Part::default().and(Part::default()),
            ..Spent::default()
        };
        rows.iter().for_each(|row| total.take(row));
        let open = self.open.iter().filter(|open| open.requests > 0);
        let worst = open.clone().map(|open| open.worst_usd);
        Usage {
            schema: "bakeoff.usage/1".into(),
            since,
            runs: self.runs,
            rows,
            total,
            open: Open {
                requests: open.map(|open| open.requests).sum(),
                worst_usd: worst.sum::<Option<f64>>(),
            },
        }
    }

    fn requests(&self) -> usize {
        self.rows.values().map(|row| row.all().requests).sum()
    }

    fn record(&mut self, plan: &Snapshot, day: &str, model: &str, record: &Record, kind: Kind) {
        if matches!(record.origin, Origin::Recorded(_)) {
            return;
        }
        // Beside an answer from the cache stands what was sent in vain before it was found.
        let cached = matches!(record.origin, Origin::Cache(_));
        let own = |attempt: &&Attempt| !attempt.adopted && (!cached || attempt.wasted());
        for attempt in record.attempts.iter().filter(own) {
            self.attempt(plan, day, model, attempt, kind, attempt.wasted());
        }
    }

    fn attempt(
        &mut self,
        plan: &Snapshot,
        day: &str,
        model: &str,
        attempt: &Attempt,
        kind: Kind,
        wasted: bool,
    ) {
        let model = attempt.at.as_ref().map_or(model, |at| at.model.as_str());
        let key = plan.keys.get(model).cloned();
        let place = (day.to_owned(), model.to_owned(), key.clone());
        let row = self.rows.entry(place).or_insert_with(|| Spent {
            day: day.to_owned(),
            model: model.to_owned(),
            key,
            answers: Part::default().and(Part::default()),
            waste: Part::default().and(Part::default()),
            judges: Part::default().and(Part::default()),
        });
        let part = match (kind, wasted) {
            (Kind::Judge, _) => &mut row.judges,
            (Kind::Answer, true) => &mut row.waste,
            (Kind::Answer, false) => &mut row.answers,
        };
        *part = part.and(Part::of(attempt));
    }
}

/// Who was asked to judge: the run's only judge, else what served the reply.
fn judge(plan: &Snapshot, record: &Record) -> String {
    let mut models: Vec<&str> = plan
        .judges
        .values()
        .flat_map(|judge| judge.models.iter().map(String::as_str))
        .collect();
    models.sort_unstable();
    models.dedup();
    let served = match &record.outcome {
        crate::store::Outcome::Answered(reply) => reply.served_model.as_deref(),
        crate::store::Outcome::Failed(_) => None,
    };
    let named = served.and_then(|served| models.iter().find(|it| it.ends_with(served)));
    match (models.as_slice(), named, served) {
        ([one], _, _) => (*one).to_owned(),
        (_, Some(named), _) => (*named).to_owned(),
        (_, None, Some(served)) => served.to_owned(),
        (_, None, None) => String::new(),
    }
}

/// The candidates of all trials that the run planned.
fn trials<'a>(plan: &'a Snapshot, stored: &Stored) -> HashMap<String, &'a Column> {
    let cases = stored.cases.iter();
    let each = cases.flat_map(|case| {
        plan.candidates.iter().flat_map(move |column| {
            (0..plan.repeats).map(move |repeat| (plan.trial_id(case, column, repeat), column))
        })
    });
    each.collect()
}
