//! A judge's mean, corrected by people's labels.

use super::{Calibration, Skill};
use crate::stats::{Estimate, ppi, rogan_gladen};

/// Labels of one candidate from which on PPI++ is used: below, its interval is too short.
pub const PPI_FROM: usize = 40;

/// A judge's mean score, corrected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// The corrected mean; its interval holds the labels' uncertainty too.
    pub estimate: Estimate,
    /// `ppi++`, `rogan_gladen`, or `labels` where every answer has one.
    pub method: &'static str,
}

impl Calibration {
    /// The mean of a candidate's scores: `labelled` are its answers of this run that have labels (label,
    /// judge), `rest` the judge's scores of the others. Or why it cannot be corrected.
    ///
    /// With forty labels of these very answers PPI++; else, for a judge that says yes or no, Rogan and
    /// Gladen's rate from all labels, if the judge is better than a coin.
    pub fn correct(
        &self,
        labelled: &[(f64, f64)],
        rest: &[f64],
        confidence: f64,
    ) -> Result<Corrected, String> {
        let n = labelled.len() + rest.len();
        let (y, f): (Vec<f64>, Vec<f64>) = labelled.iter().copied().unzip();
        let corrected = |method, value: f64, (low, high): (f64, f64)| Corrected {
            estimate: Estimate::new(
                value.clamp(0.0, 1.0),
                Some((low.max(0.0), high.min(1.0))),
                n,
            ),
            method,
        };
        if y.len() >= PPI_FROM {
            let found = match rest.len() {
                0..=1 => ppi::labels_only(&y).map(|it| ("labels", it)),
                _ => ppi::ppi_plus(&y, &f, rest).map(|it| ("ppi++", it)),
            };
            if let Some((method, found)) = found {
                return Ok(corrected(method, found.value, found.interval(confidence)));
            }
        }
        let scores = || f.iter().chain(rest);
        let Some(skill) = self
            .skill
            .filter(|_| scores().all(|it| *it == 0.0 || *it == 1.0))
        else {
            return Err(format!(
                "{} of its answers have labels, and PPI++ takes {PPI_FROM}",
                y.len()
            ));
        };
        let passes = scores().filter(|it| **it == 1.0).count();
        let rate = passes as f64 / n.max(1) as f64;
        match skill.judge().correct(rate, n, confidence) {
            Some(found) => Ok(Corrected {
                estimate: found.estimate,
                method: "rogan_gladen",
            }),
            None => Err(format!(
                "sensitivity {:.2} and specificity {:.2} are hardly better than a coin",
                skill.sensitivity, skill.specificity
            )),
        }
    }
}

impl Skill {
    fn judge(&self) -> rogan_gladen::Judge {
        rogan_gladen::Judge {
            specificity: self.specificity,
            negatives: self.negatives,
            sensitivity: self.sensitivity,
            positives: self.positives,
        }
    }
}
