//! How long replies took: a tick a reply on one axis for all candidates, with median and P95.

use super::axis::Axis;
use super::escape;
use super::rows::{LEFT, RIGHT, Rows};
use crate::stats::Estimate;
use std::collections::BTreeMap;

/// The times of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// Its name.
    pub name: String,
    /// Median and P95 in words.
    pub numbers: String,
    /// Every time that counts.
    pub values: Vec<f64>,
    /// The median with its interval.
    pub p50: Option<Estimate>,
    /// The 95th percentile.
    pub p95: Option<Estimate>,
    /// Whether it could be the best.
    pub tied: bool,
}

/// Times of several candidates.
pub struct Spread<'a> {
    /// Its id in the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// The candidates, from above.
    pub rows: Vec<Times>,
    /// How a time is written.
    pub text: fn(f64) -> String,
    /// The axis's name.
    pub name: &'a str,
}

/// The highest tick.
const TALL: f64 = 13.0;

impl Spread<'_> {
    /// The figure as an `<svg>` element.
    pub fn draw(&self) -> String {
        let all: Vec<f64> = self
            .rows
            .iter()
            .flat_map(|row| row.values.clone())
            .collect();
        let told = self.rows.iter();
        let told: Vec<String> = told.map(|r| format!("{}: {}", r.name, r.numbers)).collect();
        let said = format!("{}.", told.join("; "));
        let axis = Axis::amounts(&all);
        let name = match axis.log {
            true => format!("{} (log scale) →", self.name),
            false => format!("{} →", self.name),
        };
        let mut rows = Rows::open(self.id, self.title, &said, axis, self.rows.len());
        rows.axis(&self.text, "", &name);
        for (row, times) in self.rows.iter().enumerate() {
            rows.label(row, &times.name, &times.numbers, times.tied);
            one(&mut rows, row, times);
        }
        rows.close()
    }
}

fn one(rows: &mut Rows, row: usize, times: &Times) {
    let y = rows.middle(row) + 6.0;
    rows.put(format_args!(
        "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>"
    ));
    // Times that fall on the same pixel make one tick, taller for each.
    let mut ticks: BTreeMap<i64, usize> = BTreeMap::new();
    for value in &times.values {
        *ticks.entry(rows.at(*value).round() as i64).or_default() += 1;
    }
    let most = ticks.values().copied().max().unwrap_or(1) as f64;
    let mut path = String::new();
    for (x, count) in &ticks {
        let height = 5.0 + (TALL - 5.0) * ((*count as f64 - 1.0) / (most - 1.0).max(1.0)).sqrt();
        super::put(&mut path, format_args!("M{x} {y:.1}v-{height:.1}"));
    }
    let tied = if times.tied { " tied" } else { "" };
    if !path.is_empty() {
        rows.put(format_args!("<path class=\"tick{tied}\" d=\"{path}\"/>"));
    }
    if let Some(p95) = times.p95 {
        let x = rows.at(p95.value);
        rows.put(format_args!(
            "<path class=\"tail{tied}\" d=\"M{x:.1} {:.1}l4 4l-4 4l-4 -4z\"><title>{}: P95 of {}</title></path>",
            y - 4.0,
            escape(&times.name),
            p95.n
        ));
    }
    let Some(p50) = times.p50 else { return };
    if let (Some(low), Some(high)) = (p50.low, p50.high) {
        let (low, high) = (rows.at(low), rows.at(high));
        rows.put(format_args!(
            "<path class=\"bar{tied}\" d=\"M{low:.1} {y:.1}H{high:.1}\"/>"
        ));
    }
    let x = rows.at(p50.value);
    rows.put(format_args!(
        "<circle class=\"dot{tied}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}: {}</title></circle>",
        escape(&times.name),
        escape(&times.numbers)
    ));
}
