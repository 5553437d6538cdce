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
