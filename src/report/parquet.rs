//! `trials.parquet`: the same rows as `trials.csv`, with real types.

use super::{Format, trials};
use crate::source::Problem;
use crate::summary::table;

/// Trials as Parquet.
pub const FORMAT: Format = Format {
    name: "parquet",
    file: "trials.parquet",
    about: "every trial as a row, typed, for data tools",
    render: |report, _| {
        table::parquet(&trials::columns(report)).map_err(|error| Problem::error(error.to_string()))
    },
};
