//! Every document for programs is what its schema says, and what an earlier version wrote still fits.
//!
//! `tests/it/outputs/NAME-VERSION.json` are documents as they were written when the version was new; they are never
//! changed. `BAKEOFF_WRITE_DOCS=1` writes those that are not there yet.

use crate::project::Project;
use crate::server::{Server, chat};
use bakeoff::cli::outputs::{OUTPUTS, Output};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A document of each kind, from the suite that ships.
fn documents() -> BTreeMap<&'static str, Value> {
    let suite = fs::read_to_string(root().join("bakeoff.yaml")).unwrap();
    let project = Project::new(&[("bakeoff.yaml", &suite)]);
    let json = |args: &[&str]| {
        let said = project.run(args);
        assert!(said.code < 2, "{args:?}: {}", said.err);
        said.json()
    };
    let mut all = BTreeMap::new();
    all.insert("summary", json(&["run", "--format", "json"]));
    for (name, args) in [
        ("compare", &["compare"][..]),
        ("select", &["select"]),
        ("power", &["plan"]),
        ("plan", &["check"]),
        ("case", &["show", "latest", "ticket-003"]),
        ("runs", &["list", "runs"]),
    ] {
        all.insert(name, json(&[args, &["--format", "json"]].concat()));
    }
    json(&[
        "run",
        "--limit",
        "12",
        "--model",
        "smollm2-135m",
        "--format",
        "json",
    ]);
    assert_eq!(project.run(&["baseline", "set"]).code, 0);
    let written = project.read("baselines/main.json");
    all.insert("baseline", serde_json::from_str(&written).unwrap());
    all.insert("gate", json(&["gate", "--format", "json"]));
    let pair = ["port", "--from", "smollm2-135m", "--to", "smollm2-135m-q2k"];
    let said = project.run(&[&pair[..], &["--format", "json"]].concat());
    all.insert("port", said.json());
    let server = Server::start(|request| chat(request.model(), "hello"));
    let at = server.base_url();
    let said = project.run(&[
        "call",
        "m",
        "--api",
        "openai-chat",
        "--base-url",
        &at,
        "--prompt",
        "hi",
    ]);
    all.insert("reply", said.json());
    all
}

fn faults(output: &Output, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&output.schema()).unwrap();
    let errors = validator.iter_errors(document);
    let told = errors.map(|error| format!("{}: {}: {error}", output.name, error.instance_path()));
    told.take(5).collect()
}

/// Fields that a document has and its schema does not know, at the top.
fn strangers(output: &Output, document: &Value) -> Vec<String> {
    let schema = output.schema();
    let known = |field: &String| schema["properties"].get(field).is_some();
    let fields = document
        .as_object()
        .into_iter()
        .flatten()
        .map(|(field, _)| field);
    let unknown = fields.filter(|field| !known(field));
    unknown
        .map(|field| format!("{}: {field} is not in the schema", output.name))
        .collect()
}

fn kept(output: &Output) -> PathBuf {
    let name = format!("{}-{}.json", output.name, output.version);
    root().join("tests/it/outputs").join(name)
}

#[test]
fn documents_are_what_their_schemas_say() {
    let documents = documents();
    let mut wrong = Vec::new();
    for output in OUTPUTS {
        let Some(document) = documents.get(output.name) else {
            // a calibration needs a judge and people: the kept one stands for it
            assert_eq!(output.name, "calibration");
            continue;
        };
        wrong.extend(faults(output, document));
        wrong.extend(strangers(output, document));
        let path = kept(output);
        if std::env::var_os("BAKEOFF_WRITE_DOCS").is_some() && !path.exists() {
            fs::write(&path, format!("{document:#}\n")).unwrap();
        }
    }
    println!("{} kinds of documents", documents.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn documents_of_earlier_versions_are_still_read() {
    let folder = root().join("tests/it/outputs");
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let (output, document) = read(&path);
        count += 1;
        wrong.extend(faults(output, &document));
        wrong.extend(strangers(output, &document));
    }
    println!("{count} documents of earlier versions");
    assert!(count >= OUTPUTS.len() - 1);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn read(path: &Path) -> (&'static Output, Value) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let (name, version) = name.rsplit_once('-').unwrap();
    let output = OUTPUTS.iter().find(|output| output.name == name).unwrap();
    assert_eq!(
        output.version.to_string(),
        version,
        "{name}: add a reader for the old version"
    );
    let text = fs::read_to_string(path).unwrap();
    (output, serde_json::from_str(&text).unwrap())
}

#[test]
fn a_gate_reads_the_first_baseline() {
    let suite = fs::read_to_string(root().join("bakeoff.yaml")).unwrap();
    let baseline = fs::read_to_string(root().join("tests/it/outputs/baseline-1.json")).unwrap();
    let project = Project::new(&[("bakeoff.yaml", &suite), ("baselines/main.json", &baseline)]);
    let few = ["run", "--limit", "12", "--model", "smollm2-135m"];
    assert_eq!(project.run(&few).code, 0);
    let said = project.run(&["gate", "--format", "json"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(said.json()["verdict"], "pass");
}
