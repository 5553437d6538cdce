//! The cases of a page: the most telling ones as HTML for whoever reads without script, and all of them as
//! islands of JSON for the script that filters, sorts, searches and shows them.
//!
//! An index of numbers and beginnings is read at once; the texts lie in parts that are parsed only when a case of
//! theirs is opened or searched. What models said is in there as JSON strings and nowhere else.

mod entry;

use super::case::{Card, Said, card};
use super::html::seen;
use super::telling::{ALL_WELL, Judged, order};
use super::{Look, Report};
use crate::prompt::{Asking, Saying};
use crate::source::{Problem, unseen};
use crate::template::render_each;
use entry::{Entry, entry};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One case as HTML.
pub const CASE: &str = "reports/case.html.hbs";
/// How cases look.
pub const STYLE: &str = "reports/cases.css";
/// The explorer, in the order that it is put together in.
pub const SCRIPTS: [&str; 6] = [
    "reports/explorer/store.js",
    "reports/explorer/state.js",
    "reports/explorer/words.js",
    "reports/explorer/card.js",
    "reports/explorer/list.js",
    "reports/explorer/keys.js",
];

/// Cases shown unfolded.
const UNFOLDED: usize = 3;
/// Cases of one part of the texts.
const PART: usize = 64;

/// How many bytes of cases a page takes.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// As HTML, for whoever reads without script.
    pub shown: usize,
    /// As JSON, for the script.
    pub kept: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            shown: 450_000,
            kept: 64_000_000,
        }
    }
}

/// The cases of a page.
pub struct Explorer {
    /// The first cases, each rendered by `case.html.hbs`.
    pub shown: Vec<String>,
    /// All of them as `<script type="application/json">` elements.
    pub islands: String,
    /// How many are only in the islands.
    pub folded: usize,
    /// How many found no room at all.
    pub left_out: usize,
}

/// The part of the texts that belongs to one case.
#[derive(Serialize)]
struct Texts {
    fields: Vec<super::case::Field>,
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
    /// By candidate, then by repeat.
    answers: Vec<Vec<Said>>,
    /// By prompt: the texts of the messages that are not the same for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asked: Vec<Vec<String>>,
    show: String,
    again: String,
}

impl Texts {
    fn of(card: Card, asked: Vec<Vec<String>>) -> Texts {
        Texts {
            fields: card.fields,
            target: card.target,
            answers: card.answers.into_iter().map(|it| it.trials).collect(),
            asked,
            show: card.show,
            again: card.again,
        }
    }
}

/// The cases of a report, the most telling first, as many as have room; each rendered by this template.
pub fn explorer(report: &Report, template: &str, room: Room) -> Result<Explorer, Problem> {
    let asking: Vec<Asking> = report.prompts.iter().map(|it| it.kept.asking()).collect();
    let order = order(report);
    let (mut shown, mut shown_bytes, mut full) = (Vec::new(), 0, false);
    let (mut entries, mut parts, mut kept_bytes) = (Vec::new(), String::new(), 0);
    'parts: for lot in order.chunks(PART) {
        let open = |nth: usize, rank: u8| entries.is_empty() && nth < UNFOLDED && rank < ALL_WELL;
        let cards = lot.iter().enumerate();
        let cards: Vec<Card> = cards
            .map(|(nth, (rank, at))| card(report, *at, open(nth, *rank)))
            .collect();
        if !full {
            let data = cards.iter().map(|card| seen(value(card)));
            for html in render_each(CASE, template, &data.collect::<Vec<_>>())? {
                shown_bytes += html.len();
                full |= shown_bytes > room.shown && !shown.is_empty();
                if full {
                    break;
                }
                shown.push(html);
            }
        }
        let mut part = Vec::with_capacity(lot.len());
        for (card, (_, at)) in cards.into_iter().zip(lot) {
            let case = &report.cases[*at];
            let entry: Entry = entry(report, case, &card, &Judged::of(report, case));
            let asked = asking.iter().map(|asking| {
                let said = asking.said(&case.vars);
                said.iter().map(|text| super::case::cut(text)).collect()
            });
            let texts = script_json(&value(&Texts::of(card, asked.collect())));
            let entry = script_json(&value(&entry));
            kept_bytes += entry.len() + texts.len();
            if kept_bytes > room.kept {
                parts += &island("class=\"cases-part\"", &part);
                break 'parts;
            }
            entries.push(entry);
            part.push(texts);
        }
        parts += &island("class=\"cases-part\"", &part);
    }
    shown.truncate(entries.len());
    let head = head(report, &asking, &entries);
    Ok(Explorer {
        folded: entries.len() - shown.len(),
        left_out: order.len() - entries.len(),
        shown,
        islands: head + &parts,
    })
}

/// These cases as a page shows them, each once, in this order; an id that the run has not is left out.
pub fn cards<'a>(
    report: &Report,
    ids: impl Iterator<Item = &'a str>,
    look: &Look,
) -> Result<Vec<String>, Problem> {
    let mut known = BTreeSet::new();
    let places = ids.filter_map(|id| report.cases.iter().position(|case| case.id == id));
    let cards = places.filter(|at| known.insert(*at)).map(|at| {
        let card = card(report, at, false);
        seen(value(&card))
    });
    let cards: Vec<Value> = cards.collect();
    render_each(CASE, &(look.part)(CASE)?.text, &cards)
}

/// What the script needs to know once, and the index of the cases.
fn head(report: &Report, asking: &[Asking], entries: &[String]) -> String {
    let summary = &report.summary;
    let best = summary.best.name.as_ref();
    let names = summary.candidates.iter().map(|row| row.name.as_str());
    let primary = &summary.best.scorer;
    let others = summary.scorers.iter().filter(|it| *it != primary);
    let prompts = report.prompts.iter().zip(asking).map(|(prompt, asking)| {
        let lines = asking.lines.iter().map(|(role, saying)| match saying {
            Saying::Always(text) => json!([role, text]),
            _ => json!([role, null]),
        });
        json!({"name": prompt.name, "candidates": prompt.candidates, "lines": lines.collect::<Vec<_>>()})
    });
    let head = json!({
        "part": PART,
        "total": report.cases.len(),
        "show": report.show,
        "candidates": names.clone().collect::<Vec<_>>(),
        "best": names.clone().position(|name| best.is_some_and(|best| best == name)),
        "scorers": std::iter::once(primary).chain(others).collect::<Vec<_>>(),
        "prompts": prompts.collect::<Vec<_>>(),
    });
    let head = format!(
        "<script type=\"application/json\" id=\"cases-head\">{}</script>\n",
        script_json(&seen(head))
    );
    head + &island("id=\"cases-index\"", entries)
}

fn island(attribute: &str, items: &[String]) -> String {
    match items.is_empty() {
        true => String::new(),
        false => format!(
            "<script type=\"application/json\" {attribute}>[{}]</script>\n",
            items.join(",\n")
        ),
    }
}

fn value(data: &impl Serialize) -> Value {
    serde_json::to_value(data).expect("cards are plain data with text keys")
}

/// JSON in which nothing can end a `<script>` element or begin a comment (HTML, 4.12.1.3), and in which every
/// character can be seen.
fn script_json(data: &Value) -> String {
    let text = data.to_string();
    match text.contains(|c: char| matches!(c, '<' | '>' | '&') || unseen(c)) {
        false => text,
        true => text.chars().fold(String::new(), |mut out, c| {
            match c {
                '<' | '>' | '&' => out += &format!("\\u{:04x}", u32::from(c)),
                c if unseen(c) => {
                    let mut pair = [0; 2];
                    for unit in c.encode_utf16(&mut pair) {
                        out += &format!("\\u{unit:04x}");
                    }
                }
                c => out.push(c),
            }
            out
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_ends_a_script_and_all_of_it_comes_back() {
        let data = json!([
            "</script><!--<script>",
            "&lt;\u{2028}\u{202e}\u{e0041}\u{7f}",
            "é漢"
        ]);
        let text = script_json(&data);
        assert!(
            !text.contains(['<', '>', '&']) && !text.contains(unseen),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), data);
    }
}
