//! From sums over training cases to a rule: the cheapest one that keeps the quality aimed at.

use super::sums::Sums;
use crate::stats::frontier::hull;

/// How a rule may look.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Any action for each bin; means of bins are shrunk towards the mean over all.
    Table,
    /// Bins stand in order: one action below a cut, another from it on. The pairs that may be.
    Cut(Vec<(usize, usize)>),
}

/// The cheapest rule whose training quality is at least that of the best single model less `within`: an action a bin. The
/// first `singles` actions are the single models.
pub(super) fn choose(train: &Sums, shape: &Shape, singles: usize, within: f64) -> Vec<usize> {
    let all = train.all();
    let best = (0..singles).max_by(|a, b| {
        let (a, b) = (train.total(*a), train.total(*b));
        a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1))
    });
    let best = best.unwrap_or(0);
    if all <= 0.0 {
        return vec![best; train.bins()];
    }
    match shape {
        Shape::Table => table(train, best, within),
        Shape::Cut(pairs) => cut(train, pairs, singles, best, within),
    }
}

/// A cut in the order of the bins. Beside the best model only models on the hull of all take part.
fn cut(
    train: &Sums,
    pairs: &[(usize, usize)],
    singles: usize,
    best: usize,
    within: f64,
) -> Vec<usize> {
    let least = train.total(best).0 - within * train.all();
    let points: Vec<(f64, f64)> = (0..singles)
        .map(|action| {
            let (quality, cost) = train.total(action);
            (cost, quality)
        })
        .collect();
    let corners = hull(&points).map_or(Vec::new(), |hull| hull.places);
    let allowed = |action: usize| action >= singles || corners.contains(&action);
    let (mut found, mut cheapest) = ((best, best, 0), train.total(best).1);
    for (below, from) in pairs.iter().copied() {
        if !allowed(below) || !allowed(from) {
            continue;
        }
        let (mut quality, mut cost) = train.total(from);
        for cut in 0..=train.bins() {
            if quality >= least - 1e-9 && cost < cheapest {
                (found, cheapest) = ((below, from, cut), cost);
            }
            if cut < train.bins() {
                let at = |action: usize| cut * train.actions + action;
                quality += train.quality[at(below)] - train.quality[at(from)];
                cost += train.cost[at(below)] - train.cost[at(from)];
            }
        }
    }
    let (below, from, cut) = found;
    (0..train.bins())
        .map(|bin| if bin < cut { below } else { from })
        .collect()
}

/// A table: from the best action of each bin downwards, always the step that loses least for what it saves.
fn table(train: &Sums, best: usize, within: f64) -> Vec<usize> {
    let means = shrunk(train);
    let actions = train.actions;
    let mut rule = vec![best; train.bins()];
    let mut steps: Vec<(f64, usize, usize, f64)> = Vec::new();
    let mut loss = 0.0;
    for bin in 0..train.bins() {
        let weight = train.weight[bin];
        if weight <= 0.0 {
            continue;
        }
        let points: Vec<(f64, f64)> = (0..actions)
            .map(|a| {
                (
                    train.cost[bin * actions + a] / weight,
                    means[bin * actions + a],
                )
            })
            .collect();
        let Some(hull) = hull(&points) else { continue };
        let top = hull.places.len() - 1;
        // where nothing is better than the best of all, it stays
        let reference = means[bin * actions + best];
        rule[bin] = hull.places[top];
        loss += weight * (reference - hull.corners[top].1);
        for k in (0..top).rev() {
            let (low, high) = (hull.corners[k], hull.corners[k + 1]);
            let (lost, saved) = (high.1 - low.1, high.0 - low.0);
            steps.push((lost / saved, bin, hull.places[k], weight * lost));
        }
    }
    steps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let most = within * train.all();
    let mut closed = vec![false; train.bins()];
    for (_, bin, action, lost) in steps {
        if closed[bin] {
            continue;
        }
        if loss + lost > most + 1e-9 {
            closed[bin] = true;
            continue;
        }
        loss += lost;
        rule[bin] = action;
    }
    rule
}

/// Means by bin and action, each less the mean over all actions, and shrunk towards the action's mean over all bins by what
/// the bins differ beyond chance: the random-effects weight n/(n + σ²_within/σ²_between), the variances by one-way analysis
/// of variance pooled over actions. Bins that do not differ end as one.
fn shrunk(train: &Sums) -> Vec<f64> {
    let (bins, actions) = (train.bins(), train.actions);
    let all = train.all();
    let mut means = vec![0.0; bins * actions];
    for bin in 0..bins {
        let weight = train.weight[bin];
        if weight <= 0.0 {
            continue;
        }
        let row = &train.quality[bin * actions..(bin + 1) * actions];
        let middle = row.iter().sum::<f64>() / actions as f64;
        for (to, sum) in means[bin * actions..].iter_mut().zip(row) {
            *to = (sum - middle) / weight;
        }
    }
    let of = |action: usize| {
        let parts = (0..bins).map(|bin| train.weight[bin] * means[bin * actions + action]);
        parts.sum::<f64>() / all
    };
    let overall: Vec<f64> = (0..actions).map(of).collect();
    let (mut between, mut explained) = (0.0, 0.0);
    for bin in 0..bins {
        for action in 0..actions {
            let mean = means[bin * actions + action];
            between += train.weight[bin] * (mean - overall[action]).powi(2);
            explained += train.weight[bin] * mean * mean;
        }
    }
    let filled = train.weight.iter().filter(|w| **w > 0.0).count() as f64;
    let squares: f64 = train.weight.iter().map(|w| w * w).sum();
    let within = (train.square.iter().sum::<f64>() - explained).max(0.0) / (all - filled).max(1.0);
    let typical = (all - squares / all) / (filled - 1.0).max(1.0);
    let real = (between / (filled - 1.0).max(1.0) - within) / typical.max(1e-9);
    for bin in 0..bins {
        let weight = train.weight[bin];
        let keep = match real > 0.0 {
            true => weight / (weight + within / real),
            false => 0.0,
        };
        for action in 0..actions {
            let mean = &mut means[bin * actions + action];
            *mean = overall[action] + keep * (*mean - overall[action]);
        }
    }
    means
}

/// Whether a rule asks the same whatever the case.
pub(super) fn constant(rule: &[usize]) -> bool {
    rule.windows(2).all(|two| two[0] == two[1])
}
