//! Ratios of paired means: "x times cheaper", "cost per correct answer", "y times faster".

use super::{cluster, moments, student};

/// A ratio with its log-scale standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The ratio.
    pub ratio: f64,
    /// The standard error of its logarithm.
    pub error: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

fn from_log(log: f64, error: f64, n: usize, confidence: f64) -> Ratio {
    let half = error * student::two_sided(confidence, (n - 1) as f64);
    let (low, high) = cluster::around(log, half);
    Ratio {
        ratio: log.exp(),
        error,
        low: low.exp(),
        high: high.exp(),
    }
}

/// The ratio of the means of two paired, positive quantities by the delta method on the log:
/// SE² = v_aa/Ā² + v_bb/B̄² - 2v_ab/(ĀB̄), v = cov/n, with t(n-1). `None` below two pairs, for unequal lengths, or unless
/// both means are positive.
pub fn of_means(a: &[f64], b: &[f64], confidence: f64) -> Option<Ratio> {
    let s = Sums::of(a, b)?;
    if s.a <= 0.0 || s.b <= 0.0 {
        return None;
    }
    let square = s.aa / (s.a * s.a) + s.bb / (s.b * s.b) - 2.0 * s.ab / (s.a * s.b);
    let error = square.max(0.0).sqrt();
    Some(from_log((s.a / s.b).ln(), error, a.len(), confidence))
}

/// The same where rows of one number in `groups` share their luck: the CR2 error, with Bell-McCaffrey degrees of freedom, of
/// the mean of a_i/Ā - b_i/B̄, which is what the delta method takes the log of the ratio for. `None` below five groups too.
pub fn of_means_clustered(
    a: &[f64],
    b: &[f64],
    groups: &[usize],
    confidence: f64,
) -> Option<Ratio> {
    let s = Sums::of(a, b)?;
    if s.a <= 0.0 || s.b <= 0.0 {
        return None;
    }
    let pairs = a.iter().zip(b);
    let moves: Vec<f64> = pairs.map(|(a, b)| a / s.a - b / s.b).collect();
    let found = cluster::mean(&moves, groups).filter(|c| c.clusters >= cluster::FEWEST)?;
    let log = (s.a / s.b).ln();
    let (low, high) = cluster::around(log, found.cr2 * student::two_sided(confidence, found.df));
    Some(Ratio {
        ratio: log.exp(),
        error: found.cr2,
        low: low.exp(),
        high: high.exp(),
    })
}

/// The ratio of the geometric means of two paired, positive quantities (latencies): exp of the t interval of
/// ln a - ln b. `None` below two pairs, for unequal lengths, or if a value is not positive.
pub fn of_geometric_means(a: &[f64], b: &[f64], confidence: f64) -> Option<Ratio> {
    if a.len() != b.len() || !a.iter().chain(b).all(|v| *v > 0.0 && v.is_finite()) {
        return None;
    }
    let logs: Vec<f64> = a.iter().zip(b).map(|(a, b)| a.ln() - b.ln()).collect();
    let error = moments::deviation(&logs)? / (logs.len() as f64).sqrt();
    Some(from_log(
        moments::mean(&logs)?,
        error,
        logs.len(),
        confidence,
    ))
}

/// Makes a ratio of two paired quantities, the cases of a cluster sharing a number.
pub type Make = fn(&[f64], &[f64], Option<&[usize]>, f64) -> Option<Ratio>;

/// [`of_means`] with clusters: the mean of a_i/Ā - b_i/B̄ (the linearised log ratio) has the CR2 error and degrees of
/// freedom of its clusters. `None` as there, and below 5 clusters.
pub fn by_means(a: &[f64], b: &[f64], groups: Option<&[usize]>, confidence: f64) -> Option<Ratio> {
    let plain = of_means(a, b, confidence)?;
    let Some(groups) = cluster::effective(groups, a.len()) else {
        return Some(plain);
    };
    let (x, y) = (moments::mean(a)?, moments::mean(b)?);
    let parts: Vec<f64> = a.iter().zip(b).map(|(a, b)| a / x - b / y).collect();
    clustered(plain.ratio.ln(), &parts, groups, confidence)
}

/// [`of_geometric_means`] with clusters: ln a - ln b with the CR2 error. `None` as there, and below 5 clusters.
pub fn by_geometric_means(
    a: &[f64],
    b: &[f64],
    groups: Option<&[usize]>,
    confidence: f64,
) -> Option<Ratio> {
    let plain = of_geometric_means(a, b, confidence)?;
    let Some(groups) = cluster::effective(groups, a.len()) else {
        return Some(plain);
    };
    let logs: Vec<f64> = a.iter().zip(b).map(|(a, b)| a.ln() - b.ln()).collect();
    clustered(plain.ratio.ln(), &logs, groups, confidence)
}

/// A log ratio whose error is that of the mean of `parts`, by cluster.
fn clustered(log: f64, parts: &[f64], groups: &[usize], confidence: f64) -> Option<Ratio> {
    if cluster::members(groups).len() < cluster::FEWEST {
        return None;
    }
    let found = cluster::mean(parts, groups)?;
    let (low, high) = cluster::around(log, found.cr2 * student::two_sided(confidence, found.df));
    Some(Ratio {
        ratio: log.exp(),
        error: found.cr2,
        low: low.exp(),
        high: high.exp(),
    })
}

/// A ratio whose denominator may be near zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fieller {
    /// The ratio of the means.
    pub ratio: f64,
    /// Its delta-method standard error.
    pub error: f64,
    /// The interval; `None`: unbounded, the denominator cannot be told from 0.
    pub interval: Option<(f64, f64)>,
}

/// Fieller's interval (1954) for mean(a)/mean(b), paired: the roots of
/// (b̄²-t²v_bb)R² - 2(āb̄-t²v_ab)R + (ā²-t²v_aa) = 0, v = cov/n, t(n-1). `None` below two pairs, for unequal lengths, or
/// if the mean of b is 0.
pub fn fieller(a: &[f64], b: &[f64], confidence: f64) -> Option<Fieller> {
    let s = Sums::of(a, b)?;
    if s.b == 0.0 {
        return None;
    }
    let ratio = s.a / s.b;
    let error = (s.aa - 2.0 * ratio * s.ab + ratio * ratio * s.bb)
        .max(0.0)
        .sqrt()
        / s.b.abs();
    let t2 = student::two_sided(confidence, (a.len() - 1) as f64).powi(2);
    let square = s.b * s.b - t2 * s.bb;
    let linear = s.a * s.b - t2 * s.ab;
    let constant = s.a * s.a - t2 * s.aa;
    let interval = (square > 0.0).then(|| {
        let root = (linear * linear - square * constant).max(0.0).sqrt();
        ((linear - root) / square, (linear + root) / square)
    });
    Some(Fieller {
        ratio,
        error,
        interval,
    })
}

/// Means of two paired quantities and the covariances of these means.
struct Sums {
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
}

impl Sums {
    fn of(a: &[f64], b: &[f64]) -> Option<Self> {
        if a.len() != b.len() {
            return None;
        }
        let n = a.len() as f64;
        Some(Sums {
            a: moments::mean(a)?,
            b: moments::mean(b)?,
            aa: moments::variance(a)? / n,
            bb: moments::variance(b)? / n,
            ab: moments::covariance(a, b)? / n,
        })
    }
}
