//! What is allowed, but hardly meant: a tag that no case has, a prompt that is the same for every case, a model that
//! the price table has under a name like this one, a schema that is none, a program that is not there.

use crate::dataset::Dataset;
use crate::plan::{Placed, Plan};
use crate::project::Project;
use crate::provider::Prices;
use crate::score::{Named, schema_fault};
use crate::source::{Block, Problem, Severity, did_you_mean};
use std::collections::BTreeMap;
use std::path::Path;

fn warning(problem: Problem) -> Problem {
    Problem {
        severity: Severity::Warning,
        ..problem
    }
}

/// Tags that a scorer's `when:` names and no case has.
pub fn tags(project: &Project, scorers: &[Named], dataset: &Dataset) -> Vec<Problem> {
    let listed = project.doc.block("/scorers").map(|it| it.children());
    let listed = listed.unwrap_or_default();
    let mut problems = Vec::new();
    for (named, (_, block)) in scorers.iter().zip(&listed) {
        for tag in named.tags() {
            if dataset.cases.iter().any(|case| case.has_tag(tag)) {
                continue;
            }
            let title = format!(
                "no case has the tag {tag:?} that `when` of {:?} names",
                named.name
            );
            let place = block.child("when").unwrap_or_else(|| block.clone());
            let problem = place.problem(title, "");
            let tags = dataset.cases.iter().flat_map(|case| &case.tags);
            let tags: std::collections::BTreeSet<&str> = tags.map(String::as_str).collect();
            let problem = match did_you_mean(tag, tags.iter().copied()) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem,
            };
            let some: Vec<&str> = tags.iter().take(8).copied().collect();
            problems.push(warning(match tags.is_empty() {
                true => problem.help("the cases have no tags: name columns with `dataset: {path: …, tags: [COLUMN]}`"),
                false => problem.help(format!("tags: {}", some.join(", "))),
            }));
        }
    }
    problems
}

/// Prompts that are the same for every case.
pub fn same_for_all(project: &Project, prompts: &[Placed], columns: &[String]) -> Vec<Problem> {
    let bare = prompts.iter().filter(|it| it.prompt.columns().is_empty());
    let problem = |placed: &Placed| {
        let title = format!(
            "the prompt {:?} uses no column: every case is asked the same",
            placed.prompt.name
        );
        let problem = project.doc.problem(&placed.pointer, title, "");
        let column = columns
            .iter()
            .find(|name| !["id", "target", "expected"].contains(&name.as_str()));
        let help = column.map(|name| {
            format!(
                "put one in as `{{{{{name}}}}}`; columns: {}",
                columns.join(", ")
            )
        });
        warning(help.into_iter().fold(problem, Problem::help))
    };
    bare.map(problem).collect()
}

/// Models of a known provider that the price table does not have, where it has one of nearly that name.
pub fn models(plan: &Plan, prices: &Prices) -> Vec<Problem> {
    let mut unpriced: BTreeMap<&str, Problem> = BTreeMap::new();
    for target in plan.candidates.iter().flat_map(|it| it.targets()) {
        let Some(provider) = target.provider else {
            continue;
        };
        if target.list_price(prices).is_some() {
            continue;
        }
        let own = |name: &str| {
            name.strip_prefix(provider.name)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let rows = prices.rows(&own);
        let whole = format!("{}/{}", provider.name, target.wire_model);
        let near = did_you_mean(&whole, rows.iter().map(|row| row.model.as_str()));
        // Most of a long name is alike among a provider's models.
        let near = near.filter(|near| strsim::damerau_levenshtein(near, &whole) <= 3);
        if let Some(near) = near {
            let title = format!("{} is not in the price table", target.name);
            let problem = Problem::warning(title).help(format!("did you mean {near:?}?"));
            unpriced.insert(&target.name, problem);
        }
    }
    unpriced.into_values().collect()
}

/// Output schemas that are no JSON Schema.
pub fn schemas(prompts: &[Placed], project: &Project) -> Vec<Problem> {
    let wrong = prompts.iter().filter_map(|placed| {
        let schema = placed.prompt.params.response_schema.as_ref()?;
        let why = schema_fault(&schema.schema)?;
        let why = match why.split_once(" is not valid under any of") {
            Some((what, _)) => format!("{what} is not allowed there"),
            None => why,
        };
        let title = format!(
            "the output schema of the prompt {:?} is no JSON Schema: {why}",
            placed.prompt.name
        );
        let problem = project.doc.problem(&placed.pointer, title, "");
        Some(problem.help("types: string, number, integer, boolean, object, array, null"))
    });
    wrong.collect()
}

/// Programs of the suite's script scorers that are neither on the path nor in the project.
pub fn programs(project: &Project, path: Option<&str>) -> Vec<Problem> {
    let listed = project.doc.block("/scorers").map(|it| it.children());
    let commands = listed.unwrap_or_default().into_iter();
    let commands = commands.filter_map(|(_, scorer)| {
        let script = scorer.child("script")?;
        let command = script.child("command")?;
        command.child("0")
    });
    let missing = |word: &Block<'_>| {
        let Some(name) = word.text() else {
            return false;
        };
        match name.contains('/') {
            true => !project.root.join(name).exists(),
            false => {
                let folders = path.unwrap_or_default().split(':');
                !folders
                    .into_iter()
                    .any(|folder| Path::new(folder).join(name).is_file())
            }
        }
    };
    let problem = |word: Block<'_>| {
        let title = format!("there is no program {:?}", word.text().unwrap_or_default());
        word.problem(title, "")
            .help("it is looked for on the PATH, with a `/` in it from the project's folder")
    };
    commands.filter(missing).map(problem).collect()
}
