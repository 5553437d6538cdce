//! Scores by tag and candidate: where to look, not what to claim.

use super::number::Scale;
use super::strips::mean;
use super::svg::{Cell, Column, Heat};
use super::view::Drawing;
use super::{CaseView, Report, counted, words};
use std::collections::BTreeMap;

/// Tags that are shown.
const MOST: usize = 14;
/// Fewest cases that a tag is shown with.
const FEWEST: usize = 3;
/// With fewer cases than this a number says little.
const FEW: usize = 10;

/// The heat map of a run; none where no tag parts the cases.
pub fn slices(report: &Report) -> Option<Drawing> {
    let mut tags: BTreeMap<&str, Vec<&CaseView>> = BTreeMap::new();
    for case in &report.cases {
        for tag in &case.tags {
            tags.entry(tag).or_default().push(case);
        }
    }
    // A tag of every case says nothing new.
    tags.retain(|_, cases| cases.len() >= FEWEST && cases.len() < report.cases.len());
    let mut shown: Vec<(&str, Vec<&CaseView>)> = tags.into_iter().collect();
    let left = shown.len().saturating_sub(MOST);
    shown.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    shown.truncate(MOST);
    shown.sort_by_key(|(tag, _)| *tag);
    if shown.is_empty() || report.summary.candidates.is_empty() {
        return None;
    }
    let summary = &report.summary;
    let scorer = &summary.best.scorer;
    let scale = words::scale(summary, scorer);
    let value = |cases: &[&CaseView], name: &str| {
        let one =
            |case: &&CaseView| mean(case.trials.iter().filter(|t| t.candidate == name), scorer);
        let values: Vec<f64> = cases.iter().filter_map(one).collect();
        (!values.is_empty()).then(|| {
            (
                values.iter().sum::<f64>() / values.len() as f64,
                values.len(),
            )
        })
    };
    let all: Vec<&CaseView> = report.cases.iter().collect();
    let columns: Vec<(&str, &Vec<&CaseView>)> = std::iter::once(("all", &all))
        .chain(shown.iter().map(|(tag, cases)| (*tag, cases)))
        .collect();
    let names: Vec<&str> = summary
        .candidates
        .iter()
        .map(|row| row.name.as_str())
        .collect();
    let found: Vec<Vec<Option<(f64, usize)>>> = names
        .iter()
        .map(|name| {
            columns
                .iter()
                .map(|(_, cases)| value(cases, name))
                .collect()
        })
        .collect();
    let numbers = || found.iter().flatten().flatten().map(|(value, _)| *value);
    let (low, high) = match scale {
        Scale::Percent => (0.0, 1.0),
        Scale::Raw => (
            numbers().fold(f64::MAX, f64::min),
            numbers().fold(f64::MIN, f64::max),
        ),
    };
    let cell = |name: &str, tag: &str, found: &Option<(f64, usize)>| {
        let (value, n) = (*found)?;
        let text = scale.value(value, None, None);
        Some(Cell {
            shade: (value - low) / (high - low).max(1e-9),
            few: n < FEW,
            title: format!("{name}, {tag}: {text} of {}", counted(n, "case")),
            text,
        })
    };
    let rows = names.iter().zip(&found).map(|(name, row)| {
        let cells = columns.iter().zip(row);
        let cells = cells.map(|((tag, _), found)| cell(name, tag, found));
        ((*name).to_owned(), cells.collect())
    });
    let heads = columns.iter().map(|(tag, cases)| {
        let (group, head) = tag.split_once('=').unwrap_or(("", tag));
        Column {
            group: group.to_owned(),
            head: head.to_owned(),
            small: super::number::count(cases.len()),
        }
    });
    let said = said(&names, &columns, &found, scale);
    let heat = Heat {
        id: "slices",
        title: "Scores by tag",
        said: &said,
        columns: heads.collect(),
        rows: rows.collect(),
    };
    let mut note = format!(
        "{scorer}, the mean of the cases that have a tag; below each tag how many they are, pale where they are fewer than {FEW}. Exploratory: with this many numbers some differ by luck."
    );
    if left > 0 {
        note += &format!(" {} with fewer cases not shown.", counted(left, "tag"));
    }
    Some(Drawing {
        title: heat.title.to_owned(),
        svg: heat.draw(),
        note,
    })
}

fn said(
    names: &[&str],
    columns: &[(&str, &Vec<&CaseView>)],
    found: &[Vec<Option<(f64, usize)>>],
    scale: Scale,
) -> String {
    let rows = names.iter().zip(found).map(|(name, row)| {
        let cells = columns.iter().zip(row);
        let cells = cells.filter_map(|((tag, _), found)| {
            let (value, _) = (*found)?;
            Some(format!("{tag} {}", scale.value(value, None, None)))
        });
        format!("{name}: {}", cells.collect::<Vec<_>>().join(", "))
    });
    rows.collect::<Vec<_>>().join("; ")
}
