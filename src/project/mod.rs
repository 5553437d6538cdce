//! What the user wrote: the suite, and the files that it names.
//!
//! Knows the words of the file but not what they lead to: models are resolved in `provider`, prompts
//! parsed in `prompt`, scorers built in `score`, each from its part of [`Project::doc`].

mod catalog;
mod dataset;
mod find;
mod gate;
mod limits;
mod model;
mod params;
mod prompt;
mod shipped;
mod spec;
mod units;

pub use catalog::{Catalog, Entry, Origin};
pub use dataset::{DatasetMap, DatasetSpec, Format, Sample, Words};
pub use gate::{Gate, Metric, MetricRule, Rule, ScorerRule};
pub use limits::{Lane, Limits};
pub use model::{Key, KeySource, ModelMap, ModelSpec, Price};
pub use params::{Params, Reasoning, ResponseSchema, Tool, ToolChoice};
pub use prompt::{Examples, PromptMap, PromptSpec, SchemaSpec, Turn};
pub use spec::Suite;
pub use units::{Amount, Period, Share};

use crate::source::{Document, Problem, schema_of};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A project on disk, read.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder with the suite.
    pub root: PathBuf,
    /// The suite's file name in it.
    pub file: String,
    /// The suite as written, to point into.
    pub doc: Document,
    /// The suite as meant.
    pub suite: Suite,
    /// The files around it.
    pub catalog: Catalog,
}

impl Project {
    /// Reads the project: the suite at `path` (a file, or the folder it is in), else the nearest one
    /// from `cwd` upwards within the repository.
    pub fn load(
        path: Option<&Path>,
        cwd: &Path,
        allow_path: bool,
    ) -> Result<Project, Vec<Problem>> {
        let (root, file) = find::suite(path, cwd).map_err(|problem| vec![problem])?;
        let catalog = Catalog::new(&root, allow_path);
        let source = catalog.text(&file).map_err(|problem| vec![problem])?;
        let doc = Document::parse(source).map_err(|problem| vec![problem])?;
        let mut suite: Suite = doc.top().read()?;
        if suite.name.is_empty() {
            let folder = root.canonicalize().unwrap_or_else(|_| root.clone());
            let folder = folder.file_name().unwrap_or_default();
            suite.name = folder.to_string_lossy().into_owned();
        }
        Ok(Project {
            root,
            file,
            doc,
            suite,
            catalog,
        })
    }
}

/// The project's folder, if there is a suite, whether or not it can be read.
pub fn root(path: Option<&Path>, cwd: &Path) -> Option<PathBuf> {
    find::suite(path, cwd).ok().map(|(root, _)| root)
}

/// The JSON Schema (draft 2020-12) of the suite's file, for editors.
pub fn schema() -> Value {
    schema_of::<Suite>()
}

/// The JSON Schema of a prompt's file.
pub fn prompt_schema() -> Value {
    schema_of::<PromptMap>()
}

#[cfg(test)]
mod tests;
