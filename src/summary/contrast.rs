//! Between the candidates of a run: paired differences to the best and to the reference, and who is tied with the best.

use super::field::Field;
use super::judge::{CONFIDENCE, Terms, judge};
use super::matrix::Matrix;
use super::pairing::Pairing;
use super::side::{Side, of_matrix};
use super::{Best, Contrast, Row};
use crate::stats::many;

/// Every contrast of the run, who is best, and what must be said beside them.
pub(super) fn contrasts(matrix: &Matrix<'_>, rows: &[Row]) -> (Vec<Contrast>, Best, Vec<String>) {
    let primary = &matrix.plan.primary;
    let mut notes = Vec::new();
    let value = |index: usize| rows[index].scores.get(primary).and_then(|cell| cell.value);
    let sides = of_matrix(matrix, primary);
    let field = Field::of(&sides, matrix.plan.max_failed);
    let scored = field.taking_part.iter().copied();
    let scored = scored.filter(|index| value(*index).is_some());
    let best = scored.max_by(|a, b| {
        value(*a)
            .partial_cmp(&value(*b))
            .expect("scores are finite")
            .then(b.cmp(a))
    });
    let named = matrix.plan.reference.as_ref();
    let reference = named.and_then(|name| rows.iter().position(|row| row.name == *name));
    let mut found = Vec::new();
    for against in [best, reference].into_iter().flatten() {
        for index in 0..rows.len() {
            let again = reference == Some(against) && Some(index) == best && Some(against) == best;
            let known = found.iter().any(|known: &Contrast| {
                known.a == rows[index].name && known.b == rows[against].name
            });
            if index == against || again || known {
                continue;
            }
            let (a, b) = (&sides[index], &sides[against]);
            let terms = Terms {
                scorer: primary,
                margin: matrix.plan.margin,
                alpha: 0.05,
                seed: matrix.seed(&["paired", primary, &a.id, &b.id]),
            };
            let contrast = judge(a, b, &Pairing::of(a, b), terms);
            let (a, b) = (&contrast.a, &contrast.b);
            if contrast.difference.n == 0 {
                notes.push(format!(
                    "{a} and {b} have no case that both were scored on: no difference can be given"
                ));
                continue;
            }
            if let Some(note) = &contrast.note {
                notes.push(format!("{a} − {b}: {note}"));
            }
            found.push(contrast);
        }
    }
    let tied = tied(&sides, &field.taking_part, best, matrix.seed(&["tied"]));
    let best = Best {
        scorer: primary.clone(),
        name: best.map(|best| rows[best].name.clone()),
        tied: tied.iter().map(|index| rows[*index].name.clone()).collect(),
        left_out: field.named(),
    };
    (found, best, notes)
}

/// The sides of those `taking_part` that the data cannot tell from the best, by simultaneous intervals over the cases that all were scored on;
/// `best` is always among them. The sides share their cases.
pub(super) fn tied(
    sides: &[Side],
    taking_part: &[usize],
    best: Option<usize>,
    seed: u64,
) -> Vec<usize> {
    let cases = complete(sides, taking_part);
    let Some(first) = taking_part.first() else {
        return Vec::new();
    };
    let scores: Vec<Vec<f64>> = taking_part
        .iter()
        .map(|index| sides[*index].standing(&cases))
        .collect();
    let groups = sides[*first].groups(&cases);
    let tied = many::tied_with_best(&scores, groups.as_deref(), CONFIDENCE, seed);
    let places = taking_part.iter().copied().zip(tied);
    places
        .filter(|(index, tied)| *tied || Some(*index) == best)
        .map(|(index, _)| index)
        .collect()
}

/// The cases that all of these sides have a score for.
pub(super) fn complete(sides: &[Side], of: &[usize]) -> Vec<usize> {
    let cases = of.first().map_or(0, |first| sides[*first].cells.len());
    let all = |case: &usize| {
        of.iter()
            .all(|index| sides[*index].cells[*case].tries.n > 0)
    };
    (0..cases).filter(all).collect()
}
