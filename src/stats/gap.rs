//! How much of the gap between a weak and a strong model a score for routing recovers (RouteLLM, Ong et al. 2024).

use super::moments;

/// The mean quality as more and more cases, those with the highest score first, go to the strong model.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// The mean quality with 0, 1, …, n cases at the strong model.
    pub curve: Vec<f64>,
    /// APGR: the mean of (V-V_weak)/(V_strong-V_weak) over the share at the strong model, by trapezoids. ½ for a score
    /// that knows nothing. `None` without a gap.
    pub average: Option<f64>,
}

/// The curve of two models' qualities over the same cases and a `score`, higher for the strong one; of equal scores the
/// earlier case goes first. `None` without cases, for unequal lengths or values that are not finite.
pub fn recovered(weak: &[f64], strong: &[f64], score: &[f64]) -> Option<Recovered> {
    let n = weak.len();
    let finite = weak
        .iter()
        .chain(strong)
        .chain(score)
        .all(|v| v.is_finite());
    if n == 0 || strong.len() != n || score.len() != n || !finite {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]));
    let mut total = moments::sum(weak.iter().copied());
    let mut curve = vec![total / n as f64];
    for place in order {
        total += strong[place] - weak[place];
        curve.push(total / n as f64);
    }
    // rounding must not gather up to the end
    curve[n] = moments::mean(strong)?;
    let mut found = Recovered {
        curve,
        average: None,
    };
    let steps: Option<Vec<f64>> = (0..=n).map(|m| found.share(m)).collect();
    found.average = steps.map(|share| {
        let inner = moments::sum(share[1..n].iter().copied());
        (inner + (share[0] + share[n]) / 2.0) / n as f64
    });
    Some(found)
}

impl Recovered {
    /// The weak model's mean.
    pub fn weak(&self) -> f64 {
        self.curve[0]
    }

    /// The strong model's mean.
    pub fn strong(&self) -> f64 {
        self.curve[self.curve.len() - 1]
    }

    /// PGR with `m` cases at the strong model; `None` without a gap.
    fn share(&self, m: usize) -> Option<f64> {
        let gap = self.strong() - self.weak();
        (gap != 0.0).then(|| (self.curve[m] - self.weak()) / gap)
    }

    /// APGR of the curve's running maximum: of a score that need not send more cases to the strong model than help, such
    /// as an oracle's. `None` without a gap.
    pub fn rising(&self) -> Option<f64> {
        let mut most = f64::NEG_INFINITY;
        let share: Option<Vec<f64>> = (0..self.curve.len()).map(|m| self.share(m)).collect();
        let rising: Vec<f64> = share?
            .into_iter()
            .map(|share| {
                most = most.max(share);
                most
            })
            .collect();
        let steps = rising.windows(2).map(|two| (two[0] + two[1]) / 2.0);
        Some(moments::sum(steps) / (rising.len() - 1) as f64)
    }

    /// CPT: the smallest share of cases at the strong model that recovers `part` of the gap (½ for CPT50). `None` without
    /// a gap or if nothing recovers that much.
    pub fn calls_for(&self, part: f64) -> Option<f64> {
        let n = self.curve.len() - 1;
        let enough = |m: &usize| self.share(*m).is_some_and(|share| share >= part - 1e-12);
        (0..=n).find(enough).map(|m| m as f64 / n as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_score_needs_only_the_cases_that_differ() {
        let weak = [1.0, 0.0, 1.0, 0.0];
        let strong = [1.0; 4];
        let found = recovered(&weak, &strong, &[0.0, 2.0, 0.0, 1.0]).unwrap();
        assert_eq!(found.curve, [0.5, 0.75, 1.0, 1.0, 1.0]);
        assert_eq!(
            (found.calls_for(0.5), found.calls_for(1.0)),
            (Some(0.25), Some(0.5))
        );
        assert!((found.average.unwrap() - 0.75).abs() < 1e-12);
    }

    #[test]
    fn no_gap_no_share() {
        let found = recovered(&[1.0, 0.0], &[0.0, 1.0], &[1.0, 2.0]).unwrap();
        assert_eq!((found.average, found.calls_for(0.5)), (None, None));
        assert_eq!(recovered(&[], &[], &[]), None);
        assert_eq!(recovered(&[1.0], &[1.0], &[f64::NAN]), None);
    }
}
