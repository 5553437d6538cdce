//! Shares: each request is drawn to a model, in proportion to its weight.

use super::{Draw, Pick};

/// Models with their weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weighted {
    /// Hop and weight; at least one weight is above 0.
    pub parts: Vec<(usize, f64)>,
}

impl Weighted {
    /// The model that is drawn.
    pub fn pick(&self, draw: Draw) -> Pick {
        let total: f64 = self.parts.iter().map(|(_, weight)| weight).sum();
        let mut left = draw.unit(0) * total;
        let positive = || self.parts.iter().filter(|(_, weight)| *weight > 0.0);
        let drawn = positive().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        // Rounding may leave nothing drawn at the very end.
        let drawn = drawn.or_else(|| positive().next_back());
        let (hop, weight) = drawn.expect("one weight is above 0");
        Pick::new(*hop, "weight", format!("{weight} of {total}"))
    }
}
