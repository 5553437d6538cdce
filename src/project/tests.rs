use super::*;
use insta::assert_snapshot;
use serde_json::json;
use std::fs;
use std::time::Duration;

fn load(text: &str) -> Result<Project, Vec<Problem>> {
    load_named("bakeoff.yaml", text)
}

fn load_named(name: &str, text: &str) -> Result<Project, Vec<Problem>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    Project::load(None, folder.path(), false)
}

fn good(text: &str) -> Suite {
    let drawn = |problems: Vec<Problem>| -> String {
        problems
            .iter()
            .map(|problem| problem.draw(false) + "\n")
            .collect()
    };
    load(text)
        .map_err(drawn)
        .unwrap_or_else(|said| panic!("{said}"))
        .suite
}

fn said_of(text: &str) -> String {
    let problems = load(text).expect_err("has problems");
    let line = |problem: &Problem| {
        let at = problem.at.as_ref().expect("has a place");
        let (line, column) = at.source.line_column(at.span.start);
        let help = problem.help.join(" / ");
        format!("{line}:{column} {} | {help}", problem.title)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

const EXAMPLE: &str = r#"
name: support-triage
dataset: {path: datasets/tickets.csv, id: ticket, target: label, group: customer, tags: [lang], sample: {n: 150, by: lang}, limit: 200}
prompts:
  - prompts/triage.yaml
  - {name: short, messages: [{system: "Triage."}, {user: "{{ticket}}"}], params: {max_tokens: 5}}
models:
  - openai/gpt-4o
  - {name: llama-fast, model: groq/llama-3.3-70b-versatile, params: {temperature: 0.2}, prompt: prompts/triage-llama.yaml}
  - {name: local, api: openai-chat, base_url: "http://127.0.0.1:8080/v1", model: smollm2, price: {input: 0, output: 0}, key: LOCAL_KEY}
  - {model: x/y, key: {command: [pass, show, x]}}
params: {temperature: 0, max_tokens: 256}
scorers:
  - exact
  - {name: valid, json: {schema: schemas/triage.json}}
primary: exact
limits: {max_cost: 5.00, concurrency: 64, timeout: 1m30s, attempts: 4, max_failed: 2%, lanes: {openai: {concurrency: 16, rpm: 500, tpm: 200000}}}
gate:
  baseline: baselines/main.json
  rules:
    - {scorer: exact, margin: 0.05}
    - {metric: cost_per_case, max_rise: 10%}
    - {metric: latency_p95, max: 2s}
"#;

#[test]
fn the_example_of_the_manual_is_read() {
    let suite = good(EXAMPLE);
    let dataset = suite.dataset.options();
    assert_eq!(dataset.target.as_deref(), Some("label"));
    assert_eq!(dataset.sample.unwrap().n, 150);
    assert_eq!(suite.models[2].options().price.unwrap().output, 0.0);
    assert_eq!(
        suite.models[2].options().key,
        Some(Key::Variable("LOCAL_KEY".into()))
    );
    assert!(matches!(
        suite.models[3].options().key,
        Some(Key::From(KeySource::Command(_)))
    ));
    assert_eq!(suite.limits.timeout.0, Duration::from_secs(90));
    assert_eq!(suite.limits.max_failed, Share(0.02));
    assert_eq!(suite.limits.lanes["openai"].tpm, Some(200_000));
    let gate = suite.gate.unwrap();
    let Rule::Metric(MetricRule { max, metric, .. }) = gate.rules[2] else {
        panic!("a metric's rule")
    };
    assert_eq!(
        (metric, max),
        (
            Metric::LatencyP95,
            Some(Amount::Time(Duration::from_secs(2)))
        )
    );
    assert_eq!((suite.repeats, suite.seed), (1, 0));
    assert_eq!(suite.scorers[0], "exact");
    let PromptSpec::Inline(short) = &suite.prompts[1] else {
        panic!("an inline prompt")
    };
    assert_eq!(
        short.messages[1],
        Turn::User(Content::Text("{{ticket}}".into()))
    );
}

#[test]
fn toml_says_the_same() {
    let toml = "dataset = 'd.csv'\nmodels = ['a/b']\nscorers = ['exact', {contains = 'x'}]\n[limits]\ntimeout = '60s'\n[[prompts]]\nname = 'p'\nmessages = [{user = 'hi'}]\n";
    let project = load_named("bakeoff.toml", toml).unwrap();
    assert_eq!(project.suite.limits.timeout, Period::seconds(60));
    assert_eq!(project.suite.scorers[1], json!({"contains": "x"}));
    let block = project.doc.block("/scorers/1/contains").unwrap();
    assert_eq!(block.text(), Some("x"));
}

#[test]
fn every_mistake_at_once() {
    let text = r#"
naem: x
datset: d.csv
prompts:
  - {name: p, messages: []}
  - {name: q, mesages: [{usr: hi}]}
  - {messages: [{usr: hi}, {role: user, content: hi}, hi]}
models:
  - openai/gpt-4o
  - {model: a/b, temperature: 0}
  - {name: x}
  - {model: a/b, price: {input: cheap, output: -1}, key: sk-abc-secret}
params: {temprature: 0, max_tokens: 1.5, stop: END}
repeats: 0
limits: {timeout: 60, max_failed: 2 percent, lanes: {openai: {rpm: many}}, max_cost: $5}
gate: {rules: [{scorer: exact, margn: 0.05}, {metric: latency_p59, max: 2 s}, {}]}
"#;
    assert_snapshot!(said_of(text), @r#"
    2:1 unknown key `naem` | did you mean `name`?
    3:1 unknown key `datset` | did you mean `dataset`?
    5:25 `prompts[0].messages` needs at least 1 item | 
    6:15 unknown key `mesages` in `prompts[1]` | did you mean `messages`?
    7:18 unknown key `usr` in `prompts[2].messages[0]` | did you mean `user`?
    7:29 unknown key `role` in `prompts[2].messages[1]` | the role is the key here: `- system: "…"`, `- user: "{{column}}"`
    7:41 unknown key `content` in `prompts[2].messages[1]` | the role is the key here: `- system: "…"`, `- user: "{{column}}"`
    7:55 `prompts[2].messages[2]`: unknown word `hi` | it is one of `reply`
    10:18 unknown key `temperature` in `models[1]` | known keys: model, name, api, base_url, key, price, params, prompt
    11:6 missing key `model` in `models[2]` | `provider/name`; with `api` and `base_url`, the name that the server knows
    12:33 `models[3].price.input`: expected a number, found text | 
    12:48 `models[3].price.output`: -1 is less than 0 | 
    12:58 `models[3].key`: this is not a name of an environment variable | write it like `MY_API_KEY`
    13:10 unknown key `temprature` in `params` | did you mean `temperature`?
    13:37 `params.max_tokens`: 1.5 is not a whole number | 
    13:48 `params.stop`: expected a list, found text | write it as a list: [END]
    14:10 `repeats`: 0 is less than 1 | 
    15:19 `limits.timeout`: `60` is not a duration | write it like `60s`, `1m30s`, `500ms`
    15:35 `limits.max_failed`: `2 percent` is not a share | write it like `2%`, `0.02`
    15:68 `limits.lanes.openai.rpm`: expected a number, found text | 
    15:86 `limits.max_cost`: expected a number, found text | 
    16:32 unknown key `margn` in `gate.rules[0]` | did you mean `margin`?
    16:55 `gate.rules[1].metric`: unknown word `latency_p59` | did you mean `latency_p50`?
    16:73 `gate.rules[1].max`: `2 s` is not a limit | write it like `2s`, `2%`, `0.01`
    16:79 `gate.rules[2]` is empty | give it one of `scorer`, `margin`, `min`, `allow_uncalibrated`, `metric`, `max`, `max_rise`
    "#);
}

#[test]
fn a_key_written_by_mistake_is_not_shown() {
    let problems =
        load("dataset: d.csv\nmodels: [{model: a/b, key: sk-abc-secret}]\n").unwrap_err();
    assert_snapshot!(problems[0].draw(false), @r"
    error: `models[0].key`: this is not a name of an environment variable
     --> bakeoff.yaml:2:28
      |
    2 | models: [{model: a/b, key: *************}]
      |                            ^^^^^^^^^^^^^ expected a name of an environment variable
      |
      = help: write it like `MY_API_KEY`
    ");
}

#[test]
fn the_suite_is_found() {
    let top = tempfile::tempdir().unwrap();
    let deep = top.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    let problem = &Project::load(None, &deep, false).unwrap_err()[0];
    assert!(problem.help[0].contains("bakeoff init"));
    fs::write(top.path().join("bakeoff.yml"), "dataset: d.csv").unwrap();
    Project::load(None, &deep, false)
        .expect_err("outside of a repository parents are not looked at");
    fs::create_dir(top.path().join(".git")).unwrap();
    let project = Project::load(None, &deep, false).unwrap();
    assert_eq!(
        (project.root.as_path(), project.file.as_str()),
        (top.path(), "bakeoff.yml")
    );
    assert_eq!(
        project.suite.name,
        top.path().file_name().unwrap().to_str().unwrap()
    );
    let named = Project::load(Some(top.path()), &deep, false).unwrap();
    assert_eq!(named.file, "bakeoff.yml");
    Project::load(Some(Path::new("../../bakeoff.yml")), &deep, false).expect("a relative path");
    Project::load(Some(Path::new("nothing.yaml")), &deep, false).expect_err("no such file");
    fs::write(top.path().join("bakeoff.toml"), "dataset = 'd.csv'").unwrap();
    Project::load(None, &deep, false).expect_err("two suites");
}

#[test]
fn the_schema_describes_and_validates_the_example() {
    let schema = schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(
        schema["properties"]["models"]["description"]
            .as_str()
            .unwrap()
            .contains("provider/name")
    );
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let source = std::sync::Arc::new(crate::source::Source::new("x.yaml", EXAMPLE));
    let value = Document::parse(source).unwrap().root.to_value();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(jsonschema::draft202012::new(&prompt_schema()).is_ok());
}

#[test]
fn parameters_go_over_each_other() {
    let read = |value: Value| serde_json::from_value::<Params>(value).unwrap();
    let base = read(json!({"temperature": 0.0, "max_tokens": 256, "extra": {"a": 1, "b": 1}}));
    let over = read(json!({"max_tokens": 5, "stop": ["x"], "extra": {"b": 2}}));
    let merged = read(
        json!({"temperature": 0.0, "max_tokens": 5, "stop": ["x"], "extra": {"a": 1, "b": 2}}),
    );
    assert_eq!(base.with(&over), merged);
    assert_eq!(base.with(&Params::default()), base);
    let without = read(json!({"temperature": null}));
    let merged = base.with(&without);
    assert_eq!((merged.temperature, merged.max_tokens), (None, Some(256)));
    let chained = base.with(&Params::default().with(&without));
    assert_eq!(chained, merged);
    let again = merged.with(&read(json!({"temperature": 1.0})));
    assert_eq!(again.temperature, Some(1.0));
    assert!(
        serde_json::to_value(&merged)
            .unwrap()
            .get("temperature")
            .is_none()
    );
}

#[test]
fn quantities() {
    let period = |text: &str| {
        serde_json::from_value::<Period>(json!(text))
            .ok()
            .map(|p| p.0)
    };
    assert_eq!(period("1m30s"), Some(Duration::from_secs(90)));
    assert_eq!(period("500ms"), Some(Duration::from_millis(500)));
    assert_eq!(period("1.5h"), Some(Duration::from_secs(5400)));
    for bad in [
        "",
        "60",
        "s",
        "60 s",
        "-1s",
        "1e9s",
        "1.2.3s",
        "99999999999999999999999999h",
    ] {
        assert_eq!(period(bad), None, "{bad}");
    }
    let share = |value: Value| {
        serde_json::from_value::<Share>(value)
            .ok()
            .map(|share| share.0)
    };
    assert_eq!(share(json!("2%")), Some(0.02));
    assert_eq!(share(json!(0.5)), Some(0.5));
    assert_eq!(share(json!("inf%")), None);
}
