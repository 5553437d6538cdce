//! Between candidates: paired differences to the best and to the reference, and who is tied with the best.

use super::matrix::Matrix;
use super::whole::{self, Whole};
use super::{Best, Contrast, Row, Verdict};
use crate::stats::verdict::{Shown, read};
use crate::stats::{Estimate, many, paired, power};

const CONFIDENCE: f64 = 0.95;
/// Above this share of cases that only one side has a score for, a difference is not to be trusted.
const UNMATCHED: f64 = 0.02;

/// Every contrast of the run, who is best, and what must be said beside them.
pub(super) fn contrasts(matrix: &Matrix<'_>, rows: &[Row]) -> (Vec<Contrast>, Best, Vec<String>) {
    let primary = &matrix.plan.primary;
    let mut notes = Vec::new();
    let value = |index: usize| rows[index].scores.get(primary).and_then(|cell| cell.value);
    let scored = (0..rows.len()).filter(|index| value(*index).is_some());
    let best = scored.max_by(|a, b| {
        value(*a)
            .partial_cmp(&value(*b))
            .expect("scores are finite")
            .then(b.cmp(a))
    });
    let Some(best) = best else {
        return (
            Vec::new(),
            Best {
                scorer: primary.clone(),
                name: None,
                tied: Vec::new(),
            },
            notes,
        );
    };
    let named = matrix.plan.reference.as_ref();
    let reference = named.and_then(|name| rows.iter().position(|row| row.name == *name));
    let mut found = Vec::new();
    for against in [Some(best), reference].into_iter().flatten() {
        for index in 0..rows.len() {
            let again = reference == Some(against) && index == best && against == best;
            let known = found.iter().any(|known: &Contrast| {
                known.a == rows[index].name && known.b == rows[against].name
            });
            if index == against || again || known {
                continue;
            }
            let more = contrast(matrix, index, against, primary, &mut notes);
            if more.difference.n == 0 {
                let (a, b) = (&more.a, &more.b);
                notes.push(format!(
                    "{a} and {b} have no case that both were scored on: no difference can be given"
                ));
                continue;
            }
            found.push(more);
        }
    }
    let best = Best {
        scorer: primary.clone(),
        name: Some(rows[best].name.clone()),
        tied: tied(matrix, rows, best),
    };
    (found, best, notes)
}

fn contrast(
    matrix: &Matrix<'_>,
    a: usize,
    b: usize,
    scorer: &str,
    notes: &mut Vec<String>,
) -> Contrast {
    let names = &matrix.plan.candidates;
    let (left, right) = (matrix.by_case(a, scorer), matrix.by_case(b, scorer));
    let both: Vec<usize> = (0..left.len())
        .filter(|case| left[*case].is_some() && right[*case].is_some())
        .collect();
    let unmatched = (0..left.len())
        .filter(|case| left[*case].is_some() != right[*case].is_some())
        .count();
    let pick = |scores: &[Option<f64>]| {
        both.iter()
            .filter_map(|case| scores[*case])
            .collect::<Vec<f64>>()
    };
    let (x, y) = (pick(&left), pick(&right));
    let groups = matrix.groups_of(&both);
    let seed = matrix.seed(&["paired", scorer, &names[a].id, &names[b].id]);
    let margin = matrix.plan.margin;
    let mut contrast = Contrast {
        a: names[a].name.clone(),
        b: names[b].name.clone(),
        scorer: scorer.to_owned(),
        difference: Estimate {
            value: 0.0,
            low: None,
            high: None,
            n: both.len(),
        },
        gains: 0,
        losses: 0,
        unmatched,
        margin,
        verdict: Verdict::Invalid,
        need: None,
        method: "none".into(),
    };
    let whole = || whole::paired(matrix, (a, b), scorer, &both, (&x, &y), CONFIDENCE, seed);
    let mean = || paired::paired(&x, &y, groups.as_deref(), CONFIDENCE, seed);
    let Some(found) = whole().or_else(mean) else {
        return contrast;
    };
    if let Some(note) = &found.note {
        notes.push(format!("{} − {}: {note}", contrast.a, contrast.b));
    }
    contrast.difference = found.difference;
    contrast.gains = found.gains;
    contrast.losses = found.losses;
    contrast.method = found.method.to_owned();
    if unmatched as f64 > UNMATCHED * (both.len() + unmatched) as f64 {
        return contrast;
    }
    contrast.verdict = match found
        .one_sided_95
        .map(|(low, high)| read(low, high, margin))
    {
        Some(Shown::Improved) => Verdict::Improved,
        Some(Shown::NotWorse) => Verdict::NotWorse,
        Some(Shown::SlightlyWorse) => Verdict::SlightlyWorse,
        Some(Shown::Regressed) => Verdict::Regressed,
        Some(Shown::Inconclusive) | None => Verdict::Inconclusive,
    };
    if contrast.verdict == Verdict::Inconclusive {
        // Scores within 0 and 1 cannot differ by more than 1, so neither can the spread of a difference.
        let spread = found.spread.min(1.0);
        let most = power::cases_not_worse(1.0, margin, 0.0, 0.05, 0.8).ceil() as usize;
        let need = power::need(both.len(), spread, margin, 0.05, 0.8);
        contrast.need = need.map(|need| need.min(most.max(both.len() + 1)));
    }
    contrast
}

/// Candidates that the data cannot tell from the best, by simultaneous intervals over the cases that all were scored on.
fn tied(matrix: &Matrix<'_>, rows: &[Row], best: usize) -> Vec<String> {
    let by_case: Vec<Vec<Option<f64>>> = (0..rows.len())
        .map(|index| {
            let primary = &matrix.plan.primary;
            let whole = Whole::of(matrix, index, primary).and_then(|whole| whole.by_case());
            whole.unwrap_or_else(|| matrix.by_case(index, primary))
        })
        .collect();
    let taking_part: Vec<usize> = (0..rows.len())
        .filter(|index| by_case[*index].iter().any(Option::is_some))
        .collect();
    let complete = (0..matrix.stored.cases.len()).filter(|case| {
        taking_part
            .iter()
            .all(|index| by_case[*index][*case].is_some())
    });
    let cases: Vec<usize> = complete.collect();
    let scores: Vec<Vec<f64>> = taking_part
        .iter()
        .map(|index| {
            cases
                .iter()
                .filter_map(|case| by_case[*index][*case])
                .collect()
        })
        .collect();
    let groups = matrix.groups_of(&cases);
    let tied = many::tied_with_best(
        &scores,
        groups.as_deref(),
        CONFIDENCE,
        matrix.seed(&["tied"]),
    );
    let names = taking_part
        .iter()
        .zip(tied)
        .filter(|(index, tied)| *tied || **index == best);
    names.map(|(index, _)| rows[*index].name.clone()).collect()
}
