//! What is said of mistakes in the suite, the data, the prompts and the flags: every message is to be good enough
//! to put the mistake right without the documentation.

use crate::project::Project;
use serde::Deserialize;

/// A suite that is right.
const SUITE: &str = r#"name: triage
dataset: {path: data.csv, id: id, target: label, tags: [lang]}
prompts:
  - prompts/ask.yaml
models:
  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
params: {temperature: 0, max_tokens: 16}
scorers:
  - {name: label, label: {of: [bug, billing]}}
primary: label
"#;
/// A prompt that is right.
const PROMPT: &str = r#"messages:
  - system: Sort tickets.
  - user: "{{text}}"
"#;
/// Cases that are right.
const DATA: &str = r#"id,text,lang,label
t1,it broke,en,bug
t2,paid twice,en,billing
t3,kaputt,de,bug
"#;

/// A mistake: what is written instead of what (in a file that is right; a new file where there is nothing to be
/// replaced), and the command that finds it.
#[derive(Deserialize)]
struct Mistake {
    name: String,
    changes: Vec<(String, String, String)>,
    command: String,
}

/// What the program says of each mistake.
fn said(mistakes: &str) -> String {
    let mut out = String::new();
    for line in mistakes.lines() {
        let Mistake {
            name,
            changes,
            command,
        } = serde_json::from_str(line).unwrap();
        let project = Project::new(&[
            ("bakeoff.yaml", SUITE),
            ("prompts/ask.yaml", PROMPT),
            ("data.csv", DATA),
        ]);
        for (file, from, to) in &changes {
            let path = project.path().join(file);
            let text = match path.exists() {
                false => to.clone(),
                true if from.is_empty() => project.read(file) + to,
                true => {
                    let text = project.read(file);
                    assert!(
                        text.contains(from.as_str()),
                        "{name}: {from:?} is not in {file}"
                    );
                    text.replacen(from, to, 1)
                }
            };
            project.write(file, &text);
        }
        let words: Vec<&str> = command.split(' ').collect();
        let said = project.run(&words);
        let folder = project.path().display().to_string();
        let real = project.path().canonicalize().unwrap().display().to_string();
        let err = said
            .err
            .replace(&real, "[project]")
            .replace(&folder, "[project]");
        // Said of every project with so few cases.
        let few = "warning: 3 cases are few: differences below about 63 points cannot be seen\n |\n = help: 50 to 200 cases are usual; `repeats:` helps only against the model's own noise\n";
        let err = err.replace(few, "");
        assert!(!err.contains("panicked"), "{name}: {err}");
        assert!(!err.is_empty(), "nothing is said of {name}");
        out += &format!("── {name}: bakeoff {command} → {}\n{err}\n", said.code);
    }
    out
}

#[test]
fn no_mistake_stands_in_what_is_changed() {
    let project = Project::new(&[
        ("bakeoff.yaml", SUITE),
        ("prompts/ask.yaml", PROMPT),
        ("data.csv", DATA),
    ]);
    assert_eq!(project.run(&["check"]).code, 0);
}

#[test]
fn mistakes_in_prompts_are_told_so_that_they_can_be_put_right() {
    insta::assert_snapshot!("prompts", said(include_str!("mistakes/prompts.jsonl")));
}

#[test]
fn mistakes_in_data_are_told_so_that_they_can_be_put_right() {
    insta::assert_snapshot!("data", said(include_str!("mistakes/data.jsonl")));
}

#[test]
fn mistakes_in_flags_are_told_so_that_they_can_be_put_right() {
    insta::assert_snapshot!("flags", said(include_str!("mistakes/flags.jsonl")));
}

#[test]
fn mistakes_in_suite_are_told_so_that_they_can_be_put_right() {
    insta::assert_snapshot!("suite", said(include_str!("mistakes/suite.jsonl")));
}
