//! `summary.html`: one page that needs nothing but itself, from the templates in `reports/`.
//!
//! Model text gets in only through the template's escaping, or as JSON that is shown as text; the page's
//! policy lets no request out and runs no script but the one named by its hash.

use super::explorer::{self, Room};
use super::figures::{Figures, figures};
use super::html::{policy, seen, style};
use super::{Format, Look, Report, View, view};
use crate::source::Problem;
use crate::template::render_whole;
use serde::Serialize;

/// The page.
pub const FORMAT: Format = Format {
    name: "html",
    file: "summary.html",
    about: "one page with table, charts, differences and every case side by side",
    render: |report, look| render(report, look, Room::default()).map(String::into_bytes),
};

const PAGE: &str = "reports/summary.html.hbs";
const SCRIPT: &str = "reports/summary.js";

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
    /// How many cases are only in the islands.
    pub folded: usize,
    /// All cases as JSON in `<script>` elements of their own.
    pub islands: String,
    /// How many cases found no room.
    pub left_out: usize,
    /// The command that shows a case.
    pub show: String,
}

pub(super) fn render(report: &Report, look: &Look, room: Room) -> Result<String, Problem> {
    // a browser hashes what it reads, and it reads one kind of line end
    let part = |path: &str| (look.part)(path).map(|source| source.text.replace("\r\n", "\n"));
    let style = style(look)?;
    let mut scripts = vec!["(() => {\n\"use strict\";\n".to_owned()];
    for script in explorer::SCRIPTS {
        scripts.push(part(script)?);
    }
    let script = scripts.concat() + "})();\n" + &part(SCRIPT)?;
    let cases = explorer::explorer(report, &part(explorer::CASE)?, room)?;
    // The islands are most of the page: they are put in last, not carried through the template.
    let hash_of_islands = blake3::hash(cases.islands.as_bytes()).to_hex();
    let mark = format!("islands-{}", &hash_of_islands[..32]);
    let page = Page {
        summary: view(report),
        figures: figures(report),
        policy: policy(&style, Some(&script)),
        style,
        script,
        shown: cases.shown,
        folded: cases.folded,
        islands: mark.clone(),
        left_out: cases.left_out,
        show: report.show.clone(),
    };
    let data = serde_json::to_value(&page).expect("a page is plain data with text keys");
    let text = render_whole(PAGE, look.part, &seen(data))?;
    Ok(text.replacen(&mark, &cases.islands, 1))
}
