//! Rules about cost, time and the shape of answers. Lower is better for each.

use super::judge::{blank, flagged, level};
use super::pair::Pairs;
use super::words::{self, metric_name, rule_text, share_of};
use super::{FLAG, Judged, Question, Versus};
use crate::project::{Amount, Metric, MetricRule, Rule};
use crate::stats::paired::paired;
use crate::stats::{Estimate, mean, quantile, ratio};
use crate::summary::judge::{CONFIDENCE, UNMATCHED};
use crate::summary::{Asked, Trace, Tried, Verdict, clusters};

/// A fixed limit, a rise against the baseline, or both.
pub(super) fn judge(
    question: &Question<'_>,
    versus: &Versus<'_>,
    pairs: Option<&Pairs<'_>>,
    rule: &MetricRule,
) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(most) = rule.max {
        judged.push(most_of(
            question,
            versus.now,
            rule.metric,
            limit(rule.metric, most),
        ));
    }
    if let Some(rise) = rule.max_rise {
        let mut blank = blank(&versus.now.name, metric_name(rule.metric).into());
        blank.rule = rule_text(
            &Rule::Metric(MetricRule {
                max: None,
                ..rule.clone()
            }),
            rise.0,
        );
        blank.limit = rise.0;
        judged.push(match pairs {
            Some(pairs) => risen(question, pairs, rule.metric, rise.0, blank),
            None => Judged {
                reason: "there is no baseline to compare with".into(),
                ..blank
            },
        });
    }
    judged
}

/// The limit in the metric's own unit: USD, milliseconds, tokens, a share.
fn limit(metric: Metric, most: Amount) -> f64 {
    match (metric, most) {
        (_, Amount::Time(time)) => time.as_secs_f64() * 1e3,
        // A plain number of seconds, as a duration without its unit would be.
        (_, Amount::Number(number)) if tail(metric).is_some() => number * 1e3,
        (_, Amount::Number(number)) => number,
    }
}

/// The quantile that a metric of time is about.
fn tail(metric: Metric) -> Option<f64> {
    match metric {
        Metric::LatencyP50 | Metric::FirstTokenP50 => Some(0.50),
        Metric::LatencyP95 | Metric::FirstTokenP95 => Some(0.95),
        _ => None,
    }
}

/// A trial's value; `None` where it has none that counts.
fn value(metric: Metric, trial: &Tried) -> Option<f64> {
    let answered = trial.missing.is_none();
    let flag = |holds: bool| answered.then_some(f64::from(u8::from(holds)));
    match metric {
        Metric::CostPerCase => trial.cost_usd,
        Metric::LatencyP50 | Metric::LatencyP95 => trial.latency_ms,
        Metric::FirstTokenP50 | Metric::FirstTokenP95 => trial.first_token_ms,
        Metric::OutputTokens => trial.output_tokens.map(|tokens| tokens as f64),
        Metric::Failed => Some(f64::from(u8::from(!answered))),
        Metric::Refused => flag(trial.refused),
        Metric::Cut => flag(trial.cut),
        Metric::Empty => flag(trial.empty),
    }
}

/// A case's mean over its repeats; `None` where none has a value.
fn of_case(metric: Metric, case: &Asked) -> Option<f64> {
    let values: Vec<f64> = case
        .trials
        .iter()
        .filter_map(|trial| value(metric, trial))
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Answers of a case that should have a value and have none.
fn unknown(metric: Metric, case: &Asked) -> usize {
    let answers = case.trials.iter().filter(|trial| trial.missing.is_none());
    answers
        .filter(|trial| value(metric, trial).is_none())
        .count()
}

/// The values of two sides trial by trial, where both have one.
fn beside<'a>(
    metric: Metric,
    now: &'a Asked,
    before: &'a Asked,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let trials = now.trials.iter().zip(&before.trials);
    trials.filter_map(move |(now, before)| Some((value(metric, now)?, value(metric, before)?)))
}

/// The share of a case's trials without an answer.
fn missing(case: &Asked) -> f64 {
    let missing = case.trials.iter().filter(|trial| trial.missing.is_some());
    missing.count() as f64 / case.trials.len().max(1) as f64
}

/// Why too much is missing to say anything about the rest, if it is; `failed` is about just that.
fn too_few(metric: Metric, missing: f64, lonely: usize, cases: usize) -> Option<String> {
    let missing = if metric == Metric::Failed {
        0.0
    } else {
        missing
    };
    let share = (missing + lonely as f64) / (cases + lonely).max(1) as f64;
    (share > UNMATCHED).then(|| share_of(share, "have no answer or are not on both sides"))
}

/// Why no answer has a value: a reply from the cache took no time.
fn none<'a>(metric: Metric, mut cases: impl Iterator<Item = &'a Asked>) -> String {
    let name = metric_name(metric);
    let answered = |case: &Asked| case.trials.iter().any(|trial| trial.missing.is_none());
    match metric.is_time() && cases.any(answered) {
        true => format!(
            "no answer has a {name}: replies that came from the cache have no times; ask anew with `bakeoff run --fresh`"
        ),
        false => format!("no answer has a {name}"),
    }
}

fn most_of(question: &Question<'_>, side: &Trace, metric: Metric, most: f64) -> Judged {
    let mut judged = blank(&side.name, metric_name(metric).into());
    judged.rule = format!(
        "{}: at most {}",
        metric_name(metric),
        words::amount(metric, most)
    );
    judged.limit = most;
    let known: Vec<(&Asked, f64)> = side
        .cases
        .iter()
        .filter_map(|case| Some((case, of_case(metric, case)?)))
        .collect();
    let gaps = side.cases.iter().map(missing).sum();
    if let Some(reason) = too_few(metric, gaps, 0, side.cases.len()) {
        return Judged { reason, ..judged };
    }
    let unknown: usize = side.cases.iter().map(|case| unknown(metric, case)).sum();
    if metric == Metric::CostPerCase && unknown > 0 {
        judged.reason = format!("the cost of {unknown} answers is unknown");
        return judged;
    }
    let values: Vec<f64> = known.iter().map(|(_, value)| *value).collect();
    let groups = clusters(known.iter().map(|(case, _)| case.group.as_deref()));
    let trials = side.cases.iter().flat_map(|case| &case.trials);
    let times: Vec<f64> = trials.filter_map(|trial| value(metric, trial)).collect();
    let at = |confidence| match tail(metric) {
        // A tail is one of single calls: means over repeats have a shorter one.
        Some(p) => quantile::estimate(&times, p, confidence),
        None => mean::of_scores(&values, groups.as_deref(), confidence, question.seed)
            .map(|found| found.estimate),
    };
    let (Some(shown), Some(bound)) = (at(CONFIDENCE), at(1.0 - 2.0 * FLAG)) else {
        judged.reason = none(metric, side.cases.iter());
        return judged;
    };
    judged.value = Some(shown);
    judged.method = if tail(metric).is_some() {
        "order_statistic"
    } else {
        "mean"
    }
    .into();
    let above = bound.low.map_or(bound.value > most, |low| low > most);
    let within = match (bound.high, tail(metric)) {
        (Some(high), _) => high <= most,
        // Without an upper limit a quantile may be anything above.
        (None, Some(_)) => false,
        (None, None) => bound.value <= most,
    };
    judged.verdict = if above {
        Verdict::Regressed
    } else if within {
        Verdict::NotWorse
    } else {
        Verdict::Inconclusive
    };
    judged.reason = words::metric_reason(metric, &judged, Some(&bound), 1.0 - 2.0 * FLAG);
    judged
}

fn risen(
    question: &Question<'_>,
    pairs: &Pairs<'_>,
    metric: Metric,
    rise: f64,
    mut judged: Judged,
) -> Judged {
    let known: Vec<(&Asked, f64, f64)> = pairs
        .both
        .iter()
        .filter_map(|(now, before)| Some((*now, of_case(metric, now)?, of_case(metric, before)?)))
        .collect();
    let gaps = |(now, before): &(&Asked, &Asked)| missing(now).max(missing(before));
    let gaps = pairs.both.iter().map(gaps).sum();
    if let Some(reason) = too_few(metric, gaps, pairs.unmatched.len(), pairs.both.len()) {
        return Judged { reason, ..judged };
    }
    let unknown: usize = pairs
        .both
        .iter()
        .map(|(now, before)| unknown(metric, now) + unknown(metric, before))
        .sum();
    if metric == Metric::CostPerCase && unknown > 0 {
        judged.reason = format!("the cost of {unknown} answers is unknown");
        return judged;
    }
    let both = pairs.both.iter();
    let times: Vec<(f64, f64)> = both
        .flat_map(|(now, before)| beside(metric, now, before))
        .collect();
    if known.is_empty() || tail(metric).is_some() && times.is_empty() {
        let mut own = pairs.both.iter().map(|(now, _)| *now);
        let has_now = own.any(|case| of_case(metric, case).is_some());
        judged.reason = match has_now {
            true => format!("no case has a {} on both sides", metric_name(metric)),
            false => none(metric, pairs.both.iter().map(|(now, _)| *now)),
        };
        return judged;
    }
    let (now, before): (Vec<f64>, Vec<f64>) = match tail(metric) {
        Some(_) => times.into_iter().unzip(),
        None => known.iter().map(|(_, now, before)| (*now, *before)).unzip(),
    };
    let seed = question.seed;
    judged.gains = known.iter().filter(|(_, now, before)| now < before).count();
    judged.losses = known.iter().filter(|(_, now, before)| now > before).count();
    let (shown, bound, method) = match metric {
        _ if tail(metric).is_some() => {
            let p = tail(metric).unwrap_or(0.5);
            let limit: Vec<f64> = before.iter().map(|before| before * (1.0 + rise)).collect();
            let middle = quantile::estimate(&before, p, CONFIDENCE).map_or(1.0, |it| it.value);
            let scaled = |it: Estimate| Estimate {
                value: it.value / middle,
                low: it.low.map(|low| low / middle),
                high: it.high.map(|high| high / middle),
                n: it.n,
            };
            let shown = quantile::paired_change(&now, &before, p, CONFIDENCE, seed).map(scaled);
            // Above the baseline times (1 + rise), by the same resamples.
            let bound = quantile::paired_change(&now, &limit, p, level(question), seed).map(scaled);
            let shift = |it: Estimate| Estimate {
                value: it.value + rise,
                low: it.low.map(|low| low + rise),
                high: it.high.map(|high| high + rise),
                n: it.n,
            };
            (shown, bound.map(shift), "paired_bootstrap")
        }
        Metric::CostPerCase | Metric::OutputTokens => {
            let groups = clusters(known.iter().map(|(case, ..)| case.group.as_deref()));
            let at = |confidence| {
                // Too few clusters have a ratio, and no interval.
                let plain = ratio::of_means(&now, &before, confidence)?.ratio;
                let ratio = ratio::by_means(&now, &before, groups.as_deref(), confidence);
                let limits = ratio.map(|ratio| (ratio.low - 1.0, ratio.high - 1.0));
                Some(Estimate::new(plain - 1.0, limits, now.len()))
            };
            (at(CONFIDENCE), at(level(question)), "ratio_of_means")
        }
        _ => {
            let groups = clusters(known.iter().map(|(case, ..)| case.group.as_deref()));
            let at = |confidence| {
                paired(&now, &before, groups.as_deref(), confidence, seed).map(|it| it.difference)
            };
            (at(CONFIDENCE), at(level(question)), "paired")
        }
    };
    judged.method = method.into();
    let both_nothing = now.iter().chain(&before).all(|value| *value == 0.0);
    let (shown, bound) = match (shown, bound) {
        (Some(shown), Some(bound)) => (shown, bound),
        _ if both_nothing => {
            let same = Estimate::new(0.0, Some((0.0, 0.0)), now.len());
            (same, same)
        }
        _ => {
            judged.reason = format!(
                "{} cannot be compared: one side has none",
                metric_name(metric)
            );
            return judged;
        }
    };
    judged.difference = Some(shown);
    judged.verdict = match (bound.low, bound.high) {
        (Some(low), _) if low > rise => Verdict::Regressed,
        (_, Some(high)) if high < 0.0 => Verdict::Improved,
        (_, Some(high)) if high <= rise => Verdict::NotWorse,
        _ => Verdict::Inconclusive,
    };
    judged.flagged = flagged(question, judged.verdict);
    judged.reason = words::metric_reason(metric, &judged, Some(&bound), level(question));
    judged
}
