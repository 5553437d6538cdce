//! Figures with a row a candidate: its name and its numbers on a line, the picture below them, one axis for all.
//! Nothing stands beside a picture, so no name is too long for it and none covers another.

use super::axis::Axis;
use super::{LETTER, escape, fit, put};
use unicode_width::UnicodeWidthStr;

/// Width of the figure.
pub(super) const WIDTH: f64 = 440.0;
/// Height of a row.
pub(super) const ROW: f64 = 40.0;
/// Left and right end of the axis.
pub(super) const LEFT: f64 = 10.0;
pub(super) const RIGHT: f64 = 430.0;
/// From a row's top to the middle of its picture.
const MIDDLE: f64 = 26.0;
const TOP: f64 = 4.0;
/// Below the rows: the axis, its numbers, its name.
const BOTTOM: f64 = 44.0;

/// A figure in the making.
pub(super) struct Rows {
    out: String,
    axis: Axis,
    count: usize,
}

impl Rows {
    /// Begins a figure of so many rows; `said` tells a screen reader what is to be seen.
    pub fn open(id: &str, title: &str, said: &str, axis: Axis, count: usize) -> Rows {
        let height = TOP + count as f64 * ROW + BOTTOM;
        let mut out = String::new();
        put(
            &mut out,
            format_args!(
                "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"fig-{id}-title fig-{id}-desc\" xmlns=\"http://www.w3.org/2000/svg\"><title id=\"fig-{id}-title\">{}</title><desc id=\"fig-{id}-desc\">{}</desc>",
                escape(title),
                escape(said),
            ),
        );
        Rows { out, axis, count }
    }

    /// Where a value stands from left to right.
    pub fn at(&self, value: f64) -> f64 {
        LEFT + self.axis.at(value) * (RIGHT - LEFT)
    }

    /// The top of a row.
    pub fn top(&self, row: usize) -> f64 {
        TOP + row as f64 * ROW
    }

    /// The middle of a row's picture.
    pub fn middle(&self, row: usize) -> f64 {
        self.top(row) + MIDDLE
    }

    fn bottom(&self) -> f64 {
        self.top(self.count) + 2.0
    }

    /// Writes a piece of SVG.
    pub fn put(&mut self, text: std::fmt::Arguments) {
        put(&mut self.out, text);
    }

    /// Lines at round values, with the values below; `name` of the axis at the right end, `other` at the left.
    pub fn axis(&mut self, text: &dyn Fn(f64) -> String, other: &str, name: &str) {
        let (top, bottom) = (self.top(0), self.bottom());
        let mut free = 0.0;
        for tick in self.axis.ticks() {
            let x = self.at(tick);
            let class = if tick == 0.0 && !self.axis.log {
                "axis"
            } else {
                "grid"
            };
            self.put(format_args!(
                "<path class=\"{class}\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"
            ));
            let text = text(tick);
            let half = text.width() as f64 * LETTER / 2.0;
            let x = x.clamp(half, WIDTH - half);
            if x - half >= free {
                free = x + half + 10.0;
                self.put(format_args!(
                    "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    bottom + 15.0,
                    escape(&text)
                ));
            }
        }
        let most = (RIGHT - LEFT) / 2.0 - 8.0;
        for (x, anchor, words) in [(LEFT, "start", other), (RIGHT, "end", name)] {
            if !words.is_empty() {
                self.put(format_args!(
                    "<text class=\"name\" x=\"{x}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                    bottom + 34.0,
                    escape(&fit(words, most))
                ));
            }
        }
    }

    /// Name and numbers of a row, the name cut to the room that the numbers leave.
    pub fn label(&mut self, row: usize, name: &str, numbers: &str, tied: bool) {
        let y = self.top(row) + 13.0;
        let numbers = fit(numbers, WIDTH * 0.6);
        let room = RIGHT - LEFT - numbers.width() as f64 * LETTER - 16.0;
        let class = if tied { "label tied" } else { "label" };
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\">{}</text><text class=\"numbers\" x=\"{RIGHT}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>",
            escape(&fit(name, room)),
            escape(&numbers),
        ));
    }

    /// The figure as an `<svg>` element.
    pub fn close(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}
