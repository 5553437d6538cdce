use super::super::testing::{Project, Scripted, case, graded, reply};
use super::*;
use futures_util::FutureExt;
use serde_json::json;

const YES: &str = "{\"reason\": \"yes\", \"grade\": true}";

fn result(scorer: &str, text: &str, ask: &Scripted) -> Result<Score, Unscored> {
    let named = Project::new(&[])
        .build(&format!("- {scorer}"))
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let (case, reply) = (case(Some(json!("cat"))), reply(text));
    named[0]
        .score(graded(&case, &reply), ask)
        .now_or_never()
        .unwrap()
}

fn plain(scorer: &str, text: &str) -> Score {
    result(scorer, text, &Scripted::default()).unwrap()
}

#[test]
fn not_all_any_and_mean() {
    assert_eq!(
        plain("{not: exact}", "dog"),
        Score::pass(true, "exact does not pass: expected \"cat\", got \"dog\"")
    );
    assert_eq!(plain("{not: exact}", "cat").passed, Some(false));
    let all = "{all: [exact, {name: short, length: 3}]}";
    assert_eq!(
        plain(all, "cat").why,
        "exact: is \"cat\"; short: 3 characters"
    );
    assert_eq!(
        plain("{all: [{length: 2}, {length: 9}]}", "cat"),
        Score::pass(false, "length: 3 characters, more than 2")
    );
    let any = "{any: [exact, {contains: dog}]}";
    assert_eq!(
        plain(any, "a dog"),
        Score::pass(true, "contains: contains \"dog\"")
    );
    assert_eq!(plain(any, "cow").passed, Some(false));
    let mean = plain(
        "{mean: [{exact: , weight: 3}, {length: 2}], threshold: 0.75}",
        "cat",
    );
    assert_eq!((mean.value, mean.passed), (0.75, Some(true)));
    assert_eq!(mean.why, "mean of exact 1.000, length 0.000");
}

#[test]
fn no_judge_is_asked_about_what_is_decided() {
    let judge = "{judge: {rubric: Right?, model: m}}";
    let ask = Scripted::default();
    assert_eq!(
        result(&format!("{{all: [{judge}, exact]}}"), "dog", &ask)
            .unwrap()
            .value,
        0.0
    );
    assert_eq!(
        result(&format!("{{any: [{judge}, exact]}}"), "cat", &ask)
            .unwrap()
            .value,
        1.0
    );
    assert!(ask.asked().is_empty());
    let ask = Scripted::saying(&[YES]);
    assert_eq!(
        result(&format!("{{all: [{judge}, exact]}}"), "cat", &ask)
            .unwrap()
            .value,
        1.0
    );
    assert_eq!(ask.asked().len(), 1);
}

#[test]
fn a_part_without_a_score_leaves_the_whole_without() {
    let judge = "{judge: {rubric: Right?, model: m}}";
    for how in ["all", "mean"] {
        let unscored = result(
            &format!("{{{how}: [{judge}, exact]}}"),
            "cat",
            &Scripted::saying(&["{}"]),
        )
        .unwrap_err();
        assert!(
            unscored.0.starts_with("judge: the judge's verdict"),
            "{unscored}"
        );
    }
    assert!(
        result(
            &format!("{{not: {judge}}}"),
            "cat",
            &Scripted::saying(&[""])
        )
        .is_err()
    );
    assert!(
        result(
            &format!("{{any: [{judge}, exact]}}"),
            "dog",
            &Scripted::saying(&[""])
        )
        .is_err()
    );
    let unscored = result("{all: [{exact: , when: x}]}", "cat", &Scripted::default()).unwrap_err();
    assert_eq!(unscored.0, "none of its parts is for this case");
}

#[test]
fn a_judge_inside_is_a_judge() {
    let judge = "{judge: {rubric: Right?, model: m}}";
    for scorer in [
        format!("{{all: [{judge}, exact]}}"),
        format!("{{not: {judge}}}"),
        format!("{{mean: [{judge}], threshold: 0.5}}"),
    ] {
        let built = Project::new(&[]).build(&format!("- {scorer}")).unwrap();
        assert_eq!(built[0].judge().unwrap().models, ["m"], "{scorer}");
    }
    let plain = Project::new(&[]).build("- {all: [exact]}").unwrap();
    assert!(plain[0].judge().is_none());
}

#[test]
fn nothing_to_look_at_is_never_right() {
    let says = "{contains: sorry, on: {json: $.answer}}";
    for scorer in [
        format!("{{not: {says}}}"),
        format!("{{not: {{not: {says}}}}}"),
        format!("{{not: {{all: [{says}, exact]}}}}"),
        format!("{{not: {{any: [{says}, exact]}}}}"),
    ] {
        let score = plain(&scorer, "no JSON");
        assert_eq!((score.value, score.passed), (0.0, Some(false)), "{scorer}");
    }
    let not = format!("{{not: {says}}}");
    assert_eq!(plain(&not, r#"{"answer": "fine"}"#).value, 1.0);
    assert_eq!(
        plain(&format!("{{any: [{says}, exact]}}"), "cat").value,
        1.0
    );
}
