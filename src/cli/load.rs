//! From the command line and the project's files to a plan and scorers: what `check`, `run`, `resume` and `score` share.

use super::args::{Global, Selection};
use super::choice::{choice, chosen, select};
use super::host::Host;
use super::{judging, keys, routing, rules, slips, tables};
use crate::dataset::Dataset;
use crate::plan::{Keys, Placed, Plan, ScorerRef, Snapshot, resolve};
use crate::project::{ModelMap, ModelSpec, Project, PromptSpec};
use crate::prompt::{Files, Prompt, survey};
use crate::provider::Prices;
use crate::score::{Build, Named, build_all};
use crate::source::{Block, Problem, Severity, Source, did_you_mean};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything a command needs of a project.
pub struct Loaded {
    pub project: Project,
    pub plan: Plan,
    pub scorers: Arc<Vec<Named>>,
    pub prices: Arc<Prices>,
    pub snapshot: Snapshot,
    /// The suite's prompts.
    pub prompts: Vec<Placed>,
    /// Prompts that models bring themselves, by the model's index.
    pub own: BTreeMap<usize, Placed>,
    /// What does not stop the command.
    pub warnings: Vec<Problem>,
}

impl Loaded {
    /// Where the project keeps its runs.
    pub fn store(&self, global: &Global) -> PathBuf {
        global
            .store
            .clone()
            .unwrap_or_else(|| store_in(&self.project.root))
    }
}

/// The store of a project's folder.
pub fn store_in(root: &std::path::Path) -> PathBuf {
    root.join(".bakeoff").join("store.db")
}

/// A candidate that the suite does not list: a baseline's, as it was written down.
pub struct Guest {
    /// The model, with the name that it goes by here.
    pub model: ModelMap,
    /// The prompt's file; a name that ends in `.json` where it was written in the suite.
    pub file: String,
    /// The prompt's text.
    pub prompt: Arc<Source>,
}

/// Reads everything; all that is wrong is said at once.
pub fn load(host: &Host, global: &Global, selection: &Selection) -> Result<Loaded, Vec<Problem>> {
    load_with(host, global, selection, &[])
}

/// The same with candidates that the suite does not list.
pub fn load_with(
    host: &Host,
    global: &Global,
    selection: &Selection,
    guests: &[Guest],
) -> Result<Loaded, Vec<Problem>> {
    let file = global.file.as_deref();
    let (mut project, mut problems) = Project::load_leniently(file, &host.cwd, global.allow_path)?;
    let invited = invite(&mut project, guests, &mut problems);
    let suite = &project.suite;
    let seed = selection.seed.unwrap_or(suite.seed);

    let whole = Dataset::read(&block(&project, "dataset"), &project.catalog);
    let whole = whole.map_err(|more| problems.extend(more)).ok();
    // Without its options the file may be readable, and then the templates can be checked all the same.
    let bare = || Dataset::load(&suite.dataset.options().path, &project.catalog).ok();
    let columns = match &whole {
        Some(dataset) => Some(dataset.columns.clone()),
        None => bare().map(|dataset| dataset.columns),
    };
    let (known, columns) = (columns.is_some(), columns.unwrap_or_default());
    let (prompts, mut own) = prompts(&project, &columns, known, &mut problems);
    own.extend(invited);

    let programs = global.allow_exec.then_some(&host.env);
    let build = Build::new(&project.catalog, &columns).allowing(programs);
    let mut scorers = build_all(&project.doc.top(), &build)
        .map_err(|more| problems.extend(more))
        .unwrap_or_default();
    problems.extend(rules::wrong(&project, &scorers));
    check_scorers(&project, &scorers, whole.as_ref(), &mut problems);
    if let Some(whole) = &whole {
        problems.extend(slips::tags(&project, &scorers, whole));
        problems.extend(slips::same_for_all(&project, &prompts, &columns));
    }
    problems.extend(slips::schemas(&prompts, &project));
    if global.allow_exec {
        problems.extend(slips::programs(&project, host.var("PATH").as_deref()));
    }
    problems.extend(routing::wrong(&project, &scorers, whole.as_ref()));

    let var = |name: &str| host.var(name);
    let source = |source: &crate::project::KeySource| {
        keys::read(source, &project.catalog, &host.env, global.allow_exec)
    };
    let prices = tables::shared(host, &mut problems);
    let keys = Keys {
        var: &var,
        source: &source,
        overlay: prices.overlay(),
    };
    let dataset = whole.map(|dataset| select(dataset, &project, selection, seed));
    let dataset = match dataset {
        Some(Ok(mut dataset)) => {
            let files = Files::new(&project.catalog, &dataset);
            let all = prompts.iter().chain(own.values());
            let all = all.map(|placed| placed.prompt.as_ref());
            problems.extend(survey(all, &mut dataset, &files));
            Arc::new(dataset)
        }
        Some(Err(problem)) => {
            problems.push(problem);
            Arc::new(Dataset::empty())
        }
        None => Arc::new(Dataset::empty()),
    };
    let plan = resolve(&project, dataset, &prompts, &own, &choice(selection), &keys);
    let mut plan = match plan {
        Ok(plan) => plan,
        Err(more) => {
            problems.extend(more);
            return Err(problems);
        }
    };
    let chosen_models = !selection.model.is_empty();
    problems.extend(slips::models(&plan, &prices));
    problems.extend(judging::resolve(
        &project,
        &scorers,
        &keys,
        chosen_models,
        &mut plan,
    ));
    let (judges, more) = judging::refs(&project.catalog, &mut scorers, &plan);
    problems.extend(more);
    let ruled = project
        .suite
        .gate
        .as_ref()
        .map_or(&[][..], |gate| &gate.rules);
    let untrusted = rules::uncalibrated(&project, ruled, &judges).into_iter();
    // What decides nothing may still be run, labelled and calibrated.
    problems.extend(untrusted.map(|problem| Problem {
        severity: Severity::Warning,
        ..problem
    }));
    if selection.model.is_empty() && selection.prompt.is_empty() {
        problems.extend(super::caution::unused_lanes(&project, &plan));
    }
    let (warnings, errors): (Vec<_>, Vec<_>) = problems
        .into_iter()
        .partition(|problem| problem.severity == Severity::Warning);
    if !errors.is_empty() {
        return Err([errors, warnings].concat());
    }
    let shown = |named: &Named| {
        let names = [named.name.clone()].into_iter().chain(named.parts());
        let one = |name: String| ScorerRef {
            name,
            kind: named.kind.to_owned(),
            hash: named.definition.clone(),
        };
        names.map(one).collect::<Vec<_>>()
    };
    plan.scorers = scorers.iter().flat_map(shown).collect();
    if plan.primary.is_empty() {
        plan.primary = plan
            .scorers
            .first()
            .map(|scorer| scorer.name.clone())
            .unwrap_or_default();
    }
    let snapshot = Snapshot {
        chosen: chosen(selection, &project),
        judges,
        ..plan.snapshot(prices.edition())
    };
    Ok(Loaded {
        project,
        plan,
        scorers: scorers.into(),
        prices,
        snapshot,
        prompts,
        own,
        warnings,
    })
}

/// Adds candidates that the suite does not list; their prompts by the index of their models.
fn invite(
    project: &mut Project,
    guests: &[Guest],
    problems: &mut Vec<Problem>,
) -> BTreeMap<usize, Placed> {
    let mut own = BTreeMap::new();
    for guest in guests {
        match Prompt::of_source(&guest.file, guest.prompt.clone(), &project.catalog) {
            Ok(prompt) => {
                let placed = Placed {
                    prompt: Arc::new(prompt),
                    pointer: String::new(),
                    file: None,
                    alone: true,
                };
                own.insert(project.suite.models.len(), placed);
                let model = ModelSpec::Map(Box::new(guest.model.clone()));
                project.suite.models.push(model);
            }
            Err(more) => problems.extend(more),
        }
    }
    own
}

/// The suite's part under a key; the whole suite where the key is missing.
fn block<'a>(project: &'a Project, key: &str) -> Block<'a> {
    project
        .doc
        .top()
        .child(key)
        .unwrap_or_else(|| project.doc.top())
}

fn prompts(
    project: &Project,
    columns: &[String],
    known: bool,
    problems: &mut Vec<Problem>,
) -> (Vec<Placed>, BTreeMap<usize, Placed>) {
    let file = |spec: Option<&PromptSpec>| match spec {
        Some(PromptSpec::Path(path)) => Some(path.clone()),
        _ => None,
    };
    let mut read = |at: &Block<'_>| match Prompt::read(at, &project.catalog) {
        Ok(prompt) => {
            if known {
                problems.extend(prompt.check(columns));
            }
            Some(Arc::new(prompt))
        }
        Err(more) => {
            problems.extend(more);
            None
        }
    };
    let mut placed: Vec<Placed> = Vec::new();
    for (index, (_, at)) in block(project, "prompts")
        .children()
        .into_iter()
        .enumerate()
        .filter(|_| !project.suite.prompts.is_empty())
    {
        if let Some(prompt) = read(&at) {
            placed.push(Placed {
                prompt,
                pointer: at.pointer().to_owned(),
                file: file(project.suite.prompts.get(index)),
                alone: false,
            });
        }
    }
    let mut own = BTreeMap::new();
    for (index, spec) in project.suite.models.iter().enumerate() {
        let model = block(project, "models").child(&index.to_string());
        let Some(at) = model.and_then(|model| model.child("prompt")) else {
            continue;
        };
        if let Some(prompt) = read(&at) {
            let placed = Placed {
                prompt,
                pointer: at.pointer().to_owned(),
                file: file(spec.options().prompt.as_ref()),
                alone: false,
            };
            own.insert(index, placed);
        }
    }
    for (index, one) in placed.iter().enumerate() {
        if placed[..index]
            .iter()
            .any(|earlier| earlier.prompt.name == one.prompt.name)
        {
            let title = format!("two prompts are called {:?}", one.prompt.name);
            problems.push(
                project
                    .doc
                    .problem(&one.pointer, title, "the second one")
                    .help("give one of them another `name`"),
            );
        }
    }
    (placed, own)
}

fn check_scorers(
    project: &Project,
    scorers: &[Named],
    dataset: Option<&Dataset>,
    problems: &mut Vec<Problem>,
) {
    let names = scorers
        .iter()
        .flat_map(|named| [named.name.clone()].into_iter().chain(named.parts()));
    let names: Vec<String> = names.collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Some(primary) = project
        .suite
        .primary
        .as_deref()
        .filter(|primary| !names.is_empty() && !names.contains(primary))
    {
        let problem =
            project
                .doc
                .problem("/primary", format!("no scorer is called {primary:?}"), "");
        let problem = match did_you_mean(primary, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean {near:?}?")),
            None => problem,
        };
        problems.push(problem.help(format!("scorers: {}", names.join(", "))));
    }
    let Some(dataset) = dataset else { return };
    for named in scorers.iter().filter(|named| named.needs_target()) {
        let bare: Vec<&str> = dataset
            .cases
            .iter()
            .filter(|case| named.applies(case) && case.target.is_none())
            .map(|case| case.id.as_str())
            .collect();
        if !bare.is_empty() {
            let some = bare.iter().take(3).copied().collect::<Vec<_>>().join(", ");
            let title = format!(
                "the scorer {:?} needs a target, and {} of {} cases have none ({some})",
                named.name,
                bare.len(),
                dataset.cases.len()
            );
            let problem = project.doc.problem("/dataset", title, "");
            problems.push(problem.help(match project.suite.dataset.options().target {
                Some(column) => format!("fill in the column {column:?} of these rows, or leave the scorer out for them with `when: [TAG]`"),
                None => "name the column with the expected answers: `dataset: {path: …, target: COLUMN}`".into(),
            }));
        }
    }
}
