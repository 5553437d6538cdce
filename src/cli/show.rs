//! `bakeoff show`: a run's table, or one case with what every candidate made of it.

use super::args;
use super::exit::Exit;
use super::host::Host;
use super::output::{self, Making};
use super::stored;
use crate::report::{CaseView, TrialView};
use crate::source::{Problem, did_you_mean, plain, plain_line};
use crate::store::{Attempt, Outcome, Record, Stored};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

/// Runs the command.
pub fn show(
    host: &Host,
    store: &Path,
    args: &args::Show,
    part: output::Part<'_>,
) -> Result<Exit, Problem> {
    let as_json = match args.format.as_deref() {
        None | Some("human") => false,
        Some("json") => true,
        Some(other) => {
            return Err(Problem::error(format!("show has no format {other:?}"))
                .help("formats: human, json"));
        }
    };
    let store = stored::open(store)?;
    let (plan, stored) = stored::load(&store, &args.run)?;
    let report = stored::reported(&store, &plan, &stored);
    let Some(wanted) = &args.case else {
        let format = output::known(if as_json { "json" } else { "terminal" })?;
        let making = Making {
            host,
            part,
            raw_csv: false,
        };
        making.print(&report, format)?;
        return Ok(Exit::Good);
    };
    let case = report
        .cases
        .iter()
        .find(|case| case.id == *wanted)
        .ok_or_else(|| {
            let problem = Problem::error(format!("run {} has no case {wanted:?}", stored.run.id));
            match did_you_mean(wanted, report.cases.iter().map(|case| case.id.as_str())) {
                Some(near) => problem.help(format!("did you mean {near:?}?")),
                None => problem,
            }
        })?;
    if as_json {
        let value = json!({"schema": "bakeoff.case/1", "run": stored.run.id, "case": case, "records": records(&stored, wanted)});
        host.print(&format!("{value:#}\n"));
    } else {
        host.print(&text(case, &stored));
    }
    Ok(Exit::Good)
}

fn records<'a>(stored: &'a Stored, case: &str) -> Vec<&'a Record> {
    stored
        .records
        .values()
        .chain(stored.judges.values())
        .filter(|record| record.case == case)
        .collect()
}

fn text(case: &CaseView, stored: &Stored) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "case {}{}",
        plain(&case.id),
        if case.tags.is_empty() {
            String::new()
        } else {
            format!("  [{}]", plain(&case.tags.join(", ")))
        }
    ));
    for (name, value) in &case.vars {
        line(format!("\n{}:\n{}", plain(name), indent(&as_text(value))));
    }
    let shown = case.vars.get("expected") == case.target.as_ref();
    if let Some(target) = case.target.as_ref().filter(|_| !shown) {
        line(format!("\nexpected:\n{}", indent(&as_text(target))));
    }
    for trial in &case.trials {
        line(format!(
            "\n── {}{}",
            plain(&trial.candidate),
            if trial.repeat > 0 {
                format!(" (repeat {})", trial.repeat + 1)
            } else {
                String::new()
            }
        ));
        trial_text(trial, &mut line);
        let record = stored.records.values().find(|record| {
            record.case == case.id
                && record.candidate == trial.candidate
                && record.repeat == trial.repeat
        });
        attempts(record, &mut line);
    }
    out
}

fn trial_text(trial: &TrialView, line: &mut impl FnMut(String)) {
    match (&trial.text, &trial.failure) {
        (Some(text), _) => line(indent(text)),
        (None, Some(failure)) => line(indent(&format!("failed: {failure}"))),
        (None, None) => line("  not asked yet".into()),
    }
    for (scorer, score) in &trial.scores {
        let value = score
            .value
            .map_or_else(|| "unscored".to_owned(), |value| format!("{value}"));
        line(format!(
            "  {}: {value}  {}",
            plain(scorer),
            plain(&score.why)
        ));
    }
    let mut facts = Vec::new();
    facts.extend(
        trial
            .finish
            .as_ref()
            .map(|finish| format!("finish {finish}")),
    );
    facts.extend(trial.input_tokens.map(|n| format!("{n} tokens in")));
    facts.extend(trial.output_tokens.map(|n| format!("{n} out")));
    facts.extend(trial.latency_ms.map(|ms| format!("{ms:.0} ms")));
    facts.extend(
        trial
            .first_token_ms
            .map(|ms| format!("first token {ms:.0} ms")),
    );
    facts.push(
        trial
            .cost_usd
            .map_or_else(|| "cost unknown".into(), |usd| format!("${usd:.6}")),
    );
    facts.extend(
        trial
            .served_model
            .as_ref()
            .map(|model| format!("served by {}", plain(model))),
    );
    facts.extend(
        trial
            .hop
            .as_ref()
            .map(|hop| format!("served by {}", plain(hop))),
    );
    facts.push(plain(&trial.origin).into_owned());
    if trial.text.is_some() {
        line(format!("  {}", facts.join(" · ")));
    }
}

fn attempts(record: Option<&Record>, line: &mut impl FnMut(String)) {
    let Some(record) = record else { return };
    let routed = |attempt: &Attempt| attempt.at.as_ref().is_some_and(|at| at.why.is_some());
    let one = record.attempts.len() < 2 && matches!(record.outcome, Outcome::Answered(_));
    if one && !record.attempts.iter().any(routed) {
        return;
    }
    for attempt in &record.attempts {
        let how = match (&attempt.failure, &attempt.passed) {
            (Some(failure), _) => format!("{}: {}", failure.kind.name(), plain(&failure.message)),
            (None, Some(passed)) => {
                let odd = passed.why.iter().map(|word| word.name().to_owned());
                let check = attempt.checked.as_ref().map(|it| it.verdict.why.clone());
                let why: Vec<String> = odd.chain(check).collect();
                match why.is_empty() {
                    true => format!("said: {}", plain_line(&passed.reply.text)),
                    false => format!("answered, passed over: {}", plain(&why.join(", "))),
                }
            }
            (None, None) => match &attempt.checked {
                Some(checked) => format!("answered, {}", plain(&checked.verdict.why)),
                None => "answered".to_owned(),
            },
        };
        let at = attempt.at.as_ref().map_or(String::new(), |at| {
            let why = at.why.as_ref();
            let why = why.map_or(String::new(), |why| {
                format!(" ({})", plain(&why.to_string()))
            });
            format!(" at hop {}, {}{why}", at.hop, plain(&at.model))
        });
        let cost = attempt.cost.as_ref().filter(|_| attempt.at.is_some());
        let cost = cost.map_or(String::new(), |cost| format!("${:.6}, ", cost.usd));
        line(format!(
            "  attempt {}{at}: {:.0} ms, {cost}{how}",
            attempt.number,
            attempt.times.latency()
        ));
    }
}

fn as_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| format!("{value:#}"), str::to_owned)
}

fn indent(text: &str) -> String {
    plain(text)
        .lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
