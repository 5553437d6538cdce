//! The pass of scorers that compare: every two answers that meet, and the share of its comparisons
//! that each answer won.

use super::{Answer, AskAbout, Named, Preference, Score, Scored, Unscored};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

/// An answer with its place in the run.
#[derive(Debug, Clone, Copy)]
pub struct Entrant<'a> {
    /// The answer.
    pub answer: Answer<'a>,
    /// The candidate, by its place in the suite.
    pub candidate: usize,
    /// From 0.
    pub repeat: u32,
}

/// The pairs of answers that meet: of the same case and repeat, every two candidates, or each with the
/// one they are held against. In the suite's order, the one they are held against second.
pub fn meetings(entrants: &[Entrant<'_>], against: Option<usize>) -> Vec<(usize, usize)> {
    let mut rooms: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
    for (index, entrant) in entrants.iter().enumerate() {
        let room = (entrant.answer.graded.case.id.as_str(), entrant.repeat);
        rooms.entry(room).or_default().push(index);
    }
    let mut met = Vec::new();
    for room in rooms.values_mut() {
        room.sort_by_key(|index| entrants[*index].candidate);
        let is_other = |index: &&usize| Some(entrants[**index].candidate) == against;
        match (against, room.iter().find(is_other)) {
            (None, _) => {
                for (at, a) in room.iter().enumerate() {
                    met.extend(room[at + 1..].iter().map(|b| (*a, *b)));
                }
            }
            (Some(_), Some(other)) => {
                let rest = room.iter().filter(|index| *index != other);
                met.extend(rest.map(|a| (*a, *other)));
            }
            (Some(_), None) => {}
        }
    }
    met
}

/// Compares the pairs, `at_once` of them at a time; in the order of the pairs.
pub async fn compare<'a>(
    pairs: &[(Answer<'a>, Answer<'a>)],
    named: &'a Named,
    about: &'a AskAbout<'a>,
    at_once: usize,
) -> Vec<Preference> {
    let asked = pairs.iter().map(|(a, b)| async move {
        let ask = about(a);
        let result = named.compare(a.graded, b.graded, &*ask).await;
        Preference {
            trial: a.trial.to_owned(),
            versus: b.trial.to_owned(),
            scorer: named.name.clone(),
            definition: named.definition.clone(),
            result,
        }
    });
    stream::iter(asked).buffered(at_once.max(1)).collect().await
}

/// The share of its comparisons that each of these trials won, ties half; no score where one of them
/// could not be judged, or where there was nobody to compare with.
pub fn shares<'t>(
    trials: impl IntoIterator<Item = &'t str>,
    named: &Named,
    preferences: &[Preference],
) -> Vec<Scored> {
    let mut met: BTreeMap<&str, Vec<Result<f64, &Unscored>>> = BTreeMap::new();
    for one in preferences.iter().filter(|it| it.scorer == named.name) {
        let value = one.result.as_ref().map(|it| it.value);
        met.entry(&one.trial).or_default().push(value);
        let value = value.map(|value| 1.0 - value);
        met.entry(&one.versus).or_default().push(value);
    }
    let share = |trial: &str| {
        let met = met.get(trial).map_or(&[][..], Vec::as_slice);
        let values: Result<Vec<f64>, &Unscored> = met.iter().copied().collect();
        let values = values.map_err(Clone::clone)?;
        if values.is_empty() {
            return Err(Unscored("there is no other answer to compare with".into()));
        }
        let won = values.iter().filter(|it| **it == 1.0).count();
        let lost = values.iter().filter(|it| **it == 0.0).count();
        let tied = values.len() - won - lost;
        let value = values.iter().sum::<f64>() / values.len() as f64;
        Ok(Score::graded(
            value,
            format!("{won} won, {tied} tied, {lost} lost"),
        ))
    };
    let scored = trials.into_iter().map(|trial| Scored {
        trial: trial.to_owned(),
        scorer: named.name.clone(),
        definition: named.definition.clone(),
        result: share(trial),
    });
    scored.collect()
}

#[cfg(test)]
mod tests;
