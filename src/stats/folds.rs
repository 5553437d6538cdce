//! Folds for cross-fitting: rows of one cluster stay together, and every fold has its part of every stratum.

use super::resample::Draw;
use std::collections::BTreeMap;

/// What is dealt to folds, and drawn by a bootstrap: clusters of rows, each in a stratum.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// The unit of each row.
    pub of_row: Vec<u32>,
    /// The stratum of each unit: that of its first row.
    strata: Vec<u32>,
}

impl Units {
    /// One unit a number of `groups`, in the order of first mention; without groups one a row. `strata` has a number a row.
    pub fn new(groups: Option<&[usize]>, strata: &[u32]) -> Units {
        let mut known: BTreeMap<usize, u32> = BTreeMap::new();
        let mut units = Units {
            of_row: Vec::with_capacity(strata.len()),
            strata: Vec::new(),
        };
        for (row, stratum) in strata.iter().enumerate() {
            let group = groups.map_or(row, |groups| groups[row]);
            let next = units.strata.len() as u32;
            let unit = *known.entry(group).or_insert(next);
            if unit == next {
                units.strata.push(*stratum);
            }
            units.of_row.push(unit);
        }
        units
    }

    /// How many units.
    pub fn len(&self) -> usize {
        self.strata.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.strata.is_empty()
    }

    /// How often each unit is in a bootstrap sample.
    pub fn resample(&self, draw: &mut Draw) -> Vec<f64> {
        draw.times(self.len())
    }

    /// The fold, 0..`folds`, of each unit whose weight is above 0: shuffled within strata, then dealt one by one, so that
    /// folds differ by at most one unit, in each stratum and in all.
    pub fn deal(&self, weights: &[f64], folds: usize, draw: &mut Draw) -> Vec<u8> {
        let mut order: Vec<(u32, u32, u32)> = Vec::with_capacity(self.len());
        for (unit, stratum) in self.strata.iter().enumerate() {
            let key = draw.coins();
            if weights[unit] > 0.0 {
                order.push((*stratum, key, unit as u32));
            }
        }
        order.sort_unstable();
        let mut fold_of = vec![0; self.len()];
        for (place, (_, _, unit)) in order.into_iter().enumerate() {
            fold_of[unit as usize] = (place % folds.clamp(1, 255)) as u8;
        }
        fold_of
    }
}

/// By how much the standard error of a cross-fitted mean over `folds` folds is too small at most, since folds share most of
/// their training rows: √((1/J + n_test/n_train)·J) (Nadeau & Bengio 2003, for the mean of J folds).
pub fn inflation(folds: usize) -> f64 {
    let j = folds.max(2) as f64;
    ((1.0 / j + 1.0 / (j - 1.0)) * j).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_stay_together_and_strata_are_spread() {
        let groups: Vec<usize> = (0..60).map(|row| row / 2).collect();
        let strata: Vec<u32> = (0..60).map(|row| row / 20).collect();
        let units = Units::new(Some(&groups), &strata);
        assert_eq!(units.len(), 30);
        let folds = units.deal(&[1.0; 30], 5, &mut Draw::new(1, 0));
        let in_fold = |fold: u8, stratum: usize| {
            let of = 10 * stratum..10 * stratum + 10;
            of.filter(|unit| folds[*unit] == fold).count()
        };
        for fold in 0..5 {
            assert_eq!([0, 1, 2].map(|s| in_fold(fold, s)), [2, 2, 2]);
        }
        assert_eq!(units.of_row[0], units.of_row[1]);
        assert_ne!(folds, units.deal(&[1.0; 30], 5, &mut Draw::new(2, 0)));
    }

    #[test]
    fn five_folds_are_half_as_wide_again() {
        assert!((inflation(5) - 1.5).abs() < 1e-12);
    }
}
