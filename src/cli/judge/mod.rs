//! `bakeoff judge`: hold a judge against people. `label` asks a person, `calibrate` reckons.

mod calibrate;
mod label;
mod told;

use super::args::{Global, Selection};
use super::exit::Exit;
use super::host::Host;
use super::load::{Loaded, load};
use super::stored::{find, open, snapshot, trouble};
use crate::plan::{JudgeRef, Snapshot};
use crate::provider::Reply;
use crate::score::Named;
use crate::source::{Problem, did_you_mean};
use crate::store::{Outcome, Record, RunRow, Store, Stored};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::sync::Arc;

/// The command's arguments.
#[derive(Debug, Clone, Args)]
pub struct Judge {
    #[command(subcommand)]
    pub command: JudgeCommand,
}

/// What to do with a judge.
#[derive(Debug, Clone, Subcommand)]
pub enum JudgeCommand {
    /// Measure how far a judge agrees with people's labels, and keep it in scorers/NAME.calibration.json.
    Calibrate(Calibrate),
    /// Label a random sample of a run's answers, one at a time, blind to model and judge.
    Label(Label),
}

#[derive(Debug, Clone, Args)]
pub struct Calibrate {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// The judge's name among the scorers.
    #[arg(long, value_name = "NAME")]
    pub scorer: String,
    /// People's labels: CSV or JSON lines with case, label, and where needed candidate, repeat, rater.
    #[arg(long, value_name = "FILE")]
    pub labels: PathBuf,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Label {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// The judge's name among the scorers.
    #[arg(long, value_name = "NAME")]
    pub scorer: String,
    /// How many answers to label.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub n: u32,
    /// Where the labels go; what is there already is kept and not asked again.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Who labels.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub rater: String,
}

/// Runs the command.
pub fn judge(host: &Host, global: &Global, args: &Judge) -> Result<Exit, Vec<Problem>> {
    match &args.command {
        JudgeCommand::Calibrate(args) => calibrate::calibrate(host, global, args),
        JudgeCommand::Label(args) => label::label(host, global, args),
    }
}

/// A run, and the judge of today that scored it.
struct Judged {
    loaded: Loaded,
    store: Arc<Store>,
    row: RunRow,
    plan: Snapshot,
    stored: Stored,
    judge: JudgeRef,
    /// Its place among the scorers.
    at: usize,
}

impl Judged {
    /// The run and the scorer that are meant.
    fn open(host: &Host, global: &Global, run: &str, scorer: &str) -> Result<Self, Vec<Problem>> {
        let one = |problem| vec![problem];
        let loaded = load(host, global, &Selection::default())?;
        let known = &loaded.snapshot.judges;
        let Some(judge) = known.get(scorer).cloned() else {
            let title = format!("{scorer:?} is no judge of this suite");
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            let problem = match did_you_mean(scorer, names.iter().copied()) {
                Some(near) => Problem::error(title).help(format!("did you mean {near:?}?")),
                None => Problem::error(title),
            };
            return Err(vec![match names.is_empty() {
                true => problem.help("it has no scorer of the kind `judge`"),
                false => problem.help(format!("judges: {}", names.join(", "))),
            }]);
        };
        if judge.grades.is_empty() {
            let title = format!("{scorer:?} gives no grade of its own that a person could give");
            let help = "a rubric of one question can be calibrated; one of several criteria, or a pairwise \
                        one, cannot";
            return Err(vec![Problem::error(title).help(help)]);
        }
        let at = loaded.scorers.iter().position(|it| it.name == scorer);
        let at = at.expect("judges are made from the scorers");
        let store = open(&loaded.store(global)).map_err(one)?;
        let row = find(&store, run).map_err(one)?;
        let plan = snapshot(&row).map_err(one)?;
        let stored = store
            .load(row.clone())
            .map_err(|error| vec![trouble(&error)])?;
        Ok(Judged {
            loaded,
            store,
            row,
            plan,
            stored,
            judge,
            at,
        })
    }

    fn scorer(&self) -> &Named {
        &self.loaded.scorers[self.at]
    }

    /// The judge's score of an answer, if it is by the judge of today.
    fn score(&self, trial: &str) -> Option<f64> {
        let scored = self.stored.scores.get(trial)?.get(&self.scorer().name)?;
        let score = scored.result.as_ref().ok()?;
        (scored.definition == self.scorer().definition).then_some(score.value)
    }
}

/// What a model said, if it said anything.
fn reply(record: &Record) -> Option<&Reply> {
    match &record.outcome {
        Outcome::Answered(reply) => Some(reply),
        Outcome::Failed(_) => None,
    }
}
