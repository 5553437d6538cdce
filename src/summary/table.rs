//! A table of typed columns as Parquet. The one home of polars; no type of its own leaves this file.

use polars::prelude::{
    Column as Series, DataFrame, NamedFrom, ParquetCompression, ParquetWriter, PolarsError,
    Series as Values,
};
use std::borrow::Cow;

/// A column: its name and a value a row, `None` where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<'a> {
    /// The header.
    pub name: String,
    /// The values.
    pub cells: Cells<'a>,
}

/// The values of a column, all of one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells<'a> {
    /// Text.
    Text(Vec<Option<Cow<'a, str>>>),
    /// Real numbers.
    Number(Vec<Option<f64>>),
    /// Counts.
    Count(Vec<Option<u64>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

/// The table could not be written as Parquet.
#[derive(Debug, thiserror::Error)]
#[error("cannot write Parquet: {0}")]
pub struct ParquetError(String);

impl From<PolarsError> for ParquetError {
    fn from(error: PolarsError) -> Self {
        ParquetError(error.to_string())
    }
}

/// The columns, all of the same length, as one Parquet file.
pub fn parquet(columns: &[Column]) -> Result<Vec<u8>, ParquetError> {
    let series = columns.iter().map(|column| {
        let name = column.name.as_str().into();
        Series::from(match &column.cells {
            Cells::Text(cells) => Values::new(name, cells),
            Cells::Number(cells) => Values::new(name, cells),
            Cells::Count(cells) => Values::new(name, cells),
            Cells::Flag(cells) => Values::new(name, cells),
        })
    });
    let mut frame = DataFrame::new_infer_height(series.collect())?;
    let mut bytes = Vec::new();
    // every reader knows Snappy; the same rows make the same bytes
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Snappy)
        .finish(&mut frame)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{AnyValue, DataType, ParquetReader, SerReader};

    #[test]
    fn types_and_gaps_survive() {
        let column = |name: &str, cells| Column {
            name: name.to_owned(),
            cells,
        };
        let bytes = parquet(&[
            column("case", Cells::Text(vec![Some("007".into()), None])),
            column("cost", Cells::Number(vec![None, Some(0.000_12)])),
            column("tokens", Cells::Count(vec![Some(7), None])),
            column("passed", Cells::Flag(vec![Some(true), None])),
        ])
        .unwrap();
        assert_eq!(&bytes[..4], b"PAR1");
        let frame = ParquetReader::new(std::io::Cursor::new(bytes))
            .finish()
            .unwrap();
        let types: Vec<&DataType> = frame.columns().iter().map(|c| c.dtype()).collect();
        let expected = [
            DataType::String,
            DataType::Float64,
            DataType::UInt64,
            DataType::Boolean,
        ];
        assert_eq!(types, expected.iter().collect::<Vec<_>>());
        let cell = |name: &str, row| frame.column(name).unwrap().get(row).unwrap().into_static();
        assert_eq!(cell("case", 0), AnyValue::StringOwned("007".into()));
        assert_eq!(cell("cost", 0), AnyValue::Null);
        assert_eq!(cell("cost", 1), AnyValue::Float64(0.000_12));
    }
}
