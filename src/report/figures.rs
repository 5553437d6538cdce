//! Every figure of a run's page.

use super::charts::charts;
use super::latencies::latencies;
use super::slices::slices;
use super::strips::{Strips, strips};
use super::view::Drawing;
use super::{Report, differences};
use serde::Serialize;

/// The figures, for a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Quality against cost and latency, the latencies, the differences: those that there is something to show in.
    pub charts: Vec<Drawing>,
    /// Gains and losses case by case; null with a single candidate.
    pub strips: Option<Strips>,
    /// Scores by tag; null without tags.
    pub slices: Option<Drawing>,
}

/// The figures of a report.
pub fn figures(report: &Report) -> Figures {
    let mut all = charts(&report.summary);
    all.extend(latencies(report));
    all.extend(differences::of_summary(&report.summary));
    Figures {
        charts: all,
        strips: strips(report),
        slices: slices(report),
    }
}
