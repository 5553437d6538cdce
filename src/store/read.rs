//! Everything that looks into the store.

use super::record::{Attempt, Origin, Outcome, Record, RunRow};
use super::{Preference, Score, Scored, Store, StoreError, Unscored};
use crate::dataset::Case;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, HashMap, HashSet};

/// All that the store has of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The run.
    pub run: RunRow,
    /// The cases that it asks, in order.
    pub cases: Vec<Case>,
    /// Cases that it would have asked, had its verdict not been certain before.
    pub left_out: Vec<Case>,
    /// Answers by trial id; a judge's calls are apart.
    pub records: BTreeMap<String, Record>,
    /// Judges' calls by their own trial id.
    pub judges: BTreeMap<String, Record>,
    /// Scores by trial id, then scorer.
    pub scores: HashMap<String, BTreeMap<String, Scored>>,
    /// What comparing scorers said of pairs of trials, by trial, versus and scorer.
    pub preferences: Vec<Preference>,
    /// Attempts of trials that have no record (yet).
    pub loose: Vec<(String, Attempt)>,
}

/// What the name of a run ends in that asks a gate's two sides again.
pub const RERUN: &str = " (gate rerun)";
/// What the name of a run ends in that asks for a port.
pub const PORT: &str = " (port)";

/// What the name of a run ends in that rehearses an outage.
pub const DRILL: &str = " (drill)";

impl RunRow {
    /// Whether it rehearses an outage: its figures are those of the faults.
    pub fn drill(&self) -> bool {
        self.suite.ends_with(DRILL)
    }

    /// Whether another command made it for a question of its own: it is found by its id, and is never the latest.
    pub fn aside(&self) -> bool {
        [RERUN, PORT, DRILL]
            .iter()
            .any(|end| self.suite.ends_with(end))
    }
}

/// Requests that were about to be sent, or were under way, when the process ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct InFlight {
    /// How many.
    pub requests: usize,
    /// The most they can have cost, USD; `None` if one of them has no price.
    pub worst_usd: Option<f64>,
}

impl Store {
    /// All runs, newest first.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        self.read(|db| {
            let sql =
                "SELECT id, suite, started, plan, trials, complete FROM runs ORDER BY id DESC";
            db.prepare(sql)?.query_map([], run_row)?.collect()
        })
    }

    /// The runs whose id starts with `prefix`, newest first; `latest` means the newest that is no [`RunRow::aside`].
    pub fn find_runs(&self, prefix: &str) -> Result<Vec<RunRow>, StoreError> {
        let runs = self.runs()?;
        if prefix == "latest" {
            return Ok(runs
                .into_iter()
                .find(|run| !run.aside())
                .into_iter()
                .collect());
        }
        Ok(runs
            .into_iter()
            .filter(|run| run.id.starts_with(prefix))
            .collect())
    }

    /// The ids of the run's trials that were answered.
    pub fn answered(&self, run: &str) -> Result<HashSet<String>, StoreError> {
        self.read(|db| {
            let sql =
                "SELECT trial FROM records WHERE run = ? AND reply IS NOT NULL AND judged IS NULL";
            db.prepare(sql)?
                .query_map([run], |row| row.get(0))?
                .collect()
        })
    }

    /// The highest attempt number of each trial of the run that has any attempt.
    pub fn attempts_made(&self, run: &str) -> Result<HashMap<String, u32>, StoreError> {
        self.read(|db| {
            let sql = "SELECT trial, MAX(number) FROM attempts WHERE run = ? GROUP BY trial";
            db.prepare(sql)?
                .query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The attempts of trials that were cut off part-way, by trial: those made since the trial last
    /// had an outcome, if it ever had one, and all turns of its conversation.
    pub fn cut_off(&self, run: &str) -> Result<HashMap<String, Vec<Attempt>>, StoreError> {
        self.read(|db| {
            let sql = "SELECT a.trial, a.body FROM attempts AS a
                       LEFT JOIN records AS r ON r.run = a.run AND r.trial = a.trial
                       WHERE a.run = ? AND a.body IS NOT NULL AND r.reply IS NULL
                         AND (json_extract(a.body, '$.turn') IS NOT NULL
                           OR (a.hop IS NOT NULL AND (r.trial IS NULL OR a.number > r.attempts)))
                       ORDER BY a.trial, a.number";
            let mut cut: HashMap<String, Vec<Attempt>> = HashMap::new();
            for row in db
                .prepare(sql)?
                .query_map([run], |row| Ok((row.get(0)?, json(row, 1)?)))?
            {
                let (trial, attempt): (String, Attempt) = row?;
                cut.entry(trial).or_default().push(attempt);
            }
            Ok(cut)
        })
    }

    /// What was in flight when the run's process ended, of trials that have no answer yet.
    pub fn in_flight(&self, run: &str) -> Result<InFlight, StoreError> {
        self.read(|db| {
            let sql = "SELECT COUNT(*), SUM(worst_usd), COUNT(worst_usd) FROM attempts AS a
                       WHERE run = ? AND body IS NULL AND NOT EXISTS (SELECT 1 FROM records AS r
                         WHERE r.run = a.run AND r.trial = a.trial AND r.reply IS NOT NULL)";
            db.query_row(sql, [run], |row| {
                let (requests, sum, priced): (usize, Option<f64>, usize) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let worst_usd = (priced == requests).then_some(sum.unwrap_or(0.0));
                Ok(InFlight {
                    requests,
                    worst_usd,
                })
            })
        })
    }

    /// USD that the run's own requests have cost. Where the cost is unknown the worst case counts;
    /// of requests whose end is unknown, no more than could be under way at once.
    pub fn spent(&self, run: &str, concurrency: u32) -> Result<f64, StoreError> {
        self.read(|db| {
            // What a cached record has beside its answer was sent: the hops of a chain before it.
            let sql = "SELECT SUM(COALESCE(json_extract(body, '$.cost.usd'), worst_usd, 0)) FROM attempts AS a
                       WHERE run = ? AND body IS NOT NULL
                         AND json_extract(body, '$.adopted') IS NULL AND NOT EXISTS (SELECT 1 FROM records AS r
                         WHERE r.run = a.run AND r.trial = a.trial AND r.origin <> '\"live\"'
                         AND (r.origin LIKE '{\"recorded\"%' OR COALESCE(json_extract(a.body, '$.failure'), json_extract(a.body, '$.passed')) IS NULL))";
            let known: Option<f64> = db.query_row(sql, [run], |row| row.get(0))?;
            let sql = "SELECT SUM(worst_usd) FROM (SELECT worst_usd FROM attempts
                       WHERE run = ? AND body IS NULL ORDER BY worst_usd DESC LIMIT ?)";
            let open: Option<f64> = db.query_row(sql, params![run, concurrency], |row| row.get(0))?;
            Ok(known.unwrap_or(0.0) + open.unwrap_or(0.0))
        })
    }

    /// One trial of a run, if it has an answer, and how many attempts it has had.
    pub fn trial(&self, run: &str, trial: &str) -> Result<(Option<Record>, u32), StoreError> {
        self.read(|db| {
            let sql = format!("{RECORDS} WHERE run = ? AND trial = ? AND reply IS NOT NULL");
            let found = db
                .prepare_cached(&sql)?
                .query_row([run, trial], record)
                .optional()?;
            let sql = "SELECT COALESCE(MAX(number), 0) FROM attempts WHERE run = ? AND trial = ?";
            let made = db
                .prepare_cached(sql)?
                .query_row([run, trial], |row| row.get(0))?;
            Ok((found, made))
        })
    }

    /// The newest reply that was asked live under this key by another run, as a cache hit.
    ///
    /// Replies of the same run do not count: which of two equal calls came first would depend on chance. Nor do those
    /// of a drill: they are as late as it made them.
    pub fn cached(&self, key: &str, run: &str) -> Result<Option<Record>, StoreError> {
        self.read(|db| {
            // Told which index to use: the order by run would tempt it to scan the whole table.
            let sql = format!(
                "{RECORDS} INDEXED BY replies_by_key
                 WHERE key = ? AND run <> ? AND reply IS NOT NULL AND origin = '\"live\"'
                   AND NOT EXISTS (SELECT 1 FROM runs WHERE id = records.run AND suite LIKE '%{DRILL}')
                 ORDER BY run DESC LIMIT 1"
            );
            let mut found = db.prepare_cached(&sql)?;
            let found = found.query_row([key, run], |row| {
                Ok((row.get::<_, String>(0)?, record(row)?))
            });
            let Some((run, mut found)) = found.optional()? else {
                return Ok(None);
            };
            let sql = "SELECT started FROM runs WHERE id = ?";
            let started = db
                .prepare_cached(sql)?
                .query_row([&run], |row| row.get(0))
                .optional()?;
            found.origin = Origin::Cache(started.unwrap_or_default());
            found.attempts = attempts(db, &run, Some(&found.trial))?
                .into_iter()
                .map(|(_, attempt)| attempt)
                .collect();
            Ok(Some(found))
        })
    }

    /// All that is known of a run, as it came from the wire: what a recording keeps.
    pub fn load(&self, run: RunRow) -> Result<Stored, StoreError> {
        self.rows(run, |_| {}, |_| {})
    }

    /// A run without what no figure and no page needs (the providers' own usage objects, what they
    /// want back): most of the bytes.
    pub fn table(&self, run: RunRow) -> Result<Stored, StoreError> {
        self.rows(run, Record::lighten, Attempt::lighten)
    }

    fn rows(
        &self,
        run: RunRow,
        each: fn(&mut Record),
        each_attempt: fn(&mut Attempt),
    ) -> Result<Stored, StoreError> {
        let dataset = run
            .plan
            .pointer("/dataset/hash")
            .and_then(|hash| hash.as_str())
            .unwrap_or_default()
            .to_owned();
        self.read(|db| {
            let sql = "SELECT body FROM cases WHERE dataset = ? ORDER BY position";
            let cases: Vec<Case> = db
                .prepare(sql)?
                .query_map([dataset], |row| json(row, 0))?
                .collect::<Result<_, _>>()?;
            let mut records = BTreeMap::new();
            let mut judges = BTreeMap::new();
            let mut statement = db.prepare(&format!("{RECORDS} WHERE run = ?"))?;
            for row in statement.query_map([&run.id], record)? {
                let mut row: Record = row?;
                each(&mut row);
                let room = if row.judged.is_some() {
                    &mut judges
                } else {
                    &mut records
                };
                room.insert(row.trial.clone(), row);
            }
            let mut loose = Vec::new();
            let mut statement = db.prepare(ATTEMPTS)?;
            let none: Option<&str> = None;
            for row in statement.query_map(params![run.id, none], trial_attempt)? {
                let (trial, mut attempt) = row?;
                each_attempt(&mut attempt);
                match records.get_mut(&trial).or_else(|| judges.get_mut(&trial)) {
                    Some(record) => record.attempts.push(attempt),
                    None => loose.push((trial, attempt)),
                }
            }
            let mut scores: HashMap<String, BTreeMap<String, Scored>> = HashMap::new();
            let sql =
                "SELECT trial, scorer, definition, value, passed, why, parts FROM scores WHERE run = ?";
            for scored in db.prepare(sql)?.query_map([&run.id], scored)? {
                let scored: Scored = scored?;
                scores
                    .entry(scored.trial.clone())
                    .or_default()
                    .insert(scored.scorer.clone(), scored);
            }
            let sql = "SELECT trial, versus, scorer, definition, body FROM preferences
                       WHERE run = ? ORDER BY trial, versus, scorer";
            let preferences = db
                .prepare(sql)?
                .query_map([&run.id], preference)?
                .collect::<Result<_, _>>()?;
            let stopped = run.plan.pointer("/early/stopped");
            let (cases, left_out) = match stopped.is_some_and(serde_json::Value::is_object) {
                true => {
                    let asked: HashSet<&String> = records.values().map(|it| &it.case).collect();
                    cases.into_iter().partition(|case| asked.contains(&case.id))
                }
                false => (cases, Vec::new()),
            };
            Ok(Stored {
                run,
                cases,
                left_out,
                records,
                judges,
                scores,
                preferences,
                loose,
            })
        })
    }
}

const RECORDS: &str = "SELECT run, trial, judged, case_id, candidate, repeat, key, origin, reply, failure FROM records";

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get(0)?,
        suite: row.get(1)?,
        started: row.get(2)?,
        plan: json(row, 3)?,
        trials: row.get(4)?,
        complete: row.get(5)?,
    })
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let outcome = if row.get_ref(8)?.as_str_or_null()?.is_some() {
        Outcome::Answered(json(row, 8)?)
    } else {
        Outcome::Failed(json(row, 9)?)
    };
    Ok(Record {
        trial: row.get(1)?,
        judged: row.get(2)?,
        case: row.get(3)?,
        candidate: row.get(4)?,
        repeat: row.get(5)?,
        key: row.get(6)?,
        origin: json(row, 7)?,
        outcome,
        attempts: Vec::new(),
    })
}

fn attempts(
    db: &Connection,
    run: &str,
    trial: Option<&str>,
) -> rusqlite::Result<Vec<(String, Attempt)>> {
    db.prepare_cached(ATTEMPTS)?
        .query_map(params![run, trial], trial_attempt)?
        .collect()
}

const ATTEMPTS: &str =
    "SELECT trial, body FROM attempts WHERE run = ?1 AND (?2 IS NULL OR trial = ?2)
    AND body IS NOT NULL ORDER BY trial, number";

fn trial_attempt(row: &Row<'_>) -> rusqlite::Result<(String, Attempt)> {
    Ok((row.get(0)?, json(row, 1)?))
}

fn scored(row: &Row<'_>) -> rusqlite::Result<Scored> {
    let (value, why): (Option<f64>, String) = (row.get(3)?, row.get(5)?);
    let result = match value {
        Some(value) => Ok(Score {
            value,
            passed: row.get(4)?,
            why,
            parts: match row.get_ref(6)?.as_str_or_null()? {
                Some(_) => Some(json(row, 6)?),
                None => None,
            },
        }),
        None => Err(Unscored(why)),
    };
    Ok(Scored {
        trial: row.get(0)?,
        scorer: row.get(1)?,
        definition: row.get(2)?,
        result,
    })
}

fn preference(row: &Row<'_>) -> rusqlite::Result<Preference> {
    Ok(Preference {
        trial: row.get(0)?,
        versus: row.get(1)?,
        scorer: row.get(2)?,
        definition: row.get(3)?,
        result: json(row, 4)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}
