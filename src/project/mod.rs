//! What the user wrote: the suite, and the files that it names.
//!
//! Knows the words of the file but not what they lead to: models are resolved in `provider`, prompts
//! parsed in `prompt`, scorers built in `score`, each from its part of [`Project::doc`].

mod catalog;
mod dataset;
mod fallback;
mod find;
mod gate;
mod limits;
mod model;
mod params;
mod price;
mod prompt;
mod route;
mod serve;
mod shipped;
mod spec;
mod turn;
mod units;

pub use catalog::{Catalog, Entry, Origin};
pub use dataset::{DatasetMap, DatasetSpec, Format, Sample, Words};
pub use fallback::{ChainMap, HopMap, HopSpec, On, Trigger};
pub use gate::{Gate, Metric, MetricRule, Rule, ScorerRule};
pub use limits::{Lane, Limits};
pub use model::{Key, KeySource, ModelMap, ModelSpec};
pub use params::{Params, Reasoning, ResponseSchema, Tool, ToolChoice};
pub use price::{Price, PriceTier};
pub use prompt::{Examples, PromptMap, PromptSpec, SchemaSpec, ToolsFrom, ToolsSpec};
pub use route::{
    AcceptMap, ClassifierMap, ConfidenceMap, CostMap, LatencyMap, RouteMap, RuleMap, StageMap,
    StageSpec, Timed,
};
pub use serve::{Client, Keep, Serve, Window};
pub use spec::Suite;
pub use turn::{
    Answer, CallSpec, Content, ImageMap, ImageSpec, Piece, Said, Saying, ToolResult, Turn,
};
pub use units::{Amount, Period, Share, Size};

use crate::source::{Document, Problem, Span, schema_of};
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
        match Project::load_leniently(path, cwd, allow_path)? {
            (project, faults) if faults.is_empty() => Ok(project),
            (_, faults) => Err(faults),
        }
    }

    /// Reads as much of the project as is right, with all that is not, so that what the rest leads
    /// to can be checked too. Fails where nothing can be made of it.
    pub fn load_leniently(
        path: Option<&Path>,
        cwd: &Path,
        allow_path: bool,
    ) -> Result<(Project, Vec<Problem>), Vec<Problem>> {
        let (root, file) = find::suite(path, cwd).map_err(|problem| vec![problem])?;
        let catalog = Catalog::new(&root, allow_path);
        let source = catalog.text(&file).map_err(|problem| vec![problem])?;
        let mut doc = Document::parse(source).map_err(|problem| vec![problem])?;
        let mut faults = Vec::new();
        let mut suite: Suite = match doc.top().read() {
            Ok(suite) => suite,
            Err(problems) => {
                faults = problems;
                let places = faults.iter().filter_map(|fault| fault.at.as_ref());
                let places: Vec<Span> = places.map(|at| at.span.clone()).collect();
                doc.root = doc.root.without(&places);
                match doc.top().read() {
                    Ok(suite) => suite,
                    Err(_) => return Err(faults),
                }
            }
        };
        if suite.name.is_empty() {
            let folder = root.canonicalize().unwrap_or_else(|_| root.clone());
            let folder = folder.file_name().unwrap_or_default();
            suite.name = folder.to_string_lossy().into_owned();
        }
        let project = Project {
            root,
            file,
            doc,
            suite,
            catalog,
        };
        Ok((project, faults))
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
