//! How far a judge and people say the same, each number with its interval.

use super::{Agreement, Level, Rated};
use crate::stats::resample::{RESAMPLES, replicates};
use crate::stats::{Estimate, agreement, cluster, mean, quantile, student};
use std::collections::BTreeMap;

const CONFIDENCE: f64 = 0.95;

/// The number of each answer's case, from 0; `rated` is sorted by case.
pub(super) fn clusters(rated: &[Rated]) -> Vec<usize> {
    let groups = rated.chunk_by(|a, b| a.case == b.case);
    let numbered = groups.enumerate();
    numbered
        .flat_map(|(number, group)| vec![number; group.len()])
        .collect()
}

/// The level nearest to a worth; between two the lower.
fn nearest(worth: f64, levels: &[Level]) -> usize {
    let away = |level: &Level| (level.worth - worth).abs();
    let mut best = 0;
    for (index, level) in levels.iter().enumerate() {
        if away(level) < away(&levels[best]) - 1e-12 {
            best = index;
        }
    }
    best
}

/// Answers by the people's level and the judge's.
pub(super) fn confusion(rated: &[Rated], levels: &[Level]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; levels.len()]; levels.len()];
    for one in rated {
        table[nearest(one.label(), levels)][nearest(one.judge, levels)] += 1;
    }
    table
}

/// Every measure of agreement; `None` where there is nothing to compare.
pub(super) fn measure(
    rated: &[Rated],
    levels: &[Level],
    cases: &[usize],
    seed: u64,
) -> Option<Agreement> {
    let people: Vec<usize> = rated.iter().map(|it| nearest(it.label(), levels)).collect();
    let judge: Vec<usize> = rated.iter().map(|it| nearest(it.judge, levels)).collect();
    let same = people.iter().zip(&judge);
    let same: Vec<f64> = same.map(|(a, b)| f64::from(u8::from(a == b))).collect();
    let n = rated.len();
    let kappa = agreement::kappa(&people, &judge, levels.len(), CONFIDENCE);
    let pairs: Vec<Vec<Option<usize>>> = people
        .iter()
        .zip(&judge)
        .map(|(a, b)| vec![Some(*a), Some(*b)])
        .collect();
    let ac1 = agreement::ac1(&pairs, levels.len()).map(|found| {
        let t = student::two_sided(CONFIDENCE, (n - 1) as f64);
        Estimate::new(found.ac1, bounded(found.ac1, t * found.error), n)
    });
    let worths: Vec<Vec<Option<f64>>> = rated
        .iter()
        .map(|it| vec![Some(it.label()), Some(it.judge)])
        .collect();
    Some(Agreement {
        percent: mean::of_scores(&same, Some(cases), CONFIDENCE, seed)?.estimate,
        kappa: kappa.and_then(|it| Some(Estimate::new(it.kappa?, it.interval.map(within), n))),
        quadratic_kappa: kappa
            .and_then(|it| it.quadratic)
            .filter(|_| levels.len() > 2),
        ac1,
        alpha: alpha(&worths, cases, levels.len(), seed),
        between_people: alpha(&by_rater(rated), cases, levels.len(), seed),
    })
}

/// The people's labels, a column a rater.
fn by_rater(rated: &[Rated]) -> Vec<Vec<Option<f64>>> {
    let names: BTreeMap<&String, ()> = rated
        .iter()
        .flat_map(|it| it.people.keys())
        .map(|name| (name, ()))
        .collect();
    let row = |it: &Rated| {
        names
            .keys()
            .map(|name| it.people.get(*name).copied())
            .collect()
    };
    rated.iter().map(row).collect()
}

/// Krippendorff's α with the percentile interval of a bootstrap over cases.
fn alpha(
    ratings: &[Vec<Option<f64>>],
    cases: &[usize],
    levels: usize,
    seed: u64,
) -> Option<Estimate> {
    let level = match levels {
        0..=2 => agreement::Level::Nominal,
        _ => agreement::Level::Ordinal,
    };
    let value = agreement::krippendorff(ratings, level)?;
    let members = cluster::members(cases);
    let mut drawn: Vec<f64> = replicates(RESAMPLES / 5, seed, |draw| {
        let mut rows = Vec::with_capacity(ratings.len());
        draw.indices(members.len(), members.len(), |indices| {
            for case in indices {
                rows.extend(
                    members[*case as usize]
                        .iter()
                        .map(|row| ratings[*row].clone()),
                );
            }
        });
        agreement::krippendorff(&rows, level)
    })
    .into_iter()
    .flatten()
    .collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let interval = (drawn.len() >= 100).then(|| {
        (
            quantile::of_sorted(&drawn, (1.0 - CONFIDENCE) / 2.0),
            quantile::of_sorted(&drawn, (1.0 + CONFIDENCE) / 2.0),
        )
    });
    Some(Estimate::new(value, interval, ratings.len()))
}

/// The judge's mean minus the people's.
pub(super) fn difference(rated: &[Rated], cases: &[usize]) -> Option<Estimate> {
    let off: Vec<f64> = rated.iter().map(|it| it.judge - it.label()).collect();
    let interval = match cluster::effective(Some(cases), off.len()) {
        Some(cases) => cluster::mean(&off, cases).map(|it| it.interval(CONFIDENCE)),
        None => mean::t_interval(&off, CONFIDENCE).map(|it| (it.low, it.high)),
    };
    let value = crate::stats::moments::mean(&off)?;
    Some(Estimate::new(value, interval, off.len()))
}

fn bounded(value: f64, half: f64) -> Option<(f64, f64)> {
    Some(within((value - half, value + half)))
}

fn within((low, high): (f64, f64)) -> (f64, f64) {
    (low.max(-1.0), high.min(1.0))
}
