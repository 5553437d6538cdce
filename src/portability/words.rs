//! The first thing that a reader is told.

use super::ported::{Answer, Guard, Ported};
use crate::stats::Estimate;
use crate::summary::{Contrast, Verdict};

/// The sentence of a result whose verdict stands.
pub(super) fn sentence(ported: &Ported) -> String {
    let word = ported.verdict.words();
    if let (Answer::PortableAfterRewrite, Some(rewrite)) = (ported.verdict, &ported.rewrite) {
        let ratios = ratios(rewrite.cost_ratio.as_ref(), rewrite.latency_ratio.as_ref());
        let shown = scored(&rewrite.contrast, ported.unit);
        let before = match (&ported.contrast, refused(ported)) {
            (_, Some(refused)) => refused,
            (Some(contrast), None) => blame(contrast, &ported.guards, ported.unit),
            (None, None) => String::new(),
        };
        return format!(
            "{word}{ratios}: with the prompt {} {shown}; as it is, {before}",
            rewrite.prompt
        );
    }
    let Some(contrast) = &ported.contrast else {
        return match refused(ported) {
            Some(refused) => format!("{word}: {refused}"),
            None => format!("{word}: it was not asked"),
        };
    };
    match ported.verdict {
        Answer::Portable | Answer::PortableAfterRewrite => {
            let ratios = ratios(ported.cost_ratio.as_ref(), ported.latency_ratio.as_ref());
            format!("{word}{ratios}: {}", scored(contrast, ported.unit))
        }
        Answer::NotPortable | Answer::Inconclusive if unequal(ported, contrast) => {
            let margin = amount(contrast.margin, ported.unit);
            let shown = interval(contrast, ported.unit);
            let name = &contrast.scorer;
            match ported.verdict {
                Answer::NotPortable => {
                    format!("{word}: {name} differs by more than {margin}, upwards ({shown})")
                }
                _ => format!("{word}: whether {name} differs by {margin} cannot be told ({shown})"),
            }
        }
        _ => format!("{word}: {}", blame(contrast, &ported.guards, ported.unit)),
    }
}

/// Whether it is the demand for equivalence alone that is not met.
fn unequal(ported: &Ported, contrast: &Contrast) -> bool {
    let worse = matches!(
        contrast.verdict,
        Verdict::Regressed | Verdict::Inconclusive | Verdict::Invalid
    );
    ported.equivalence && !worse && !ported.guards.iter().any(|guard| guard.broken)
}

/// The first of the lint's errors.
fn refused(ported: &Ported) -> Option<String> {
    let row = ported
        .lint
        .iter()
        .find(|row| row["severity"] == "error" && row["candidate"] == ported.to.as_str())?;
    let text = |field: &str| row[field].as_str().unwrap_or_default();
    Some(format!("{} [{}]", text("message"), text("rule")))
}

/// What speaks against it.
fn blame(contrast: &Contrast, guards: &[Guard], unit: bool) -> String {
    let bad = matches!(contrast.verdict, Verdict::Regressed | Verdict::Invalid);
    match guards.iter().find(|guard| guard.broken && !bad) {
        Some(guard) => guarded(guard),
        None => scored(contrast, unit),
    }
}

/// What a guard shows.
pub fn guarded(guard: &Guard) -> String {
    if !guard.share || guard.contrast.verdict == Verdict::Invalid {
        return scored(&guard.contrast, guard.unit);
    }
    // Its difference is that of the replies that are not odd.
    let Estimate {
        value,
        low,
        high,
        n,
    } = guard.contrast.difference;
    let (low, high) = (high.map(|high| -high), low.map(|low| -low));
    let shown = range(
        Estimate {
            value: -value,
            low,
            high,
            n,
        },
        true,
    );
    let (name, margin) = (&guard.name, amount(guard.contrast.margin, true));
    let rose = format!("{name} rose by {}", amount(value.abs(), true));
    match guard.contrast.verdict {
        Verdict::Regressed => format!("{rose} ({shown}; {n} cases)"),
        Verdict::SlightlyWorse => format!("{rose}, less than {margin} ({shown}; {n} cases)"),
        Verdict::Inconclusive => {
            format!("whether {name} rose by {margin} cannot be told ({shown}; {n} cases)")
        }
        _ => format!("{name} did not rise by {margin} or more ({shown}; {n} cases)"),
    }
}

/// What a difference of scores shows; `unit` where they lie within 0 and 1.
pub fn scored(contrast: &Contrast, unit: bool) -> String {
    let name = &contrast.scorer;
    let size = |value: f64| amount(value.abs(), unit);
    let value = contrast.difference.value;
    let shown = interval(contrast, unit);
    let margin = size(contrast.margin);
    match contrast.verdict {
        Verdict::Improved => format!("{name} rose by {} ({shown})", size(value)),
        Verdict::NotWorse => format!("{name} is not worse by {margin} or more ({shown})"),
        Verdict::SlightlyWorse => {
            format!(
                "{name} fell by {}, less than {margin} ({shown})",
                size(value)
            )
        }
        Verdict::Regressed => format!("{name} fell by {} ({shown})", size(value)),
        Verdict::Inconclusive => {
            let need = contrast.need.map_or_else(String::new, |need| {
                format!("; about {need} cases would decide")
            });
            format!("whether {name} is worse by {margin} cannot be told ({shown}){need}")
        }
        Verdict::Invalid => contrast.reason.clone().unwrap_or_default(),
    }
}

/// Interval and counts; the value too, where the sentence has not said it.
fn interval(contrast: &Contrast, unit: bool) -> String {
    let (gains, losses) = (contrast.gains, contrast.losses);
    let n = contrast.difference.n;
    let shown = range(contrast.difference, unit);
    let counts = format!("{gains} better, {losses} worse of {n} cases");
    match contrast.verdict {
        Verdict::NotWorse | Verdict::Inconclusive => {
            let value = signed(contrast.difference.value, unit);
            format!("{value}, {shown}; {counts}")
        }
        _ => format!("{shown}; {counts}"),
    }
}

fn range(difference: Estimate, unit: bool) -> String {
    match (difference.low, difference.high) {
        (Some(low), Some(high)) => {
            format!("95% CI {} to {}", signed(low, unit), signed(high, unit))
        }
        _ => "no interval".to_owned(),
    }
}

/// A difference with its sign: in points, where scores lie within 0 and 1.
pub fn signed(value: f64, unit: bool) -> String {
    let size = if unit {
        value.abs() * 100.0
    } else {
        value.abs()
    };
    // Tenths of a point are below what any usual run can tell.
    let text = match unit && size >= 1.0 {
        true => format!("{size:.0}"),
        false => significant(size),
    };
    match value {
        v if v < 0.0 => format!("−{text}"),
        v if v > 0.0 => format!("+{text}"),
        _ => text,
    }
}

fn amount(value: f64, unit: bool) -> String {
    match unit {
        false => significant(value),
        true => match significant(value * 100.0).as_str() {
            "1" => "1 point".into(),
            shown => format!("{shown} points"),
        },
    }
}

/// Two digits that count, and all before the point.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = (1 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// `, 3.1 x cheaper and 1.8 x faster`; empty where neither is shown.
fn ratios(cost: Option<&Estimate>, latency: Option<&Estimate>) -> String {
    let cost = cost.and_then(|it| factor(it, "cheaper", "dearer"));
    let time = latency.and_then(|it| factor(it, "faster", "slower"));
    let all: Vec<String> = cost.into_iter().chain(time).collect();
    match all.is_empty() {
        true => String::new(),
        false => format!(", {}", all.join(" and ")),
    }
}

/// `3.1 x cheaper`; `None` where the interval holds 1.
pub fn factor(ratio: &Estimate, less: &str, more: &str) -> Option<String> {
    let (times, word) = match (ratio.low, ratio.high) {
        (_, Some(high)) if high < 1.0 => (1.0 / ratio.value, less),
        (Some(low), _) if low > 1.0 => (ratio.value, more),
        _ => return None,
    };
    Some(match times {
        // `1.0 x cheaper` says nothing.
        t if t < 1.095 => format!("{} % {word}", significant((t - 1.0) * 100.0)),
        t if t < 9.95 => format!("{t:.1} x {word}"),
        t => format!("{t:.0} x {word}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_told_where_they_are_shown() {
        let say = |value, low, high| {
            let ratio = Estimate::new(value, Some((low, high)), 50);
            factor(&ratio, "cheaper", "dearer")
        };
        assert_eq!(say(0.3226, 0.3, 0.35).as_deref(), Some("3.1 x cheaper"));
        assert_eq!(say(12.3, 10.0, 14.0).as_deref(), Some("12 x dearer"));
        assert_eq!(say(1.04, 1.02, 1.06).as_deref(), Some("4 % dearer"));
        assert_eq!(say(1.04, 0.98, 1.1), None);
        assert_eq!(say(1.0, 1.0, 1.0), None);
    }

    #[test]
    fn numbers_are_short_and_signed() {
        assert_eq!(signed(-0.4701, true), "−47");
        assert_eq!(signed(0.004, true), "+0.4");
        assert_eq!(signed(0.0, true), "0");
        assert_eq!(
            (amount(0.01, true), amount(2.5, false)),
            ("1 point".into(), "2.5".into())
        );
    }
}
