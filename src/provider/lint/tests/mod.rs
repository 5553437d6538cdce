//! Every rule, firing and silent (`rows.txt`); and the lint held against the encoders.

mod agree;
mod told;

use super::*;
use crate::provider::call::Call;
use crate::provider::call_json::read_call;
use crate::provider::catalog::resolve;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ROWS: &str = include_str!("rows.txt");

/// A call to a model, with one user message unless it has messages; the short forms of `rows.txt` are
/// spelled out.
pub(super) fn call(model: &str, fields: &Value) -> (Call, Place) {
    let mut request = fields.as_object().unwrap().clone();
    let turn = |role: &str, text: &str| json!({"role": role, "content": text});
    let turns = match (request.remove("turns"), request.remove("bytes")) {
        (Some(roles), _) => {
            let roles = roles.as_array().unwrap().iter();
            roles
                .map(|role| turn(role.as_str().unwrap(), "x"))
                .collect()
        }
        (None, Some(bytes)) => {
            let words = bytes.as_u64().unwrap() as usize / 5;
            json!([turn("user", &"word ".repeat(words))])
        }
        (None, None) => json!([turn("user", "Hi")]),
    };
    request.entry("messages").or_insert(turns);
    let tool =
        |name: &str| json!({"name": name, "parameters": {"type": "object", "properties": {}}});
    match request.get_mut("tools") {
        Some(Value::Array(tools)) => {
            for name in tools {
                *name = name.as_str().map_or_else(|| name.clone(), tool);
            }
        }
        Some(number) => {
            let strict = |n: u64| json!({"name": format!("t{n}"), "parameters": {"type": "object"}, "strict": true});
            *number = (0..number.as_u64().unwrap()).map(strict).collect();
        }
        None => {}
    }
    if request.get("response_schema") == Some(&json!("person")) {
        let schema = json!({"type": "object", "properties": {"age": {"type": "integer"}},
            "required": ["age"], "additionalProperties": false});
        request["response_schema"] = json!({"name": "person", "schema": schema});
    }
    let text = Value::Object(request).to_string();
    let call = read_call(&text).unwrap_or_else(|e| panic!("{}", e.title));
    aimed(model, call)
}

/// A call on its way: `PROVIDER/MODEL`, `… as API` for another of its dialects, or `own:MODEL`.
fn aimed(model: &str, call: Call) -> (Call, Place) {
    if let Some(model) = model.strip_prefix("own:") {
        let place = Place::of(None, "openai-chat", model, None);
        return (
            Call {
                model: model.into(),
                ..call
            },
            place,
        );
    }
    let (name, api) = model.split_once(" as ").unwrap_or((model, ""));
    let found = resolve(name).unwrap();
    let spoken = match api {
        "" => found.provider.dialect,
        api => crate::provider::dialect(api).unwrap().name,
    };
    let place = Place::of(Some(found.provider), spoken, &found.model, None);
    (
        Call {
            model: found.model,
            ..call
        },
        place,
    )
}

#[test]
fn every_rule_fires_where_it_should_and_nowhere_else() {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let rows = ROWS.lines().filter(|line| !line.starts_with('#'));
    for row in rows.filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = row.splitn(4, " | ").map(str::trim).collect();
        let [rule, expected, model, fields] = cells[..] else {
            panic!("four cells: {row}");
        };
        let (call, to) = call(model, &serde_json::from_str(fields).expect(row));
        let findings = lint(&Asked::new(&call, &to), Scope::All);
        let found = findings.iter().find(|finding| finding.rule == rule);
        assert_eq!(
            found.map_or("silent", |it| it.severity.name()),
            expected,
            "{row}"
        );
        for found in &findings {
            assert!(
                !found.help.is_empty() && !found.fields.is_empty(),
                "{found:?}"
            );
            assert!(
                found.message.len() > 10 && !found.message.starts_with(' '),
                "{found:?}"
            );
        }
        let (fires, silent) = seen.entry(rule).or_default();
        *(if found.is_some() { fires } else { silent }) += 1;
    }
    for rule in rules() {
        let (fires, silent) = seen[rule.id];
        assert!(fires > 0 && silent > 0, "{}: {fires} and {silent}", rule.id);
    }
}

#[test]
fn the_rules_are_whole() {
    let ids: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
    let expected: Vec<String> = (1..=46).map(|n| format!("P{n:03}")).collect();
    assert_eq!(ids, expected);
    for rule in rules() {
        assert!(
            !rule.title.is_empty() && !rule.help.is_empty(),
            "{}",
            rule.id
        );
        assert!(rule.severity > Severity::Note, "{}", rule.id);
    }
}
