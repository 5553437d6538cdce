//! Axes: from a value to a place between 0 and 1, and which values get a tick.

/// One axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    /// Equal steps are equal factors.
    pub log: bool,
    /// On a logarithmic axis the share of its start kept for the value 0.
    zero: f64,
}

impl Axis {
    /// For amounts from 0 up: logarithmic where they differ by more than a factor of twelve.
    pub fn amounts(values: &[f64]) -> Axis {
        let positive = || values.iter().copied().filter(|v| *v > 0.0);
        let (least, most) = (
            positive().fold(f64::MAX, f64::min),
            positive().fold(0.0, f64::max),
        );
        if most <= 0.0 {
            return Axis {
                low: 0.0,
                high: 1.0,
                log: false,
                zero: 0.0,
            };
        }
        if most / least <= 12.0 {
            return Axis {
                low: 0.0,
                high: most * 1.12,
                log: false,
                zero: 0.0,
            };
        }
        let zero = if values.contains(&0.0) { 0.14 } else { 0.0 };
        Axis {
            low: least / 1.6,
            high: most * 1.6,
            log: true,
            zero,
        }
    }

    /// For scores: what the intervals span and a little air, within `bounds` where there are any.
    pub fn scores(values: &[f64], bounds: Option<(f64, f64)>) -> Axis {
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        let air = ((high - low) * 0.06).max(1e-3);
        let (mut low, mut high) = (low - air, high + air);
        if let Some((least, most)) = bounds {
            (low, high) = (low.max(least), high.min(most));
        }
        if low >= high {
            (low, high) = (low - 0.5, low + 0.5);
        }
        Axis {
            low,
            high,
            log: false,
            zero: 0.0,
        }
    }

    /// Where a value stands, from 0 to 1.
    pub fn at(&self, value: f64) -> f64 {
        let share = if !self.log {
            (value - self.low) / (self.high - self.low)
        } else if value <= 0.0 {
            return self.zero / 2.0;
        } else {
            let log = (value / self.low).ln() / (self.high / self.low).ln();
            self.zero + log * (1.0 - self.zero)
        };
        share.clamp(0.0, 1.0)
    }

    /// Round values to mark, about five.
    pub fn ticks(&self) -> Vec<f64> {
        if !self.log {
            let step = nice((self.high - self.low) / 4.5);
            let first = (self.low / step - 1e-9).ceil() as i64;
            let last = (self.high / step + 1e-9).floor() as i64;
            return (first..=last).map(|n| n as f64 * step).collect();
        }
        let decades = (self.high / self.low).log10();
        let steps: &[f64] = match decades {
            d if d < 1.4 => &[1.0, 2.0, 5.0],
            d if d < 2.6 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let from = self.low.log10().floor() as i32;
        let to = self.high.log10().ceil() as i32;
        let every = ((to - from) as usize / 6).max(1);
        let marks = (from..=to)
            .step_by(every)
            .flat_map(|e| steps.iter().map(move |s| s * 10f64.powi(e)));
        let inside = marks.filter(|v| (self.low..=self.high).contains(v));
        let zero = (self.zero > 0.0).then_some(0.0);
        zero.into_iter().chain(inside).collect()
    }
}

/// The next step of 1, 2, 2.5 or 5 times a power of ten.
fn nice(rough: f64) -> f64 {
    let ten = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    steps
        .iter()
        .map(|s| s * ten)
        .find(|s| *s >= rough * 0.999)
        .unwrap_or(10.0 * ten)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_choose_their_scale() {
        let linear = Axis::amounts(&[1.0, 4.0]);
        assert_eq!(linear.at(0.0), 0.0);
        assert_eq!(linear.ticks(), [0.0, 1.0, 2.0, 3.0, 4.0]);
        let log = Axis::amounts(&[0.0, 0.001, 0.1]);
        assert_eq!(log.at(0.0), 0.07);
        assert!(log.at(0.001) > 0.14 && log.at(0.01) < log.at(0.1));
        assert_eq!(log.ticks().first(), Some(&0.0));
        assert!(Axis::amounts(&[]).ticks().len() > 2);
    }

    #[test]
    fn scores_stay_in_bounds() {
        let axis = Axis::scores(&[0.9, 1.0], Some((0.0, 1.0)));
        assert_eq!(axis.at(1.0), 1.0);
        assert!(axis.at(0.9) > 0.0);
        assert!(Axis::scores(&[1.0], Some((0.0, 1.0))).at(1.0).is_finite());
    }
}
