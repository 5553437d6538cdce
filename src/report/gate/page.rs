//! `gate.html`: the verdict, every rule with its numbers, the differences against what is allowed, and
//! what was said before and now on the cases that moved.

use super::{below, sign, word};
use crate::gate::{Answer, Flip, Gated, Judged, Mode};
use crate::report::explorer::cards;
use crate::report::html::{self, Frame, fact};
use crate::report::methods::{known, methods};
use crate::report::number::{NONE, Scale, count, counted, duration, money};
use crate::report::svg::{Branch, Forest};
use crate::report::view::Drawing;
use crate::report::{CaseView, Look, Report, differences, words};
use crate::source::Problem;
use crate::stats::Estimate;
use serde::Serialize;

const PAGE: &str = "reports/gate.html.hbs";
/// Cases that moved, side by side.
const FLIPS: usize = 60;
/// Characters of an answer.
const LONGEST: usize = 1_200;

/// What a page needs besides the verdict.
pub struct Beside<'a> {
    /// The run that was judged.
    pub run: &'a Report,
    /// The run as commands accept it.
    pub name: &'a str,
    /// The baseline's run, where the store still has it.
    pub baseline: Option<&'a Report>,
}

/// All that `gate.html.hbs` sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Page {
    #[serde(flatten)]
    frame: Frame,
    /// Every rule.
    rules: Vec<Line>,
    /// The rules are about more than one candidate.
    several: bool,
    /// Differences against what is allowed.
    charts: Vec<Drawing>,
    /// Cases that moved.
    flips: Vec<Moved>,
    /// How many more there are; empty if none.
    more: String,
    /// What differs from the baseline in what was asked.
    changes: Vec<String>,
    /// What else there is to say.
    below: Vec<String>,
    /// The cases that moved as the run's page shows them.
    shown: Vec<String>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    sign: &'static str,
    tone: &'static str,
    rule: String,
    candidate: String,
    word: &'static str,
    value: String,
    range: String,
    difference: String,
    difference_range: String,
    gains: String,
    losses: String,
    n: String,
    method: &'static str,
    method_title: &'static str,
    reason: String,
}

/// A case whose score moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Moved {
    class: &'static str,
    case: String,
    link: String,
    candidate: String,
    scorer: String,
    before: String,
    now: String,
    expected: String,
    said_before: String,
    said_now: String,
}

/// The gate as a page.
pub fn gate_page(gated: &Gated, beside: &Beside, look: &Look) -> Result<String, Problem> {
    let names = gated.rules.iter().map(|rule| rule.method.as_str());
    let fixed = match gated.mode {
        Mode::Commit => vec!["two_stage", "margin"],
        Mode::Release => vec!["margin"],
    };
    let (word, tone) = match gated.verdict {
        Answer::Pass => ("pass", "good"),
        Answer::Undecided => ("undecided", "open"),
        Answer::Fail => ("fail", "bad"),
        Answer::Invalid => ("invalid", "bad"),
    };
    let mut frame = Frame {
        kind: "Gate",
        run_short: beside.name.to_owned(),
        word: word.to_owned(),
        tone,
        next: gated.next.clone().unwrap_or_default(),
        methods: methods(names.chain(fixed)),
        ..Frame::default()
    }
    .saying(&gated.sentence)
    .of_run(beside.run)
    .styled(look)?;
    let mode = match gated.mode {
        Mode::Commit => "commit: only a shown drop blocks",
        Mode::Release => "release: not worse must be shown",
    };
    frame.facts.insert(0, fact("Burden of proof", mode));
    if let Some(baseline) = &gated.baseline {
        frame.facts.insert(1, fact("Baseline", baseline));
    }
    let changes: Vec<String> = gated.changes.clone();
    let bare = Gated {
        changes: Vec::new(),
        ..gated.clone()
    };
    let (flips, shown) = moved(gated, beside, look)?;
    let page = Page {
        frame,
        rules: gated
            .rules
            .iter()
            .map(|rule| line(gated.mode, rule))
            .collect(),
        several: super::several(gated),
        charts: charts(gated),
        more: match gated.flips.len().saturating_sub(flips.len()) {
            0 => String::new(),
            n => counted(n, "more case"),
        },
        flips,
        changes,
        below: below(&bare),
        shown,
    };
    html::page(PAGE, look, &page)
}

fn line(mode: Mode, rule: &Judged) -> Line {
    let sign = sign(mode, rule);
    let method = known(&rule.method);
    let unit = unit(&rule.about);
    let value = rule.value.as_ref();
    let difference = rule.difference.as_ref();
    let scale = Scale::Percent;
    Line {
        sign,
        tone: match sign {
            "✓" => "good",
            "✗" => "bad",
            "?" => "open",
            _ => "",
        },
        rule: rule.rule.clone(),
        candidate: rule.candidate.clone(),
        word: word(rule),
        value: value.map_or(NONE.to_owned(), |it| unit.text(it.value, it)),
        range: value.map_or(String::new(), |it| match (it.low, it.high) {
            (Some(low), Some(high)) if unit.scored() => {
                scale.range(it.value, Some(low), Some(high))
            }
            (Some(low), Some(high)) => format!("{} to {}", unit.text(low, it), unit.text(high, it)),
            (Some(low), None) => format!("≥ {}", unit.text(low, it)),
            _ => String::new(),
        }),
        difference: difference.map_or(NONE.to_owned(), |it| {
            unit.change(&scale.difference(it.value, it.low, it.high))
        }),
        difference_range: difference
            .map_or(String::new(), |it| scale.difference_range(it.low, it.high)),
        gains: count(rule.gains),
        losses: count(rule.losses),
        n: value.or(difference).map_or(String::new(), |it| count(it.n)),
        method: method.map_or("", |it| it.name),
        method_title: method.map_or("", |it| it.title),
        reason: rule.reason.clone(),
    }
}

/// What a rule's numbers are counted in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Score,
    Share,
    Money,
    Time,
    Tokens,
}

/// The unit of a scorer or a metric.
fn unit(about: &str) -> Unit {
    match about {
        "cost_per_case" => Unit::Money,
        "latency_p50" | "latency_p95" | "first_token_p50" | "first_token_p95" => Unit::Time,
        "output_tokens" => Unit::Tokens,
        "failed" | "refused" | "cut" | "empty" => Unit::Share,
        _ => Unit::Score,
    }
}

impl Unit {
    fn text(self, value: f64, of: &Estimate) -> String {
        match self {
            Unit::Score | Unit::Share => Scale::Percent.value(value, of.low, of.high),
            Unit::Money => money(value),
            Unit::Time => duration(value),
            Unit::Tokens => count(value.round().max(0.0) as usize),
        }
    }

    /// A difference in points; of amounts it is a share of what was.
    fn change(self, points: &str) -> String {
        match self.scored() {
            true => points.to_owned(),
            false => points.split(' ').next().unwrap_or_default().to_owned() + "%",
        }
    }

    /// It lies within 0 and 1.
    fn scored(self) -> bool {
        matches!(self, Unit::Score | Unit::Share)
    }

    /// Less is better.
    fn falls(self) -> bool {
        self != Unit::Score
    }
}

/// Scores against their margins, and metrics against how much they may rise.
fn charts(gated: &Gated) -> Vec<Drawing> {
    let several = super::several(gated);
    let of = |falls: bool| -> Vec<Branch> {
        let rules = gated.rules.iter();
        let rules = rules.filter(|rule| unit(&rule.about).falls() == falls);
        let branch = |rule: &Judged| {
            let d = rule.difference?;
            let unit = unit(&rule.about);
            let by = unit.change(&Scale::Percent.difference(d.value, d.low, d.high));
            let name = match several {
                true => format!("{}, {}", rule.about, rule.candidate),
                false => rule.about.clone(),
            };
            Some(Branch {
                name,
                numbers: match Scale::Percent.difference_range(d.low, d.high) {
                    range if range.is_empty() => by,
                    range => format!("{by} ({range})"),
                },
                value: d.value,
                low: d.low,
                high: d.high,
                bound: Some(if falls { rule.limit } else { -rule.limit }),
                class: words::class(rule.verdict),
            })
        };
        rules.filter_map(branch).collect()
    };
    let draw = |id: &str,
                title: &str,
                branches: Vec<Branch>,
                ends,
                text: &dyn Fn(f64) -> String,
                note: &str| {
        let some = !branches.is_empty();
        some.then(|| Drawing {
            title: title.to_owned(),
            svg: Forest {
                id,
                title,
                branches,
                text,
                ends,
            }
            .draw(),
            note: note.to_owned(),
        })
    };
    let points = |v: f64| differences::tick(Scale::Percent, v);
    let percent = |v: f64| differences::tick(Scale::Percent, v) + "%";
    let both = [
        draw(
            "scores",
            "Scores against the baseline",
            of(false),
            ("← worse", "better →"),
            &points,
            "Points, case by case, with 95% intervals. Left of the dashed line is worse than the rule allows.",
        ),
        draw(
            "metrics",
            "Cost, time and failures against the baseline",
            of(true),
            ("← less", "more →"),
            &percent,
            "Change with 95% intervals: in per cent of what it was, of failures in points. Right of the dashed line is more than the rule allows.",
        ),
    ];
    both.into_iter().flatten().collect()
}

/// The cases that moved, side by side, and the run's own view of each.
fn moved(
    gated: &Gated,
    beside: &Beside,
    look: &Look,
) -> Result<(Vec<Moved>, Vec<String>), Problem> {
    let place = |id: &str| beside.run.cases.iter().position(|case| case.id == id);
    let flips: Vec<&Flip> = gated.flips.iter().take(FLIPS).collect();
    let rows = flips.iter().map(|flip| {
        let at = place(&flip.case);
        let now = at.map(|at| &beside.run.cases[at]);
        let old = beside.baseline.map(|report| report.cases.iter());
        let old = old.and_then(|mut cases| cases.find(|case| case.id == flip.case));
        let score = |v: f64| format!("{}", (v * 1000.0).round() / 1000.0);
        let target = now.and_then(|case| case.target.as_ref());
        Moved {
            class: if flip.now < flip.before {
                "loss"
            } else {
                "gain"
            },
            case: flip.case.clone(),
            link: at.map_or(String::new(), |at| format!("#case-{}", at + 1)),
            candidate: flip.candidate.clone(),
            scorer: flip.scorer.clone(),
            before: score(flip.before),
            now: score(flip.now),
            expected: target.map_or(String::new(), |it| crate::report::text_of(it).into_owned()),
            said_before: said(old, &flip.candidate),
            said_now: said(now, &flip.candidate),
        }
    });
    let rows: Vec<Moved> = rows.collect();
    let ids = flips.iter().map(|flip| flip.case.as_str());
    let shown = cards(beside.run, ids, look)?;
    Ok((rows, shown))
}

/// What a candidate said on a case, or why it said nothing; the only one, whatever it was called.
fn said(case: Option<&CaseView>, candidate: &str) -> String {
    let Some(case) = case else {
        return String::new();
    };
    let mut names: Vec<&str> = case.trials.iter().map(|t| t.candidate.as_str()).collect();
    names.dedup();
    let meant = |name: &str| name == candidate || names.len() == 1;
    let mine = case.trials.iter().filter(|trial| meant(&trial.candidate));
    let texts = mine.map(|trial| match (&trial.text, &trial.failure) {
        (Some(text), _) => text.clone(),
        (None, Some(why)) => format!("no reply: {why}"),
        (None, None) => "not asked".to_owned(),
    });
    let all = texts.collect::<Vec<_>>().join("\n⁂\n");
    match all.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &all[..at]),
        None => all,
    }
}
