//! Charts as SVG text: drawn here, coloured by the page's style sheet, readable by a screen reader.

mod axis;
mod bars;
mod chart;
mod forest;
mod heat;
mod label;
mod rows;
mod spread;
#[cfg(test)]
mod tests;

pub use axis::Axis;
pub use bars::{Bar, bars};
pub use chart::{Chart, Point};
pub use forest::{Branch, Forest};
pub use heat::{Cell, Column, Heat};
pub use spread::{Spread, Times};

use crate::source::plain_line;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide a column of text is taken to be at 12 pixels; real letters are narrower on average.
const LETTER: f64 = 6.7;

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

/// The text, cut with an ellipsis to this width in pixels.
fn fit(text: &str, width: f64) -> String {
    let text = plain_line(text);
    let most = (width / LETTER).floor().max(1.0) as usize;
    if text.width() <= most {
        return text.into_owned();
    }
    let mut left = most - 1;
    let kept = text.chars().take_while(|c| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
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
