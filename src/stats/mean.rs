//! A mean with its interval: Student's t, the BCa bootstrap, by strata, and the choice between them for a score.

use super::resample::{Bootstrap, LARGE, RESAMPLES, replicates};
use super::{Estimate, cluster, moments, normal, quantile, rate, student};

/// A mean with its t interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TMean {
    /// x̄.
    pub mean: f64,
    /// s/√n.
    pub error: f64,
    /// n-1.
    pub df: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// x̄ ± t_{1-α/2,n-1}·s/√n; `None` below two values.
pub fn t_interval(x: &[f64], confidence: f64) -> Option<TMean> {
    let mean = moments::mean(x)?;
    let error = moments::deviation(x)? / (x.len() as f64).sqrt();
    let df = (x.len() - 1) as f64;
    let (low, high) = cluster::around(mean, error * student::two_sided(confidence, df));
    Some(TMean {
        mean,
        error,
        df,
        low,
        high,
    })
}

/// The BCa bootstrap interval of a mean (Efron 1987). `None` below two values or without spread.
pub fn bca_mean(x: &[f64], confidence: f64, resamples: usize, seed: u64) -> Option<(f64, f64)> {
    Bootstrap::of_mean(x, resamples, seed).map(|b| b.bca(confidence))
}

/// The studentised bootstrap interval: x̄ - q·s/√n with q the quantiles of (x̄* - x̄)/(s*/√n). Accurate for smooth values,
/// far too wide where most are identical. Replicates without spread are left out; `None` below two values or without
/// spread.
pub fn bootstrap_t(x: &[f64], confidence: f64, resamples: usize, seed: u64) -> Option<(f64, f64)> {
    if moments::constant(x) {
        return None;
    }
    let mut sorted = x.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (mean, n) = (moments::mean(&sorted)?, x.len() as f64);
    let error = moments::deviation(&sorted)? / n.sqrt();
    let mut t: Vec<f64> = replicates(resamples, seed, |draw| {
        let (mut sum, mut squares) = (0.0, 0.0);
        draw.indices(x.len(), x.len(), |indices| {
            for i in indices {
                let centred = sorted[*i as usize] - mean;
                sum += centred;
                squares += centred * centred;
            }
        });
        let shift = sum / n;
        shift / ((squares / n - shift * shift).max(0.0) / (n - 1.0)).sqrt()
    });
    t.retain(|t| t.is_finite());
    t.sort_unstable_by(f64::total_cmp);
    let tail = normal::tail(confidence);
    let at = |level| quantile::of_sorted(&t, level);
    (!t.is_empty()).then(|| (mean - at(1.0 - tail) * error, mean - at(tail) * error))
}

/// The stratified mean Σ W_h x̄_h with its standard error √Σ W_h² s_h²/n_h; row i is in stratum `strata[i]`, an index
/// into `weights`. `None` if a stratum with weight has fewer than two rows.
pub fn stratified(x: &[f64], strata: &[usize], weights: &[f64]) -> Option<(f64, f64)> {
    let parts: Vec<(f64, f64)> = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight != 0.0)
        .map(|(stratum, weight)| {
            let rows = x.iter().zip(strata).filter(|(_, s)| **s == stratum);
            let values: Vec<f64> = rows.map(|(v, _)| *v).collect();
            let variance = moments::variance(&values)? / values.len() as f64;
            Some((weight * moments::mean(&values)?, weight * weight * variance))
        })
        .collect::<Option<_>>()?;
    let mean = moments::sum(parts.iter().map(|p| p.0));
    Some((mean, moments::sum(parts.iter().map(|p| p.1)).sqrt()))
}

/// The mean of a score with the interval that suits it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMean {
    /// The mean and its 1-α interval, if there is one.
    pub estimate: Estimate,
    /// `wilson`, `bca`, `t` (above 10,000 cases), `cr2`, or `none`.
    pub method: &'static str,
    /// What a reader must know before trusting the interval.
    pub note: Option<String>,
}

/// The mean of `scores`, one a case. Passes and fails (0 and 1 only): Wilson. Other numbers: BCa with 10,000 resamples,
/// above 10,000 cases t. Where cases share a `groups` number: CR2 with Bell-McCaffrey degrees of freedom, no interval below 5 groups.
/// Limits stay within 0..=1 when the scores do. `None` for no scores or one that is not finite.
pub fn of_scores(
    scores: &[f64],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Option<ScoreMean> {
    if !scores.iter().all(|s| s.is_finite()) {
        return None;
    }
    let n = scores.len();
    let mut sorted = scores.to_vec();
    // the order of the cases must not reach the last bit
    sorted.sort_unstable_by(f64::total_cmp);
    let mean = moments::mean(&sorted)?;
    let binary = scores.iter().all(|s| *s == 0.0 || *s == 1.0);
    let (interval, method, note) = match cluster::effective(groups, n) {
        Some(groups) => clustered(scores, groups, binary, confidence),
        None if binary => {
            let passes = scores.iter().filter(|s| **s == 1.0).count();
            (Some(rate::wilson(passes, n, confidence)), "wilson", None)
        }
        None if n > LARGE => {
            let interval = t_interval(&sorted, confidence).map(|t| (t.low, t.high));
            (interval, "t", None)
        }
        None => match bca_mean(scores, confidence, RESAMPLES, seed) {
            Some(interval) => (Some(interval), "bca", off_the_ends(scores)),
            None => (
                None,
                "none",
                Some("all scores are the same: no interval".to_owned()),
            ),
        },
    };
    let unit = scores.iter().all(|s| (0.0..=1.0).contains(s));
    let interval = interval.map(|(low, high): (f64, f64)| match unit {
        true => (low.max(0.0), high.min(1.0)),
        false => (low, high),
    });
    Some(ScoreMean {
        estimate: Estimate::new(mean, interval, n),
        method,
        note,
    })
}

type Chosen = (Option<(f64, f64)>, &'static str, Option<String>);

fn clustered(scores: &[f64], groups: &[usize], binary: bool, confidence: f64) -> Chosen {
    let count = cluster::members(groups).len();
    if count < cluster::FEWEST {
        let note = format!("{count} groups are too few for an interval (at least 5)");
        return (None, "none", Some(note));
    }
    if moments::constant(scores) {
        if !binary {
            return (
                None,
                "none",
                Some("all scores are the same: no interval".to_owned()),
            );
        }
        // no spread to estimate from: each group counts as one case
        let passes = if scores[0] == 1.0 { count } else { 0 };
        let note = "every case scored the same: the interval counts each group as one case";
        let interval = rate::wilson(passes, count, confidence);
        return (Some(interval), "wilson", Some(note.to_owned()));
    }
    let note =
        (count < cluster::FEW).then(|| format!("only {count} groups: the interval is rough"));
    let interval = cluster::mean(scores, groups).map(|c| c.interval(confidence));
    (interval, "cr2", note)
}

/// Few scores, or most at one value and fewer than ten off it: the bootstrap has little to go by, and a rate says more.
fn off_the_ends(scores: &[f64]) -> Option<String> {
    let n = scores.len();
    if n < 10 {
        return Some(format!("only {n} scores: the interval is rough"));
    }
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [("top", high), ("bottom", low)]
        .iter()
        .find_map(|(end, value)| {
            let there = scores.iter().filter(|s| *s == value).count();
            (2 * there > n && n - there < 10).then(|| {
                let (a, b) = rate::wilson(there, n, 0.95);
                format!(
                    "only {} of {n} scores are below or above {value}, so the interval is rough; \
                 the share at this {end} score is {:.0}..{:.0} % (95 %)",
                    n - there,
                    100.0 * a,
                    100.0 * b
                )
            })
        })
}
