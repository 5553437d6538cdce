//! Whether several prompts rank alike on two models: a prompt that wins on one need not win on the other.

use super::port::{Asked, Pair};
use crate::stats::moments::mean;
use crate::stats::{Estimate, paired};
use crate::summary::judge::CONFIDENCE;
use crate::summary::side::{Side, sides};
use serde::Serialize;

/// The prompts of one target, on both models.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Spread {
    /// The first model, without its prompt.
    pub from: String,
    /// The target, without its prompt.
    pub to: String,
    /// Each prompt's mean score on both.
    pub prompts: Vec<Ranked>,
    /// Every two prompts.
    pub pairs: Vec<Order>,
    /// Pairs of prompts that both models order alike.
    pub alike: usize,
    /// Pairs that they order the other way round.
    pub opposite: usize,
}

/// A prompt's mean score on both models, over the cases that all have a score for.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Ranked {
    /// The prompt.
    pub prompt: String,
    /// On the first model.
    pub from: f64,
    /// On the target.
    pub to: f64,
}

/// Two prompts.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Order {
    /// The one.
    pub a: String,
    /// The other.
    pub b: String,
    /// By how much more the one is better on the target than on the first model.
    pub difference: Estimate,
    /// Whether its interval leaves 0 out.
    pub shown: bool,
}

/// A model's name and its prompt's: `model @ prompt`.
fn apart(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once(" @ ")
}

/// A spread for each target that was asked with several prompts.
pub fn spread(asked: &Asked<'_>, pairs: &[Pair]) -> Vec<Spread> {
    let Some(stored) = asked.stored else {
        return Vec::new();
    };
    let sides = sides(asked.plan, stored, &asked.plan.primary);
    let side = |name: &str| sides.iter().find(|side| side.name == name);
    let mut targets: Vec<(&str, &str, Vec<Columns<'_>>)> = Vec::new();
    for pair in pairs {
        let names = apart(&pair.from).zip(apart(&pair.to));
        let columns = side(&pair.from).zip(side(&pair.to));
        let (Some(((from, prompt), (to, _))), Some((first, second))) = (names, columns) else {
            continue;
        };
        let columns = Columns {
            prompt,
            first,
            second,
        };
        match targets.iter_mut().find(|(x, y, _)| (*x, *y) == (from, to)) {
            Some((.., all)) => all.push(columns),
            None => targets.push((from, to, vec![columns])),
        }
    }
    let several = targets.into_iter().filter(|(.., all)| all.len() > 1);
    several
        .filter_map(|(from, to, all)| of(from, to, &all, asked.plan.seed))
        .collect()
}

/// One prompt on both models.
struct Columns<'a> {
    prompt: &'a str,
    first: &'a Side,
    second: &'a Side,
}

fn of(from: &str, to: &str, all: &[Columns<'_>], seed: u64) -> Option<Spread> {
    let scored = |case: &usize| {
        let mut sides = all.iter().flat_map(|it| [it.first, it.second]);
        sides.all(|side| side.cells[*case].tries.n > 0)
    };
    let first = all.first()?.first;
    let cases: Vec<usize> = (0..first.cells.len()).filter(scored).collect();
    let groups = first.groups(&cases);
    let ranked = |it: &Columns<'_>| {
        Some(Ranked {
            prompt: it.prompt.to_owned(),
            from: mean(&it.first.scores(&cases))?,
            to: mean(&it.second.scores(&cases))?,
        })
    };
    let prompts: Option<Vec<Ranked>> = all.iter().map(ranked).collect();
    let gap = |it: &Columns<'_>| -> Vec<f64> {
        let scores = it
            .second
            .scores(&cases)
            .into_iter()
            .zip(it.first.scores(&cases));
        scores.map(|(y, x)| y - x).collect()
    };
    let prompts = prompts?;
    let (mut pairs, mut alike, mut opposite) = (Vec::new(), 0, 0);
    for (at, a) in all.iter().enumerate() {
        for (other, b) in all.iter().enumerate().skip(at + 1) {
            let found = paired::paired(&gap(a), &gap(b), groups.as_deref(), CONFIDENCE, seed)?;
            let difference = found.difference;
            let [x, y] = [&prompts[at], &prompts[other]];
            let product = (x.from - y.from) * (x.to - y.to);
            alike += usize::from(product > 0.0);
            opposite += usize::from(product < 0.0);
            pairs.push(Order {
                a: a.prompt.to_owned(),
                b: b.prompt.to_owned(),
                difference,
                shown: difference.low.is_some_and(|low| low > 0.0)
                    || difference.high.is_some_and(|high| high < 0.0),
            });
        }
    }
    Some(Spread {
        from: from.to_owned(),
        to: to.to_owned(),
        prompts,
        pairs,
        alike,
        opposite,
    })
}
