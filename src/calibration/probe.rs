//! What a judge leans to besides quality: length, its own family, a place.

use super::Rated;
use crate::stats::{Alternative, Estimate, agreement, independent, moments, ranks, student};
use serde::{Deserialize, Serialize};

const CONFIDENCE: f64 = 0.95;

/// What a judge leans to besides quality; null where the answers cannot tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Probes {
    /// What an answer of twice the length gains with the judge, where people label it the same: the slope
    /// of its score on log2 of the length beside the label.
    pub length: Option<Estimate>,
    /// Pearson's correlation of the judge's score with the logarithm of the length, the label left aside.
    pub length_correlation: Option<f64>,
    /// The judge minus the people on answers of its own family, less the same on those of others.
    pub own_family: Option<Estimate>,
    /// How a pairwise judge of the same models took to places.
    pub position: Option<Position>,
}

/// A pairwise judge asked in both orders.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Position {
    /// Pairs judged in both orders.
    pub pairs: usize,
    /// Share of them with the same verdict in both.
    pub consistency: f64,
    /// Exact p of "an inconsistent judge prefers neither place".
    pub p: f64,
    /// Share that takes the first place minus share that takes the second.
    pub first_minus_second: f64,
}

impl Position {
    /// From how many pairs were judged alike, for the first place, for the second.
    pub fn of(consistent: usize, first: usize, second: usize) -> Option<Position> {
        let found = agreement::position_bias(consistent, first, second)?;
        Some(Position {
            pairs: consistent + first + second,
            consistency: found.consistency,
            p: found.p,
            first_minus_second: found.first_minus_second,
        })
    }
}

/// Every probe that the answers allow.
pub(super) fn probe(rated: &[Rated], position: Option<Position>) -> Probes {
    let judge: Vec<f64> = rated.iter().map(|it| it.judge).collect();
    let label: Vec<f64> = rated.iter().map(Rated::label).collect();
    let length: Vec<f64> = rated
        .iter()
        .map(|it| (it.chars.max(1) as f64).log2())
        .collect();
    let correlation = ranks::pearson(&judge, &length, CONFIDENCE);
    Probes {
        length: slope(&judge, &length, &label),
        length_correlation: correlation.map(|it| it.r).filter(|it| it.is_finite()),
        own_family: own_family(rated),
        position,
    }
}

/// The slope of `y` on `x` beside `beside`, by least squares with an intercept: the part of each that
/// `beside` does not explain (Frisch & Waugh 1933), with n - 3 degrees of freedom. `None` without spread.
fn slope(y: &[f64], x: &[f64], beside: &[f64]) -> Option<Estimate> {
    let n = y.len();
    let (y, x) = (rest(y, beside)?, rest(x, beside)?);
    let squares = moments::sum(x.iter().map(|it| it * it));
    if n < 5 || squares < 1e-9 {
        return None;
    }
    let value = moments::sum(x.iter().zip(&y).map(|(x, y)| x * y)) / squares;
    let left = x.iter().zip(&y).map(|(x, y)| (y - value * x).powi(2));
    let df = (n - 3) as f64;
    let error = (moments::sum(left) / df / squares).sqrt();
    let half = student::two_sided(CONFIDENCE, df) * error;
    Some(Estimate::new(value, Some((value - half, value + half)), n))
}

/// What is left of `y` once its mean and its regression on `x` are taken away.
fn rest(y: &[f64], x: &[f64]) -> Option<Vec<f64>> {
    let (mean_y, mean_x) = (moments::mean(y)?, moments::mean(x)?);
    let slope = match moments::variance(x)? {
        spread if spread < 1e-12 => 0.0,
        spread => moments::covariance(x, y)? / spread,
    };
    let both = y.iter().zip(x);
    Some(
        both.map(|(y, x)| y - mean_y - slope * (x - mean_x))
            .collect(),
    )
}

/// Own answers against others', the labels taken off; a Welch interval.
fn own_family(rated: &[Rated]) -> Option<Estimate> {
    let off = |own: bool| -> Vec<f64> {
        let of = rated.iter().filter(|it| it.own_family == Some(own));
        of.map(|it| it.judge - it.label()).collect()
    };
    let (own, others) = (off(true), off(false));
    let found = independent::welch(&own, &others, Alternative::TwoSided, CONFIDENCE)?;
    let value = moments::mean(&own)? - moments::mean(&others)?;
    let limits = (found.low, found.high);
    let sound = limits.0.is_finite() && limits.1.is_finite();
    let n = own.len() + others.len();
    Some(Estimate::new(value, sound.then_some(limits), n))
}
