//! Charts as SVG text: drawn here, coloured by the page's style sheet, readable by a screen reader.

mod axis;
mod chart;
mod label;

pub use axis::Axis;
pub use chart::{Chart, Point};

use crate::source::plain_line;
use std::fmt::Write;

/// A score with its interval as a strip for a table cell, all strips of a table on one axis.
pub fn strip(axis: &Axis, value: f64, low: Option<f64>, high: Option<f64>, tied: bool) -> String {
    let at = |v: f64| 4.0 + axis.at(v) * 112.0;
    let class = if tied { " tied" } else { "" };
    let mut out = String::from(
        "<svg class=\"strip\" viewBox=\"0 0 120 16\" width=\"120\" height=\"16\" aria-hidden=\"true\"><path class=\"grid\" d=\"M4 8H116\"/>",
    );
    if let (Some(low), Some(high)) = (low, high) {
        put(
            &mut out,
            format_args!(
                "<path class=\"bar{class}\" d=\"M{:.1} 8H{:.1}\"/>",
                at(low),
                at(high)
            ),
        );
    }
    put(
        &mut out,
        format_args!(
            "<circle class=\"dot{class}\" cx=\"{:.1}\" cy=\"8\" r=\"4\"/></svg>",
            at(value)
        ),
    );
    out
}

fn put(out: &mut String, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("a String takes every write");
}

fn short(name: &str, most: usize) -> String {
    let name = plain_line(name);
    match name.chars().count() {
        n if n <= most => name.into_owned(),
        _ => name.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// Text for an SVG element or attribute.
fn escape(text: &str) -> String {
    let safe = plain_line(text);
    let escaped = safe
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}
