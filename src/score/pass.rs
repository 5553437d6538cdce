//! The pass over stored replies: every scorer on every answer it is for.
//!
//! Scorers that only compute run on all cores; judges wait for their models, many at once.

use super::{Ask, Graded, Named, Scored};
use crate::provider::{Call, Failure, FailureKind, Reply};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use rayon::prelude::*;

/// Answers from which on more than one core is worth it.
const MANY: usize = 64;

/// One answered trial.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The trial's id.
    pub trial: &'a str,
    /// What a scorer sees of it.
    pub graded: Graded<'a>,
}

/// What a judge asks through when it looks at one answer.
pub type AskAbout<'a> = dyn Fn(&Answer<'a>) -> Box<dyn Ask + 'a> + Sync + 'a;

/// Scores every answer, by answer and then by scorer in their order, `at_once` judges at a time.
/// An answer whose case a scorer is not for has no result from it.
pub async fn score<'a>(
    answers: impl IntoIterator<Item = Answer<'a>>,
    scorers: &'a [Named],
    about: &'a AskAbout<'a>,
    at_once: usize,
) -> Vec<Scored> {
    let answers: Vec<Answer<'a>> = answers.into_iter().collect();
    let row = |answer: &Answer<'a>| -> Vec<Option<Vec<Scored>>> {
        scorers
            .iter()
            .map(|named| at_once_done(answer, named))
            .collect()
    };
    let mut table: Vec<Vec<Option<Vec<Scored>>>> = match answers.len() {
        0..MANY => answers.iter().map(row).collect(),
        _ => answers.par_iter().map(row).collect(),
    };
    let open = answers
        .iter()
        .zip(&table)
        .enumerate()
        .flat_map(|(at, (answer, row))| {
            let cells = row.iter().zip(scorers).enumerate();
            let cells = cells.filter(|(_, (_, named))| named.against().is_none());
            let open = cells
                .filter(|(_, (cell, named))| cell.is_none() && named.applies(answer.graded.case));
            open.map(move |(column, (_, named))| (at, column, *answer, named))
        });
    let open: Vec<_> = open.collect();
    let waiting = open.into_iter().map(|(at, column, answer, named)| {
        let result: BoxFuture<'a, _> = Box::pin(async move {
            let ask = about(&answer);
            let result = named.score_parts(answer.graded, &*ask).await;
            (at, column, scored(&answer, named, result))
        });
        result
    });
    let waiting: Vec<_> = waiting.collect();
    let mut waiting = stream::iter(waiting).buffer_unordered(at_once.max(1));
    while let Some((at, column, scored)) = waiting.next().await {
        table[at][column] = Some(scored);
    }
    drop(waiting);
    table.into_iter().flatten().flatten().flatten().collect()
}

/// The result of a scorer that has it at once; none for a judge or a program.
fn at_once_done(answer: &Answer<'_>, named: &Named) -> Option<Vec<Scored>> {
    if !named.applies(answer.graded.case) || named.waits() {
        return None;
    }
    let result = named.score_parts(answer.graded, &Nobody).now_or_never()?;
    Some(scored(answer, named, result))
}

/// For scorers that ask nothing.
pub struct Nobody;

impl Ask for Nobody {
    fn ask<'a>(
        &'a self,
        model: &'a str,
        _call: Call,
        _repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>> {
        let why = format!("nobody may ask {model} here");
        Box::pin(async { Err(Failure::new(FailureKind::InvalidRequest, why)) })
    }
}

/// The scorer's result, and those of its parts. A vote that was not given has no row.
fn scored(
    answer: &Answer<'_>,
    named: &Named,
    result: Result<super::Parted, super::Unscored>,
) -> Vec<Scored> {
    let row = |name: String, result| Scored {
        trial: answer.trial.to_owned(),
        scorer: name,
        definition: named.definition.clone(),
        result,
    };
    let (whole, parts) = match result {
        Ok(parted) => {
            let parts = parted.parts.into_iter();
            let parts = parts.map(|(part, score)| row(format!("{}{part}", named.name), Ok(score)));
            (Ok(parted.score), parts.collect::<Vec<_>>())
        }
        Err(unscored) => {
            let parts = named.parts().into_iter();
            let parts = parts.map(|part| row(part, Err(unscored.clone())));
            (Err(unscored.clone()), parts.collect())
        }
    };
    let mut rows = vec![row(named.name.clone(), whole)];
    rows.extend(parts);
    rows
}

#[cfg(test)]
mod tests;
