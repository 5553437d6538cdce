//! Money, tokens and times of one candidate.

use super::matrix::{Matrix, answer};
use super::{CostCell, CostCheck, Latency, Tokens};
use crate::provider::Reply;
use crate::stats::{mean, moments, quantile};
use crate::store::{Attempt, Record};
use std::collections::BTreeMap;

const CONFIDENCE: f64 = 0.95;

pub(super) fn money(
    matrix: &Matrix<'_>,
    index: usize,
    answering: &[(&Record, &Reply, &Attempt)],
) -> CostCell {
    let known: Vec<f64> = answering
        .iter()
        .filter_map(|(record, _, _)| record.answer_cost())
        .collect();
    // What a case costs counts the answers that a chain paid for and passed over.
    let whole = answering.iter();
    let whole: Vec<f64> = whole
        .filter_map(|(record, ..)| record.whole_cost())
        .collect();
    let answers = (!known.is_empty()).then(|| sum(known.iter().copied()));
    let ids: std::collections::HashSet<&str> = matrix.cells[index]
        .iter()
        .map(|cell| cell.trial.as_str())
        .collect();
    let own = matrix.cells[index].iter().filter_map(|cell| cell.record);
    let spoilt = own.flat_map(|record| record.attempts.iter().filter(|attempt| attempt.wasted()));
    // What a route asked for and did not take is a part of how it works, not waste.
    let routed = matrix.plan.candidates[index].route.is_some();
    let (over, spoilt): (Vec<&Attempt>, Vec<&Attempt>) =
        spoilt.partition(|attempt| routed && attempt.passed.is_some());
    let over: Vec<Option<f64>> = over.into_iter().map(Attempt::whole_cost).collect();
    let loose = matrix
        .stored
        .loose
        .iter()
        .filter(|(trial, _)| ids.contains(trial.as_str()))
        .map(|(_, attempt)| attempt);
    let spoilt: Vec<Option<f64>> = spoilt
        .into_iter()
        .chain(loose)
        .map(|attempt| Some(attempt.cost.as_ref()?.usd))
        .collect();
    let judges = matrix
        .stored
        .judges
        .values()
        .filter(|judge| judge.judged.as_deref().is_some_and(|id| ids.contains(id)));
    let judges: Vec<Option<f64>> = judges
        .flat_map(|judge| &judge.attempts)
        .map(|attempt| Some(attempt.cost.as_ref()?.usd))
        .collect();
    let range = range(matrix, index);
    CostCell {
        low: range.map(|range| range.0),
        high: range.map(|range| range.1),
        answers,
        waste: total(&spoilt),
        passed_over: if routed { total(&over) } else { None },
        judges: if judges.is_empty() {
            None
        } else {
            total(&judges)
        },
        per_case: (!whole.is_empty()).then(|| sum(whole.iter().copied()) / whole.len() as f64),
    }
}

/// The 95 % interval of the mean cost of a case, over the cases whose cost is known; none where all cost the same.
fn range(matrix: &Matrix<'_>, index: usize) -> Option<(f64, f64)> {
    let mut paid: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for cell in &matrix.cells[index] {
        let record = cell.record.filter(|record| answer(record).is_some());
        if let Some(usd) = record.and_then(Record::whole_cost) {
            paid.entry(cell.case).or_default().push(usd);
        }
    }
    let means = paid
        .values()
        .map(|all| sum(all.iter().copied()) / all.len() as f64);
    let costs: Vec<f64> = means.collect();
    if moments::constant(&costs) {
        return None;
    }
    let cases: Vec<usize> = paid.into_keys().collect();
    let groups = matrix.groups_of(&cases);
    let seed = matrix.seed(&["cost", &matrix.plan.candidates[index].id]);
    let found = mean::of_scores(&costs, groups.as_deref(), CONFIDENCE, seed)?;
    found.estimate.low.zip(found.estimate.high)
}

/// What the provider stated beside what the table makes of it, over the answers that have both.
pub(super) fn cost_check(answering: &[(&Record, &Reply, &Attempt)]) -> Option<CostCheck> {
    let records = answering.iter().map(|(record, ..)| *record);
    let kept = records.flat_map(|record| record.attempts.iter().filter(|it| !it.wasted()));
    let both = kept.filter_map(|attempt| {
        let cost = attempt.cost.as_ref()?;
        Some((cost.usd, cost.table_usd?))
    });
    let both: Vec<(f64, f64)> = both.collect();
    (!both.is_empty()).then(|| CostCheck {
        stated: sum(both.iter().map(|cost| cost.0)),
        table: sum(both.iter().map(|cost| cost.1)),
        n: both.len(),
    })
}

/// The sum, or nothing if one of them is unknown: a lower bound must not pass for a total.
pub(super) fn total(costs: &[Option<f64>]) -> Option<f64> {
    costs
        .iter()
        .copied()
        .collect::<Option<Vec<f64>>>()
        .map(|known| sum(known.into_iter()))
}

/// A sum in whole pico-dollars, so that it does not depend on rounding along the way.
fn sum(costs: impl Iterator<Item = f64>) -> f64 {
    costs.map(|usd| (usd * 1e12).round() as i128).sum::<i128>() as f64 / 1e12
}

pub(super) fn tokens(replies: &[(&Record, &Reply)]) -> Tokens {
    let sum = |of: fn(&Reply) -> Option<u64>| {
        let stated: Vec<u64> = replies.iter().filter_map(|(_, reply)| of(reply)).collect();
        (!stated.is_empty()).then(|| stated.iter().sum())
    };
    Tokens {
        input: sum(|reply| reply.usage.input),
        output: sum(|reply| reply.usage.output),
        cached_input: sum(|reply| reply.usage.cached_input),
        reasoning: sum(|reply| reply.usage.reasoning),
    }
}

pub(super) fn times(values: impl Iterator<Item = f64>, replies: usize) -> Latency {
    let values: Vec<f64> = values.collect();
    Latency {
        p50: quantile::estimate(&values, 0.5, CONFIDENCE),
        p95: quantile::estimate(&values, 0.95, CONFIDENCE),
        n: values.len(),
        excluded: replies - values.len(),
    }
}
