//! Which cases each candidate gained and lost against the one it is held against, case by case.

use super::svg::{Bar, bars};
use super::{CaseView, Report, TrialView, counted, link, words};
use crate::summary::Contrast;
use serde::Serialize;

/// Gains and losses of several candidates, the cases in the same order in each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strips {
    /// What all are held against.
    pub against: String,
    /// A strip a candidate.
    pub rows: Vec<Strip>,
    /// Bars are cases that can be followed; otherwise several share one.
    pub single: bool,
}

/// One candidate's gains and losses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strip {
    /// The candidate.
    pub name: String,
    /// `9 cases gained, 56 lost, 35 unchanged`.
    pub said: String,
    /// The cases that moved, in the page.
    pub link: String,
    /// An `<svg>` element.
    pub svg: String,
}

/// The strips of a run, against the best; none with a single candidate.
pub fn strips(report: &Report) -> Option<Strips> {
    let summary = &report.summary;
    let scorer = &summary.best.scorer;
    let mine = summary.contrasts.iter().filter(|c| c.scorer == *scorer);
    let against = mine.clone().next()?.b.clone();
    let mine: Vec<&Contrast> = mine.filter(|c| c.b == against).collect();
    let base = scores(report, &against, scorer);
    let changes: Vec<Vec<Option<f64>>> = mine
        .iter()
        .map(|c| {
            let own = scores(report, &c.a, scorer);
            let pairs = own.into_iter().zip(&base);
            pairs.map(|(a, b)| Some(a? - (*b)?)).collect()
        })
        .collect();
    let most = changes.iter().flatten().flatten();
    let most = most.fold(1.0, |most: f64, change| most.max(change.abs()));
    // What all gained to the left, what all lost to the right.
    let mut order: Vec<usize> = (0..report.cases.len()).collect();
    let sum = |at: usize| changes.iter().filter_map(|row| row[at]).sum::<f64>();
    order.sort_by(|a, b| sum(*b).total_cmp(&sum(*a)).then(a.cmp(b)));
    let strip = |(c, changes): (&&Contrast, &Vec<Option<f64>>)| {
        let all: Vec<Bar> = order
            .iter()
            .map(|at| Bar {
                change: changes[*at].map(|change| change / most),
                case: at + 1,
                title: title(&report.cases[*at], changes[*at]),
            })
            .collect();
        let said = words::flips(c);
        let missing = changes.iter().filter(|change| change.is_none()).count();
        let said = match missing {
            0 => said,
            n => format!("{said}, {} without a score", counted(n, "case")),
        };
        Strip {
            name: c.a.clone(),
            svg: bars(&format!("{} against {against}: {said}", c.a), &all),
            link: link::cases_if(c.gains + c.losses, "flips", &c.a),
            said,
        }
    };
    let rows: Vec<Strip> = mine.iter().zip(&changes).map(strip).collect();
    Some(Strips {
        single: rows.iter().any(|row| row.svg.contains("<a ")),
        against,
        rows,
    })
}

fn title(case: &CaseView, change: Option<f64>) -> String {
    match change {
        None => format!("{}: no score on one side", case.id),
        Some(change) if change > 0.0 => format!("{}: gained", case.id),
        Some(_) => format!("{}: lost", case.id),
    }
}

/// The mean score of each case.
fn scores(report: &Report, name: &str, scorer: &str) -> Vec<Option<f64>> {
    let one = |case: &CaseView| mean(case.trials.iter().filter(|t| t.candidate == name), scorer);
    report.cases.iter().map(one).collect()
}

/// The mean score of some trials; `None` without any.
pub fn mean<'a>(trials: impl Iterator<Item = &'a TrialView>, scorer: &str) -> Option<f64> {
    let values = trials.filter_map(|trial| trial.scores.get(scorer)?.value);
    let (sum, n) = values.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}
