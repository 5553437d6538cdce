//! A calibration as text.

use crate::calibration::{Calibration, FEWEST};
use crate::source::plain_line;
use crate::stats::Estimate;
use std::fmt::Write;

/// The whole report.
pub(super) fn told(found: &Calibration) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{}", text.trim_end());
    };
    let people = match found.raters {
        1 => "one person".to_owned(),
        n => format!("{n} people"),
    };
    line(format!(
        "{}, judged by {}: {} labels of {} cases by {people}",
        plain_line(&found.scorer),
        plain_line(&found.models.join(", ")),
        found.labels,
        found.cases
    ));
    let agreement = &found.agreement;
    line(String::new());
    line(row("says what people say", share(&agreement.percent)));
    line(row("Cohen's kappa", number(agreement.kappa.as_ref())));
    if let Some(kappa) = agreement.quadratic_kappa {
        line(row("kappa, quadratic", format!("{kappa:.2}")));
    }
    line(row("Gwet's AC1", number(agreement.ac1.as_ref())));
    line(row(
        "Krippendorff's alpha",
        number(agreement.alpha.as_ref()),
    ));
    if found.raters > 1 {
        let between = agreement.between_people.as_ref();
        line(row("alpha among people", number(between)));
    }
    line(row("judge minus people", points(&found.bias)));
    if let Some(skill) = &found.skill {
        let (yes, no) = (percent(skill.sensitivity), percent(skill.specificity));
        line(row(
            "right on people's yes",
            format!("{yes} of {}", skill.positives),
        ));
        line(row(
            "right on people's no",
            format!("{no} of {}", skill.negatives),
        ));
    }
    line(String::new());
    for text in confusion(found) {
        line(text);
    }
    line(String::new());
    let probes = &found.probes;
    let length = probes.length.as_ref().map(points);
    line(row("twice the length brings", length.unwrap_or_else(none)));
    let own = probes.own_family.as_ref().map(points);
    line(row("its own family brings", own.unwrap_or_else(none)));
    let position = probes.position.map(|it| {
        format!(
            "{} of {} pairs the same in both orders; first minus second {:+.0} points, p = {:.3}",
            percent(it.consistency),
            it.pairs,
            100.0 * it.first_minus_second,
            it.p
        )
    });
    let unseen = || "not seen: the run has no pairwise scorer of this model".to_owned();
    line(row("a place brings", position.unwrap_or_else(unseen)));
    line(String::new());
    line(verdict(found));
    out
}

/// What follows, in a sentence.
fn verdict(found: &Calibration) -> String {
    if found.labels < FEWEST {
        return format!(
            "Too few labels: below {FEWEST} the judge counts as not calibrated. 40 and more of each \
             candidate let its scores be corrected closely."
        );
    }
    match (found.usable(), &found.skill) {
        (false, Some(skill)) => format!(
            "Hardly better than a coin: sensitivity and specificity add up to {:.2}, and a coin has 1. Its \
             scores are not corrected, and it counts as not calibrated.",
            skill.sensitivity + skill.specificity
        ),
        (false, None) => {
            "It hardly follows the people's labels: it counts as not calibrated.".into()
        }
        (true, _) => {
            "Better than a coin: reports correct its scores by these labels, where they can.".into()
        }
    }
}

/// The table of confusion: people's grades down, the judge's across.
fn confusion(found: &Calibration) -> Vec<String> {
    let names: Vec<String> = found
        .levels
        .iter()
        .map(|it| plain_line(&it.grade).chars().take(24).collect())
        .collect();
    let wide = |text: &String| unicode_width::UnicodeWidthStr::width(text.as_str());
    let first = names.iter().map(wide).max().unwrap_or(0).max(14);
    let cell = |text: &str| format!("{text:>8}");
    let head: String = names.iter().map(|name| cell(name)).collect();
    let mut rows = vec![format!("{:first$}{head}  (judge)", "people")];
    for (name, counts) in names.iter().zip(&found.confusion) {
        let counts: String = counts.iter().map(|n| cell(&n.to_string())).collect();
        rows.push(format!("{name:>first$}{counts}"));
    }
    rows
}

fn row(name: &str, value: String) -> String {
    format!("{name:25}{value}")
}

fn none() -> String {
    "cannot be told from these answers".into()
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

fn share(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!(
            "{} (95% CI {:.0}–{})",
            percent(estimate.value),
            100.0 * low,
            percent(high)
        ),
        _ => percent(estimate.value),
    }
}

fn number(estimate: Option<&Estimate>) -> String {
    match estimate {
        None => "not defined".into(),
        Some(it) => match (it.low, it.high) {
            (Some(low), Some(high)) => format!("{:.2} (95% CI {low:.2} to {high:.2})", it.value),
            _ => format!("{:.2}", it.value),
        },
    }
}

fn points(estimate: &Estimate) -> String {
    let value = format!("{:+.0} points", 100.0 * estimate.value);
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => {
            format!(
                "{value} (95% CI {:+.0} to {:+.0})",
                100.0 * low,
                100.0 * high
            )
        }
        _ => value,
    }
}
