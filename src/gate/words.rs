//! What a gate found, in plain sentences.

use super::{Answer, Gated, Judged, Mode};
use crate::plan::Stopped;
use crate::project::{Metric, Rule};
use crate::stats::Estimate;
use crate::summary::Verdict;
use crate::summary::judge::{CONFIDENCE, UNMATCHED};

/// Whether a rule compares with the baseline.
pub(super) fn paired(rule: &Rule) -> bool {
    match rule {
        // A least value alone is no comparison; anything else about a scorer is.
        Rule::Scorer(rule) => rule.margin.is_some() || rule.min.is_none(),
        Rule::Metric(rule) => rule.max_rise.is_some(),
    }
}

/// A rule against the baseline in words; `limit` is its margin or rise.
pub fn rule_text(rule: &Rule, limit: f64) -> String {
    match rule {
        Rule::Scorer(rule) => format!("{}: at most {} worse", rule.scorer, points(limit)),
        Rule::Metric(rule) if rule.metric.is_share() => {
            format!(
                "{}: at most {} more",
                metric_name(rule.metric),
                points(limit)
            )
        }
        Rule::Metric(rule) => {
            format!(
                "{}: at most {} more",
                metric_name(rule.metric),
                percent(limit)
            )
        }
    }
}

/// A metric as the suite spells it.
pub(super) fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::CostPerCase => "cost_per_case",
        Metric::LatencyP50 => "latency_p50",
        Metric::LatencyP95 => "latency_p95",
        Metric::FirstTokenP50 => "first_token_p50",
        Metric::FirstTokenP95 => "first_token_p95",
        Metric::OutputTokens => "output_tokens",
        Metric::Failed => "failed",
        Metric::Refused => "refused",
        Metric::Cut => "cut",
        Metric::Empty => "empty",
    }
}

/// A metric's value with its unit.
pub(super) fn amount(metric: Metric, value: f64) -> String {
    match metric {
        Metric::CostPerCase => format!("${}", significant(value)),
        Metric::OutputTokens => format!("{} tokens", significant(value)),
        metric if metric.is_share() => percent(value),
        _ if value >= 1000.0 => format!("{} s", significant(value / 1000.0)),
        _ => format!("{} ms", significant(value)),
    }
}

fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn percent(value: f64) -> String {
    format!("{} %", significant(value * 100.0))
}

pub(super) fn points(value: f64) -> String {
    match significant(value * 100.0).as_str() {
        "1" => "1 point".into(),
        shown => format!("{shown} points"),
    }
}

/// A share of the cases that is more than may be.
pub(super) fn share_of(share: f64, what: &str) -> String {
    let most = UNMATCHED * 100.0;
    format!(
        "{:.1} % of the cases {what} (at most {most} % may)",
        share * 100.0
    )
}

fn signed(value: f64) -> String {
    format!(
        "{}{}",
        if value < 0.0 { "−" } else { "+" },
        significant(value.abs() * 100.0)
    )
}

fn interval(of: &Estimate, unit: &str) -> String {
    match (of.low, of.high) {
        (Some(low), Some(high)) => {
            format!(
                "{}{unit}, 95% CI {} to {}",
                signed(of.value),
                signed(low),
                signed(high)
            )
        }
        _ => format!("{}{unit}, no interval", signed(of.value)),
    }
}

/// The interval that a rule was judged by, where it is not the one that is shown.
fn judged_by(bound: Option<&Estimate>, level: f64, show: impl Fn(f64) -> String) -> String {
    let Some(Estimate {
        low: Some(low),
        high: Some(high),
        ..
    }) = bound
    else {
        return String::new();
    };
    if (level - CONFIDENCE).abs() < 1e-9 {
        return String::new();
    }
    let level = format!("{:.1}", level * 100.0);
    let level = level.trim_end_matches(".0");
    format!(
        ", judged by the {level}% CI {} to {}",
        show(*low),
        show(*high)
    )
}

/// Why a comparison of scores came out as it did; `bound` at confidence `level` is what was judged.
pub(super) fn reason(
    judged: &Judged,
    pooled: bool,
    note: Option<&str>,
    bound: Option<&Estimate>,
    level: f64,
) -> String {
    let Some(difference) = &judged.difference else {
        return String::new();
    };
    let flips = format!("{} better, {} worse", judged.gains, judged.losses);
    let shown = format!(
        "{}{}; of {} cases {flips}",
        interval(difference, " points"),
        judged_by(bound, level, signed),
        difference.n
    );
    let margin = points(judged.limit);
    let said = match judged.verdict {
        Verdict::Improved => format!("better than the baseline ({shown})"),
        Verdict::NotWorse => format!("not worse by {margin} or more ({shown})"),
        Verdict::SlightlyWorse => format!("worse, but by less than {margin} ({shown})"),
        Verdict::Regressed if judged.flagged => {
            format!("looks worse ({shown}): flagged, to be confirmed by asking both sides again")
        }
        Verdict::Regressed if pooled => format!("worse, confirmed by fresh replies ({shown})"),
        Verdict::Regressed => format!("worse than the baseline ({shown})"),
        Verdict::Inconclusive => {
            let need = judged.need.map_or_else(String::new, |need| {
                format!("; about {need} cases would decide")
            });
            format!("a drop of {margin} can be neither shown nor ruled out ({shown}{need})")
        }
        Verdict::Invalid => String::new(),
    };
    match note {
        Some(note) => format!("{said}. {note}"),
        None => said,
    }
}

/// What the bets showed of a rule, before the end or where the test at the end could not tell.
pub(super) fn sure(judged: &Judged, worse: bool, stopped: Option<&Stopped>) -> String {
    let margin = points(judged.limit);
    let said = match worse {
        true => format!("worse than the baseline by more than {margin}"),
        false => format!("not worse than the baseline by {margin}"),
    };
    let flips = format!("{} better, {} worse", judged.gains, judged.losses);
    let shown = judged.difference.as_ref().map_or_else(String::new, |it| {
        let n = it.n;
        format!("{}; of {n} cases {flips}", interval(it, " points"))
    });
    let when = match stopped {
        Some(_) => "shown by betting before the end",
        None => "shown by betting",
    };
    let next = match judged.flagged {
        true => ": flagged, to be confirmed by asking both sides again",
        false => "",
    };
    format!("{said}, {when} ({shown}){next}")
}

/// A rule that was still open when the run stopped for another one.
pub(super) fn undecided(stopped: &Stopped) -> String {
    let Stopped { cases, of, .. } = stopped;
    format!(
        "the run stopped early, after {cases} of {of} cases, and this rule was not decided by then: \
         run it whole with `bakeoff run`, which asks only the rest"
    )
}

/// Why a least value holds or not.
pub(super) fn limit_reason(judged: &Judged, bound: &Estimate, level: f64) -> String {
    let shown = judged.value.map_or_else(String::new, |value| {
        let shown = |value: f64| significant(value);
        match (value.low, value.high) {
            (Some(low), Some(high)) => {
                format!(
                    "{} (95% CI {}–{}{}, n = {})",
                    shown(value.value),
                    shown(low),
                    shown(high),
                    judged_by(Some(bound), level, significant),
                    value.n
                )
            }
            _ => format!("{} (n = {})", shown(value.value), value.n),
        }
    });
    let least = significant(judged.limit);
    match judged.verdict {
        Verdict::Regressed => format!("{shown} is below {least}"),
        Verdict::NotWorse => format!("{shown} is not below {least}"),
        _ => format!("{shown}: whether it is below {least} cannot be told"),
    }
}

/// Why a metric's limit holds or not.
pub(super) fn metric_reason(
    metric: Metric,
    judged: &Judged,
    bound: Option<&Estimate>,
    level: f64,
) -> String {
    if let Some(difference) = &judged.difference {
        let unit = if metric.is_share() { " points" } else { " %" };
        let shown = interval(difference, unit) + &judged_by(bound, level, signed);
        let rise = if metric.is_share() {
            points(judged.limit)
        } else {
            percent(judged.limit)
        };
        return match judged.verdict {
            Verdict::Regressed => format!("rose by more than {rise} ({shown})"),
            Verdict::Improved => format!("lower than the baseline's ({shown})"),
            Verdict::NotWorse => format!("did not rise by more than {rise} ({shown})"),
            _ => format!("whether it rose by more than {rise} cannot be told ({shown})"),
        };
    }
    let Some(value) = judged.value else {
        return String::new();
    };
    let show = |value: f64| amount(metric, value);
    let shown = match (value.low, value.high) {
        (Some(low), Some(high)) => {
            format!(
                "{} (95% CI {}–{}{}, n = {})",
                show(value.value),
                show(low),
                show(high),
                judged_by(bound, level, show),
                value.n
            )
        }
        (Some(low), None) => format!(
            "{} (at least {}, no upper limit at n = {})",
            show(value.value),
            show(low),
            value.n
        ),
        _ => format!("{} (n = {})", show(value.value), value.n),
    };
    let most = show(judged.limit);
    match judged.verdict {
        Verdict::Regressed => format!("{shown} is above {most}"),
        Verdict::NotWorse => format!("{shown} is within {most}"),
        _ => format!("{shown}: whether it is above {most} cannot be told"),
    }
}

/// The first thing to read.
pub fn sentence(gated: &Gated) -> String {
    let said = verdict(gated);
    match &gated.stopped_early {
        Some(Stopped { cases, of, .. }) => {
            format!("{said} Stopped early: {cases} of {of} cases were asked.")
        }
        None => said,
    }
}

fn verdict(gated: &Gated) -> String {
    let pick = |found: Verdict| gated.rules.iter().find(|rule| rule.verdict == found);
    let told = |rule: &Judged| format!("{} of {}: {}", rule.about, rule.candidate, rule.reason);
    match gated.verdict {
        Answer::Invalid => match pick(Verdict::Invalid) {
            Some(rule) => format!("Invalid: {}.", told(rule)),
            None => "Invalid: there is nothing to judge.".into(),
        },
        Answer::Fail => {
            let broken = gated
                .rules
                .iter()
                .find(|rule| rule.verdict == Verdict::Regressed && !rule.flagged);
            broken.map_or_else(|| "Fail.".into(), |rule| format!("Fail: {}.", told(rule)))
        }
        Answer::Undecided if gated.mode == Mode::Release => match pick(Verdict::Inconclusive) {
            Some(rule) => format!("Undecided: {}.", told(rule)),
            None => "Undecided.".into(),
        },
        Answer::Undecided => match pick(Verdict::Regressed) {
            Some(rule) => format!("Flagged: {}.", told(rule)),
            None => "Undecided.".into(),
        },
        Answer::Pass => match pick(Verdict::Inconclusive) {
            Some(rule) => format!(
                "Pass: no drop is shown. {} of {}: {}.",
                rule.about, rule.candidate, rule.reason
            ),
            None => match gated.rules.iter().find(|rule| rule.difference.is_some()) {
                Some(rule) => format!("Pass: {}.", told(rule)),
                None => "Pass: every limit holds.".into(),
            },
        },
    }
}
