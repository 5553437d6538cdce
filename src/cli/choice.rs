//! What the command line chose of a suite: its cases, candidates and limits.

use super::args::Selection;
use crate::dataset::{self, Dataset};
use crate::plan::{Choice, Chosen};
use crate::project::{Project, Sample};
use crate::source::Problem;

/// The cases that are asked.
pub(super) fn select(
    dataset: Dataset,
    project: &Project,
    selection: &Selection,
    seed: u64,
) -> Result<Dataset, Problem> {
    let map = project.suite.dataset.options();
    let by = map.sample.as_ref().and_then(|sample| sample.by.clone());
    dataset.select(&dataset::Selection {
        only: selection.only.clone(),
        sample: selection.sample.map(|n| Sample { n, by }).or(map.sample),
        limit: selection.limit.or(map.limit),
        shard: selection.shard,
        seed,
    })
}

/// What goes over the suite.
pub(super) fn choice(selection: &Selection) -> Choice {
    Choice {
        models: selection.model.clone(),
        prompts: selection.prompt.clone(),
        repeats: selection.repeats,
        seed: selection.seed,
        max_cost: selection.max_cost,
        concurrency: selection.concurrency,
        drop_params: selection.drop_params,
    }
}

/// What `resume` must choose again.
pub(super) fn chosen(selection: &Selection, project: &Project) -> Chosen {
    Chosen {
        models: selection.model.clone(),
        prompts: selection.prompt.clone(),
        only: selection.only.clone(),
        limit: selection.limit,
        sample: selection.sample,
        shard: selection.shard.map(|shard| (shard.part, shard.of)),
        repeats: selection.repeats,
        seed: selection.seed,
        max_cost: selection.max_cost,
        allow_unpriced: selection.allow_unpriced,
        fresh: selection.fresh,
        drop_params: selection.drop_params || project.suite.drop_params,
    }
}
