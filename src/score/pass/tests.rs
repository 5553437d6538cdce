use super::super::testing::{Project, Scripted, case, graded, reply};
use super::*;
use serde_json::json;

#[tokio::test]
async fn results_come_by_answer_and_scorer() {
    let scorers = "- exact\n- {judge: {rubric: Right?, model: m}}\n- {name: cats, contains: cat, when: pet}\n";
    let scorers = Project::new(&[]).build(scorers).unwrap();
    let n = 200;
    let mut cases: Vec<_> = (0..n).map(|_| case(Some(json!("cat")))).collect();
    cases[1].tags.push("pet".into());
    let replies = [reply("cat"), reply("dog")];
    let ids: Vec<String> = (0..n).map(|i| format!("t{i}")).collect();
    let answers = (0..n).map(|i| Answer {
        trial: &ids[i],
        graded: graded(&cases[i], &replies[i % 2]),
    });
    let says = "{\"reason\": \"yes\", \"grade\": true}";
    let mut script = vec![says; n];
    script[7] = "{}";
    let scripted = Scripted::saying(&script);
    let about = |_: &Answer<'_>| -> Box<dyn Ask + '_> { Box::new(&scripted) };
    let results = score(answers, &scorers, &about, 1).await;
    assert_eq!(results.len(), 2 * n + 1);
    let keys: Vec<_> = results[..6]
        .iter()
        .map(|one| (one.trial.as_str(), one.scorer.as_str()))
        .collect();
    let expected = [
        ("t0", "exact"),
        ("t0", "judge"),
        ("t1", "exact"),
        ("t1", "judge"),
        ("t1", "cats"),
        ("t2", "exact"),
    ];
    assert_eq!(keys, expected);
    let exact = results.iter().filter(|one| one.scorer == "exact");
    let sum: f64 = exact.map(|one| one.result.as_ref().unwrap().value).sum();
    assert_eq!(sum, 100.0);
    let unscored: Vec<_> = results
        .iter()
        .filter(|one| one.result.is_err())
        .map(|one| one.trial.as_str())
        .collect();
    assert_eq!(unscored, ["t7"]);
}
