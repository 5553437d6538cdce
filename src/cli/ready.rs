//! What must hold before the first request: keys, prices, requests that can be made, files that can be
//! read and written. Everything is tried before the run is written down, and all that is wrong is said at once.

use super::args::{Output, Selection};
use super::host::Host;
use super::load::Loaded;
use crate::dataset::Case;
use crate::plan::{
    ASSUMED_OUTPUT, Estimate, Plan, RequestError, Target, Trial, Unsendable, estimate,
};
use crate::portability::{self, LintRow, Written};
use crate::provider::lint;
use crate::run::{Replays, read_recorded};
use crate::score::{Against, Named};
use crate::source::{Problem, Severity, Source};
use crate::store::Store;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether nothing may be sent.
pub fn offline(loaded: &Loaded, selection: &Selection) -> bool {
    selection.offline
        || (loaded.project.suite.replay.is_some() && selection.replay.is_none() && !selection.fresh)
}

/// How to lift what the suite's `replay:` line forbids.
pub fn replay_line(loaded: &Loaded) -> String {
    let at = loaded.project.doc.problem("/replay", "", "").at;
    let line = at.map_or(String::new(), |at| {
        let before = at.source.text.get(..at.span.start).unwrap_or_default();
        format!(" (line {})", before.matches('\n').count() + 1)
    });
    format!(
        "the suite's `replay:`{line} takes replies from a file and sends nothing: remove it to ask the models"
    )
}

/// `1 reply is`, `2 replies are`
pub fn replies(n: usize) -> String {
    match n {
        1 => "1 reply is".to_owned(),
        n => format!("{n} replies are"),
    }
}

/// Offline, what would have to be asked cannot be run.
pub fn unrecorded(loaded: &Loaded, selection: &Selection, estimate: &Estimate) -> Option<Problem> {
    let rows = estimate.candidates.iter().filter(|row| row.calls > 0);
    let missing: Vec<_> = rows.collect();
    let n: usize = missing.iter().map(|row| row.calls).sum();
    let title = format!("nothing may be sent, and {} not recorded", replies(n));
    let by_suite = !selection.offline;
    let problem = (n > 0).then(|| match by_suite {
        true => loaded.project.doc.problem("/replay", title, ""),
        false => Problem::error(title),
    })?;
    let problem = match by_suite {
        true => problem.help(replay_line(loaded)),
        false => problem.help("without --offline the models are asked"),
    };
    let told = missing.iter().fold(problem, |problem, row| {
        problem.help(format!("candidate {}: {}", row.name, row.calls))
    });
    Some(told.help("or ask them once with `bakeoff run --fresh`, and keep them with --record FILE"))
}

/// Recorded replies from a file: the one on the command line, or the suite's.
pub fn replays(
    host: &Host,
    loaded: &Loaded,
    selection: &Selection,
) -> Result<Replays, Vec<Problem>> {
    let source = match (&selection.replay, &loaded.project.suite.replay) {
        (Some(path), _) => {
            let path = host.cwd.join(path);
            let fail = |e: std::io::Error| {
                vec![Problem::error(format!(
                    "cannot read the replay file {}: {e}",
                    path.display()
                ))]
            };
            Arc::new(Source::new(
                path.display().to_string(),
                std::fs::read_to_string(&path).map_err(fail)?,
            ))
        }
        (None, Some(path)) if !selection.fresh => {
            loaded.project.catalog.text(path).map_err(|problem| {
                let at = problem.at.clone();
                let at = at.or_else(|| loaded.project.doc.problem("/replay", "", "").at);
                let problem = Problem { at, ..problem };
                vec![problem.help("record it with `bakeoff run --fresh --record FILE`")]
            })?
        }
        _ => return Ok(Replays::new()),
    };
    read_recorded(&source)
}

/// Replies that need not be asked for.
pub struct Known<'a> {
    pub replays: &'a Replays,
    /// The store, where replies of earlier runs may be used.
    pub cache: Option<&'a Store>,
    /// Trials of this run that were answered already.
    pub answered: &'a HashSet<String>,
}

/// What the targets will refuse, ignore or change.
pub fn linted(loaded: &Loaded) -> Vec<LintRow> {
    let written = Written {
        project: &loaded.project,
        prompts: loaded.prompts.iter().chain(loaded.own.values()).collect(),
    };
    portability::lint(&loaded.plan, &loaded.scorers, &written)
}

/// The lint's findings as problems; of what is not asked (any more), nothing is an error. Notes are
/// not told: what they say is sent changes nothing.
pub fn findings(rows: &[LintRow], estimate: Option<&Estimate>, offline: bool) -> Vec<Problem> {
    let asked = |row: &LintRow| {
        let mut lines = estimate.iter().flat_map(|estimate| &estimate.candidates);
        let known = !row.judge && lines.any(|it| it.name == row.candidate && it.calls == 0);
        !offline && !known
    };
    let rows = rows
        .iter()
        .filter(|row| row.finding.severity > lint::Severity::Note);
    let problem = |row: &LintRow| match asked(row) {
        true => row.problem(),
        false => Problem {
            severity: Severity::Warning,
            ..row.problem()
        },
    };
    rows.map(problem).collect()
}

/// What the run will ask and cost; a problem for each candidate or prompt that cannot be asked.
pub fn foresee(
    loaded: &Loaded,
    known: &Known<'_>,
    offline: bool,
    linted: &[LintRow],
) -> Result<Estimate, Vec<Problem>> {
    let plan = &loaded.plan;
    let is_known = |trial: Trial, keys: &[&str]| {
        // A chain begins at its first hop, whatever is known of later ones; unless nothing may be sent.
        let tried = if offline { keys.len() } else { 1 };
        let cached = |store: &Store| {
            let mut keys = keys.iter().take(tried);
            keys.any(|key| store.cached(key, "").is_ok_and(|found| found.is_some()))
        };
        keys.iter().any(|key| known.replays.contains_key(*key))
            || known.answered.contains(&plan.trial_id(trial))
            || known.cache.is_some_and(cached)
    };
    let names: Vec<&str> = plan.candidates.iter().map(|it| it.name.as_str()).collect();
    let judging = |case: &Case, candidate: usize| match offline {
        true => Vec::new(),
        false => {
            let scorers = loaded.scorers.iter().filter(|named| named.applies(case));
            let calls = scorers.flat_map(|named| {
                let times = meetings_of(named, candidate, &names, plan.reference.as_deref());
                (0..times).flat_map(|_| named.models())
            });
            calls.collect()
        }
    };
    estimate(plan, &loaded.prices, &is_known, &judging).map_err(|bad| unsendable(plan, bad, linted))
}

/// How often a scorer looks at a candidate's answer to a case; of two that are compared, the earlier counts.
fn meetings_of(named: &Named, candidate: usize, names: &[&str], reference: Option<&str>) -> usize {
    let held = |name: Option<&str>| match name {
        Some(name) => usize::from(names.contains(&name) && names[candidate] != name),
        None => 0,
    };
    match named.against() {
        None => 1,
        Some(Against::All) => names.len() - 1 - candidate,
        Some(Against::Reference) => held(reference),
        Some(Against::Candidate(name)) => held(Some(name)),
    }
}

/// A problem a candidate; one for all candidates whose shared prompt cannot be rendered. What the lint
/// has said of a candidate is not said again.
fn unsendable(plan: &Plan, bad: Vec<Unsendable>, linted: &[LintRow]) -> Vec<Problem> {
    let mut told: Vec<(String, Problem, Vec<&str>)> = Vec::new();
    for Unsendable {
        trial,
        error,
        trials,
    } in bad
    {
        let (case, candidate) = (plan.case(trial), plan.candidate(trial));
        let said = linted.iter().any(|row| {
            row.candidate == candidate.name && row.finding.severity == lint::Severity::Error
        });
        if said && matches!(error, RequestError::Unsupported(_)) {
            continue;
        }
        let (key, problem) = match error {
            RequestError::Prompt(problem) => {
                let more = match trials - 1 {
                    0 => format!("case {}", case.id),
                    more => format!("case {}, and {more} more trials", case.id),
                };
                (candidate.prompt.hash.clone(), (*problem).help(more))
            }
            RequestError::Unsupported(error) => (
                candidate.name.clone(),
                Problem::error(format!("{}: {error}", candidate.name)),
            ),
        };
        match told.iter_mut().find(|(known, ..)| *known == key) {
            Some((_, _, names)) => names.push(&candidate.name),
            None => told.push((key, problem, vec![&candidate.name])),
        }
    }
    let told = told.into_iter();
    told.map(|(_, problem, names)| match names.as_slice() {
        [one] => problem.help(format!("candidate {one}")),
        several => problem.help(format!("candidates {}", several.join(", "))),
    })
    .collect()
}

/// Whom a command asks: every candidate with something left to be asked, and the judges.
pub fn asked<'a>(plan: &'a Plan, estimate: Option<&Estimate>) -> Vec<(&'a str, &'a Target)> {
    let calls = |index: usize| estimate.is_none_or(|it| it.candidates[index].calls > 0);
    let candidates = plan.candidates.iter().enumerate();
    let candidates = candidates
        .filter(|(index, _)| calls(*index))
        .flat_map(|(_, candidate)| {
            let later = candidate.fallback.iter().map(|hop| &hop.target);
            let later = later.map(|target| (target.name.as_str(), target));
            std::iter::once((candidate.name.as_str(), &candidate.target)).chain(later)
        });
    candidates.chain(judges(plan)).collect()
}

/// The models that judge.
pub fn judges(plan: &Plan) -> impl Iterator<Item = (&str, &Target)> {
    let judges = plan.judges.iter();
    judges.map(|(name, target)| (name.as_str(), target))
}

/// Keys that are needed and not set: an error before a run, a warning in a check.
pub fn missing_keys<'a>(asked: impl IntoIterator<Item = (&'a str, &'a Target)>) -> Vec<Problem> {
    let missing: BTreeMap<&str, &[String]> = asked
        .into_iter()
        .filter(|(_, target)| !target.key_missing.is_empty())
        .map(|(_, target)| (target.name.as_str(), target.key_missing.as_slice()))
        .collect();
    let problem = |(model, variables): (&str, &[String])| {
        Problem::error(format!(
            "no key for {model}: {} is not set",
            variables.join(" or ")
        ))
        .help(format!(
            "export {}=…, or put it into a file and give --env-file FILE",
            variables[0]
        ))
    };
    missing.into_iter().map(problem).collect()
}

/// Under a cap every model that is asked needs a price; a missing output limit is assumed.
pub fn money(loaded: &Loaded, asked: &[(&str, &Target)], allow_unpriced: bool) -> Vec<Problem> {
    let plan = &loaded.plan;
    let Some(cap) = plan.limits.max_cost else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (name, target) in asked {
        if target.list_price(&loaded.prices).is_none() && !allow_unpriced {
            problems.push(
                Problem::error(format!("{name} has no known price, so the cap of ${cap} cannot hold"))
                    .help("give it `price: {input: USD, output: USD}` per million tokens, or allow it with --allow-unpriced"),
            );
        }
        let unlimited = plan.candidates.iter().any(|it| {
            let first = (it.name.as_str(), it.params.max_tokens);
            let later = it.fallback.iter();
            let later = later.map(|hop| (hop.target.name.as_str(), hop.params.max_tokens));
            let mut hops = std::iter::once(first).chain(later);
            hops.any(|(asked, most)| asked == *name && most.is_none())
        });
        if unlimited {
            problems.push(
                Problem::warning(format!("{name} has no `max_tokens`: the cap assumes at most {ASSUMED_OUTPUT} tokens a reply"))
                    .help("set `params: {max_tokens: …}`"),
            );
        }
    }
    problems
}

/// The report folder.
pub fn report_folder(host: &Host, root: &Path, output: &Output) -> PathBuf {
    let named = output.out.as_ref().map(|out| host.cwd.join(out));
    named.unwrap_or_else(|| root.join("bakeoff-report"))
}

/// Tries whether files can be made in a folder, making it if it is not there.
pub fn writable(folder: &Path, what: &str) -> Result<(), Problem> {
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::Builder::new();
        file.prefix(".bakeoff-").tempfile_in(folder).map(drop)
    });
    made.map_err(|e| {
        Problem::error(format!(
            "cannot write {what} into {}: {e}",
            folder.display()
        ))
    })
}

/// The file for the recording, if there can be one.
pub fn recording(host: &Host, record: Option<&Path>) -> Result<(), Problem> {
    let Some(path) = record.map(|path| host.cwd.join(path)) else {
        return Ok(());
    };
    if path.is_dir() {
        let title = format!(
            "cannot write the recording {}: it is a folder",
            path.display()
        );
        return Err(Problem::error(title));
    }
    writable(path.parent().unwrap_or(&host.cwd), "the recording")
}

/// Opens the file of events, if one is asked for.
pub fn events(host: &Host, path: Option<&Path>) -> Result<Option<std::fs::File>, Problem> {
    let Some(path) = path.map(|path| host.cwd.join(path)) else {
        return Ok(None);
    };
    let file = std::fs::File::create(&path);
    file.map(Some).map_err(|e| {
        Problem::error(format!(
            "cannot write the events to {}: {e}",
            path.display()
        ))
    })
}

/// Errors apart from warnings.
pub fn apart(problems: Vec<Problem>) -> (Vec<Problem>, Vec<Problem>) {
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    problems.into_iter().partition(is_error)
}
