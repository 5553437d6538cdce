//! Showing that something is not worse, or unchanged: the burden of proof turned round. A difference that is merely not
//! significant shows neither.

use super::Alternative;
use super::paired::{TTest, t_test};

/// The test of "the mean of d is -`margin` or less": a p of at most `alpha` shows non-inferiority, which is the same as the
/// one-sided lower bound `low` at 1-`alpha` lying above -margin. `None` below two values.
pub fn not_worse(d: &[f64], margin: f64, alpha: f64) -> Option<TTest> {
    t_test(d, -margin, Alternative::Greater, 1.0 - alpha)
}

/// Two one-sided tests of equivalence (Schuirmann 1987).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalence {
    /// The larger of both p: at most α shows that the mean lies between the limits.
    pub p: f64,
    /// The test of "the mean is `low` or less".
    pub above_low: TTest,
    /// The test of "the mean is `high` or more".
    pub below_high: TTest,
}

/// TOST: is the mean of `d` between `low` and `high`? `None` below two values.
pub fn tost(d: &[f64], low: f64, high: f64) -> Option<Equivalence> {
    let above_low = t_test(d, low, Alternative::Greater, 0.95)?;
    let below_high = t_test(d, high, Alternative::Less, 0.95)?;
    Some(Equivalence {
        p: above_low.p.max(below_high.p),
        above_low,
        below_high,
    })
}
