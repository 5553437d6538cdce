use super::super::testing::{check, check_with};
use super::*;
use serde_json::{Value, json};

fn made(params: Value) -> Labels {
    Labels::new(serde_json::from_value(params).unwrap())
        .ok()
        .unwrap()
}

#[test]
fn exactly_one_label_is_named() {
    let label = Label(made(
        json!({"of": ["bug", "not a bug", "billing"], "aliases": {"billing": ["invoice"]}}),
    ));
    for (text, target, value, why) in [
        ("Bug.", "bug", 1.0, "is \"bug\""),
        ("**BILLING**", "billing", 1.0, "is \"billing\""),
        ("This is about an invoice", "billing", 1.0, "is \"billing\""),
        ("It is not a  bug!", "not a bug", 1.0, "is \"not a bug\""),
        (
            "Not a bug but billing",
            "bug",
            0.0,
            "expected \"bug\": names several labels: \"not a bug\", \"billing\"",
        ),
        (
            "debugging",
            "bug",
            0.0,
            "expected \"bug\": \"debugging\" names none of \"bug\", \"not a bug\", \"billing\"",
        ),
        ("billing", "bug", 0.0, "expected \"bug\", got \"billing\""),
        (
            "",
            "bug",
            0.0,
            "expected \"bug\": \"\" names none of \"bug\", \"not a bug\", \"billing\"",
        ),
    ] {
        let score = check(&label, text, json!(target)).unwrap();
        assert_eq!((score.value, score.why.as_str()), (value, why), "{text}");
    }
    let why = check(&label, "bug", json!("bgu")).unwrap_err().0;
    assert_eq!(
        why,
        "the target \"bgu\" names none of \"bug\", \"not a bug\", \"billing\""
    );
    assert!(check_with(&label, "bug", None).is_err());
}

#[test]
fn scripts_without_spaces_and_signs() {
    let cjk = Label(made(json!({"of": ["好评", "差评"]})));
    assert_eq!(check(&cjk, "这是好评。", json!("好评")).unwrap().value, 1.0);
    let signs = Label(made(json!({"of": ["+", "-", "C++"]})));
    assert_eq!(check(&signs, "+", json!("+")).unwrap().value, 1.0);
    assert_eq!(check(&signs, "C++", json!("C++")).unwrap().value, 1.0);
    assert_eq!(check(&signs, "-", json!("+")).unwrap().value, 0.0);
}

#[test]
fn a_label_in_json_stands_alone() {
    let label = Label(made(json!({"of": ["bug", "billing"], "pointer": "/label"})));
    assert_eq!(
        check(&label, "{\"label\": \"Bug\"}", json!("bug"))
            .unwrap()
            .value,
        1.0
    );
    assert_eq!(
        check(&label, "{\"label\": \"a bug\"}", json!("bug"))
            .unwrap()
            .value,
        0.0
    );
    assert_eq!(
        check(&label, "{}", json!("bug")).unwrap().why,
        "expected \"bug\": the JSON has nothing at /label"
    );
    assert_eq!(check(&label, "bug", json!("bug")).unwrap().value, 0.0);
}

#[test]
fn one_of_needs_no_target() {
    let one = OneOf(made(json!({"of": ["yes", "no"], "strict": true})));
    assert_eq!(check_with(&one, "Yes!", None).unwrap().value, 1.0);
    assert_eq!(check_with(&one, "Yes, I think", None).unwrap().value, 0.0);
}

#[test]
fn wrong_labels_are_told() {
    let wrong = |params: Value| {
        Labels::new(serde_json::from_value(params).unwrap())
            .err()
            .unwrap()
    };
    assert_eq!(wrong(json!({"of": []})), ["`of` lists no labels"]);
    assert_eq!(
        wrong(json!({"of": ["Bug", "bug."]})),
        ["\"bug\" and \"bug.\" read alike"]
    );
    assert_eq!(
        wrong(json!({"of": ["a", ""], "aliases": {"b": ["c"]}, "pointer": "x"})).len(),
        3
    );
}
