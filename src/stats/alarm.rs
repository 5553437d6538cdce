//! What a gate costs in false alarms, and when a run's outcome can no longer change.

/// False alarms of independent gate runs on unchanged code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarms {
    /// How many to expect, α·runs.
    pub expected: f64,
    /// P(at least one), 1-(1-α)^runs.
    pub any: f64,
    /// Runs to the first, on average: 1/α, infinite for α = 0.
    pub runs_to_first: f64,
}

/// The false alarms of `runs` gates, each at `alpha` in 0..=1.
pub fn false_alarms(alpha: f64, runs: f64) -> Alarms {
    Alarms {
        expected: alpha * runs,
        any: -(runs * (-alpha).ln_1p()).exp_m1(),
        runs_to_first: 1.0 / alpha,
    }
}

/// Whether the cases still to come can change the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Even the worst rest keeps the mean at the threshold or above.
    CertainPass,
    /// Even the best rest leaves the mean below the threshold.
    CertainFail,
    /// Both are possible.
    Open,
}

/// The lowest and highest final mean after `done` of `n` scores with this `sum`, each score in `low`..=`high`, and what
/// that means for a `threshold`. `None` for n = 0 or done > n.
pub fn curtail(
    n: usize,
    done: usize,
    sum: f64,
    (low, high): (f64, f64),
    threshold: f64,
) -> Option<(f64, f64, Outlook)> {
    if n == 0 || done > n {
        return None;
    }
    let rest = (n - done) as f64;
    let (least, most) = (
        (sum + rest * low) / n as f64,
        (sum + rest * high) / n as f64,
    );
    let outlook = if least >= threshold {
        Outlook::CertainPass
    } else if most < threshold {
        Outlook::CertainFail
    } else {
        Outlook::Open
    };
    Some((least, most, outlook))
}
