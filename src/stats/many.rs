//! Several candidates at once: intervals that hold together, and who could be the best.

mod large;

use super::resample::{LARGE, RESAMPLES, replicates};
use super::{cluster, moments, paired, quantile};
use large::Joint;

/// Simultaneous intervals for all pairwise differences of means.
#[derive(Debug, Clone, PartialEq)]
pub struct Simultaneous {
    /// The c that every interval mean ± c·error uses.
    pub critical: f64,
    /// Every pair (i, j) with i < j: mean of i minus mean of j.
    pub pairs: Vec<Difference>,
}

/// One difference among several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first model's place.
    pub first: usize,
    /// The second model's place.
    pub second: usize,
    /// First minus second.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// Max-T intervals (Westfall & Young 1993; the practical form of Hansen, Lunde & Nason's model confidence set 2011):
/// cases, or the clusters in `groups`, are drawn again for all models together, and c is the `confidence` quantile of
/// max |d̄* - d̄|/se* over all pairs; above 10,000 cases the means are drawn from their joint normal distribution instead.
/// Where fewer than 10 clusters differ, or fewer than 10 differ from what most differ by, a pseudo win and a pseudo loss
/// stand beside the data in every se. `scores` holds each model's scores over the same cases. `None` for fewer than two models, for
/// unequal lengths, for a score that is not finite, or below 5 clusters (2 cases without clusters).
pub fn simultaneous(
    scores: &[Vec<f64>],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Option<Simultaneous> {
    let Sums { sizes, sums } = Sums::of(scores, groups)?;
    let contrasts: Vec<Contrast> = (0..scores.len())
        .flat_map(|i| (i + 1..scores.len()).map(move |j| (i, j)))
        .map(|(i, j)| Contrast::new(i, j, &sums, &sizes))
        .collect();
    let once = vec![1.0; sizes.len()];
    let pairs: Vec<Difference> = contrasts
        .iter()
        .map(|c| c.difference(&once, &sizes))
        .collect();
    if sizes.len() > LARGE {
        let joint = Joint::of(&sums, &sizes);
        let critical = joint.critical(&pairs, confidence, seed);
        return Some(Simultaneous { critical, pairs });
    }
    let mut largest = replicates(affordable(contrasts.len() * sizes.len()), seed, |draw| {
        let times = draw.times(sizes.len());
        contrasts
            .iter()
            .zip(&pairs)
            .fold(0.0_f64, |largest, (contrast, seen)| {
                let drawn = contrast.difference(&times, &sizes);
                let t = (drawn.mean - seen.mean).abs() / drawn.error;
                // 0/0: the drawn cases do not differ at all, as the data themselves
                if t.is_nan() { largest } else { largest.max(t) }
            })
    });
    largest.sort_unstable_by(f64::total_cmp);
    let critical = quantile::of_sorted(&largest, confidence.clamp(0.0, 1.0));
    Some(Simultaneous { critical, pairs })
}

/// How many resamples a piece of work is worth: 10,000, but fewer (at least 1,000) where one visits very many numbers.
fn affordable(work: usize) -> usize {
    (2_000_000_000 / work.max(1)).clamp(1_000, RESAMPLES)
}

/// Every model's scores summed by cluster; a case without clusters is its own.
struct Sums {
    sizes: Vec<f64>,
    sums: Vec<Vec<f64>>,
}

impl Sums {
    fn of(scores: &[Vec<f64>], groups: Option<&[usize]>) -> Option<Self> {
        let n = scores.first()?.len();
        let finite = scores.iter().flatten().all(|s| s.is_finite());
        if scores.len() < 2 || !finite || scores.iter().any(|s| s.len() != n) {
            return None;
        }
        let groups = cluster::effective(groups, n);
        let members = match groups {
            Some(groups) => cluster::members(groups),
            None => (0..n).map(|i| vec![i]).collect(),
        };
        let sum = |s: &[f64], m: &[usize]| m.iter().map(|i| s[*i]).sum();
        (members.len() >= groups.map_or(2, |_| cluster::FEWEST)).then(|| Sums {
            sizes: members.iter().map(|m| m.len() as f64).collect(),
            sums: scores
                .iter()
                .map(|s| members.iter().map(|m| sum(s, m)).collect())
                .collect(),
        })
    }
}

/// A pair of models, their differences summed by cluster.
struct Contrast {
    first: usize,
    second: usize,
    sums: Vec<f64>,
    /// What pseudo wins and losses add to the squares.
    pseudo: f64,
}

impl Contrast {
    fn new(first: usize, second: usize, by_model: &[Vec<f64>], sizes: &[f64]) -> Self {
        let differ = by_model[first].iter().zip(&by_model[second]);
        let sums: Vec<f64> = differ.map(|(a, b)| a - b).collect();
        let moved = sums.iter().filter(|s| s.abs() > 1e-12).count();
        let off = sums.len() - most_alike(&sums, sizes);
        let means: Vec<f64> = sums.iter().zip(sizes).map(|(s, n)| s / n).collect();
        let size = means.iter().fold(1.0_f64, |size, d| size.max(d.abs()));
        let sparse = moved.min(off) < paired::SPARSE || moments::constant(&means);
        let pseudo = if sparse { 2.0 * size * size } else { 0.0 };
        Contrast {
            first,
            second,
            sums,
            pseudo,
        }
    }

    /// The mean and its cluster-robust error (CR1) when cluster c stands `times[c]` times in the sample.
    fn difference(&self, times: &[f64], sizes: &[f64]) -> Difference {
        let (mut rows, mut total) = (0.0, 0.0);
        for ((times, sum), size) in times.iter().zip(&self.sums).zip(sizes) {
            rows += times * size;
            total += times * sum;
        }
        let mean = total / rows;
        let mut squares = self.pseudo;
        for ((times, sum), size) in times.iter().zip(&self.sums).zip(sizes) {
            let residual = sum - size * mean;
            squares += times * residual * residual;
        }
        let clusters = sizes.len() as f64;
        let error = (squares * clusters / (clusters - 1.0)).sqrt() / rows;
        Difference {
            first: self.first,
            second: self.second,
            mean,
            error,
        }
    }
}

/// How many clusters differ by the same amount, at most: a resample of little else has no spread to divide by.
fn most_alike(sums: &[f64], sizes: &[f64]) -> usize {
    let mut means: Vec<f64> = sums.iter().zip(sizes).map(|(s, n)| s / n).collect();
    means.sort_unstable_by(f64::total_cmp);
    let alike = means.chunk_by(|a, b| (a - b).abs() <= 1e-12);
    alike.map(<[f64]>::len).max().unwrap_or(0)
}

/// Which models could be the best: those that no simultaneous interval shows to be worse than another one. All of them
/// where there are no intervals (see [`simultaneous`]). At least one is always true, unless there is no model.
pub fn tied_with_best(
    scores: &[Vec<f64>],
    groups: Option<&[usize]>,
    confidence: f64,
    seed: u64,
) -> Vec<bool> {
    let mut tied = vec![true; scores.len()];
    if let Some(found) = simultaneous(scores, groups, confidence, seed) {
        for pair in &found.pairs {
            let half = found.critical * pair.error;
            if pair.mean - half > 0.0 {
                tied[pair.second] = false;
            }
            if pair.mean + half < 0.0 {
                tied[pair.first] = false;
            }
        }
    }
    tied
}

/// The model with the highest mean, and how far that can be believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    /// Its place; the first of equals.
    pub place: usize,
    /// Its mean.
    pub mean: f64,
    /// Its mean less what being picked as the best is worth: x̄_best - mean over resamples of (x̄*_{best*} - x̄_{best*}).
    pub corrected: f64,
    /// In what share of resamples each model came first (equals share): the stability of the choice.
    pub first: Vec<f64>,
}

/// The winner among `scores`, each model's over the same cases, by a bootstrap of cases or clusters. `None` as for
/// [`simultaneous`].
pub fn winner(scores: &[Vec<f64>], groups: Option<&[usize]>, seed: u64) -> Option<Winner> {
    let Sums { sizes, sums } = Sums::of(scores, groups)?;
    let means = |times: &[f64]| -> Vec<f64> {
        let rows: f64 = times.iter().zip(&sizes).map(|(t, n)| t * n).sum();
        let total = |s: &Vec<f64>| times.iter().zip(s).map(|(t, s)| t * s).sum::<f64>();
        sums.iter().map(|s| total(s) / rows).collect()
    };
    let seen = means(&vec![1.0; sizes.len()]);
    let joint = (sizes.len() > LARGE).then(|| Joint::of(&sums, &sizes));
    let resamples = match joint {
        Some(_) => RESAMPLES,
        None => affordable(sums.len() * sizes.len()),
    };
    let drawn = replicates(resamples, seed, |draw| {
        let means = match &joint {
            Some(joint) => joint.around(&seen, draw),
            None => means(&draw.times(sizes.len())),
        };
        let best = best(&means);
        (best.clone(), means[best[0]] - seen[best[0]])
    });
    let count = drawn.len() as f64;
    let mut first = vec![0.0; seen.len()];
    for (best, _) in &drawn {
        for place in best {
            first[*place] += 1.0 / (best.len() as f64 * count);
        }
    }
    let luck = moments::sum(drawn.iter().map(|d| d.1)) / count;
    let place = best(&seen)[0];
    Some(Winner {
        place,
        mean: seen[place],
        corrected: seen[place] - luck,
        first,
    })
}

/// The places of the highest mean, equals within rounding.
fn best(means: &[f64]) -> Vec<usize> {
    let top = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let slack = 1e-12 * top.abs().max(1.0);
    let places = means.iter().enumerate();
    places
        .filter(|(_, m)| **m >= top - slack)
        .map(|(i, _)| i)
        .collect()
}
