//! Labels that neither cover a mark nor each other: each takes the first free place around its point.

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Area {
    /// Whether the two overlap.
    pub fn meets(&self, other: &Area) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    /// The point of the area that is nearest to `(x, y)`.
    pub fn nearest(&self, x: f64, y: f64) -> (f64, f64) {
        let x = x.clamp(self.x, self.x + self.w);
        (x, y.clamp(self.y, self.y + self.h))
    }

    fn within(&self, outer: &Area) -> bool {
        self.x >= outer.x
            && self.y >= outer.y
            && self.x + self.w <= outer.x + outer.w
            && self.y + self.h <= outer.y + outer.h
    }
}

/// The nearest free place for a label of size `w` × `h` beside the point `(x, y)`; `None` if all is taken.
pub fn place(x: f64, y: f64, w: f64, h: f64, taken: &[Area], within: &Area) -> Option<Area> {
    let rings = [9.0, 20.0, 32.0, 46.0];
    let around = rings.iter().flat_map(|gap| {
        let (right, left, middle) = (x + gap, x - gap - w, x - w / 2.0);
        let (level, above, below) = (y - h / 2.0, y - gap - h, y + gap);
        [
            (right, level),
            (left, level),
            (right, above),
            (right, below),
            (left, above),
            (left, below),
            (middle, above),
            (middle, below),
        ]
    });
    around
        .map(|(x, y)| Area { x, y, w, h })
        .find(|area| area.within(within) && !taken.iter().any(|other| other.meets(area)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_one_point_do_not_meet() {
        let plot = Area {
            x: 0.0,
            y: 0.0,
            w: 400.0,
            h: 300.0,
        };
        let mut taken = Vec::new();
        for _ in 0..8 {
            let area = place(200.0, 150.0, 80.0, 14.0, &taken, &plot).unwrap();
            assert!(!taken.iter().any(|t: &Area| t.meets(&area)));
            taken.push(area);
        }
    }
}
