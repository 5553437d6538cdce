use super::super::testing::{self, Project, Scripted, case, graded, reply};
use super::*;
use futures_util::FutureExt;
use serde_json::json;

fn scored(scorer: &str, calls: &Value, target: Value) -> Result<Score, Unscored> {
    let named = Project::new(&[])
        .build(&format!("- {scorer}"))
        .unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
    let mut reply = reply("");
    reply.tool_calls = serde_json::from_value(calls.clone()).unwrap();
    let (case, ask) = (case(Some(target)), Scripted::default());
    let scored = named[0].score(graded(&case, &reply), &ask);
    scored.now_or_never().unwrap()
}

fn score(scorer: &str, calls: &Value, target: Value) -> Score {
    scored(scorer, calls, target).unwrap()
}

fn call(name: &str, arguments: Value) -> Value {
    json!({"name": name, "arguments": arguments})
}

#[test]
fn calls_in_any_order() {
    let (a, b) = (
        call("f", json!({"x": 1})),
        call("f", json!({"x": 2, "y": "Z"})),
    );
    let made = json!([b, a]);
    assert_eq!(
        score("tools", &made, json!([a, b])),
        Score::pass(true, "2 of 2 expected calls, 2 made")
    );
    assert_eq!(
        score("{tools: {order: true}}", &made, json!([a, b])).value,
        0.0
    );
    assert_eq!(
        score("{tools: {order: true}}", &made, made.clone()).value,
        1.0
    );
    assert_eq!(
        score(
            "{tools: {order: true, extra: true}}",
            &json!([b, a, b]),
            json!([a, b])
        )
        .value,
        1.0
    );
    assert_eq!(
        score("tools", &made, json!([a])).why,
        "1 calls more than expected (f)"
    );
    assert_eq!(
        score("{tools: {extra: true}}", &made, json!([a])).value,
        1.0
    );
    // one call is not right twice
    assert_eq!(
        score("tools", &json!([a, b]), json!([a, a])).why,
        "f is called, x: expected 1, got 2"
    );
    assert_eq!(
        score("tools", &json!([a]), json!([a, a])).why,
        "f is not called"
    );
    assert_eq!(score("tools", &json!([]), json!([])).value, 1.0);
    assert_eq!(score("tools", &json!([a]), json!([])).value, 0.0);
}

#[test]
fn arguments_as_exact_as_wished() {
    let made = json!([call("f", json!({"x": 100.5, "s": "Paris", "more": [1]}))]);
    let exact = json!([call("f", json!({"x": 100.5, "s": "Paris", "more": [1]}))]);
    let near = json!([call("f", json!({"x": 100, "s": "paris"}))]);
    assert_eq!(score("tools", &made, exact).value, 1.0);
    assert_eq!(
        score("tools", &made, near.clone()).why,
        "f is called, x: expected 100, got 100.5"
    );
    let loose = "{tools: {arguments: subset, tolerance: 1%, case: false}}";
    assert_eq!(score(loose, &made, near.clone()).value, 1.0);
    assert_eq!(
        score("{tools: {arguments: ignore}}", &made, near.clone()).value,
        1.0
    );
    let why = score("{tools: {tolerance: 1%, case: false}}", &made, near).why;
    assert_eq!(why, "f is called with another argument, more");
    let fixed = "{tools: {calls: [{name: f}], arguments: subset}}";
    assert_eq!(score(fixed, &made, json!(null)).value, 1.0);
}

#[test]
fn what_cannot_be_read_is_wrong() {
    let broken = json!([call("f", json!("{\"x\": "))]);
    let why = "the arguments of f are no JSON object: \"{\\\"x\\\": \"";
    for scorer in [
        "tools",
        "{tools: {arguments: subset}}",
        "{tools: {arguments: ignore, extra: true}}",
    ] {
        let score = score(scorer, &broken, json!([call("f", json!({}))]));
        assert_eq!(score, Score::pass(false, why), "{scorer}");
    }
    assert_eq!(score("{tools: {extra: true}}", &broken, json!([])).why, why);
    assert!(scored("tools", &broken, json!(null)).is_err());
    assert!(scored("tools", &broken, json!("weather")).is_err());
    assert!(scored("tools", &broken, json!([{"arguments": {}}])).is_err());
    let text = json!("[{\"function\": {\"name\": \"f\", \"arguments\": \"{\\\"x\\\": 1}\"}}]");
    assert_eq!(
        score("tools", &json!([call("f", json!({"x": 1}))]), text).value,
        1.0
    );
}

#[test]
fn f1_of_calls() {
    let (a, b, c) = (
        call("f", json!({"x": 1})),
        call("g", json!({})),
        call("h", json!({})),
    );
    let f1 = |made: Value, target: Value| score("tool_f1", &made, target);
    assert_eq!(f1(json!([a, b]), json!([a, c])).value, 0.5);
    assert_eq!(f1(json!([a, b, c]), json!([a])).value, 0.5);
    assert_eq!(
        f1(json!([]), json!([])),
        Score::pass(true, "0 of 0 expected calls, 0 made")
    );
    assert_eq!(f1(json!([]), json!([a])).value, 0.0);
    assert_eq!(f1(json!([a]), json!([])).value, 0.0);
    assert_eq!(
        f1(json!([a, b]), json!([a, c])).why,
        "1 of 2 expected calls, 2 made; h is not called"
    );
}

#[test]
fn schemas_and_no_call() {
    let scorer = "{tools: {schemas: {f: {required: [x], properties: {x: {type: integer}}}}}}";
    let made = |arguments: Value| json!([call("f", arguments)]);
    assert_eq!(
        score(scorer, &made(json!({"x": 1})), json!(null)).value,
        1.0
    );
    assert_eq!(
        score(scorer, &made(json!({"x": "1"})), json!(null)).why,
        "f: /x: \"1\" is not of type \"integer\""
    );
    assert_eq!(score(scorer, &made(json!("{")), json!(null)).value, 0.0);
    assert_eq!(
        score(scorer, &json!([]), json!(null)).why,
        "no tool is called"
    );
    assert_eq!(
        score(scorer, &json!([call("g", json!({}))]), json!(null)).why,
        "no schema is given for g"
    );
    assert_eq!(
        score("no_call", &made(json!({})), json!(null)),
        Score::pass(false, "f is called")
    );
    assert_eq!(score("no_call", &json!([]), json!(null)).value, 1.0);
    let wrong = Project::new(&[])
        .build("- tools: {schemas: {f: {type: objct}}}")
        .err()
        .unwrap();
    assert!(
        testing::told(&wrong).starts_with("2:25 not a JSON Schema"),
        "{}",
        testing::told(&wrong)
    );
}
