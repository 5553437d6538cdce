//! What a cascade asks about an answer before it stands: does it pass a scorer of the suite? Scorers
//! are another room's; the command line joins them.

use super::engine::Engine;
use super::exchange::since;
use super::job::Job;
use crate::policy::Verdict;
use crate::provider::Reply;
use crate::store::{Attempt, Checked};
use futures_util::future::BoxFuture;
use tokio::time::Instant;

/// An answer that a scorer is asked about.
pub struct Asking<'a> {
    /// The trial's id.
    pub trial: &'a str,
    /// The case's id.
    pub case: &'a str,
    /// The candidate's name.
    pub candidate: &'a str,
    /// The scorer's name.
    pub scorer: &'a str,
    /// The answer.
    pub reply: &'a Reply,
    /// The attempt that brought it.
    pub attempt: Option<&'a Attempt>,
}

/// Says whether an answer passes a scorer of the suite; a judge is asked through the engine.
pub trait Grade: Send + Sync {
    /// The verdict, and what it cost, USD (`None`: unknown).
    fn grade<'a>(
        &'a self,
        engine: &'a Engine,
        asking: Asking<'a>,
    ) -> BoxFuture<'a, (Verdict, Option<f64>)>;
}

impl Engine {
    /// What the scorer that this hop's check names says of an answer; nothing where none is named.
    pub(super) async fn graded(
        &self,
        job: &Job<'_>,
        hop: usize,
        reply: &Reply,
        attempt: Option<&Attempt>,
    ) -> Option<Checked> {
        let scorer = job.policy.scorer(hop)?;
        let Some(grade) = &self.grade else {
            let verdict = Verdict::scored(scorer, Err("there is no scorer here"));
            let (ms, usd) = (0.0, Some(0.0));
            return Some(Checked { verdict, ms, usd });
        };
        let begun = Instant::now();
        let asking = Asking {
            trial: &job.trial,
            case: &job.case,
            candidate: &job.candidate,
            scorer,
            reply,
            attempt,
        };
        let (verdict, usd) = grade.grade(self, asking).await;
        Some(Checked {
            verdict,
            ms: since(begun),
            usd,
        })
    }
}
