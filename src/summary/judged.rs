//! What is known of a judge beside its scores: how many votes a panel is worth, whether it was held
//! against people, and what its scores are once that is reckoned in.

use super::matrix::Matrix;
use super::{JudgeCell, RawScore, ScoreCell};
use crate::calibration::Calibration;
use crate::plan::{JudgeRef, short_hash};
use crate::provider::Reply;
use crate::stats::ranks;
use crate::store::{Outcome, Record};
use std::collections::HashMap;

const CONFIDENCE: f64 = 0.95;

/// A hash of what a model said, by which a label finds its answer again.
pub fn answer_hash(reply: &Reply) -> String {
    let calls: Vec<String> = reply
        .tool_calls
        .iter()
        .map(|call| format!("{} {}", call.name, call.arguments))
        .collect();
    let refusal = reply.refusal.clone().unwrap_or_default();
    short_hash(&[&reply.text, &refusal, &calls.join("\n")])[..16].to_owned()
}

/// Adds to a candidate's cell what is known of its judge, and corrects it where labels allow. Says why
/// where a calibration is there and does not help.
pub(super) fn judged(
    matrix: &Matrix<'_>,
    candidate: usize,
    scorer: &str,
    cell: &mut ScoreCell,
) -> Option<String> {
    let judge = matrix.plan.judges.get(scorer)?;
    let calibration = judge.calibrated();
    cell.judge = Some(JudgeCell {
        calibrated: calibration.is_some_and(Calibration::usable),
        agreement: calibration.map(|it| it.agreement.percent.value),
        n_labels: calibration.map_or(0, |it| it.labels),
        n_eff: None,
    });
    let (calibration, value) = (calibration?, cell.value?);
    let (labelled, rest) = apart(matrix, candidate, scorer, calibration);
    match calibration.correct(&labelled, &rest, CONFIDENCE) {
        Ok(found) => {
            let raw = RawScore {
                value,
                low: cell.low,
                high: cell.high,
                method: cell.method.clone(),
            };
            cell.raw = Some(raw);
            cell.value = Some(found.estimate.value);
            (cell.low, cell.high) = (found.estimate.low, found.estimate.high);
            cell.method = found.method.to_owned();
            None
        }
        Err(why) => {
            let name = &matrix.plan.candidates[candidate].name;
            Some(format!(
                "{name}: {scorer} is the judge's raw score, not corrected by its {} labels: {why}",
                calibration.labels
            ))
        }
    }
}

/// A case's answers with and without labels.
type Apart = (Vec<(f64, f64)>, Vec<f64>);

/// The judge's scores by case, those with labels of these very answers apart.
fn apart(matrix: &Matrix<'_>, candidate: usize, scorer: &str, calibration: &Calibration) -> Apart {
    let labels: HashMap<(&str, u32, &str), f64> = calibration
        .rated
        .iter()
        .map(|it| {
            (
                (it.case.as_str(), it.repeat, it.answer.as_str()),
                it.label(),
            )
        })
        .collect();
    let by_case = matrix.by_case(candidate, scorer);
    let mut people: Vec<Vec<f64>> = vec![Vec::new(); by_case.len()];
    for cell in &matrix.cells[candidate] {
        let Some((record, reply)) = cell.record.and_then(|it| Some((it, reply(it)?))) else {
            continue;
        };
        let hash = answer_hash(reply);
        let key = (record.case.as_str(), record.repeat, hash.as_str());
        people[cell.case].extend(labels.get(&key));
    }
    let (mut labelled, mut rest) = (Vec::new(), Vec::new());
    for (judge, people) in by_case.into_iter().zip(people) {
        match (judge, people.as_slice()) {
            (None, _) => {}
            (Some(judge), []) => rest.push(judge),
            (Some(judge), all) => {
                labelled.push((all.iter().sum::<f64>() / all.len() as f64, judge));
            }
        }
    }
    (labelled, rest)
}

fn reply(record: &Record) -> Option<&Reply> {
    match &record.outcome {
        Outcome::Answered(reply) => Some(reply),
        Outcome::Failed(_) => None,
    }
}

/// How many independent votes a panel is worth: J/(1 + (J-1)ρ̄), ρ̄ the mean correlation of its members'
/// votes over all answers that all of them judged (no less than 0). `None` for a single judge, or where
/// nothing varies.
pub(super) fn effective_votes(matrix: &Matrix<'_>, scorer: &str, judge: &JudgeRef) -> Option<f64> {
    let members = judge.models.iter();
    let names: Vec<String> = members.map(|model| format!("{scorer}@{model}")).collect();
    if names.len() < 2 {
        return None;
    }
    let mut votes = vec![Vec::new(); names.len()];
    for cell in matrix.cells.iter().flatten() {
        let Some(scores) = matrix.stored.scores.get(&cell.trial) else {
            continue;
        };
        let row = names
            .iter()
            .map(|name| Some(scores.get(name)?.result.as_ref().ok()?.value));
        let row: Option<Vec<f64>> = row.collect();
        for (votes, value) in votes.iter_mut().zip(row.into_iter().flatten()) {
            votes.push(value);
        }
    }
    votes_worth(&votes)
}

fn votes_worth(votes: &[Vec<f64>]) -> Option<f64> {
    let pairs = (0..votes.len()).flat_map(|i| (i + 1..votes.len()).map(move |j| (i, j)));
    let between =
        |(i, j): (usize, usize)| Some(ranks::pearson(&votes[i], &votes[j], CONFIDENCE)?.r);
    let known: Vec<f64> = pairs
        .filter_map(between)
        .filter(|r| r.is_finite())
        .collect();
    if known.is_empty() {
        return None;
    }
    let rho = (known.iter().sum::<f64>() / known.len() as f64).max(0.0);
    let members = votes.len() as f64;
    Some(members / (1.0 + (members - 1.0) * rho))
}

#[cfg(test)]
mod tests {
    use super::votes_worth;

    #[test]
    fn echoes_are_one_vote_and_strangers_are_many() {
        let a: Vec<f64> = (0..64).map(|i| f64::from(i & 1)).collect();
        let b: Vec<f64> = (0..64).map(|i| f64::from(i >> 1 & 1)).collect();
        let c: Vec<f64> = (0..64).map(|i| f64::from(i >> 2 & 1)).collect();
        let same = votes_worth(&[a.clone(), a.clone(), a.clone()]).unwrap();
        assert!((same - 1.0).abs() < 1e-9);
        let apart = votes_worth(&[a.clone(), b, c]).unwrap();
        assert!((apart - 3.0).abs() < 1e-9);
        assert_eq!(votes_worth(&[vec![1.0; 5], vec![1.0; 5]]), None);
    }
}
