//! Paired differences as a forest plot against zero and the margin.

use super::number::Scale;
use super::svg::{Branch, Forest};
use super::view::Drawing;
use super::words;
use crate::summary::{Contrast, Summary, Verdict};

/// Differences that one figure takes.
const MOST: usize = 40;

/// The differences of a run by its primary scorer.
pub fn of_summary(summary: &Summary) -> Option<Drawing> {
    let scorer = &summary.best.scorer;
    let mine = summary.contrasts.iter().filter(|c| c.scorer == *scorer);
    forest("differences", words::scale(summary, scorer), mine)
}

/// Differences of one scorer; none where none can be shown.
pub fn forest<'a>(
    id: &str,
    scale: Scale,
    contrasts: impl Iterator<Item = &'a Contrast>,
) -> Option<Drawing> {
    let all: Vec<&Contrast> = contrasts.collect();
    let fit = |c: &&&Contrast| c.verdict != Verdict::Invalid && c.difference.n > 0;
    let shown: Vec<&Contrast> = all.iter().filter(fit).take(MOST).copied().collect();
    let first = shown.first()?;
    let one = shown.iter().all(|c| c.b == first.b);
    let branches = shown.iter().map(|c| {
        let name = match one {
            true => c.a.clone(),
            false => format!("{} − {}", c.a, c.b),
        };
        branch(name, scale, c)
    });
    let title = match one {
        true => format!("Difference to {}", first.b),
        false => "Differences".to_owned(),
    };
    let text = |v: f64| tick(scale, v);
    let forest = Forest {
        id,
        title: &title,
        branches: branches.collect(),
        text: &text,
        ends: ("← worse", "better →"),
    };
    let mut note = format!(
        "By {}, case by case, with 95% intervals. What lies wholly to the right of the dashed margin ({}) is not worse.",
        first.scorer,
        scale.margin(first.margin)
    );
    if all.len() > shown.len() {
        let left = super::counted(all.len() - shown.len(), "difference");
        note += &format!(" Not drawn: {left}, told below.");
    }
    Some(Drawing {
        svg: forest.draw(),
        title,
        note,
    })
}

/// One difference as a line of a forest.
pub fn branch(name: String, scale: Scale, c: &Contrast) -> Branch {
    let d = &c.difference;
    let by = scale.difference(d.value, d.low, d.high);
    Branch {
        name,
        numbers: match scale.difference_range(d.low, d.high) {
            range if range.is_empty() => by,
            range => format!("{by} ({range})"),
        },
        value: d.value,
        low: d.low,
        high: d.high,
        bound: Some(-c.margin),
        class: words::class(c.verdict),
    }
}

/// A difference at the axis: `−20`, `0`, `+20`.
pub fn tick(scale: Scale, value: f64) -> String {
    let text = scale.difference(value, None, None);
    text.split(' ').next().unwrap_or_default().to_owned()
}
