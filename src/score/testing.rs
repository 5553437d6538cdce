//! What the tests of the kinds share: an answer to score and somebody to ask.

use super::{Build, Check, Graded, Named, Score, Unscored, build_all};
use crate::dataset::Case;
use crate::project::Catalog;
use crate::provider::{Ask, Call, Failure, Reply};
use crate::source::{Document, Problem, Source};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A case with this target.
pub(super) fn case(target: Option<Value>) -> Case {
    Case {
        id: "1".into(),
        vars: Map::new(),
        target,
        group: None,
        tags: Vec::new(),
        line: 2,
    }
}

/// A reply of this text.
pub(super) fn reply(text: &str) -> Reply {
    Reply {
        text: text.into(),
        ..Reply::default()
    }
}

/// What a scorer sees of `reply` to `case`.
pub(super) fn graded<'a>(case: &'a Case, reply: &'a Reply) -> Graded<'a> {
    Graded {
        case,
        target: case.target.as_ref(),
        reply,
        latency_ms: None,
        cost_usd: None,
    }
}

/// The check's result on this text.
pub(super) fn check_with(
    check: &dyn Check,
    text: &str,
    target: Option<Value>,
) -> Result<Score, Unscored> {
    check.check(&graded(&case(target), &reply(text)))
}

/// The check's result on this text with this target.
pub(super) fn check(scorer: &dyn Check, text: &str, target: Value) -> Result<Score, Unscored> {
    check_with(scorer, text, Some(target))
}

/// Says what it was told to, in order, and remembers what it was asked.
#[derive(Default)]
pub(super) struct Scripted {
    says: Mutex<VecDeque<Result<Reply, Failure>>>,
    asked: Mutex<Vec<(String, Call, u32)>>,
}

impl Scripted {
    /// One that says this.
    pub(super) fn new(says: Vec<Result<Reply, Failure>>) -> Self {
        Scripted {
            says: Mutex::new(says.into()),
            asked: Mutex::default(),
        }
    }

    /// One that answers with these texts.
    pub(super) fn saying(texts: &[&str]) -> Self {
        Scripted::new(texts.iter().map(|text| reply(text)).map(Ok).collect())
    }

    /// What it was asked so far.
    pub(super) fn asked(&self) -> Vec<(String, Call, u32)> {
        self.asked.lock().unwrap().clone()
    }
}

impl Ask for Scripted {
    fn ask<'a>(
        &'a self,
        model: &'a str,
        call: Call,
        repeat: u32,
    ) -> BoxFuture<'a, Result<Reply, Failure>> {
        self.asked
            .lock()
            .unwrap()
            .push((model.into(), call, repeat));
        let next = self.says.lock().unwrap().pop_front();
        Box::pin(async move { next.expect("the script has a reply for every call") })
    }
}

/// A project on disk, with a dataset of one column, `question`.
pub(super) struct Project {
    folder: TempDir,
    columns: Vec<String>,
}

impl Project {
    /// Files by path and text.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Project {
            folder,
            columns: vec!["question".into()],
        }
    }

    /// What building looks at.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Build<'_>) -> T) -> T {
        let catalog = Catalog::new(self.folder.path(), false);
        work(&Build::new(&catalog, &self.columns))
    }

    /// Its folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The scorers of a YAML list.
    pub(super) fn build(&self, scorers: &str) -> Result<Vec<Named>, Vec<Problem>> {
        self.built(scorers, None)
    }

    /// The same, where programs may be run in this environment.
    pub(super) fn build_allowing(
        &self,
        scorers: &str,
        env: &BTreeMap<String, String>,
    ) -> Result<Vec<Named>, Vec<Problem>> {
        self.built(scorers, Some(env))
    }

    fn built(
        &self,
        scorers: &str,
        env: Option<&BTreeMap<String, String>>,
    ) -> Result<Vec<Named>, Vec<Problem>> {
        let text = format!("scorers:\n{scorers}");
        let source = Arc::new(Source::new("bakeoff.yaml", text));
        let document = Document::parse(source).map_err(|problem| vec![problem])?;
        self.with(|build| build_all(&document.top(), &build.clone().allowing(env)))
    }
}

/// Every problem as `line:column title | help`.
pub(super) fn told(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let at = problem
            .at
            .as_ref()
            .map(|at| (&at.source.name, at.source.line_column(at.span.start)));
        let place = at.map_or_else(String::new, |(name, (line, column))| match name.as_str() {
            "bakeoff.yaml" => format!("{line}:{column} "),
            name => format!("{name}:{line}:{column} "),
        });
        format!("{place}{} | {}", problem.title, problem.help.join(" / "))
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
