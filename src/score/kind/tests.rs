use super::super::testing::{Project, Scripted, reply};
use super::super::{KINDS, try_line};
use crate::provider::Reply;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The line of a kind's example, what the models say, and what comes out.
pub(in crate::score) fn example(text: &str) -> (Map<String, Value>, Vec<Reply>, Value) {
    let Ok(Value::Object(mut line)) = serde_json::from_str(text) else {
        panic!("no JSON object: {text}");
    };
    let gives = line.remove("gives").expect("an example says what it gives");
    let says = line.remove("says").unwrap_or_else(|| json!([]));
    let says = says.as_array().unwrap().iter().map(|said| match said {
        Value::String(text) => reply(text),
        vectors => Reply {
            vectors: serde_json::from_value(vectors.clone()).unwrap(),
            ..Reply::default()
        },
    });
    (line, says.collect(), gives)
}

#[test]
fn every_example_gives_what_it_says() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    for kind in KINDS {
        let (line, says, gives) = example(kind.example);
        let ask = Scripted::new(says.into_iter().map(Ok).collect());
        let line = Value::Object(line).to_string();
        let path = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
        let answer = Project::new(&[]).with(|build| {
            let build = build.clone().allowing(Some(&path));
            runtime.block_on(try_line(1, &line, &build, &ask))
        });
        let answer: Value = serde_json::from_str(&answer).unwrap();
        for (key, expected) in gives.as_object().unwrap() {
            let found = &answer[key];
            let near = match (expected.as_f64(), found.as_f64()) {
                (Some(expected), Some(found)) => (expected - found).abs() < 1e-9,
                _ => expected == found,
            };
            assert!(near, "{}: {key} of {answer}, not {expected}", kind.name);
        }
        let telling = [kind.about, kind.range, kind.direction];
        assert!(telling.iter().all(|text| !text.is_empty()), "{}", kind.name);
        let own = line.contains(&format!("\"{}\"", kind.name));
        assert!(own, "{}: its example is of another kind", kind.name);
    }
}
