//! What an interval for a difference shows, given a margin.

/// The five things a difference (candidate minus baseline) can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The whole interval is above 0.
    Improved,
    /// Above -margin, and 0 is possible.
    NotWorse,
    /// Below 0, but above -margin.
    SlightlyWorse,
    /// Below 0, and -margin or worse is possible.
    Regressed,
    /// The interval holds 0 and reaches -margin.
    Inconclusive,
}

/// Reads the interval (low, high), each limit one-sided at the test's α, against `margin` ≥ 0. A NaN limit shows nothing.
pub fn read(low: f64, high: f64, margin: f64) -> Shown {
    if low > 0.0 {
        Shown::Improved
    } else if high < 0.0 {
        if low > -margin {
            Shown::SlightlyWorse
        } else {
            Shown::Regressed
        }
    } else if low > -margin && high >= 0.0 {
        Shown::NotWorse
    } else {
        Shown::Inconclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_interval() {
        let at = |low, high| read(low, high, 0.05);
        assert_eq!(at(0.01, 0.09), Shown::Improved);
        assert_eq!(at(0.0, 0.09), Shown::NotWorse);
        assert_eq!(at(-0.04, 0.0), Shown::NotWorse);
        assert_eq!(at(-0.04, -0.01), Shown::SlightlyWorse);
        assert_eq!(at(-0.05, -0.01), Shown::Regressed);
        assert_eq!(at(-0.05, 0.0), Shown::Inconclusive);
        assert_eq!(at(-1.0, 1.0), Shown::Inconclusive);
        assert_eq!(at(f64::NAN, f64::NAN), Shown::Inconclusive);
    }
}
