use super::super::testing::{Project, Scripted, case, graded, reply};
use super::*;
use crate::provider::Ask;

const SCORER: &str = "- pairwise: {rubric: Be kind., model: openai/judge-2024-01-01}\n";

#[tokio::test]
async fn shares_mirror_each_other_and_missing_verdicts_are_no_share() {
    let named = Project::new(&[]).build(SCORER).unwrap().remove(0);
    let (case, replies) = (case(None), ["a", "b", "c"].map(reply));
    let answers: Vec<Answer<'_>> = ["x", "y", "z"]
        .iter()
        .zip(&replies)
        .map(|(trial, reply)| Answer {
            trial,
            graded: graded(&case, reply),
        })
        .collect();
    let entrants: Vec<Entrant<'_>> = answers
        .iter()
        .enumerate()
        .map(|(candidate, answer)| Entrant {
            answer: *answer,
            candidate,
            repeat: 0,
        })
        .collect();
    assert_eq!(meetings(&entrants, None), [(0, 1), (0, 2), (1, 2)]);
    assert_eq!(meetings(&entrants, Some(0)), [(1, 0), (2, 0)]);
    assert_eq!(meetings(&entrants[1..], Some(0)), []);
    let other = Entrant {
        repeat: 1,
        ..entrants[1]
    };
    assert_eq!(meetings(&[entrants[0], other], None), []);

    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(a, b): (usize, usize)| (answers[a], answers[b]));
    let says = |winner: &str| format!("{{\"reason\": \"r\", \"winner\": \"{winner}\"}}");
    let (first, second) = (says("first"), says("second"));
    let script = [&first, &second, &first, &first, &second, &first].map(String::as_str);
    let ask = Scripted::saying(&script);
    let about = |_: &Answer<'_>| -> Box<dyn Ask + '_> { Box::new(&ask) };
    let found = compare(&pairs, &named, &about, 1).await;
    let values: Vec<f64> = found
        .iter()
        .map(|it| it.result.as_ref().unwrap().value)
        .collect();
    assert_eq!(values, [1.0, 0.5, 0.0]);
    let shares_of = |found: &[Preference]| -> Vec<Result<f64, Unscored>> {
        let scored = shares(["x", "y", "z", "w"], &named, found);
        let values = scored.into_iter();
        values
            .map(|it| it.result.map(|score| score.value))
            .collect()
    };
    let shared = shares_of(&found);
    assert_eq!(shared[..3], [Ok(0.75), Ok(0.0), Ok(0.75)]);
    assert!(shared[3].is_err());
    let mut broken = found.clone();
    broken[2].result = Err(Unscored("no verdict".into()));
    let shared = shares_of(&broken);
    assert_eq!(shared[0], Ok(0.75));
    assert!(shared[1].is_err() && shared[2].is_err());
}
