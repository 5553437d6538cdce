//! The models that scorers ask: each resolved once, as a judge or for its embeddings.

use crate::plan::{Keys, Plan, embedder, judge};
use crate::project::Project;
use crate::score::Named;
use crate::source::Problem;
use std::collections::BTreeSet;

/// Puts the models that these scorers ask into the plan.
pub fn place(
    project: &Project,
    scorers: &[Named],
    keys: &Keys<'_>,
    plan: &mut Plan,
    problems: &mut Vec<Problem>,
) {
    let embedders: BTreeSet<_> = scorers.iter().flat_map(Named::embedders).collect();
    let models: BTreeSet<_> = scorers.iter().flat_map(Named::models).collect();
    for model in models {
        let target = match embedders.contains(&model) {
            true => embedder(project, &model, keys),
            false => judge(project, &model, keys),
        };
        match target {
            Ok(target) => drop(plan.judges.insert(model, target)),
            Err(problem) => problems.push(problem),
        }
    }
}
