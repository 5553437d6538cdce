//! A heat map: rows by columns, darker where the value is higher, each with its number.

use super::{LETTER, escape, fit, put};
use unicode_width::UnicodeWidthStr;

const NAMES: f64 = 190.0;
const CELL: f64 = 30.0;
/// Room for the names of groups of columns.
const GROUP: f64 = 22.0;
const WIDTH: f64 = 920.0;
/// Widest column.
const WIDE: f64 = 110.0;
/// Shades in the style sheet, `q0` to `q9`.
const SHADES: f64 = 9.0;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The number in words.
    pub text: String,
    /// How dark, 0 to 1.
    pub shade: f64,
    /// It rests on few cases.
    pub few: bool,
    /// What a pointer is told.
    pub title: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What it is one of, told once for its neighbours too; may be empty.
    pub group: String,
    /// Its head.
    pub head: String,
    /// What stands below the head.
    pub small: String,
}

/// Rows by columns.
pub struct Heat<'a> {
    /// Its id in the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What is to be seen, in words.
    pub said: &'a str,
    /// The columns.
    pub columns: Vec<Column>,
    /// Name and cells of each row.
    pub rows: Vec<(String, Vec<Option<Cell>>)>,
}

impl Heat<'_> {
    /// The figure as an `<svg>` element.
    pub fn draw(&self) -> String {
        let step = ((WIDTH - NAMES) / self.columns.len().max(1) as f64).min(WIDE);
        let width = NAMES + step * self.columns.len() as f64;
        let widest = self.columns.iter().map(|column| column.head.width()).max();
        let widest = (widest.unwrap_or(0) as f64 * LETTER).min(150.0);
        // heads that are wider than their column stand up
        let upright = widest > step - 6.0;
        let top = GROUP + if upright { widest + 26.0 } else { 38.0 };
        let height = top + CELL * self.rows.len() as f64 + 4.0;
        let mut out = String::new();
        put(
            &mut out,
            format_args!(
                "<svg class=\"heat\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\"fig-{id}-title fig-{id}-desc\" xmlns=\"http://www.w3.org/2000/svg\"><title id=\"fig-{id}-title\">{}</title><desc id=\"fig-{id}-desc\">{}</desc>",
                escape(self.title),
                escape(self.said),
                id = self.id,
            ),
        );
        self.groups(&mut out, step);
        for (at, column) in self.columns.iter().enumerate() {
            let x = NAMES + step * (at as f64 + 0.5);
            head(&mut out, column, x, top, (!upright).then_some(step - 4.0));
            put(
                &mut out,
                format_args!(
                    "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    top - 7.0,
                    escape(&fit(&column.small, step - 4.0))
                ),
            );
        }
        for (row, (name, cells)) in self.rows.iter().enumerate() {
            let y = top + CELL * row as f64;
            put(
                &mut out,
                format_args!(
                    "<text class=\"label\" x=\"0\" y=\"{:.1}\">{}</text>",
                    y + 19.0,
                    escape(&fit(name, NAMES - 12.0))
                ),
            );
            for (at, cell) in cells.iter().enumerate() {
                self.cell(&mut out, NAMES + step * at as f64, y, step, cell.as_ref());
            }
        }
        out.push_str("</svg>");
        out
    }

    /// What neighbouring columns have in common, over all of them.
    fn groups(&self, out: &mut String, step: f64) {
        let mut at = 0;
        for lot in self.columns.chunk_by(|a, b| a.group == b.group) {
            let x = NAMES + step * at as f64 + 2.0;
            let width = step * lot.len() as f64 - 4.0;
            at += lot.len();
            if !lot[0].group.is_empty() {
                put(
                    out,
                    format_args!(
                        "<text class=\"tick\" x=\"{x:.1}\" y=\"12\">{}</text><path class=\"axis\" d=\"M{x:.1} 17h{width:.1}\"/>",
                        escape(&fit(&lot[0].group, width))
                    ),
                );
            }
        }
    }

    fn cell(&self, out: &mut String, x: f64, y: f64, step: f64, cell: Option<&Cell>) {
        let Some(cell) = cell else { return };
        let shade = (cell.shade.clamp(0.0, 1.0) * SHADES).round();
        let few = if cell.few { " few" } else { "" };
        put(
            out,
            format_args!(
                "<g><title>{}</title><rect class=\"q{shade}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\"/><text class=\"cell{few}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text></g>",
                escape(&cell.title),
                x + 1.0,
                y + 1.0,
                step - 2.0,
                CELL - 2.0,
                x + step / 2.0,
                y + 19.0,
                escape(&fit(&cell.text, step - 4.0)),
            ),
        );
    }
}

/// The head of a column: flat where it has the room, else standing.
fn head(out: &mut String, column: &Column, x: f64, top: f64, room: Option<f64>) {
    match room {
        Some(room) => put(
            out,
            format_args!(
                "<text class=\"head\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                top - 24.0,
                escape(&fit(&column.head, room))
            ),
        ),
        None => put(
            out,
            format_args!(
                "<text class=\"head\" transform=\"translate({:.1} {:.1}) rotate(-90)\">{}</text>",
                x + 4.0,
                top - 22.0,
                escape(&fit(&column.head, 150.0))
            ),
        ),
    }
}
