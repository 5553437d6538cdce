//! The difference between two candidates on the same cases: the interval and the test that suit the scores.

use super::discordance::Pairs;
use super::resample::{Bootstrap, LARGE, RESAMPLES};
use super::{Alternative, Estimate, cluster, mean, moments, student};

/// Below this many nonzero differences a pseudo win and a pseudo loss are added.
pub const SPARSE: usize = 10;

/// A paired difference, first minus second.
#[derive(Debug, Clone, PartialEq)]
pub struct Paired {
    /// The mean difference with its interval at the asked confidence.
    pub difference: Estimate,
    /// The interval whose limits are the one-sided 95 % bounds (two-sided 90 %).
    pub one_sided_95: Option<(f64, f64)>,
    /// Cases where the first scores higher.
    pub gains: usize,
    /// Cases where the first scores lower.
    pub losses: usize,
    /// Two-sided p of "no difference": mid-p McNemar for passes and fails, else the t of the interval's own kind.
    pub p: Option<f64>,
    /// The same by a test whose error is guaranteed, for claims among many: exact McNemar for passes and fails, else `p`.
    pub p_exact: Option<f64>,
    /// The spread of one case's difference (standard error × √n, so clustering is in it): what planning needs.
    pub spread: f64,
    /// `newcombe`, `t`, `bca`, `cr2` or `none`.
    pub method: &'static str,
    /// What a reader must know before trusting the interval.
    pub note: Option<String>,
}

/// The paired difference of `a` and `b`, case by case; `None` unless both hold the same number (≥ 1) of finite scores.
///
/// - some cases share a number in `groups`: CR2 with Bell-McCaffrey degrees of freedom, no interval below 5 groups;
/// - passes and fails (0 and 1 only): Newcombe's method 10 with mid-p McNemar;
/// - else Student's t, or BCa with 10,000 resamples seeded by `seed` for 50..=10,000 cases whose differences are skewed beyond
///   ±1;
/// - in all but the second, where fewer than 10 differences are not zero or all are the same, one difference of +1 and one
///   of -1 (or the largest seen, if larger) are added before the interval is made (after Bonett & Price 2012), and the note
///   says so.
///
/// Limits stay within -1..=1 when the scores are within 0..=1.
pub fn paired(
    a: &[f64],
    b: &[f64],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Option<Paired> {
    let n = a.len();
    if n == 0 || n != b.len() || !a.iter().chain(b).all(|s| s.is_finite()) {
        return None;
    }
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let all = |holds: fn(f64) -> bool| a.iter().chain(b).all(|s| holds(*s));
    let found = match cluster::effective(groups, n) {
        Some(groups) => clustered(&d, groups, confidence),
        None if all(|s| s == 0.0 || s == 1.0) => binary(a, b, confidence),
        None => continuous(&d, confidence, seed),
    };
    let unit = all(|s| (0.0..=1.0).contains(&s));
    let mut sorted = d.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let within = |(low, high): (f64, f64)| match unit {
        true => (low.max(-1.0), high.min(1.0)),
        false => (low, high),
    };
    Some(Paired {
        difference: Estimate::new(moments::mean(&sorted)?, found.interval.map(within), n),
        one_sided_95: found.one_sided_95.map(within),
        gains: d.iter().filter(|d| **d > 0.0).count(),
        losses: d.iter().filter(|d| **d < 0.0).count(),
        p: found.p,
        p_exact: found.p_exact.or(found.p),
        spread: found.spread,
        method: found.method,
        note: found.note,
    })
}

impl Paired {
    /// The same with the gains and losses of these scores.
    pub fn counting(self, a: &[f64], b: &[f64]) -> Self {
        let pairs = || a.iter().zip(b);
        Paired {
            gains: pairs().filter(|(a, b)| a > b).count(),
            losses: pairs().filter(|(a, b)| a < b).count(),
            ..self
        }
    }
}

struct Found {
    interval: Option<(f64, f64)>,
    one_sided_95: Option<(f64, f64)>,
    p: Option<f64>,
    p_exact: Option<f64>,
    spread: f64,
    method: &'static str,
    note: Option<String>,
}

fn binary(a: &[f64], b: &[f64], confidence: f64) -> Found {
    let pairs = Pairs::count(a.iter().map(|s| *s == 1.0), b.iter().map(|s| *s == 1.0));
    // one pair added to each discordant cell, so that no spread is ever 0
    let (_, error, _) = pairs.bonett_price(confidence);
    Found {
        interval: Some(pairs.newcombe(confidence)),
        one_sided_95: Some(pairs.newcombe(0.90)),
        p: Some(pairs.mid_p()),
        p_exact: Some(pairs.exact()),
        spread: error * (pairs.n() as f64 + 2.0).sqrt(),
        method: "newcombe",
        note: None,
    }
}

fn continuous(d: &[f64], confidence: f64, seed: u64) -> Found {
    let mut d = d.to_vec();
    // the order of the cases must not reach the last bit
    d.sort_unstable_by(f64::total_cmp);
    let note = pseudo_pair(&mut d);
    let found = |method, interval, one_sided_95| Found {
        interval,
        one_sided_95,
        p: t_test(&d, 0.0, Alternative::TwoSided, confidence).map(|t| t.p),
        p_exact: None,
        spread: moments::deviation(&d).unwrap_or(0.0),
        method,
        note: note.clone(),
    };
    let skewed = moments::skewness(&d).is_some_and(|s| s.abs() > 1.0);
    if note.is_none()
        && (50..=LARGE).contains(&d.len())
        && skewed
        && let Some(bootstrap) = Bootstrap::of_mean(&d, RESAMPLES, seed)
    {
        return found(
            "bca",
            Some(bootstrap.bca(confidence)),
            Some(bootstrap.bca(0.90)),
        );
    }
    let t = |confidence| mean::t_interval(&d, confidence).map(|t| (t.low, t.high));
    found("t", t(confidence), t(0.90))
}

fn clustered(d: &[f64], groups: &[usize], confidence: f64) -> Found {
    let count = cluster::members(groups).len();
    let (mut d, mut groups) = (d.to_vec(), groups.to_vec());
    let pseudo = pseudo_pair(&mut d);
    if pseudo.is_some() {
        // each of the two is a group of its own
        let free = groups
            .iter()
            .copied()
            .max()
            .map_or(0, |m| m.saturating_add(1));
        groups.extend([free, free.saturating_add(1)]);
    }
    let estimate = cluster::mean(&d, &groups);
    let spread = estimate.map_or(0.0, |c| c.cr2 * (d.len() as f64).sqrt());
    if count < cluster::FEWEST {
        return Found {
            interval: None,
            one_sided_95: None,
            p: None,
            p_exact: None,
            spread,
            method: "none",
            note: Some(format!(
                "{count} groups are too few for an interval (at least 5)"
            )),
        };
    }
    let few = (count < cluster::FEW).then(|| format!("only {count} groups: the interval is rough"));
    let notes: Vec<String> = few.into_iter().chain(pseudo).collect();
    Found {
        interval: estimate.map(|c| c.interval(confidence)),
        one_sided_95: estimate.map(|c| c.interval(0.90)),
        p_exact: None,
        p: estimate.map(|c| (2.0 * student::sf((c.mean / c.cr2).abs(), c.df)).min(1.0)),
        spread,
        method: "cr2",
        note: (!notes.is_empty()).then(|| notes.join("; ")),
    }
}

/// Adds a pseudo win and a pseudo loss where few differences are not zero or all are the same, and says so.
fn pseudo_pair(d: &mut Vec<f64>) -> Option<String> {
    let moved = d.iter().filter(|d| **d != 0.0).count();
    let why = if moved < SPARSE {
        match moved {
            0 => "no case differs".to_owned(),
            1 => "only 1 case differs".to_owned(),
            _ => format!("only {moved} cases differ"),
        }
    } else if moments::constant(d) {
        "all cases differ by the same".to_owned()
    } else {
        return None;
    };
    let size = d.iter().fold(1.0_f64, |size, d| size.max(d.abs()));
    d.extend([size, -size]);
    Some(format!(
        "{why}: the interval counts one win and one loss more"
    ))
}

/// A t test of a mean with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// The mean.
    pub mean: f64,
    /// (mean - null)/SE; infinite where the values have no spread but differ from the null.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// The p of the alternative.
    pub p: f64,
    /// Lower limit; -∞ when the alternative is `Less`.
    pub low: f64,
    /// Upper limit; ∞ when the alternative is `Greater`.
    pub high: f64,
}

/// Student's t test of mean(d) = `null`: t = (d̄ - null)√n/s with n-1 degrees of freedom; a one-sided alternative has a
/// one-sided interval. `None` below two values or for values that all equal the null.
pub fn t_test(d: &[f64], null: f64, alternative: Alternative, confidence: f64) -> Option<TTest> {
    let mean = moments::mean(d)?;
    let error = moments::deviation(d)? / (d.len() as f64).sqrt();
    from_error(
        mean,
        error,
        (d.len() - 1) as f64,
        null,
        alternative,
        confidence,
    )
}

/// The t test that a mean, its standard error and degrees of freedom make; `None` for 0/0.
pub(crate) fn from_error(
    mean: f64,
    error: f64,
    df: f64,
    null: f64,
    alternative: Alternative,
    confidence: f64,
) -> Option<TTest> {
    let t = (mean - null) / error;
    if t.is_nan() {
        return None;
    }
    let one_sided = error * student::quantile(confidence, df);
    let (p, low, high) = match alternative {
        Alternative::Greater => (student::sf(t, df), mean - one_sided, f64::INFINITY),
        Alternative::Less => (student::cdf(t, df), f64::NEG_INFINITY, mean + one_sided),
        Alternative::TwoSided => {
            let (low, high) = cluster::around(mean, error * student::two_sided(confidence, df));
            ((2.0 * student::sf(t.abs(), df)).min(1.0), low, high)
        }
    };
    Some(TTest {
        mean,
        t,
        df,
        p,
        low,
        high,
    })
}
