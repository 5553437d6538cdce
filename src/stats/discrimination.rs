//! How well a number tells yes from no: a confidence, a judge's score, a router's feature.

use super::{moments, ranks};

/// The quality of a score in 0..=1 as a prediction of yes or no.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discrimination {
    /// Area under the ROC curve: P(a yes scores above a no), ties half. `None` unless both occur.
    pub auroc: Option<f64>,
    /// Average precision Σ(R_k - R_{k-1})·P_k over falling thresholds. `None` without a yes.
    pub average_precision: Option<f64>,
    /// Mean squared distance from the truth (Brier 1950).
    pub brier: f64,
    /// Mean negative log likelihood, scores kept 2.2e-16 away from 0 and 1.
    pub log_loss: f64,
}

/// Measures `score` against `truth`. `None` for no cases or unequal lengths.
pub fn discrimination(truth: &[bool], score: &[f64]) -> Option<Discrimination> {
    if truth.is_empty() || truth.len() != score.len() {
        return None;
    }
    let pairs = || truth.iter().copied().zip(score.iter().copied());
    let of = |side: bool| -> Vec<f64> { pairs().filter(|p| p.0 == side).map(|p| p.1).collect() };
    let n = truth.len() as f64;
    let off = |(yes, s): (bool, f64)| if yes { 1.0 - s } else { s };
    let keep = |p: f64| p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    Some(Discrimination {
        auroc: ranks::superiority(&of(true), &of(false)),
        average_precision: average_precision(truth, score),
        brier: moments::sum(pairs().map(|p| off(p).powi(2))) / n,
        log_loss: -moments::sum(pairs().map(|p| keep(1.0 - off(p)).ln())) / n,
    })
}

fn average_precision(truth: &[bool], score: &[f64]) -> Option<f64> {
    let all = truth.iter().filter(|t| **t).count() as f64;
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]));
    let (mut taken, mut hits, mut area) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|a, b| score[*a] == score[*b]) {
        let more = tied.iter().filter(|i| truth[**i]).count() as f64;
        taken += tied.len() as f64;
        hits += more;
        area += more * hits / taken;
    }
    (all > 0.0).then(|| area / all)
}
