//! Classification reports as texts: a sentence for the terminal, a table for the pages.

use super::number::{Scale, count};
use crate::summary::{LabelReport, Summary};
use serde::Serialize;

/// Labels beyond which the table of confusions is left out.
const WIDEST: usize = 25;
/// Mistakes that a sentence names.
const NAMED: usize = 3;

/// What one candidate made of the labels of one scorer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Labels {
    /// The scorer.
    pub scorer: String,
    /// The candidate.
    pub candidate: String,
    /// Accuracy, macro F1 and the most frequent mistakes.
    pub sentence: String,
    /// The labels given, as heads of columns; empty where there are too many to show.
    pub heads: Vec<String>,
    /// A row for each label expected.
    pub rows: Vec<LabelRow>,
}

/// One label expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelRow {
    /// The label.
    pub label: String,
    /// How often each label was given instead, itself included.
    pub cells: Vec<LabelCount>,
    /// Of the answers that gave it, the share where it was expected.
    pub precision: String,
    /// Of the answers where it was expected, the share that gave it.
    pub recall: String,
    /// The harmonic mean of both.
    pub f1: String,
    /// Answers where it was expected.
    pub support: String,
}

/// A count in the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCount {
    /// The count; empty for none.
    pub n: String,
    /// It counts right answers.
    pub right: bool,
}

/// Every classification report of a summary.
pub fn labels(summary: &Summary) -> Vec<Labels> {
    let scorers = summary.scorers.iter();
    let all = scorers.flat_map(|scorer| {
        let rows = summary.candidates.iter();
        rows.filter_map(move |row| {
            let report = row.scores.get(scorer)?.report.as_ref()?;
            Some(shown(scorer, &row.name, report))
        })
    });
    all.collect()
}

fn shown(scorer: &str, candidate: &str, report: &LabelReport) -> Labels {
    let narrow = report.labels.len() <= WIDEST;
    let row = |(at, label): (usize, &String)| {
        let class = report.by_label.get(label).copied();
        let share = |of: fn(&crate::summary::LabelCell) -> f64| {
            class
                .as_ref()
                .map_or_else(String::new, |class| percent(of(class)))
        };
        let counts = report.matrix.get(at).into_iter().flatten().enumerate();
        let cells = counts.map(|(to, n)| LabelCount {
            n: if *n == 0 { String::new() } else { count(*n) },
            right: to == at,
        });
        LabelRow {
            label: label.clone(),
            cells: if narrow { cells.collect() } else { Vec::new() },
            precision: share(|class| class.precision),
            recall: share(|class| class.recall),
            f1: share(|class| class.f1),
            support: class.map_or_else(String::new, |class| count(class.support)),
        }
    };
    let none = std::iter::once("no label".to_owned());
    Labels {
        scorer: scorer.to_owned(),
        candidate: candidate.to_owned(),
        sentence: sentence(scorer, candidate, report),
        heads: if narrow {
            report.labels.iter().cloned().chain(none).collect()
        } else {
            Vec::new()
        },
        rows: report.labels.iter().enumerate().map(row).collect(),
    }
}

fn sentence(scorer: &str, candidate: &str, report: &LabelReport) -> String {
    let accuracy = percent(report.accuracy);
    let macro_f1 = percent(report.macro_f1);
    let mistakes = report.mistakes();
    let named = mistakes.iter().take(NAMED).map(|(expected, given, n)| {
        let given = given.unwrap_or("no label");
        format!("{expected} → {given} ({})", count(*n))
    });
    let named: Vec<String> = named.collect();
    let most = match named.is_empty() {
        true => "no mistakes".to_owned(),
        false => format!("mistakes: {}{}", named.join(", "), more(mistakes.len())),
    };
    format!("{candidate}, {scorer}: {accuracy} right, macro F1 {macro_f1}; {most}")
}

fn more(mistakes: usize) -> String {
    match mistakes.saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(", {n} more"),
    }
}

fn percent(share: f64) -> String {
    Scale::Percent.value(share, None, None)
}
