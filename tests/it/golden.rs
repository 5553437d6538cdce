//! The statistics against a folder of golden numbers (`BAKEOFF_GOLDEN`, else `../shared/golden` beside the package).
//!
//! Every case must agree within its tolerance; a function that we have not is counted and named.

mod many;
mod one;
mod pairwise;
mod planning;
mod routing;
mod sequential;
mod two;

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

/// The inputs of a case.
struct Inputs<'a>(&'a Map<String, Value>);

impl Inputs<'_> {
    fn get(&self, name: &str) -> &Value {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("no input {name}"))
    }
    fn f(&self, name: &str) -> f64 {
        number(self.get(name))
    }
    fn n(&self, name: &str) -> usize {
        self.f(name) as usize
    }
    fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }
    fn list(&self, name: &str) -> Vec<f64> {
        numbers(self.get(name))
    }
    fn indices(&self, name: &str) -> Vec<usize> {
        self.list(name).iter().map(|x| *x as usize).collect()
    }
    fn rows(&self, name: &str) -> Vec<Vec<f64>> {
        let rows = self.get(name).as_array().expect("a matrix");
        rows.iter().map(numbers).collect()
    }
    fn alternative(&self) -> bakeoff::stats::Alternative {
        use bakeoff::stats::Alternative::{Greater, Less, TwoSided};
        match self.text("alternative") {
            "greater" | "larger" => Greater,
            "less" | "smaller" => Less,
            _ => TwoSided,
        }
    }
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => value
            .as_f64()
            .unwrap_or_else(|| panic!("{value} is no number")),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

/// A result as the goldens write it: infinities as text, what is not defined as null.
fn x(value: impl Into<Option<f64>>) -> Value {
    match value.into() {
        Some(v) if v == f64::INFINITY => "inf".into(),
        Some(v) if v == f64::NEG_INFINITY => "-inf".into(),
        Some(v) => v.into(),
        None => Value::Null,
    }
}

/// Our answer to a case, or `None` for a function that we have not.
fn ours(function: &str, i: &Inputs) -> Option<Value> {
    one::ours(function, i)
        .or_else(|| two::ours(function, i))
        .or_else(|| many::ours(function, i))
        .or_else(|| pairwise::ours(function, i))
        .or_else(|| planning::ours(function, i))
        .or_else(|| routing::ours(function, i))
        .or_else(|| sequential::ours(function, i))
}

/// Where `got` differs from `expected` beyond the tolerance; extra fields do not count.
fn differences(
    at: &str,
    got: &Value,
    expected: &Value,
    abs: f64,
    rel: f64,
    found: &mut Vec<String>,
) {
    match (got, expected) {
        (_, Value::Object(fields)) => {
            for (name, value) in fields {
                let ours = got.get(name).unwrap_or(&Value::Null);
                differences(&format!("{at}.{name}"), ours, value, abs, rel, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{at}[{place}]"), a, b, abs, rel, found);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > abs + rel * b.abs() {
                found.push(format!("{at}: {a} instead of {b}"));
            }
        }
        _ if got == expected => {}
        _ => found.push(format!("{at}: {got} instead of {expected}")),
    }
}

/// Says something that the test harness does not keep to itself.
fn shout(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("stderr is open");
}

#[test]
fn golden_statistics() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden");
    let folder = std::env::var_os("BAKEOFF_GOLDEN").map_or(PathBuf::from(beside), PathBuf::from);
    let file = folder.join("statistics.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        shout(&format!(
            "golden numbers not run: no data at {}",
            file.display()
        ));
        return;
    };
    let golden: Value = serde_json::from_str(&text).unwrap();
    let mut checked = BTreeMap::<&str, usize>::new();
    let mut missing = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    let cases = golden["cases"].as_array().unwrap();
    let answers: Vec<_> = cases
        .iter()
        .map(|case| {
            let function = case["function"].as_str().unwrap();
            let inputs = Inputs(case["inputs"].as_object().unwrap());
            (function, case, ours(function, &inputs))
        })
        .collect();
    let have: BTreeSet<&str> = answers
        .iter()
        .filter(|a| a.2.is_some())
        .map(|a| a.0)
        .collect();
    for (function, case, got) in answers {
        if !have.contains(function) {
            *missing.entry(function).or_default() += 1;
            continue;
        }
        // no answer from a function that we have: not defined
        let got = got.unwrap_or_default();
        *checked.entry(function).or_default() += 1;
        let tolerance = |kind: &str| case["tolerance"][kind].as_f64().unwrap_or(0.0);
        let id = format!("{function} {}", case["id"]);
        differences(
            &id,
            &got,
            &case["expected"],
            tolerance("abs"),
            tolerance("rel"),
            &mut wrong,
        );
    }
    for (function, count) in &checked {
        println!("{count:4} {function}");
    }
    for (function, count) in &missing {
        println!("{count:4} {function}: not checked, there is no such function here");
    }
    let total: usize = checked.values().sum();
    let left: usize = missing.values().sum();
    shout(&format!(
        "golden numbers: {total} cases of {} functions checked, {} wrong numbers; {left} cases of {} functions not checked",
        checked.len(),
        wrong.len(),
        missing.len()
    ));
    assert!(missing.is_empty(), "no such function here: {missing:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
