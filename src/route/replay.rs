//! A policy as it went over the matrix: whom each case asked, and what came of it.

use super::Matrix;
use crate::stats::excess::Course;
use crate::stats::{Estimate, moments, quantile};

/// One way that a case can go under a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// How probable it is; the ways of a case sum to 1.
    pub share: f64,
    /// The candidates asked, in order; the last one's answer counts.
    pub asked: Vec<usize>,
}

/// A policy replayed on every case.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// What it is called.
    pub name: String,
    /// The ways of each case.
    pub ways: Vec<Vec<Way>>,
    /// What the router itself costs a case, USD.
    pub router_cost: f64,
}

impl Replay {
    /// One candidate a case.
    pub fn of_choices(name: impl Into<String>, choices: &[usize]) -> Replay {
        let way = |choice: &usize| {
            let asked = vec![*choice];
            vec![Way { share: 1.0, asked }]
        };
        Replay {
            name: name.into(),
            ways: choices.iter().map(way).collect(),
            router_cost: 0.0,
        }
    }

    /// The same draw for every case: candidates, each with its share.
    pub fn of_shares(name: impl Into<String>, shares: &[(usize, f64)], cases: usize) -> Replay {
        let total: f64 = shares.iter().map(|s| s.1).sum();
        let drawn = shares.iter().filter(|s| s.1 > 0.0);
        let ways: Vec<Way> = drawn
            .map(|(candidate, share)| Way {
                share: share / total,
                asked: vec![*candidate],
            })
            .collect();
        Replay {
            name: name.into(),
            ways: vec![ways; cases],
            router_cost: 0.0,
        }
    }

    /// The numbers of it.
    pub fn play(&self, matrix: &Matrix) -> Played {
        let mut played = Played {
            quality: Vec::with_capacity(self.ways.len()),
            cost: matrix
                .cost
                .as_ref()
                .map(|_| Vec::with_capacity(self.ways.len())),
            latency: Vec::new(),
            untimed: 0.0,
            shares: vec![0.0; matrix.candidates.len()],
            calls: vec![0.0; matrix.candidates.len()],
        };
        let n = self.ways.len().max(1) as f64;
        for (case, ways) in self.ways.iter().enumerate() {
            let (mut quality, mut cost) = (0.0, self.router_cost);
            for way in ways {
                let Some(last) = way.asked.last() else {
                    continue;
                };
                quality += way.share * matrix.quality[*last][case];
                played.shares[*last] += way.share / n;
                let mut took = Some(0.0);
                for asked in &way.asked {
                    played.calls[*asked] += way.share / n;
                    if let Some(costs) = &matrix.cost {
                        cost += way.share * costs[*asked][case];
                    }
                    let latency = matrix.latency[*asked][case];
                    took = took.zip(latency).map(|(sum, ms)| sum + ms);
                }
                match took {
                    Some(ms) => played.latency.push((ms, way.share)),
                    None => played.untimed += way.share,
                }
            }
            played.quality.push(quality);
            if let Some(costs) = &mut played.cost {
                costs.push(cost);
            }
        }
        played
    }
}

/// What a policy delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Quality by case; of several ways the mean.
    pub quality: Vec<f64>,
    /// Cost by case, USD, the router's own in it; `None` if costs are not known.
    pub cost: Option<Vec<f64>>,
    /// Times of all ways that have one, ms, with their weight.
    pub latency: Vec<(f64, f64)>,
    /// The weight of ways without a time.
    pub untimed: f64,
    /// By candidate: the share of cases that it answers.
    pub shares: Vec<f64>,
    /// By candidate: how often a case asks it.
    pub calls: Vec<f64>,
}

impl Played {
    /// The mean quality.
    pub fn value(&self) -> f64 {
        moments::mean(&self.quality).unwrap_or(0.0)
    }

    /// The mean cost of a case.
    pub fn price(&self) -> Option<f64> {
        moments::mean(self.cost.as_ref()?)
    }

    /// Quality and cost by case.
    pub fn course(&self) -> Option<Course<'_>> {
        let cost = self.cost.as_ref()?;
        let quality = &self.quality;
        Some(Course { quality, cost })
    }

    /// A quantile of its latency, over the pooled times of its cases: quantiles of mixtures are no mixtures of quantiles.
    /// With an interval where every case went one way. `None` where a time is unknown for more than a fiftieth.
    pub fn quantile(&self, p: f64) -> Option<Estimate> {
        let n = self.quality.len();
        if self.latency.is_empty() || self.untimed > 0.02 * n as f64 {
            return None;
        }
        if self.latency.iter().all(|(_, weight)| *weight == 1.0) {
            let times: Vec<f64> = self.latency.iter().map(|(ms, _)| *ms).collect();
            return quantile::estimate(&times, p, 0.95);
        }
        Some(Estimate::new(
            quantile::weighted(&self.latency, p)?,
            None,
            n,
        ))
    }
}
