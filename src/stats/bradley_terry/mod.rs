//! Rankings from pairwise preferences: the Bradley-Terry model P(i beats j) = σ(θ_i - θ_j) (Bradley & Terry 1952).
//!
//! A tie is half a win each, as the public arenas have it; Davidson's and Rao & Kupper's models of ties are offered beside
//! it. Errors come from the inverse Hessian, or, for single games, from the sandwich clustered by case (White 1980, HC0).
//! The likelihood has a maximum only where everyone can be reached from everyone through wins (Ford 1957): where that fails
//! half a win each way is added to every pair that met, and said so; where not even the comparisons connect, there is none.

mod logit;
mod ties;

pub use logit::{Game, games};
pub use ties::{davidson, rao_kupper};

/// Everyone's strength on the logit scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// θ with mean 0.
    pub strengths: Vec<f64>,
    /// The covariance of θ with the first model fixed at 0 (its row and column are 0).
    pub covariance: Vec<Vec<f64>>,
    /// The same by the inverse Hessian, which takes every game for independent; equal to `covariance` but for
    /// [`games`].
    pub hessian_covariance: Vec<Vec<f64>>,
    /// The maximal log-likelihood, without multinomial constants.
    pub log_likelihood: f64,
    /// Davidson's ν or Rao & Kupper's θ; `None` in the plain model.
    pub tie: Option<f64>,
    /// What each further covariate of the games is worth, on the logit scale, with its standard error.
    pub style: Vec<(f64, f64)>,
    /// Whether half a win each way was added, because someone always won or always lost.
    pub pseudo: bool,
    /// Whether Newton's method arrived.
    pub converged: bool,
}

impl Ranking {
    /// θ_i - θ_j and its standard error.
    pub fn difference(&self, i: usize, j: usize) -> (f64, f64) {
        let c = &self.covariance;
        let variance = c[i][i] + c[j][j] - 2.0 * c[i][j];
        (
            self.strengths[i] - self.strengths[j],
            variance.max(0.0).sqrt(),
        )
    }

    /// The strengths on Elo's scale, 400/ln10·θ + `anchor`.
    pub fn elo(&self, anchor: f64) -> Vec<f64> {
        let scale = 400.0 / std::f64::consts::LN_10;
        self.strengths.iter().map(|s| scale * s + anchor).collect()
    }
}

/// Why there is no ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unrankable {
    /// Fewer than two models, a table that is not square, a negative count.
    #[error("the games are no table of two models or more")]
    Shape,
    /// Some never met the others, not even through a third.
    #[error("some models were never compared with the rest")]
    Unconnected,
    /// All games were ties, which the model of ties cannot hold, or the covariates tell the models apart by themselves.
    #[error("the games do not determine the strengths")]
    Undetermined,
}

/// The plain model over a table: `wins[i][j]` times i beat j, and `ties[i][j]` (symmetric; empty for none) times they tied,
/// each tie half a win.
pub fn table(wins: &[Vec<f64>], ties: &[Vec<f64>]) -> Result<Ranking, Unrankable> {
    let pairs = pairs(wins, ties)?;
    let rows: Vec<logit::Row> = pairs.iter().map(logit::Row::of_pair).collect();
    logit::fit(wins.len(), &rows, None)
}

/// Two models' games.
#[derive(Debug, Clone, Copy)]
struct Pair {
    i: usize,
    j: usize,
    wins: f64,
    losses: f64,
    ties: f64,
}

fn pairs(wins: &[Vec<f64>], ties: &[Vec<f64>]) -> Result<Vec<Pair>, Unrankable> {
    let n = wins.len();
    let square = |table: &[Vec<f64>]| {
        let counts = |row: &Vec<f64>| row.iter().all(|c| c.is_finite() && *c >= 0.0);
        table.len() == n && table.iter().all(|row| row.len() == n && counts(row))
    };
    if n < 2 || !square(wins) || !(ties.is_empty() || square(ties)) {
        return Err(Unrankable::Shape);
    }
    let tied = |i: usize, j: usize| ties.get(i).map_or(0.0, |row| row[j]);
    let all = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    Ok(all
        .map(|(i, j)| Pair {
            i,
            j,
            wins: wins[i][j],
            losses: wins[j][i],
            ties: tied(i, j),
        })
        .filter(|p| p.wins + p.losses + p.ties > 0.0)
        .collect())
}

/// Whether everyone is reached from everyone: first along comparisons in any direction, then along wins (a tie goes both
/// ways). `edges` are (from, to).
fn reachable(n: usize, edges: &[(usize, usize)]) -> bool {
    let from_first = |backwards: bool| {
        let mut seen = vec![false; n];
        let mut todo = vec![0];
        seen[0] = true;
        let mut next = vec![Vec::new(); n];
        for (from, to) in edges {
            let (from, to) = if backwards { (to, from) } else { (from, to) };
            next[*from].push(*to);
        }
        while let Some(place) = todo.pop() {
            for to in &next[place] {
                if !seen[*to] {
                    seen[*to] = true;
                    todo.push(*to);
                }
            }
        }
        seen.iter().all(|s| *s)
    };
    from_first(false) && from_first(true)
}

/// θ with mean 0 and the first fixed at 0 elsewhere: pads the parameters and their covariance by the first model.
fn padded(free: &[f64], covariance: &[Vec<f64>], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let raw: Vec<f64> = std::iter::once(0.0)
        .chain(free[..n - 1].iter().copied())
        .collect();
    let mean = raw.iter().sum::<f64>() / n as f64;
    let cell = |i: usize, j: usize| match (i, j) {
        (0, _) | (_, 0) => 0.0,
        (i, j) => covariance[i - 1][j - 1],
    };
    (
        raw.iter().map(|s| s - mean).collect(),
        (0..n)
            .map(|i| (0..n).map(|j| cell(i, j)).collect())
            .collect(),
    )
}

#[cfg(test)]
mod tests;
