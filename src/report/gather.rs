//! From the store to a [`Report`]: the summary, and every case with what each candidate made of it.

use super::made::made;
use super::{CaseView, PromptView, Report, ScoreView, TrialView, Try, shell};
use crate::dataset::Case;
use crate::plan::{Chosen, Column, Snapshot};
use crate::provider::Failure;
use crate::store::{Attempt, Origin, Outcome, Record, Score, Stored, Unscored};
use crate::summary::summarise;
use std::collections::BTreeMap;

/// Everything a format sees of a run.
pub fn gather(plan: &Snapshot, stored: &Stored) -> Report {
    let short = stored.run.id.get(..8).unwrap_or(&stored.run.id);
    Report {
        summary: summarise(plan, stored),
        cases: stored
            .cases
            .iter()
            .map(|case| case_view(plan, stored, case))
            .collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        show: format!("bakeoff show {short}"),
        again: again(&plan.chosen),
        prompts: prompts(plan),
        file: plan.dataset.file.clone(),
        made: made(plan),
    }
}

/// The command that asks cases again as this run did, but for the cases.
fn again(chosen: &Chosen) -> String {
    let mut words = vec!["bakeoff run --fresh".to_owned()];
    let mut flag = |name: &str, value: &str| words.push(format!("--{name} {}", shell(value)));
    chosen.models.iter().for_each(|it| flag("model", it));
    chosen.prompts.iter().for_each(|it| flag("prompt", it));
    if let Some(repeats) = chosen.repeats {
        flag("repeats", &repeats.to_string());
    }
    if chosen.drop_params {
        words.push("--drop-params".to_owned());
    }
    words.push("--only".to_owned());
    words.join(" ")
}

/// Each prompt once, with the candidates that were asked it. A store of an earlier version has none.
fn prompts(plan: &Snapshot) -> Vec<PromptView> {
    let mut prompts: Vec<(&str, PromptView)> = Vec::new();
    for (at, column) in plan.candidates.iter().enumerate() {
        let hash = column.prompt_hash.as_str();
        match prompts.iter_mut().find(|(known, _)| *known == hash) {
            Some((_, prompt)) => prompt.candidates.push(at),
            None => prompts.extend(plan.prompts.get(hash).map(|kept| {
                let (name, kept) = (column.prompt.clone(), kept.clone());
                let candidates = vec![at];
                let view = PromptView {
                    name,
                    candidates,
                    kept,
                };
                (hash, view)
            })),
        }
    }
    prompts.into_iter().map(|(_, prompt)| prompt).collect()
}

fn case_view(plan: &Snapshot, stored: &Stored, case: &Case) -> CaseView {
    let trials = plan
        .candidates
        .iter()
        .flat_map(|column| (0..plan.repeats).map(move |repeat| (column, repeat)));
    CaseView {
        id: case.id.clone(),
        line: case.line,
        vars: case.vars.clone(),
        target: case.target.clone(),
        tags: case.tags.clone(),
        trials: trials
            .map(|(column, repeat)| trial_view(plan, stored, case, column, repeat))
            .collect(),
    }
}

fn trial_view(
    plan: &Snapshot,
    stored: &Stored,
    case: &Case,
    column: &Column,
    repeat: u32,
) -> TrialView {
    let id = plan.trial_id(case, column, repeat);
    let record = stored.records.get(&id);
    let reply = record.and_then(|record| match &record.outcome {
        Outcome::Answered(reply) => Some(reply),
        Outcome::Failed(_) => None,
    });
    let failure = record.and_then(|record| match &record.outcome {
        Outcome::Answered(_) => None,
        Outcome::Failed(failure) => Some(failure),
    });
    let answering = record.and_then(Record::answering);
    let times = answering
        .filter(|_| record.is_some_and(|record| !matches!(record.origin, Origin::Cache(_))))
        .map(|a| &a.times);
    // A scorer that the suite has no more may have left scores.
    let known = |name: &str| plan.scorers.iter().any(|scorer| scorer.name == name);
    let scores = stored.scores.get(&id).into_iter().flatten();
    let scores = scores.filter(|(name, _)| known(name));
    TrialView {
        candidate: column.name.clone(),
        repeat,
        text: reply.map(|reply| {
            reply
                .refusal
                .clone()
                .filter(|_| reply.text.is_empty())
                .unwrap_or_else(|| reply.text.clone())
        }),
        reasoning: reply.and_then(|reply| reply.reasoning_text.clone()),
        finish: reply
            .and_then(|reply| reply.finish)
            .map(|finish| finish.name().to_owned()),
        refusal: reply.and_then(|reply| reply.refusal.clone()),
        tool_calls: reply.map_or(Vec::new(), |reply| reply.tool_calls.clone()),
        failure: failure.map(said),
        partial: failure
            .and_then(|failure| failure.partial.as_ref())
            .map(|reply| reply.text.clone())
            .filter(|text| !text.is_empty()),
        scores: scores
            .map(|(name, scored)| (name.clone(), score_view(&scored.result)))
            .collect::<BTreeMap<_, _>>(),
        cost_usd: record.and_then(Record::answer_cost),
        cost_source: answering
            .and_then(|attempt| attempt.cost.as_ref())
            .map(|cost| cost.source.clone()),
        waste_usd: record.and_then(|record| waste(&record.attempts)),
        latency_ms: times.map(|times| times.latency()),
        first_token_ms: times.and_then(|times| times.to_first_token()),
        input_tokens: reply.and_then(|reply| reply.usage.input),
        output_tokens: reply.and_then(|reply| reply.usage.output),
        attempts: record.map_or(0, |record| record.attempts.len()),
        tries: record.map_or(Vec::new(), |record| tries(&record.attempts)),
        origin: record.map_or_else(String::new, |record| match &record.origin {
            Origin::Live => "live".into(),
            Origin::Cache(_) => "cache".into(),
            Origin::Recorded(date) => format!("recorded {date}"),
        }),
        served_model: reply.and_then(|reply| reply.served_model.clone()),
        hop: answering
            .and_then(|attempt| attempt.at.as_ref())
            .map(|at| format!("hop {}: {}", at.hop, at.model)),
    }
}

fn said(failure: &Failure) -> String {
    format!("{}: {}", failure.kind.name(), failure.message)
}

fn tries(attempts: &[Attempt]) -> Vec<Try> {
    let each = attempts.iter().map(|attempt| Try {
        number: attempt.number,
        model: attempt.at.as_ref().map(|at| at.model.clone()),
        sent_after_ms: attempt.after + attempt.times.sent,
        ms: attempt.times.latency(),
        cost_usd: attempt.cost.as_ref().map(|cost| cost.usd),
        how: match (&attempt.failure, &attempt.passed, &attempt.turn) {
            (Some(failure), _, _) => said(failure),
            (None, Some(passed), _) => {
                let why: Vec<&str> = passed.why.iter().map(|word| word.name()).collect();
                format!("answered, passed over: {}", why.join(", "))
            }
            (None, None, Some(_)) => "answered, and the conversation went on".to_owned(),
            (None, None, None) => "answered".to_owned(),
        },
    });
    each.collect()
}

fn score_view(result: &Result<Score, Unscored>) -> ScoreView {
    match result {
        Ok(score) => ScoreView {
            value: Some(score.value),
            passed: score.passed,
            why: score.why.clone(),
        },
        Err(unscored) => ScoreView {
            value: None,
            passed: None,
            why: unscored.0.clone(),
        },
    }
}

/// What the failed attempts cost; nothing if one of them is unknown.
fn waste(attempts: &[Attempt]) -> Option<f64> {
    attempts
        .iter()
        .filter(|attempt| attempt.wasted())
        .map(|attempt| Some(attempt.cost.as_ref()?.usd))
        .try_fold(0.0, |sum, usd| Some(sum + usd?))
}
