//! A matrix of a stored run: what was asked, answered, scored and paid.

use super::{Cell, Recorded, Request};
use crate::dataset::Case;
use crate::plan::{Column, Snapshot};
use crate::provider::Reply;
use crate::stats::moments;
use crate::store::{Outcome, Stored};
use crate::summary::side::sides;
use serde_json::Value;

/// What a prompt says, made from a case: the text of its user messages, all its characters and bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The text of its user messages.
    pub text: String,
    /// Characters of all its messages.
    pub characters: u64,
    /// Bytes of all its messages.
    pub bytes: usize,
}

/// The signal that answers' log probabilities are kept as.
pub const LOGPROB: &str = "logprob";

/// The candidates of a run that are single models, by one scorer; the others' results are signals. `prompt` makes the prompt
/// of a case, if it still can.
pub fn recorded(
    plan: &Snapshot,
    stored: &Stored,
    scorer: &str,
    prompt: &dyn Fn(&Case) -> Option<Prompt>,
) -> Recorded {
    let single = |index: &usize| plan.candidates[*index].hops.is_empty();
    let taking: Vec<usize> = (0..plan.candidates.len()).filter(single).collect();
    let main = sides(plan, stored, scorer);
    let others = plan.scorers.iter().map(|other| other.name.as_str());
    let others: Vec<_> = others
        .filter(|other| *other != scorer)
        .map(|other| (other, sides(plan, stored, other)))
        .collect();
    let cell = |index: usize, case: usize| {
        let side = &main[index].cells[case];
        let column = &plan.candidates[index];
        let replies = replies(plan, stored, column, &stored.cases[case]);
        let known: Vec<f64> = replies.iter().filter_map(|r| r.logprob).collect();
        let scores = others.iter().filter_map(|(name, sides)| {
            Some(((*name).to_owned(), sides[index].cells[case].score()?))
        });
        let logprob = moments::mean(&known).filter(|_| known.len() == replies.len());
        Cell {
            score: side.score(),
            cost: side.cost,
            latency: side.latency,
            first_token: first_token(plan, stored, column, &stored.cases[case]),
            signals: scores
                .chain(logprob.map(|mean| (LOGPROB.to_owned(), mean)))
                .collect(),
        }
    };
    let cases = 0..stored.cases.len();
    let cells = |index: &usize| cases.clone().map(|case| cell(*index, case)).collect();
    Recorded {
        candidates: taking
            .iter()
            .map(|c| plan.candidates[*c].name.clone())
            .collect(),
        aliases: taking
            .iter()
            .map(|c| plan.candidates[*c].model.clone())
            .collect(),
        requests: stored
            .cases
            .iter()
            .map(|case| request(case, prompt(case)))
            .collect(),
        cells: taking.iter().map(cells).collect(),
    }
}

fn request(case: &Case, prompt: Option<Prompt>) -> Request {
    let text = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        (text.len() <= 200).then(|| (name.clone(), text))
    };
    Request {
        id: case.id.clone(),
        group: case.group.clone(),
        tags: case.tags.clone(),
        columns: case.vars.iter().filter_map(text).collect(),
        characters: prompt.as_ref().map(|prompt| prompt.characters),
        tokens: prompt
            .as_ref()
            .map(|prompt| crate::policy::prompt_tokens(prompt.bytes)),
        text: prompt.map(|prompt| prompt.text),
    }
}

/// The answers of a candidate to a case, one a repeat.
pub fn replies<'a>(
    plan: &Snapshot,
    stored: &'a Stored,
    column: &Column,
    case: &Case,
) -> Vec<&'a Reply> {
    let record = |repeat| stored.records.get(&plan.trial_id(case, column, repeat));
    let answer = |repeat| match &record(repeat)?.outcome {
        Outcome::Answered(reply) => Some(reply.as_ref()),
        Outcome::Failed(_) => None,
    };
    (0..plan.repeats).filter_map(answer).collect()
}

/// Mean time to the first token of the answering attempts, ms.
fn first_token(plan: &Snapshot, stored: &Stored, column: &Column, case: &Case) -> Option<f64> {
    let record = |repeat| stored.records.get(&plan.trial_id(case, column, repeat));
    let times = (0..plan.repeats).filter_map(|repeat| {
        let attempt = record(repeat)?.answering()?;
        attempt.times.to_first_token()
    });
    moments::mean(&times.collect::<Vec<f64>>())
}
