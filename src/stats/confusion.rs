//! A classification report: which class was expected and which was found.
//!
//! As scikit-learn's `classification_report` counts: a precision, recall or F1 without a denominator
//! is 0, and the means are over the classes that were expected or found at all.

/// Counts by expected class (row) and found class (column); the last column is "none".
#[derive(Debug, Clone, Copy)]
pub struct Confusion<'a> {
    classes: usize,
    counts: &'a [f64],
}

/// One class.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Class {
    /// Of those found to be it, the share that are.
    pub precision: f64,
    /// Of those that are it, the share found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// How many are it.
    pub support: f64,
    /// How many were found to be it.
    pub found: f64,
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl<'a> Confusion<'a> {
    /// Of `classes` rows with a column more each; `None` for another number of counts.
    pub fn new(classes: usize, counts: &'a [f64]) -> Option<Self> {
        (counts.len() == Self::cells(classes)).then_some(Confusion { classes, counts })
    }

    /// How many counts there are.
    pub fn cells(classes: usize) -> usize {
        classes * (classes + 1)
    }

    /// Where a pair is counted; found in none of the classes is `None`.
    pub fn cell(classes: usize, expected: usize, found: Option<usize>) -> usize {
        expected * (classes + 1) + found.unwrap_or(classes)
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = &'a [f64]> {
        self.counts.chunks_exact(self.classes + 1)
    }

    /// One class.
    pub fn class(&self, class: usize) -> Class {
        let width = self.classes + 1;
        let right = self.counts[class * width + class];
        let support: f64 = self.counts[class * width..(class + 1) * width].iter().sum();
        let found: f64 = (0..self.classes)
            .map(|row| self.counts[row * width + class])
            .sum();
        Class {
            precision: ratio(right, found),
            recall: ratio(right, support),
            f1: ratio(2.0 * right, support + found),
            support,
            found,
        }
    }

    fn classes(&self) -> impl Iterator<Item = Class> + '_ {
        let classes = (0..self.classes).map(|class| self.class(class));
        classes.filter(|class| class.support + class.found > 0.0)
    }

    fn right(&self) -> f64 {
        let width = self.classes + 1;
        (0..self.classes)
            .map(|at| self.counts[at * width + at])
            .sum()
    }

    /// The share found right; `None` without counts.
    pub fn accuracy(&self) -> Option<f64> {
        let all: f64 = self.counts.iter().sum();
        (all > 0.0).then(|| self.right() / all)
    }

    /// The mean of the classes' F1.
    pub fn macro_f1(&self) -> Option<f64> {
        let (sum, n) = self
            .classes()
            .fold((0.0, 0.0), |(sum, n), class| (sum + class.f1, n + 1.0));
        (n > 0.0).then(|| sum / n)
    }

    /// F1 over all classes' counts: 2·right ÷ (expected + found in some class).
    pub fn micro_f1(&self) -> Option<f64> {
        let sides: f64 = self
            .classes()
            .map(|class| class.support + class.found)
            .sum();
        (sides > 0.0).then(|| 2.0 * self.right() / sides)
    }

    /// The mean of the classes' F1, each as often as it is expected.
    pub fn weighted_f1(&self) -> Option<f64> {
        let all: f64 = self.counts.iter().sum();
        let sum: f64 = self.classes().map(|class| class.f1 * class.support).sum();
        (all > 0.0).then(|| sum / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_as_scikit_learn_does() {
        // y_true = a a a b b c, y_pred = a a b b none c
        let mut counts = vec![0.0; Confusion::cells(3)];
        let pairs = [
            (0, Some(0)),
            (0, Some(0)),
            (0, Some(1)),
            (1, Some(1)),
            (1, None),
            (2, Some(2)),
        ];
        for (expected, found) in pairs {
            counts[Confusion::cell(3, expected, found)] += 1.0;
        }
        let confusion = Confusion::new(3, &counts).unwrap();
        let near = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-12;
        assert!(near(confusion.accuracy(), 4.0 / 6.0));
        let f1 = [0.8, 0.5, 1.0];
        assert!((0..3).all(|class| (confusion.class(class).f1 - f1[class]).abs() < 1e-12));
        assert!(near(confusion.macro_f1(), 2.3 / 3.0));
        assert!(near(confusion.micro_f1(), 8.0 / 11.0));
        assert!(near(
            confusion.weighted_f1(),
            (3.0 * 0.8 + 2.0 * 0.5 + 1.0) / 6.0
        ));
        // a class that neither side has does not count
        let mut wider = vec![0.0; Confusion::cells(4)];
        for (expected, found) in pairs {
            wider[Confusion::cell(4, expected, found)] += 1.0;
        }
        let wider = Confusion::new(4, &wider).unwrap();
        assert!(near(wider.macro_f1(), 2.3 / 3.0));
        assert!(Confusion::new(3, &counts[1..]).is_none());
        assert!(Confusion::new(0, &[]).unwrap().accuracy().is_none());
    }
}
