//! Who takes part in a port: the first model, the targets, their rewrites, the controls.

use super::super::args::{Global, Selection};
use super::super::host::Host;
use super::super::load::{Guest, Loaded, load, load_with};
use super::super::ready;
use super::Args;
use crate::plan::Candidate;
use crate::portability::{LintRow, Pair};
use crate::project::ModelMap;
use crate::provider::lint::Severity;
use crate::source::{Problem, Source};
use std::sync::Arc;

/// A loaded project whose plan asks just those who take part.
pub struct Cast {
    pub loaded: Loaded,
    /// What the user chose, with the models.
    pub selection: Selection,
    /// Each target, with what it is held against.
    pub pairs: Vec<Pair>,
    /// What the lint found of the first model, the targets and the rewrites.
    pub lint: Vec<LintRow>,
}

impl Cast {
    /// Finds everyone, and lints them. Nobody is left out yet, and there are no controls.
    pub fn of(host: &Host, global: &Global, args: &Args) -> Result<Cast, Vec<Problem>> {
        let models = std::iter::once(&args.from).chain(&args.to);
        let selection = Selection {
            model: models.cloned().collect(),
            ..args.selection.clone()
        };
        let mut loaded = load(host, global, &selection)?;
        let mut found = std::mem::take(&mut loaded.plan.candidates);
        if let Some(wanted) = &args.rewrite {
            // The prompt that replaces is none of those that are to be replaced.
            let mut listed = loaded.prompts.iter();
            let listed =
                listed.find(|it| it.prompt.name == *wanted || it.file.as_ref() == Some(wanted));
            if let Some(listed) = listed {
                found.retain(|it| !Arc::ptr_eq(&it.prompt, &listed.prompt));
            }
        }
        let (mut candidates, mut pairs) = paired(&found, args).map_err(|one| vec![one])?;
        if let Some(wanted) = &args.rewrite {
            let guests = guests(&loaded, &candidates, &mut pairs, wanted)?;
            let names = guests.iter().filter_map(|guest| guest.model.name.clone());
            let theirs = Selection {
                model: names.collect(),
                prompt: Vec::new(),
                ..args.selection.clone()
            };
            let with = load_with(host, global, &theirs, &guests)?;
            candidates.extend(with.plan.candidates);
            // It knows the pictures of the new prompt too.
            loaded.plan.dataset = with.plan.dataset;
        }
        loaded.plan.ask_of(candidates);
        let lint = ready::linted(&loaded);
        Ok(Cast {
            loaded,
            selection,
            pairs,
            lint,
        })
    }

    /// Whether the lint says that a candidate's calls are refused.
    pub fn refused(&self, name: &str) -> bool {
        let mut rows = self
            .lint
            .iter()
            .filter(|row| !row.judge && row.candidate == name);
        rows.any(|row| row.finding.severity == Severity::Error)
    }

    /// Adds each first model once more, to be asked on its own.
    pub fn control(&mut self) {
        let mut candidates = std::mem::take(&mut self.loaded.plan.candidates);
        for pair in &mut self.pairs {
            let name = format!("{} (control)", pair.from);
            let first = candidates.iter().find(|it| it.name == pair.from).cloned();
            if !candidates.iter().any(|it| it.name == name) {
                candidates.extend(first.map(|first| Candidate {
                    name: name.clone(),
                    ..first
                }));
            }
            pair.control = Some(name);
        }
        self.loaded.plan.ask_of(candidates);
    }

    /// Leaves out the candidates that are not to be asked.
    pub fn without(&mut self, out: &dyn Fn(&str) -> bool) {
        let mut candidates = std::mem::take(&mut self.loaded.plan.candidates);
        candidates.retain(|it| !out(&it.name));
        self.loaded.plan.ask_of(candidates);
        for pair in &mut self.pairs {
            pair.control = pair.control.take().filter(|name| !out(name));
            pair.rewrite = pair.rewrite.take().filter(|name| !out(name));
        }
    }
}

/// The candidates that a model's name means: by their own names, else by their model's.
fn named<'a>(
    all: &'a [Candidate],
    flag: &str,
    wanted: &str,
) -> Result<Vec<&'a Candidate>, Problem> {
    let own = |it: &&Candidate| {
        let rest = it.name.strip_prefix(wanted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" @ "))
    };
    let mut found: Vec<&Candidate> = all.iter().filter(own).collect();
    if found.is_empty() {
        found = all.iter().filter(|it| it.model() == wanted).collect();
    }
    let names = |of: &[&Candidate]| {
        of.iter()
            .map(|it| it.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if found.is_empty() {
        let every: Vec<&Candidate> = all.iter().collect();
        let problem = Problem::error(format!("{flag} {wanted}: this names no single model"));
        return Err(problem.help(format!("candidates: {}", names(&every))));
    }
    let twice = |(at, it): (usize, &&Candidate)| {
        found[..at]
            .iter()
            .any(|other| other.prompt.hash == it.prompt.hash)
    };
    match found.iter().enumerate().any(twice) {
        false => Ok(found),
        true => {
            let problem = Problem::error(format!("{flag} {wanted}: several candidates are meant"));
            Err(problem.help(format!("choose one by its name: {}", names(&found))))
        }
    }
}

/// Every target beside the first model with the same prompt; a model of its own prompt beside whatever
/// the other has, if that is one.
fn paired(all: &[Candidate], args: &Args) -> Result<(Vec<Candidate>, Vec<Pair>), Problem> {
    let firsts = named(all, "--from", &args.from)?;
    let mut candidates: Vec<Candidate> = firsts.iter().map(|it| (*it).clone()).collect();
    let mut pairs: Vec<Pair> = Vec::new();
    for wanted in &args.to {
        let targets = named(all, "--to", wanted)?;
        let mut some = false;
        for first in &firsts {
            let same = targets
                .iter()
                .find(|it| it.prompt.hash == first.prompt.hash);
            let only = || match (firsts.as_slice(), targets.as_slice()) {
                ([_], [one]) => Some(one),
                _ => None,
            };
            let Some(target) = same.or_else(only) else {
                continue;
            };
            some = true;
            let itself = target.name == first.name;
            let name = match itself {
                true => format!("{} (again)", first.name),
                false => target.name.clone(),
            };
            let known = |pair: &Pair| pair.from == first.name && pair.to == name;
            if pairs.iter().any(known) {
                continue;
            }
            if !candidates.iter().any(|it| it.name == name) {
                candidates.push(Candidate {
                    name: name.clone(),
                    ..(*target).clone()
                });
            }
            pairs.push(Pair {
                from: first.name.clone(),
                to: name,
                schema: first.params.response_schema.is_some()
                    || target.params.response_schema.is_some(),
                ..Pair::default()
            });
        }
        if !some {
            let title = format!(
                "{} and {wanted} are not asked with the same prompt",
                args.from
            );
            return Err(Problem::error(title).help("choose one prompt with --prompt NAME"));
        }
    }
    // A first model without a target has nothing to be held against.
    candidates.retain(|it| {
        pairs
            .iter()
            .any(|pair| it.name == pair.from || it.name == pair.to)
    });
    Ok((candidates, pairs))
}

/// The targets with the prompt `wanted`: one of the suite's by its name, else a file.
fn guests(
    loaded: &Loaded,
    candidates: &[Candidate],
    pairs: &mut [Pair],
    wanted: &str,
) -> Result<Vec<Guest>, Vec<Problem>> {
    let (file, prompt) = text(loaded, wanted).map_err(|problem| {
        vec![problem.help(format!(
            "--rewrite {wanted}: a prompt's file, or the name of a prompt of the suite"
        ))]
    })?;
    let mut guests: Vec<Guest> = Vec::new();
    for pair in pairs {
        let Some(target) = candidates.iter().find(|it| it.name == pair.to) else {
            continue;
        };
        if !target.fallback.is_empty() {
            let problem = Problem::error(format!(
                "{} is a chain, which cannot take another prompt here",
                pair.to
            ));
            return Err(vec![problem.help(
                "list it in the suite with a `prompt` of its own, and port to that",
            )]);
        }
        let own = |map: &ModelMap| {
            let name = map.name.as_ref().unwrap_or(&map.model).clone();
            let rest = target.name.strip_prefix(&name);
            let rest = rest.map(|rest| rest.strip_suffix(" (again)").unwrap_or(rest));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" @ "))
        };
        let mut listed = loaded
            .project
            .suite
            .models
            .iter()
            .map(|spec| spec.options());
        let map = listed.find(own).unwrap_or_else(|| ModelMap {
            model: target.target.name.clone(),
            ..ModelMap::default()
        });
        let base = map.name.as_ref().unwrap_or(&map.model);
        let name = format!("{base} (rewrite)");
        pair.rewrite = Some(name.clone());
        if guests
            .iter()
            .all(|guest| guest.model.name.as_ref() != Some(&name))
        {
            guests.push(Guest {
                model: ModelMap {
                    name: Some(name),
                    prompt: None,
                    ..map
                },
                file: file.clone(),
                prompt: prompt.clone(),
            });
        }
    }
    Ok(guests)
}

/// A prompt's file and text; one that is written in the suite stands in `prompt.json`.
fn text(loaded: &Loaded, wanted: &str) -> Result<(String, Arc<Source>), Problem> {
    let all = loaded.prompts.iter().chain(loaded.own.values());
    let mut listed = all.filter(|it| it.prompt.name == wanted);
    let Some(listed) = listed.next() else {
        return Ok((wanted.to_owned(), loaded.project.catalog.text(wanted)?));
    };
    if let Some(file) = &listed.file {
        return Ok((file.clone(), loaded.project.catalog.text(file)?));
    }
    let node = loaded.project.doc.node(&listed.pointer);
    let node =
        node.ok_or_else(|| Problem::error(format!("the prompt {wanted} cannot be read again")))?;
    let source = Source::new(format!("the prompt {wanted}"), node.to_value().to_string());
    Ok(("prompt.json".to_owned(), Arc::new(source)))
}
