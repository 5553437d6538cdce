//! Which candidate to take: under constraints that are judged with their intervals, the cheapest that could be the best,
//! and how firmly the data say so.
//!
//! These types are the `bakeoff.select/1` JSON, field by field.

mod choice;
mod constraint;
mod sweep;
#[cfg(test)]
mod tests;
mod tier;

pub use constraint::{Check, Limits, Met};
pub use sweep::Switch;
pub use tier::Tier;

use super::contrast::complete;
use super::field::Field;
use super::judge::CONFIDENCE;
use super::matrix::seed;
use super::side::Side;
use crate::stats::{Estimate, frontier, many, mean};
use serde::Serialize;

/// What is asked of a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// The scorer that is quality.
    pub scorer: String,
    /// What every candidate must hold to.
    pub limits: Limits,
    /// What quality, cost and latency are worth; `None` takes the cheapest that could be the best.
    pub weights: Option<Weights>,
    /// Instead of "could be the best": not worse than the best by more than this.
    pub margin: Option<f64>,
    /// With more than this share of failed trials nobody is recommended.
    pub max_failed: f64,
    /// The run's seed.
    pub seed: u64,
    /// Hash of the cases.
    pub cases: String,
}

/// What is to be weighed: utility = quality·score − cost·(cost/dearest) − latency·(P95/slowest).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Weights {
    /// Of the score.
    pub quality: f64,
    /// Of the cost, relative to the dearest candidate.
    pub cost: f64,
    /// Of the P95 latency, relative to the slowest candidate.
    pub latency: f64,
}

/// The recommendation with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Selection {
    /// Always `bakeoff.select/1`.
    pub schema: &'static str,
    /// The run, or the table.
    pub sources: Vec<String>,
    /// The scorer that is quality.
    pub scorer: String,
    /// Cases that every candidate taking part has a score for.
    pub cases: usize,
    /// The constraints.
    pub limits: Limits,
    /// The weights, if any.
    pub weights: Option<Weights>,
    /// The margin, if any.
    pub margin: Option<f64>,
    /// Every candidate.
    pub candidates: Vec<Offer>,
    /// Whom to take; null if nobody holds to the constraints.
    pub recommended: Option<Recommended>,
    /// The highest mean, and what is left of it once the luck of being picked is taken off.
    pub winner: Option<Winner>,
    /// From which price of quality on another candidate is the right one.
    pub switching: Vec<Switch>,
    /// What a reader must know first, a sentence each.
    pub notes: Vec<String>,
}

/// One candidate with what it offers.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Mean score with its interval.
    pub quality: Option<Estimate>,
    /// Mean cost of a case, USD, with its interval.
    pub cost: Option<Estimate>,
    /// P95 latency, ms; no upper limit where the cases are too few for one.
    pub p95: Option<Estimate>,
    /// How it does on each constraint.
    pub constraints: Vec<Check>,
    /// It may be chosen: it may be compared, and no constraint is shown to be broken.
    pub eligible: bool,
    /// Why it may not be compared with the others; null if it may, or has no score.
    pub left_out: Option<String>,
    /// The data cannot tell it from the best of the eligible (or, with a margin, it is shown not to be worse by more).
    pub tied: bool,
    /// Nothing eligible is better in one of quality, cost and latency and no worse in the others.
    pub front: bool,
    /// In what share of resamples it would be the one chosen.
    pub chosen: f64,
    /// Frontier, mid, fast or beaten.
    pub tier: Option<Tier>,
}

/// The choice.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Recommended {
    /// Its name.
    pub name: String,
    /// In what share of resamples the same one is chosen.
    pub stability: f64,
    /// That share is at least 80 %; otherwise the data do not separate the first two, and the cheaper of them is named.
    pub separated: bool,
    /// Who is chosen most often otherwise.
    pub runner_up: Option<String>,
    /// Every constraint is shown to hold for it.
    pub sure: bool,
}

/// The candidate with the highest mean.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Winner {
    /// Its name.
    pub name: String,
    /// Its mean score.
    pub score: f64,
    /// The mean less its expected overstatement, by the bootstrap.
    pub corrected: f64,
}

/// A choice is firm if this share of resamples makes it too.
pub const FIRM: f64 = 0.8;

/// Selects among `sides`, which share their cases; `p95` holds each side's latency quantile over all its calls.
pub fn select(sides: &[Side], p95: &[Option<Estimate>], wishes: &Wishes) -> Selection {
    let mut options: Vec<Offer> = sides
        .iter()
        .zip(p95)
        .map(|(side, p95)| option(side, *p95, wishes))
        .collect();
    for (index, left) in Field::of(sides, wishes.max_failed).left_out {
        options[index].eligible = false;
        options[index].left_out = Some(left.why);
    }
    let eligible: Vec<usize> = (0..sides.len())
        .filter(|index| options[*index].eligible)
        .collect();
    let cases = complete(sides, &eligible);
    let matrix = choice::Matrix::of(sides, &eligible, &cases, p95);
    let mut found = Selection {
        schema: "bakeoff.select/1",
        sources: Vec::new(),
        scorer: wishes.scorer.clone(),
        cases: cases.len(),
        limits: wishes.limits,
        weights: wishes.weights,
        margin: wishes.margin,
        candidates: Vec::new(),
        recommended: None,
        winner: None,
        switching: Vec::new(),
        notes: Vec::new(),
    };
    if eligible.is_empty() || cases.is_empty() {
        found.notes.push(nobody(&options, &eligible));
        found.notes.extend(options.iter().filter_map(left_out));
        found.candidates = options;
        return found;
    }
    let rule = matrix.rule(wishes);
    let drawn = matrix.resample(&rule, seed(wishes.seed, &wishes.cases, &["select"]));
    for (place, index) in eligible.iter().enumerate() {
        options[*index].tied = rule.tied[place];
        options[*index].chosen = drawn.chosen[place];
    }
    for place in matrix.front() {
        options[eligible[place]].front = true;
    }
    found.recommended = choice::recommend(&matrix, &rule, &drawn, &options, &eligible);
    let luck = seed(wishes.seed, &wishes.cases, &["winner"]);
    found.winner =
        many::winner(&matrix.scores, matrix.groups.as_deref(), luck).map(|winner| Winner {
            name: sides[eligible[winner.place]].name.clone(),
            score: winner.mean,
            corrected: winner.corrected,
        });
    tier::assign(sides, &eligible, &cases, &mut options, wishes);
    let points = matrix.points();
    if let Some(hull) = frontier::hull(&points).filter(|_| matrix.priced()) {
        let names = |place: usize| sides[eligible[place]].name.clone();
        found.switching = sweep::switches(&hull, &drawn, &names);
    }
    found.notes.extend(notes(&options, &matrix));
    found.candidates = options;
    found
}

fn option(side: &Side, p95: Option<Estimate>, wishes: &Wishes) -> Offer {
    let scored: Vec<usize> = (0..side.cells.len())
        .filter(|case| side.cells[*case].tries.n > 0)
        .collect();
    let of = |purpose: &str| {
        seed(
            wishes.seed,
            &wishes.cases,
            &[purpose, &wishes.scorer, &side.id],
        )
    };
    let quality = side.score(&scored, CONFIDENCE, of("mean"));
    let paid: Vec<usize> = (0..side.cells.len())
        .filter(|case| side.cells[*case].cost.is_some())
        .collect();
    let costs: Vec<f64> = paid
        .iter()
        .filter_map(|case| side.cells[*case].cost)
        .collect();
    let groups = side.groups(&paid);
    let cost = mean::of_scores(&costs, groups.as_deref(), CONFIDENCE, of("cost"));
    let (quality, cost) = (quality.map(|q| q.0), cost.map(|c| c.estimate));
    let constraints = wishes.limits.check(quality, cost, p95);
    let broken = constraints.iter().any(|check| check.met == Met::No);
    Offer {
        name: side.name.clone(),
        eligible: quality.is_some() && !broken,
        left_out: None,
        quality,
        cost,
        p95,
        constraints,
        tied: false,
        front: false,
        chosen: 0.0,
        tier: None,
    }
}

/// Which constraints a candidate is shown to break.
fn broken(option: &Offer) -> Option<String> {
    let checks = option
        .constraints
        .iter()
        .filter(|check| check.met == Met::No);
    let names: Vec<&str> = checks.map(|check| check.constraint).collect();
    (!names.is_empty()).then(|| format!("{} breaks {}", option.name, names.join(", ")))
}

/// Why a candidate with a score cannot be recommended whatever the constraints.
fn left_out(option: &Offer) -> Option<String> {
    let why = option.left_out.as_ref()?;
    Some(format!(
        "{} is left out, it may not be compared: {why}",
        option.name
    ))
}

fn nobody(options: &[Offer], eligible: &[usize]) -> String {
    let scored = options.iter().any(|option| option.quality.is_some());
    let alike = options
        .iter()
        .any(|option| option.left_out.is_none() && option.quality.is_some());
    if scored && !alike {
        return "no candidate may be compared with the others".to_owned();
    }
    match (scored, eligible.is_empty()) {
        (false, _) => "nothing was scored, so nobody can be recommended".to_owned(),
        (_, true) => "no candidate can hold to these constraints".to_owned(),
        _ => "no case has a score for every candidate, so nobody can be recommended".to_owned(),
    }
}

fn notes(options: &[Offer], matrix: &choice::Matrix) -> Vec<String> {
    let mut notes: Vec<String> = options.iter().filter_map(left_out).collect();
    notes.extend(options.iter().filter_map(broken));
    let unsure = options.iter().filter(|option| {
        option.eligible
            && option
                .constraints
                .iter()
                .any(|check| check.met == Met::CannotTell)
    });
    let unsure: Vec<&str> = unsure.map(|option| option.name.as_str()).collect();
    if !unsure.is_empty() {
        notes.push(format!(
            "the data cannot tell whether every constraint holds for: {}",
            unsure.join(", ")
        ));
    }
    if !matrix.priced() {
        notes.push("the cost of some candidates is unknown, so cost decides nothing".to_owned());
    }
    notes
}
