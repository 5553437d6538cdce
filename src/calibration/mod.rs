//! A judge held against people: how far they agree, what the judge leans to, and what its scores are
//! worth once that is known. Numbers and labels in, numbers out; who asked whom is told from outside.

mod agreement;
mod correct;
mod labels;
mod probe;

pub use correct::Corrected;
pub use labels::{Label, read, worth};
pub use probe::{Position, Probes};

use crate::stats::Estimate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Below this many labels a judge counts as not calibrated.
pub const FEWEST: usize = 20;

/// A judge's calibration, as `scorers/<name>.calibration.json` keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Calibration {
    /// Always `bakeoff.calibration/1`.
    pub schema: String,
    /// The scorer.
    pub scorer: String,
    /// Who judges.
    pub models: Vec<String>,
    /// Hash of models, rubric and parameters: what all this holds for.
    pub judge: String,
    /// Answers that were labelled and judged.
    pub labels: usize,
    /// Cases that they belong to; intervals take a case's answers for one cluster.
    pub cases: usize,
    /// People who labelled.
    pub raters: usize,
    /// The grades by their worth, the lowest first; grades of the same worth count as one.
    pub levels: Vec<Level>,
    /// How far judge and people agree.
    pub agreement: Agreement,
    /// Answers by the people's level (row) and the judge's (column).
    pub confusion: Vec<Vec<usize>>,
    /// Of a judge that says yes or no: how often it is right on each side.
    pub skill: Option<Skill>,
    /// The judge's mean minus the people's.
    pub bias: Estimate,
    /// What the judge leans to besides quality.
    pub probes: Probes,
    /// Every labelled answer.
    pub rated: Vec<Rated>,
}

/// Grades of one worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Level {
    /// `true`, `3`, `same or superset`.
    pub grade: String,
    /// 0 to 1.
    pub worth: f64,
}

/// How far judge and people agree; null where it is not defined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Agreement {
    /// Share of answers on which both say the same.
    pub percent: Estimate,
    /// Cohen's κ.
    pub kappa: Option<Estimate>,
    /// κ weighted by the square of the distance, where there are more than two levels.
    pub quadratic_kappa: Option<f64>,
    /// Gwet's AC1, which prevalence misleads less.
    pub ac1: Option<Estimate>,
    /// Krippendorff's α over the people's mean and the judge.
    pub alpha: Option<Estimate>,
    /// Krippendorff's α among the people, where more than one labelled.
    pub between_people: Option<Estimate>,
}

/// How often a judge that says yes or no is right on each side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Skill {
    /// Share of the people's yes that the judge says yes to.
    pub sensitivity: f64,
    /// How many yes that rests on.
    pub positives: usize,
    /// Share of the people's no that the judge says no to.
    pub specificity: f64,
    /// How many no that rests on.
    pub negatives: usize,
}

/// A labelled answer beside what the judge made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rated {
    /// The case.
    pub case: String,
    /// The candidate.
    pub candidate: String,
    /// From 0.
    pub repeat: u32,
    /// Hash of the answer, so that a label is never taken for that of another answer.
    pub answer: String,
    /// The answer's length in characters.
    pub chars: usize,
    /// Whether the judge's family wrote it; null if nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_family: Option<bool>,
    /// The judge's score.
    pub judge: f64,
    /// The people's labels as worths, by rater.
    pub people: BTreeMap<String, f64>,
}

impl Rated {
    /// The people's mean.
    pub fn label(&self) -> f64 {
        self.people.values().sum::<f64>() / self.people.len().max(1) as f64
    }
}

/// What a calibration is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The scorer's name.
    pub scorer: &'a str,
    /// Who judges.
    pub models: &'a [String],
    /// Hash of models, rubric and parameters.
    pub judge: &'a str,
    /// The judge's grades with their worth.
    pub grades: &'a [(String, f64)],
    /// How a pairwise judge of the same models took to places, where one was seen.
    pub position: Option<Position>,
    /// The seed of the resampling.
    pub seed: u64,
}

/// Everything that labels tell of a judge. `None` below two answers or where a number is not finite.
pub fn calibrate(about: &About<'_>, mut rated: Vec<Rated>) -> Option<Calibration> {
    let finite =
        |it: &Rated| it.judge.is_finite() && it.label().is_finite() && !it.people.is_empty();
    if rated.len() < 2 || !rated.iter().all(finite) {
        return None;
    }
    rated.sort_by(|a, b| (&a.case, &a.candidate, a.repeat).cmp(&(&b.case, &b.candidate, b.repeat)));
    let levels = levels(about.grades, &rated);
    let mut people: Vec<&String> = rated.iter().flat_map(|it| it.people.keys()).collect();
    people.sort_unstable();
    people.dedup();
    let cases = agreement::clusters(&rated);
    let confusion = agreement::confusion(&rated, &levels);
    Some(Calibration {
        schema: "bakeoff.calibration/1".into(),
        scorer: about.scorer.to_owned(),
        models: about.models.to_vec(),
        judge: about.judge.to_owned(),
        labels: rated.len(),
        cases: cases.last().map_or(0, |last| last + 1),
        raters: people.len(),
        agreement: agreement::measure(&rated, &levels, &cases, about.seed)?,
        skill: skill(&levels, &confusion),
        confusion,
        bias: agreement::difference(&rated, &cases)?,
        probes: probe::probe(&rated, about.position),
        levels,
        rated,
    })
}

impl Calibration {
    /// Whether the judge may decide: enough labels, and better than a coin.
    pub fn usable(&self) -> bool {
        let skilled = match (&self.skill, self.levels.len()) {
            (Some(skill), _) => skill.informed() > crate::stats::rogan_gladen::LEAST_SKILL,
            (None, 0..=2) => false,
            (None, _) => self
                .agreement
                .quadratic_kappa
                .is_some_and(|kappa| kappa > 0.1),
        };
        self.labels >= FEWEST && skilled
    }
}

impl Skill {
    /// Youden's index, sensitivity + specificity - 1: 0 is a coin, 1 never errs.
    pub fn informed(&self) -> f64 {
        self.sensitivity + self.specificity - 1.0
    }
}

/// The levels of a scale; of a judge without one, the worths that occur.
fn levels(grades: &[(String, f64)], rated: &[Rated]) -> Vec<Level> {
    let mut named: Vec<Level> = grades
        .iter()
        .map(|(grade, worth)| Level {
            grade: grade.clone(),
            worth: *worth,
        })
        .collect();
    if named.is_empty() {
        let worths = rated.iter().flat_map(|it| [it.judge, it.label()]);
        named = worths
            .map(|worth| Level {
                grade: format!("{worth}"),
                worth,
            })
            .collect();
        named.sort_by(|a, b| a.worth.total_cmp(&b.worth));
        named.dedup();
        return named;
    }
    named.sort_by(|a, b| a.worth.total_cmp(&b.worth));
    let groups = named.chunk_by(|a, b| a.worth == b.worth);
    let level = |group: &[Level]| {
        let names: Vec<&str> = group.iter().map(|it| it.grade.as_str()).collect();
        Level {
            grade: names.join(" or "),
            worth: group[0].worth,
        }
    };
    groups.map(level).collect()
}

fn skill(levels: &[Level], confusion: &[Vec<usize>]) -> Option<Skill> {
    let [no, yes] = levels else { return None };
    if (no.worth, yes.worth) != (0.0, 1.0) {
        return None;
    }
    let (negatives, positives) = (
        confusion[0][0] + confusion[0][1],
        confusion[1][0] + confusion[1][1],
    );
    (negatives > 0 && positives > 0).then(|| Skill {
        sensitivity: confusion[1][1] as f64 / positives as f64,
        positives,
        specificity: confusion[0][0] as f64 / negatives as f64,
        negatives,
    })
}

#[cfg(test)]
mod tests;
