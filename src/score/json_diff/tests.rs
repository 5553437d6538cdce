use super::super::testing::{self, Project, Scripted, case, graded, reply};
use super::*;
use futures_util::FutureExt;
use serde_json::json;

fn scored(params: Value, target: Value, found: &str) -> Result<Score, Unscored> {
    let named = Project::new(&[])
        .build(&format!("- json_diff: {params}"))
        .unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
    let (case, reply) = (case(Some(target)), reply(found));
    let ask = Scripted::default();
    let scored = named[0].score(graded(&case, &reply), &ask);
    scored.now_or_never().unwrap()
}

fn diff(params: Value, target: Value, found: Value) -> Score {
    scored(params, target, &found.to_string()).unwrap()
}

#[test]
fn every_value_counts_once() {
    let target = json!({"a": 1, "b": {"c": "x", "d": []}, "e": [1, 2]});
    let all = diff(json!({}), target.clone(), target.clone());
    assert_eq!(
        all,
        Score {
            value: 1.0,
            passed: Some(true),
            why: "5 of 5 fields are right".into(),
            parts: None
        }
    );
    let some = diff(
        json!({}),
        target.clone(),
        json!({"a": 1.0, "b": {"c": "y"}, "e": [1, 3, 4], "f": {"g": 1}}),
    );
    assert_eq!(some.value, 0.4);
    assert_eq!(
        some.why,
        "2 of 5 fields are right; /b/c: expected \"x\", got \"y\"; missing /b/d; /e/1: expected 2, got 3; extra /e/2; and 1 more"
    );
    assert_eq!(
        diff(
            json!({"extra": 1}),
            target.clone(),
            json!({"a": 1, "b": {"c": "x", "d": []}, "e": [1, 2], "f": 0})
        )
        .value,
        5.0 / 6.0
    );
    assert_eq!(diff(json!({}), target.clone(), json!([])).value, 0.0);
    assert_eq!(
        scored(json!({}), target, "no JSON").unwrap().passed,
        Some(false)
    );
}

#[test]
fn fields_have_weights_and_leniency() {
    let target = json!({"label": "Bug", "amount": 100, "tags": ["a", "b"], "items": [{"p": 1}, {"p": 2}], "note": "n"});
    let found = json!({"label": "bug", "amount": 101, "tags": ["b", "a"], "items": [{"p": 1}, {"p": 3}], "note": "m"});
    let fields = json!({"/label": {"weight": 3, "case": false}, "/amount": {"tolerance": "1%"}, "/tags": {"order": false}, "/items/*/p": 0.5});
    let score = diff(json!({"fields": fields}), target.clone(), found.clone());
    assert_eq!(score.value, 5.5 / 6.0);
    assert_eq!(
        score.why,
        "4 of 5 fields are right (weight 5.5 of 6); /items/1/p: expected 2, got 3"
    );
    let exact = diff(
        json!({"fields": {"/label": 3, "/amount": 1}, "others": 1}),
        target.clone(),
        found.clone(),
    );
    assert_eq!((exact.value, exact.passed), (1.0 / 9.0, Some(false)));
    let loose =
        json!({"case": false, "order": false, "tolerance": 1, "fields": {"/note": 0}, "others": 1});
    assert_eq!(diff(loose, target, found).value, 1.0);
    assert_eq!(
        diff(
            json!({"fields": {"/x": 1, "/a": 1}}),
            json!({"a": 1}),
            json!({"a": 1, "x": 2})
        )
        .value,
        0.5
    );
}

#[test]
fn what_cannot_be_compared_is_told() {
    assert!(scored(json!({}), json!("text"), "{}").is_err());
    assert!(scored(json!({"fields": {"/b": 1}}), json!({"a": 1}), "{}").is_err());
    assert_eq!(
        diff(json!({}), json!("{\"a\": 1}"), json!({"a": 1})).value,
        1.0
    );
    let wrong = |params: Value| {
        let built = Project::new(&[]).build(&format!("- json_diff: {params}"));
        testing::told(&built.err().expect("has problems"))
    };
    assert!(wrong(json!({"fields": {"a": 1}})).contains("is no JSON pointer"));
    assert!(wrong(json!({"fields": {"/a": {"wait": 1}}})).contains("unknown key `wait`"));
    assert!(wrong(json!({"fields": {"/a": -1}})).contains("-1"));
}
