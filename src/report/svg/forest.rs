//! Differences as a forest plot: a line an interval, against zero and against what is allowed.

use super::axis::Axis;
use super::escape;
use super::rows::{LEFT, RIGHT, ROW, Rows};

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What differs.
    pub name: String,
    /// The difference in numbers.
    pub numbers: String,
    /// The difference.
    pub value: f64,
    /// Lower limit; without one it reaches to the edge.
    pub low: Option<f64>,
    /// Upper limit; likewise.
    pub high: Option<f64>,
    /// What is allowed: beyond it, away from zero, is too much.
    pub bound: Option<f64>,
    /// The verdict's name, for the style sheet.
    pub class: String,
}

/// Differences on one axis.
pub struct Forest<'a> {
    /// Its id in the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// The differences, from above.
    pub branches: Vec<Branch>,
    /// How a difference is written at the axis.
    pub text: &'a dyn Fn(f64) -> String,
    /// What lies to the left, and to the right.
    pub ends: (&'a str, &'a str),
}

impl Forest<'_> {
    /// The figure as an `<svg>` element.
    pub fn draw(&self) -> String {
        let values = self.branches.iter();
        let values = values.flat_map(|b| [Some(b.value), b.low, b.high, b.bound, Some(0.0)]);
        let axis = Axis::scores(&values.flatten().collect::<Vec<_>>(), None);
        let told = self.branches.iter();
        let told: Vec<String> = told.map(|b| format!("{}: {}", b.name, b.numbers)).collect();
        let said = format!("{}.", told.join("; "));
        let mut rows = Rows::open(self.id, self.title, &said, axis, self.branches.len());
        for (row, branch) in self.branches.iter().enumerate() {
            zone(&mut rows, row, branch);
        }
        rows.axis(self.text, self.ends.0, self.ends.1);
        for (row, branch) in self.branches.iter().enumerate() {
            bound(&mut rows, row, branch);
            let strong = branch.class == "regressed" || branch.class == "improved";
            rows.label(row, &branch.name, &branch.numbers, strong);
            interval(&mut rows, row, branch);
        }
        rows.close()
    }
}

/// What lies beyond the bound, as a tint.
fn zone(rows: &mut Rows, row: usize, branch: &Branch) {
    let Some(bound) = branch.bound else { return };
    let (x, top) = (rows.at(bound), rows.top(row));
    let (from, to) = if bound > 0.0 { (x, RIGHT) } else { (LEFT, x) };
    rows.put(format_args!(
        "<rect class=\"zone\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{ROW}\"/>",
        to - from
    ));
}

fn bound(rows: &mut Rows, row: usize, branch: &Branch) {
    let Some(bound) = branch.bound else { return };
    let (x, top) = (rows.at(bound), rows.top(row));
    rows.put(format_args!(
        "<path class=\"bound\" d=\"M{x:.1} {top:.1}v{ROW}\"/>"
    ));
}

fn interval(rows: &mut Rows, row: usize, branch: &Branch) {
    let (x, y, class) = (rows.at(branch.value), rows.middle(row), &branch.class);
    if branch.low.is_some() || branch.high.is_some() {
        let [low, high] = [(branch.low, LEFT), (branch.high, RIGHT)]
            .map(|(limit, edge)| limit.map_or(edge, |v| rows.at(v)));
        rows.put(format_args!(
            "<path class=\"bar {class}\" d=\"M{low:.1} {y:.1}H{high:.1}\"/>"
        ));
        for (limit, at, way) in [(branch.low, low, 5.0), (branch.high, high, -5.0)] {
            // an end where there is a limit, an arrow where there is none
            match limit {
                Some(_) => rows.put(format_args!(
                    "<path class=\"bar {class}\" d=\"M{at:.1} {:.1}v8\"/>",
                    y - 4.0
                )),
                None => rows.put(format_args!(
                    "<path class=\"bar {class}\" d=\"M{:.1} {:.1}L{at:.1} {y:.1}l{way} 4\"/>",
                    at + way,
                    y - 4.0
                )),
            }
        }
    }
    rows.put(format_args!(
        "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"><title>{}: {}</title></circle>",
        escape(&branch.name),
        escape(&branch.numbers)
    ));
}
