//! Sums, means, variances, skewness.

/// The sum, compensated (Neumaier 1974): the rounding error does not grow with the number of values.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
}

/// Σx/n; `None` for no values.
pub fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| sum(x.iter().copied()) / x.len() as f64)
}

/// Σ(x-x̄)²/(n-1); `None` below two values.
pub fn variance(x: &[f64]) -> Option<f64> {
    covariance(x, x)
}

/// Σ(x-x̄)(y-ȳ)/(n-1); `None` below two pairs. What is longer is cut.
pub fn covariance(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len().min(y.len());
    if n < 2 {
        return None;
    }
    let (mx, my) = (mean(&x[..n])?, mean(&y[..n])?);
    let cross = x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my));
    Some(sum(cross) / (n - 1) as f64)
}

/// √variance; `None` below two values.
pub fn deviation(x: &[f64]) -> Option<f64> {
    variance(x).map(f64::sqrt)
}

/// The sample skewness Σ(x-x̄)³/n / (Σ(x-x̄)²/n)^{3/2}; `None` without spread.
pub fn skewness(x: &[f64]) -> Option<f64> {
    let m = mean(x)?;
    let n = x.len() as f64;
    let second = sum(x.iter().map(|v| (v - m).powi(2))) / n;
    let third = sum(x.iter().map(|v| (v - m).powi(3))) / n;
    (second > 0.0).then(|| third / second.powf(1.5))
}

/// Whether all values are the same up to rounding (1e-12 of the largest).
pub fn constant(x: &[f64]) -> bool {
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    x.is_empty() || high - low <= 1e-12 * high.abs().max(low.abs())
}
