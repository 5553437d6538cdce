//! What judges said, in sentences: answers compared in pairs, and how far a judge's scores can be trusted.

use super::number::{count, counted};
use super::words::{list, scale};
use crate::stats::Estimate;
use crate::summary::{Consistency, Meeting, Pairwise, Strength, Summary};

/// What scorers that compare answers found, a sentence each.
pub fn comparisons(summary: &Summary) -> Vec<String> {
    summary.pairwise.iter().flat_map(one).collect()
}

fn one(found: &Pairwise) -> Vec<String> {
    let mut said: Vec<String> = found.pairs.iter().map(|it| meeting(found, it)).collect();
    if !found.strengths.is_empty() {
        let each: Vec<String> = found.strengths.iter().map(strength).collect();
        said.push(format!("{}, Elo: {}.", found.scorer, each.join("; ")));
    }
    said.extend(consistency(&found.scorer, &found.consistency));
    let notes = found.notes.iter();
    said.extend(notes.map(|note| format!("{}: {note}.", found.scorer)));
    said
}

fn meeting(found: &Pairwise, it: &Meeting) -> String {
    let above = it.net.low.is_some_and(|low| low > 0.0);
    let below = it.net.high.is_some_and(|high| high < 0.0);
    let (a, b, scorer) = (&it.a, &it.b, &found.scorer);
    let claim = match (above, below) {
        (true, _) => format!("{a} is preferred to {b}"),
        (_, true) => format!("{b} is preferred to {a}"),
        _ => format!("{a} and {b} cannot be told apart"),
    };
    let range = range(&it.net, 100.0).map_or(String::new(), |range| format!(", 95% CI {range}"));
    format!(
        "{scorer}: {claim}. {a} won {}, lost {}, tied {}: net win rate {:+.0} points{range}.",
        count(it.wins),
        count(it.losses),
        count(it.ties),
        100.0 * it.net.value
    )
}

fn strength(it: &Strength) -> String {
    let range = match (it.elo.low, it.elo.high) {
        (Some(low), Some(high)) => format!(" (95% CI {low:.0} to {high:.0})"),
        _ => " (reference)".to_owned(),
    };
    format!("{} {:.0}{range}", it.name, it.elo.value)
}

fn consistency(scorer: &str, it: &Consistency) -> Option<String> {
    let share = it.value?;
    let mut said = format!(
        "{scorer}: the same verdict in both orders on {:.0}% of {}",
        100.0 * share,
        counted(it.pairs, "pair")
    );
    if it.first + it.second > 0 {
        let changed = it.first + it.second;
        said += &format!(
            "; of the {} that changed with the order, {} went to the first place",
            count(changed),
            count(it.first)
        );
        if it.p.is_some_and(|p| p < 0.05) {
            said += ", more than chance explains: the judge leans to a place";
        }
    }
    if it.same > 0 {
        said += &format!("; {} were equal answers", count(it.same));
    }
    if it.unscored > 0 {
        said += &format!("; {} could not be judged", count(it.unscored));
    }
    Some(said + ".")
}

fn range(estimate: &Estimate, times: f64) -> Option<String> {
    let (low, high) = (estimate.low?, estimate.high?);
    Some(format!("{:+.0} to {:+.0}", times * low, times * high))
}

/// How far each judge's scores can be trusted, a sentence a scorer.
pub fn trust(summary: &Summary) -> Vec<String> {
    let scorers = summary.scorers.iter();
    scorers
        .filter_map(|scorer| trusted(summary, scorer))
        .collect()
}

fn trusted(summary: &Summary, scorer: &str) -> Option<String> {
    let rows = summary.candidates.iter();
    let cells: Vec<_> = rows
        .filter_map(|row| Some((row, row.scores.get(scorer)?)))
        .collect();
    let judge = cells.iter().find_map(|(_, cell)| cell.judge.as_ref())?;
    let Some(agreement) = judge.agreement else {
        return Some(format!(
            "{scorer} is a judge's score; nobody has held this judge against people's labels."
        ));
    };
    let labels = counted(judge.n_labels, "label");
    let agrees = format!("agrees with {:.0}% of {labels}", 100.0 * agreement);
    if !judge.calibrated {
        return Some(format!(
            "{scorer}: the judge {agrees}, too few or hardly better than a coin: its scores stand as they are."
        ));
    }
    let scale = scale(summary, scorer);
    let raw = cells.iter().filter_map(|(row, cell)| {
        let raw = cell.raw.as_ref()?;
        Some(format!(
            "{} {}",
            row.name,
            scale.value(raw.value, raw.low, raw.high)
        ))
    });
    let raw: Vec<String> = raw.collect();
    let raw: Vec<&str> = raw.iter().map(String::as_str).collect();
    Some(match raw.is_empty() {
        true => format!("{scorer}: the judge {agrees}; its scores stand as they are."),
        false => format!(
            "{scorer} is corrected by people's labels: the judge {agrees}. By itself it gives {}.",
            list(&raw)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::summary::{JudgeCell, RawScore};

    #[test]
    fn a_judge_is_never_shown_without_what_is_known_of_it() {
        let mut summary = fixture::report().summary;
        assert!(trust(&summary).is_empty());
        let cell = summary.candidates[0].scores.get_mut("exact").unwrap();
        cell.judge = Some(JudgeCell::default());
        assert!(trust(&summary)[0].contains("nobody has held this judge"));
        let cell = summary.candidates[0].scores.get_mut("exact").unwrap();
        cell.judge = Some(JudgeCell {
            calibrated: true,
            agreement: Some(0.717),
            n_labels: 60,
            n_eff: None,
        });
        cell.raw = Some(RawScore {
            value: 0.33,
            low: Some(0.24),
            high: Some(0.42),
            method: "wilson".into(),
        });
        let said = trust(&summary).remove(0);
        assert_eq!(
            said,
            "exact is corrected by people's labels: the judge agrees with 72% of 60 labels. By itself it \
             gives openai/gpt-4o 33%."
        );
    }

    #[test]
    fn preferred_is_said_only_where_the_interval_leaves_zero_out() {
        let meeting = |low, high| Meeting {
            a: "x".into(),
            b: "y".into(),
            wins: 12,
            losses: 4,
            ties: 8,
            net: Estimate::new(0.33, Some((low, high)), 24),
            method: "t".into(),
        };
        let found = |low, high| Pairwise {
            scorer: "better".into(),
            models: vec!["judge".into()],
            consistency: Consistency {
                value: Some(0.75),
                p: Some(0.03),
                first_minus_second: Some(0.25),
                pairs: 24,
                first: 6,
                ..Consistency::default()
            },
            pairs: vec![meeting(low, high)],
            strengths: Vec::new(),
            notes: Vec::new(),
        };
        let said = one(&found(0.02, 0.6));
        assert!(said[0].starts_with("better: x is preferred to y. x won 12, lost 4, tied 8"));
        assert!(said[1].contains("leans to a place"), "{}", said[1]);
        assert!(one(&found(-0.02, 0.6))[0].contains("cannot be told apart"));
        assert!(one(&found(-0.6, -0.1))[0].contains("y is preferred to x"));
    }
}
