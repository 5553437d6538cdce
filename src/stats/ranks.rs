//! Tests and correlations on ranks: robust lines beside the means.

use super::{Alternative, binomial, chi_squared, moments, normal, student};

/// Ranks from 1, ties at their mean.
pub fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    let mut ranks = vec![0.0; x.len()];
    let mut from = 0;
    for tied in order.chunk_by(|a, b| x[*a] == x[*b]) {
        let middle = from as f64 + (tied.len() + 1) as f64 / 2.0;
        tied.iter().for_each(|i| ranks[*i] = middle);
        from += tied.len();
    }
    ranks
}

/// Σ(t³-t) over groups of t equal values.
fn tie_term(x: &[f64]) -> f64 {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sizes = sorted.chunk_by(|a, b| a == b).map(|t| t.len() as f64);
    sizes.map(|t| t * t * t - t).sum()
}

/// A sign test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignTest {
    /// Differences above zero.
    pub positive: usize,
    /// Differences that are not zero.
    pub nonzero: usize,
    /// The binomial p of ½ against the alternative.
    pub p: f64,
}

/// The exact sign test of the differences; zeros are dropped.
pub fn sign_test(d: &[f64], alternative: Alternative) -> SignTest {
    let positive = d.iter().filter(|d| **d > 0.0).count();
    let nonzero = positive + d.iter().filter(|d| **d < 0.0).count();
    let p = binomial::test(positive as u64, nonzero as u64, 0.5, alternative);
    SignTest {
        positive,
        nonzero,
        p,
    }
}

/// Wilcoxon's signed-rank test, exact: W⁺ and its p over all signs, zeros dropped, ties at their mean rank. It tests
/// symmetry about 0, not the mean. p is 1 without a nonzero difference; work grows with the cube of the cases.
pub fn signed_rank_exact(d: &[f64], alternative: Alternative) -> (f64, f64) {
    let moved: Vec<f64> = d.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = moved.iter().map(|d| d.abs()).collect();
    // doubled, so that mean ranks are whole
    let ranks: Vec<usize> = ranks(&sizes).iter().map(|r| (2.0 * r) as usize).collect();
    let seen: usize = ranks
        .iter()
        .zip(&moved)
        .filter_map(|(r, d)| (*d > 0.0).then_some(r))
        .sum();
    let mut chance = vec![1.0];
    for rank in &ranks {
        let mut next = vec![0.0; chance.len() + rank];
        for (sum, p) in chance.iter().enumerate() {
            next[sum] += p / 2.0;
            next[sum + rank] += p / 2.0;
        }
        chance = next;
    }
    let up_to = moments::sum(chance[..=seen].iter().copied());
    let from = moments::sum(chance[seen..].iter().copied());
    let p = match alternative {
        Alternative::Greater => from,
        Alternative::Less => up_to,
        Alternative::TwoSided => 2.0 * up_to.min(from),
    };
    (seen as f64 / 2.0, p.min(1.0))
}

/// Wilcoxon's signed-rank test by the normal approximation: z of W⁺ (two-sided: of the smaller of W⁺ and W⁻, so never above
/// 0), tie-corrected, without continuity correction, and its p. Zeros are dropped, or with `pratt` ranked and then dropped (Pratt 1959). `None` without a nonzero difference.
pub fn signed_rank_normal(d: &[f64], alternative: Alternative, pratt: bool) -> Option<(f64, f64)> {
    let kept: Vec<f64> = d.iter().copied().filter(|d| pratt || *d != 0.0).collect();
    let sizes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let moved: Vec<f64> = sizes.iter().copied().filter(|s| *s != 0.0).collect();
    if moved.is_empty() {
        return None;
    }
    let positive = ranks(&sizes).into_iter().zip(&kept);
    let plus: f64 = positive.filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
    let (n, zeros) = (kept.len() as f64, (kept.len() - moved.len()) as f64);
    let triangle = |n: f64| n * (n + 1.0);
    let mean = (triangle(n) - triangle(zeros)) / 4.0;
    let pyramid = |n: f64| triangle(n) * (2.0 * n + 1.0);
    let variance = (pyramid(n) - pyramid(zeros) - tie_term(&moved) / 2.0) / 24.0;
    let z = (plus - mean) / variance.sqrt();
    Some(match alternative {
        Alternative::Greater => (z, normal::sf(z)),
        Alternative::Less => (z, normal::cdf(z)),
        Alternative::TwoSided => (-z.abs(), 2.0 * normal::sf(z.abs())),
    })
}

/// P(a > b) + ½P(a = b) for a random value of each (Mann & Whitney's U/nm); Cliff's delta is twice that minus 1. `None`
/// if either is empty.
pub fn superiority(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let ranks = ranks(&[a, b].concat());
    let n = a.len() as f64;
    let u = moments::sum(ranks[..a.len()].iter().copied()) - n * (n + 1.0) / 2.0;
    Some(u / (n * b.len() as f64))
}

/// An omnibus test: is any of several candidates different?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Omnibus {
    /// The χ² statistic.
    pub chi2: f64,
    /// Candidates less one.
    pub df: f64,
    /// Its p.
    pub p: f64,
}

fn omnibus(chi2: f64, candidates: f64) -> Option<Omnibus> {
    let df = candidates - 1.0;
    chi2.is_finite().then(|| Omnibus {
        chi2,
        df,
        p: chi_squared::sf(chi2, df),
    })
}

/// Friedman's test on rows of cases with a column a candidate, tie-corrected. `None` without two columns or where every
/// row is tied throughout.
pub fn friedman(rows: &[Vec<f64>]) -> Option<Omnibus> {
    let k = columns(rows)? as f64;
    let n = rows.len() as f64;
    let ranked: Vec<Vec<f64>> = rows.iter().map(|row| ranks(row)).collect();
    let ties: f64 = rows.iter().map(|row| tie_term(row)).sum();
    let squares: f64 = (0..k as usize)
        .map(|j| moments::sum(ranked.iter().map(|r| r[j])).powi(2))
        .sum();
    let raw = 12.0 / (k * n * (k + 1.0)) * squares - 3.0 * n * (k + 1.0);
    omnibus(raw / (1.0 - ties / (k * (k * k - 1.0) * n)), k)
}

/// Cochran's Q on rows of 0 and 1 with a column a candidate. `None` without two columns or where no row differs.
pub fn cochran_q(rows: &[Vec<f64>]) -> Option<Omnibus> {
    let k = columns(rows)? as f64;
    let total = moments::sum(rows.iter().flatten().copied());
    let by_column: f64 = (0..k as usize)
        .map(|j| moments::sum(rows.iter().map(|r| r[j])).powi(2))
        .sum();
    let by_row: f64 = rows.iter().map(|r| r.iter().sum::<f64>().powi(2)).sum();
    omnibus(
        (k - 1.0) * (k * by_column - total * total) / (k * total - by_row),
        k,
    )
}

/// The common length of all rows, if there is one and it is at least 2.
fn columns(rows: &[Vec<f64>]) -> Option<usize> {
    let k = rows.first()?.len();
    (k >= 2 && rows.iter().all(|r| r.len() == k)).then_some(k)
}

/// A correlation with its p and, for Pearson's, its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// The coefficient, -1..=1.
    pub r: f64,
    /// Two-sided p of "none", from t = r√((n-2)/(1-r²)).
    pub p: f64,
    /// The Fisher z interval tanh(artanh r ± z/√(n-3)); `None` below four pairs.
    pub interval: Option<(f64, f64)>,
}

/// Pearson's correlation. `None` below three pairs, for unequal lengths, or without spread.
pub fn pearson(x: &[f64], y: &[f64], confidence: f64) -> Option<Correlation> {
    let n = x.len();
    if n != y.len() || n < 3 || moments::constant(x) || moments::constant(y) {
        return None;
    }
    let r = moments::covariance(x, y)? / (moments::deviation(x)? * moments::deviation(y)?);
    let r = r.clamp(-1.0, 1.0);
    let df = (n - 2) as f64;
    let t = r.abs() * (df / (1.0 - r * r)).sqrt();
    let half = normal::two_sided(confidence) / (df - 1.0).sqrt();
    let limit = |by: f64| (r.atanh() + by).tanh();
    Some(Correlation {
        r,
        p: 2.0 * student::sf(t, df),
        interval: (n > 3).then(|| (limit(-half), limit(half))),
    })
}

/// Spearman's rank correlation: Pearson's of the ranks.
pub fn spearman(x: &[f64], y: &[f64], confidence: f64) -> Option<Correlation> {
    pearson(&ranks(x), &ranks(y), confidence)
}

/// Kendall's τ_b = (concordant - discordant)/√((pairs - ties in x)(pairs - ties in y)). `None` without spread or for
/// unequal lengths. Work grows with the square of the pairs.
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    let sign = |a: f64, b: f64| f64::from(i8::from(a > b) - i8::from(a < b));
    let (mut both, mut in_x, mut in_y) = (0.0, 0.0, 0.0);
    for i in 0..x.len() {
        for j in 0..i {
            let (a, b) = (sign(x[i], x[j]), sign(*y.get(i)?, y[j]));
            both += a * b;
            in_x += a * a;
            in_y += b * b;
        }
    }
    (in_x * in_y > 0.0).then(|| both / f64::sqrt(in_x * in_y))
}
