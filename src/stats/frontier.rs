//! Quality against cost: which choices nothing beats, what mixing them gives, and how good the whole offer is.

/// A choice's (cost, quality).
pub type Point = (f64, f64);

/// The places of the points that no other one beats, cheaper (or as cheap) and better (or as good) and not the same, by
/// rising cost; of equal points the first. Points that are not finite take no part.
pub fn pareto(points: &[Point]) -> Vec<usize> {
    let finite = |place: &usize| points[*place].0.is_finite() && points[*place].1.is_finite();
    let mut order: Vec<usize> = (0..points.len()).filter(finite).collect();
    order.sort_by(|a, b| {
        let (a, b) = (points[*a], points[*b]);
        a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1))
    });
    let mut best = f64::NEG_INFINITY;
    order.retain(|place| {
        let better = points[*place].1 > best;
        best = best.max(points[*place].1);
        better
    });
    order
}

/// The non-decreasing convex hull of points: the best mean quality that random mixtures reach at each mean cost, so what a
/// router without any features can do (RouterBench's zero router, Hu et al. 2024).
#[derive(Debug, Clone, PartialEq)]
pub struct Hull {
    /// Its corners by rising cost and quality.
    pub corners: Vec<Point>,
    /// The places of the corners among the points.
    pub places: Vec<usize>,
}

/// The hull of `points`; `None` without a finite point.
pub fn hull(points: &[Point]) -> Option<Hull> {
    let mut places: Vec<usize> = Vec::new();
    for place in pareto(points) {
        // the middle of three goes where it lies on or below the line between its neighbours
        while let [.., first, middle] = places[..] {
            let (a, b, c) = (points[first], points[middle], points[place]);
            let above = (b.1 - a.1) * (c.0 - a.0) > (c.1 - a.1) * (b.0 - a.0);
            if above {
                break;
            }
            places.pop();
        }
        places.push(place);
    }
    (!places.is_empty()).then(|| Hull {
        corners: places.iter().map(|p| points[*p]).collect(),
        places,
    })
}

impl Hull {
    /// The quality at a mean cost: linear between corners, flat beyond the last; `None` below the cheapest.
    pub fn at(&self, cost: f64) -> Option<f64> {
        let after = self.corners.partition_point(|c| c.0 <= cost);
        let left = *self.corners.get(after.checked_sub(1)?)?;
        Some(match self.corners.get(after) {
            Some(right) => left.1 + (right.1 - left.1) * (cost - left.0) / (right.0 - left.0),
            None => left.1,
        })
    }

    /// The lowest mean cost that reaches a quality; `None` if nothing does.
    pub fn cost_of(&self, quality: f64) -> Option<f64> {
        let at = self.corners.iter().position(|c| c.1 >= quality)?;
        let right = self.corners[at];
        Some(match at.checked_sub(1).map(|left| self.corners[left]) {
            Some(left) => right.0 - (right.0 - left.0) * (right.1 - quality) / (right.1 - left.1),
            None => right.0,
        })
    }

    /// The average improvement in quality, 1/(to-from)·∫ hull(c)dc (the paper's definition; its code divides by `to`). To
    /// compare offers take a range that all of them share. The quality at `from` where the range is empty; `None` if the
    /// hull begins later.
    pub fn aiq(&self, from: f64, to: f64) -> Option<f64> {
        let start = self.at(from)?;
        if to.is_nan() || to <= from {
            return Some(start);
        }
        let inside = self.corners.iter().filter(|c| from < c.0 && c.0 < to);
        let mut area = 0.0;
        let mut last = (from, start);
        for next in inside.copied().chain([(to, self.at(to)?)]) {
            area += (next.0 - last.0) * (next.1 + last.1) / 2.0;
            last = next;
        }
        Some(area / (to - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beaten_or_below_the_line_is_no_corner() {
        let points = [
            (2.0, 0.8),
            (1.0, 0.5),
            (1.5, 0.55),
            (3.0, 0.7),
            (f64::NAN, 1.0),
        ];
        assert_eq!(pareto(&points), [1, 2, 0]);
        let hull = hull(&points).unwrap();
        assert_eq!(hull.places, [1, 0]);
        assert_eq!(hull.at(0.9), None);
        assert!((hull.at(1.5).unwrap() - 0.65).abs() < 1e-12);
        assert_eq!(hull.at(9.0), Some(0.8));
        assert!((hull.cost_of(0.65).unwrap() - 1.5).abs() < 1e-12);
        assert_eq!((hull.cost_of(0.1), hull.cost_of(0.9)), (Some(1.0), None));
    }

    #[test]
    fn one_point_is_its_own_average() {
        let hull = hull(&[(1.0, 0.5), (1.0, 0.5)]).unwrap();
        assert_eq!(hull.aiq(1.0, 1.0), Some(0.5));
        assert_eq!(super::hull(&[]), None);
    }
}
