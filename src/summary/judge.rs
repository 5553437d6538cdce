//! The verdict on a paired difference: the one place where intervals become words, for runs, comparisons and gates alike.

use super::pairing::Pairing;
use super::side::Side;
use super::{Contrast, Verdict, whole};
use crate::stats::paired::{self, Paired};
use crate::stats::verdict::{Shown, read};
use crate::stats::{Estimate, power};

/// The confidence of every interval shown.
pub const CONFIDENCE: f64 = 0.95;
/// Above this share of cases that only one side has a score for, a difference is not to be trusted.
pub const UNMATCHED: f64 = 0.02;
/// The power that needed cases are planned for.
pub const POWER: f64 = 0.8;

/// What a difference is judged by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms<'a> {
    /// The scorer.
    pub scorer: &'a str,
    /// Within what difference a side counts as not worse.
    pub margin: f64,
    /// The one-sided error of each claim: .05 in a report.
    pub alpha: f64,
    /// The seed of bootstraps.
    pub seed: u64,
}

/// Judges `a` against `b` on the cases that `pairing` matched.
pub fn judge(a: &Side, b: &Side, pairing: &Pairing, terms: Terms<'_>) -> Contrast {
    let left = pairing.left();
    let (x, y) = (a.scores(&left), b.scores(&pairing.right()));
    let groups = a.groups(&left);
    let names = (a.name.as_str(), b.name.as_str());
    let groups = groups.as_deref();
    let found = |confidence| match (&a.whole, &b.whole) {
        (Some(p), Some(q)) if p.is_figure() && q.is_figure() => {
            let (p, q) = ((p, &left[..]), (q, &pairing.right()[..]));
            let found = whole::paired(p, q, groups, confidence, terms.seed)?;
            Some(found.counting(&x, &y))
        }
        _ => paired::paired(&x, &y, groups, confidence, terms.seed),
    };
    judged(names, x.len(), pairing.unmatched(), terms, found)
}

/// Judges the scores of matched cases; `unmatched` more had a score on one side only.
pub fn judge_scores(
    (a, b): (&str, &str),
    x: &[f64],
    y: &[f64],
    groups: Option<&[usize]>,
    unmatched: usize,
    terms: Terms<'_>,
) -> Contrast {
    let found = |confidence| paired::paired(x, y, groups, confidence, terms.seed);
    judged((a, b), x.len(), unmatched, terms, found)
}

/// Judges a paired difference over `n` cases; `paired_at` makes it with its interval at a confidence.
fn judged(
    (a, b): (&str, &str),
    n: usize,
    unmatched: usize,
    terms: Terms<'_>,
    paired_at: impl Fn(f64) -> Option<Paired>,
) -> Contrast {
    let mut contrast = Contrast {
        a: a.to_owned(),
        b: b.to_owned(),
        scorer: terms.scorer.to_owned(),
        difference: Estimate::new(0.0, None, n),
        gains: 0,
        losses: 0,
        unmatched,
        margin: terms.margin,
        verdict: Verdict::Invalid,
        need: None,
        method: "none".into(),
        p: None,
        p_exact: None,
        note: None,
        reason: None,
    };
    let Some(found) = paired_at(CONFIDENCE) else {
        contrast.reason = Some(nothing(unmatched));
        return contrast;
    };
    contrast.difference = found.difference;
    contrast.gains = found.gains;
    contrast.losses = found.losses;
    contrast.method = found.method.to_owned();
    contrast.p = found.p;
    contrast.p_exact = found.p_exact;
    contrast.note = found.note;
    if unmatched as f64 > UNMATCHED * (n + unmatched) as f64 {
        let share = 100.0 * unmatched as f64 / (n + unmatched) as f64;
        contrast.reason = Some(format!(
            "{unmatched} of {} cases ({share:.0} %) have a score for only one of them, more than {} %",
            n + unmatched,
            100.0 * UNMATCHED
        ));
        return contrast;
    }
    let bounds = match terms.alpha == 0.05 {
        true => found.one_sided_95,
        // a one-sided error of α is the two-sided interval at 1 - 2α
        false => paired_at(1.0 - 2.0 * terms.alpha)
            .and_then(|found| found.difference.low.zip(found.difference.high)),
    };
    contrast.verdict = match bounds.map(|(low, high)| read(low, high, terms.margin)) {
        // one case shows nothing, whatever its interval
        _ if n < 2 => Verdict::Inconclusive,
        Some(Shown::Improved) => Verdict::Improved,
        Some(Shown::NotWorse) => Verdict::NotWorse,
        Some(Shown::SlightlyWorse) => Verdict::SlightlyWorse,
        Some(Shown::Regressed) => Verdict::Regressed,
        Some(Shown::Inconclusive) | None => Verdict::Inconclusive,
    };
    if contrast.verdict == Verdict::Inconclusive {
        contrast.need = need(n, found.spread, terms);
    }
    contrast
}

/// Cases needed in all. Scores within 0 and 1 cannot differ by more than 1, so neither can the spread of a difference.
fn need(n: usize, spread: f64, terms: Terms<'_>) -> Option<usize> {
    let (margin, alpha) = (terms.margin, terms.alpha);
    let most = power::cases_not_worse(1.0, margin, 0.0, alpha, POWER).ceil() as usize;
    let spread = if n < 2 { 1.0 } else { spread.min(1.0) };
    let need = power::need(n.max(2), spread, margin, alpha, POWER);
    need.map(|need| need.min(most.max(n + 1)))
}

fn nothing(unmatched: usize) -> String {
    match unmatched {
        0 => "no case has a score for either of them".to_owned(),
        1 => "no case has a score for both of them; 1 has one for one of them".to_owned(),
        n => format!("no case has a score for both of them; {n} have one for one of them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms<'static> = Terms {
        scorer: "exact",
        margin: 0.05,
        alpha: 0.05,
        seed: 1,
    };

    fn said(x: &[f64], y: &[f64], unmatched: usize, terms: Terms<'_>) -> Contrast {
        judge_scores(("a", "b"), x, y, None, unmatched, terms)
    }

    #[test]
    fn nothing_matched_and_too_much_unmatched_are_invalid() {
        for (x, unmatched) in [(&[][..], 0), (&[][..], 7), (&[1.0; 40][..], 1)] {
            let contrast = said(x, x, unmatched, TERMS);
            assert_eq!(contrast.verdict, Verdict::Invalid);
            assert!(contrast.reason.is_some());
        }
        assert_eq!(
            said(&[1.0; 60], &[1.0; 60], 1, TERMS).verdict,
            Verdict::NotWorse
        );
    }

    #[test]
    fn one_case_and_few_ties_decide_nothing() {
        for (x, y) in [
            (&[1.0][..], &[0.0][..]),
            (&[0.3][..], &[0.3][..]),
            (&[0.5; 10][..], &[0.5; 10][..]),
            (&[1.0; 10][..], &[1.0; 10][..]),
        ] {
            let contrast = said(x, y, 0, TERMS);
            assert_eq!(contrast.verdict, Verdict::Inconclusive, "{contrast:?}");
            assert!(contrast.need.is_some_and(|need| need > x.len()));
        }
    }

    #[test]
    fn a_smaller_alpha_asks_for_more() {
        let x: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i >= 8))).collect();
        let y: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i < 98))).collect();
        let strict = Terms {
            alpha: 0.01,
            ..TERMS
        };
        assert_eq!(said(&x, &y, 0, TERMS).verdict, Verdict::Regressed);
        assert_eq!(said(&x, &y, 0, strict).verdict, Verdict::Inconclusive);
    }
}
