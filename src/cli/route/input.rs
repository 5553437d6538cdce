//! What the routing commands read: a run or a table as a matrix, and routes from the suite or a file.

use super::Common;
use crate::cli::args::{Global, Selection};
use crate::cli::compare::scorer;
use crate::cli::host::Host;
use crate::cli::{load, place, stored};
use crate::dataset::Case;
use crate::plan::{Plan, Snapshot, Trial};
use crate::project::{Project, RouteMap};
use crate::prompt::{Next, Role};
use crate::provider::Reply;
use crate::route::{Answers, Prompt, Recorded, ScoresOnly, read, recorded, replies};
use crate::source::{Document, Problem, Source};
use crate::store::Stored;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The margin where nothing says another one.
const MARGIN: f64 = 0.05;

/// All that a command works on.
pub struct Input {
    pub recorded: Recorded,
    pub scorer: String,
    pub margin: f64,
    pub seed: u64,
    pub sources: Vec<String>,
    pub routes: Vec<RouteMap>,
    pub run: Option<Box<(Snapshot, Stored)>>,
    pub notes: Vec<String>,
}

/// A file of routes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Routes {
    routes: Vec<RouteMap>,
}

/// Reads what is asked for.
pub fn input(host: &Host, global: &Global, args: &Common) -> Result<Input, Vec<Problem>> {
    let mut input = match &args.table {
        Some(path) => of_table(host, path, args)?,
        None => of_run(host, global, args)?,
    };
    input.routes = match &args.routes {
        Some(path) => routes(host, path)?,
        None => suite(host, global).map_or(Vec::new(), |project| project.suite.routes),
    };
    Ok(input)
}

fn suite(host: &Host, global: &Global) -> Option<Project> {
    Project::load(global.file.as_deref(), &host.cwd, global.allow_path).ok()
}

fn routes(host: &Host, path: &Path) -> Result<Vec<RouteMap>, Vec<Problem>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(host.cwd.join(path));
    let text = text.map_err(|e| vec![Problem::error(format!("cannot read {name}: {e}"))])?;
    let document = Document::parse(Arc::new(Source::new(name, text))).map_err(|it| vec![it])?;
    Ok(document.top().read::<Routes>()?.routes)
}

fn of_table(host: &Host, path: &Path, args: &Common) -> Result<Input, Vec<Problem>> {
    crate::cli::compare::of_table_only(args.scorer.as_deref()).map_err(|it| vec![it])?;
    let name = path.display().to_string();
    let recorded = match path == Path::new("-") {
        true => read(&name, std::io::stdin())?,
        false => {
            let file = std::fs::File::open(host.cwd.join(path));
            read(
                &name,
                file.map_err(|e| vec![Problem::error(format!("cannot read {name}: {e}"))])?,
            )?
        }
    };
    Ok(Input {
        recorded,
        scorer: "score".to_owned(),
        margin: args.margin.unwrap_or(MARGIN),
        seed: args.seed.unwrap_or(1),
        sources: vec![name],
        routes: Vec::new(),
        run: None,
        notes: Vec::new(),
    })
}

fn of_run(host: &Host, global: &Global, args: &Common) -> Result<Input, Vec<Problem>> {
    let one = |problem: Problem| vec![problem];
    let (_, path) = place(host, global);
    let store = stored::open(&path).map_err(one)?;
    let (plan, data) = stored::load(&store, &args.run).map_err(one)?;
    let scorer = scorer(&plan, args.scorer.as_deref()).map_err(one)?;
    let mut notes = Vec::new();
    let today = load::load(host, global, &Selection::default()).ok();
    let today = today
        .map(|loaded| loaded.plan)
        .filter(|plan| !plan.candidates.is_empty());
    let prompts = today.map(|plan| prompts(&plan)).unwrap_or_default();
    let prompt = |case: &Case| {
        let known = prompts.get(case.id.as_str());
        known
            .filter(|known| known.0 == case.content())
            .map(|known| known.1.clone())
    };
    let recorded = recorded(&plan, &data, &scorer, &prompt);
    if recorded
        .requests
        .iter()
        .any(|request| request.tokens.is_none())
    {
        notes.push("the prompts cannot be made again from the suite as it is today, so their lengths are not known".to_owned());
    }
    if !data.run.complete {
        notes.push("the run is incomplete: not every trial has an outcome".to_owned());
    }
    Ok(Input {
        recorded,
        scorer,
        margin: args.margin.unwrap_or(plan.margin),
        seed: args.seed.unwrap_or(plan.seed),
        sources: vec![format!("run {}", stored::short_id(&store, &data.run.id))],
        routes: Vec::new(),
        run: Some(Box::new((plan, data))),
        notes,
    })
}

/// Of each case's id, its content and its prompt by the first candidate.
fn prompts(plan: &Plan) -> HashMap<String, (String, Prompt)> {
    let of = |index: usize| {
        let trial = Trial {
            case: index as u32,
            candidate: 0,
            repeat: 0,
        };
        let Next::Ask(messages) = plan.conversation(trial).ok()?.next(&[]) else {
            return None;
        };
        let texts: Vec<String> = messages
            .iter()
            .map(|it| it.joined_text().to_string())
            .collect();
        let said = messages
            .iter()
            .zip(&texts)
            .filter(|(it, _)| it.role == Role::User);
        let said: Vec<&str> = said.map(|(_, text)| text.as_str()).collect();
        Some(Prompt {
            text: said.join("\n"),
            characters: texts.iter().map(|text| text.chars().count() as u64).sum(),
            bytes: texts.iter().map(String::len).sum(),
        })
    };
    let cases = plan.dataset.cases.iter().enumerate();
    cases
        .filter_map(|(index, case)| Some((case.id.clone(), (case.content(), of(index)?))))
        .collect()
}

/// The answers of a run, by candidate's name and case's id.
struct OfRun<'a> {
    plan: &'a Snapshot,
    data: &'a Stored,
    columns: HashMap<&'a str, usize>,
    cases: HashMap<&'a str, &'a Case>,
}

impl Answers for OfRun<'_> {
    fn replies(&self, candidate: &str, case: &str) -> Vec<&Reply> {
        let column = self
            .columns
            .get(candidate)
            .map(|at| &self.plan.candidates[*at]);
        let (Some(column), Some(case)) = (column, self.cases.get(case)) else {
            return Vec::new();
        };
        replies(self.plan, self.data, column, case)
    }

    fn passed(&self, candidate: &str, case: &str, repeat: usize, scorer: &str) -> Option<bool> {
        let column = &self.plan.candidates[*self.columns.get(candidate)?];
        let case = self.cases.get(case)?;
        let trial = self.plan.trial_id(case, column, repeat as u32);
        self.data
            .scores
            .get(&trial)?
            .get(scorer)?
            .result
            .as_ref()
            .ok()?
            .passed
    }

    fn columns(&self, case: &str) -> Option<&Map<String, Value>> {
        Some(&self.cases.get(case)?.vars)
    }
}

impl Input {
    /// What is known of the answers themselves.
    pub fn answers(&self) -> Box<dyn Answers + '_> {
        let Some(run) = &self.run else {
            return Box::new(ScoresOnly);
        };
        let (plan, data) = run.as_ref();
        let columns = plan.candidates.iter().enumerate();
        Box::new(OfRun {
            plan,
            data,
            columns: columns
                .map(|(at, column)| (column.name.as_str(), at))
                .collect(),
            cases: data
                .cases
                .iter()
                .map(|case| (case.id.as_str(), case))
                .collect(),
        })
    }
}
