//! A scatter of candidates: quality against an amount, with intervals and the front.

use super::axis::Axis;
use super::label::{Area, place};
use super::{LETTER, escape, fit, put, short};
use crate::report::number::Scale;
use crate::stats::Estimate;
use unicode_width::UnicodeWidthStr;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 312.0;
/// With more candidates only those that could be the best get a box.
const BOXES: usize = 6;
const PLOT: Area = Area {
    x: 46.0,
    y: 28.0,
    w: 380.0,
    h: 232.0,
};

/// A candidate in a chart: quality against an amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The candidate's name.
    pub name: String,
    /// The amount.
    pub x: Estimate,
    /// The quality.
    pub y: Estimate,
    /// Whether it could be the best.
    pub tied: bool,
}

/// A chart of quality against an amount (cost, time), where less of the amount is wanted.
pub struct Chart<'a> {
    /// Its id in the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// The amount's name.
    pub x_title: &'a str,
    /// How an amount is written.
    pub x_text: fn(f64) -> String,
    /// The score's name.
    pub y_title: &'a str,
    /// How scores are read.
    pub scale: Scale,
    /// The candidates.
    pub points: Vec<Point>,
    /// Corners of what random mixtures reach, each amount and quality; may be empty.
    pub hull: Vec<(f64, f64)>,
}

/// Straight between its corners in amounts, so bent where the axis is logarithmic.
fn hull(out: &mut String, corners: &[(f64, f64)], x: &Axis, y: &Axis) {
    const STEPS: usize = 24;
    let mut path = String::new();
    for pair in corners.windows(2) {
        for step in 0..=STEPS {
            let part = step as f64 / STEPS as f64;
            let between = |a: f64, b: f64| a + part * (b - a);
            let at = (
                PLOT.x + x.at(between(pair[0].0, pair[1].0)) * PLOT.w,
                PLOT.y + (1.0 - y.at(between(pair[0].1, pair[1].1))) * PLOT.h,
            );
            let pen = if path.is_empty() { 'M' } else { 'L' };
            put(&mut path, format_args!("{pen}{:.1} {:.1}", at.0, at.1));
        }
    }
    if !path.is_empty() {
        put(
            out,
            format_args!("<path class=\"lead hull\" fill=\"none\" d=\"{path}\"/>"),
        );
    }
}

/// The candidates that no other beats on both axes, by increasing amount.
pub fn front(points: &[Point]) -> Vec<&Point> {
    let mut order: Vec<&Point> = points.iter().collect();
    order.sort_by(|a, b| {
        a.x.value
            .total_cmp(&b.x.value)
            .then(b.y.value.total_cmp(&a.y.value))
    });
    let mut best = f64::NEG_INFINITY;
    order.retain(|p| {
        p.y.value > best && {
            best = p.y.value;
            true
        }
    });
    order
}

impl Chart<'_> {
    /// The chart as an `<svg>` element.
    pub fn draw(&self) -> String {
        let xs = self
            .points
            .iter()
            .flat_map(|p| [Some(p.x.value), p.x.low, p.x.high]);
        let ys = self
            .points
            .iter()
            .flat_map(|p| [Some(p.y.value), p.y.low, p.y.high]);
        let x = Axis::amounts(&xs.flatten().collect::<Vec<_>>());
        let bounds = (self.scale == Scale::Percent).then_some((0.0, 1.0));
        let y = Axis::scores(&ys.flatten().collect::<Vec<_>>(), bounds);
        let mut out = String::new();
        self.open(&mut out);
        self.grid(&mut out, &x, &y);
        let place = |p: &Point| {
            (
                PLOT.x + x.at(p.x.value) * PLOT.w,
                PLOT.y + (1.0 - y.at(p.y.value)) * PLOT.h,
            )
        };
        let mut taken = Vec::new();
        // of many only those that matter, or all is grey
        let few = self.points.len() <= BOXES;
        for point in self.points.iter().filter(|point| few || point.tied) {
            area(&mut out, point, &x, &y);
        }
        hull(&mut out, &self.hull, &x, &y);
        self.front(&mut out, place, &mut taken);
        for point in &self.points {
            whiskers(&mut out, point, place(point), &x, &y, &mut taken);
        }
        for point in &self.points {
            self.dot(&mut out, point, place(point));
        }
        self.names(&mut out, place, taken);
        out.push_str("</svg>");
        out
    }

    fn open(&self, out: &mut String) {
        let names: Vec<String> = front(&self.points).iter().map(|p| p.name.clone()).collect();
        let said = format!(
            "{} against {}. Not beaten on both: {}.",
            self.y_title,
            self.x_title,
            names.join(", ")
        );
        put(
            out,
            format_args!(
                "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"fig-{id}-title fig-{id}-desc\" xmlns=\"http://www.w3.org/2000/svg\"><title id=\"fig-{id}-title\">{}</title><desc id=\"fig-{id}-desc\">{}</desc>",
                escape(self.title),
                escape(&said),
                id = self.id,
            ),
        );
    }

    fn grid(&self, out: &mut String, x: &Axis, y: &Axis) {
        let (left, right) = (PLOT.x, PLOT.x + PLOT.w);
        let (top, bottom) = (PLOT.y, PLOT.y + PLOT.h);
        for tick in y.ticks() {
            let at = bottom - y.at(tick) * PLOT.h;
            let text = self.scale.value(tick, None, None);
            put(
                out,
                format_args!(
                    "<path class=\"grid\" d=\"M{left:.1} {at:.1}H{right:.1}\"/><text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                    left - 8.0,
                    at + 4.0,
                    escape(&text),
                ),
            );
        }
        put(
            out,
            format_args!("<path class=\"axis\" d=\"M{left:.1} {bottom:.1}H{right:.1}\"/>"),
        );
        let mut free = left - 24.0;
        for tick in x.ticks() {
            let at = left + x.at(tick) * PLOT.w;
            let text = (self.x_text)(tick);
            let half = text.width() as f64 * LETTER / 2.0;
            put(
                out,
                format_args!("<path class=\"axis\" d=\"M{at:.1} {bottom:.1}v4\"/>"),
            );
            if at - half > free && at + half < WIDTH {
                free = at + half + 10.0;
                put(
                    out,
                    format_args!(
                        "<text class=\"tick\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                        bottom + 18.0,
                        escape(&text),
                    ),
                );
            }
        }
        let steps = if x.log { " (log scale)" } else { "" };
        put(
            out,
            format_args!(
                "<text class=\"name\" x=\"{right:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}{steps} →</text><text class=\"name\" x=\"{left:.1}\" y=\"{:.1}\">↑ {}</text>",
                bottom + 40.0,
                escape(&fit(self.x_title, PLOT.w - 130.0)),
                top - 12.0,
                escape(&fit(self.y_title, PLOT.w - 20.0)),
            ),
        );
    }

    /// A staircase over the front: below and to the right of it something is better.
    fn front(&self, out: &mut String, place: impl Fn(&Point) -> (f64, f64), taken: &mut Vec<Area>) {
        let steps: Vec<(f64, f64)> = front(&self.points).into_iter().map(place).collect();
        let mut path = String::new();
        for pair in steps.windows(2) {
            let [(x, y), (next_x, next_y)] = [pair[0], pair[1]];
            put(
                &mut path,
                format_args!("M{x:.1} {y:.1}H{next_x:.1}V{next_y:.1}"),
            );
            taken.push(Area {
                x,
                y: y - 1.0,
                w: next_x - x,
                h: 2.0,
            });
            taken.push(Area {
                x: next_x - 1.0,
                y: next_y,
                w: 2.0,
                h: y - next_y,
            });
        }
        if !path.is_empty() {
            put(
                out,
                format_args!("<path class=\"front\" fill=\"none\" d=\"{path}\"/>"),
            );
        }
    }

    fn dot(&self, out: &mut String, point: &Point, (x, y): (f64, f64)) {
        let class = if point.tied { "dot tied" } else { "dot" };
        let Estimate {
            value, low, high, ..
        } = point.y;
        let range = self.scale.range(value, low, high);
        put(
            out,
            format_args!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"><title>{}: {} {} ({range}), {}</title></circle>",
                escape(&point.name),
                escape(self.y_title),
                self.scale.value(value, low, high),
                escape(&(self.x_text)(point.x.value)),
            ),
        );
    }

    /// Names beside the points: those that could be the best first, a name without a free place left out.
    fn names(&self, out: &mut String, at: impl Fn(&Point) -> (f64, f64), mut taken: Vec<Area>) {
        let room = Area {
            x: PLOT.x,
            y: PLOT.y,
            w: WIDTH - PLOT.x - 2.0,
            h: PLOT.h,
        };
        let mut order: Vec<&Point> = self.points.iter().collect();
        let first: Vec<&str> = front(&self.points)
            .iter()
            .map(|p| p.name.as_str())
            .collect();
        order.sort_by_key(|p| (!p.tied, !first.contains(&p.name.as_str())));
        for point in order {
            let (x, y) = at(point);
            let name = short(&point.name, 26);
            let (w, h) = (name.width() as f64 * LETTER + 2.0, 14.0);
            let Some(area) = place(x, y, w, h, &taken, &room) else {
                continue;
            };
            let (anchor, tx) = match area.x {
                left if left > x => ("start", left),
                left if left + w < x => ("end", left + w),
                left => ("middle", left + w / 2.0),
            };
            let near = area.nearest(x, y);
            let far = (near.0 - x).hypot(near.1 - y);
            if far > 14.0 {
                let start = (x + (near.0 - x) * 5.0 / far, y + (near.1 - y) * 5.0 / far);
                put(
                    out,
                    format_args!(
                        "<path class=\"lead\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
                        start.0, start.1, near.0, near.1
                    ),
                );
            }
            let class = if point.tied { "label tied" } else { "label" };
            put(
                out,
                format_args!(
                    "<text class=\"{class}\" x=\"{tx:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                    area.y + 11.0,
                    escape(&name),
                ),
            );
            taken.push(area);
        }
    }
}

/// The box that both intervals of a point span.
fn area(out: &mut String, p: &Point, x: &Axis, y: &Axis) {
    let limits = (p.x.low.zip(p.x.high), p.y.low.zip(p.y.high));
    let (Some((left, right)), Some((low, high))) = limits else {
        return;
    };
    let class = if p.tied { "box tied" } else { "box" };
    put(
        out,
        format_args!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"2\"/>",
            PLOT.x + x.at(left) * PLOT.w,
            PLOT.y + (1.0 - y.at(high)) * PLOT.h,
            (x.at(right) - x.at(left)) * PLOT.w,
            (y.at(high) - y.at(low)) * PLOT.h,
        ),
    );
}

/// The interval bars of a point; what they and the dot cover is taken.
fn whiskers(
    out: &mut String,
    p: &Point,
    (px, py): (f64, f64),
    x: &Axis,
    y: &Axis,
    taken: &mut Vec<Area>,
) {
    let class = if p.tied { "bar tied" } else { "bar" };
    taken.push(Area {
        x: px - 6.0,
        y: py - 6.0,
        w: 12.0,
        h: 12.0,
    });
    if let (Some(low), Some(high)) = (p.y.low, p.y.high) {
        let (top, bottom) = (
            PLOT.y + (1.0 - y.at(high)) * PLOT.h,
            PLOT.y + (1.0 - y.at(low)) * PLOT.h,
        );
        put(
            out,
            format_args!("<path class=\"{class}\" d=\"M{px:.1} {top:.1}V{bottom:.1}\"/>"),
        );
        taken.push(Area {
            x: px - 3.0,
            y: top,
            w: 6.0,
            h: bottom - top,
        });
    }
    if let (Some(low), Some(high)) = (p.x.low, p.x.high) {
        let (left, right) = (PLOT.x + x.at(low) * PLOT.w, PLOT.x + x.at(high) * PLOT.w);
        put(
            out,
            format_args!("<path class=\"{class}\" d=\"M{left:.1} {py:.1}H{right:.1}\"/>"),
        );
        taken.push(Area {
            x: left,
            y: py - 3.0,
            w: right - left,
            h: 6.0,
        });
    }
}
