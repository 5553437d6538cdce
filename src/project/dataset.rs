//! A dataset as the suite names it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A dataset: its path, or a map with the path and how to read it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DatasetSpec {
    /// A file, or a folder with about.yaml.
    Path(String),
    /// The same with options.
    Map(Box<DatasetMap>),
}

impl DatasetSpec {
    /// The long form, with nothing but the path where the short one was written.
    pub fn options(&self) -> DatasetMap {
        match self {
            DatasetSpec::Map(map) => (**map).clone(),
            DatasetSpec::Path(path) => DatasetMap {
                path: path.clone(),
                ..DatasetMap::default()
            },
        }
    }
}

/// A dataset with options.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetMap {
    /// The file, or a folder with about.yaml.
    pub path: String,
    /// The file's format, where its ending does not say it.
    #[serde(default)]
    pub format: Option<Format>,
    /// Columns under other names: `new: old`.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// The column with the case's id.
    #[serde(default)]
    pub id: Option<String>,
    /// The column with the expected answer, or a template (`{{a}} {{b}}`).
    #[serde(default)]
    pub target: Option<String>,
    /// The column with the cluster that a case belongs to: one customer, one document.
    #[serde(default)]
    pub group: Option<String>,
    /// Columns whose values become tags.
    #[serde(default)]
    pub tags: Words,
    /// A random sample, the same for the same seed.
    #[serde(default)]
    pub sample: Option<Sample>,
    /// At most this many cases, the first ones.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub limit: Option<usize>,
}

/// A word, or a list of words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// One.
    One(String),
    /// Any number.
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Words::Many(Vec::new())
    }
}

impl Words {
    /// The words.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Words::One(word) => std::slice::from_ref(word),
            Words::Many(words) => words,
        }
    }
}

/// A random sample of the cases.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How many cases.
    #[schemars(range(min = 1))]
    pub n: usize,
    /// Each value of this column gets its share.
    #[serde(default)]
    pub by: Option<String>,
}

/// A dataset's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated, with a header line.
    Csv,
    /// Tab-separated, with a header line.
    Tsv,
    /// A JSON object a line.
    Jsonl,
    /// A list of JSON objects.
    Json,
    /// A list of maps.
    Yaml,
    /// Apache Parquet.
    Parquet,
}
