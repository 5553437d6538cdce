//! A case's line in the index: what the explorer filters and sorts by, in numbers.

use crate::report::case::Card;
use crate::report::telling::{Judged, Mark, oddities};
use crate::report::{CaseView, Report, TrialView};
use crate::source::plain_line;
use serde::Serialize;
use serde_json::Value;

/// Most characters of the expected answer in the index.
const LONGEST_TARGET: usize = 80;

/// What is true of a candidate's answers to a case, a bit each; `explorer/store.js` has the same list.
mod bit {
    pub const RIGHT: u32 = 1;
    pub const PART: u32 = 2;
    pub const WRONG: u32 = 4;
    pub const FAILED: u32 = 8;
    pub const UNSCORED: u32 = 16;
    pub const REFUSED: u32 = 32;
    pub const CUT: u32 = 64;
    pub const EMPTY: u32 = 128;
    pub const UNASKED: u32 = 256;
}

/// A case in the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its place in the dataset, from 1.
    pub n: usize,
    /// Its id.
    pub id: String,
    /// Its beginning.
    pub text: String,
    /// The beginning of the expected answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// By scorer, the deciding one first, then by candidate: the bits above.
    pub marks: Vec<Vec<u32>>,
    /// The mean scores in the same order.
    pub scores: Vec<Vec<Value>>,
    /// What each candidate's answers cost, USD.
    pub costs: Vec<Value>,
    /// Each candidate's longest latency, ms.
    pub times: Vec<Value>,
}

/// The case's line.
pub fn entry(report: &Report, case: &CaseView, card: &Card, judged: &Judged) -> Entry {
    let (summary, primary) = (&report.summary, &report.summary.best.scorer);
    let rows = || summary.candidates.iter();
    let trials: Vec<Vec<&TrialView>> = rows()
        .map(|row| {
            let mine = case.trials.iter();
            mine.filter(|t| t.candidate == row.name).collect()
        })
        .collect();
    let others = summary.scorers.iter().filter(|it| *it != primary);
    let others = others.map(|scorer| {
        let marks = trials.iter().map(|mine| Mark::of(mine, scorer));
        (scorer, marks.collect::<Vec<Mark>>())
    });
    let scorers = std::iter::once((primary, judged.marks.clone())).chain(others);
    let (mut marks, mut scores) = (Vec::new(), Vec::new());
    for (scorer, each) in scorers {
        let each = || each.iter().zip(&trials);
        marks.push(
            each()
                .map(|(mark, mine)| bits(*mark, mine, scorer))
                .collect(),
        );
        scores.push(each().map(|(_, mine)| mean(mine, scorer)).collect());
    }
    let costs = trials.iter().map(|mine| {
        let costs = mine.iter().map(|t| t.cost_usd);
        short(costs.sum::<Option<f64>>().filter(|_| !mine.is_empty()))
    });
    let times = trials.iter().map(|mine| {
        let times = mine.iter().filter_map(|t| t.latency_ms);
        short(times.reduce(f64::max))
    });
    let target: String = card.target.chars().take(LONGEST_TARGET).collect();
    let tags = case.tags.iter().map(|tag| plain_line(tag).into_owned());
    Entry {
        n: card.number,
        id: card.id.clone(),
        text: card.excerpt.clone(),
        target: plain_line(&target).into_owned(),
        tags: tags.collect(),
        marks,
        scores,
        costs: costs.collect(),
        times: times.collect(),
    }
}

fn bits(mark: Mark, trials: &[&TrialView], scorer: &str) -> u32 {
    let mut bits = match mark {
        Mark::Right => bit::RIGHT,
        Mark::Part(_) => bit::PART,
        Mark::Wrong => bit::WRONG,
        Mark::Failed | Mark::Unscored => 0,
    };
    for trial in trials {
        let [refused, cut, empty] = oddities(trial);
        let answered = trial.failure.is_none() && trial.text.is_some();
        let score = trial.scores.get(scorer).and_then(|score| score.value);
        let is = [
            (trial.failure.is_some(), bit::FAILED),
            (answered && score.is_none(), bit::UNSCORED),
            (!answered && trial.failure.is_none(), bit::UNASKED),
            (refused, bit::REFUSED),
            (cut, bit::CUT),
            (empty, bit::EMPTY),
        ];
        for (is, bit) in is {
            bits |= if is { bit } else { 0 };
        }
    }
    bits
}

fn mean(trials: &[&TrialView], scorer: &str) -> Value {
    let scores = trials.iter().filter_map(|t| t.scores.get(scorer)?.value);
    let (sum, n) = scores.fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    short((n > 0).then(|| sum / f64::from(n)))
}

/// A number in few characters: three digits are enough to sort and to filter by.
fn short(value: Option<f64>) -> Value {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return Value::Null;
    };
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    match rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        true => Value::from(rounded as i64),
        false => Value::from(rounded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{case, fixture};

    fn entry_of(report: &Report, at: usize) -> Entry {
        let case = &report.cases[at];
        entry(
            report,
            case,
            &case::card(report, at, false),
            &Judged::of(report, case),
        )
    }

    #[test]
    fn bits_say_what_happened_to_each_candidate() {
        let report = fixture::report();
        let marks = |at: usize| entry_of(&report, at).marks[0].clone();
        assert_eq!(marks(0), [bit::RIGHT; 4]);
        assert_eq!(marks(2), [bit::RIGHT, bit::FAILED, bit::RIGHT, bit::RIGHT]);
        assert_eq!(marks(10)[2], bit::WRONG | bit::CUT);
        let last = marks(11);
        assert_eq!(last[2..], [bit::FAILED, bit::WRONG | bit::EMPTY]);
    }

    #[test]
    fn numbers_are_short_and_what_is_unknown_is_null() {
        let shown = |value| short(value).to_string();
        assert_eq!(shown(Some(1.0)), "1");
        assert_eq!(shown(Some(0.000_061_234_5)), "0.00006123");
        assert_eq!(shown(Some(1234.567)), "1235");
        assert_eq!([shown(None), shown(Some(f64::NAN))], ["null", "null"]);
        let entry = entry_of(&fixture::report(), 0);
        assert_eq!(entry.costs[2], Value::Null, "the third's cost is unknown");
        assert_eq!(entry.scores[0][0], 1);
    }
}
