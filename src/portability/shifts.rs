//! What changed in how the model answers, apart from scores: how often replies are odd in which way,
//! and how long they are.

use super::oddity::{Expected, Oddity, Replies};
use crate::stats::{Estimate, paired, ratio};
use crate::summary::judge::CONFIDENCE;
use crate::summary::side::Side;
use serde::Serialize;
use std::collections::BTreeMap;

/// How often replies are odd in one way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Shift {
    /// The share of the first model's replies.
    pub from: f64,
    /// The share of the other's.
    pub to: f64,
    /// The paired difference with its 95 % interval.
    pub difference: Estimate,
}

/// How long answers are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Length {
    /// What was counted: `tokens` where both state them, else `characters`.
    pub unit: &'static str,
    /// The other's mean length in the first model's, with its 95 % interval.
    pub ratio: Estimate,
}

/// Every shift.
#[derive(Debug, Clone, Default, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Shifts {
    /// By what is odd; without those that no reply of either model can show.
    #[serde(flatten)]
    pub odd: BTreeMap<Oddity, Shift>,
    /// How long answers are; null without any.
    pub length: Option<Length>,
}

/// Per case: the two shares, and its place.
pub(super) struct Shares {
    /// Places of the cases that have both.
    pub cases: Vec<usize>,
    /// The first model's.
    pub from: Vec<f64>,
    /// The other's.
    pub to: Vec<f64>,
    /// Cases that only one of them has a share of.
    pub unmatched: usize,
}

/// The shares of odd replies of two candidates, case by case.
pub(super) fn shares(
    odd: Oddity,
    from: &Replies<'_>,
    to: &Replies<'_>,
    expected: &Expected,
) -> Shares {
    let mut shares = Shares {
        cases: Vec::new(),
        from: Vec::new(),
        to: Vec::new(),
        unmatched: 0,
    };
    for case in 0..from.0.len() {
        let pair = (
            from.share(case, odd, expected),
            to.share(case, odd, expected),
        );
        match pair {
            (Some(x), Some(y)) => {
                shares.cases.push(case);
                shares.from.push(x);
                shares.to.push(y);
            }
            (None, None) => {}
            _ => shares.unmatched += 1,
        }
    }
    shares
}

/// Every shift from one candidate to another. `side` knows the clusters.
pub(super) fn shifts(
    side: &Side,
    from: &Replies<'_>,
    to: &Replies<'_>,
    expected: &Expected,
    seed: u64,
) -> Shifts {
    let mut found = Shifts {
        length: length(from, to),
        ..Shifts::default()
    };
    for odd in Oddity::ALL {
        let shares = shares(odd, from, to, expected);
        let groups = side.groups(&shares.cases);
        let difference = paired::paired(
            &shares.to,
            &shares.from,
            groups.as_deref(),
            CONFIDENCE,
            seed,
        );
        let Some(difference) = difference.map(|found| found.difference) else {
            continue;
        };
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let shift = Shift {
            from: mean(&shares.from),
            to: mean(&shares.to),
            difference,
        };
        let can = match odd {
            Oddity::InvalidJson => expected.json,
            _ => true,
        };
        if can {
            found.odd.insert(odd, shift);
        }
    }
    found
}

fn length(from: &Replies<'_>, to: &Replies<'_>) -> Option<Length> {
    let of = |replies: &Replies<'_>, tokens: bool| -> Vec<Option<f64>> {
        let of_case = |case: &Vec<super::oddity::Seen<'_>>| {
            let answers: Vec<_> = case.iter().filter_map(|seen| seen.reply).collect();
            let lengths: Option<Vec<u64>> = answers
                .iter()
                .map(|reply| match tokens {
                    true => reply.usage.output,
                    false => Some(reply.text.chars().count() as u64),
                })
                .collect();
            let lengths = lengths.filter(|lengths| !lengths.is_empty())?;
            Some(lengths.iter().sum::<u64>() as f64 / lengths.len() as f64)
        };
        replies.0.iter().map(of_case).collect()
    };
    let answered = |replies: &Replies<'_>| {
        let cases = replies.0.iter();
        cases
            .map(|case| case.iter().any(|seen| seen.reply.is_some()))
            .collect::<Vec<_>>()
    };
    let both = answered(from).into_iter().zip(answered(to));
    let both = both.filter(|(x, y)| *x && *y).count();
    [("tokens", true), ("characters", false)]
        .into_iter()
        .find_map(|(unit, tokens)| {
            let pairs = of(from, tokens).into_iter().zip(of(to, tokens));
            let pairs: Vec<(f64, f64)> = pairs.filter_map(|(x, y)| x.zip(y)).collect();
            if tokens && pairs.len() < both {
                return None;
            }
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let ratio = times(&y, &x, None, ratio::by_means)?;
            Some(Length { unit, ratio })
        })
}

/// A paired ratio with its 95 % interval.
pub(super) fn times(
    to: &[f64],
    from: &[f64],
    groups: Option<&[usize]>,
    make: ratio::Make,
) -> Option<Estimate> {
    let found = make(to, from, groups, CONFIDENCE)?;
    let finite = [found.ratio, found.low, found.high]
        .iter()
        .all(|it| it.is_finite());
    finite.then(|| Estimate::new(found.ratio, Some((found.low, found.high)), to.len()))
}
