//! The baseline's file: what a candidate made of every case once, and how it can be asked again.
//!
//! It is committed, so it is the same bytes for the same run, and a line a case, so that a diff shows the cases that moved.

use crate::plan::{Column, DatasetRef, ScorerRef, Snapshot};
use crate::source::{Problem, Source};
use crate::store::RunRow;
use crate::summary::{Asked, Trace, Tried};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The format's name and version.
pub const SCHEMA: &str = "bakeoff.baseline/1";

/// A baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of bakeoff that made it.
    pub bakeoff: String,
    /// The run that it was made from.
    pub run: String,
    /// When that run was started.
    pub started: String,
    /// The suite's name.
    pub suite: String,
    /// The dataset's name and hash.
    pub dataset: DatasetRef,
    /// The scorers with the hashes of their definitions, judges and rubrics included.
    pub scorers: Vec<ScorerRef>,
    /// The scorer that decides.
    pub primary: String,
    /// How often each case was asked.
    pub repeats: u32,
    /// Date of the price table.
    pub prices: String,
    /// The candidates.
    pub candidates: Vec<Kept>,
}

/// A candidate of a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What was asked of whom, with hashes.
    pub candidate: Column,
    /// How to ask it again: the model as the suite had it, and its prompt. Never a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// What it made of every case.
    pub cases: Vec<Asked>,
}

/// A candidate as it was written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// The model: its entry in the suite.
    pub model: Value,
    /// The prompt's file; `None` where it was written in the suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The prompt's text: the file's, or the suite's entry as JSON.
    pub prompt: String,
}

impl Baseline {
    /// A baseline of some candidates of a run; `again` says how each can be asked again, by name.
    pub fn new(
        plan: &Snapshot,
        run: &RunRow,
        traces: &[Trace],
        again: &dyn Fn(&str) -> Option<Again>,
    ) -> Baseline {
        let kept = |side: &Trace| {
            let candidate = plan
                .candidates
                .iter()
                .find(|column| column.name == side.name)?;
            Some(Kept {
                candidate: candidate.clone(),
                again: again(&side.name),
                cases: side.cases.clone(),
            })
        };
        Baseline {
            schema: SCHEMA.into(),
            bakeoff: env!("CARGO_PKG_VERSION").into(),
            run: run.id.clone(),
            started: run.started.clone(),
            suite: plan.suite.clone(),
            dataset: plan.dataset.clone(),
            scorers: plan.scorers.clone(),
            primary: plan.primary.clone(),
            repeats: plan.repeats,
            prices: plan.prices.clone(),
            candidates: traces.iter().filter_map(kept).collect(),
        }
    }

    /// Reads the file.
    pub fn read(source: &Arc<Source>) -> Result<Baseline, Problem> {
        let wrong = |why: String| {
            let problem = Problem::error(format!("{} is no baseline: {why}", source.name));
            problem.help("write it again with `bakeoff baseline set`")
        };
        let found: Value = serde_json::from_str(&source.text).map_err(|e| wrong(e.to_string()))?;
        match found.get("schema").and_then(Value::as_str) {
            Some(SCHEMA) => {}
            Some(other) => return Err(wrong(format!("its schema is {other:?}, not {SCHEMA:?}"))),
            None => return Err(wrong("it has no `schema`".into())),
        }
        let baseline: Baseline = serde_json::from_value(found).map_err(|e| wrong(e.to_string()))?;
        match baseline.fault() {
            Some(fault) => Err(wrong(fault)),
            None => Ok(baseline),
        }
    }

    /// The first thing in it that no run can have written.
    fn fault(&self) -> Option<String> {
        if self.candidates.is_empty() {
            return Some("it holds no candidate".into());
        }
        if !self
            .scorers
            .iter()
            .any(|scorer| scorer.name == self.primary)
        {
            return Some(format!(
                "its primary scorer {:?} is none of its scorers",
                self.primary
            ));
        }
        let mut names = BTreeSet::new();
        for kept in &self.candidates {
            let name = &kept.candidate.name;
            if !names.insert(name) {
                return Some(format!("the candidate {name:?} is given twice"));
            }
            let mut ids = BTreeSet::new();
            for case in &kept.cases {
                let at = |what: &str| format!("case {:?} of {name}: {what}", case.id);
                if !ids.insert(&case.id) {
                    return Some(at("it is given twice"));
                }
                if let Some(fault) = case.trials.iter().find_map(impossible) {
                    return Some(at(&fault));
                }
            }
        }
        None
    }

    /// The file's text: a line a case.
    pub fn text(&self) -> String {
        let bare = Baseline {
            candidates: self
                .candidates
                .iter()
                .map(|kept| Kept {
                    cases: Vec::new(),
                    ..kept.clone()
                })
                .collect(),
            ..self.clone()
        };
        let frame = serde_json::to_string_pretty(&bare).expect("a baseline is plain data");
        // The lists of cases stand empty in the frame, in the candidates' order.
        let mut parts = frame.split("\"cases\": []");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (kept, rest) in self.candidates.iter().zip(parts) {
            text.push_str("\"cases\": [\n");
            let lines: Vec<String> = kept
                .cases
                .iter()
                .map(|case| serde_json::to_string(case).expect("a case is plain data"))
                .collect();
            text.push_str(&lines.join(",\n"));
            text.push_str("\n]");
            text.push_str(rest);
        }
        text.push('\n');
        text
    }

    /// A candidate's side.
    pub fn side(&self, name: &str) -> Option<Trace> {
        let kept = self
            .candidates
            .iter()
            .find(|kept| kept.candidate.name == name)?;
        Some(Trace {
            name: name.to_owned(),
            cases: kept.cases.clone(),
        })
    }

    /// Scorers of the run that the baseline has in another form, or not at all.
    pub fn changed_scorers(&self, now: &[ScorerRef]) -> Vec<String> {
        let same = |scorer: &&ScorerRef| {
            let old = self.scorers.iter().find(|old| old.name == scorer.name);
            old.is_none_or(|old| old.hash != scorer.hash)
        };
        now.iter()
            .filter(same)
            .map(|scorer| scorer.name.clone())
            .collect()
    }
}

/// A number of a trial that no trial has.
fn impossible(trial: &Tried) -> Option<String> {
    let out = |score: &f64| !(0.0..=1.0).contains(score);
    let mut scores = trial.scores.iter();
    let score = scores.find_map(|(name, score)| Some((name, score.filter(out)?)));
    if let Some((name, score)) = score {
        return Some(format!("score {score} by {name} is out of range (0 to 1)"));
    }
    let amounts = [
        ("cost_usd", trial.cost_usd),
        ("latency_ms", trial.latency_ms),
        ("first_token_ms", trial.first_token_ms),
    ];
    let (name, value) = amounts.into_iter().find_map(|(name, value)| {
        let below = |value: &f64| !value.is_finite() || *value < 0.0;
        Some((name, value.filter(below)?))
    })?;
    Some(format!("{name} {value} is out of range"))
}
