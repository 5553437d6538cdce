use super::super::testing::{check, check_with};
use super::*;
use serde_json::json;

fn scorer(params: Value) -> Json {
    let params: Params = serde_json::from_value(params).unwrap();
    let schema = params.schema.clone().map(|schema| schema.0);
    Json::new(
        Form::Json,
        &params,
        schema.map(|schema| compile(&schema).unwrap()),
    )
    .unwrap()
}

#[test]
fn valid_or_not() {
    let plain = scorer(json!({}));
    for (text, value) in [
        ("{\"a\": 1}", 1.0),
        (" [1]\n", 1.0),
        ("```json\n{\"a\": 1}\n```", 1.0),
        ("Here: {\"a\": 1}", 0.0),
        ("{'a': 1}", 0.0),
        ("{\"a\": 1,}", 0.0),
        ("", 0.0),
    ] {
        assert_eq!(
            check_with(&plain, text, None).unwrap().value,
            value,
            "{text}"
        );
    }
    let strict = scorer(json!({"strict": true}));
    assert_eq!(
        check_with(&strict, "```json\n{}\n```", None).unwrap().value,
        0.0
    );
    let loose = scorer(json!({"extract": true}));
    assert_eq!(
        check_with(&loose, "Here: {\"a\": 1}", None).unwrap().value,
        1.0
    );
    let why = check_with(&plain, "{'a': 1}", None).unwrap().why;
    assert_eq!(
        why,
        "no valid JSON: key must be a string at line 1 column 2 (near \"{'a': 1}\")"
    );
}

#[test]
fn a_schema_is_followed() {
    let schema = json!({
        "type": "object",
        "properties": {"label": {"enum": ["bug", "billing"]}, "score": {"type": "number", "maximum": 1}},
        "required": ["label"],
        "additionalProperties": false
    });
    let scorer = scorer(json!({"schema": schema}));
    let why = |text: &str| check_with(&scorer, text, None).unwrap().why;
    assert_eq!(
        why("{\"label\": \"bug\", \"score\": 0.5}"),
        "follows the schema"
    );
    assert_eq!(why("{\"score\": 0.5}"), "\"label\" is a required property");
    let two = why("{\"label\": \"x\", \"score\": 2}");
    assert!(
        two.contains("/label: ") && two.contains("/score: "),
        "{two}"
    );
    assert_eq!(why("[]"), "the list is not of type \"object\"");
}

#[test]
fn fields_are_the_targets() {
    let scorer = scorer(json!({"fields": ["/label", "/items/0/n"]}));
    let target = json!({"label": "bug", "items": [{"n": 2}]});
    let score = check(
        &scorer,
        "{\"label\": \"bug\", \"items\": [{\"n\": 2.0}], \"x\": 1}",
        target.clone(),
    );
    assert_eq!(score, Ok(Score::pass(true, "2 of 2 fields are right")));
    let half = check(
        &scorer,
        "{\"label\": \"billing\", \"items\": [{\"n\": 2}]}",
        json!(target.to_string()),
    )
    .unwrap();
    assert_eq!((half.value, half.passed), (0.5, Some(false)));
    assert_eq!(
        half.why,
        "1 of 2 fields are right; /label: expected \"bug\", got \"billing\""
    );
    assert_eq!(check(&scorer, "{}", target).unwrap().value, 0.0);
    assert!(check(&scorer, "{}", json!({"label": "bug"})).is_err());
    assert!(check(&scorer, "{}", json!("bug")).is_err());
    assert!(check_with(&scorer, "{}", None).is_err());
}

#[test]
fn bad_schemas_are_told_and_nothing_is_fetched() {
    let wrong = |schema: Value| compile(&schema).unwrap_err();
    assert!(wrong(json!({"type": "strin"})).starts_with("/type: "));
    assert!(!wrong(json!({"$ref": "file:///etc/passwd"})).is_empty());
    assert!(!wrong(json!({"$ref": "http://127.0.0.1:9/x.json"})).is_empty());
    let both: Params = serde_json::from_value(json!({"extract": true, "strict": true})).unwrap();
    assert!(Json::new(Form::Json, &both, None).is_err());
}

#[test]
fn schemas_that_turn_in_circles_end() {
    let list = json!({"$defs": {"n": {"type": "array", "items": {"$ref": "#/$defs/n"}}}, "$ref": "#/$defs/n"});
    let scorer =
        |schema: &Value| Json::new(Form::Json, &Params::default(), compile(schema).ok()).unwrap();
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    assert_eq!(check_with(&scorer(&list), &deep, None).unwrap().value, 1.0);
    for circle in [json!({"$ref": "#"}), json!({"allOf": [{"$ref": "#"}]})] {
        check_with(&scorer(&circle), "{}", None).unwrap();
    }
    let slow = json!({"type": "string", "pattern": "^(a+)+$"});
    let text = format!("\"{}!\"", "a".repeat(50_000));
    assert_eq!(check_with(&scorer(&slow), &text, None).unwrap().value, 0.0);
}
