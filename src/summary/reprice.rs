//! An old run at other prices: what its stored usage would cost by a table. Only what was read from
//! the store is changed, never the store.

use crate::plan::{Aim, Column, Snapshot, Target, aim};
use crate::provider::price::Edition;
use crate::provider::{Prices, Reply};
use crate::store::{Outcome, Record, Stored};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// That costs are not what was recorded, and what they are instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
    let columns = plan.candidates.iter();
    let targets: BTreeMap<&str, Vec<Option<Target>>> = columns
        .map(|column| (column.name.as_str(), targets(column)))
        .collect();
    let recorded_usd = total(stored);
    for record in stored.records.values_mut() {
        let Outcome::Answered(answer) = &record.outcome else {
            continue;
        };
        let hops = targets.get(record.candidate.as_str());
        // Of a conversation every turn has a reply of its own; the last one's is the answer.
        let kept = record.attempts.iter_mut().filter(|it| !it.wasted());
        for attempt in kept {
            let target = hops.and_then(|hops| hops.get(attempt.hop())?.as_ref());
            let reply = Reply {
                stated_cost: None,
                ..attempt.turn.as_deref().unwrap_or(answer).clone()
            };
            attempt.cost = target.and_then(|target| target.cost(prices, &reply));
        }
    }
    Repriced {
        table: prices.edition().clone(),
        on: prices.day().to_owned(),
        recorded_usd,
        usd: total(stored),
    }
}

/// Where a candidate was asked, hop by hop.
fn targets(column: &Column) -> Vec<Option<Target>> {
    let (api, price) = (&column.api, column.price.as_ref());
    let first = target(&column.model, api, &column.base_url, price);
    let hops = column.hops.iter().map(|hop| {
        let price = hop.price.as_ref();
        target(&hop.model, &hop.api, &hop.base_url, price)
    });
    match column.hops.is_empty() {
        true => vec![first],
        false => hops.collect(),
    }
}

/// Where a model was asked, without a key.
fn target(model: &str, api: &str, base_url: &str, price: Option<&Value>) -> Option<Target> {
    let wanted = Aim {
        model,
        api: Some(api).filter(|api| !api.is_empty()),
        price: price.and_then(|price| serde_json::from_value(price.clone()).ok()),
        ..Aim::default()
    };
    let own = aim(&wanted, &|_| None).ok();
    let own = own.filter(|target| target.endpoint.base_url == base_url);
    own.or_else(|| {
        let moved = Aim {
            base_url: Some(base_url),
            ..wanted
        };
        aim(&moved, &|_| None).ok()
    })
}

/// What the answers cost, as far as it is known.
fn total(stored: &Stored) -> Option<f64> {
    let costs = stored.records.values().filter_map(Record::answer_cost);
    costs.reduce(|a, b| a + b)
}
