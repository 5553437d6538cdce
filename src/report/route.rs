//! What policies are worth, as a reader sees it: `route simulate`, `route fit`, `route drill`.

mod drill;
mod fit;
mod page;
mod rehearsal;
mod simulate;
#[cfg(test)]
mod tests;

pub use drill::drills;
pub use fit::{fit, verdict};
pub use page::{fit_page, simulation_page};
pub use rehearsal::{Rehearsed, rehearsal};
pub use simulate::simulation;

use super::number::{NONE, Scale};
use crate::route::Missing;
use crate::stats::Estimate;
use serde::Serialize;

/// A `bakeoff.route/1` document: what was done, and its result's own fields.
#[derive(Serialize)]
struct Document<'a, T> {
    schema: &'static str,
    command: &'static str,
    sentence: &'a str,
    #[serde(flatten)]
    found: &'a T,
}

fn document<T: Serialize>(command: &'static str, sentence: &str, found: &T) -> String {
    super::json::document(&Document {
        schema: "bakeoff.route/1",
        command,
        sentence,
        found,
    })
}

/// `35%`, `−4.2%`
fn percent(share: f64) -> String {
    let shown = 100.0 * share;
    let digits = usize::from(shown.abs() < 9.95 && shown.abs() >= 0.05);
    let text = format!("{shown:.digits$}%");
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// `35% (28% to 41%)`
fn saving(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!(
            "{} ({} to {})",
            percent(estimate.value),
            percent(low),
            percent(high)
        ),
        _ => percent(estimate.value),
    }
}

/// `−1.2 (−3.1 to +0.8)`, in points where scores are shares.
fn change(estimate: &Estimate) -> String {
    let scale = Scale::Percent;
    let all = [Some(estimate.value), estimate.low, estimate.high];
    if all.into_iter().flatten().all(|v| v.abs() < 5e-7) {
        return "0".to_owned();
    }
    let text = scale.difference(estimate.value, estimate.low, estimate.high);
    let text = text.trim_end_matches(" points").trim_end_matches(" point");
    match scale.difference_range(estimate.low, estimate.high) {
        range if range.is_empty() => text.to_owned(),
        range => format!("{text} ({range})"),
    }
}

/// `−1.2`, in points.
fn points(estimate: &Estimate) -> String {
    let text = change(estimate);
    text.split(" (").next().unwrap_or_default().to_owned()
}

fn or_none<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| NONE.to_owned(), text)
}

/// Who is not in the matrix, and how many cases are not.
fn missing(left_out: &[Missing], dropped: usize, cases: usize) -> Vec<String> {
    let mut said: Vec<String> = left_out
        .iter()
        .map(|left| format!("{} takes no part: {}", left.name, left.why))
        .collect();
    if dropped > 0 {
        said.push(format!(
            "{dropped} of {} cases are left out: somebody has no score for them",
            cases + dropped
        ));
    }
    said
}
