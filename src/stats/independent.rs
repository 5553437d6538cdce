//! Two results on different cases. Pairing on the same cases would shrink every interval here.

use super::paired::{TTest, from_error};
use super::{Alternative, beta, cluster, moments, normal, rate};

/// Successes of how many.
pub type Count = (usize, usize);

/// Welch's t test of mean(x) = mean(y): SE² = s_x²/n + s_y²/m with Satterthwaite's degrees of freedom. `None` below two
/// values a side or without spread.
pub fn welch(x: &[f64], y: &[f64], alternative: Alternative, confidence: f64) -> Option<TTest> {
    let (n, m) = (x.len() as f64, y.len() as f64);
    let (a, b) = (moments::variance(x)? / n, moments::variance(y)? / m);
    let df = (a + b).powi(2) / (a * a / (n - 1.0) + b * b / (m - 1.0));
    if df.is_nan() {
        return None;
    }
    let difference = moments::mean(x)? - moments::mean(y)?;
    from_error(difference, (a + b).sqrt(), df, 0.0, alternative, confidence)
}

/// Newcombe's hybrid score interval for the first rate minus the second (Newcombe 1998, Stat Med 17:873, method 10).
/// Without cases on a side that rate may be anything.
pub fn newcombe(first: Count, second: Count, confidence: f64) -> (f64, f64) {
    let (l1, u1) = rate::wilson(first.0, first.1, confidence);
    let (l2, u2) = rate::wilson(second.0, second.1, confidence);
    if first.1 == 0 || second.1 == 0 {
        return (l1 - u2, u1 - l2);
    }
    let (p1, p2) = (share(first), share(second));
    (
        p1 - p2 - (p1 - l1).hypot(u2 - p2),
        p1 - p2 + (u1 - p1).hypot(p2 - l2),
    )
}

/// The Agresti-Caffo interval (2000): Wald after one success and one failure more on each side. Not cut to -1..=1.
pub fn agresti_caffo(first: Count, second: Count, confidence: f64) -> (f64, f64) {
    let more = |(k, n): Count| (share((k.min(n) + 1, n + 2)), (n + 2) as f64);
    let ((p1, n1), (p2, n2)) = (more(first), more(second));
    let error = (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2).sqrt();
    cluster::around(p1 - p2, error * normal::two_sided(confidence))
}

/// P(first rate > second rate) when each has a Beta(k+a, n-k+b) posterior; `prior` = (a, b), both > 0.
///
/// ∫₀¹ F₂(Q₁(u)) du with tanh-sinh nodes, which bear the kinks at both ends; good to about 1e-9.
pub fn superiority(first: Count, second: Count, prior: (f64, f64)) -> f64 {
    let shape = |(k, n): Count| (k.min(n) as f64 + prior.0, (n - k.min(n)) as f64 + prior.1);
    let ((a1, b1), (a2, b2)) = (shape(first), shape(second));
    let step = 1.0 / 32.0;
    let nodes = (-112..=112).map(|i| {
        let t = step * f64::from(i);
        let s = std::f64::consts::FRAC_PI_2 * t.sinh();
        let u = 0.5 * (1.0 + s.tanh());
        let weight = 0.5 * std::f64::consts::FRAC_PI_2 * t.cosh() / s.cosh().powi(2);
        weight * step * beta::cdf(beta::quantile(u, a1, b1), a2, b2)
    });
    moments::sum(nodes).clamp(0.0, 1.0)
}

fn share((k, n): Count) -> f64 {
    k.min(n) as f64 / n as f64
}
