use super::super::kind::tests::example;
use super::super::testing::{Project, Scripted};
use super::super::{KINDS, Score};
use super::*;
use futures_util::FutureExt;
use proptest::prelude::*;

fn project() -> Project {
    Project::new(&[(
        "scorers/kind.yaml",
        "criteria: Be kind.\nshow: [question]\n",
    )])
}

fn tried(line: &str) -> String {
    tried_in(&project(), line)
}

fn tried_in(project: &Project, line: &str) -> String {
    let ask = Scripted::saying(&["{\"reason\": \"ok\", \"grade\": true}"]);
    project.with(|build| try_line(3, line, build, &ask).now_or_never().unwrap())
}

#[test]
fn a_line_in_a_line_out() {
    for (line, answer) in [
        (
            r#"{"scorer": "exact", "output": "Paris", "target": "Paris"}"#,
            r#"{"value":1.0,"passed":true,"why":"is \"Paris\""}"#,
        ),
        (
            r#"{"scorer": {"numeric": {"tolerance": "1%"}}, "output": "about 101", "target": 100}"#,
            r#"{"value":1.0,"passed":true,"why":"is \"101\""}"#,
        ),
        (
            r#"{"scorer": {"contains": "{{name}}"}, "output": "Hi Ann", "vars": {"name": "Ann"}}"#,
            r#"{"value":1.0,"passed":true,"why":"contains \"Ann\""}"#,
        ),
        (
            r#"{"scorer": {"mean": ["exact", {"length": 5}]}, "output": "Rome", "target": "Paris"}"#,
            r#"{"value":0.5,"passed":null,"why":"mean of exact 0.000, length 1.000"}"#,
        ),
        (
            r#"{"scorer": "exact", "output": "Paris"}"#,
            r#"{"unscored":"the case has no target"}"#,
        ),
        (
            r#"{"scorer": {"latency": "2s"}, "output": "x", "latency_ms": 1500}"#,
            r#"{"value":1.0,"passed":true,"why":"1500.0 ms, within 2000 ms"}"#,
        ),
        (
            r#"{"scorer": {"kind": {"model": "m"}}, "output": "x", "vars": {"question": "?"}}"#,
            r#"{"value":1.0,"passed":true,"why":"meets the rubric: ok"}"#,
        ),
        (
            r#"{"scorer": "exakt", "output": "x"}"#,
            r#"{"error":"unknown scorer `exakt` (did you mean `exact`?)","line":3}"#,
        ),
        (
            r#"{"scorer": "exact"}"#,
            r#"{"error":"missing key `output` in the file (What the model answered)","line":3}"#,
        ),
    ] {
        assert_eq!(tried(line), answer, "{line}");
    }
    for bad in [
        "",
        "x",
        "[]",
        "{",
        "{\"scorer\": {}, \"output\": \"\"}",
        "{\"scorer\": null, \"output\": 3}",
    ] {
        let answer: Value = serde_json::from_str(&tried(bad)).unwrap();
        assert!(
            answer["error"].is_string() && answer["line"] == 3,
            "{bad}: {answer}"
        );
    }
}

/// Definitions that reach deep into the kinds, over a target of a text, a number or an object.
fn definitions() -> Vec<(Value, Value)> {
    vec![
        (json!("exact"), json!("cat")),
        (
            json!({"exact": {"case": false, "space": "ignore", "punctuation": "ignore", "unicode": "nfkc"}}),
            json!(["1", "a b"]),
        ),
        (json!({"exact": {"json": true}}), json!({"a": [1]})),
        (
            json!({"contains": {"any": ["a", "字"], "none": ["b"], "case": false, "space": "collapse"}}),
            json!(null),
        ),
        (json!("contains"), json!("0")),
        (json!({"regex": r"(?i)(\w+)\s+(?<b>\d+)|^$"}), json!(null)),
        (
            json!({"regex": {"pattern": ".*(.)", "group": "1"}}),
            json!("x"),
        ),
        (json!({"numeric": {"tolerance": "5%"}}), json!(12)),
        (
            json!({"numeric": {"decimal": ",", "take": "only"}}),
            json!("1.234,5"),
        ),
        (
            json!({"label": {"of": ["a", "+", "好"], "aliases": {"a": ["é"]}}}),
            json!("a"),
        ),
        (
            json!({"one_of": {"of": ["a", "b"], "pointer": "/x"}}),
            json!(null),
        ),
        (
            json!({"json": {"extract": true, "fields": ["/a"]}}),
            json!({"a": null}),
        ),
        (
            json!({"json": {"schema": {"type": "object", "required": ["a"]}}}),
            json!(null),
        ),
        (
            json!({"length": {"min": 2, "max": 30, "unit": "words"}}),
            json!(null),
        ),
        (json!({"length": {"max": 3, "unit": "lines"}}), json!(null)),
        (json!({"latency": "1s"}), json!(null)),
        (json!({"cost": 0.5}), json!(null)),
        (
            json!({"judge": {"rubric": "Right?", "model": "m"}}),
            json!(null),
        ),
        (json!({"not": "exact"}), json!("a")),
        (json!({"all": ["exact", "json"]}), json!("a")),
        (json!({"any": ["exact", {"length": 2}]}), json!("a")),
        (
            json!({"mean": ["exact", {"exact": "{{question}}"}], "threshold": 0.5}),
            json!("a"),
        ),
    ]
}

/// The definitions above, and every kind's own example.
fn with_examples() -> Vec<(Value, Value)> {
    let plain = KINDS.iter().filter(|kind| !kind.needs.contains("exec"));
    let examples = plain.map(|kind| {
        let (line, ..) = example(kind.example);
        let target = line.get("target").cloned().unwrap_or_default();
        (line["scorer"].clone(), target)
    });
    definitions().into_iter().chain(examples).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_output_breaks_a_scorer(
        output in "\\PC{0,40}|[\\x00-\\x7f]{0,40}|[-+0-9.,eE %$]{0,20}|[\\[\\]{}\":,a1`\n]{0,40}|.{0,10}(\u{301}|\u{202e}|\u{200d}|字|é){0,9}"
    ) {
        let project = project();
        for (scorer, target) in with_examples() {
            let line = json!({"scorer": scorer, "output": output, "target": target, "vars": {"question": output}});
            let answer: Value = serde_json::from_str(&tried_in(&project, &line.to_string())).unwrap();
            prop_assert!(answer.get("error").is_none(), "{scorer}: {answer}");
            if answer.get("unscored").is_none() {
                let score = Score {
                    value: answer["value"].as_f64().unwrap(),
                    passed: answer["passed"].as_bool(),
                    why: answer["why"].as_str().unwrap().into(),
                    parts: None,
                };
                prop_assert!((0.0..=1.0).contains(&score.value), "{scorer}: {score:?}");
                prop_assert!(!score.why.is_empty() && score.why.len() < 4000);
                prop_assert!(!score.why.chars().any(char::is_control), "{scorer}: {score:?}");
            }
        }
    }
}
