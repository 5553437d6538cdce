//! Group-sequential bounds: a few looks at one trial, the error spent over them (Lan & DeMets 1983).
//!
//! Leans on normality of the early looks, which sparse differences do not have: betting is what the program uses.

use super::normal;

/// The bounds of `looks` equally spaced looks: reject at look k where |z| ≥ z_k.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// z_k.
    pub z: Vec<f64>,
    /// The error spent up to and with look k.
    pub spent: Vec<f64>,
}

/// Two-sided bounds that spend as O'Brien & Fleming do, 4(1-Φ(z_{1-α/4}/√t)) at the share t of the cases: by recursive
/// integration of the density of the sum that has crossed no bound yet (Armitage, McPherson & Rowe 1969), Simpson's rule,
/// good to about 1e-6. `None` for no look, more than 100, or `alpha` outside 0..1.
pub fn obrien_fleming(looks: usize, alpha: f64) -> Option<Bounds> {
    if !(1..=100).contains(&looks) || alpha.is_nan() || alpha <= 0.0 || alpha >= 1.0 {
        return None;
    }
    let base = -normal::quantile(alpha / 4.0);
    let spent = |k: usize| 4.0 * normal::sf(base / (k as f64 / looks as f64).sqrt());
    let step = (1.0 / looks as f64).sqrt();
    let mut bounds = Bounds {
        z: Vec::new(),
        spent: Vec::new(),
    };
    let mut density = Grid::at_zero();
    let mut before = 0.0;
    for look in 1..=looks {
        // the last look spends all that is left
        let now = if look == looks { alpha } else { spent(look) };
        let edge = density.edge((now - before).max(0.0), step);
        bounds.z.push(edge / (look as f64 / looks as f64).sqrt());
        bounds.spent.push(now);
        before = now;
        density = density.next(edge, step);
    }
    Some(bounds)
}

/// A density at points, each with its weight of integration in it.
struct Grid {
    points: Vec<f64>,
    masses: Vec<f64>,
}

impl Grid {
    fn at_zero() -> Self {
        Grid {
            points: vec![0.0],
            masses: vec![1.0],
        }
    }

    /// The bound that a further step of deviation `step` crosses with probability `chance`, on either side.
    fn edge(&self, chance: f64, step: f64) -> f64 {
        let crossing = |edge: f64| -> f64 {
            let both = self.points.iter().zip(&self.masses);
            both.map(|(u, m)| 2.0 * m * normal::sf((edge - u) / step))
                .sum()
        };
        let (mut low, mut high) = (0.0, 40.0);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if crossing(middle) > chance {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// The density within ±`edge` after a further step.
    fn next(&self, edge: f64, step: f64) -> Grid {
        // sixteen points a deviation of the step, an even number of intervals
        let intervals = 2 * ((edge / step * 16.0).ceil() as usize).clamp(50, 4_000);
        let width = 2.0 * edge / intervals as f64;
        let at = |i: usize| -edge + width * i as f64;
        let mass = |i: usize| {
            let weight = match i {
                _ if i == 0 || i == intervals => 1.0,
                _ if i % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let both = self.points.iter().zip(&self.masses);
            let density: f64 = both
                .map(|(u, m)| m * normal::pdf((at(i) - u) / step) / step)
                .sum();
            weight * width / 3.0 * density
        };
        Grid {
            points: (0..=intervals).map(at).collect(),
            masses: (0..=intervals).map(mass).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_looks_as_published() {
        let found = obrien_fleming(5, 0.05).unwrap();
        let published = [4.877, 3.357, 2.680, 2.290, 2.031];
        for (z, published) in found.z.iter().zip(published) {
            assert!((z - published).abs() < 5e-4, "{found:?}");
        }
    }

    #[test]
    fn no_looks_no_bounds() {
        assert_eq!(obrien_fleming(0, 0.05), None);
        assert_eq!(obrien_fleming(3, 1.5), None);
    }
}
