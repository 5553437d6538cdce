//! Stored answers compared in pairs, and each answer's share of the comparisons it won.

use super::load::Loaded;
use super::session::{answer, asker};
use super::stored::snapshot;
use crate::dataset::Case;
use crate::plan::Snapshot;
use crate::provider::Ask;
use crate::run::Engine;
use crate::score::{Against, Answer, Entrant, Named, compare_pairs, meetings, shares};
use crate::store::{Note, Preference, RunRow, StoreError, Stored};
use std::collections::HashMap;

/// Compares what this definition of the pairwise scorers has not compared yet.
pub async fn compare_stored(
    loaded: &Loaded,
    engine: &Engine,
    row: &RunRow,
) -> Result<(), StoreError> {
    let comparing = loaded.scorers.iter().filter(|it| it.against().is_some());
    let comparing: Vec<&Named> = comparing.collect();
    if comparing.is_empty() {
        return Ok(());
    }
    let stored = engine.store.load(row.clone())?;
    let Ok(plan) = snapshot(row) else {
        return Ok(());
    };
    for named in comparing {
        compare(loaded, engine, &plan, &stored, named).await?;
    }
    Ok(())
}

async fn compare(
    loaded: &Loaded,
    engine: &Engine,
    plan: &Snapshot,
    stored: &Stored,
    named: &Named,
) -> Result<(), StoreError> {
    let run = stored.run.id.clone();
    let cases: HashMap<&str, &Case> = stored.cases.iter().map(|it| (it.id.as_str(), it)).collect();
    let place = |name: &str| plan.candidates.iter().position(|it| it.name == name);
    let entrants = stored.records.values().filter_map(|record| {
        let answer = answer(record, &cases)?;
        named.applies(answer.graded.case).then_some(())?;
        Some(Entrant {
            answer,
            candidate: place(&record.candidate)?,
            repeat: record.repeat,
        })
    });
    let entrants: Vec<Entrant<'_>> = entrants.collect();
    let against = match named.against() {
        Some(Against::Reference) => plan.reference.as_deref().and_then(place),
        Some(Against::Candidate(name)) => place(name),
        _ => None,
    };
    let everybody = matches!(named.against(), Some(Against::All));
    let met = match (against, everybody) {
        (None, false) => Vec::new(),
        _ => meetings(&entrants, against),
    };
    let known: HashMap<(&str, &str), &Preference> = stored
        .preferences
        .iter()
        .filter(|it| it.scorer == named.name && it.definition == named.definition)
        .filter(|it| it.result.is_ok())
        .map(|it| ((it.trial.as_str(), it.versus.as_str()), it))
        .collect();
    let pairs = met
        .iter()
        .map(|(a, b)| (entrants[*a].answer, entrants[*b].answer));
    let pairs: Vec<(Answer<'_>, Answer<'_>)> = pairs.collect();
    let (old, open): (Vec<_>, Vec<_>) = pairs
        .into_iter()
        .partition(|(a, b)| known.contains_key(&(a.trial, b.trial)));
    let about = |answer: &Answer<'_>| -> Box<dyn Ask + '_> {
        asker(engine, &loaded.plan, &stored.records[answer.trial])
    };
    let at_once = loaded.plan.limits.concurrency as usize;
    let found = compare_pairs(&open, named, &about, at_once).await;
    for some in found.chunks(1000) {
        let note = Note::Preferences {
            run: run.clone(),
            preferences: some.to_vec(),
        };
        engine.store.write(note).await?;
    }
    let old = old.iter().map(|(a, b)| known[&(a.trial, b.trial)].clone());
    let all: Vec<Preference> = old.chain(found).collect();
    let trials = entrants.iter().map(|it| it.answer.trial);
    let scores = shares(trials, named, &all);
    for some in scores.chunks(1000) {
        let note = Note::Scores {
            run: run.clone(),
            scores: some.to_vec(),
        };
        engine.store.write(note).await?;
    }
    Ok(())
}
