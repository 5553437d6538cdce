use super::*;
use crate::project::Catalog;
use crate::source::{Document, Source};
use insta::assert_snapshot;
use serde_json::json;
use std::fs;
use std::sync::Arc;

/// A project with these files.
pub(super) struct Files(tempfile::TempDir);

impl Files {
    pub(super) fn new<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Files {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Files(folder)
    }

    pub(super) fn read(&self, spec: &str) -> Result<Dataset, Vec<Problem>> {
        let source = Arc::new(Source::new("bakeoff.yaml", format!("dataset: {spec}\n")));
        let doc = Document::parse(source).unwrap();
        Dataset::read(
            &doc.block("/dataset").unwrap(),
            &Catalog::new(self.0.path(), false),
        )
    }

    pub(super) fn good(&self, spec: &str) -> Dataset {
        self.read(spec)
            .unwrap_or_else(|problems| panic!("{}", drawn(&problems)))
    }

    pub(super) fn said(&self, spec: &str) -> String {
        let problems = self.read(spec).expect_err("has problems");
        let line = |problem: &Problem| {
            let place = problem.at.as_ref().map_or(String::new(), |at| {
                let (line, column) = at.source.line_column(at.span.start);
                let label = if at.label.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", at.label)
                };
                format!("{}:{line}:{column}{label} ", at.source.name)
            });
            format!("{place}{} | {}", problem.title, problem.help.join(" / "))
        };
        problems.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn drawn(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| problem.draw(false) + "\n")
        .collect()
}

pub(super) fn ids(dataset: &Dataset) -> Vec<&str> {
    dataset.cases.iter().map(|case| case.id.as_str()).collect()
}

#[test]
fn the_same_cases_from_every_text_format() {
    let files = Files::new(&[
        (
            "d.csv",
            "id,text,target\n007,\"a, \"\"b\"\"\nc\",x\n1e3,no,\n",
        ),
        (
            "d.tsv",
            "id\ttext\ttarget\n007\t\"a, \"\"b\"\"\nc\"\tx\n1e3\tno\t\n",
        ),
        (
            "d.jsonl",
            "\u{feff}{\"id\":\"007\",\"text\":\"a, \\\"b\\\"\\nc\",\"target\":\"x\"}\r\n\r\n{\"id\":\"1e3\",\"text\":\"no\",\"target\":\"\"}",
        ),
        (
            "d.json",
            "[{\"id\":\"007\",\"text\":\"a, \\\"b\\\"\\nc\",\"target\":\"x\"},\n{\"id\":\"1e3\",\"text\":\"no\",\"target\":\"\"}]",
        ),
        (
            "d.yaml",
            "- id: 007\n  text: |-\n    a, \"b\"\n    c\n  target: x\n- {id: 1e3, text: no, target: ''}\n",
        ),
    ]);
    let csv = files.good("d.csv");
    assert_eq!(csv.columns, ["id", "text", "target"]);
    assert_eq!(ids(&csv), ["007", "1e3"]);
    assert_eq!(csv.cases[0].vars["text"], "a, \"b\"\nc");
    assert_eq!(csv.cases[0].target, Some(json!("x")));
    assert_eq!(csv.cases[1].target, None);
    let lines: Vec<usize> = csv.cases.iter().map(|case| case.line).collect();
    assert_eq!(lines, [2, 4]);
    for (path, lines) in [
        ("d.tsv", [2, 4]),
        ("d.jsonl", [1, 3]),
        ("d.json", [1, 2]),
        ("d.yaml", [1, 6]),
    ] {
        let other = files.good(path);
        assert_eq!(other.hash, csv.hash, "{path}");
        let found: Vec<usize> = other.cases.iter().map(|case| case.line).collect();
        assert_eq!(found, lines, "{path}");
    }
}

#[test]
fn typed_formats_keep_types_and_text_formats_keep_text() {
    let files = Files::new(&[
        ("d.csv", "a,target\n5,\"{\"\"x\"\": 1}\"\n"),
        (
            "d.jsonl",
            "{\"a\":5,\"target\":{\"x\":1},\"l\":[1.5,null]}\n{\"a\":6}\n",
        ),
        (
            "d.yaml",
            "- {a: 5, b: 007, c: 1.50, d: true, target: {x: 1}}\n",
        ),
    ]);
    let case = &files.good("d.csv").cases[0];
    assert_eq!(
        (&case.vars["a"], &case.target),
        (&json!("5"), &Some(json!("{\"x\": 1}")))
    );
    let dataset = files.good("d.jsonl");
    assert_eq!(dataset.columns, ["a", "target", "l"]);
    assert_eq!(dataset.cases[0].target, Some(json!({"x": 1})));
    assert_eq!(dataset.cases[0].vars["l"], json!([1.5, null]));
    let vars = Value::Object(files.good("d.yaml").cases[0].vars.clone());
    assert_eq!(
        vars,
        json!({"a": 5, "b": "007", "c": "1.50", "d": true, "target": {"x": 1}})
    );
}

#[test]
fn columns_play_their_parts() {
    let text = "ticket,label,lang,tags,who,qty\nT1,bug,de,\"a; b\",anna,1\nT2,ask,en,,ben,2\n";
    let files = Files::new(&[("d.csv", text)]);
    let spec = "{path: d.csv, id: ticket, target: label, group: who, tags: [lang, tags], columns: {n: qty}}";
    let dataset = files.good(spec);
    let case = &dataset.cases[0];
    assert_eq!(
        (case.id.as_str(), case.group.as_deref()),
        ("T1", Some("anna"))
    );
    assert_eq!(case.tags, ["lang=de", "a", "b"]);
    assert_eq!(
        dataset.columns,
        ["ticket", "label", "lang", "tags", "who", "n"]
    );
    assert_eq!(case.vars["n"], "1");
    let spec = "{path: d.csv, id: ticket, target: '{{label}}/{{lang}}'}";
    assert_eq!(files.good(spec).cases[1].target, Some(json!("ask/en")));
}

#[test]
fn ids_come_from_content_where_there_are_none() {
    let files = Files::new(&[
        ("a.csv", "x,y\n1,2\n3,4\n"),
        ("b.csv", "y,x\n4,3\n2,1\n"),
        ("c.csv", "x,y\n1,2\n3,5\n"),
    ]);
    let (a, b, c) = (
        files.good("a.csv"),
        files.good("b.csv"),
        files.good("c.csv"),
    );
    assert_eq!(ids(&a)[0], ids(&b)[1]);
    assert_eq!(ids(&a)[0], ids(&c)[0]);
    assert_ne!(ids(&a)[1], ids(&c)[1]);
    assert_eq!(ids(&a)[0].len(), 16);
    assert_ne!(a.hash, c.hash);
}

#[test]
fn bad_lines_are_all_named() {
    let files = Files::new(&[
        ("ragged.csv", "id,text\n1,a\n2\n3,c,d\n1,e\n,f\n".as_bytes()),
        ("same.csv", b"text\na\nb\na\n"),
        ("latin.csv", b"id,text\n1,ok\n2,tw\xf6\n"),
        ("head.csv", b"id,,text,id\n1,2,3,4\n"),
        (
            "bad.jsonl",
            b"{\"a\": 1}\n{\"a\": }\n[1]\n{\"a\": \"\xf6\"}\n{\"a\": 2}\n{\"a\": 1}\n",
        ),
        ("bad.json", b"[{\"a\": 1},\n 5,\n {\"a\": 2}]"),
        ("map.yaml", b"a: 1\n"),
        ("empty.csv", b""),
        ("header.csv", b"a,b\n"),
        ("d.xyz", b"a"),
    ]);
    assert_snapshot!(files.said("ragged.csv"), @r"
    ragged.csv:3:1 a row of 1 fields under a header of 2 | 
    ragged.csv:4:1 a row of 3 fields under a header of 2 | 
    ragged.csv:5:1 (the first is in line 2) two rows have the id `1` | 
    ragged.csv:6:1 no id in column `id` |
    ");
    assert_snapshot!(files.said("same.csv"), @r"same.csv:4:1 (the first is in line 2) two rows are the same |");
    assert_snapshot!(files.said("latin.csv"), @r"latin.csv:3:5 this is not UTF-8 | save the file as UTF-8");
    assert_snapshot!(files.said("head.csv"), @r"
    head.csv:1:1 column 2 has no name | 
    head.csv:1:1 two columns are named `id` |
    ");
    assert_snapshot!(files.said("bad.jsonl"), @r#"
    bad.jsonl:2:7 (this is no JSON value) invalid JSON | 
    bad.jsonl:3:1 a line is an object, not a list | write `{"column": value, …}`
    bad.jsonl:4:8 this line is not UTF-8 | save the file as UTF-8
    bad.jsonl:6:1 (the first is in line 1) two rows are the same |
    "#);
    assert_snapshot!(files.said("bad.json"), @r"bad.json:2:1 (expected a map) a row is a map, not a number |");
    assert_snapshot!(files.said("map.yaml"), @r"map.yaml:1:1 (expected a list) a dataset is a list of maps, not a map |");
    assert_snapshot!(files.said("empty.csv"), @r"bakeoff.yaml:1:10 `empty.csv` has no rows |");
    assert_snapshot!(files.said("header.csv"), @r"bakeoff.yaml:1:10 `header.csv` has no rows |");
    assert_snapshot!(files.said("d.xyz"), @r"bakeoff.yaml:1:10 `d.xyz`: no known format | say `format: csv`, or name it .csv, .tsv, .jsonl, .json, .yaml or .parquet");
    assert_snapshot!(files.said("ragged.cvs"), @r"bakeoff.yaml:1:10 there is no file `ragged.cvs` | did you mean `ragged.csv`?");
}

#[test]
fn wrong_columns_point_into_the_suite() {
    let files = Files::new(&[("d.csv", "ticket,label\n1,a\n")]);
    let spec = "{path: d.csv, id: tiket, target: lable, group: who, tags: [lang], sample: {n: 1}}";
    assert_snapshot!(files.said(spec), @r"
    bakeoff.yaml:1:28 the dataset has no column `tiket` | did you mean `ticket`? / columns: ticket, label
    bakeoff.yaml:1:43 the dataset has no column `lable` | did you mean `label`? / columns: ticket, label
    bakeoff.yaml:1:57 the dataset has no column `who` | columns: ticket, label
    bakeoff.yaml:1:69 the dataset has no column `lang` | columns: ticket, label
    ");
    assert_snapshot!(files.said("{path: d.csv, columns: {x: y}}"), @r"bakeoff.yaml:1:37 the dataset has no column `y` | columns: ticket, label");
    assert_snapshot!(files.said("{path: d.csv, target: '{{labl}}'}"), @r"bakeoff.yaml:1:35 (no such column) unknown variable `labl` | did you mean `label`? / known here: ticket, label");
    assert_snapshot!(files.said("{path: d.csv, target: '{{#if}}'}"), @r"bakeoff.yaml:1:33 `{{#if …}}` is not closed | write `{{/if}}` where it ends");
    assert_snapshot!(files.said("{pth: d.csv}"), @r"bakeoff.yaml:1:11 (not a known key) unknown key `pth` in `dataset` | did you mean `path`?");
}

#[test]
fn many_bad_lines_are_counted_not_listed() {
    let rows: String = (0..1_000).map(|n| format!("{n},x,y\n")).collect();
    let files = Files::new(&[("d.csv", format!("a,b\n{rows}"))]);
    let problems = files.read("d.csv").unwrap_err();
    assert_eq!(problems.len(), 51);
    assert!(problems[50].title.starts_with("950 more lines"));
    assert!(problems[49].draw(false).contains("d.csv:51:1"));
}

#[test]
fn a_row_without_an_end_is_refused() {
    let long = format!("a,b\n1,\"{}", "x,\n".repeat(8 << 20));
    let line = format!("{{\"a\": \"{}\"}}\n", "x".repeat(17 << 20));
    let files = Files::new(&[("d.csv", long), ("d.jsonl", line)]);
    assert!(files.said("d.csv").contains("not within 4 MiB"));
    assert!(files.said("d.jsonl").contains("longer than 4 MiB"));
}

#[test]
fn a_folder_with_about() {
    let about = "columns: {id: ticket, target: label, tags: lang}\nsource: made up\nlicence: CC0\n";
    let data = "{\"ticket\":\"T1\",\"label\":\"bug\",\"lang\":\"de\"}\n";
    let files = Files::new(&[
        ("datasets/t/about.yaml", about),
        ("datasets/t/data.jsonl", data),
        ("datasets/bad/about.yaml", "colums: {}\n"),
        ("datasets/bad/data.csv", "a\n1\n"),
        ("datasets/none/x.txt", ""),
    ]);
    let dataset = files.good("datasets/t");
    assert_eq!(
        (dataset.name.as_str(), ids(&dataset)[0]),
        ("datasets/t", "T1")
    );
    assert_eq!(dataset.cases[0].tags, ["lang=de"]);
    let over = files.good("{path: datasets/t/, target: lang}");
    assert_eq!(over.cases[0].target, Some(json!("de")));
    assert_snapshot!(files.said("datasets/bad"), @r"datasets/bad/about.yaml:1:1 (not a known key) unknown key `colums` | did you mean `columns`?");
    assert_snapshot!(files.said("datasets/none"), @r"bakeoff.yaml:1:10 the folder `datasets/none` holds no dataset | put a data.csv or a data.jsonl into it");
}

mod exact;

mod any_input {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "([\",\n\r\t{}:\\[\\]a1é \\\\-]|id){0,60}") {
            for ending in ["csv", "tsv", "jsonl", "json", "yaml"] {
                let (a, b) = (format!("a.{ending}"), format!("b.{ending}"));
                let files = Files::new(&[(a.as_str(), bytes.as_slice()), (b.as_str(), text.as_bytes())]);
                for name in [a, b] {
                    if let Err(problems) = files.read(&name) {
                        drawn(&problems);
                    }
                }
            }
        }
    }
}

/// Run with `cargo test --release --lib dataset::tests::speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, for release builds"]
fn speed() {
    let csv: String = (0..200_000)
        .map(|n| {
            format!(
                "{n},the text of ticket number {n} is here,en,customer {},bug\n",
                n % 1000
            )
        })
        .collect();
    let jsonl: String = (0..200_000)
        .map(|n| format!("{{\"id\":\"{n}\",\"text\":\"the text of ticket number {n} is here\",\"lang\":\"en\",\"group\":\"customer {}\",\"target\":\"bug\"}}\n", n % 1000))
        .collect();
    let header = "id,text,lang,group,target\n";
    let no_id = format!("num,{}\n{csv}", &header[3..].trim());
    let files = Files::new(&[
        ("d.csv", format!("{header}{csv}")),
        ("n.csv", no_id),
        ("d.jsonl", jsonl),
    ]);
    for name in ["d.csv", "n.csv", "d.jsonl"] {
        let started = std::time::Instant::now();
        let dataset = files.good(name);
        println!(
            "{name}: {} cases in {:?}",
            dataset.cases.len(),
            started.elapsed()
        );
    }
}
