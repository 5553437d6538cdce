//! What a trial of a route may take: the ways that its policy may go, counted and priced.

use super::estimate::{TERSE, asked_of, cost_of};
use super::{Candidate, Opening, Target};
use crate::policy::Load;
use crate::provider::Prices;

/// The ways of one trial.
pub(super) struct Ways {
    /// Most requests, as long as nothing fails.
    pub calls: usize,
    /// The hops that may be asked first.
    pub first: Vec<usize>,
    /// The least and the most that its answer costs, USD; `None` without a price.
    pub cost_usd: Option<(f64, f64)>,
}

/// The ways of a trial that begins like this.
pub(super) fn ways(candidate: &Candidate, opening: &Opening<'_>, prices: &Prices) -> Ways {
    let targets: Vec<&Target> = candidate.targets().collect();
    let loads: Vec<Load> = Vec::new();
    let seen = opening.told.seen(&loads);
    let paths = candidate.policy.paths(&seen);
    let cost = |hop: usize| {
        let most = opening.hops[hop].max_tokens as f64;
        let price = targets[hop].list_price(prices)?;
        let of = |requests: u32, reply: f64| {
            let tokens = asked_of(opening, hop, requests, reply);
            cost_of(&price, tokens, f64::from(requests))
        };
        Some((of(opening.least, TERSE * most), of(opening.most, most)))
    };
    let add = |sum: (f64, f64), next: (f64, f64)| (sum.0 + next.0, sum.1 + next.1);
    let path = |path: &Vec<usize>| {
        let costs = path.iter().map(|hop| cost(*hop));
        costs
            .collect::<Option<Vec<_>>>()
            .map(|costs| costs.into_iter().fold((0.0, 0.0), add))
    };
    let spares = candidate.policy.spares().map(|hop| vec![hop]);
    let all: Vec<Vec<usize>> = paths.iter().cloned().chain(spares).collect();
    let priced: Option<Vec<(f64, f64)>> = all.iter().map(path).collect();
    let widest = |range: Option<(f64, f64)>, next: (f64, f64)| match range {
        None => Some(next),
        Some(range) => Some((range.0.min(next.0), range.1.max(next.1))),
    };
    Ways {
        calls: paths.iter().map(Vec::len).max().unwrap_or(0),
        first: paths
            .iter()
            .filter_map(|path| path.first().copied())
            .collect(),
        cost_usd: priced.and_then(|costs| costs.into_iter().fold(None, widest)),
    }
}
