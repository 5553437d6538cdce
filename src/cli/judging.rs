//! The models that scorers ask: where they are, whether their names hold still, what their calibration says.

use crate::calibration::Calibration;
use crate::plan::{JudgeRef, Keys, Plan, embedder, judge, short_hash};
use crate::project::{Catalog, Project};
use crate::provider::catalog::{Pinned, family, pinned};
use crate::score::{Against, Named};
use crate::source::{Problem, Severity, did_you_mean};
use std::collections::BTreeMap;

/// Finds every model that a scorer asks and puts it into the plan; says what is wrong with it, and with
/// whom pairwise scorers are to compare.
pub fn resolve(
    project: &Project,
    scorers: &[Named],
    keys: &Keys<'_>,
    chosen: bool,
    plan: &mut Plan,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, named) in scorers.iter().enumerate() {
        let pointer = format!("/scorers/{index}");
        for model in named.models() {
            if plan.judges.contains_key(&model) {
                continue;
            }
            let target = match named.embedders().contains(&model) {
                true => embedder(project, &model, keys),
                false => judge(project, &model, keys),
            };
            match target {
                Ok(target) => drop(plan.judges.insert(model, target)),
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(unpinned(project, &pointer, named, plan));
        problems.extend(against(project, &pointer, named, chosen, plan));
    }
    problems
}

/// A judge whose name may mean another model tomorrow: its scores would change and nobody would know.
fn unpinned(project: &Project, pointer: &str, named: &Named, plan: &Plan) -> Vec<Problem> {
    let Some(facts) = named.judge().filter(|facts| !facts.unpinned) else {
        return Vec::new();
    };
    let of = |model: &String| {
        let target = plan.judges.get(model)?;
        let wire = &target.wire_model;
        let help = "name a dated snapshot of it, or accept that with `unpinned: true`";
        let problem = |title: String| project.doc.problem(pointer, title, "").help(help);
        match pinned(target.provider, wire) {
            Pinned::Yes | Pinned::Unknown => None,
            Pinned::Alias => Some(problem(format!(
                "the judge {wire} of {} is an alias that moves: scores of today and of next month would \
                 be of two judges",
                named.name
            ))),
            Pinned::Undated => Some(Problem {
                severity: Severity::Warning,
                ..problem(format!(
                    "the judge {wire} of {} names no dated snapshot: its provider may exchange the model",
                    named.name
                ))
            }),
        }
    };
    facts.models.iter().filter_map(of).collect()
}

/// A pairwise scorer that compares with somebody who is not there.
fn against(
    project: &Project,
    pointer: &str,
    named: &Named,
    chosen: bool,
    plan: &Plan,
) -> Option<Problem> {
    let problem = |title: String| project.doc.problem(pointer, title, "");
    match named.against()? {
        Against::All => None,
        Against::Reference if plan.reference.is_some() => None,
        Against::Reference => Some(
            problem(format!(
                "{} compares with the reference, and the suite has none",
                named.name
            ))
            .help("add `reference: CANDIDATE`, or compare `against: all`"),
        ),
        Against::Candidate(name) => {
            let names: Vec<&str> = plan.candidates.iter().map(|it| it.name.as_str()).collect();
            if names.contains(&name.as_str()) {
                return None;
            }
            let title = format!(
                "{} compares with {name:?}, which is no candidate",
                named.name
            );
            let problem = match did_you_mean(name, names.iter().copied()) {
                Some(near) => problem(title).help(format!("did you mean {near:?}?")),
                None => problem(title),
            };
            let severity = match chosen {
                true => Severity::Warning,
                false => Severity::Error,
            };
            Some(Problem {
                severity,
                ..problem.help(format!("candidates: {}", names.join(", ")))
            })
        }
    }
}

/// What the store keeps of the judges, with what is known of their agreement with people. Who judges,
/// and with what words, becomes a part of the scorers' definitions.
pub fn refs(
    catalog: &Catalog,
    scorers: &mut [Named],
    plan: &Plan,
) -> (BTreeMap<String, JudgeRef>, Vec<Problem>) {
    let (mut refs, mut problems) = (BTreeMap::new(), Vec::new());
    for named in scorers {
        let Some(facts) = named.judge() else { continue };
        let targets = facts
            .models
            .iter()
            .filter_map(|model| plan.judges.get(model));
        let wires: Vec<&str> = targets.map(|target| target.wire_model.as_str()).collect();
        let families = wires.iter().filter_map(|wire| family(wire));
        let mut families: Vec<String> = families.map(str::to_owned).collect();
        families.sort_unstable();
        families.dedup();
        let parts: Vec<&str> = [facts.asks.as_str()].into_iter().chain(wires).collect();
        let mut one = JudgeRef {
            hash: short_hash(&parts),
            models: facts.models,
            families,
            grades: facts.grades,
            calibration: None,
        };
        named.definition = short_hash(&[&named.definition, &one.hash]);
        match read(catalog, &named.name) {
            Ok(found) => one.calibration = found,
            Err(problem) => problems.push(problem),
        }
        if one.calibration.is_some() && one.calibrated().is_none() {
            let title = format!(
                "the calibration of {} is of another rubric, model or parameters: it does not count",
                named.name
            );
            let again = format!(
                "bakeoff judge calibrate --scorer {} --labels FILE",
                named.name
            );
            problems.push(Problem::warning(title).help(format!("make it again with `{again}`")));
        }
        refs.insert(named.name.clone(), one);
    }
    (refs, problems)
}

/// Where a scorer's calibration is kept in the project.
pub fn path(scorer: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '-' | '_') => c,
        _ => '-',
    };
    let name: String = scorer.chars().map(plain).collect();
    format!("scorers/{name}.calibration.json")
}

fn read(catalog: &Catalog, scorer: &str) -> Result<Option<Calibration>, Problem> {
    let path = path(scorer);
    if !catalog.has(&path) {
        return Ok(None);
    }
    let source = catalog.text(&path)?;
    let found: Result<Calibration, _> = serde_json::from_str(&source.text);
    match found {
        Ok(found) if found.schema == "bakeoff.calibration/1" => Ok(Some(found)),
        Ok(found) => Err(Problem::warning(format!(
            "{path} has the schema {:?}: the judge counts as not calibrated",
            found.schema
        ))),
        Err(error) => Err(Problem::warning(format!(
            "cannot read {path}: {error}: the judge counts as not calibrated"
        ))),
    }
}
