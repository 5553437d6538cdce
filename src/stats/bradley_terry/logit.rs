//! The plain model as a weighted logit over games, with further covariates and clusters.

use super::{Pair, Ranking, Unrankable, padded, reachable};
use crate::stats::linear;
use std::collections::BTreeMap;

/// One comparison of two models.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// The first model's place.
    pub a: usize,
    /// The second model's place.
    pub b: usize,
    /// 1 if the first won, 0 if it lost, ½ for a tie.
    pub score: f64,
    /// The case it was played on: games of one case are one cluster.
    pub case: usize,
    /// Differences, first minus second, of what the verdict may have gone by besides quality (log length, lists, bold):
    /// "style control". The same number in every game.
    pub style: Vec<f64>,
}

/// One row of the logit: `weight` games with the mean result `score`.
pub(super) struct Row {
    pub i: usize,
    pub j: usize,
    pub score: f64,
    pub weight: f64,
    pub style: Vec<f64>,
}

impl Row {
    pub fn of_pair(pair: &Pair) -> Row {
        let weight = pair.wins + pair.losses + pair.ties;
        Row {
            i: pair.i,
            j: pair.j,
            score: (pair.wins + 0.5 * pair.ties) / weight,
            weight,
            style: Vec::new(),
        }
    }
}

/// The plain model over single games with the HC0 sandwich clustered by case, Σ_c S_c S_cᵀ between inverse Hessians.
pub fn games(models: usize, games: &[Game]) -> Result<Ranking, Unrankable> {
    let width = games.first().map_or(0, |g| g.style.len());
    let sound = |g: &Game| {
        let places = g.a < models && g.b < models && g.a != g.b;
        let finite = g.style.iter().all(|s| s.is_finite());
        places && finite && g.style.len() == width && (0.0..=1.0).contains(&g.score)
    };
    if models < 2 || !games.iter().all(sound) {
        return Err(Unrankable::Shape);
    }
    let row = |g: &Game| Row {
        i: g.a,
        j: g.b,
        score: g.score,
        weight: 1.0,
        style: g.style.clone(),
    };
    let rows: Vec<Row> = games.iter().map(row).collect();
    let cases: Vec<usize> = games.iter().map(|g| g.case).collect();
    fit(models, &rows, Some(&cases))
}

/// Fits rows; `clusters` numbers the cluster of each and asks for the sandwich.
pub(super) fn fit(
    models: usize,
    rows: &[Row],
    clusters: Option<&[usize]>,
) -> Result<Ranking, Unrankable> {
    let met: Vec<(usize, usize)> = rows.iter().flat_map(|r| [(r.i, r.j), (r.j, r.i)]).collect();
    if !reachable(models, &met) {
        return Err(Unrankable::Unconnected);
    }
    let won = |r: &Row| {
        let forth = (r.score > 0.0).then_some((r.i, r.j));
        let back = (r.score < 1.0).then_some((r.j, r.i));
        [forth, back]
    };
    let wins: Vec<(usize, usize)> = rows.iter().flat_map(won).flatten().collect();
    let pseudo = !reachable(models, &wins);
    let width = rows.first().map_or(0, |r| r.style.len());
    let extra = if pseudo {
        half_wins(&met, width)
    } else {
        Vec::new()
    };
    let all: Vec<&Row> = rows.iter().chain(&extra).collect();
    let size = models - 1 + width;
    let start = vec![0.0; size];
    let peak = linear::climb(start, |at| slope(at, models, &all))
        .filter(|peak| peak.converged)
        .ok_or(Unrankable::Undetermined)?;
    let hessian = peak.covariance;
    let covariance = match clusters {
        Some(clusters) => {
            let filling = scores(&peak.at, models, rows, clusters);
            linear::sandwich(&hessian, &filling)
        }
        None => hessian.clone(),
    };
    let (strengths, padded_covariance) = padded(&peak.at, &covariance, models);
    let style = (models - 1..size).map(|k| (peak.at[k], covariance[k][k].max(0.0).sqrt()));
    Ok(Ranking {
        style: style.collect(),
        strengths,
        covariance: padded_covariance,
        hessian_covariance: padded(&peak.at, &hessian, models).1,
        log_likelihood: peak.value,
        tie: None,
        pseudo,
        converged: peak.converged,
    })
}

/// One game's worth, half a win each way, for every pair that met.
fn half_wins(met: &[(usize, usize)], width: usize) -> Vec<Row> {
    let pairs: std::collections::BTreeSet<_> = met.iter().filter(|(i, j)| i < j).collect();
    let row = |(i, j): &(usize, usize)| Row {
        i: *i,
        j: *j,
        score: 0.5,
        weight: 1.0,
        style: vec![0.0; width],
    };
    pairs.into_iter().map(row).collect()
}

/// The non-zero entries of a row of the design, the first model left out.
fn design(row: &Row, models: usize) -> impl Iterator<Item = (usize, f64)> {
    let sides = [(row.i, 1.0), (row.j, -1.0)];
    let sides = sides.into_iter().filter(|(place, _)| *place > 0);
    let style = row.style.iter().enumerate();
    sides
        .map(|(place, sign)| (place - 1, sign))
        .chain(style.map(move |(k, s)| (models - 1 + k, *s)))
}

fn chance(at: &[f64], row: &Row, models: usize) -> f64 {
    let x: f64 = design(row, models).map(|(k, v)| at[k] * v).sum();
    1.0 / (1.0 + (-x).exp())
}

fn slope(at: &[f64], models: usize, rows: &[&Row]) -> linear::Slope {
    let size = at.len();
    let (mut value, mut gradient) = (0.0, vec![0.0; size]);
    let mut hessian = vec![vec![0.0; size]; size];
    for row in rows {
        let p = chance(at, row, models);
        let term = |share: f64, p: f64| if share > 0.0 { share * p.ln() } else { 0.0 };
        value += row.weight * (term(row.score, p) + term(1.0 - row.score, 1.0 - p));
        for (k, v) in design(row, models) {
            gradient[k] += row.weight * (row.score - p) * v;
            for (l, w) in design(row, models) {
                hessian[k][l] += row.weight * p * (1.0 - p) * v * w;
            }
        }
    }
    (value, gradient, hessian)
}

fn scores(at: &[f64], models: usize, rows: &[Row], clusters: &[usize]) -> Vec<Vec<f64>> {
    let mut sums = BTreeMap::<usize, Vec<f64>>::new();
    for (row, cluster) in rows.iter().zip(clusters) {
        let sum = sums.entry(*cluster).or_insert_with(|| vec![0.0; at.len()]);
        let residual = row.weight * (row.score - chance(at, row, models));
        for (k, v) in design(row, models) {
            sum[k] += residual * v;
        }
    }
    let mut filling = vec![vec![0.0; at.len()]; at.len()];
    for sum in sums.values() {
        for (row, a) in filling.iter_mut().zip(sum) {
            for (cell, b) in row.iter_mut().zip(sum) {
                *cell += a * b;
            }
        }
    }
    filling
}
