//! `bakeoff check` and `run --dry-run`: everything that can be known without sending, said before it costs anything.

use super::args::{self, Global, Selection};
use super::caution::{cautions, money};
use super::exit::Exit;
use super::host::Host;
use super::load::{Loaded, load};
use super::plan::spread_of;
use super::ready::{self, Known};
use super::rules;
use crate::plan::{ASSUMED_SECONDS, Estimate, Line, Pace, Plan};
use crate::portability::LintRow;
use crate::report::{counted, origin};
use crate::source::{Problem, Severity, plain};
use crate::store::Store;
use crate::summary::outlook::Spread;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fmt::Write;

/// `bakeoff check`.
pub fn check(host: &Host, global: &Global, args: &args::Check) -> Result<Exit, Vec<Problem>> {
    let loaded = load(host, global, &args.selection)?;
    let rules = loaded
        .project
        .suite
        .gate
        .iter()
        .flat_map(|gate| gate.rules.clone());
    let rules: Vec<_> = rules.collect();
    let untrusted = rules::uncalibrated(&loaded.project, &rules, &loaded.snapshot.judges);
    if !untrusted.is_empty() {
        let said = |it: &Problem| untrusted.iter().any(|one| one.title == it.title);
        let others = loaded.warnings.into_iter().filter(|it| !said(it));
        let others: Vec<Problem> = others.collect();
        return Err([untrusted, others].concat());
    }
    plan(
        host,
        global,
        &loaded,
        &args.selection,
        args.format.as_deref(),
    )
}

/// The plan of a loaded project: calls, tokens, money, what could be seen.
pub fn plan(
    host: &Host,
    global: &Global,
    loaded: &Loaded,
    selection: &Selection,
    format: Option<&str>,
) -> Result<Exit, Vec<Problem>> {
    let as_json = match format {
        None | Some("human" | "terminal") => false,
        Some("json") => true,
        Some(other) => {
            return Err(vec![
                Problem::error(format!("a plan has no format {other:?}"))
                    .help("formats: human, json"),
            ]);
        }
    };
    let mut problems = loaded.warnings.clone();
    let offline = ready::offline(loaded, selection);
    let replays = ready::replays(host, loaded, selection);
    let replays = replays.map_err(|more| problems.extend(more));
    let path = loaded.store(global);
    let store = path.exists().then(|| Store::open(&path).ok()).flatten();
    let known = Known {
        replays: &replays.unwrap_or_default(),
        cache: store.as_deref().filter(|_| !selection.fresh),
        answered: &HashSet::new(),
    };
    let linted = ready::linted(loaded);
    let estimate = ready::foresee(loaded, &known, offline, &linted);
    let estimate = estimate.map_err(|more| problems.extend(more)).ok();
    problems.extend(ready::findings(&linted, estimate.as_ref(), offline));
    let silent = estimate.as_ref().filter(|_| offline);
    problems.extend(silent.and_then(|estimate| ready::unrecorded(loaded, selection, estimate)));
    if !offline {
        let asked = ready::asked(&loaded.plan, estimate.as_ref());
        let keys = ready::missing_keys(asked.iter().copied()).into_iter();
        problems.extend(keys.map(|problem| Problem {
            severity: Severity::Warning,
            ..problem
        }));
        problems.extend(ready::money(loaded, &asked, selection.allow_unpriced));
    }
    let spread = spread_of(store.as_deref(), &loaded.plan.suite, &loaded.plan.primary);
    problems.extend(cautions(&loaded.plan, estimate.as_ref(), &spread));
    host.complain(&problems);
    let (errors, _) = ready::apart(problems);
    let good = errors.is_empty() && estimate.is_some();
    let seen = Seen {
        detectable: spread.detectable(loaded.plan.dataset.cases.len(), loaded.plan.repeats),
        needed: spread.needed(loaded.plan.margin, loaded.plan.repeats),
        spread,
    };
    match (as_json, &estimate) {
        // a program is told what was found even if nothing can be run
        (true, estimate) => {
            let rows: Vec<Value> = linted.iter().map(LintRow::json).collect();
            let value = json!({"schema": "bakeoff.plan/1", "suite": loaded.plan.suite, "cases": loaded.plan.dataset.cases.len(),
                "repeats": loaded.plan.repeats, "scorers": loaded.snapshot.scorers, "primary": loaded.plan.primary,
                "estimate": estimate, "detectable_difference": seen.detectable, "margin": loaded.plan.margin,
                "needed_cases": seen.needed, "spread": seen.spread, "prices": loaded.snapshot.prices, "lint": rows});
            host.print(&format!("{value:#}\n"));
        }
        (false, Some(estimate)) if good => host.print(&text(&loaded.plan, estimate, &seen)),
        (false, _) => {}
    }
    Ok(if good { Exit::Good } else { Exit::Usage })
}

/// What the plan could see.
struct Seen {
    detectable: f64,
    needed: usize,
    spread: Spread,
}

fn text(plan: &Plan, estimate: &Estimate, seen: &Seen) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    let cases = plan.dataset.cases.len();
    let times = if plan.repeats > 1 {
        format!(" × {} repeats", plan.repeats)
    } else {
        String::new()
    };
    line(format!(
        "{}: {} × {}{times}, scored by {}",
        plain(&plan.suite),
        counted(cases, "case"),
        counted(plan.candidates.len(), "candidate"),
        plan.scorers
            .iter()
            .map(|scorer| plain(&scorer.name).into_owned())
            .collect::<Vec<_>>()
            .join(", ")
    ));
    let judges = estimate.judges.iter().filter(|row| row.calls > 0);
    let judges: Vec<&Line> = judges.collect();
    let rows = estimate.candidates.iter().chain(judges.iter().copied());
    let widest = rows.map(|row| row.name.chars().count()).max();
    let widest = widest.unwrap_or(0).min(40);
    for row in &estimate.candidates {
        let known = if row.known > 0 {
            format!(", {} known already", row.known)
        } else {
            String::new()
        };
        line(format!(
            "  {:widest$}  {}{known}, about {} tokens in, at most {} out: {}",
            plain(&row.name),
            counted(row.calls, "call"),
            row.input_tokens,
            row.output_tokens,
            money(row.cost_usd)
        ));
    }
    for row in judges {
        line(format!(
            "  {:widest$}  judges: up to {}, about {} tokens in, at most {} out: {}",
            plain(&row.name),
            counted(row.calls, "call"),
            row.input_tokens,
            row.output_tokens,
            money(row.cost_usd)
        ));
    }
    line(format!(
        "in all: {}, {}{}",
        counted(estimate.calls, "call"),
        money(estimate.cost_usd),
        time(&estimate.pace)
    ));
    line(format!(
        "could show a difference of about {:.0} points with these {cases} paired cases (80 % power, two-sided 5 %)",
        (seen.detectable * 100.0).ceil()
    ));
    line(format!(
        "not worse by {} points would take about {} cases; both {}",
        plan.margin * 100.0,
        seen.needed,
        plain(&origin(&seen.spread))
    ));
    out
}

/// How long it takes, in words.
fn time(pace: &Pace) -> String {
    match pace.at_least {
        Some(seconds) => format!(
            ", at least {} at the limits of {}",
            span(seconds),
            plain(&pace.capped.join(", "))
        ),
        None if pace.seconds > 0.0 => format!(
            ", about {} if a call takes {ASSUMED_SECONDS} s",
            span(pace.seconds)
        ),
        None => String::new(),
    }
}

fn span(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{:.0} s", s.ceil()),
        s if s < 7200.0 => format!("{:.0} min", (s / 60.0).ceil()),
        s => format!("{:.1} h", s / 3600.0),
    }
}
