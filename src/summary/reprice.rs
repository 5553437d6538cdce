//! An old run at other prices: what its stored usage would cost by a table. Only what was read from
//! the store is changed, never the store.

use crate::plan::{Aim, Column, Snapshot, Target, aim};
use crate::provider::price::Edition;
use crate::provider::{Prices, Reply};
use crate::store::{Outcome, Record, Stored};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// That costs are not what was recorded, and what they are instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repriced {
    /// The table that is asked first.
    pub table: Edition,
    /// The day whose prices count.
    pub on: String,
    /// What the answers cost as recorded, USD; null if no cost is known.
    pub recorded_usd: Option<f64>,
    /// The same answers at these prices.
    pub usd: Option<f64>,
}

impl Repriced {
    /// What a reader must know before looking at a cost.
    pub fn note(&self) -> String {
        let usd = |usd: Option<f64>| usd.map_or("unknown".to_owned(), |usd| format!("${usd:.6}"));
        format!(
            "REPRICED: costs of answers are the stored usage at the prices of {} ({}, sha256 {}), {} instead of the \
             recorded {}; what providers stated is left aside, judges and failed attempts stand as recorded",
            self.on,
            self.table.name,
            self.table.sha256,
            usd(self.usd),
            usd(self.recorded_usd)
        )
    }
}

/// Prices the run's answers anew, from the usage that was stored with them.
pub fn reprice(plan: &Snapshot, stored: &mut Stored, prices: &Prices) -> Repriced {
    let targets: BTreeMap<&str, Target> = plan
        .candidates
        .iter()
        .filter_map(|column| Some((column.name.as_str(), target(column)?)))
        .collect();
    let recorded_usd = total(stored);
    for record in stored.records.values_mut() {
        let target = targets.get(record.candidate.as_str());
        let Outcome::Answered(reply) = &record.outcome else {
            continue;
        };
        let reply = Reply {
            stated_cost: None,
            ..(**reply).clone()
        };
        let cost = target.and_then(|target| target.cost(prices, &reply));
        let answering = record.attempts.iter_mut();
        for attempt in answering.filter(|attempt| attempt.failure.is_none()) {
            attempt.cost.clone_from(&cost);
        }
    }
    Repriced {
        table: prices.edition().clone(),
        on: prices.day().to_owned(),
        recorded_usd,
        usd: total(stored),
    }
}

/// Where a candidate was asked, without a key.
fn target(column: &Column) -> Option<Target> {
    let price = column.price.clone();
    let wanted = Aim {
        model: &column.model,
        api: Some(&column.api)
            .filter(|api| !api.is_empty())
            .map(String::as_str),
        price: price.and_then(|price| serde_json::from_value(price).ok()),
        ..Aim::default()
    };
    let own = aim(&wanted, &|_| None).ok();
    let own = own.filter(|target| target.endpoint.base_url == column.base_url);
    own.or_else(|| {
        let moved = Aim {
            base_url: Some(&column.base_url),
            ..wanted
        };
        aim(&moved, &|_| None).ok()
    })
}

/// What the answers cost, as far as it is known.
fn total(stored: &Stored) -> Option<f64> {
    let costs = stored.records.values().filter_map(Record::answering);
    let costs = costs.filter_map(|attempt| Some(attempt.cost.as_ref()?.usd));
    costs.reduce(|a, b| a + b)
}
