//! From a project, its dataset and its prompts to a plan; everything that is wrong is said at once.

use super::chain::{self, Wanted, twins};
use super::choose::{self, Picker};
use super::target::{Aim, Astray, Target, aim};
use super::{Candidate, Plan, interleave, route};
use crate::dataset::Dataset;
use crate::project::{Key, KeySource, ModelMap, Params, Project, Suite};
use crate::prompt::{Files, Prompt};
use crate::provider;
use crate::provider::capability::Overlay;
use crate::provider::catalog::{PROVIDERS, Unresolved};
use crate::provider::lint::Drops;
use crate::source::{Problem, did_you_mean};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the command line chose over the suite.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only these candidates; models that the suite does not list are added.
    pub models: Vec<String>,
    /// Only these prompts.
    pub prompts: Vec<String>,
    /// How often each case is asked.
    pub repeats: Option<u32>,
    /// The seed.
    pub seed: Option<u64>,
    /// Most money, USD.
    pub max_cost: Option<f64>,
    /// Most requests in flight.
    pub concurrency: Option<u32>,
    /// Parameters that a target refuses are dropped.
    pub drop_params: bool,
}

/// What the machine knows beside the project: keys (the files and programs behind them are the caller's), the price table.
pub struct Keys<'a> {
    /// An environment variable's value.
    pub var: &'a dyn Fn(&str) -> Option<String>,
    /// A key that the suite takes from a file or a program.
    pub source: &'a dyn Fn(&KeySource) -> Result<SecretString, Problem>,
    /// What the user's price table says of models, over what bakeoff knows.
    pub overlay: Option<&'a Overlay>,
}

/// A prompt with the place in the suite that names it.
#[derive(Clone)]
pub struct Placed {
    /// The prompt.
    pub prompt: Arc<Prompt>,
    /// JSON pointer into the suite.
    pub pointer: String,
    /// Its file; `None` where it is written in the suite.
    pub file: Option<String>,
    /// The parameters of its model are all there are: neither the suite's nor its own are added.
    pub alone: bool,
}

/// Makes the plan. `own` holds the prompts that models bring themselves, by the model's index.
pub fn resolve(
    project: &Project,
    dataset: Arc<Dataset>,
    prompts: &[Placed],
    own: &BTreeMap<usize, Placed>,
    choice: &Choice,
    keys: &Keys<'_>,
) -> Result<Plan, Vec<Problem>> {
    let suite = &project.suite;
    let mut problems = Vec::new();
    let kept = choose::prompts(prompts, own.values(), choice, &mut problems);
    let mut wanted_prompts = Picker::new(&choice.prompts);
    let mut wanted_models = Picker::new(&choice.models);
    let mut candidates = Vec::new();
    for (index, spec) in suite.models.iter().enumerate() {
        let pointer = format!("/models/{index}");
        let map = spec.options();
        let name = map.name.clone().unwrap_or_else(|| map.model.clone());
        let its_own = own.get(&index);
        let several = its_own.is_none() && kept.len() > 1;
        let mut placed = its_own.map_or_else(|| kept.clone(), |placed| vec![placed]);
        placed.retain(|placed| {
            let whole = full(&name, &placed.prompt);
            wanted_prompts.picks(&placed.names())
                && wanted_models.picks(&[&name, &map.model, &whole])
        });
        if placed.is_empty() {
            // A model that was left out for its prompt was found all the same.
            wanted_models.picks(&[&name, &map.model]);
            continue;
        }
        let wanted = match spec.chain() {
            Some(chain) => chain::wanted(project, chain, &pointer, keys),
            None => match target(project, &map, &pointer, keys) {
                // It makes vectors of texts for scorers, and answers nothing.
                Ok(target) if target.dialect.embeds() => continue,
                Ok(target) if its_own.is_some_and(|placed| placed.alone) => {
                    Ok(Wanted::alone(target, map.params.clone()))
                }
                Ok(target) => Ok(Wanted::one(target, map.params.clone())),
                Err(problem) => Err(vec![problem]),
            },
        };
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(more) => {
                problems.extend(more);
                continue;
            }
        };
        problems.extend(choices(project, &map, &pointer));
        for prompt in placed.into_iter().map(|placed| placed.prompt.clone()) {
            let name = if several {
                full(&name, &prompt)
            } else {
                name.clone()
            };
            candidates.push((wanted.candidate(suite, prompt, name), pointer.clone()));
        }
    }
    candidates.extend(route::candidates(
        project,
        &kept,
        &mut wanted_models,
        keys,
        &mut problems,
    ));
    let shared: Vec<_> = kept.iter().map(|placed| placed.prompt.clone()).collect();
    for wanted in wanted_models.missed() {
        match added(suite, wanted, &shared, keys) {
            Ok(more) => candidates.extend(
                more.into_iter()
                    .map(|candidate| (candidate, "/models".to_owned())),
            ),
            Err(problem) => problems.push(problem),
        }
    }
    duplicates(project, &candidates, &mut problems);
    let narrowed = !choice.models.is_empty() || !choice.prompts.is_empty();
    // Prompts that cannot be read have been complained of already.
    let none = suite.models.is_empty() && suite.routes.is_empty();
    let unsaid = narrowed || none || suite.prompts.is_empty();
    if candidates.is_empty() && problems.is_empty() && unsaid {
        let title = if none {
            "no models"
        } else if narrowed {
            "no candidate: `--model` and `--prompt` leave none"
        } else {
            "no candidate: the suite has no prompts"
        };
        problems.push(
            project
                .doc
                .problem("/models", title, "")
                .help("list models under `models:` and prompts under `prompts:`"),
        );
    }
    let mut candidates: Vec<Candidate> = candidates
        .into_iter()
        .map(|(candidate, _)| candidate)
        .collect();
    twins(&mut candidates);
    if let Some(name) = suite
        .reference
        .as_ref()
        .filter(|name| !candidates.iter().any(|c| c.name == **name))
        && choice.models.is_empty()
        && choice.prompts.is_empty()
    {
        let names: Vec<&str> = candidates.iter().map(|c| c.name.as_str()).collect();
        let problem =
            project
                .doc
                .problem("/reference", format!("no candidate is called {name:?}"), "");
        problems.push(problem.help(format!("candidates: {}", names.join(", "))));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (repeats, seed) = (
        choice.repeats.unwrap_or(suite.repeats),
        choice.seed.unwrap_or(suite.seed),
    );
    Ok(Plan {
        suite: suite.name.clone(),
        seed,
        trials: interleave(&dataset, candidates.len(), repeats, seed),
        files: Files::new(&project.catalog, &dataset),
        dataset,
        judges: BTreeMap::new(),
        repeats,
        limits: super::limits::limits(suite, choice),
        scorers: Vec::new(),
        primary: suite.primary.clone().unwrap_or_default(),
        reference: suite
            .reference
            .clone()
            .filter(|name| candidates.iter().any(|c| c.name == *name)),
        margin: super::limits::margin(suite),
        drops: Drops::in_a_run(choice.drop_params || suite.drop_params),
        candidates,
    })
}

/// `n` asks for choices that are not read but paid: said for what a model or the suite wants.
fn choices(project: &Project, map: &ModelMap, pointer: &str) -> Option<Problem> {
    let many = |n: Option<u64>| n.is_some_and(|n| n > 1);
    let at = match (many(map.params.n), many(project.suite.params.n)) {
        (true, _) => format!("{pointer}/params/n"),
        (false, true) if pointer == "/models/0" => "/params/n".to_owned(),
        _ => return None,
    };
    let title = "`n` would pay for answers that are not read";
    let problem = project.doc.problem(&at, title, "");
    Some(problem.help("to ask each case several times, write `repeats`"))
}

/// The endpoint of a judge's model: one of the suite's models by name, else any known model.
pub fn judge(project: &Project, name: &str, keys: &Keys<'_>) -> Result<Target, Problem> {
    let suite = &project.suite;
    let listed = suite
        .models
        .iter()
        .enumerate()
        .map(|(index, spec)| (index, spec.options()));
    let listed = listed
        .into_iter()
        .find(|(_, map)| map.name.as_deref() == Some(name) || map.model == name);
    if let Some((index, _)) = listed.as_ref()
        && suite.models[*index].chain().is_some()
    {
        let title = format!("the judge's model {name} is a chain");
        let problem = project.doc.problem(&format!("/models/{index}"), title, "");
        return Err(problem.help("name one model: who judged must be known"));
    }
    let (index, map) = listed.unwrap_or_else(|| {
        (
            usize::MAX,
            ModelMap {
                model: name.to_owned(),
                ..ModelMap::default()
            },
        )
    });
    let pointer = if index == usize::MAX {
        "/scorers".to_owned()
    } else {
        format!("/models/{index}")
    };
    let mut target = target(project, &map, &pointer, keys)?;
    target.name = name.to_owned();
    Ok(target)
}

/// The endpoint of a model that makes vectors of texts: as [`judge`], asked for embeddings.
pub fn embedder(project: &Project, name: &str, keys: &Keys<'_>) -> Result<Target, Problem> {
    let target = judge(project, name, keys)?;
    let Some(spoken) = provider::embedder(target.api) else {
        let title = format!("{name} has no embeddings: {} knows none", target.api);
        let problem = project.doc.problem("/scorers", title, "");
        return Err(problem.help("name an embedding model, such as openai/text-embedding-3-small"));
    };
    Ok(Target {
        api: spoken.name,
        dialect: spoken.dialect,
        ..target
    })
}

/// A candidate's name where its model is asked with several prompts.
pub(super) fn full(name: &str, prompt: &Prompt) -> String {
    format!("{name} @ {}", prompt.name)
}

pub(super) fn target(
    project: &Project,
    map: &ModelMap,
    pointer: &str,
    keys: &Keys<'_>,
) -> Result<Target, Problem> {
    let (key_name, key) = match &map.key {
        None => (None, None),
        Some(Key::Variable(name) | Key::From(KeySource::Env(name))) => (Some(name.clone()), None),
        Some(Key::From(source)) => (Some(source_name(source)), Some((keys.source)(source)?)),
    };
    let wanted = Aim {
        model: &map.model,
        api: map.api.as_deref(),
        base_url: map.base_url.as_deref(),
        key_name: key_name.as_deref(),
        key,
        price: map
            .price
            .clone()
            .or_else(|| project.suite.prices.get(&map.model).cloned()),
        overlay: keys.overlay,
    };
    aim(&wanted, keys.var).map_err(|error| {
        let at = match &error {
            Astray::Api(..) => "api",
            Astray::Key(_) if map.base_url.is_some() => "base_url",
            _ => "model",
        };
        let problem = project
            .doc
            .problem(&format!("{pointer}/{at}"), error.to_string(), "");
        match error {
            Astray::Model(Unresolved::Provider { near: None, .. }) => {
                let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
                problem.help(format!("known providers: {}", names.join(", ")))
            }
            _ => problem,
        }
    })
}

/// How a key from a file or a program is told apart from others: not the key itself.
fn source_name(source: &KeySource) -> String {
    match source {
        KeySource::Env(name) => name.clone(),
        KeySource::File(path) => format!("file:{path}"),
        KeySource::Command(words) => {
            format!("command:{}", words.first().map_or("", String::as_str))
        }
    }
}

/// A model that only the command line names.
fn added(
    suite: &Suite,
    name: &str,
    prompts: &[Arc<Prompt>],
    keys: &Keys<'_>,
) -> Result<Vec<Candidate>, Problem> {
    let meant = Aim {
        model: name,
        price: suite.prices.get(name).cloned(),
        ..Aim::default()
    };
    let target = aim(&meant, keys.var).map_err(|error| {
        let known: Vec<String> = suite
            .models
            .iter()
            .map(|spec| spec.options())
            .map(|map| map.name.unwrap_or(map.model))
            .collect();
        let near = did_you_mean(name, known.iter().map(String::as_str));
        let problem = match near {
            Some(near) => Problem::error(format!("--model {name}: the suite has no such model"))
                .help(format!("did you mean {near:?}?")),
            None => Problem::error(format!("--model {name}: {error}")),
        };
        problem.help(format!("the suite's models: {}", known.join(", ")))
    })?;
    let wanted = Wanted::one(target, Params::default());
    let named = |prompt: &Arc<Prompt>| {
        let name = if prompts.len() > 1 {
            full(name, prompt)
        } else {
            name.to_owned()
        };
        wanted.candidate(suite, prompt.clone(), name)
    };
    Ok(prompts.iter().map(named).collect())
}

fn duplicates(project: &Project, candidates: &[(Candidate, String)], problems: &mut Vec<Problem>) {
    for (index, (candidate, pointer)) in candidates.iter().enumerate() {
        if candidates[..index]
            .iter()
            .any(|(earlier, _)| earlier.name == candidate.name)
        {
            let title = format!("two candidates are called {:?}", candidate.name);
            problems.push(
                project
                    .doc
                    .problem(pointer, title, "the second one")
                    .help("give one of them another `name`"),
            );
        }
    }
}
