//! Asking the same case several times: where the variance comes from, what more repeats would buy, pass@k and pass^k,
//! flaky cases.

use super::{moments, rate};

/// One-way random-effects components of scores: cases, with repeats within each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Components {
    /// Mean over cases of the case means.
    pub mean: f64,
    /// Mean square between cases, Σ K_i(x̄_i - x̄)²/(n-1).
    pub ms_between: f64,
    /// Mean square within cases, ΣΣ(s_ik - x̄_i)²/(N-n).
    pub ms_within: f64,
    /// The effective repeats a case, (N - ΣK_i²/N)/(n-1); K when balanced.
    pub repeats: f64,
    /// Variance of the cases' true scores, (MSB-MSW)/repeats; can come out below 0.
    pub between_raw: f64,
    /// The intraclass correlation (MSB-MSW)/(MSB+(repeats-1)MSW); `None` without any variance.
    pub icc: Option<f64>,
    /// Standard error of the mean over cases: deviation of the case means / √n.
    pub error: f64,
    /// What the error would be with endless repeats, √(between/n).
    pub error_floor: f64,
    /// The error that wrongly counts every row as its own case.
    pub error_of_rows: f64,
}

impl Components {
    /// Variance of repeats of one case.
    pub fn within(&self) -> f64 {
        self.ms_within
    }

    /// Variance between cases, at least 0.
    pub fn between(&self) -> f64 {
        self.between_raw.max(0.0)
    }

    /// Repeats a case that give the smallest error for the money, √(cost_case/cost_call · within/between), rounded, at
    /// least 1; `None` where the cases show no variance of their own.
    pub fn best_repeats(&self, cost_case: f64, cost_call: f64) -> Option<u32> {
        let best = (cost_case / cost_call * self.within() / self.between()).sqrt();
        best.is_finite().then(|| best.round().max(1.0) as u32)
    }

    /// Whether more cases help more than more repeats: within/K < between/3, so repeats buy less than 15 % of the error.
    pub fn add_cases(&self) -> bool {
        self.within() / self.repeats < self.between() / 3.0
    }
}

/// The repeats of one case, as far as components need them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tries {
    /// How many.
    pub n: u32,
    /// Their mean; 0 without any.
    pub mean: f64,
    /// Σ(s-mean)².
    pub squares: f64,
}

impl Tries {
    /// One more (Welford 1962).
    pub fn add(&mut self, score: f64) {
        self.n += 1;
        let gap = score - self.mean;
        self.mean += gap / f64::from(self.n);
        self.squares += gap * (score - self.mean);
    }

    /// Of these scores.
    pub fn of(scores: &[f64]) -> Self {
        let mean = moments::mean(scores).unwrap_or(0.0);
        Tries {
            n: scores.len() as u32,
            mean,
            squares: moments::sum(scores.iter().map(|s| (s - mean).powi(2))),
        }
    }
}

/// The components of `cases`, the scores of each case's repeats. `None` below two cases, for a case without a score, or if
/// no case has two.
pub fn components(cases: &[Vec<f64>]) -> Option<Components> {
    let tries: Vec<Tries> = cases.iter().map(|c| Tries::of(c)).collect();
    components_of(&tries)
}

/// The same from each case's count, mean and squares.
pub fn components_of(cases: &[Tries]) -> Option<Components> {
    let n = cases.len() as f64;
    let all: f64 = cases.iter().map(|c| f64::from(c.n)).sum();
    if cases.len() < 2 || all == n || cases.iter().any(|c| c.n == 0) {
        return None;
    }
    let weighted = cases.iter().map(|c| f64::from(c.n) * c.mean);
    let grand = moments::sum(weighted) / all;
    let apart = cases
        .iter()
        .map(|c| f64::from(c.n) * (c.mean - grand).powi(2));
    let between = moments::sum(apart);
    let within = moments::sum(cases.iter().map(|c| c.squares));
    let (ms_between, ms_within) = (between / (n - 1.0), within / (all - n));
    let squares = moments::sum(cases.iter().map(|c| f64::from(c.n).powi(2)));
    let repeats = (all - squares / all) / (n - 1.0);
    let between_raw = (ms_between - ms_within) / repeats;
    let icc = (ms_between - ms_within) / (ms_between + (repeats - 1.0) * ms_within);
    let means: Vec<f64> = cases.iter().map(|c| c.mean).collect();
    Some(Components {
        mean: moments::mean(&means)?,
        ms_between,
        ms_within,
        repeats,
        between_raw,
        icc: icc.is_finite().then_some(icc),
        error: moments::deviation(&means)? / n.sqrt(),
        error_floor: (between_raw.max(0.0) / n).sqrt(),
        error_of_rows: ((between + within) / (all - 1.0) / all).sqrt(),
    })
}

/// The standard error of the mean when these very cases are all that matters and only the model's own noise counts:
/// √(Σ σ̂_i²/K_i)/n. `None` for no cases or a case with fewer than two repeats.
pub fn error_on_this_suite(cases: &[Vec<f64>]) -> Option<f64> {
    let parts: Vec<f64> = cases
        .iter()
        .map(|c| Some(moments::variance(c)? / c.len() as f64))
        .collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| moments::sum(parts).sqrt() / cases.len() as f64)
}

/// The noise floor: the deviation of the difference between two runs of the same model on `n` cases with `repeats` each,
/// √(2·within/(n·K)).
pub fn noise_floor(within: f64, n: usize, repeats: f64) -> f64 {
    (2.0 * within / (n as f64 * repeats)).sqrt()
}

/// pass@k = 1 - C(n-c,k)/C(n,k): the chance that k of n tries hold a pass when c passed, unbiased (Chen et al. 2021).
/// `None` for k > n or c > n.
pub fn pass_at_k(n: usize, c: usize, k: usize) -> Option<f64> {
    Some(1.0 - all_of(n, n.checked_sub(c)?, k)?)
}

/// pass^k = C(c,k)/C(n,k): the chance that k of n tries all pass when c passed (Yao et al. 2024). `None` for k > n or c > n.
pub fn pass_hat_k(n: usize, c: usize, k: usize) -> Option<f64> {
    if c > n {
        return None;
    }
    all_of(n, c, k)
}

/// C(c,k)/C(n,k) as a product.
fn all_of(n: usize, c: usize, k: usize) -> Option<f64> {
    if k > n {
        return None;
    }
    if k > c {
        return Some(0.0);
    }
    Some((0..k).map(|i| (c - i) as f64 / (n - i) as f64).product())
}

/// P(low < p < high) for a case's own pass rate under a Beta(`prior`) prior after `passes` of `repeats`; a case is flaky
/// when this is above .8 for .1..9 and the uniform prior. With one repeat it is not measured.
pub fn flaky(passes: usize, repeats: usize, between: (f64, f64), prior: (f64, f64)) -> f64 {
    rate::probability_between(passes, repeats, between, prior.0, prior.1)
}

/// The unbiased variance of one try of a case, p̂(1-p̂)K/(K-1); `None` below two repeats.
pub fn within_variance(passes: usize, repeats: usize) -> Option<f64> {
    if repeats < 2 {
        return None;
    }
    let k = repeats as f64;
    let p = passes.min(repeats) as f64 / k;
    Some(p * (1.0 - p) * k / (k - 1.0))
}
