use crate::dataset::{Case, Dataset};
use crate::project::Catalog;
use crate::prompt::{Files, Next, Part, Prompt, Role, survey};
use crate::source::Problem;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

/// A project's files, and the dataset in it.
struct World {
    folder: tempfile::TempDir,
    dataset: Dataset,
}

fn world(files: &[(&str, &[u8])], dataset: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let catalog = Catalog::new(folder.path(), false);
    let dataset = Dataset::load(dataset, &catalog).unwrap();
    World { folder, dataset }
}

impl World {
    fn catalog(&self) -> Catalog {
        Catalog::new(self.folder.path(), false)
    }

    fn files(&self) -> Files {
        Files::new(&self.catalog(), &self.dataset)
    }

    fn prompt(&self, path: &str) -> Prompt {
        let loaded = Prompt::load(path, &self.catalog());
        loaded.unwrap_or_else(|problems| panic!("{}", drawn(&problems)))
    }

    fn case(&self, at: usize) -> &Case {
        &self.dataset.cases[at]
    }

    fn said(&self, prompt: &Prompt, at: usize) -> Value {
        let messages = prompt.render(self.case(at), &self.files()).unwrap();
        let written = messages.iter().map(crate::prompt::neutral::write_message);
        written.collect()
    }
}

fn drawn(problems: &[Problem]) -> String {
    let drawn = problems.iter().map(|problem| problem.draw(false) + "\n");
    drawn.collect()
}

const EVERYTHING: &str = r#"messages:
  - system: S
  - from: history
  - user: [{text: "What is in {{name}}?"}, {image: "{{photo}}"}]
  - assistant:
      text: I look.
      tool_calls:
        - {name: look, arguments: {at: "{{name}}", deep: [1, "{{name}}"]}}
        - {id: own, name: look, arguments: "{{args}}"}
  - tool: {call: own, content: second}
  - tool: "first {{name}}"
  - assistant: "It"
tools: tools.json
tool_choice: auto
"#;

#[test]
fn all_that_a_conversation_can_hold() {
    let csv = concat!(
        "name,photo,args,history\n",
        "cat,img/cat.png,\"{\"\"a\"\": 1}\",\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"{{name}}\"\"}]\"\n",
        "dog,https://x.example/dog.png,no json,\n",
    );
    let world = world(
        &[
            ("data/d.csv", csv.as_bytes()),
            ("data/img/cat.png", PNG),
            ("prompts/p.yaml", EVERYTHING.as_bytes()),
            (
                "prompts/tools.json",
                br#"[{"name": "look", "parameters": {"type": "object"}}]"#,
            ),
        ],
        "data/d.csv",
    );
    let prompt = world.prompt("prompts/p.yaml");
    assert!(prompt.check(&world.dataset.columns).is_empty());
    assert_eq!(prompt.columns(), ["name", "photo", "args", "history"]);
    assert_eq!(prompt.tools[0].name, "look");
    let first = world.said(&prompt, 0);
    assert_eq!(
        first,
        json!([
            {"role": "system", "content": "S"},
            // what a column holds is no template
            {"role": "user", "content": "{{name}}"},
            {"role": "user", "content": [{"type": "text", "text": "What is in cat?"},
                {"type": "image", "media_type": "image/png", "data": "iVBORw0KGgpyZXN0"}]},
            {"role": "assistant", "content": "I look.", "tool_calls": [
                {"id": "call00001", "name": "look", "arguments": {"at": "cat", "deep": [1, "cat"]}},
                {"id": "own", "name": "look", "arguments": {"a": 1}}]},
            {"role": "tool", "content": "second", "tool_call_id": "own"},
            {"role": "tool", "content": "first cat", "tool_call_id": "call00001", "name": "look"},
            {"role": "assistant", "content": "It"},
        ])
    );
    let second = world.said(&prompt, 1);
    assert_eq!(
        second[1]["content"][1],
        json!({"type": "image", "url": "https://x.example/dog.png"})
    );
    assert_eq!(second[2]["tool_calls"][1]["arguments"], json!("no json"));
}

#[test]
fn pictures_are_tried_before_the_run_and_hashed() {
    let csv = b"id,photo\na,a.png\nb,gone.png\nc,note.txt\nd,../../secret.png\n";
    let prompt = b"messages: [{user: [{image: '{{photo}}'}]}]\n";
    let mut world = world(
        &[
            ("d.csv", csv),
            ("a.png", PNG),
            ("note.txt", b"KEY=1"),
            ("p.yaml", prompt),
        ],
        "d.csv",
    );
    let prompt = world.prompt("p.yaml");
    let files = world.files();
    let problems = survey([&prompt], &mut world.dataset, &files);
    assert_snapshot!(drawn(&problems), @r"
    error: there is no file `gone.png`
     --> d.csv:3:1
      |
    3 | b,gone.png
      | ^^^^^^^^^^
      |
      = help: there are: a.png, d.csv, note.txt, p.yaml
      = help: for the case `b` in line 3
    error: `note.txt` is no picture
     --> d.csv:4:1
      |
    4 | c,note.txt
      | ^^^^^^^^^^
      |
      = help: PNG, JPEG, GIF and WebP are taken, told apart by their first bytes
      = help: for the case `c` in line 4
    error: `../../secret.png` is outside the project's folder
     --> d.csv:5:1
      |
    5 | d,../../secret.png
      | ^^^^^^^^^^^^^^^^^^
      |
      = help: move it into the project, or allow it with `--allow-path`
      = help: for the case `d` in line 5
    ");
    world.dataset.cases.truncate(1);
    let before = world.dataset.hash.clone();
    assert!(survey([&prompt], &mut world.dataset, &files).is_empty());
    let first = std::mem::replace(&mut world.dataset.hash, before.clone());
    assert_ne!(first, before);
    fs::write(world.folder.path().join("a.png"), [PNG, b"!"].concat()).unwrap();
    survey([&prompt], &mut world.dataset, &files);
    assert_ne!(world.dataset.hash, first);
}

#[test]
fn mistakes_point_at_their_place() {
    let prompt = br#"messages:
  - tool: nobody asked
  - user: [{image: {file: a.png, url: "https://x"}}, {text: "{{#if}}"}]
  - assistant: {tool_calls: []}
tools: gone.yaml
params: {n: 3}
"#;
    let good = br#"messages: [{from: histori}, {user: x}]
tools: {from: tols}
"#;
    let world = world(
        &[
            ("d.csv", b"history,tools\na,b\n"),
            ("p.yaml", prompt),
            ("q.yaml", good),
        ],
        "d.csv",
    );
    let load = |path: &str| Prompt::load(path, &world.catalog());
    assert_snapshot!(drawn(&load("p.yaml").unwrap_err()), @r#"
    error: no tool call before this has no result yet
     --> p.yaml:2:11
      |
    2 |   - tool: nobody asked
      |           ^^^^^^^^^^^^
      |
      = help: write the call first: `assistant: {tool_calls: [{name: …, arguments: …}]}`, or `reply`
    error: a picture is one of `file`, `url` and `data`
     --> p.yaml:3:21
      |
    3 |   - user: [{image: {file: a.png, url: "https://x"}}, {text: "{{#if}}"}]
      |                     ^^^^
    error: `{{#if …}}` is not closed
     --> p.yaml:3:62
      |
    3 |   - user: [{image: {file: a.png, url: "https://x"}}, {text: "{{#if}}"}]
      |                                                              ^^^^^^^
      |
      = help: write `{{/if}}` where it ends
    error: the assistant says nothing
     --> p.yaml:4:17
      |
    4 |   - assistant: {tool_calls: []}
      |                 ^^^^^^^^^^
      |
      = help: give it `text`, `tool_calls` or both
    error: `n` would pay for answers that are not read
     --> p.yaml:6:10
      |
    6 | params: {n: 3}
      |          ^
      |
      = help: to ask each case several times, write `repeats` in the suite
    error: there is no file `gone.yaml`
     --> p.yaml:5:8
      |
    5 | tools: gone.yaml
      |        ^^^^^^^^^
      |
      = help: there are: d.csv, p.yaml, q.yaml
    "#);
    let columns = &world.dataset.columns;
    assert_snapshot!(drawn(&load("q.yaml").unwrap().check(columns)), @r"
    error: the dataset has no column `histori`
     --> q.yaml:1:19
      |
    1 | messages: [{from: histori}, {user: x}]
      |                   ^^^^^^^ no such column
      |
      = help: did you mean `history`?
    error: the dataset has no column `tols`
     --> q.yaml:2:15
      |
    2 | tools: {from: tols}
      |               ^^^^ no such column
      |
      = help: did you mean `tools`?
    ");
    let broken = load("q.yaml").unwrap();
    assert!(broken.tools_for(world.case(0)).is_ok());
}

#[test]
fn a_case_brings_tools_and_history() {
    let jsonl = br#"{"id": "a", "tools": [{"name": "f", "parameters": {"type": "object"}}], "history": [{"role": "assistant", "content": "x", "state": {"gemini": {"parts": []}}}]}
{"id": "b", "tools": null, "history": []}
{"id": "c", "tools": [{"nme": "f"}], "history": [{"role": "user", "contents": "x"}]}
"#;
    let prompt = b"messages: [{from: history}, {user: go}]\ntools: {from: tools}\n";
    let world = world(&[("d.jsonl", jsonl), ("p.yaml", prompt)], "d.jsonl");
    let prompt = world.prompt("p.yaml");
    assert_eq!(prompt.tools_for(world.case(0)).unwrap()[0].name, "f");
    assert!(prompt.tools_for(world.case(1)).unwrap().is_empty());
    let wrong = prompt.tools_for(world.case(2)).unwrap_err();
    assert!(wrong.title.contains("unknown field `nme`"), "{wrong:?}");
    let said = world.said(&prompt, 0);
    assert_eq!(said[0]["state"], json!({"gemini": {"parts": []}}));
    assert_eq!(world.said(&prompt, 1).as_array().unwrap().len(), 1);
    let wrong = prompt.render(world.case(2), &world.files()).unwrap_err();
    assert_snapshot!(wrong.draw(false), @r"
    error: unknown field `contents` in `history[0]`
     --> p.yaml:1:19
      |
    1 | messages: [{from: history}, {user: go}]
      |                   ^^^^^^^
      |
      = help: did you mean `content`?
      = help: for the case `c` in line 3
    ");
}

#[test]
fn a_schema_may_bring_its_name() {
    let prompt = b"messages: [{user: x}]\noutput_schema: s.json\n";
    let schema = br#"{"name": "answer", "strict": false, "schema": {"type": "object"}}"#;
    let world = world(
        &[
            ("d.csv", b"a\n1\n"),
            ("in/p.yaml", prompt),
            ("in/s.json", schema),
        ],
        "d.csv",
    );
    let schema = world.prompt("in/p.yaml").params.response_schema.unwrap();
    assert_eq!(
        (schema.name.as_str(), schema.strict),
        ("answer", Some(false))
    );
    assert_eq!(schema.schema, json!({"type": "object"}));
}

#[test]
fn the_model_answers_in_between() {
    let prompt = br#"messages:
  - user: Weather in {{city}}?
  - reply
  - user: And tomorrow?
tools: [{name: weather, parameters: {type: object}}]
tool_results: {weather: "{{report}}"}
max_turns: 4
"#;
    let world = world(
        &[("d.csv", b"city,report\nOslo,rain\n"), ("p.yaml", prompt)],
        "d.csv",
    );
    let prompt = world.prompt("p.yaml");
    assert_eq!(prompt.columns(), ["city", "report"]);
    let talk = prompt.conversation(world.case(0), &world.files()).unwrap();
    assert_eq!((talk.least(), talk.most()), (2, 4));
    let Next::Ask(first) = talk.next(&[]) else {
        panic!()
    };
    assert_eq!(first.len(), 1);
    assert_eq!(
        (first[0].role, &first[0].parts[0]),
        (
            Role::User,
            &Part::Text {
                text: "Weather in Oslo?".into()
            }
        )
    );
}
