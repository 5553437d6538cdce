//! `summary.html`: one page that needs nothing but itself, from the templates in `reports/`.
//!
//! Model text gets in only through the template's escaping; the page's policy lets no request out
//! and runs no script but the one named by its hash.

use super::case::card;
use super::figures::{Figures, figures};
use super::html::{policy, seen, seen_text, style};
use super::telling::{ALL_WELL, order};
use super::{Format, Look, Report, View, view};
use crate::source::Problem;
use crate::template::{render_each, render_whole};
use serde::Serialize;

/// The page.
pub const FORMAT: Format = Format {
    name: "html",
    file: "summary.html",
    about: "one page with table, charts, differences and every case side by side",
    render: |report, look| render(report, look, &Room::default()).map(String::into_bytes),
};

const PAGE: &str = "reports/summary.html.hbs";
pub(super) const CASE: &str = "reports/case.html.hbs";
const SCRIPT: &str = "reports/summary.js";

/// Cases shown unfolded.
const UNFOLDED: usize = 3;

/// How many bytes of cases the page takes.
pub struct Room {
    /// Shown without script.
    pub shown: usize,
    /// Kept in an island of JSON that the script unpacks when they are asked for.
    pub kept: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            shown: 1_400_000,
            kept: 24_000_000,
        }
    }
}

/// All that `summary.html.hbs` sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// The summary's side.
    #[serde(flatten)]
    pub summary: View,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// `summary.css` and `figures.css`
    pub style: String,
    /// `summary.js`
    pub script: String,
    /// The content security policy.
    pub policy: String,
    /// The first cases, each rendered by `case.html.hbs`.
    pub shown: Vec<String>,
    /// The next cases, a JSON array of the same, safe inside `<script>`; empty if there are none.
    pub kept: String,
    /// How many cases found no room.
    pub left_out: usize,
    /// The command that shows a case.
    pub show: String,
}

pub(super) fn render(report: &Report, look: &Look, room: &Room) -> Result<String, Problem> {
    // a browser hashes what it reads, and it reads one kind of line end
    let part = |path| (look.part)(path).map(|source| source.text.replace("\r\n", "\n"));
    let (style, script) = (style(look)?, part(SCRIPT)?);
    let (shown, kept, left_out) = split(report, &part(CASE)?, room)?;
    // The island may be most of the page: it is put in last, not carried through the template.
    let mark = format!("kept-{}", &blake3::hash(kept.as_bytes()).to_hex()[..32]);
    let island = kept;
    let kept = match island.is_empty() {
        true => String::new(),
        false => mark.clone(),
    };
    let page = Page {
        summary: view(report),
        figures: figures(report),
        policy: policy(&style, Some(&script)),
        style,
        script,
        shown,
        kept,
        left_out,
        show: report.show.clone(),
    };
    let data = serde_json::to_value(&page).expect("a page is plain data with text keys");
    let text = render_whole(PAGE, look.part, &seen(data))?;
    Ok(match island.is_empty() {
        true => text,
        false => text.replacen(&mark, &seen_text(island), 1),
    })
}

/// The cases as HTML, the most telling first: as many as have room in the page, the next ones as JSON, and the
/// count of the rest. Rendered in lots, so that what has no room is never made.
fn split(
    report: &Report,
    template: &str,
    room: &Room,
) -> Result<(Vec<String>, String, usize), Problem> {
    let (mut shown, mut kept, mut island) = (Vec::new(), 0, String::new());
    let (mut shown_bytes, mut kept_bytes) = (0, 0);
    let order = order(report);
    'lots: for lot in order.chunks(256) {
        let data: Vec<_> = lot
            .iter()
            .enumerate()
            .map(|(nth, (rank, at))| {
                let open = shown.is_empty() && nth < UNFOLDED && *rank < ALL_WELL;
                serde_json::to_value(card(report, *at, open))
                    .expect("a card is plain data with text keys")
            })
            .collect();
        for html in render_each(CASE, template, &data)? {
            if kept == 0 && shown_bytes + html.len() <= room.shown {
                shown_bytes += html.len();
                shown.push(html);
            } else if kept_bytes + html.len() <= room.kept {
                kept_bytes += html.len();
                kept += 1;
                island.push(if kept == 1 { '[' } else { ',' });
                let text = serde_json::to_string(&html).expect("texts are JSON");
                island += &text.replace('<', "\\u003c");
            } else {
                break 'lots;
            }
        }
    }
    if kept > 0 {
        island.push(']');
    }
    let left_out = order.len() - shown.len() - kept;
    Ok((shown, island, left_out))
}
