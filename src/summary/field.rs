//! Which sides may stand beside each other: with too many cases missing, a mean is over other cases than the others'.

use super::LeftOut;
use super::judge::UNMATCHED;
use super::pairing::Pairing;
use super::side::Side;

/// The sides that may be held against each other, and those that may not though they have a score.
pub(super) struct Field {
    /// Places of the sides that take part.
    pub taking_part: Vec<usize>,
    /// The others, each with its place.
    pub left_out: Vec<(usize, LeftOut)>,
}

impl Field {
    /// Of sides that share their cases; more than `max_failed` of the trials failed is too many. All are held against the
    /// one with the most scores, the higher one of those with equally many.
    pub fn of(sides: &[Side], max_failed: f64) -> Field {
        let (mut taking_part, mut left_out) = (Vec::new(), Vec::new());
        let several = sides.len() > 1;
        for (index, side) in sides.iter().enumerate().filter(|(_, s)| s.scored() > 0) {
            match failing(side, max_failed).filter(|_| several) {
                Some(why) => left_out.push((index, left(side, why))),
                None => taking_part.push(index),
            }
        }
        let mean = |side: &Side| {
            let scores = side.cells.iter().filter_map(super::side::Cell::score);
            scores.sum::<f64>() / side.scored() as f64
        };
        let fuller = |a: &usize, b: &usize| {
            let (x, y) = (&sides[*a], &sides[*b]);
            let by_score = || mean(x).total_cmp(&mean(y)).then(b.cmp(a));
            x.scored().cmp(&y.scored()).then_with(by_score)
        };
        if let Some(fullest) = taking_part.iter().copied().max_by(fuller) {
            let full = &sides[fullest];
            taking_part.retain(|index| match unlike(&sides[*index], full) {
                Some(why) => {
                    left_out.push((*index, left(&sides[*index], why)));
                    false
                }
                None => true,
            });
        }
        left_out.sort_by_key(|(index, _)| *index);
        Field {
            taking_part,
            left_out,
        }
    }

    /// Who is left out, for a reader.
    pub fn named(self) -> Vec<LeftOut> {
        self.left_out.into_iter().map(|(_, left)| left).collect()
    }
}

fn left(side: &Side, why: String) -> LeftOut {
    LeftOut {
        name: side.name.clone(),
        why,
    }
}

fn failing(side: &Side, max_failed: f64) -> Option<String> {
    let counts = side.counts?;
    let (failed, trials) = (counts.failed, counts.trials);
    (failed as f64 > max_failed * trials as f64).then(|| {
        let most = 100.0 * max_failed;
        format!("{failed} of {trials} trials failed, more than {most} %")
    })
}

/// Why two sides have too few cases in common, in the words of a difference that may not be made.
fn unlike(side: &Side, full: &Side) -> Option<String> {
    let pairing = Pairing::of(side, full);
    let (both, alone) = (pairing.both.len(), pairing.unmatched());
    let all = both + alone;
    (alone as f64 > UNMATCHED * all as f64).then(|| {
        let most = 100.0 * UNMATCHED;
        let full = &full.name;
        format!(
            "{alone} of {all} cases have a score for only one of it and {full}, more than {most} %"
        )
    })
}
