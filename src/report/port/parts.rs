//! What is said of a port below its headline, a part after the other.

use super::sign;
use crate::portability::{Guard, Oddity, Ported, Shift, Slice, factor, guarded, scored, signed};
use crate::stats::Estimate;
use crate::summary::Verdict;
use serde_json::Value;

/// Slices shown.
const SLICES: usize = 5;

/// What is said below the headline: a part has a title, and lines.
pub(in crate::report) struct Part {
    pub title: &'static str,
    pub lines: Vec<Said>,
}

/// A line, with the sign before it.
pub(in crate::report) struct Said {
    pub sign: &'static str,
    pub text: String,
}

fn said(sign: &'static str, text: impl Into<String>) -> Said {
    Said {
        sign,
        text: text.into(),
    }
}

/// Everything there is to say.
pub(in crate::report) fn parts(it: &Ported) -> Vec<Part> {
    let mut parts = vec![
        Part {
            title: "lint",
            lines: lint(it),
        },
        Part {
            title: "beside the score",
            lines: guards(it),
        },
        Part {
            title: "rewrite",
            lines: rewrite(it),
        },
        Part {
            title: "answers",
            lines: shifts(it),
        },
        Part {
            title: "by tag (exploratory)",
            lines: slices(it),
        },
        Part {
            title: "to try",
            lines: it.hints.iter().map(|hint| said("→", hint)).collect(),
        },
        Part {
            title: "to know",
            lines: notes(it),
        },
    ];
    parts.retain(|part| !part.lines.is_empty());
    parts
}

fn lint(it: &Ported) -> Vec<Said> {
    let telling = it.lint.iter().filter(|row| row["severity"] != "note");
    let line = |row: &Value| {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let sign = if row["severity"] == "error" {
            "✗"
        } else {
            "!"
        };
        let (who, what, rule) = (text("candidate"), text("message"), text("rule"));
        // What to do about it stands among the hints, if it is the target's own.
        let hinted = it
            .hints
            .iter()
            .any(|hint| hint.ends_with(&format!("[{rule}]")));
        match hinted && row["candidate"] == it.to.as_str() {
            true => said(sign, format!("{who}: {what} [{rule}]")),
            false => said(sign, format!("{who}: {what} [{rule}] – {}", text("help"))),
        }
    };
    telling.map(line).collect()
}

/// Guards that say something, each on its own; the others together.
fn guards(it: &Ported) -> Vec<Said> {
    let silent =
        |guard: &&Guard| !guard.broken && guard.share && guard.contrast.difference.value >= 0.0;
    let rest: Vec<&str> = it
        .guards
        .iter()
        .filter(silent)
        .map(|guard| guard.name.as_str())
        .collect();
    let mut lines: Vec<Said> = it
        .guards
        .iter()
        .filter(|it| !silent(it))
        .map(guard)
        .collect();
    if !rest.is_empty() {
        lines.push(said("✓", format!("no rise: {}", rest.join(", "))));
    }
    lines
}

fn guard(guard: &Guard) -> Said {
    let sign = match (guard.broken, guard.contrast.verdict) {
        (true, _) => "✗",
        (_, Verdict::Inconclusive | Verdict::Invalid) => "·",
        _ => "✓",
    };
    said(sign, guarded(guard))
}

fn rewrite(it: &Ported) -> Vec<Said> {
    let Some(rewrite) = &it.rewrite else {
        return Vec::new();
    };
    let sign = sign(rewrite.verdict);
    let mut lines = vec![said(
        sign,
        format!(
            "with {}: {}: {}",
            rewrite.prompt,
            rewrite.verdict.words(),
            scored(&rewrite.contrast, it.unit)
        ),
    )];
    let broken = rewrite.guards.iter().filter(|guard| guard.broken);
    lines.extend(broken.map(guard));
    let gain = rewrite.gain.as_ref();
    lines.extend(gain.map(|gain| {
        said(
            "·",
            format!("against its own prompt as it is: {}", scored(gain, it.unit)),
        )
    }));
    lines
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 1.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

fn shifts(it: &Ported) -> Vec<Said> {
    let seen = it
        .shifts
        .odd
        .iter()
        .filter(|(_, shift)| shift.from > 0.0 || shift.to > 0.0);
    let line = |(odd, shift): (&Oddity, &Shift)| {
        let shown = match (shift.difference.low, shift.difference.high) {
            (Some(low), Some(high)) => {
                let (low, high) = (signed(low, true), signed(high, true));
                format!(" (95% CI {low} to {high} points)")
            }
            _ => String::new(),
        };
        let (from, to) = (percent(shift.from), percent(shift.to));
        let sign = match shift.difference.low {
            Some(low) if low > 0.0 => "!",
            _ => "·",
        };
        said(sign, format!("{}: {from} → {to}{shown}", odd.words()))
    };
    let mut lines: Vec<Said> = seen.map(line).collect();
    let length = it.shifts.length;
    let ratios = [
        ("length", length.map(|it| it.ratio), "shorter", "longer"),
        ("cost", it.cost_ratio, "cheaper", "dearer"),
        ("latency", it.latency_ratio, "faster", "slower"),
    ];
    for (name, ratio, less, more) in ratios {
        lines
            .extend(ratio.map(|ratio| said("·", format!("{name}: {}", times(&ratio, less, more)))));
    }
    lines
}

fn times(ratio: &Estimate, less: &str, more: &str) -> String {
    let told = factor(ratio, less, more);
    let told = told.unwrap_or_else(|| "no difference shown".to_owned());
    match (ratio.low, ratio.high) {
        (Some(low), Some(high)) => {
            format!(
                "{told} ({:.2} times, 95% CI {low:.2} to {high:.2})",
                ratio.value
            )
        }
        _ => told,
    }
}

fn slices(it: &Ported) -> Vec<Said> {
    let line = |slice: &Slice| {
        let points = if it.unit { " points" } else { "" };
        let value = format!("{}{points}", signed(slice.difference.value, it.unit));
        let p = match slice.p_adjusted {
            Some(p) if p < 0.001 => ", p < 0.001 after BH".to_owned(),
            Some(p) => format!(", p = {p:.3} after BH"),
            None => String::new(),
        };
        let (gains, losses, n) = (slice.gains, slice.losses, slice.difference.n);
        said(
            "·",
            format!(
                "{}: {value} ({gains} better, {losses} worse of {n}{p})",
                slice.tag
            ),
        )
    };
    it.slices.iter().take(SLICES).map(line).collect()
}

fn notes(it: &Ported) -> Vec<Said> {
    let control = it.control.iter().map(|control| {
        let text = scored(control, it.unit);
        said("·", format!("control: {} asked twice: {text}", it.from))
    });
    control
        .chain(it.notes.iter().map(|note| said("·", note)))
        .collect()
}
