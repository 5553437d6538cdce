//! What may not get worse beside the deciding score: each is judged by itself, none is averaged in.

use super::oddity::{Expected, Oddity, Replies};
use super::ported::Guard;
use super::shifts::shares;
use crate::plan::Snapshot;
use crate::store::Stored;
use crate::summary::judge::{Terms, judge, judge_scores};
use crate::summary::pairing::Pairing;
use crate::summary::side::{Side, sides};
use crate::summary::{Contrast, Verdict};

/// The replies of two candidates.
pub(super) struct Both<'a> {
    pub from: &'a Replies<'a>,
    pub to: &'a Replies<'a>,
    pub expected: &'a Expected,
}

/// Every guard: odd replies, then the scorers that do not decide. Any one of them may break, so they
/// share the error of 5 %.
pub(super) fn guards(
    plan: &Snapshot,
    stored: &Stored,
    margin: f64,
    (from, to): (&str, &str),
    both: &Both<'_>,
) -> Vec<Guard> {
    let others = others(plan);
    let count = Oddity::GUARDS.len() + others.len();
    let terms = Terms {
        scorer: "",
        margin,
        alpha: 0.05 / count as f64,
        seed: plan.seed,
    };
    let clusters = sides(plan, stored, &plan.primary);
    let odd = |odd: Oddity| {
        let shares = shares(odd, both.from, both.to, both.expected);
        let good = |shares: &[f64]| -> Vec<f64> { shares.iter().map(|it| 1.0 - it).collect() };
        let groups = clusters.first().and_then(|side| side.groups(&shares.cases));
        let (x, y) = (good(&shares.to), good(&shares.from));
        let contrast = judge_scores(
            (to, from),
            &x,
            &y,
            groups.as_deref(),
            shares.unmatched,
            Terms {
                scorer: odd.name(),
                ..terms
            },
        );
        guard(contrast, true, true)
    };
    let scored = |scorer: &str| {
        let sides = sides(plan, stored, scorer);
        let find = |name: &str| sides.iter().find(|side| side.name == name);
        let (a, b) = (find(to)?, find(from)?);
        let pairing = Pairing::of(a, b);
        // A scorer for cases of a kind that were not selected guards nothing.
        let about = !pairing.both.is_empty() || pairing.unmatched() > 0;
        let unit = within_unit(a) && within_unit(b);
        about.then(|| {
            guard(
                judge(a, b, &pairing, Terms { scorer, ..terms }),
                false,
                unit,
            )
        })
    };
    let odd = Oddity::GUARDS.into_iter().map(odd);
    odd.chain(others.into_iter().filter_map(scored)).collect()
}

/// The scorers that do not decide. What a scorer says in parts stands under its own hash: the whole
/// guards for them.
fn others(plan: &Snapshot) -> Vec<&str> {
    let primary = plan.scorers.iter().find(|it| it.name == plan.primary);
    let mut known: Vec<&str> = primary.iter().map(|it| it.hash.as_str()).collect();
    let mut others = Vec::new();
    for scorer in plan.scorers.iter().filter(|it| it.name != plan.primary) {
        if !known.contains(&scorer.hash.as_str()) {
            known.push(&scorer.hash);
            others.push(scorer.name.as_str());
        }
    }
    others
}

fn guard(contrast: Contrast, share: bool, unit: bool) -> Guard {
    Guard {
        name: contrast.scorer.clone(),
        broken: contrast.verdict == Verdict::Regressed,
        contrast,
        share,
        unit,
    }
}

/// Whether all scores of a side lie within 0 and 1.
pub(super) fn within_unit(side: &Side) -> bool {
    let mut scores = side.cells.iter().filter_map(|cell| cell.score());
    scores.all(|score| (0.0..=1.0).contains(&score))
}
