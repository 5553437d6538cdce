//! What the building of scorers may look at: the dataset's columns and the project's files.

use crate::project::Catalog;
use crate::source::{Block, Document, Problem, Source};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Files that the scorers of a suite may read in all.
const FILES: usize = 1000;

/// The largest file of a program that is looked at, in bytes.
const LARGEST: u64 = 64 << 20;

/// What scorers are built with.
#[derive(Clone)]
pub struct Build<'a> {
    catalog: &'a Catalog,
    /// Every file of `scorers/`, the project's and the shipped ones.
    paths: Rc<[String]>,
    /// The environment of the programs that may be run; without it none may.
    pub(super) programs: Option<&'a BTreeMap<String, String>>,
    /// The dataset's columns, which templates may name.
    pub(super) columns: &'a [String],
    /// How deep definitions are nested.
    pub(super) depth: usize,
    /// The scorers that are files, around what is built just now.
    pub(super) inside: Vec<String>,
    /// The files read so far.
    pub(super) seen: Rc<RefCell<Vec<Arc<Source>>>>,
}

impl<'a> Build<'a> {
    /// Scorers of a project with these files, over a dataset with these columns.
    pub fn new(catalog: &'a Catalog, columns: &'a [String]) -> Self {
        let files = catalog.list("scorers").into_iter();
        Build {
            catalog,
            paths: files.map(|file| file.path).collect(),
            programs: None,
            columns,
            depth: 0,
            inside: Vec::new(),
            seen: Rc::default(),
        }
    }

    /// The same, where scorers may run programs, which see a part of this environment.
    pub fn allowing(self, programs: Option<&'a BTreeMap<String, String>>) -> Self {
        Build { programs, ..self }
    }

    /// The project's files.
    pub(super) fn catalog(&self) -> &Catalog {
        self.catalog
    }

    /// The project's folder.
    pub(super) fn root(&self) -> &Path {
        self.catalog.root()
    }

    /// A file of the project (or a shipped one) that a program is made of, if the word is the name of
    /// one: it counts in the definition.
    pub(super) fn part(&self, word: &str) -> Option<Arc<Source>> {
        if !self.catalog.has(word) || self.catalog.is_folder(word) {
            return None;
        }
        let bytes = self.catalog.bytes(word, LARGEST).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let source = Arc::new(Source::new(word, text));
        self.seen.borrow_mut().push(source.clone());
        Some(source)
    }

    /// The same, for a definition inside another.
    pub(super) fn deeper(&self) -> Self {
        Build {
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    /// The same, for what stands in the file of this name.
    pub(super) fn within(&self, name: &str) -> Self {
        let mut build = self.deeper();
        build.inside.push(name.to_owned());
        build
    }

    /// The same over other columns.
    pub(super) fn over<'b>(&self, columns: &'b [String]) -> Build<'b>
    where
        'a: 'b,
    {
        Build {
            catalog: self.catalog,
            paths: self.paths.clone(),
            programs: self.programs,
            columns,
            depth: self.depth,
            inside: self.inside.clone(),
            seen: self.seen.clone(),
        }
    }

    /// The names of the scorers that are files.
    pub(super) fn files(&self) -> Vec<String> {
        let stem = |path: &String| {
            let (stem, ending) = path.strip_prefix("scorers/")?.rsplit_once('.')?;
            let known = matches!(ending, "yaml" | "yml" | "toml" | "json") && !stem.contains('/');
            let known = known && !stem.ends_with(".calibration");
            known.then(|| stem.to_owned())
        };
        self.paths.iter().filter_map(stem).collect()
    }

    /// The path of the file that a scorer's name means.
    pub(super) fn file(&self, name: &str) -> Option<String> {
        let paths =
            ["yaml", "yml", "toml", "json"].map(|ending| format!("scorers/{name}.{ending}"));
        paths.into_iter().find(|path| self.paths.contains(path))
    }

    /// A file's document; `at` is where the file is named.
    pub(super) fn document(&self, path: &str, at: &Block<'_>) -> Result<Document, Vec<Problem>> {
        if self.seen.borrow().len() >= FILES {
            return Err(vec![
                at.problem(format!("the scorers name more than {FILES} files"), ""),
            ]);
        }
        let source = self.catalog.text(path).map_err(|mut problem| {
            problem.at = problem.at.or_else(|| at.problem("", "").at);
            vec![problem]
        })?;
        self.seen.borrow_mut().push(source.clone());
        Document::parse(source).map_err(|problem| vec![problem])
    }
}
