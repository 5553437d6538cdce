//! A value as YAML that every reader takes the same way: YAML 1.1 (PyYAML) and 1.2 alike.

use serde_json::Value;
use std::fmt::Write;

/// Plain scalars that some reader takes for something else than text (<https://yaml.org/type/>).
const WORDS: &[&str] = &[
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
];

/// The value in block style, ending with a newline.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out
}

/// Writes what stands below a key or at the top, its lines indented by so many spaces.
fn block(out: &mut String, value: &Value, indent: usize) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                let pad = if at == 0 && out.ends_with("- ") {
                    ""
                } else {
                    &pad
                };
                out.push_str(pad);
                out.push_str(&text(key));
                out.push(':');
                below(out, value, indent);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                match item {
                    Value::Object(map) if !map.is_empty() => {
                        write!(out, "{pad}- ").expect("a String takes every write");
                        block(out, item, indent + 2);
                    }
                    _ => {
                        writeln!(out, "{pad}- {}", flow(item)).expect("a String takes every write")
                    }
                }
            }
        }
        other => {
            out.push_str(&flow(other));
            out.push('\n');
        }
    }
}

fn below(out: &mut String, value: &Value, indent: usize) {
    let nested = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    };
    if nested {
        out.push('\n');
        block(out, value, indent + 2);
    } else {
        writeln!(out, " {}", flow(value)).expect("a String takes every write");
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(it) => text(it),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // PyYAML takes `1e-7` for text: never an exponent, always a point.
            Some(float) if float.fract() == 0.0 => format!("{float}.0"),
            Some(float) => float.to_string(),
            None => number.to_string(),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries = map.iter();
            let entries = entries.map(|(key, value)| format!("{}: {}", text(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Text, in quotes unless no reader can take it for anything else.
fn text(text: &str) -> String {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let word = WORDS.contains(&text.to_ascii_lowercase().as_str());
    if begins && text.chars().all(plain) && !word {
        return text.to_owned();
    }
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c if u32::from(c) <= 0xffff => {
                write!(out, "\\u{:04X}", u32::from(c)).expect("a String takes every write");
            }
            c => write!(out, "\\U{:08X}", u32::from(c)).expect("a String takes every write"),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Document, Source};
    use proptest::prelude::*;
    use serde_json::json;
    use std::sync::Arc;

    fn back(text: &str) -> Value {
        let source = Arc::new(Source::new("x.yaml", text));
        Document::yaml(source).expect(text).root.to_value()
    }

    #[test]
    fn it_looks_as_a_person_would_write_it() {
        let value = json!({"list": [{"name": "a/b-1.5", "deep": {"x": 1.5e-7}}, {"y": [1, "2"]}], "no": [], "f": 2.0});
        let text = to_yaml(&value);
        let wanted = "list:\n  - name: a/b-1.5\n    deep:\n      x: 0.00000015\n  - \"y\": [1, \"2\"]\n\"no\": []\nf: 2.0\n";
        let sorted = back(wanted);
        assert_eq!(back(&text), sorted, "{text}");
        assert!(
            text.contains("x: 0.00000015") && text.contains("\"no\": []"),
            "{text}"
        );
    }

    #[test]
    fn what_looks_like_something_else_is_quoted() {
        for word in [
            "no",
            "On",
            "NULL",
            "~",
            "007",
            "1e3",
            ".5",
            "0x1f",
            "12:30:00",
            "2024-01-01",
            "",
            " a",
            "a ",
            "a: b",
            "a #b",
            "- a",
            "*a",
            "&a",
            "!t",
            "%",
            "@",
            "`",
            "a\nb",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{1f600}",
            "{a}",
            "[a]",
            "'",
            "\"",
            "\\",
            "=",
            "<<",
            "os.environ/KEY",
            "y",
        ] {
            let value = json!({ word: [word, {"in": word}] });
            assert_eq!(back(&to_yaml(&value)), value, "{word:?}");
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e9..1e9).prop_map(|x: f64| json!(x)),
            any::<String>().prop_map(Value::from),
            "[-0-9.:eExo_ #]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z0-9:# ]{1,5}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// What is written is read back.
        #[test]
        fn it_is_read_back(value in proptest::collection::btree_map("[a-z]{1,5}", values(), 1..4)) {
            let value = Value::Object(value.into_iter().collect());
            let text = to_yaml(&value);
            prop_assert_eq!(back(&text), value, "{}", text);
        }
    }
}
