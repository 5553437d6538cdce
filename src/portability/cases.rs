//! Case by case: which scores moved and why, and the difference by tag.

use super::oddity::{Expected, Replies, Seen};
use super::ported::{Flip, Slice};
use crate::stats::correction::benjamini_hochberg;
use crate::stats::paired;
use crate::store::Stored;
use crate::summary::judge::CONFIDENCE;
use crate::summary::pairing::Pairing;
use crate::summary::side::Side;
use std::collections::BTreeMap;

/// Characters of an answer that a flip shows.
const SHOWN: usize = 300;
/// Cases that a slice needs.
const FEWEST: usize = 5;

/// The cases whose score moved, the worst losses first.
pub(super) fn flips(
    stored: &Stored,
    (from, from_said): (&Side, &Replies<'_>),
    (to, to_said): (&Side, &Replies<'_>),
    scorer: &str,
    expected: &Expected,
) -> Vec<Flip> {
    let moved = |place: usize| {
        let (x, y) = (from.cells[place].score()?, to.cells[place].score()?);
        let said = telling(stored, &to_said.0[place], scorer, y < x);
        (x != y).then(|| Flip {
            case: from.cases[place].id.clone(),
            from: x,
            to: y,
            why: said.map_or_else(String::new, |it| why(stored, it, place, scorer, expected)),
            from_text: text(telling(stored, &from_said.0[place], scorer, x < y)),
            to_text: text(said),
        })
    };
    let mut flips: Vec<Flip> = (0..from.cells.len()).filter_map(moved).collect();
    flips.sort_by(|a, b| (a.to - a.from).total_cmp(&(b.to - b.from)));
    flips
}

/// The trial with the lowest (or highest) score: the one that shows why.
fn telling<'a, 'b>(
    stored: &Stored,
    trials: &'a [Seen<'b>],
    scorer: &str,
    lowest: bool,
) -> Option<&'a Seen<'b>> {
    let value = |seen: &Seen<'_>| {
        let scored = stored.scores.get(seen.trial)?.get(scorer)?;
        scored.result.as_ref().ok().map(|score| score.value)
    };
    let scored = trials.iter().filter_map(|seen| Some((value(seen)?, seen)));
    let sign = if lowest { 1.0 } else { -1.0 };
    let first = scored.min_by(|(a, _), (b, _)| (sign * a).total_cmp(&(sign * b)));
    first.map(|(_, seen)| seen)
}

fn why(stored: &Stored, seen: &Seen<'_>, case: usize, scorer: &str, expected: &Expected) -> String {
    let said = stored.scores.get(seen.trial).and_then(|by| by.get(scorer));
    let said = said.and_then(|it| it.result.as_ref().ok().map(|score| score.why.as_str()));
    let odd = seen.words(case, expected);
    let all = odd.into_iter().chain(said.filter(|why| !why.is_empty()));
    all.collect::<Vec<_>>().join("; ")
}

fn text(seen: Option<&Seen<'_>>) -> String {
    let Some(reply) = seen.and_then(|seen| seen.reply) else {
        return String::new();
    };
    let said = match (reply.text.is_empty(), &reply.refusal) {
        (true, Some(refusal)) => refusal,
        _ => &reply.text,
    };
    let mut shown: String = said.chars().take(SHOWN).collect();
    if shown.len() < said.len() {
        shown.push('…');
    }
    if shown.is_empty() {
        let names = reply.tool_calls.iter().map(|call| call.name.as_str());
        shown = names
            .map(|name| format!("{name}(…)"))
            .collect::<Vec<_>>()
            .join(" ");
    }
    shown
}

/// The difference by tag, the worst first. Tags of all cases, or of fewer than five, say nothing.
pub(super) fn slices(to: &Side, from: &Side, pairing: &Pairing, seed: u64) -> Vec<Slice> {
    let mut by_tag: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for place in pairing.left() {
        for tag in &to.cases[place].tags {
            by_tag.entry(tag).or_default().push(place);
        }
    }
    let telling =
        |(_, places): &(&str, Vec<usize>)| (FEWEST..pairing.both.len()).contains(&places.len());
    let found = by_tag
        .into_iter()
        .filter(telling)
        .filter_map(|(tag, places)| {
            let groups = to.groups(&places);
            let (x, y) = (to.scores(&places), from.scores(&places));
            let found = paired::paired(&x, &y, groups.as_deref(), CONFIDENCE, seed)?;
            let slice = Slice {
                tag: tag.to_owned(),
                difference: found.difference,
                gains: found.gains,
                losses: found.losses,
                p_adjusted: None,
                exploratory: true,
            };
            Some((slice, found.p))
        });
    let mut found: Vec<(Slice, Option<f64>)> = found.collect();
    let tested: Vec<f64> = found.iter().filter_map(|(_, p)| *p).collect();
    let mut adjusted = benjamini_hochberg(&tested).into_iter();
    for (slice, _) in found.iter_mut().filter(|(_, p)| p.is_some()) {
        slice.p_adjusted = adjusted.next();
    }
    let mut slices: Vec<Slice> = found.into_iter().map(|(slice, _)| slice).collect();
    slices.sort_by(|a, b| a.difference.value.total_cmp(&b.difference.value));
    slices
}
