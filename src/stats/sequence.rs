//! Confidence sequences for a mean: intervals that hold at all times together. Wider than betting ([`super::anytime`]) at
//! the sizes of an evaluation, but they give an interval at every look.

/// The centre and half-width of a sequence at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Around {
    /// The middle of the interval.
    pub centre: f64,
    /// Half its width; may exceed ½ at the beginning.
    pub radius: f64,
}

/// The predictable plug-in empirical-Bernstein sequence (Waudby-Smith & Ramdas 2023) for values within 0..=1, at every time
/// 1..=n: λ_t = min(½, √(2ln(2/α)/(σ̂²_{t-1} t ln(t+1)))), centre ΣλX/Σλ, radius (ln(2/α) + Σv_iψ(λ_i))/Σλ with
/// v_i = 4(X_i-μ̂_{i-1})², ψ(λ) = (-ln(1-λ)-λ)/4; mean and variance begin with one pseudo-case of ½ and ¼. Values beyond
/// 0..=1 are cut; `alpha` in 0..1. Valid but hardly of use below 200 cases.
pub fn empirical_bernstein(x: &[f64], alpha: f64) -> Vec<Around> {
    let budget = (2.0 / alpha).ln();
    let (mut sum, mut squares) = (0.5, 0.25);
    let (mut weighted, mut weights, mut spent) = (0.0, 0.0, budget);
    let step = |(place, value): (usize, &f64)| {
        let t = (place + 1) as f64;
        let value = if value.is_nan() {
            0.5
        } else {
            value.clamp(0.0, 1.0)
        };
        let (mean, variance) = (sum / t, squares / t);
        let bet = (2.0 * budget / (variance * t * (t + 1.0).ln()))
            .sqrt()
            .min(0.5);
        spent += 4.0 * (value - mean).powi(2) * (-(-bet).ln_1p() - bet) / 4.0;
        weighted += bet * value;
        weights += bet;
        sum += value;
        squares += (value - sum / (t + 1.0)).powi(2);
        Around {
            centre: weighted / weights,
            radius: spent / weights,
        }
    };
    x.iter().enumerate().map(step).collect()
}

/// Robbins' normal mixture (1970): the half-width σ√((nρ²+1)/(n²ρ²)·ln((nρ²+1)/α²)) of a sequence for the mean after `n`
/// values of deviation `sigma`. Exact for normal values only; with an estimated deviation asymptotic, which errs at our
/// sizes. Infinite for n = 0.
pub fn normal_mixture(n: usize, rho: f64, alpha: f64, sigma: f64) -> f64 {
    if n == 0 {
        return f64::INFINITY;
    }
    let n = n as f64;
    let grown = n * rho * rho + 1.0;
    sigma * (grown / (n * n * rho * rho) * (grown / (alpha * alpha)).ln()).sqrt()
}

/// The ρ that makes [`normal_mixture`] narrowest near `n` values: √((-2ln α + ln(-2ln α + 1))/n) (Waudby-Smith et al. 2021).
pub fn best_rho(n: usize, alpha: f64) -> f64 {
    let budget = -2.0 * alpha.ln();
    ((budget + (budget + 1.0).ln()) / n as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_closes_in_on_the_mean() {
        let x: Vec<f64> = (0..2_000)
            .map(|i| f64::from(u8::from(i % 4 != 0)))
            .collect();
        let found = empirical_bernstein(&x, 0.05);
        assert!(found.windows(2).skip(50).all(|w| w[1].radius < w[0].radius));
        let last = found[1_999];
        assert!((last.centre - 0.75).abs() < 0.01 && last.radius < 0.06);
        assert_eq!(empirical_bernstein(&[], 0.05), []);
    }

    #[test]
    fn the_best_rho_is_about_the_best() {
        let rho = best_rho(100, 0.05);
        let at = |rho| normal_mixture(100, rho, 0.05, 1.0);
        assert!(at(rho) < at(1.3 * rho) && at(rho) < at(0.7 * rho));
    }
}
