//! `report --reprice`: with which prices.

use super::args;
use super::host::Host;
use super::tables;
use crate::plan::Snapshot;
use crate::provider::Prices;
use crate::source::Problem;
use crate::store::Stored;
use crate::summary::{Repriced, reprice};

/// Prices the run anew if that is asked for; what the store holds stays as it is.
pub fn repriced(
    host: &Host,
    args: &args::Report,
    plan: &Snapshot,
    stored: &mut Stored,
) -> Result<Option<Repriced>, Problem> {
    if !args.reprice {
        return Ok(None);
    }
    let prices = match &args.prices {
        Some(file) => Prices::over(tables::named(host, file, None)?.table),
        None => tables::prices(host)?,
    };
    let prices = match &args.at {
        Some(date) => prices
            .on(date)
            .map_err(|error| Problem::error(format!("--at: {error}")))?,
        None => prices,
    };
    Ok(Some(reprice(plan, stored, &prices)))
}
