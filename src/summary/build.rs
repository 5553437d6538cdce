//! From what the store has of a run to its summary.

use super::cells::{cost_check, money, times, tokens};
use super::contrast::contrasts;
use super::hops::hops;
use super::judged::{effective_votes, judged};
use super::matrix::{Matrix, answer, odd};
use super::pairwise::pairwise;
use super::whole::Whole;
use super::{Row, ScoreCell, Summary, Traffic};
use crate::plan::{Snapshot, Stopped};
use crate::provider::Reply;
use crate::provider::price::apart;
use crate::stats::mean;
use crate::store::{Attempt, Origin, Outcome, Record, Stored};
use std::collections::BTreeMap;

const CONFIDENCE: f64 = 0.95;

/// The summary of a run, from the store alone.
pub fn summarise(plan: &Snapshot, stored: &Stored) -> Summary {
    let matrix = Matrix::new(plan, stored);
    let mut candidates: Vec<Row> = (0..plan.candidates.len())
        .map(|index| row(&matrix, index))
        .collect();
    let raw = judges(&matrix, &mut candidates);
    let (contrasts, best, mut notes) = contrasts(&matrix, &candidates);
    notes.extend(raw);
    if !plan.drill.is_empty() {
        notes.insert(0, drill(&plan.drill));
    }
    notes.extend(plan.stopped().map(stopped));
    let answered = candidates
        .iter()
        .map(|row| row.answered + row.failed)
        .sum::<usize>();
    let planned = candidates.iter().map(|row| row.trials).sum::<usize>();
    notes.extend(caveats(&matrix, &candidates));
    Summary {
        schema: "bakeoff.summary/1".into(),
        run: stored.run.id.clone(),
        suite: plan.suite.clone(),
        complete: answered == planned,
        seed: plan.seed,
        cases: stored.cases.len(),
        repeats: plan.repeats,
        scorers: plan
            .scorers
            .iter()
            .map(|scorer| scorer.name.clone())
            .collect(),
        candidates,
        contrasts,
        best,
        pairwise: pairwise(&matrix),
        usage: traffic(&matrix),
        prices: plan.prices.clone(),
        prices_hash: plan.prices_hash.clone(),
        price_table: plan.price_table.clone(),
        repriced: None,
        recorded: recorded(stored),
        dataset: plan.dataset.hash.clone(),
        notes,
        stopped_early: plan.stopped().cloned(),
        drill: plan.drill.clone(),
    }
}

/// What a rehearsed outage means for the numbers.
fn drill(faults: &[String]) -> String {
    format!(
        "a drill, no measurement of the models: {} was injected; failures, times and costs are what came of that",
        faults.join(" and ")
    )
}

/// What a stop before the end means for the numbers.
fn stopped(at: &Stopped) -> String {
    let Stopped { cases, of, why } = at;
    format!(
        "stopped early: {cases} of {of} cases were asked, since {why}; estimates and intervals were not made for that and lean towards what was shown"
    )
}

/// Adds what is known of judges to their cells; what must be said beside them, a sentence each.
fn judges(matrix: &Matrix<'_>, rows: &mut [Row]) -> Vec<String> {
    let mut notes = Vec::new();
    for (scorer, judge) in &matrix.plan.judges {
        let votes = effective_votes(matrix, scorer, judge);
        if let Some(votes) = votes {
            let members = judge.models.len();
            notes.push(format!(
                "{scorer}: a panel of {members} judges, worth about {votes:.1} independent votes"
            ));
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let Some(cell) = row.scores.get_mut(scorer) else {
                continue;
            };
            notes.extend(judged(matrix, index, scorer, cell));
            if let Some(known) = &mut cell.judge {
                known.n_eff = votes;
            }
        }
    }
    notes
}

fn row(matrix: &Matrix<'_>, index: usize) -> Row {
    let column = &matrix.plan.candidates[index];
    let cells = &matrix.cells[index];
    let records: Vec<&Record> = cells.iter().filter_map(|cell| cell.record).collect();
    let replies: Vec<(&Record, &Reply)> = records
        .iter()
        .filter_map(|record| Some((*record, answer(record)?)))
        .collect();
    let mut failures = BTreeMap::new();
    for record in &records {
        if let Outcome::Failed(failure) = &record.outcome {
            *failures.entry(failure.kind.name().to_owned()).or_insert(0) += 1;
        }
    }
    let mut served = BTreeMap::new();
    for model in replies
        .iter()
        .filter_map(|(_, reply)| reply.served_model.clone())
    {
        *served.entry(model).or_insert(0) += 1;
    }
    let count = |which: usize| {
        replies
            .iter()
            .filter(|(_, reply)| odd(reply)[which])
            .count()
    };
    let answering: Vec<(&Record, &Reply, &Attempt)> = replies
        .iter()
        .filter_map(|(record, reply)| Some((*record, *reply, record.answering()?)))
        .collect();
    let mut cost_sources = BTreeMap::new();
    for cost in answering
        .iter()
        .filter_map(|(_, _, attempt)| attempt.cost.as_ref())
    {
        *cost_sources.entry(cost.source.clone()).or_insert(0) += 1;
    }
    // Recorded times are never mixed with live ones, and a cached reply has none.
    let live = answering
        .iter()
        .any(|(record, _, _)| record.origin == Origin::Live);
    let timed_records = answering
        .iter()
        .filter(|(record, _, _)| match record.origin {
            Origin::Live => true,
            Origin::Recorded(_) => !live,
            Origin::Cache(_) => false,
        });
    let timed: Vec<_> = timed_records
        .clone()
        .map(|(_, reply, attempt)| (reply, &attempt.times))
        .collect();
    let speeds = timed.iter().filter_map(|(reply, times)| {
        let span = (times.last_token? - times.first_token?) / 1e3;
        let tokens = reply.usage.output?.checked_sub(1)?;
        (tokens > 0 && span > 0.0).then(|| tokens as f64 / span)
    });
    Row {
        name: column.name.clone(),
        model: column.model.clone(),
        prompt: column.prompt.clone(),
        served,
        trials: cells.len(),
        answered: replies.len(),
        failed: failures.values().sum(),
        failures,
        refused: count(0),
        cut: count(1),
        empty: count(2),
        scores: scores(matrix, index),
        cost_usd: money(matrix, index, &answering),
        cost_unknown: replies.len() - cost_sources.values().sum::<usize>(),
        cost_sources,
        cost_check: cost_check(&answering),
        tokens: tokens(&replies),
        latency_ms: times(
            timed.iter().map(|(_, times)| times.latency()),
            replies.len(),
        ),
        first_token_ms: times(
            timed.iter().filter_map(|(_, times)| times.to_first_token()),
            replies.len(),
        ),
        tokens_per_s: times(speeds, replies.len()),
        total_ms: times(
            timed_records.filter_map(|(record, _, _)| record.total_ms()),
            replies.len(),
        ),
        hops: hops(column, &records),
    }
}

fn scores(matrix: &Matrix<'_>, index: usize) -> BTreeMap<String, ScoreCell> {
    let cell = |scorer: &str| {
        let by_case = matrix.by_case(index, scorer);
        let cases: Vec<usize> = (0..by_case.len())
            .filter(|case| by_case[*case].is_some())
            .collect();
        let values: Vec<f64> = by_case.into_iter().flatten().collect();
        let all = matrix.cells[index]
            .iter()
            .filter_map(|cell| matrix.stored.scores.get(&cell.trial)?.get(scorer));
        let all: Vec<_> = all.collect();
        let passed: Vec<bool> = all
            .iter()
            .filter_map(|scored| scored.result.as_ref().ok()?.passed)
            .collect();
        let seed = matrix.seed(&["mean", scorer, &matrix.plan.candidates[index].id]);
        let found = mean::of_scores(
            &values,
            matrix.groups_of(&cases).as_deref(),
            CONFIDENCE,
            seed,
        );
        let whole = Whole::of(matrix, index, scorer);
        let figure = whole.as_ref().and_then(|whole| {
            let seed = matrix.seed(&["whole", scorer, &matrix.plan.candidates[index].id]);
            whole.figure(matrix, CONFIDENCE, seed)
        });
        let (estimate, method) = match (figure, found) {
            (Some(figure), _) => (Some(figure.estimate), figure.method),
            (None, Some(mean)) => (Some(mean.estimate), mean.method),
            (None, None) => (None, "none"),
        };
        ScoreCell {
            value: estimate.map(|estimate| estimate.value),
            low: estimate.and_then(|estimate| estimate.low),
            high: estimate.and_then(|estimate| estimate.high),
            n: values.len(),
            unscored: all.iter().filter(|scored| scored.result.is_err()).count(),
            method: method.to_owned(),
            passed: (!passed.is_empty()).then(|| {
                passed.iter().filter(|passed| **passed).count() as f64 / passed.len() as f64
            }),
            report: whole.and_then(|whole| whole.report()),
            raw: None,
            judge: None,
        }
    };
    matrix
        .plan
        .scorers
        .iter()
        .map(|scorer| (scorer.name.clone(), cell(&scorer.name)))
        .collect()
}

fn traffic(matrix: &Matrix<'_>) -> Traffic {
    let mut traffic = Traffic::default();
    let answers = matrix.cells.iter().flatten().filter_map(|cell| cell.record);
    for record in answers.chain(matrix.stored.judges.values()) {
        let sent = record.sent().count();
        traffic.requests += sent;
        match record.origin {
            Origin::Live => {
                let turns = record.attempts.iter().filter(|it| it.turn.is_some());
                traffic.retries += sent.saturating_sub(1 + turns.count());
            }
            Origin::Cache(_) => {
                traffic.retries += sent;
                traffic.cache_hits += 1;
            }
            Origin::Recorded(_) => traffic.replayed += 1,
        }
    }
    traffic.requests += matrix.stored.loose.len();
    traffic
}

/// The oldest date of the replayed replies.
fn recorded(stored: &Stored) -> Option<String> {
    let dates = stored
        .records
        .values()
        .filter_map(|record| match &record.origin {
            Origin::Recorded(date) => Some(date.clone()),
            _ => None,
        });
    dates.min()
}

/// What a reader must know before trusting the numbers.
fn caveats(matrix: &Matrix<'_>, rows: &[Row]) -> Vec<String> {
    let mut notes = Vec::new();
    for (row, cells) in rows.iter().zip(&matrix.cells) {
        if row.failed > 0 {
            let kinds: Vec<String> = row
                .failures
                .iter()
                .map(|(kind, n)| format!("{n} {kind}"))
                .collect();
            let (name, failed, trials) = (&row.name, row.failed, row.trials);
            let rest = match row.answered {
                0 => "",
                _ => "; its scores are over the rest",
            };
            let kinds = kinds.join(", ");
            let failures = cells.iter().filter_map(|cell| match &cell.record?.outcome {
                Outcome::Failed(failure) => Some(failure.message.as_str()),
                Outcome::Answered(_) => None,
            });
            let said = failures.into_iter().next().map(short).unwrap_or_default();
            notes.push(format!(
                "{name}: {failed} of {trials} trials failed ({kinds}){rest}. The first said: {said}"
            ));
        }
        let unsent = row.trials - row.answered - row.failed;
        if unsent > 0 {
            notes.push(format!(
                "{}: {unsent} of {} trials were not asked yet",
                row.name, row.trials
            ));
        }
        if row.cost_unknown > 0 {
            notes.push(format!(
                "{}: the cost of {} answers is unknown",
                row.name, row.cost_unknown
            ));
        }
        if let Some((check, share)) = row
            .cost_check
            .and_then(|it| Some((it, apart(it.stated, it.table)?)))
        {
            let side = if share > 0.0 { "above" } else { "below" };
            notes.push(format!(
                "{}: the stated cost is {:.0} % {side} the price table's (${:.6} against ${:.6} over {} answers)",
                row.name,
                share.abs() * 100.0,
                check.stated,
                check.table,
                check.n
            ));
        }
        for (scorer, cell) in row.scores.iter().filter(|(_, cell)| cell.unscored > 0) {
            let results = cells.iter().filter_map(|cell| {
                let scored = matrix.stored.scores.get(&cell.trial)?.get(scorer)?;
                Some((cell.case, scored.result.as_ref().err()?))
            });
            let first = results
                .into_iter()
                .next()
                .map_or(String::new(), |(case, why)| {
                    let id = &matrix.stored.cases[case].id;
                    format!(". The first, case {id}: {}", short(&why.0))
                });
            let of = match cell.unscored {
                1 => "1 answer".to_owned(),
                n => format!("{n} answers"),
            };
            notes.push(format!(
                "{}: {of} could not be scored by {scorer}{first}",
                row.name
            ));
        }
    }
    let own = matrix.plan.candidates.iter();
    let own = own
        .filter(|column| {
            column.price.is_some() || column.hops.iter().any(|hop| hop.price.is_some())
        })
        .map(|column| column.name.as_str());
    let own: Vec<&str> = own.collect();
    if !own.is_empty() {
        let names = own.join(", ");
        notes.push(format!(
            "nominal prices, the suite's own and not a provider's: {names}"
        ));
    }
    if let Some(groups) = &matrix.groups {
        let clusters = groups.iter().max().map_or(0, |most| most + 1);
        notes.push(format!(
            "{} cases in {clusters} clusters: intervals are cluster-robust (CR2)",
            groups.len()
        ));
    }
    notes
}

/// The beginning of a message.
fn short(message: &str) -> String {
    const LENGTH: usize = 160;
    match message.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
