//! One candidate's results case by case, as a comparison needs them: from a run, or from a baseline's file.

use super::matrix::{Matrix, odd};
use crate::plan::Snapshot;
use crate::store::{Origin, Outcome, Record, Stored};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a candidate made of every case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// The candidate's name.
    pub name: String,
    /// The cases, in the dataset's order.
    pub cases: Vec<Asked>,
}

/// What a candidate made of one case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The case's id.
    pub id: String,
    /// Hash of its content: variables and target.
    pub hash: String,
    /// Its cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// One a repeat.
    pub trials: Vec<Tried>,
}

/// One trial: a time or a cost that is not known is not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tried {
    /// Kind of the failure, if it failed; `unsent` if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Scores by scorer; null where the answer could not be scored.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Option<f64>>,
    /// The answer was a refusal, or filtered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// The token limit cut it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// It had neither text nor tool call.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
    /// Cost of the answer, USD: of a conversation, all its turns; of a chain, with those passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// The successful attempt from sent to end; never a cached reply's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
    /// From sent to the first token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<f64>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
}

/// Every candidate of a run, in the suite's order.
pub fn traces(plan: &Snapshot, stored: &Stored) -> Vec<Trace> {
    let matrix = Matrix::new(plan, stored);
    let columns = plan.candidates.iter().zip(&matrix.cells);
    let trace = |(column, cells): (&crate::plan::Column, &Vec<super::matrix::Cell<'_>>)| {
        let mut cases: Vec<Asked> = stored
            .cases
            .iter()
            .map(|case| Asked {
                id: case.id.clone(),
                hash: case.content(),
                group: case.group.clone(),
                trials: Vec::new(),
            })
            .collect();
        for cell in cells {
            let scores = stored.scores.get(&cell.trial).into_iter().flatten();
            let known = |name: &str| plan.scorers.iter().any(|scorer| scorer.name == name);
            let scores = scores.filter(|(name, _)| known(name));
            let scores = scores
                .map(|(name, scored)| {
                    let value = scored.result.as_ref().ok().map(|score| score.value);
                    (name.clone(), value)
                })
                .collect();
            cases[cell.case].trials.push(tried(cell.record, scores));
        }
        Trace {
            name: column.name.clone(),
            cases,
        }
    };
    columns.map(trace).collect()
}

/// A trial as it stands in a trace; `None` is one that was not asked.
pub fn tried(record: Option<&Record>, scores: BTreeMap<String, Option<f64>>) -> Tried {
    let Some(record) = record else {
        return Tried {
            missing: Some("unsent".into()),
            ..Tried::default()
        };
    };
    let reply = match &record.outcome {
        Outcome::Answered(reply) => reply,
        Outcome::Failed(failure) => {
            return Tried {
                missing: Some(failure.kind.name().into()),
                ..Tried::default()
            };
        }
    };
    let attempt = record.answering();
    let times = attempt
        .filter(|_| !matches!(record.origin, Origin::Cache(_)))
        .map(|attempt| attempt.times);
    let [refused, cut, empty] = odd(reply);
    Tried {
        missing: None,
        scores,
        refused,
        cut,
        empty,
        cost_usd: record.whole_cost(),
        latency_ms: times.map(|times| times.latency()),
        first_token_ms: times.and_then(|times| times.to_first_token()),
        output_tokens: reply.usage.output,
    }
}
