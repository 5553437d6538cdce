//! Figures over all cases that are not the mean of the scores: corpus BLEU, rates, classification
//! reports.

use super::LabelReport;
use super::matrix::Matrix;
use crate::stats::confusion::Confusion;
use crate::stats::paired::Paired;
use crate::stats::sums::{self, Figure, Row};
use crate::store::{LabelFigure, Parts};
use crate::text::bleu::Bleu;
use crate::text::chrf::Chrf;
use std::collections::{BTreeMap, BTreeSet};

/// How sums become a figure on 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Bleu(Bleu),
    Chrf(Chrf),
    Rate,
    Labels(usize, LabelFigure),
}

impl How {
    fn figure(&self, sums: &[f64]) -> Option<f64> {
        match self {
            How::Bleu(bleu) => bleu.score(sums).map(|found| found.score / 100.0),
            How::Chrf(chrf) => Some(chrf.score(sums) / 100.0),
            How::Rate => match sums {
                [edits, length] if *length > 0.0 => Some((1.0 - edits / length).max(0.0)),
                _ => None,
            },
            How::Labels(classes, figure) => {
                let mut cells = sums.to_vec();
                cells.resize(Confusion::cells(*classes), 0.0);
                let confusion = Confusion::new(*classes, &cells)?;
                match figure {
                    LabelFigure::MacroF1 => confusion.macro_f1(),
                    LabelFigure::MicroF1 => confusion.micro_f1(),
                    LabelFigure::WeightedF1 => confusion.weighted_f1(),
                }
            }
        }
    }
}

/// What a candidate's scores by one scorer add up to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Whole {
    how: Option<How>,
    labels: Vec<String>,
    /// By case; `None` where there is no score.
    rows: Vec<Option<Row>>,
}

impl Whole {
    /// `None` where the figure is the mean of the scores and there is nothing more to report.
    pub fn of(matrix: &Matrix<'_>, candidate: usize, scorer: &str) -> Option<Self> {
        let mut found: Vec<Vec<&Parts>> = vec![Vec::new(); matrix.stored.cases.len()];
        for cell in &matrix.cells[candidate] {
            let scores = matrix.stored.scores.get(&cell.trial);
            let scored = scores.and_then(|scores| scores.get(scorer)?.result.as_ref().ok());
            found[cell.case].extend(scored.and_then(|score| score.parts.as_ref()));
        }
        let first = *found.iter().flatten().next()?;
        let all = || found.iter().flatten().copied();
        let labels: BTreeSet<&str> = all().flat_map(labels_of).collect();
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        let rows = found.iter().map(|parts| {
            let rows = parts.iter().flat_map(|parts| row(parts, &labels));
            (!parts.is_empty()).then(|| rows.collect())
        });
        Some(Whole {
            how: how(first, labels.len()),
            rows: rows.collect(),
            labels,
        })
    }

    /// The figure with its interval; `None` where it is the mean of the scores.
    pub fn figure(&self, matrix: &Matrix<'_>, confidence: f64, seed: u64) -> Option<Figure> {
        let cases = self.cases();
        let groups = matrix.groups_of(&cases);
        self.over(&cases, groups.as_deref(), confidence, seed)
    }

    /// The same over some cases.
    pub fn over(
        &self,
        cases: &[usize],
        groups: Option<&[usize]>,
        confidence: f64,
        seed: u64,
    ) -> Option<Figure> {
        let how = self.how?;
        let of = |sums: &[f64]| how.figure(sums);
        sums::figure(&self.pick(cases), groups, confidence, seed, of)
    }

    /// The figure over some cases, without an interval.
    pub fn plain(&self, cases: &[usize]) -> Option<f64> {
        let how = self.how?;
        how.figure(&sums::total(&self.pick(cases)))
    }

    /// Whether the figure is something else than the mean of the scores.
    pub fn is_figure(&self) -> bool {
        self.how.is_some()
    }

    /// A number for each of these cases: together they stand for the figure.
    pub fn standing(&self, cases: &[usize]) -> Option<Vec<f64>> {
        let how = self.how?;
        sums::pseudo_values(&self.pick(cases), |sums| how.figure(sums))
    }

    /// The classification report, if labels were scored.
    pub fn report(&self) -> Option<LabelReport> {
        if self.labels.is_empty() {
            return None;
        }
        let classes = self.labels.len();
        let mut cells = sums::total(&self.pick(&self.cases()));
        cells.resize(Confusion::cells(classes), 0.0);
        let confusion = Confusion::new(classes, &cells)?;
        let by_label = self.labels.iter().enumerate().map(|(at, label)| {
            let class = confusion.class(at);
            (
                label.clone(),
                super::LabelCell {
                    precision: class.precision,
                    recall: class.recall,
                    f1: class.f1,
                    support: class.support as usize,
                },
            )
        });
        Some(LabelReport {
            matrix: confusion
                .rows()
                .map(|row| row.iter().map(|count| *count as usize).collect())
                .collect(),
            accuracy: confusion.accuracy()?,
            macro_f1: confusion.macro_f1()?,
            micro_f1: confusion.micro_f1()?,
            weighted_f1: confusion.weighted_f1()?,
            by_label: by_label.collect::<BTreeMap<_, _>>(),
            labels: self.labels.clone(),
        })
    }

    fn cases(&self) -> Vec<usize> {
        let cases = 0..self.rows.len();
        cases.filter(|case| self.rows[*case].is_some()).collect()
    }

    fn pick(&self, cases: &[usize]) -> Vec<Row> {
        let rows = cases.iter().filter_map(|case| self.rows[*case].clone());
        rows.collect()
    }
}

/// The paired difference of two figures over matched cases, without gains and losses. `None` where
/// one of them is the mean of the scores, or not defined.
pub(super) fn paired(
    (a, in_a): (&Whole, &[usize]),
    (b, in_b): (&Whole, &[usize]),
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Option<Paired> {
    let (of_a, of_b) = (a.how?, b.how?);
    let of_a = |sums: &[f64]| of_a.figure(sums);
    let of_b = |sums: &[f64]| of_b.figure(sums);
    let rows = (a.pick(in_a), b.pick(in_b));
    sums::paired((&rows.0, &rows.1), groups, confidence, seed, (of_a, of_b))
}

fn how(parts: &Parts, classes: usize) -> Option<How> {
    match parts {
        Parts::Bleu { smoothing, counts } => Some(How::Bleu(Bleu {
            smoothing: *smoothing,
            orders: counts.len().saturating_sub(2) / 2,
            ..Bleu::default()
        })),
        Parts::Chrf {
            beta,
            epsilon,
            counts,
        } => Some(How::Chrf(Chrf {
            characters: counts.len() / 3,
            words: 0,
            beta: *beta,
            epsilon: *epsilon,
            ..Chrf::default()
        })),
        Parts::Rate { .. } => Some(How::Rate),
        Parts::Label { figure, .. } => figure.map(|figure| How::Labels(classes, figure)),
    }
}

fn labels_of(parts: &Parts) -> impl Iterator<Item = &str> {
    let pair = match parts {
        Parts::Label {
            expected, found, ..
        } => [Some(expected.as_str()), found.as_deref()],
        _ => [None, None],
    };
    pair.into_iter().flatten()
}

fn row(parts: &Parts, labels: &[String]) -> Row {
    match parts {
        Parts::Bleu { counts, .. } | Parts::Chrf { counts, .. } => {
            counts.iter().copied().enumerate().collect()
        }
        Parts::Rate { edits, length } => vec![(0, *edits), (1, *length)],
        Parts::Label {
            expected, found, ..
        } => {
            let place = |label: &String| labels.binary_search(label).ok();
            let found = found.as_ref().and_then(place);
            let cell = place(expected).map(|at| Confusion::cell(labels.len(), at, found));
            cell.into_iter().map(|cell| (cell, 1.0)).collect()
        }
    }
}
