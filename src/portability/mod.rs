//! What of a plan will not carry over to its targets: the provider layer's lint, asked for every
//! candidate and every judge, and told with the place in the user's files.

mod place;

pub use place::Written;

use crate::plan::{Plan, Trial};
use crate::provider::lint::{Asked, Finding, Scope, Severity, Transform, lint as find, settle};
use crate::score::Named;
use crate::source::{self, At, Problem};
use serde_json::{Value, json};

/// One rule, broken by one candidate (or judge): however many cases it concerns.
#[derive(Debug, Clone)]
pub struct LintRow {
    /// What was found.
    pub finding: Finding,
    /// The candidate's name; of a judge, its scorer's and its model's.
    pub candidate: String,
    /// Whether it is about a judge.
    pub judge: bool,
    /// How many cases it concerns.
    pub cases: usize,
    /// The first of them, unless it concerns all.
    pub case: Option<String>,
    /// Where it was written.
    pub at: Option<At>,
}

impl LintRow {
    /// As results carry it.
    pub fn json(&self) -> Value {
        let finding = &self.finding;
        let line = |at: &At| at.source.line_column(at.span.start).0;
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "candidate": self.candidate,
            "message": finding.message,
            "help": finding.help,
            "fields": finding.fields,
            "transform": finding.transform,
            "cases": self.cases,
            "case": self.case,
            "file": self.at.as_ref().map(|at| &at.source.name),
            "line": self.at.as_ref().map(line),
        })
    }

    /// As a user is told it; a note is a warning here.
    pub fn problem(&self) -> Problem {
        let finding = &self.finding;
        let title = format!("{}: {} [{}]", self.candidate, finding.message, finding.rule);
        let severity = match finding.severity {
            Severity::Error => source::Severity::Error,
            _ => source::Severity::Warning,
        };
        let dropped = finding.transform == Transform::Dropped && finding.fields != ["stream"];
        let help = match dropped {
            true => "it is not sent (--drop-params)",
            false => &finding.help,
        };
        let problem = Problem {
            severity,
            at: self.at.clone(),
            ..Problem::error(title).help(help)
        };
        let problem = match (&self.case, self.cases) {
            (Some(case), 1) => problem.help(format!("case {case}")),
            (Some(case), n) => problem.help(format!("case {case}, and {} more", n - 1)),
            (None, _) => problem,
        };
        match finding.severity == Severity::Error && finding.drops {
            true => problem.help("or drop it with --drop-params"),
            false => problem,
        }
    }
}

/// What the rules find in a plan: by candidate, then judge; a row a rule.
pub fn lint(plan: &Plan, scorers: &[Named], written: &Written<'_>) -> Vec<LintRow> {
    let candidates = (0..plan.candidates.len()).flat_map(|index| candidate(plan, index, written));
    candidates.chain(judges(plan, scorers, written)).collect()
}

fn candidate(plan: &Plan, index: usize, written: &Written<'_>) -> Vec<LintRow> {
    let candidate = &plan.candidates[index];
    let all = plan.dataset.cases.len();
    let mut rows: Vec<(usize, LintRow)> = Vec::new();
    let mut add = |hop: usize, finding: Finding, cases: usize, case: Option<&str>| {
        let same = |(at, row): &&mut (usize, LintRow)| {
            *at == hop && row.finding.rule == finding.rule && case.is_some()
        };
        if let Some((_, row)) = rows.iter_mut().find(same) {
            row.cases += 1;
            if finding.severity > row.finding.severity {
                row.finding = finding;
                row.case = case.map(str::to_owned);
            }
            return;
        }
        let at = written.candidate(&candidate.name, &candidate.prompt, &finding.fields);
        let row = LintRow {
            at,
            finding,
            candidate: candidate.name.clone(),
            judge: false,
            cases,
            case: case.map(str::to_owned),
        };
        rows.push((hop, row));
    };
    let mut begun = false;
    for (at, case) in plan.dataset.cases.iter().enumerate() {
        let trial = Trial {
            case: at as u32,
            candidate: index as u32,
            repeat: 0,
        };
        // A prompt that cannot be rendered is told elsewhere.
        let Ok(calls) = plan.calls(trial) else {
            continue;
        };
        for (hop, (target, mut call)) in calls.into_iter().enumerate() {
            let place = target.place();
            if !begun {
                let settled = settle(&mut call, &place, plan.drops).findings;
                for finding in settled.into_iter().filter(|it| !it.per_case) {
                    add(hop, finding, all, None);
                }
            }
            for finding in find(&Asked::new(&call, &place), Scope::Conversation) {
                add(hop, finding, 1, Some(&case.id));
            }
        }
        begun = true;
    }
    let mut rows: Vec<LintRow> = rows.into_iter().map(|(_, row)| row).collect();
    for row in rows.iter_mut().filter(|row| row.cases == all) {
        row.case = None;
    }
    rows
}

fn judges(plan: &Plan, scorers: &[Named], written: &Written<'_>) -> Vec<LintRow> {
    let mut rows = Vec::new();
    for scorer in scorers {
        for (model, mut call) in scorer.calls() {
            let Some(target) = plan.judges.get(&model) else {
                continue;
            };
            call.model.clone_from(&target.wire_model);
            call.stream = true;
            let found = settle(&mut call, &target.place(), plan.drops.for_judges()).findings;
            rows.extend(found.into_iter().map(|finding| LintRow {
                finding,
                candidate: format!("{} (judge {model})", scorer.name),
                judge: true,
                cases: plan.dataset.cases.len(),
                case: None,
                at: written.scorer(&scorer.name),
            }));
        }
    }
    rows
}
