//! What the names in routes mean: scorers that say passed, columns and tags that cases have.

use crate::dataset::Dataset;
use crate::policy::Route;
use crate::project::Project;
use crate::score::Named;
use crate::source::{Problem, did_you_mean};
use std::collections::BTreeSet;

/// Everything in the routes that leads nowhere. What is wrong with a route itself is for the plan
/// to say, and so are unknown models.
pub fn wrong(project: &Project, scorers: &[Named], dataset: Option<&Dataset>) -> Vec<Problem> {
    let routes = project.suite.routes.iter().enumerate();
    let routes = routes.filter_map(|(at, map)| Some((at, Route::of(map).ok()?)));
    let tags: BTreeSet<&str> = dataset.map_or_else(BTreeSet::new, |dataset| {
        let tags = dataset.cases.iter().flat_map(|case| &case.tags);
        tags.map(String::as_str).collect()
    });
    let tags: Vec<&str> = tags.into_iter().collect();
    let mut problems = Vec::new();
    for (index, route) in routes {
        let pointer = |at: &str| format!("/routes/{index}{at}");
        let unknown = |what: &str, name: &str, at: &str, known: &[&str]| {
            let title = format!("{what} {name:?}");
            let problem = project.doc.problem(&pointer(at), title, "");
            match did_you_mean(name, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None if known.is_empty() => problem.help("there are none"),
                None => problem.help(format!("there are: {}", shown(known))),
            }
        };
        // Scorers that cannot be built have been complained of already.
        let known = scorers.len() == project.suite.scorers.len();
        for (name, at) in route.scorers.iter().filter(|_| known) {
            match scorers.iter().find(|named| named.name == *name) {
                None => {
                    let names = scorers.iter().map(|named| named.name.as_str());
                    let names: Vec<&str> = names.collect();
                    problems.push(unknown("no scorer is called", name, at, &names));
                }
                Some(named) if named.against().is_some() => {
                    let title = format!("the scorer {name:?} compares two answers");
                    let problem = project.doc.problem(&pointer(at), title, "");
                    problems.push(problem.help("a cascade asks about one: name another scorer"));
                }
                Some(named) if !named.passes() => {
                    let title = format!("the scorer {name:?} says neither passed nor failed");
                    let problem = project.doc.problem(&pointer(at), title, "");
                    problems.push(problem.help("give it a `threshold`"));
                }
                Some(_) => {}
            }
        }
        let Some(dataset) = dataset else { continue };
        for (name, at) in &route.columns {
            if !dataset.columns.contains(name) {
                let names: Vec<&str> = dataset.columns.iter().map(String::as_str).collect();
                problems.push(unknown("the dataset has no column", name, at, &names));
            }
        }
        for (tag, at) in &route.tags {
            if !dataset.cases.iter().any(|case| case.has_tag(tag)) {
                problems.push(unknown("no case has the tag", tag, at, &tags));
            }
        }
    }
    problems
}

/// The first dozen.
fn shown(names: &[&str]) -> String {
    let more = names.len().saturating_sub(12);
    let some = names
        .iter()
        .take(12)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match more {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}
