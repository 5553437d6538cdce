//! The writer thread: takes notes, commits all that wait as one group, then answers each.
//!
//! After the first failure nothing is written any more: every later note gets the same error, so
//! that the engine stops sending instead of paying for replies that cannot be kept.

use super::record::{Note, Record, RunRow};
use super::{Outcome, Preference, Scored, StoreError, served};
use crate::dataset::Dataset;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

type Answer = Result<(), StoreError>;
type Job = (Note, oneshot::Sender<Answer>);

/// Notes committed at once, at the most: bounds memory and the wait of the first.
const GROUP: usize = 512;

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: String,
}

/// Resolves once the note is on disk, or cannot be.
pub struct Ack {
    answer: oneshot::Receiver<Answer>,
    path: String,
}

impl Ack {
    /// Waits without async.
    pub fn wait(self) -> Result<(), StoreError> {
        let path = self.path;
        self.answer
            .blocking_recv()
            .unwrap_or_else(|_| Err(gone(path)))
    }
}

impl Future for Ack {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|answer| answer.unwrap_or_else(|_| Err(gone(self.path.clone()))))
    }
}

fn gone(path: String) -> StoreError {
    StoreError {
        what: "write",
        path,
        why: "its writer has stopped".into(),
    }
}

impl Writer {
    pub(super) fn start(connection: Connection, path: String) -> Writer {
        let (jobs, queue) = mpsc::channel();
        let name = path.clone();
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || work(connection, &queue, &name))
            .expect("the system can start a thread");
        Writer {
            jobs: Some(jobs),
            thread: Some(thread),
            path,
        }
    }

    pub(super) fn send(&self, note: Note) -> Ack {
        let (done, answer) = oneshot::channel();
        // If the thread is gone the receiver is dropped and the Ack says so.
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send((note, done));
        }
        Ack {
            answer,
            path: self.path.clone(),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(mut connection: Connection, queue: &mpsc::Receiver<Job>, path: &str) {
    let mut broken: Option<StoreError> = None;
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            match queue.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let answer = match &broken {
            Some(error) => Err(error.clone()),
            None => commit(&mut connection, &group).map_err(|e| StoreError {
                what: "write",
                path: path.to_owned(),
                why: e.to_string(),
            }),
        };
        if let Err(error) = &answer {
            broken = Some(error.clone());
        }
        for (_, done) in group {
            let _ = done.send(answer.clone());
        }
    }
}

fn commit(connection: &mut Connection, group: &[Job]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (note, _) in group {
        put(&transaction, note)?;
    }
    transaction.commit()
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the store's types are plain data and serialise")
}

fn put(to: &Transaction<'_>, note: &Note) -> rusqlite::Result<()> {
    match note {
        Note::Run(run, dataset) => put_run(to, run, dataset)?,
        Note::Intent {
            run,
            trial,
            number,
            at,
            worst_usd,
        } => {
            let sql = "INSERT INTO attempts (run, trial, number, worst_usd, body, hop, model, lane)
                       VALUES (?,?,?,?,NULL,?,?,?) ON CONFLICT (run, trial, number) DO NOTHING";
            let (hop, model, lane) = columns(at.as_deref());
            to.prepare_cached(sql)?
                .execute(params![run, trial, number, worst_usd, hop, model, lane])?;
        }
        Note::Attempt {
            run,
            trial,
            attempt,
        } => put_attempt(to, run, trial, attempt)?,
        Note::Record { run, record } => put_record(to, run, record)?,
        Note::Unsent { run, trial, number } => {
            let sql =
                "DELETE FROM attempts WHERE run = ? AND trial = ? AND number = ? AND body IS NULL";
            to.prepare_cached(sql)?
                .execute(params![run, trial, number])?;
        }
        Note::Scores { run, scores } => {
            let sql = "INSERT OR REPLACE INTO scores
                       (run, trial, scorer, definition, value, passed, why, parts) VALUES (?,?,?,?,?,?,?,?)";
            let mut statement = to.prepare_cached(sql)?;
            for Scored {
                trial,
                scorer,
                definition,
                result,
            } in scores
            {
                let (value, passed, why, parts) = match result {
                    Ok(score) => (
                        Some(score.value),
                        score.passed,
                        &score.why,
                        score.parts.as_ref(),
                    ),
                    Err(unscored) => (None, None, &unscored.0, None),
                };
                let parts = parts
                    .map(|parts| serde_json::to_string(parts).expect("numbers and texts are JSON"));
                let row = params![run, trial, scorer, definition, value, passed, why, parts];
                statement.execute(row)?;
            }
        }
        Note::Preferences { run, preferences } => {
            let sql = "INSERT OR REPLACE INTO preferences
                       (run, trial, versus, scorer, definition, body) VALUES (?,?,?,?,?,?)";
            let mut statement = to.prepare_cached(sql)?;
            for Preference {
                trial,
                versus,
                scorer,
                definition,
                result,
            } in preferences
            {
                let body = json(result);
                statement.execute(params![run, trial, versus, scorer, definition, body])?;
            }
        }
        Note::Forget { run } => {
            for table in ["runs", "attempts", "records", "scores", "preferences"] {
                let name = if table == "runs" { "id" } else { "run" };
                to.execute(&format!("DELETE FROM {table} WHERE {name} = ?"), [run])?;
            }
        }
        Note::Served(served) => served::put(to, served)?,
        Note::Ended { run, complete } => {
            to.prepare_cached("UPDATE runs SET complete = ? WHERE id = ?")?
                .execute(params![complete, run])?;
        }
    }
    Ok(())
}

/// A run's row, and its cases.
pub(super) fn put_run(
    to: &Transaction<'_>,
    run: &RunRow,
    dataset: &Dataset,
) -> rusqlite::Result<()> {
    put_cases(to, dataset)?;
    let sql = "INSERT OR REPLACE INTO runs (id, suite, started, plan, trials, complete) VALUES (?,?,?,?,?,?)";
    let row = params![
        run.id,
        run.suite,
        run.started,
        run.plan.to_string(),
        run.trials,
        run.complete
    ];
    to.prepare_cached(sql)?.execute(row).map(drop)
}

/// The cases of a dataset, once: its hash names its content.
fn put_cases(to: &Transaction<'_>, dataset: &Dataset) -> rusqlite::Result<()> {
    let known = "SELECT COUNT(*) FROM cases WHERE dataset = ?";
    let known: usize = to
        .prepare_cached(known)?
        .query_row([&dataset.hash], |row| row.get(0))?;
    if known == dataset.cases.len() {
        return Ok(());
    }
    let mut statement =
        to.prepare_cached("INSERT OR REPLACE INTO cases (dataset, position, body) VALUES (?,?,?)")?;
    for (position, case) in dataset.cases.iter().enumerate() {
        statement.execute(params![dataset.hash, position, json(case)])?;
    }
    Ok(())
}

fn put_attempt(
    to: &Transaction<'_>,
    run: &str,
    trial: &str,
    attempt: &super::Attempt,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO attempts (run, trial, number, worst_usd, body, hop, model, lane)
               VALUES (?1,?2,?3,NULL,?4,?5,?6,?7) ON CONFLICT (run, trial, number) DO UPDATE SET body = ?4";
    let (hop, model, lane) = columns(attempt.at.as_deref());
    let row = params![run, trial, attempt.number, json(attempt), hop, model, lane];
    to.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// The columns that say where an attempt was made.
fn columns(at: Option<&super::At>) -> (Option<u32>, Option<&str>, Option<&str>) {
    (
        at.map(|at| at.hop),
        at.map(|at| at.model.as_str()),
        at.map(|at| at.lane.as_str()),
    )
}

fn put_record(to: &Transaction<'_>, run: &str, record: &Record) -> rusqlite::Result<()> {
    for attempt in &record.attempts {
        put_attempt(to, run, &record.trial, attempt)?;
    }
    let (reply, failure) = match &record.outcome {
        Outcome::Answered(reply) => (Some(json(reply)), None),
        Outcome::Failed(failure) => (None, Some(json(failure))),
    };
    let sql = "INSERT OR REPLACE INTO records
               (run, trial, judged, case_id, candidate, repeat, key, origin, reply, failure, attempts)
               VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,
                 (SELECT COALESCE(MAX(number), 0) FROM attempts WHERE run = ?1 AND trial = ?2))";
    to.prepare_cached(sql)?.execute(params![
        run,
        record.trial,
        record.judged,
        record.case,
        record.candidate,
        record.repeat,
        record.key,
        json(&record.origin),
        reply,
        failure
    ])?;
    Ok(())
}
