use super::*;
use crate::source::Source;
use insta::assert_snapshot;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// What it is called.
    name: String,
    #[serde(default)]
    models: Vec<Model>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    format: Option<Format>,
    #[serde(default)]
    lanes: BTreeMap<String, Limits>,
    #[serde(default)]
    extra: Value,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(untagged)]
enum Model {
    Name(String),
    Full(Full),
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Full {
    model: String,
    #[serde(default)]
    key: Option<KeySource>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum KeySource {
    Env(String),
    Command(Vec<String>),
}

#[derive(Debug, Default, Deserialize, JsonSchema, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    #[schemars(range(min = 1))]
    concurrency: Option<u32>,
    #[schemars(range(min = 0.0))]
    max_cost: Option<f64>,
    dry: bool,
}

/// Documented words.
#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Comma.
    Csv,
    /// Lines.
    Jsonl,
}

fn read_plan(text: &str) -> Result<Plan, Vec<Problem>> {
    let doc = Document::parse(Arc::new(Source::new("plan.yaml", text))).expect("parses");
    doc.top().read()
}

/// Every problem: place, title, help.
fn said_of(text: &str) -> String {
    let problems = read_plan(text).expect_err("has problems");
    let line = |problem: &Problem| {
        let at = problem.at.as_ref().expect("has a place");
        let (line, column) = at.source.line_column(at.span.start);
        let help = problem.help.join(" / ");
        format!("{line}:{column} {} | {help}", problem.title)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_file_is_read() {
    let text = "name: 007\nmodels: [a/b, {model: 4, key: {env: K}}]\nlimits: {concurrency: 8.0, max_cost: 5}\nformat: csv\nextra: {x: [1]}\nlanes: {openai: {dry: true}}\n";
    let plan = read_plan(text).unwrap_or_else(|p| panic!("{p:?}"));
    assert_eq!(plan.name, "007");
    assert_eq!(plan.limits.concurrency, Some(8));
    assert_eq!(plan.limits.max_cost, Some(5.0));
    let key = Some(KeySource::Env("K".into()));
    assert_eq!(
        plan.models[1],
        Model::Full(Full {
            model: "4".into(),
            key
        })
    );
    assert_eq!(plan.extra, serde_json::json!({"x": [1]}));
    assert_eq!(plan.format, Some(Format::Csv));
}

#[test]
fn a_key_without_a_value_is_no_key() {
    let plan = read_plan("name: x\nlimits:\nformat:\n").unwrap_or_else(|p| panic!("{p:?}"));
    assert_eq!(plan.limits, Limits::default());
    assert_snapshot!(said_of("name:\n"), @r"1:5 `name`: expected text, found nothing | give it a value, or remove the key");
}

#[test]
fn all_problems_at_once() {
    let text = "nmae: x
models:
  - a/b
  - {modle: c/d}
  - {key: {file: x}}
  - 5.5
  - [a]
  - {model: x, key: {comand: [a]}}
  - {model: x, key: {}}
limits: {concurrency: 0, max_cost: five, dry: yes, zzz: 1}
format: cvs
lanes: {openai: {concurrency: 1.5}, groq: 5}
";
    assert_snapshot!(said_of(text), @r"
    1:1 unknown key `nmae` | did you mean `name`?
    4:6 unknown key `modle` in `models[1]` | did you mean `model`?
    5:6 missing key `model` in `models[2]` | 
    5:12 unknown key `file` in `models[2].key` | known keys: env, command
    7:6 `models[4]`: expected text or a map, found a list | 
    8:22 unknown key `comand` in `models[5].key` | did you mean `command`?
    9:21 `models[6].key` is empty | give it one of `env`, `command`
    10:23 `limits.concurrency`: 0 is less than 1 | 
    10:36 `limits.max_cost`: expected a number, found text | 
    10:47 `limits.dry`: expected true or false, found text | write `true`
    10:52 unknown key `zzz` in `limits` | known keys: concurrency, max_cost, dry
    11:9 `format`: unknown word `cvs` | did you mean `csv`?
    12:31 `lanes.openai.concurrency`: 1.5 is not a whole number | 
    12:43 `lanes.groq`: expected a map, found a number |
    ");
    assert_snapshot!(said_of("format: parquet\nmodels: a/b\nlimits: {max_cost: '5'}\n"), @r"
    1:1 missing key `name` in the file | What it is called
    1:9 `format`: unknown word `parquet` | it is one of `csv`, `jsonl`
    2:9 `models`: expected a list, found text | write it as a list: [a/b]
    3:20 `limits.max_cost`: expected a number, found text | remove the quotes: 5
    ");
    assert_snapshot!(said_of("- a\n"), @r"1:3 the file: expected a map, found a list |");
    assert_snapshot!(said_of("name: true\nlanes: {openai: {max_cost: -1}}"), @r#"
    1:7 `name`: expected text, found true or false | put it in quotes: "true"
    2:28 `lanes.openai.max_cost`: -1 is less than 0 |
    "#);
}

#[test]
fn a_problem_draws_its_line() {
    let problems = read_plan("name: x\nlimits:\n  concurency: 5\n").unwrap_err();
    assert_snapshot!(problems[0].draw(false), @r"
    error: unknown key `concurency` in `limits`
     --> plan.yaml:3:3
      |
    3 |   concurency: 5
      |   ^^^^^^^^^^ not a known key
      |
      = help: did you mean `concurrency`?
    ");
}

#[test]
fn the_path_starts_at_the_block() {
    let text = "scorers:\n  - a: {concurrency: x}\n";
    let doc = Document::parse(Arc::new(Source::new("a.yaml", text))).expect("parses");
    let block = doc.block("/scorers/0/a").expect("is there");
    let problems = block.read::<Limits>().unwrap_err();
    assert_eq!(
        problems[0].title,
        "`scorers[0].a.concurrency`: expected a number, found text"
    );
}
