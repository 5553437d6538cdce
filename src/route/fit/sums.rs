//! Sums over cases by bin and action: all that fitting a rule and judging it needs.

/// Sums of weighted cases.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    /// How many actions there are.
    pub actions: usize,
    /// Weight of each bin.
    pub weight: Vec<f64>,
    /// Σ quality by bin, then action.
    pub quality: Vec<f64>,
    /// Σ cost by bin, then action.
    pub cost: Vec<f64>,
    /// By action Σ(quality - the case's mean over all actions)².
    pub square: Vec<f64>,
}

/// One case: quality, cost and squared deviation from the case's mean, by action.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub bin: u32,
    pub quality: Vec<f64>,
    pub cost: Vec<f64>,
    pub square: Vec<f64>,
}

impl Row {
    pub fn new(bin: u32, quality: Vec<f64>, cost: Vec<f64>) -> Row {
        let mean = quality.iter().sum::<f64>() / quality.len().max(1) as f64;
        Row {
            bin,
            square: quality.iter().map(|q| (q - mean).powi(2)).collect(),
            quality,
            cost,
        }
    }
}

impl Sums {
    pub fn new(bins: usize, actions: usize) -> Sums {
        Sums {
            actions,
            weight: vec![0.0; bins],
            quality: vec![0.0; bins * actions],
            cost: vec![0.0; bins * actions],
            square: vec![0.0; actions],
        }
    }

    pub fn bins(&self) -> usize {
        self.weight.len()
    }

    /// The weight of all bins.
    pub fn all(&self) -> f64 {
        self.weight.iter().sum()
    }

    /// Adds a case `weight` times.
    pub fn add(&mut self, row: &Row, weight: f64) {
        let bin = row.bin as usize;
        self.weight[bin] += weight;
        let at = bin * self.actions..(bin + 1) * self.actions;
        let lanes = [
            (&mut self.quality[at.clone()], &row.quality),
            (&mut self.cost[at], &row.cost),
            (&mut self.square[..], &row.square),
        ];
        for (sums, values) in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
    }

    /// Adds (1) or takes away (-1) other sums.
    pub fn merge(&mut self, other: &Sums, sign: f64) {
        let lanes = [
            (&mut self.weight, &other.weight),
            (&mut self.quality, &other.quality),
            (&mut self.cost, &other.cost),
            (&mut self.square, &other.square),
        ];
        for (sums, values) in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += sign * value;
            }
        }
    }

    /// Σ quality and Σ cost of an action over all bins.
    pub fn total(&self, action: usize) -> (f64, f64) {
        let of = |sums: &[f64]| sums.iter().skip(action).step_by(self.actions).sum();
        (of(&self.quality), of(&self.cost))
    }

    /// Σ quality and Σ cost of a rule: an action a bin.
    pub fn under(&self, rule: &[usize]) -> (f64, f64) {
        let (mut quality, mut cost) = (0.0, 0.0);
        for (bin, action) in rule.iter().enumerate() {
            quality += self.quality[bin * self.actions + action];
            cost += self.cost[bin * self.actions + action];
        }
        (quality, cost)
    }
}
