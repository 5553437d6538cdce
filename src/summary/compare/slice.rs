//! The same difference by tag and by group: for finding where to look, not for claims.

use crate::stats::{Estimate, correction, paired};
use crate::summary::judge::CONFIDENCE;
use crate::summary::pairing::Pairing;
use crate::summary::side::Side;
use serde::Serialize;
use std::collections::BTreeMap;

/// Fewest matched cases that a slice is shown with.
const FEWEST: usize = 5;
/// With more groups than this, they are not slices but clusters.
const GROUPS: usize = 20;
/// The share of false findings that "stands out" allows for.
const FALSE_FINDINGS: f64 = 0.05;

/// A part of the cases.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Slice {
    /// A tag, or `group=NAME`.
    pub slice: String,
    /// Mean difference over its cases.
    pub difference: Estimate,
    /// Cases where the first side scored higher.
    pub gains: usize,
    /// Cases where it scored lower.
    pub losses: usize,
    /// Two-sided p of "no difference".
    pub p: Option<f64>,
    /// p after Benjamini & Hochberg's correction over all slices.
    pub p_adjusted: Option<f64>,
    /// It differs even so, with one false finding in twenty expected among those that do.
    pub stands_out: bool,
}

/// Every slice with enough cases, those that stand out first, then the worst for the first side. `wanted` keeps one tag, or the tags of one column.
pub(super) fn slices(
    a: &Side,
    b: &Side,
    pairing: &Pairing,
    wanted: Option<&str>,
    seed: u64,
) -> Vec<Slice> {
    let mut members: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    let mut groups: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    let is_wanted = |tag: &str| {
        let column = tag.split('=').next().unwrap_or(tag);
        wanted.is_none_or(|wanted| tag == wanted || column == wanted)
    };
    for both in &pairing.both {
        let case = &a.cases[both.0];
        for tag in case.tags.iter().filter(|tag| is_wanted(tag)) {
            members.entry(tag.clone()).or_default().push(*both);
        }
        if let Some(group) = &case.group {
            groups.entry(group).or_default().push(*both);
        }
    }
    if groups.len() <= GROUPS || wanted == Some("group") {
        for (name, cases) in groups {
            let name = format!("group={name}");
            if is_wanted(&name) {
                members.entry(name).or_insert(cases);
            }
        }
    }
    // a slice that holds every case says nothing new
    members.retain(|_, cases| cases.len() >= FEWEST && cases.len() < pairing.both.len());
    let mut found: Vec<Slice> = members
        .into_iter()
        .filter_map(|(slice, cases)| one(a, b, slice, &cases, seed))
        .collect();
    let p: Vec<f64> = found.iter().filter_map(|slice| slice.p).collect();
    let mut adjusted = correction::benjamini_hochberg(&p).into_iter();
    for slice in found.iter_mut().filter(|slice| slice.p.is_some()) {
        slice.p_adjusted = adjusted.next();
        slice.stands_out = slice.p_adjusted.is_some_and(|p| p <= FALSE_FINDINGS);
    }
    found.sort_by(|x, y| {
        let first = y.stands_out.cmp(&x.stands_out);
        let by_value = first.then(x.difference.value.total_cmp(&y.difference.value));
        by_value.then_with(|| x.slice.cmp(&y.slice))
    });
    found
}

fn one(a: &Side, b: &Side, slice: String, cases: &[(usize, usize)], seed: u64) -> Option<Slice> {
    let (left, right): (Vec<usize>, Vec<usize>) = cases.iter().copied().unzip();
    let (x, y) = (a.scores(&left), b.scores(&right));
    // within one group there are no clusters
    let groups = a.groups(&left).filter(|_| !slice.starts_with("group="));
    let found = paired::paired(&x, &y, groups.as_deref(), CONFIDENCE, seed)?;
    Some(Slice {
        slice,
        difference: found.difference,
        gains: found.gains,
        losses: found.losses,
        p: found.p,
        p_adjusted: None,
        stands_out: false,
    })
}
