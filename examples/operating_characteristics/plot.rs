//! Line charts as SVG: small, the same bytes for the same numbers, readable on light and dark pages.

use std::fmt::Write;

/// A line with its name; missing points are left out.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
    /// Drawn broken: what it stands beside is the point, not itself.
    pub dashed: bool,
}

/// A chart.
pub struct Plot<'a> {
    pub title: &'a str,
    pub x: &'a str,
    /// Where the x axis has its marks, and what they say.
    pub marks: Vec<(f64, String)>,
    /// The ends of the y axis, and the step of its marks.
    pub y: (f64, f64, f64),
    /// A level to compare with.
    pub level: f64,
    pub lines: Vec<Line>,
}

const COLOURS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#2f9fd8",
];
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 340.0;
/// The drawing's edges: left, right, top, bottom.
const FRAME: (f64, f64, f64, f64) = (48.0, 470.0, 40.0, 292.0);
/// Least distance between two names at the right.
const APART: f64 = 17.0;

const STYLE: &str = "<style>text{font:13px sans-serif;fill:#333}.b{fill:#fff}.g{stroke:#ddd}.l{stroke:#888;stroke-dasharray:2 3}\
path{fill:none;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ccc}.b{fill:#0d1117}.g{stroke:#333}}</style>";

impl Plot<'_> {
    /// The chart's text.
    pub fn svg(&self) -> String {
        let (left, right, top, bottom) = FRAME;
        let ends = (
            self.marks.first().map_or(0.0, |mark| mark.0),
            self.marks.last().map_or(1.0, |mark| mark.0),
        );
        let x = |v: f64| left + (v - ends.0) / (ends.1 - ends.0) * (right - left);
        let (low, high, step) = self.y;
        let y = |v: f64| bottom - (v.clamp(low, high) - low) / (high - low) * (bottom - top);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{0}</title>\n{STYLE}\n<rect class=\"b\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n<text x=\"{left}\" y=\"22\">{0}</text>\n",
            self.title
        );
        let mut put = |text: std::fmt::Arguments<'_>| {
            out.write_fmt(text).expect("a String takes every write");
        };
        let steps = ((high - low) / step).round() as usize;
        for at in (0..=steps).map(|at| low + at as f64 * step) {
            let line = y(at);
            put(format_args!(
                "<line class=\"g\" x1=\"{left}\" x2=\"{right}\" y1=\"{line:.1}\" y2=\"{line:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{at:.2}</text>\n",
                left - 6.0,
                line + 4.0
            ));
        }
        for (at, name) in &self.marks {
            let (at, below) = (x(*at), bottom + 20.0);
            put(format_args!(
                "<text x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{name}</text>\n"
            ));
        }
        let (middle, below) = ((left + right) / 2.0, bottom + 40.0);
        put(format_args!(
            "<text x=\"{middle:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{}</text>\n",
            self.x
        ));
        let level = y(self.level);
        put(format_args!(
            "<line class=\"l\" x1=\"{left}\" x2=\"{right}\" y1=\"{level:.1}\" y2=\"{level:.1}\"/>\n"
        ));
        let ends = self.lines.iter().enumerate().filter_map(|(index, line)| {
            let last = line.points.last()?;
            Some((y(last.1), index))
        });
        let mut names: Vec<(f64, usize)> = ends.collect();
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        spread(&mut names);
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let mut path = String::new();
            for (at, (px, py)) in line.points.iter().enumerate() {
                let pen = if at == 0 { 'M' } else { 'L' };
                write!(path, "{pen}{:.1} {:.1}", x(*px), y(*py))
                    .expect("a String takes every write");
            }
            let dash = if line.dashed {
                " stroke-dasharray=\"6 4\""
            } else {
                ""
            };
            put(format_args!(
                "<path d=\"{path}\" stroke=\"{colour}\"{dash}/>\n"
            ));
        }
        for (at, index) in names {
            let line = &self.lines[index];
            let colour = COLOURS[index % COLOURS.len()];
            put(format_args!(
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
                right + 14.0,
                at,
                right + 24.0,
                at + 4.0,
                line.name
            ));
        }
        out.push_str("</svg>\n");
        out
    }
}

/// Pushes names apart, downwards, and back up from the bottom where they would leave the chart.
fn spread(names: &mut [(f64, usize)]) {
    for at in 1..names.len() {
        names[at].0 = names[at].0.max(names[at - 1].0 + APART);
    }
    let mut floor = FRAME.3;
    for name in names.iter_mut().rev() {
        name.0 = name.0.min(floor);
        floor = name.0 - APART;
    }
}
