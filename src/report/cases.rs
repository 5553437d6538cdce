//! The cases behind a number: those that failed, were refused or cut, are wrong, or went another way.

use super::Look;
use super::telling::Mark;
use super::terminal::{FAINT, STRONG, clip, wrap};
use super::{CaseView, Report, TrialView, shell};
use crate::plan::Snapshot;
use crate::source::plain_line;
use crate::store::{Outcome, Stored};
use crate::summary::odd;
use crate::summary::side::{Side, sides};
use serde::Serialize;
use std::collections::HashMap;
use unicode_width::UnicodeWidthStr;

/// Why a case is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// No reply.
    Failed,
    /// Answered, but not scored by the primary scorer.
    Unscored,
    /// A refusal, or filtered.
    Refused,
    /// Cut by the token limit.
    Cut,
    /// No text and no tool call.
    Empty,
    /// Scored, and not right.
    Wrong,
    /// Scored otherwise than the candidate that it is held against.
    Flips,
}

impl Which {
    /// Its flag without the dashes.
    pub fn word(self) -> &'static str {
        match self {
            Which::Failed => "failed",
            Which::Unscored => "unscored",
            Which::Refused => "refused",
            Which::Cut => "cut",
            Which::Empty => "empty",
            Which::Wrong => "wrong",
            Which::Flips => "flips",
        }
    }
}

/// The cases behind a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listing {
    /// Always `bakeoff.cases/1`.
    pub schema: &'static str,
    /// The run's id.
    pub run: String,
    /// Why they are listed: `failed`, `wrong`, `flips` …
    pub which: &'static str,
    /// How many cases the run has.
    pub of: usize,
    /// In the dataset's order, a candidate after another.
    pub rows: Vec<Row>,
}

/// A trial, or a case that went another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The case's id.
    pub case: String,
    /// The candidate.
    pub candidate: String,
    /// Whom it is held against, of a flip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// What happened: the failure, the reason of the score, `gained 0 → 1`.
    pub what: String,
    /// What the candidate said.
    pub reply: Option<String>,
}

/// The cases of a run that a number counts; of one candidate, if one is named.
pub fn listing(
    report: &Report,
    plan: &Snapshot,
    stored: &Stored,
    which: Which,
    candidate: Option<&str>,
) -> Listing {
    let wanted = |name: &str| candidate.is_none_or(|wanted| wanted == name);
    let rows = match which {
        Which::Flips => flips(report, plan, stored, &wanted),
        _ => trials(report, plan, stored, which, &wanted),
    };
    Listing {
        schema: "bakeoff.cases/1",
        run: report.summary.run.clone(),
        which: which.word(),
        of: report.cases.len(),
        rows,
    }
}

fn trials(
    report: &Report,
    plan: &Snapshot,
    stored: &Stored,
    which: Which,
    wanted: &dyn Fn(&str) -> bool,
) -> Vec<Row> {
    let scorer = &report.summary.best.scorer;
    let mut rows = Vec::new();
    for (case, view) in stored.cases.iter().zip(&report.cases) {
        for trial in view.trials.iter().filter(|it| wanted(&it.candidate)) {
            let mut columns = plan.candidates.iter();
            let column = columns.find(|it| it.name == trial.candidate);
            let id = column.map(|column| plan.trial_id(case, column, trial.repeat));
            let record = id.and_then(|id| stored.records.get(&id));
            let reply = record.and_then(|record| match &record.outcome {
                Outcome::Answered(reply) => Some(reply),
                Outcome::Failed(_) => None,
            });
            let [refused, cut, empty] = reply.map_or([false; 3], |reply| odd(reply));
            let score = trial.scores.get(scorer);
            let why = score.map_or_else(String::new, |score| score.why.clone());
            let found = match which {
                Which::Failed => trial.failure.clone(),
                Which::Unscored => {
                    (reply.is_some() && score.is_none_or(|it| it.value.is_none())).then_some(why)
                }
                Which::Refused => refused.then_some(why),
                Which::Cut => cut.then_some(why),
                Which::Empty => empty.then_some(why),
                Which::Wrong => {
                    let wrong = matches!(Mark::of(&[trial], scorer), Mark::Wrong | Mark::Part(_));
                    wrong.then_some(why)
                }
                Which::Flips => None,
            };
            rows.extend(found.map(|what| Row {
                case: view.id.clone(),
                candidate: named(trial),
                against: None,
                what,
                reply: trial.text.clone(),
            }));
        }
    }
    rows
}

fn named(trial: &TrialView) -> String {
    match trial.repeat {
        0 => trial.candidate.clone(),
        n => format!("{} (repeat {})", trial.candidate, n + 1),
    }
}

/// The gains and losses of every difference that the summary tells.
fn flips(
    report: &Report,
    plan: &Snapshot,
    stored: &Stored,
    wanted: &dyn Fn(&str) -> bool,
) -> Vec<Row> {
    let scorer = &report.summary.best.scorer;
    let sides: HashMap<String, Side> = sides(plan, stored, scorer)
        .into_iter()
        .map(|side| (side.name.clone(), side))
        .collect();
    let mut rows = Vec::new();
    let told = report.summary.contrasts.iter();
    for contrast in told.filter(|it| wanted(&it.a) || wanted(&it.b)) {
        let (Some(a), Some(b)) = (sides.get(&contrast.a), sides.get(&contrast.b)) else {
            continue;
        };
        for (at, view) in report.cases.iter().enumerate() {
            let scores = (
                a.cells.get(at).and_then(|it| it.score()),
                b.cells.get(at).and_then(|it| it.score()),
            );
            let (Some(now), Some(before)) = scores else {
                continue;
            };
            if now == before {
                continue;
            }
            let how = if now > before { "gained" } else { "lost" };
            let round = |score: f64| (score * 1e3).round() / 1e3;
            rows.push(Row {
                case: view.id.clone(),
                candidate: contrast.a.clone(),
                against: Some(contrast.b.clone()),
                what: format!("{how} {} → {}", round(before), round(now)),
                reply: said(view, &contrast.a),
            });
        }
    }
    rows
}

fn said(case: &CaseView, candidate: &str) -> Option<String> {
    let mut trials = case.trials.iter().filter(|it| it.candidate == candidate);
    trials.find_map(|trial| trial.text.clone())
}

/// The listing for a terminal: a line a case, and the command that opens one.
pub fn cases(listing: &Listing, report: &Report, look: &Look) -> String {
    let paint = |style: anstyle::Style, text: &str| match look.color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    let width = look.width.max(super::terminal::NARROWEST);
    let mut ids: Vec<&str> = listing.rows.iter().map(|row| row.case.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let lead = match ids.len() {
        0 => format!("{}: no case", listing.which),
        n => format!("{}: {n} of {} cases", listing.which, listing.of),
    };
    let mut out = paint(STRONG, &lead) + "\n";
    let mut before: Option<(String, Option<String>)> = None;
    let wide = ids.iter().map(|id| plain_line(id).width()).max();
    let wide = wide.unwrap_or(0).min(width / 3);
    // By candidate, each with its cases below it.
    let mut rows: Vec<&Row> = listing.rows.iter().collect();
    let place = |row: &Row| {
        let names = report.summary.candidates.iter();
        names.map(|it| it.name.as_str()).position(|name| {
            row.candidate == name
                || row
                    .candidate
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with(" (repeat "))
        })
    };
    rows.sort_by_key(|row| place(row));
    for row in rows {
        let group = (row.candidate.clone(), row.against.clone());
        if before.as_ref() != Some(&group) {
            let all = listing
                .rows
                .iter()
                .filter(|it| it.candidate == row.candidate && it.against == row.against);
            let n = all.count();
            let title = match &row.against {
                Some(other) => format!("{} against {other}: {n}", row.candidate),
                None => format!("{}: {n}", row.candidate),
            };
            out += &format!("\n{}\n", paint(STRONG, &clip(&plain_line(&title), width)));
            before = Some(group);
        }
        let id = clip(&plain_line(&row.case), wide);
        let room = " ".repeat(wide.saturating_sub(id.width()));
        let reply = row.reply.as_deref().map(excerpt).unwrap_or_default();
        let text = match (row.what.is_empty(), reply.is_empty()) {
            (true, _) => reply,
            (false, true) => excerpt(&row.what),
            (false, false) => format!("{}: {reply}", excerpt(&row.what)),
        };
        out += &clip(format!("  {id}{room}  {text}").trim_end(), width);
        out.push('\n');
    }
    if let Some(row) = listing.rows.first() {
        let again = match listing.which {
            "failed" => {
                let run = report.show.trim_start_matches("bakeoff show ");
                format!("\nask them again: bakeoff resume {run}\n")
            }
            _ => "\n".to_owned(),
        };
        let open = format!("{} {}", report.show, shell(&row.case));
        let hint = format!("{again}read one: {open}");
        for line in hint.lines() {
            out += &paint(FAINT, wrap(line, width, "").trim_end());
            out.push('\n');
        }
    }
    out
}

fn excerpt(text: &str) -> String {
    let begin: String = text.chars().take(200).collect();
    let line = plain_line(&begin).into_owned();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The commands that list the cases behind a summary's numbers, as one line; empty where all went well.
pub(super) fn ways(report: &Report) -> Option<String> {
    let summary = &report.summary;
    let any = |of: &dyn Fn(&crate::summary::Row) -> usize| {
        summary.candidates.iter().any(|row| of(row) > 0)
    };
    let scorer = &summary.best.scorer;
    let wrong = |row: &crate::summary::Row| {
        let cell = row.scores.get(scorer);
        usize::from(cell.is_some_and(|cell| cell.value.is_some_and(|value| value < 1.0)))
    };
    let unscored =
        |row: &crate::summary::Row| row.scores.get(scorer).map_or(0, |cell| cell.unscored);
    let there = [
        (Which::Failed, any(&|row| row.failed)),
        (
            Which::Flips,
            summary.contrasts.iter().any(|it| it.gains + it.losses > 0),
        ),
        (Which::Wrong, any(&wrong)),
        (Which::Refused, any(&|row| row.refused)),
        (Which::Cut, any(&|row| row.cut)),
        (Which::Empty, any(&|row| row.empty)),
        (Which::Unscored, any(&unscored)),
    ];
    let words = there.iter().filter(|(_, there)| *there);
    let words: Vec<String> = words
        .map(|(which, _)| format!("--{}", which.word()))
        .collect();
    let (first, others) = words.split_first()?;
    let others = match others {
        [] => String::new(),
        others => format!(" (or {})", others.join(", ")),
    };
    Some(format!(
        "the cases behind these numbers: {} {first}{others}",
        report.show
    ))
}
