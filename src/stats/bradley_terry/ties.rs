//! Models that give a tie a probability of its own, one further parameter for all pairs.

use super::{Pair, Ranking, Unrankable, padded, pairs, reachable, table};
use crate::stats::linear;

/// Davidson's model (1970): win, loss and tie in the proportions π_i : π_j : ν√(π_iπ_j), π = e^θ. Without a tie ν is 0 and
/// the model the plain one.
pub fn davidson(wins: &[Vec<f64>], ties: &[Vec<f64>]) -> Result<Ranking, Unrankable> {
    // the parameter is ln ν
    fit(wins, ties, (0.0, 0.0, f64::exp), |p, x, eta| {
        let (up, down, tie) = ((x / 2.0).exp(), (-x / 2.0).exp(), eta.exp());
        let whole = up + down + tie;
        let n = p.wins + p.losses + p.ties;
        let (up, down, tie) = (up / whole, down / whole, tie / whole);
        let lead = up - down;
        Terms {
            value: (p.wins - p.losses) * x / 2.0 + p.ties * eta - n * whole.ln(),
            x: (p.wins - p.losses) / 2.0 - n * lead / 2.0,
            eta: p.ties - n * tie,
            xx: n * (up + down - lead * lead) / 4.0,
            x_eta: -n * tie * lead / 2.0,
            eta_eta: n * tie * (1.0 - tie),
        }
    })
}

/// Rao & Kupper's model (1967): i beats j with π_i/(π_i + θπ_j), θ ≥ 1 the threshold below which nobody can tell them
/// apart. Without a tie θ is 1 and the model the plain one.
pub fn rao_kupper(wins: &[Vec<f64>], ties: &[Vec<f64>]) -> Result<Ranking, Unrankable> {
    // the parameter is ln θ
    fit(wins, ties, (0.5, 1.0, f64::exp), |p, x, eta| {
        let logistic = |v: f64| 1.0 / (1.0 + (-v).exp());
        let (a, b) = (logistic(eta - x), logistic(x + eta));
        let (won, lost) = (p.wins + p.ties, p.losses + p.ties);
        let shrink = (-2.0 * eta).exp();
        let room = 1.0 - shrink;
        let edge = if eta > 0.0 {
            2.0 * eta + room.ln()
        } else {
            f64::NAN
        };
        let tied = if p.ties > 0.0 { p.ties * edge } else { 0.0 };
        Terms {
            // outside θ > 1 the value is no number and the step is halved
            value: won * (-a).ln_1p() + lost * (-b).ln_1p() + tied + 0.0 * edge,
            x: won * a - lost * b,
            eta: -won * a - lost * b + 2.0 * p.ties / room,
            xx: won * a * (1.0 - a) + lost * b * (1.0 - b),
            x_eta: -won * a * (1.0 - a) + lost * b * (1.0 - b),
            eta_eta: won * a * (1.0 - a)
                + lost * b * (1.0 - b)
                + 4.0 * p.ties * shrink / (room * room),
        }
    })
}

/// A pair's log-likelihood in x = θ_i - θ_j and the tie's parameter: value, first derivatives, negative second ones.
struct Terms {
    value: f64,
    x: f64,
    eta: f64,
    xx: f64,
    x_eta: f64,
    eta_eta: f64,
}

/// `from`: where the tie's parameter starts, what the tie is without any tie, and the tie of a parameter.
fn fit(
    wins: &[Vec<f64>],
    ties: &[Vec<f64>],
    (start, without, tie): (f64, f64, fn(f64) -> f64),
    terms: impl Fn(&Pair, f64, f64) -> Terms,
) -> Result<Ranking, Unrankable> {
    let mut pairs = pairs(wins, ties)?;
    if pairs.iter().all(|p| p.ties == 0.0) {
        let plain = table(wins, ties)?;
        return Ok(Ranking {
            tie: Some(without),
            ..plain
        });
    }
    if pairs.iter().all(|p| p.wins + p.losses == 0.0) {
        return Err(Unrankable::Undetermined);
    }
    let n = wins.len();
    let met: Vec<_> = pairs
        .iter()
        .flat_map(|p| [(p.i, p.j), (p.j, p.i)])
        .collect();
    if !reachable(n, &met) {
        return Err(Unrankable::Unconnected);
    }
    let won = |p: &Pair| {
        let tied = p.ties > 0.0;
        let forth = (p.wins > 0.0 || tied).then_some((p.i, p.j));
        let back = (p.losses > 0.0 || tied).then_some((p.j, p.i));
        [forth, back]
    };
    let beaten: Vec<_> = pairs.iter().flat_map(won).flatten().collect();
    let pseudo = !reachable(n, &beaten);
    if pseudo {
        for pair in &mut pairs {
            pair.wins += 0.5;
            pair.losses += 0.5;
        }
    }
    let mut from = vec![0.0; n];
    from[n - 1] = start;
    let peak = linear::climb(from, |at| slope(at, &pairs, &terms))
        .filter(|peak| peak.converged)
        .ok_or(Unrankable::Undetermined)?;
    let (strengths, covariance) = padded(&peak.at, &peak.covariance, n);
    Ok(Ranking {
        strengths,
        hessian_covariance: covariance.clone(),
        covariance,
        log_likelihood: peak.value,
        tie: Some(tie(peak.at[n - 1])),
        style: Vec::new(),
        pseudo,
        converged: peak.converged,
    })
}

fn slope(at: &[f64], pairs: &[Pair], terms: impl Fn(&Pair, f64, f64) -> Terms) -> linear::Slope {
    let size = at.len();
    let last = size - 1;
    let (mut value, mut gradient) = (0.0, vec![0.0; size]);
    let mut hessian = vec![vec![0.0; size]; size];
    let strength = |place: usize| if place == 0 { 0.0 } else { at[place - 1] };
    for pair in pairs {
        let found = terms(pair, strength(pair.i) - strength(pair.j), at[last]);
        value += found.value;
        gradient[last] += found.eta;
        hessian[last][last] += found.eta_eta;
        let sides = [(pair.i, 1.0), (pair.j, -1.0)];
        let sides = sides.iter().filter(|(place, _)| *place > 0);
        for (place, sign) in sides.clone() {
            let k = place - 1;
            gradient[k] += sign * found.x;
            hessian[k][last] += sign * found.x_eta;
            hessian[last][k] += sign * found.x_eta;
            for (other, against) in sides.clone() {
                hessian[k][other - 1] += sign * against * found.xx;
            }
        }
    }
    (value, gradient, hessian)
}
