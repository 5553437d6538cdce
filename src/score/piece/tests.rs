use super::super::testing::{self, Project, Scripted, case, graded, reply};
use super::super::{Named, Score};
use super::*;
use crate::prompt::ToolCall;
use futures_util::FutureExt;
use serde_json::json;

fn built(scorer: &str) -> Named {
    let built = Project::new(&[]).build(&format!("- {scorer}"));
    let mut built = built.unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
    built.remove(0)
}

fn score(scorer: &str, text: &str, target: Value) -> Score {
    let mut reply = reply(text);
    reply.tool_calls = vec![ToolCall {
        id: "1".into(),
        name: "weather".into(),
        arguments: json!({"city": "Paris"}),
    }];
    let case = case(Some(target));
    let (scorer, nobody) = (built(scorer), Scripted::default());
    let scored = scorer.score(graded(&case, &reply), &nobody);
    scored.now_or_never().unwrap().unwrap()
}

#[test]
fn any_scorer_sees_a_part() {
    let json = "```json\n{\"label\": \"bug\", \"n\": 3}\n```";
    for (scorer, text, target, value) in [
        ("{exact: , on: {json: $.label}}", json, json!("bug"), 1.0),
        ("{numeric: , on: {json: $.n}}", json, json!(3), 1.0),
        (
            "{exact: {json: true}, on: {json: '$.*'}}",
            json,
            json!(["bug", 3]),
            1.0,
        ),
        ("{exact: , on: {yaml: $.a}}", "a: b", json!("b"), 1.0),
        (
            "{contains: x, on: {code: python}}",
            "x\n```py\ny\n```\n```sh\nx\n```",
            json!(null),
            0.0,
        ),
        (
            "{contains: x, on: {code: any}}",
            "x\n```py\ny\n```\n```sh\nx\n```",
            json!(null),
            1.0,
        ),
        (
            "{contains: y, on: {code: any, take: first}}",
            "```py\ny\n```\n```\nx\n```",
            json!(null),
            1.0,
        ),
        (
            "{numeric: , on: {regex: 'total: (\\d+)', group: 1}}",
            "total: 1, total: 12 of 99",
            json!(12),
            1.0,
        ),
        (
            "{numeric: , on: {regex: 'total: \\d+', take: first}}",
            "total: 1, total: 12 of 99",
            json!(1),
            1.0,
        ),
        (
            "{exact: , on: [{tool: weather}, {json: $.city}]}",
            "",
            json!("Paris"),
            1.0,
        ),
        (
            "{exact: , on: [{code: any}, {regex: 'a(.)', group: 1}]}",
            "```\nab\n```",
            json!("b"),
            1.0,
        ),
    ] {
        assert_eq!(score(scorer, text, target).value, value, "{scorer}");
    }
}

#[test]
fn groups_are_columns_inside() {
    let scorer = "{all: [{numeric: , on: '{{amount}}'}, {exact: EUR, on: '{{currency}}'}, {contains: '{{amount}}'}],
                   on: {regex: '(?<amount>[0-9.]+) (?<currency>[A-Z]{3})'}}";
    assert_eq!(score(scorer, "It is 12.50 EUR.", json!(12.5)).value, 1.0);
    assert_eq!(score(scorer, "It is 12.50 USD.", json!(12.5)).value, 0.0);
    let why = score(scorer, "I do not know.", json!(12.5)).why;
    assert_eq!(why, "no match in \"I do not know.\"");
}

#[test]
fn nothing_to_score_is_the_lowest_score() {
    for (scorer, why) in [
        (
            "{exact: , on: {json: $.label}}",
            "no valid JSON: expected ident at line 1 column 2 (near \"none\")",
        ),
        (
            "{not: {contains: x}, on: {code: rust}}",
            "the reply has no code block in rust",
        ),
        ("{exact: , on: {tool: time}}", "time is not called"),
        (
            "{exact: , on: {regex: '(a)|none', group: 1}}",
            "the pattern matches without its group",
        ),
    ] {
        assert_eq!(
            score(scorer, "none", json!("x")),
            Score::pass(false, why),
            "{scorer}"
        );
    }
}

#[test]
fn what_is_wrong_is_located() {
    let wrong = |scorer: &str| {
        let built = Project::new(&[]).build(&format!("- {scorer}"));
        testing::told(&built.err().expect("has problems"))
    };
    for (scorer, expected) in [
        (
            "{exact: , on: {json: label}}",
            "2:24 \"label\" is no JSONPath: write one as `$.label` or `$.items[0].name` | ",
        ),
        (
            "{exact: , on: {regex: 'a('}}",
            "2:25 bad pattern: unclosed group | ",
        ),
        (
            "{exact: , on: {regex: '(?<question>a)'}}",
            "2:25 the group `question` has the name of a column | give it another name",
        ),
        (
            "{exact: , on: {json: $.a, code: rust}}",
            "2:18 a step is one of `json`, `yaml`, `code`, `regex`, `tool` | several steps are a list: `on: [{code: json}, {json: $.label}]`",
        ),
        ("{exact: , on: []}", "2:17 `on` takes 1 to 8 steps | "),
    ] {
        assert_eq!(wrong(scorer), expected, "{scorer}");
    }
    assert!(wrong("{exact: , on: '{{nothing}}'}").contains("nothing"));
    assert!(wrong("{exact: , on: {jso: $.a}}").contains("did you mean `json`"));
}

#[test]
fn the_part_is_in_the_definition() {
    let whole = built("exact").definition;
    let part = built("{exact: , on: {json: $.a}}").definition;
    assert!(whole != part && part != built("{exact: , on: {json: $.b}}").definition);
}

#[test]
fn without_the_part_every_criterion_has_the_lowest_score() {
    let rubric = "{criteria: {kind: {criteria: Kind?}, short: {criteria: Short?}}}";
    let judge = built(&format!(
        "{{judge: {{rubric: {rubric}, model: m}}, on: {{json: $.a}}}}"
    ));
    let (case, reply, nobody) = (case(None), reply("no JSON"), Scripted::default());
    let parted = judge.score_parts(graded(&case, &reply), &nobody);
    let parted = parted.now_or_never().unwrap().unwrap();
    assert_eq!(parted.score.value, 0.0);
    let parts: Vec<_> = parted
        .parts
        .iter()
        .map(|(name, it)| (name.as_str(), it.value))
        .collect();
    assert_eq!(parts, [(".kind", 0.0), (".short", 0.0)]);
}

#[test]
fn two_answers_are_compared_by_the_part() {
    let judge = built("{pairwise: {rubric: Kind?, model: m}, on: {json: $.a}}");
    let compared = |a: &str, b: &str, says: &[&str]| {
        let (case, a, b) = (case(None), reply(a), reply(b));
        let ask = Scripted::saying(says);
        let found = judge.compare(graded(&case, &a), graded(&case, &b), &ask);
        let found = found.now_or_never().unwrap().unwrap();
        (found.value, ask.asked())
    };
    let whole = r#"{"a": "same", "b": 1}"#;
    assert_eq!(compared(whole, r#"{"a": "same"}"#, &[]), (0.5, vec![]));
    assert_eq!(compared("none", whole, &[]), (0.0, vec![]));
    assert_eq!(compared(whole, "none", &[]), (1.0, vec![]));
    assert_eq!(compared("none", "nothing", &[]), (0.5, vec![]));
    let first = r#"{"reason": "r", "winner": "first"}"#;
    let second = r#"{"reason": "r", "winner": "second"}"#;
    let (value, asked) = compared(whole, r#"{"a": "other"}"#, &[first, second]);
    let shown = asked[0].1.messages[1].joined_text();
    assert_eq!(value, 1.0);
    assert!(shown.contains("same") && !shown.contains('"'), "{shown}");
}
