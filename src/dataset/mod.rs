//! Datasets: the cases that every candidate is asked.
//!
//! A format each in its own file gives a [`Table`]; `shape` makes cases of its rows; `select` picks.

mod about;
mod columns;
mod csv;
mod fault;
mod guess;
mod hash;
mod jsonl;
mod lines;
mod parquet;
mod places;
mod select;
mod shape;
mod strict;
mod tags;
mod tree;

pub use guess::{Guess, guess};
pub use select::{Selection, Shard};

use crate::project::{Catalog, DatasetMap, DatasetSpec, Format};
use crate::source::{Block, Problem, did_you_mean};
use fault::Faults;
use places::Places;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One row of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Stable id: the id column, else a hash of the row's content.
    pub id: String,
    /// Every column by its name, in the file's order; text unless the format has types.
    pub vars: Map<String, Value>,
    /// What the answer should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Value>,
    /// The cluster the case belongs to (one customer, one document).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Words to select and slice by: `column=value`, or the words of a column `tags`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The line in the dataset's file that the row starts at, from 1; 0 where the format has none.
    #[serde(default)]
    pub line: usize,
}

/// A dataset, loaded: cases in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name shown: the file's path in the project.
    pub name: String,
    /// The file with the rows; in a dataset's folder, the one that its about.yaml names.
    pub file: String,
    /// Column names in order.
    pub columns: Vec<String>,
    /// The cases.
    pub cases: Vec<Case>,
    /// Hash of the ids, contents, targets, groups and tags of the selected cases.
    pub hash: String,
    /// Of a shard: the hash of all the cases that the shards are parts of.
    pub whole: Option<String>,
}

/// What a format gives: rows, not yet cases.
struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

/// A row, and the line of the file that it starts at (0: the format has no lines).
struct Row {
    line: usize,
    vars: Map<String, Value>,
}

/// Whether one of these tags is the one wanted: the whole tag, or its value (`de` for `lang=de`).
pub fn tagged(tags: &[String], wanted: &str) -> bool {
    tags.iter()
        .any(|tag| tag == wanted || tags::value(tag) == wanted)
}

impl Case {
    /// Hash of what is asked and expected: the same case in two datasets has the same, whatever its tags.
    pub fn content(&self) -> String {
        hash::content(self)
    }

    /// Whether it has this tag: the whole tag, or its value (`de` for `lang=de`).
    pub fn has_tag(&self, wanted: &str) -> bool {
        tagged(&self.tags, wanted)
    }
}

impl Dataset {
    /// No cases: what a plan is checked with when the dataset cannot be read.
    pub fn empty() -> Dataset {
        Dataset {
            name: String::new(),
            file: String::new(),
            columns: Vec::new(),
            cases: Vec::new(),
            hash: String::new(),
            whole: None,
        }
    }

    /// Reads the dataset that a suite names at `block`: every case of it, before any sampling.
    pub fn read(block: &Block, catalog: &Catalog) -> Result<Dataset, Vec<Problem>> {
        let options = block.read::<DatasetSpec>()?.options();
        load(options, Some(block), catalog)
    }

    /// Reads the dataset at a path, with nothing said about its columns.
    pub fn load(path: &str, catalog: &Catalog) -> Result<Dataset, Vec<Problem>> {
        let options = DatasetSpec::Path(path.to_owned()).options();
        load(options, None, catalog)
    }

    /// Problems with rows, each given the line of the file that it stands in.
    pub fn at_lines(&self, wrong: Vec<(usize, Problem)>, catalog: &Catalog) -> Vec<Problem> {
        fault::at_lines(wrong, &self.file, catalog)
    }
}

fn load(
    mut options: DatasetMap,
    block: Option<&Block>,
    catalog: &Catalog,
) -> Result<Dataset, Vec<Problem>> {
    let name = options.path.trim_end_matches('/').to_owned();
    let mut places = Places {
        suite: block,
        about: None,
    };
    let mut key = "path";
    if catalog.is_folder(&options.path) {
        places.about = about::document(&options.path, catalog)?;
        options = about::with_about(options, &places, catalog)?;
        key = "data";
    }
    let placed = |problem: Problem| vec![places.place(problem, &[key])];
    let path = options.path.clone();
    let format = match options.format {
        Some(format) => format,
        None if catalog.has(&path) => by_ending(&path).map_err(placed)?,
        // fails, and says why
        None => return Err(catalog.text(&path).err().map(placed).unwrap_or_default()),
    };
    let mut faults = Faults::default();
    let table = match format {
        Format::Csv => csv::read(&path, b',', catalog, &mut faults),
        Format::Tsv => csv::read(&path, b'\t', catalog, &mut faults),
        Format::Jsonl => jsonl::read(&path, catalog, &mut faults),
        Format::Json | Format::Yaml => tree::read(&path, format, catalog, &mut faults),
        Format::Parquet => parquet::read(&path, catalog),
    };
    let table = table.map_err(placed)?;
    if table.rows.is_empty() && faults.is_empty() {
        return Err(placed(Problem::error(format!("`{path}` has no rows"))));
    }
    if table.columns.is_empty() {
        return Err(faults.into_problems(&path, catalog));
    }
    let shaped = shape::cases(table, &options, &places, &mut faults);
    let (columns, cases) = match shaped {
        Ok(shaped) if faults.is_empty() => shaped,
        shaped => {
            let mut problems = shaped.err().unwrap_or_default();
            problems.extend(faults.into_problems(&path, catalog));
            return Err(problems);
        }
    };
    let hash = hash::cases(&cases);
    Ok(Dataset {
        name,
        file: path,
        columns,
        cases,
        hash,
        whole: None,
    })
}

fn by_ending(path: &str) -> Result<Format, Problem> {
    let ending = path.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "csv" => Ok(Format::Csv),
        "tsv" | "tab" => Ok(Format::Tsv),
        "jsonl" | "ndjson" => Ok(Format::Jsonl),
        "json" => Ok(Format::Json),
        "yaml" | "yml" => Ok(Format::Yaml),
        "parquet" => Ok(Format::Parquet),
        _ => Err(Problem::error(format!("`{path}`: no known format"))
            .help("say `format: csv`, or name it .csv, .tsv, .jsonl, .json, .yaml or .parquet")),
    }
}

/// A problem about a name that is no column.
fn no_column(name: &str, columns: &[String]) -> Problem {
    let problem = Problem::error(format!("the dataset has no column `{name}`"));
    let problem = match did_you_mean(name, columns.iter().map(String::as_str)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem,
    };
    problem.help(format!("columns: {}", columns.join(", ")))
}

#[cfg(test)]
mod tests;
