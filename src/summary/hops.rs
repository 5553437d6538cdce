//! The hops of a chain or a route: how many answers each gave, how often each was asked in vain, and why.

use super::HopRow;
use super::cells::total;
use crate::plan::Column;
use crate::store::{Attempt, Record};
use std::collections::BTreeMap;

/// A row a hop; none where the candidate is no chain.
pub(super) fn hops(column: &Column, records: &[&Record]) -> Vec<HopRow> {
    let answering = |record: &&Record| record.answering().map(Attempt::hop);
    let answers = records.iter().filter_map(answering).count();
    let row = |(at, hop): (usize, &crate::plan::ColumnHop)| {
        let answered = |record: &&&Record| answering(record) == Some(at);
        let passed = |record: &&&Record| {
            let mut attempts = record.attempts.iter().filter(|it| it.hop() == at);
            column.route.is_some() && attempts.any(|it| it.passed.is_some())
        };
        let vain = |record: &&&Record| {
            let asked = record.attempts.iter().any(|attempt| attempt.hop() == at);
            asked && !answered(record) && !passed(record)
        };
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for record in records {
            let first = record.attempts.iter().find(|it| it.hop() == at);
            let why = first.and_then(|it| it.at.as_ref()?.why.as_ref());
            if let Some(why) = why {
                *reasons.entry(why.word.clone()).or_default() += 1;
            }
        }
        let wasted = records.iter().flat_map(|record| &record.attempts);
        let wasted = wasted.filter(|attempt| attempt.hop() == at && attempt.wasted());
        let costs = wasted.map(|attempt| Some(attempt.cost.as_ref()?.usd));
        let answered = records.iter().filter(answered).count();
        HopRow {
            model: hop.model.clone(),
            answered,
            failed: records.iter().filter(vain).count(),
            passed_over: column
                .route
                .is_some()
                .then(|| records.iter().filter(passed).count()),
            reasons,
            share: (answers > 0).then(|| answered as f64 / answers as f64),
            waste_usd: total(&costs.collect::<Vec<_>>()),
        }
    };
    column.hops.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ColumnHop;
    use crate::provider::{Cost, Failure, FailureKind};
    use crate::store::{At, Origin, Outcome, Times};
    use serde_json::json;

    fn column() -> Column {
        let hop = |model: &str| {
            json!({"model": model, "api": "openai-chat", "base_url": "", "params": {}, "attempts": null,
                   "on": [], "price": null})
        };
        let hops: Vec<ColumnHop> = serde_json::from_value(json!([hop("a"), hop("b")])).unwrap();
        let column = json!({"name": "safe", "id": "", "model": "a → b", "base_url": "", "prompt": "",
                            "prompt_hash": "", "params": {}, "twin": 0, "price": null});
        let column: Column = serde_json::from_value(column).unwrap();
        Column { hops, ..column }
    }

    fn attempt(number: u32, hop: u32, after: f64, fails: bool) -> Attempt {
        let at = At {
            hop,
            ..At::default()
        };
        Attempt {
            number,
            at: Some(Box::new(at)),
            after,
            times: Times {
                sent: 1.0,
                end: 11.0,
                ..Times::default()
            },
            failure: fails.then(|| Failure::new(FailureKind::Server, "x")),
            cost: Some(Cost::new(0.5, "stated")),
            ..Attempt::default()
        }
    }

    fn record(attempts: Vec<Attempt>) -> Record {
        let answered = attempts.last().is_some_and(|it| !it.wasted());
        Record {
            trial: String::new(),
            judged: None,
            case: String::new(),
            candidate: "safe".into(),
            repeat: 0,
            key: String::new(),
            outcome: match answered {
                true => Outcome::Answered(Box::default()),
                false => Outcome::Failed(Failure::new(FailureKind::Server, "x")),
            },
            origin: Origin::Live,
            attempts,
        }
    }

    #[test]
    fn each_hop_is_counted_once_a_trial() {
        let first = record(vec![attempt(1, 1, 0.0, false)]);
        let second = record(vec![
            attempt(1, 1, 0.0, true),
            attempt(2, 1, 20.0, true),
            attempt(3, 2, 40.0, false),
        ]);
        let none = record(vec![attempt(1, 1, 0.0, true), attempt(2, 2, 10.0, true)]);
        let rows = hops(&column(), &[&first, &second, &none]);
        let counts = |row: &HopRow| (row.answered, row.failed, row.share, row.waste_usd);
        assert_eq!(counts(&rows[0]), (1, 2, Some(0.5), Some(1.5)));
        assert_eq!(counts(&rows[1]), (1, 1, Some(0.5), Some(0.5)));
        assert_eq!(first.total_ms(), Some(10.0));
        assert_eq!(second.total_ms(), Some(50.0), "40 + 11 − 1");
        assert_eq!(none.total_ms(), None);
    }
}
