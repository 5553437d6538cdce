//! `summary.html`: one page that needs nothing but itself, from the templates in `reports/`.
//!
//! Model text gets in only through the template's escaping; the page's policy lets no request out
//! and runs no script but the one named by its hash.

use super::case::card;
use super::telling::{ALL_WELL, order};
use super::{Format, Look, Report, View, view};
use crate::source::{Problem, unseen};
use crate::template::{render_each, render_whole};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The page.
pub const FORMAT: Format = Format {
    name: "html",
    file: "summary.html",
    about: "one page with table, charts, differences and every case side by side",
    render: |report, look| render(report, look, &Room::default()).map(String::into_bytes),
};

const PAGE: &str = "reports/summary.html.hbs";
const CASE: &str = "reports/case.html.hbs";
const STYLE: &str = "reports/summary.css";
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
    /// `summary.css`
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
    let (style, script) = (part(STYLE)?, part(SCRIPT)?);
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
        policy: format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
            hash(&script),
            hash(&style)
        ),
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

/// The text with what a reader cannot see spelled out.
fn seen_text(text: String) -> String {
    match text.contains(unseen) {
        true => crate::source::plain(&text).into_owned(),
        false => text,
    }
}

/// Every string with what a reader cannot see spelled out; most have nothing of it.
fn seen(mut data: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match &mut data {
        Value::String(text) => Value::String(seen_text(std::mem::take(text))),
        Value::Array(items) => items.drain(..).map(seen).collect(),
        Value::Object(map) => std::mem::take(map)
            .into_iter()
            .map(|(k, v)| (k, seen(v)))
            .collect(),
        _ => data,
    }
}

/// A source expression of a content security policy (CSP level 3, 2.3.1): `sha256-` and base64.
fn hash(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut out = String::from("sha256-");
    for three in digest.chunks(3) {
        let bits = three
            .iter()
            .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for at in 0..4 {
            match at <= three.len() {
                true => out.push(LETTERS[(bits >> (18 - 6 * at) & 63) as usize].into()),
                false => write!(out, "=").expect("a String takes every write"),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn hashes_are_as_a_browser_computes_them() {
        // the example of CSP level 3, section 8.3
        let expected = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=";
        assert_eq!(super::hash("alert('Hello, world.');"), expected);
    }
}
