//! Routers made from a matrix, and whether one of them may be trusted.
//!
//! Everything is judged on cases that it was not made from: 5 folds, 10 times, clusters together, stratified by category,
//! thresholds chosen inside the fold. What may be lost, quality, is bounded by the whole of it again on 200 bootstrap
//! samples; saving and excess are those of the rules as the folds made them, their errors widened for the folds' shared cases
//! (Nadeau & Bengio 2003): a sample that makes no router saves nothing, which says nothing of a rule that does. A router is
//! approved only if the lower bounds of quality > −margin, of saving > 0 and of what it has above the coin flip > 0.

mod choose;
mod crossfit;
mod family;
mod judge;
mod sums;
#[cfg(test)]
mod tests;
mod tried;
mod yaml;

pub use family::{By, MANY, PER_CATEGORY};
pub use judge::{Decision, Mixed, Recommended};
pub use tried::{Branch, Single, Tried};

use super::baseline::{points, zero_router};
use super::replay::Replay;
use super::{Matrix, Missing};
use crate::stats::folds::Units;
use crossfit::{Found, Pipeline};
use family::{Asked, Family};
use serde::Serialize;
use tried::{crossfitted, single, tried};

/// Below so many cases nothing is fitted.
pub const FEWEST: usize = 30;

/// What is asked of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// How much worse than the best single model still counts as not worse.
    pub margin: f64,
    /// The quality aimed at: the best single model's less this.
    pub within: f64,
    /// Only these columns or tags, and no other kind, if some are named.
    pub columns: Vec<String>,
    /// Signals that may decide whether the cheap model's answer is kept.
    pub signals: Vec<String>,
    /// The model whose signals are meant; by default the cheapest on the hull.
    pub cheap: Option<usize>,
    /// What the router itself costs a case, USD.
    pub router_cost: f64,
    /// Keeps to few categories where cases are few. Off only to show why it is on.
    pub few: bool,
    /// Seed.
    pub seed: u64,
}

impl Wishes {
    /// The default for a margin: aims at a fifth of it.
    pub fn new(margin: f64, seed: u64) -> Wishes {
        Wishes {
            margin,
            within: margin / 5.0,
            columns: Vec::new(),
            signals: Vec::new(),
            cheap: None,
            router_cost: 0.0,
            few: true,
            seed,
        }
    }
}

/// What fitting found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The run, or the table.
    pub sources: Vec<String>,
    /// The scorer that is quality.
    pub scorer: String,
    /// Cases in the matrix.
    pub cases: usize,
    /// Clusters, if cases come in clusters.
    pub clusters: Option<usize>,
    /// The margin of "not worse".
    pub margin: f64,
    /// The quality aimed at: the best single model's less this.
    pub within: f64,
    /// Two-sided confidence of the intervals: their lower limits are the one-sided 95 % bounds, divided among all routers
    /// that were tried.
    pub confidence: f64,
    /// The best single model.
    pub best: Single,
    /// All single models.
    pub models: Vec<Single>,
    /// Every router that was tried.
    pub tried: Vec<Tried>,
    /// Kinds that were not, and why.
    pub refused: Vec<Missing>,
    /// What to do.
    pub decision: Decision,
    /// The recommended route as `routes:` takes it, if a router is approved.
    pub routes: Option<String>,
    /// Who is not in the matrix.
    pub left_out: Vec<Missing>,
    /// Cases left out, since somebody has no score for them.
    pub dropped: usize,
    /// What a reader must know first, a sentence each.
    pub notes: Vec<String>,
}

/// Fits every kind of router that the cases allow.
pub fn fit(matrix: &Matrix, wishes: &Wishes, scorer: &str) -> Result<Fit, String> {
    if matrix.is_empty() {
        return Err("no case has a score for every candidate".to_owned());
    }
    let Some(hull) = zero_router(matrix) else {
        return Err("the costs are not known, so nothing can be said about savings".to_owned());
    };
    let best = matrix.best();
    let costs = points(matrix).unwrap_or_default();
    let n = matrix.len();
    let mut asked = Asked {
        matrix,
        columns: &wishes.columns,
        signals: &wishes.signals,
        few: wishes.few,
        cheap: wishes.cheap.unwrap_or(hull.places[0]),
    };
    if asked.cheap == best {
        asked.signals = &[];
    }
    let (mut families, mut refused) = asked.families();
    let mut notes = Vec::new();
    if n < FEWEST {
        families.clear();
        let why = format!("{n} cases are too few: from {FEWEST} on");
        refused = vec![Missing {
            name: "every router".to_owned(),
            why,
        }];
    }
    if costs[best].0 <= 0.0 {
        families.clear();
        notes.push("the best model costs nothing, so nothing can be saved".to_owned());
    }
    if hull.corners.len() == 1 {
        let name = &matrix.candidates[best];
        families.clear();
        notes.push(format!(
            "{name} is the best and the cheapest: there is nothing to route"
        ));
    }
    let tries = families.len().max(1) as f64;
    let confidence = 1.0 - 0.1 / tries;
    let pinned = |family: &Family| {
        let strata = strata(matrix, family);
        let pipeline = Pipeline {
            family,
            rows: family.rows(matrix, wishes.router_cost),
            units: Units::new(matrix.groups.as_deref(), &strata),
            router_cost: wishes.router_cost,
            singles: matrix.candidates.len(),
            base: best,
            within: wishes.within,
        };
        let seed = matrix.seed(wishes.seed, &format!("fit {}", family.by.name()));
        let found = pipeline.run(seed);
        (tried(matrix, family, &found, wishes, confidence), found)
    };
    let fitted: Vec<(Tried, Found)> = families.iter().map(pinned).collect();
    let models: Vec<Single> = (0..matrix.candidates.len())
        .map(|c| single(matrix, c, best, &costs, wishes.seed))
        .collect();
    let all: Vec<&Tried> = fitted.iter().map(|f| &f.0).collect();
    let decision = judge::decide(&all, &models, best, wishes.margin);
    let routes = decision.tried.map(|place| {
        let (family, (_, found)) = (&families[place], &fitted[place]);
        yaml::block(matrix, family, &found.rule)
    });
    Ok(Fit {
        sources: Vec::new(),
        scorer: scorer.to_owned(),
        cases: n,
        clusters: matrix.groups.as_ref().map(|groups| {
            let most = groups.iter().max();
            most.map_or(0, |most| most + 1)
        }),
        margin: wishes.margin,
        within: wishes.within,
        confidence,
        best: models[best].clone(),
        models,
        tried: fitted.into_iter().map(|(tried, _)| tried).collect(),
        refused,
        decision,
        routes,
        left_out: matrix.left_out.clone(),
        dropped: matrix.dropped,
        notes,
    })
}

/// What folds are spread over: the family's own bins if it is a table, else the column `category`, if there is one.
fn strata(matrix: &Matrix, family: &Family) -> Vec<u32> {
    if family.edges.is_empty() {
        return family.bins.clone();
    }
    let columns = matrix.categories(matrix.len() / 2);
    let Some(values) = columns.get("category") else {
        return vec![0; matrix.len()];
    };
    let mut known: Vec<&String> = values.iter().collect();
    known.sort_unstable();
    known.dedup();
    let place = |value: &String| known.binary_search(&value).unwrap_or(0) as u32;
    values.iter().map(place).collect()
}

/// A threshold on the prompt's length, cross-fitted, as a baseline for other policies; `None` where lengths, costs or cases
/// do not allow one.
pub fn length_router(matrix: &Matrix, wishes: &Wishes) -> Option<Replay> {
    let asked = Asked {
        matrix,
        columns: &[],
        signals: &[],
        few: true,
        cheap: 0,
    };
    if matrix.len() < FEWEST || matrix.cost.is_none() {
        return None;
    }
    let (families, _) = asked.families();
    let family = families
        .into_iter()
        .find(|family| family.by == By::Length)?;
    let pipeline = Pipeline {
        rows: family.rows(matrix, 0.0),
        units: Units::new(matrix.groups.as_deref(), &strata(matrix, &family)),
        router_cost: 0.0,
        singles: matrix.candidates.len(),
        base: matrix.best(),
        within: wishes.within,
        family: &family,
    };
    let found = pipeline.cross(matrix.seed(wishes.seed, "length"));
    Some(crossfitted(&family, &found))
}
