//! The scorers that cascades ask about an answer before it stands, for callers whose requests are no
//! cases: what needs a target or asks a judge cannot say anything here.

use crate::dataset::{Case, Dataset};
use crate::plan::{Candidate, Plan};
use crate::policy::Verdict;
use crate::project::Project;
use crate::run::{Asking, Engine, Grade};
use crate::score::{Build, Graded, Named, Nobody, build_all};
use crate::source::Problem;
use futures_util::future::BoxFuture;
use serde_json::Map;
use std::collections::BTreeMap;

/// Scorers by name.
pub(super) struct Passing {
    scorers: Vec<Named>,
}

impl Passing {
    /// What the routes of a plan need; nothing if none of them asks a scorer.
    pub fn of(
        project: &Project,
        plan: &Plan,
        programs: Option<&BTreeMap<String, String>>,
    ) -> Result<Option<Box<dyn Grade>>, Vec<Problem>> {
        let asks = |candidate: &Candidate| {
            let hops = 0..candidate.targets().count();
            let names = hops.filter_map(|hop| candidate.policy.scorer(hop).map(str::to_owned));
            names
                .map(|name| (candidate.name.clone(), name))
                .collect::<Vec<_>>()
        };
        let asked: Vec<(String, String)> = plan.candidates.iter().flat_map(asks).collect();
        if asked.is_empty() {
            return Ok(None);
        }
        let path = &project.suite.dataset.options().path;
        let columns = Dataset::load(path, &project.catalog).map(|it| it.columns);
        let columns = columns.unwrap_or_default();
        let build = Build::new(&project.catalog, &columns).allowing(programs);
        let scorers = build_all(&project.doc.top(), &build)?;
        let problem = |(route, name): &(String, String)| {
            let named = scorers.iter().find(|named| named.name == *name);
            let why = match named {
                None => "there is no such scorer",
                Some(named) if named.needs_target() => "it needs a target, and callers have none",
                Some(named) if !named.models().is_empty() || !named.embedders().is_empty() => {
                    "it asks a model, and callers' requests have no columns for its prompt"
                }
                Some(named) if !named.passes() => "it says neither passed nor failed",
                Some(_) => return None,
            };
            let title =
                format!("{route} cannot be served: its answers must pass {name:?}, and {why}");
            Some(Problem::error(title).help(
                "accept by `confidence`, `logprob` or another scorer, or leave it out with --model",
            ))
        };
        let problems: Vec<Problem> = asked.iter().filter_map(problem).collect();
        match problems.is_empty() {
            true => Ok(Some(Box::new(Passing { scorers }))),
            false => Err(problems),
        }
    }

    async fn passes(&self, asking: &Asking<'_>) -> Result<bool, String> {
        let named = self.scorers.iter().find(|it| it.name == asking.scorer);
        let named = named.ok_or("there is no such scorer")?;
        let case = Case {
            id: asking.case.to_owned(),
            vars: Map::new(),
            target: None,
            group: None,
            tags: Vec::new(),
            line: 0,
        };
        let attempt = asking.attempt;
        let graded = Graded {
            case: &case,
            target: None,
            reply: asking.reply,
            latency_ms: attempt.map(|attempt| attempt.times.latency()),
            cost_usd: attempt.and_then(|attempt| Some(attempt.cost.as_ref()?.usd)),
        };
        let score = named
            .score(graded, &Nobody)
            .await
            .map_err(|error| error.0)?;
        score
            .passed
            .ok_or_else(|| "it says neither passed nor failed".to_owned())
    }
}

impl Grade for Passing {
    fn grade<'a>(
        &'a self,
        _: &'a Engine,
        asking: Asking<'a>,
    ) -> BoxFuture<'a, (Verdict, Option<f64>)> {
        Box::pin(async move {
            let passed = self.passes(&asking).await;
            let passed = passed.as_ref().map(|passed| *passed);
            let verdict = Verdict::scored(asking.scorer, passed.map_err(String::as_str));
            (verdict, Some(0.0))
        })
    }
}
