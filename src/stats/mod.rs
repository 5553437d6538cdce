//! Statistics: numbers in, numbers out. Knows nothing of cases, models or runs.
//!
//! Conventions, everywhere below: an interval is `(low, high)` and two-sided at `confidence`, a number strictly
//! between 0 and 1; the bounds of a one-sided test at α are the limits of the two-sided 1-2α interval. A result that
//! does not exist is `None`, never a NaN. Randomness comes from a seed, replicate by replicate, and sums run in a fixed
//! order, so the same input gives the same bits on any number of threads.

pub mod agreement;
pub mod alarm;
pub mod anytime;
pub mod beta;
pub mod binomial;
pub mod bradley_terry;
pub mod chi_squared;
pub mod cluster;
pub mod confusion;
pub mod correction;
pub mod discordance;
pub mod discrimination;
pub mod excess;
pub mod fallback;
pub mod flips;
pub mod folds;
pub mod frontier;
pub mod gap;
pub mod independent;
pub mod linear;
pub mod luck;
pub mod many;
pub mod mean;
pub mod moments;
pub mod noninferior;
pub mod normal;
pub mod paired;
pub mod power;
pub mod ppi;
pub mod quantile;
pub mod range;
pub mod ranks;
pub mod rate;
pub mod ratio;
pub mod repeats;
pub mod resample;
pub mod rogan_gladen;
pub mod sequence;
pub mod spending;
pub mod student;
pub mod sums;
#[cfg(test)]
mod tests;
pub mod verdict;

use serde::{Deserialize, Serialize};

/// A statistic with its uncertainty, as it travels through the program. Never a bare mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Lower limit of the interval; `None` where there is none.
    pub low: Option<f64>,
    /// Upper limit of the interval; `None` where there is none.
    pub high: Option<f64>,
    /// How many cases stand behind it.
    pub n: usize,
}

impl Estimate {
    /// A value with its interval, or without one.
    pub fn new(value: f64, interval: Option<(f64, f64)>, n: usize) -> Self {
        Estimate {
            value,
            low: interval.map(|i| i.0),
            high: interval.map(|i| i.1),
            n,
        }
    }
}

/// A test of "no difference" against one of three claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// There is a difference.
    TwoSided,
    /// The difference is above zero.
    Greater,
    /// The difference is below zero.
    Less,
}
