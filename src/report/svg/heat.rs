//! A heat map: rows by columns, darker where the value is higher, each with its number.

use super::{LETTER, escape, fit, put};
use unicode_width::UnicodeWidthStr;

const NAMES: f64 = 190.0;
const CELL: f64 = 30.0;
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

/// Rows by columns.
pub struct Heat<'a> {
    /// Its id in the page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What is to be seen, in words.
    pub said: &'a str,
    /// Head and second line of each column.
    pub columns: Vec<(String, String)>,
    /// Name and cells of each row.
    pub rows: Vec<(String, Vec<Option<Cell>>)>,
}

impl Heat<'_> {
    /// The figure as an `<svg>` element.
    pub fn draw(&self) -> String {
        let step = ((WIDTH - NAMES) / self.columns.len().max(1) as f64).min(WIDE);
        let width = NAMES + step * self.columns.len() as f64;
        let widest = self.columns.iter().map(|(head, _)| head.width()).max();
        let widest = (widest.unwrap_or(0) as f64 * LETTER).min(150.0);
        // heads that are wider than their column stand up
        let upright = widest > step - 6.0;
        let top = if upright { widest + 26.0 } else { 38.0 };
        let height = top + CELL * self.rows.len() as f64 + 4.0;
        let mut out = String::new();
        put(
            &mut out,
            format_args!(
                "<svg class=\"heat\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" xmlns=\"http://www.w3.org/2000/svg\"><title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
                escape(self.title),
                escape(self.said),
                id = self.id,
            ),
        );
        for (at, (head, second)) in self.columns.iter().enumerate() {
            let x = NAMES + step * (at as f64 + 0.5);
            let head = match upright {
                true => fit(head, 150.0),
                false => fit(head, step - 4.0),
            };
            let (head, second) = (escape(&head), escape(&fit(second, step - 4.0)));
            match upright {
                true => put(
                    &mut out,
                    format_args!(
                        "<text class=\"head\" transform=\"translate({:.1} {:.1}) rotate(-90)\">{head}</text>",
                        x + 4.0,
                        top - 22.0
                    ),
                ),
                false => put(
                    &mut out,
                    format_args!(
                        "<text class=\"head\" x=\"{x:.1}\" y=\"14\" text-anchor=\"middle\">{head}</text>"
                    ),
                ),
            }
            put(
                &mut out,
                format_args!(
                    "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{second}</text>",
                    top - 7.0
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
