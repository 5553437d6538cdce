//! Candidates held against each other, case by case: within a run, between two runs, or from a table of scores.
//!
//! These types are the `bakeoff.compare/1` JSON, field by field.

mod changed;
mod moved;
mod slice;
#[cfg(test)]
mod tests;

pub use changed::{Shift, Unmatched};
pub use moved::Moved;
pub use slice::Slice;

use super::contrast::{complete, tied};
use super::field::Field;
use super::judge::{CONFIDENCE, Terms, judge};
use super::matrix::seed;
use super::pairing::Pairing;
use super::side::Side;
use super::{Best, Contrast};
use crate::stats::{Estimate, correction, moments, ratio, repeats};
use serde::Serialize;
use std::sync::Arc;

/// What is asked of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The scorer whose scores are compared.
    pub scorer: String,
    /// Within what difference a side counts as not worse.
    pub margin: f64,
    /// With more than this share of failed trials a candidate cannot be called the best.
    pub max_failed: f64,
    /// Only slices of this tag: the whole tag, or its column (`lang` for `lang=de`).
    pub slice: Option<String>,
    /// The seed of bootstraps, and what the cases are.
    pub seed: u64,
    /// Hash of the cases.
    pub cases: String,
}

/// Candidates compared.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Comparison {
    /// Always `bakeoff.compare/1`.
    pub schema: &'static str,
    /// What was compared: run ids, or the table's file.
    pub sources: Vec<String>,
    /// By which scorer.
    pub scorer: String,
    /// Within what margin "not worse" is meant.
    pub margin: f64,
    /// Every candidate that takes part.
    pub candidates: Vec<Candidate>,
    /// Every difference asked for, first minus second.
    pub contrasts: Vec<Compared>,
    /// Who could be the best, where the candidates share their cases.
    pub best: Option<Best>,
    /// What a reader must know before trusting the numbers, a sentence each.
    pub notes: Vec<String>,
}

/// One candidate of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Mean score over the cases it has one for, or the scorer's figure over all of them, with its interval.
    pub score: Option<Estimate>,
    /// How the interval was made.
    pub method: &'static str,
    /// Cases without a score.
    pub unscored_cases: usize,
    /// Mean cost of an answer, USD, where known.
    pub cost_per_case: Option<f64>,
    /// Where cases were asked several times: repeats a case and what they vary by.
    pub repeats: Option<Noise>,
}

/// What repeats of the same case show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Noise {
    /// Repeats a case, on average.
    pub per_case: f64,
    /// Variance of repeats of one case.
    pub within: f64,
    /// Variance between cases' true scores.
    pub between: f64,
    /// More cases help more than more repeats.
    pub add_cases: bool,
}

/// One difference with all that stands beside it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Compared {
    /// The difference and its verdict.
    #[serde(flatten)]
    pub contrast: Contrast,
    /// Cases on which both scored the same.
    pub unchanged: usize,
    /// `p_exact` after Holm's correction for all differences of this comparison; null for a single one.
    pub p_adjusted: Option<f64>,
    /// A/A noise floor: by how much the difference of two runs of the same candidate would vary either way (95 %); null where
    /// cases were asked once, so that it was not measured.
    pub noise_floor: Option<f64>,
    /// Cost of a case as a ratio, a over b, by the cases whose cost both sides know.
    pub cost_ratio: Option<Estimate>,
    /// Latency as a ratio of geometric means, a over b, by the cases both have a latency for.
    pub latency_ratio: Option<Estimate>,
    /// Counts of what came back, where they are known.
    pub shifts: Vec<Shift>,
    /// Cases that could not be matched.
    pub unmatched_cases: Unmatched,
    /// The same difference by tag and group: exploratory.
    pub slices: Vec<Slice>,
    /// The cases that moved the difference most.
    pub moved: Vec<Moved>,
}

/// Compares `pairs` of `sides`, first minus second.
pub fn compare(sides: &[Side], pairs: &[(usize, usize)], question: &Question) -> Comparison {
    let mut contrasts: Vec<Compared> = pairs
        .iter()
        .map(|(a, b)| compared(&sides[*a], &sides[*b], question))
        .collect();
    if contrasts.len() > 1 {
        let tested = contrasts
            .iter_mut()
            .filter(|c| c.contrast.p_exact.is_some());
        let tested: Vec<&mut Compared> = tested.collect();
        let p: Vec<f64> = tested.iter().filter_map(|c| c.contrast.p_exact).collect();
        for (contrast, p) in tested.into_iter().zip(correction::holm(&p)) {
            contrast.p_adjusted = Some(p);
        }
    }
    let notes = contrasts.iter().filter_map(|c| {
        let note = c.contrast.note.as_ref()?;
        Some(format!("{} − {}: {note}", c.contrast.a, c.contrast.b))
    });
    Comparison {
        schema: "bakeoff.compare/1",
        sources: Vec::new(),
        scorer: question.scorer.clone(),
        margin: question.margin,
        candidates: sides.iter().map(|side| candidate(side, question)).collect(),
        notes: notes.collect(),
        contrasts,
        best: best(sides, question),
    }
}

/// Who could be the best; nobody where the sides do not share their cases.
fn best(sides: &[Side], question: &Question) -> Option<Best> {
    let shared = |side: &Side| Arc::ptr_eq(&side.cases, &sides[0].cases);
    if sides.len() < 2 || !sides.iter().all(shared) {
        return None;
    }
    let field = Field::of(sides, question.max_failed);
    let scored = &field.taking_part;
    let cases = complete(sides, scored);
    let mean = |index: usize| {
        let found = sides[index].figure(&cases);
        found
            .or_else(|| moments::mean(&sides[index].scores(&cases)))
            .unwrap_or(0.0)
    };
    let best = (!cases.is_empty()).then(|| {
        let top = scored.iter().copied();
        top.max_by(|a, b| mean(*a).total_cmp(&mean(*b)).then(b.cmp(a)))
    });
    let best = best.flatten();
    let tied = tied(sides, scored, best, question.seed_for(&["tied"]));
    Some(Best {
        scorer: question.scorer.clone(),
        name: best.map(|best| sides[best].name.clone()),
        tied: tied
            .iter()
            .map(|index| sides[*index].name.clone())
            .collect(),
        left_out: field.named(),
    })
}

impl Question {
    fn seed_for(&self, purpose: &[&str]) -> u64 {
        seed(self.seed, &self.cases, purpose)
    }
}

fn candidate(side: &Side, question: &Question) -> Candidate {
    let scored: Vec<usize> = (0..side.cells.len())
        .filter(|case| side.cells[*case].tries.n > 0)
        .collect();
    let seed = question.seed_for(&["mean", &question.scorer, &side.id]);
    let found = side.score(&scored, CONFIDENCE, seed);
    let costs: Vec<f64> = side.cells.iter().filter_map(|cell| cell.cost).collect();
    let tries: Vec<_> = scored.iter().map(|case| side.cells[*case].tries).collect();
    let unscored = side.cells.iter().filter(|cell| cell.tries.n == 0);
    Candidate {
        name: side.name.clone(),
        method: found.map_or("none", |found| found.1),
        score: found.map(|found| found.0),
        unscored_cases: unscored.filter(|cell| cell.missing > 0).count(),
        cost_per_case: moments::mean(&costs),
        repeats: repeats::components_of(&tries).map(|c| Noise {
            per_case: c.repeats,
            within: c.within(),
            between: c.between(),
            add_cases: c.add_cases(),
        }),
    }
}

fn compared(a: &Side, b: &Side, question: &Question) -> Compared {
    let pairing = Pairing::of(a, b);
    let terms = Terms {
        scorer: &question.scorer,
        margin: question.margin,
        alpha: 0.05,
        seed: question.seed_for(&["paired", &question.scorer, &a.id, &b.id]),
    };
    let contrast = judge(a, b, &pairing, terms);
    Compared {
        unchanged: contrast.difference.n - contrast.gains - contrast.losses,
        p_adjusted: None,
        noise_floor: noise_floor(a, b, &pairing),
        cost_ratio: ratio_of(a, b, &pairing, |cell| cell.cost, ratio::by_means),
        latency_ratio: ratio_of(
            a,
            b,
            &pairing,
            |cell| cell.latency,
            ratio::by_geometric_means,
        ),
        shifts: changed::shifts(a, b),
        unmatched_cases: Unmatched::of(a, b, &pairing),
        slices: slice::slices(a, b, &pairing, question.slice.as_deref(), terms.seed),
        moved: moved::moved(a, b, &pairing),
        contrast,
    }
}

/// 1.96·√Σ(σ̂²_a/K_a + σ̂²_b/K_b)/n with each side's pooled variance of repeats; `None` unless both have some.
fn noise_floor(a: &Side, b: &Side, pairing: &Pairing) -> Option<f64> {
    let square = |side: &Side, places: &[usize]| -> Option<f64> {
        let tries: Vec<_> = places
            .iter()
            .map(|place| side.cells[*place].tries)
            .collect();
        let within = repeats::components_of(&tries)?.within();
        let parts = tries.iter().map(|t| within / f64::from(t.n));
        Some(moments::sum(parts) / (tries.len() as f64).powi(2))
    };
    let square = square(a, &pairing.left())? + square(b, &pairing.right())?;
    Some(1.96 * square.sqrt())
}

fn ratio_of(
    a: &Side,
    b: &Side,
    pairing: &Pairing,
    of: fn(&super::side::Cell) -> Option<f64>,
    make: ratio::Make,
) -> Option<Estimate> {
    let known = |(left, right): &&(usize, usize)| {
        of(&a.cells[*left]).is_some() && of(&b.cells[*right]).is_some()
    };
    let both: Vec<_> = pairing.both.iter().filter(known).collect();
    let x: Vec<f64> = both
        .iter()
        .filter_map(|(left, _)| of(&a.cells[*left]))
        .collect();
    let y: Vec<f64> = both
        .iter()
        .filter_map(|(_, right)| of(&b.cells[*right]))
        .collect();
    let left: Vec<usize> = both.iter().map(|(left, _)| *left).collect();
    let found = make(&x, &y, a.groups(&left).as_deref(), CONFIDENCE)?;
    Some(Estimate::new(
        found.ratio,
        Some((found.low, found.high)),
        x.len(),
    ))
}
