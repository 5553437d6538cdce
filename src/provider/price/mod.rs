//! What a call costs: as the provider states it, by the suite's own price, or by a price table.
//!
//! An unknown cost is `None` and never 0. Prices are those of a table's own date, so that the same
//! replies cost the same in every run made with one table. A table that the user brought is asked
//! first; what it does not know, the bundled one may.

mod counts;
mod litellm;
mod rates;
mod row;
mod table;

pub use crate::project::{Price, PriceTier};
pub use rates::{Rates, at_price, worst_price};
pub use row::{Row, Step, Variant};
pub use table::{Edition, Format, TABLE_DATE, Table, Unreadable};

use super::call::Usage;
use super::capability::Overlay;
use super::catalog::Provider;
use counts::Counts;
use serde::{Deserialize, Serialize};

/// How far what a provider states may be from the table before it is worth a word.
const APART: f64 = 0.05;

/// What an attempt cost and where the figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cost {
    /// USD.
    pub usd: f64,
    /// `stated`, `suite`, `prices:DATE`, or `not_billed`.
    pub source: String,
    /// Where the provider stated the cost: what the price table makes of the same usage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_usd: Option<f64>,
}

impl Cost {
    /// A cost from this source.
    pub fn new(usd: f64, source: impl Into<String>) -> Cost {
        Cost {
            usd,
            source: source.into(),
            table_usd: None,
        }
    }

    /// By how much what the provider states is above the table, as a share, where that is much.
    pub fn apart(&self) -> Option<f64> {
        apart(self.usd, self.table_usd?)
    }
}

/// By how much `stated` is above `table`, as a share of it, where that is more than 5 %.
pub fn apart(stated: f64, table: f64) -> Option<f64> {
    let share = stated / table - 1.0;
    (share.is_finite() && share.abs() > APART).then_some(share)
}

/// Price tables, the first one asked first.
#[derive(Debug, Clone)]
pub struct Prices {
    tables: Vec<Table>,
}

/// What is to be priced.
#[derive(Debug, Clone, Copy)]
pub struct Priced<'a> {
    /// Who serves it; `None` for an endpoint of the user's own.
    pub provider: Option<&'a Provider>,
    /// The model as it was asked for.
    pub asked: &'a str,
    /// The model that answered, which is what is billed.
    pub served: Option<&'a str>,
    /// The tier that was billed.
    pub service_tier: Option<&'a str>,
    /// The counts.
    pub usage: &'a Usage,
    /// What the provider says it cost.
    pub stated: Option<f64>,
    /// The suite's own price.
    pub suite: Option<&'a Price>,
}

/// What a request costs at list price, the first step of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListPrice {
    /// USD per million tokens.
    pub rates: Rates,
    /// A fee for each request, USD.
    pub per_request: f64,
}

impl Prices {
    /// The table that bakeoff carries, read on first use.
    pub fn bundled() -> Self {
        Prices {
            tables: vec![Table::bundled()],
        }
    }

    /// A table of the user's, over the bundled one.
    pub fn over(table: Table) -> Self {
        Prices {
            tables: vec![table, Table::bundled()],
        }
    }

    /// The same tables, giving the prices of another day.
    pub fn on(self, date: &str) -> Result<Self, Unreadable> {
        let tables = self.tables.into_iter().map(|table| table.on(date));
        Ok(Prices {
            tables: tables.collect::<Result<_, _>>()?,
        })
    }

    /// The tables, the first one asked first.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table that is asked first.
    pub fn edition(&self) -> &Edition {
        &self.tables[0].edition
    }

    /// The day whose prices are given.
    pub fn day(&self) -> &str {
        self.tables[0].day()
    }

    /// What the user's table says of models beside their prices, to be laid over what bakeoff knows.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.tables.iter().find_map(Table::overlay)
    }

    /// The cost: stated by the provider, else by the suite's price, else by the table.
    pub fn cost(&self, priced: &Priced<'_>) -> Option<Cost> {
        if let Some(usd) = priced.stated {
            return Some(Cost {
                table_usd: self.by_table(priced).map(|cost| cost.usd),
                ..Cost::new(usd, "stated")
            });
        }
        if let Some(price) = priced.suite {
            return Some(Cost::new(at_price(price, priced.usage)?, "suite"));
        }
        self.by_table(priced)
    }

    /// The cost by the tables alone: the served model's price, else that of the one asked for.
    pub fn by_table(&self, priced: &Priced<'_>) -> Option<Cost> {
        let provider = priced.provider?.prices?;
        let counts = Counts::of(priced.usage)?;
        let names = priced.served.into_iter().chain([priced.asked]);
        names.into_iter().find_map(|model| {
            self.tables.iter().find_map(|table| {
                let usd = table.cost(provider, model, counts, priced.service_tier)?;
                Some(Cost::new(usd, table.source()))
            })
        })
    }

    /// The list price of a short prompt, for a plan. A long prompt may cost more:
    /// [`Prices::estimate`] knows the steps.
    pub fn list_price(&self, provider: &Provider, model: &str) -> Option<ListPrice> {
        let id = provider.prices?;
        self.tables
            .iter()
            .find_map(|table| table.list_price(id, model))
    }

    /// What a call of this many tokens costs at list price, request fees included.
    pub fn estimate(
        &self,
        provider: &Provider,
        model: &str,
        input: u64,
        output: u64,
    ) -> Option<f64> {
        let counts = Counts {
            input,
            output,
            ..Counts::default()
        };
        let id = provider.prices?;
        self.tables
            .iter()
            .find_map(|table| table.cost(id, model, counts, None))
    }
}

#[cfg(test)]
mod tests;
