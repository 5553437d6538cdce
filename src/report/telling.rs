//! How a case went for each candidate, and so how telling it is: the order that cases are shown in.

use super::{CaseView, Report, TrialView};

/// The rank of a case on which nothing is to be seen.
pub const ALL_WELL: u8 = 4;

/// How a candidate's answers to one case were judged by the primary scorer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// Every answer passed.
    Right,
    /// Some passed, or the score is neither full nor nothing; the mean score.
    Part(f64),
    /// No answer passed.
    Wrong,
    /// No reply, so no score: missing, not wrong.
    Failed,
    /// Answered, but without a score.
    Unscored,
}

impl Mark {
    /// The mark of these trials of one candidate.
    pub fn of(trials: &[&TrialView], scorer: &str) -> Mark {
        let scores = || trials.iter().filter_map(|t| t.scores.get(scorer));
        let values: Vec<f64> = scores().filter_map(|s| s.value).collect();
        if values.is_empty() {
            return match trials.iter().any(|t| t.failure.is_some()) {
                true => Mark::Failed,
                false => Mark::Unscored,
            };
        }
        let passed = |value: f64, passed: Option<bool>| passed.unwrap_or(value >= 1.0 - 1e-9);
        let passes = scores().filter(|s| s.value.is_some_and(|v| passed(v, s.passed)));
        let failed = scores().all(|s| s.passed == Some(false) || s.value.is_none_or(|v| v <= 0.0));
        match passes.count() {
            n if n == values.len() => Mark::Right,
            0 if failed => Mark::Wrong,
            _ => Mark::Part(values.iter().sum::<f64>() / values.len() as f64),
        }
    }

    /// A sign for it.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Right => "✓",
            Mark::Part(_) => "◐",
            Mark::Wrong => "✗",
            Mark::Failed => "!",
            Mark::Unscored => "?",
        }
    }

    /// A name for it, for style sheets.
    pub fn class(self) -> &'static str {
        match self {
            Mark::Right => "right",
            Mark::Part(_) => "part",
            Mark::Wrong => "wrong",
            Mark::Failed => "failed",
            Mark::Unscored => "unscored",
        }
    }

    /// It in words.
    pub fn label(self) -> String {
        match self {
            Mark::Right => "right".to_owned(),
            Mark::Part(mean) => format!("scored {mean:.2}"),
            Mark::Wrong => "wrong".to_owned(),
            Mark::Failed => "no reply".to_owned(),
            Mark::Unscored => "not scored".to_owned(),
        }
    }

    /// How much of it is right; nothing where that is not known.
    pub fn score(self) -> Option<f64> {
        match self {
            Mark::Right => Some(1.0),
            Mark::Part(mean) => Some(mean),
            Mark::Wrong => Some(0.0),
            Mark::Failed | Mark::Unscored => None,
        }
    }
}

/// How a case went.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// A mark a candidate.
    pub marks: Vec<Mark>,
    /// Candidates differ.
    pub differ: bool,
    /// The best candidate is not right.
    pub best: bool,
    /// No candidate is right.
    pub none: bool,
    /// Some trial has no reply or no score.
    pub missing: bool,
    /// Some answer is cut, refused or empty.
    pub odd: bool,
}

impl Judged {
    /// Of this case.
    pub fn of(report: &Report, case: &CaseView) -> Judged {
        let (best, rows) = (&report.summary.best, &report.summary.candidates);
        let mark = |name: &String| {
            let mine: Vec<&TrialView> = case
                .trials
                .iter()
                .filter(|t| t.candidate == *name)
                .collect();
            Mark::of(&mine, &best.scorer)
        };
        let marks: Vec<Mark> = rows.iter().map(|row| mark(&row.name)).collect();
        let scores = || marks.iter().filter_map(|m| m.score());
        let most = scores().fold(0.0, f64::max);
        let least = scores().fold(1.0, f64::min);
        let leader = rows
            .iter()
            .position(|row| Some(&row.name) == best.name.as_ref());
        let leader = leader.and_then(|at| marks[at].score());
        Judged {
            differ: most - least >= 0.25,
            best: leader.is_some_and(|score| score <= 0.0 || score < most),
            none: !marks.contains(&Mark::Right),
            missing: scores().count() < marks.len(),
            odd: case.trials.iter().any(|t| odd(t).is_some()),
            marks,
        }
    }

    /// 0 is the most telling, [`ALL_WELL`] the least.
    pub fn rank(&self) -> u8 {
        match self {
            Judged {
                differ: true,
                best: true,
                ..
            } => 0,
            Judged { differ: true, .. } => 1,
            Judged { none: true, .. } => 2,
            Judged { missing, odd, .. } if *missing || *odd => 3,
            _ => ALL_WELL,
        }
    }

    /// Words to filter by: `differ`, `best`, `none`, `missing`, `odd`, and `wrong-2` for the third candidate.
    pub fn kinds(&self) -> String {
        let is = [
            (self.differ, "differ"),
            (self.best, "best"),
            (self.none, "none"),
            (self.missing, "missing"),
            (self.odd, "odd"),
        ];
        let words = is
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word.to_owned());
        let not_right = |m: &Mark| matches!(m, Mark::Wrong | Mark::Part(_));
        let wrong = self.marks.iter().enumerate().filter(|(_, m)| not_right(m));
        let all: Vec<String> = words
            .chain(wrong.map(|(at, _)| format!("wrong-{at}")))
            .collect();
        all.join(" ")
    }
}

/// The places of the cases with their ranks, the most telling first: where candidates differ and the best one
/// is wrong, where they differ, where none is right, where something is missing or odd, then the rest.
pub fn order(report: &Report) -> Vec<(u8, usize)> {
    let cases = report.cases.iter().enumerate();
    let mut order: Vec<(u8, usize)> = cases
        .map(|(at, case)| (Judged::of(report, case).rank(), at))
        .collect();
    order.sort_unstable();
    order
}

/// What is odd about an answer: cut, filtered, empty.
pub fn odd(trial: &TrialView) -> Option<&'static str> {
    match oddities(trial) {
        [_, true, _] => Some("cut by the token limit"),
        [true, ..] => Some("refused or filtered"),
        [_, _, true] => Some("empty"),
        _ => None,
    }
}

/// Whether an answer is a refusal (or filtered), cut by the token limit, empty: as the summary counts them.
pub fn oddities(trial: &TrialView) -> [bool; 3] {
    let finish = trial.finish.as_deref();
    let refusal = trial.refusal.is_some();
    // a refusal stands for a text that is not there
    let text = trial.text.as_deref();
    let text = text.filter(|text| !(refusal && trial.refusal.as_deref() == Some(text)));
    let said = text.is_some_and(|text| !text.trim().is_empty()) || !trial.tool_calls.is_empty();
    [
        refusal || finish == Some("content_filter"),
        finish == Some("length"),
        trial.text.is_some() && !said,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ScoreView, fixture};

    fn trials(scores: &[Option<(f64, Option<bool>)>]) -> Mark {
        let one = fixture::report().cases[0].trials[0].clone();
        let made: Vec<TrialView> = scores
            .iter()
            .map(|score| {
                let mut trial = one.clone();
                trial.scores.clear();
                let score = score.map(|(value, passed)| ScoreView {
                    value: Some(value),
                    passed,
                    why: String::new(),
                });
                trial.scores.extend(score.map(|s| ("exact".to_owned(), s)));
                trial
            })
            .collect();
        Mark::of(&made.iter().collect::<Vec<_>>(), "exact")
    }

    #[test]
    fn marks_follow_the_scorer_and_missing_is_not_wrong() {
        assert_eq!(trials(&[Some((1.0, Some(true)))]), Mark::Right);
        assert_eq!(trials(&[Some((0.7, Some(true)))]), Mark::Right);
        assert_eq!(trials(&[Some((0.7, None))]), Mark::Part(0.7));
        assert_eq!(trials(&[Some((0.7, Some(false)))]), Mark::Wrong);
        assert_eq!(
            trials(&[Some((1.0, None)), Some((0.0, None))]),
            Mark::Part(0.5)
        );
        assert_eq!(trials(&[None]), Mark::Unscored);
    }

    #[test]
    fn the_most_telling_come_first() {
        let report = fixture::report();
        let order = order(&report);
        assert!(order.is_sorted());
        let judged = |at: usize| Judged::of(&report, &report.cases[order[at].1]);
        assert!(judged(0).best && judged(0).differ);
        assert_eq!(judged(11).rank(), ALL_WELL);
        assert_eq!(judged(11).kinds(), "");
    }
}
