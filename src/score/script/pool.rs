//! Workers of one program: as many as are needed at once, up to a number; one that crashed, was too
//! slow or broke the rules is ended, and the next question starts another.

use super::worker::{Failed, Program, Worker};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// An answer.
    pub answer: Duration,
    /// The start of the program, beside its first answer.
    pub startup: Duration,
}

/// The workers of one program.
pub(super) struct Pool {
    program: Program,
    patience: Patience,
    places: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

impl Pool {
    /// A pool in which up to `workers` run at once; none is started yet.
    pub(super) fn new(program: Program, patience: Patience, workers: usize) -> Pool {
        Pool {
            program,
            patience,
            places: Semaphore::new(workers.max(1)),
            idle: Mutex::default(),
        }
    }

    /// The answer to a line, or why there is none.
    pub(super) async fn ask(&self, line: &[u8]) -> Result<String, String> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|_| "the pool is closed")?;
        if let Some(mut worker) = self.rested() {
            match self.answer(&mut worker, line, self.patience.answer).await {
                // it was done after its last answer, which is no crash: another takes its place
                Err(Failed::Done) => {}
                result => return self.put_back(worker, result),
            }
        }
        let mut worker = Worker::start(&self.program)?;
        let patience = self.patience.answer + self.patience.startup;
        let result = self.answer(&mut worker, line, patience).await;
        self.put_back(worker, result)
    }

    async fn answer(
        &self,
        worker: &mut Worker,
        line: &[u8],
        patience: Duration,
    ) -> Result<String, Failed> {
        let answer = timeout(patience, worker.ask(line)).await;
        answer.unwrap_or_else(|_| {
            let seconds = patience.as_secs_f64();
            let why = format!(
                "the program gave no answer in {seconds} s (does it flush what it prints?)"
            );
            Err(Failed::Broken(worker.with_complaint(why)))
        })
    }

    /// A worker that waits for work.
    fn rested(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut worker = idle.pop()?;
            if worker.is_ready() {
                return Some(worker);
            }
        }
    }

    /// Keeps a worker that answered; ends any other.
    fn put_back(&self, worker: Worker, result: Result<String, Failed>) -> Result<String, String> {
        match result {
            Ok(answer) => {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.push(worker);
                Ok(answer)
            }
            Err(Failed::Done) => {
                Err(worker.with_complaint("the program ended without an answer".into()))
            }
            Err(Failed::Broken(why)) => Err(why),
        }
    }
}
