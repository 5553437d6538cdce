//! A dataset that is a folder: `about.yaml` says which columns mean what and where the data is from.

use super::places::Places;
use crate::project::{Catalog, DatasetMap, Format, Words};
use crate::source::{Document, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names of the data file in the folder.
const DATA: [&str; 7] = [
    "data.csv",
    "data.jsonl",
    "data.tsv",
    "data.json",
    "data.yaml",
    "data.yml",
    "data.parquet",
];

/// What `about.yaml` holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct About {
    /// The dataset's name.
    title: Option<String>,
    /// What it holds, in a few lines.
    description: Option<String>,
    /// What else a reader should know, by subject.
    notes: BTreeMap<String, String>,
    /// Which columns mean what.
    columns: Roles,
    /// The data file, if it is not data.csv, data.jsonl …
    data: Option<String>,
    /// The data file's format, where its ending does not say it.
    format: Option<Format>,
    /// Where the data comes from.
    source: Option<String>,
    /// The data's licence.
    licence: Option<String>,
}

/// Which columns mean what.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Roles {
    /// The column with the case's id.
    id: Option<String>,
    /// The column with the expected answer, or a template.
    target: Option<String>,
    /// The column with the cluster that a case belongs to.
    group: Option<String>,
    /// Columns whose values become tags.
    tags: Option<Words>,
}

/// The about.yaml of a dataset's folder, if there is one.
pub(super) fn document(folder: &str, catalog: &Catalog) -> Result<Option<Document>, Vec<Problem>> {
    let path = format!("{}/about.yaml", folder.trim_end_matches('/'));
    if !catalog.has(&path) {
        return Ok(None);
    }
    let source = catalog.text(&path).map_err(|problem| vec![problem])?;
    let doc = Document::parse(source).map_err(|problem| vec![problem])?;
    Ok(Some(doc))
}

/// The options with the path of the data file, and what `about.yaml` says where the suite says
/// nothing.
pub(super) fn with_about(
    mut options: DatasetMap,
    places: &Places<'_>,
    catalog: &Catalog,
) -> Result<DatasetMap, Vec<Problem>> {
    let folder = options.path.trim_end_matches('/').to_owned();
    let about = match &places.about {
        Some(doc) => doc.top().read::<About>()?,
        None => About::default(),
    };
    let data = match about.data {
        Some(data) => data,
        None => only_data(&folder, places, catalog)?,
    };
    options.path = format!("{folder}/{data}");
    options.format = options.format.or(about.format);
    options.id = options.id.or(about.columns.id);
    options.target = options.target.or(about.columns.target);
    options.group = options.group.or(about.columns.group);
    if options.tags.as_slice().is_empty() {
        options.tags = about.columns.tags.unwrap_or_default();
    }
    Ok(options)
}

/// The one data file in a folder.
fn only_data(folder: &str, places: &Places<'_>, catalog: &Catalog) -> Result<String, Vec<Problem>> {
    let there = |name: &&str| catalog.has(&format!("{folder}/{name}"));
    let found: Vec<&str> = DATA.iter().copied().filter(there).collect();
    let problem = match found.as_slice() {
        [one] => return Ok((*one).to_owned()),
        [] => Problem::error(format!("the folder `{folder}` holds no dataset"))
            .help(format!("put a {} into it", DATA[..2].join(" or a "))),
        many => {
            Problem::error(format!("the folder `{folder}` holds several datasets")).help(format!(
                "say which in about.yaml: `data: {}`",
                many.join("` or `data: ")
            ))
        }
    };
    Err(vec![places.place(problem, &["path"])])
}
