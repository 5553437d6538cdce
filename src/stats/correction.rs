//! P-values of several tests, adjusted so that their number does not make findings. Each function returns the adjusted
//! values in the order given; `p` must lie in 0..=1.

/// Bonferroni: m·p. Holds under any dependence, never better than Holm.
pub fn bonferroni(p: &[f64]) -> Vec<f64> {
    p.iter().map(|v| (v * p.len() as f64).min(1.0)).collect()
}

/// Šidák: 1-(1-p)^m, for independent tests.
pub fn sidak(p: &[f64]) -> Vec<f64> {
    let m = p.len() as f64;
    p.iter().map(|v| -(m * (-v).ln_1p()).exp_m1()).collect()
}

/// Holm (1979), for the few claims of a headline: the family-wise error under any dependence.
pub fn holm(p: &[f64]) -> Vec<f64> {
    step_down(p, |v, left| v * left)
}

/// Hochberg (1988): as Holm from the largest up; needs independent or positively dependent tests.
pub fn hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, |v, rank, m| v * (m - rank + 1.0))
}

/// Benjamini & Hochberg (1995), for exploring: the share of false findings.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, |v, rank, m| v * m / rank)
}

/// Benjamini & Yekutieli (2001): the share of false findings under any dependence.
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    let harmonic: f64 = (1..=p.len()).map(|i| 1.0 / i as f64).sum();
    step_up(p, |v, rank, m| v * m * harmonic / rank)
}

fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

/// From the smallest up, never falling; `scale` sees the value and how many are left.
fn step_down(p: &[f64], scale: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut highest = 0.0_f64;
    for (rank, place) in ascending(p).into_iter().enumerate() {
        highest = highest.max(scale(p[place], (p.len() - rank) as f64).min(1.0));
        adjusted[place] = highest;
    }
    adjusted
}

/// From the largest down, never rising; `scale` sees the value, its rank from 1 and how many there are.
fn step_up(p: &[f64], scale: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut lowest = 1.0_f64;
    for (rank, place) in ascending(p).into_iter().enumerate().rev() {
        lowest = lowest.min(scale(p[place], (rank + 1) as f64, p.len() as f64));
        adjusted[place] = lowest;
    }
    adjusted
}
