//! What a number known before (or with) the cheap answer is worth for choosing between two models: APGR and CPT (RouteLLM,
//! Ong et al. 2024).

use super::Matrix;
use crate::stats::gap::recovered;
use serde::Serialize;
use std::collections::BTreeMap;

/// The two models that a router of two chooses between.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// The cheap one.
    pub weak: String,
    /// The best one.
    pub strong: String,
    /// Mean score of the cheap one.
    pub weak_score: f64,
    /// Mean score of the best one.
    pub strong_score: f64,
    /// What each known number recovers.
    pub routers: Vec<Recovery>,
}

/// How much of the gap one number recovers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovery {
    /// `random`, `prompt length`, `oracle`, or the signal's name.
    pub by: String,
    /// Average performance gap recovered; ½ for a number that knows nothing.
    pub apgr: Option<f64>,
    /// The smallest share of calls to the strong model that recovers half the gap.
    pub cpt50: Option<f64>,
    /// The same for eight tenths.
    pub cpt80: Option<f64>,
}

/// Most values of a column that is held for a category.
const MOST: usize = 200;
/// Folds of a table of categories: case i of the sorted ids is in fold i mod 5.
const FOLDS: usize = 5;

/// What the strong model gains in each case's category, by the cases of the other folds; over all of them where the
/// category is new.
fn table(categories: &[&str], gains: &[f64]) -> Vec<f64> {
    let mut scores = vec![0.0; gains.len()];
    for fold in 0..FOLDS {
        let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let mut all = (0.0, 0.0);
        for (case, gain) in gains
            .iter()
            .enumerate()
            .filter(|(case, _)| case % FOLDS != fold)
        {
            for sum in [sums.entry(categories[case]).or_default(), &mut all] {
                *sum = (sum.0 + gain, sum.1 + 1.0);
            }
        }
        for case in (fold..gains.len()).step_by(FOLDS) {
            let (sum, n) = sums.get(categories[case]).copied().unwrap_or(all);
            scores[case] = if n > 0.0 { sum / n } else { 0.0 };
        }
    }
    scores
}

/// The gap between two candidates, and who recovers how much of it; `None` where they are the same or none is better.
pub fn gap(matrix: &Matrix, weak: usize, strong: usize) -> Option<Gap> {
    let means = matrix.means();
    if weak == strong || means[strong] <= means[weak] {
        return None;
    }
    // of equal numbers the lower case id goes first, whatever the order of the table
    let mut order: Vec<usize> = (0..matrix.len()).collect();
    order.sort_by(|a, b| matrix.requests[*a].id.cmp(&matrix.requests[*b].id));
    let sorted = |values: &[f64]| -> Vec<f64> { order.iter().map(|case| values[*case]).collect() };
    let (low, high) = (
        sorted(&matrix.quality[weak]),
        sorted(&matrix.quality[strong]),
    );
    let recovery = |by: &str, number: &[f64], rising: bool| {
        let found = recovered(&low, &high, &sorted(number))?;
        Some(Recovery {
            by: by.to_owned(),
            apgr: if rising {
                found.rising()
            } else {
                found.average
            },
            cpt50: found.calls_for(0.5),
            cpt80: found.calls_for(0.8),
        })
    };
    let mut routers = vec![Recovery {
        by: "random".to_owned(),
        apgr: Some(0.5),
        cpt50: Some(0.5),
        cpt80: Some(0.8),
    }];
    if let Some(lengths) = matrix.lengths() {
        routers.extend(recovery("prompt length", &lengths, false));
    }
    for (name, signal) in &matrix.signals {
        let known: Option<Vec<f64>> = signal[weak].iter().copied().collect();
        // a low value of the cheap model's signal is what sends a case on
        let doubt = known.map(|known| known.iter().map(|v| -v).collect::<Vec<f64>>());
        routers.extend(doubt.and_then(|doubt| recovery(name, &doubt, false)));
    }
    let pairs = matrix.quality[weak].iter().zip(&matrix.quality[strong]);
    let gains: Vec<f64> = pairs.map(|(weak, strong)| strong - weak).collect();
    for (column, values) in matrix.declared(MOST) {
        let values: Vec<&str> = order.iter().map(|case| values[*case].as_str()).collect();
        let found = recovered(&low, &high, &table(&values, &sorted(&gains)));
        routers.extend(found.map(|found| Recovery {
            by: format!("{column}, cross-fitted"),
            apgr: found.average,
            cpt50: found.calls_for(0.5),
            cpt80: found.calls_for(0.8),
        }));
    }
    routers.extend(recovery("oracle", &gains, true));
    Some(Gap {
        weak: matrix.candidates[weak].clone(),
        strong: matrix.candidates[strong].clone(),
        weak_score: means[weak],
        strong_score: means[strong],
        routers,
    })
}
