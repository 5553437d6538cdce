//! What a gate looks at: a run, its rules, and the baseline beside it.

use super::super::baseline::picked;
use super::super::ci;
use super::super::host::Host;
use super::super::rules;
use super::super::stored::{short_id, snapshot, trouble};
use super::{Args, latest, place_of};
use crate::gate::{Baseline, Rounds};
use crate::plan::{DatasetRef, Snapshot};
use crate::project::{Project, Rule, ScorerRule};
use crate::report::Places;
use crate::source::{Problem, Source};
use crate::store::{RunRow, Store, Stored};
use crate::summary::{Trace, summarise, traces};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// All that a gate looks at.
pub(in super::super) struct Held {
    pub row: RunRow,
    pub plan: Snapshot,
    pub baseline: Option<Baseline>,
    /// Candidates with what they are held against.
    pub pairs: Vec<(Trace, Option<Trace>)>,
    pub rules: Vec<Rule>,
    /// The order of the cases, where the run may stop early.
    pub rounds: Option<Rounds>,
    /// Where the cases are written.
    pub places: Places,
    /// What the run cost, USD, if all of it is known.
    pub cost_usd: Option<f64>,
}

impl Held {
    /// The run, its rules, and the baseline's candidates beside its own.
    pub fn of(
        host: &Host,
        project: &Project,
        store: &Store,
        args: &Args,
    ) -> Result<Held, Vec<Problem>> {
        let one = |problem| vec![problem];
        let row = latest(store, &args.run, &project.suite.name).map_err(one)?;
        let plan = snapshot(&row).map_err(one)?;
        let id = short_id(store, &row.id);
        if !row.complete {
            let title = format!("run {id} is incomplete: a gate judges whole runs");
            let problem = Problem::error(title).help(format!("go on with: bakeoff resume {id}"));
            return Err(vec![problem]);
        }
        let stored = store
            .load(row.clone())
            .map_err(|error| vec![trouble(&error)])?;
        let own = picked(traces(&plan, &stored), &args.candidate)?;
        let rules = rules_of(project, &plan.primary);
        let untrusted = rules::uncalibrated(project, &rules, &plan.judges);
        if !untrusted.is_empty() {
            return Err(untrusted);
        }
        let whole = rules::whole(project, &rules, &stored);
        if !whole.is_empty() {
            return Err(whole);
        }
        let fixed = |rule: &Rule| match rule {
            Rule::Scorer(rule) => rule.min.is_some() && rule.margin.is_none(),
            Rule::Metric(rule) => rule.max_rise.is_none(),
        };
        let named = args.baseline.as_deref();
        let baseline = match baseline_of(host, project, named) {
            Ok(baseline) => Some(baseline?),
            Err(_) if named.is_none() && rules.iter().all(fixed) => None,
            Err(problem) => return Err(vec![problem]),
        };
        let mut pairs = match &baseline {
            None => own.into_iter().map(|side| (side, None)).collect(),
            Some(baseline) => side_by_side(own, baseline, !args.candidate.is_empty())?,
        };
        // What was left out because the verdict was certain is no case that is missing.
        let left: HashSet<&str> = stored.left_out.iter().map(|it| it.id.as_str()).collect();
        for before in pairs.iter_mut().filter_map(|(_, before)| before.as_mut()) {
            before.cases.retain(|case| !left.contains(case.id.as_str()));
        }
        let rounds = plan.early.as_ref().map(|_| rounds(&plan, &stored));
        let file = ci::in_repository(host, &project.root, &plan.dataset.file);
        Ok(Held {
            row,
            baseline,
            pairs,
            rules,
            rounds,
            places: Places::of(file, &stored.cases),
            cost_usd: ci::spent(&summarise(&plan, &stored)),
            plan,
        })
    }
}

/// The order of a run's cases, those that were left out too.
fn rounds(plan: &Snapshot, stored: &Stored) -> Rounds {
    let cases = stored.cases.iter().chain(&stored.left_out);
    let cases = cases.map(|case| (case.id.as_str(), case.group.as_deref()));
    Rounds {
        stopped: plan.stopped().cloned(),
        ..Rounds::new(plan.seed, cases)
    }
}

/// The suite's rules; where it has none, the primary scorer may not fall.
pub(in super::super) fn rules_of(project: &Project, primary: &str) -> Vec<Rule> {
    let mut rules = project.suite.gate.clone().unwrap_or_default().rules;
    if rules.is_empty() {
        rules.push(Rule::Scorer(ScorerRule {
            scorer: primary.to_owned(),
            ..ScorerRule::default()
        }));
    }
    rules
}

/// The baseline: the named one, or the suite's. The outer error is that there is none.
pub(in super::super) fn baseline_of(
    host: &Host,
    project: &Project,
    named: Option<&Path>,
) -> Result<Result<Baseline, Vec<Problem>>, Problem> {
    let path = match named {
        Some(path) => host.cwd.join(path),
        None => project.root.join(place_of(project)),
    };
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let title = format!("cannot read the baseline {}: {e}", path.display());
        Problem::error(title).help("write one from a good run: bakeoff baseline set RUN")
    })?;
    let shown = path.strip_prefix(&host.cwd).unwrap_or(&path).display();
    let source = Arc::new(Source::new(shown.to_string(), text));
    Ok(Baseline::read(&source).map_err(|problem| vec![problem]))
}

/// Each candidate with the baseline's of the same name; the only one with the only one, whatever they are called.
pub(in super::super) fn side_by_side(
    own: Vec<Trace>,
    baseline: &Baseline,
    chosen: bool,
) -> Result<Vec<(Trace, Option<Trace>)>, Vec<Problem>> {
    let names: Vec<&str> = baseline
        .candidates
        .iter()
        .map(|kept| kept.candidate.name.as_str())
        .collect();
    if let ([_], [only]) = (own.as_slice(), names.as_slice()) {
        let before = baseline.side(only);
        return Ok(own.into_iter().map(|side| (side, before.clone())).collect());
    }
    let lost: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !chosen && !own.iter().any(|side| side.name == *name))
        .collect();
    let fresh: Vec<&str> = own
        .iter()
        .map(|side| side.name.as_str())
        .filter(|name| !names.contains(name))
        .collect();
    if !lost.is_empty() || !fresh.is_empty() {
        let mut problem =
            Problem::error("the run and the baseline do not hold the same candidates");
        if !lost.is_empty() {
            problem = problem.help(format!("only in the baseline: {}", lost.join(", ")));
        }
        if !fresh.is_empty() {
            problem = problem.help(format!("only in the run: {}", fresh.join(", ")));
        }
        return Err(vec![problem.help(
            "choose with --candidate NAME, or write a new baseline: bakeoff baseline set RUN",
        )]);
    }
    Ok(own
        .into_iter()
        .map(|side| {
            let before = baseline.side(&side.name);
            (side, before)
        })
        .collect())
}

/// What differs in what was asked, a line each.
pub(super) fn changes(held: &Held) -> Vec<String> {
    let Some(baseline) = &held.baseline else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut differ = |what: &str, before: String, now: String| {
        if before != now {
            lines.push(format!("{what}: was {before}, is {now}"));
        }
    };
    let dataset = |it: &DatasetRef| {
        format!(
            "{} ({} cases, {})",
            it.name,
            it.cases,
            it.hash.get(..8).unwrap_or_default()
        )
    };
    differ(
        "dataset",
        dataset(&baseline.dataset),
        dataset(&held.plan.dataset),
    );
    differ(
        "repeats",
        baseline.repeats.to_string(),
        held.plan.repeats.to_string(),
    );
    differ(
        "price table",
        baseline.prices.clone(),
        held.plan.prices.clone(),
    );
    for (now, before) in &held.pairs {
        let column = held
            .plan
            .candidates
            .iter()
            .find(|column| column.name == now.name);
        let name = before.as_ref().map_or("", |side| side.name.as_str());
        let kept = baseline
            .candidates
            .iter()
            .find(|kept| kept.candidate.name == name);
        if let (Some(column), Some(kept)) = (column, kept) {
            lines.extend(kept.candidate.changes(column));
        }
    }
    lines
}
