//! JUnit and Markdown as others read them: a schema and junitparser, and GitHub's own Markdown (cmark-gfm).
//! Needs a Python with `junitparser`, `xmlschema` and `cmarkgfm` (`BAKEOFF_PYTHON`); says so where there is none.

use super::logs::{MARKDOWN, project};
use crate::server::{Request, Server, chat, error};
use crate::shared::say;
use std::path::Path;
use std::process::Command;

fn python(script: &str, args: &[&Path]) -> Option<String> {
    let named = std::env::var_os("BAKEOFF_PYTHON");
    let program = named.clone().unwrap_or("python3".into());
    let modules = "import junitparser, xmlschema, cmarkgfm";
    let there = Command::new(&program).args(["-c", modules]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(named.is_none(), "BAKEOFF_PYTHON lacks a module: {modules}");
        say(&format!(
            "not run: no Python with what {modules} needs (set BAKEOFF_PYTHON)"
        ));
        return None;
    }
    let output = Command::new(program)
        .arg("-c")
        .arg(script)
        .args(args)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{err}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn server() -> Server {
    Server::start(|request: &Request| {
        let prompt = request.prompt();
        match prompt.strip_prefix("fail ") {
            Some(rest) => error(400, rest),
            None => chat(request.model(), &prompt),
        }
    })
}

const JUNIT: &str = r#"
import sys, xmlschema
from junitparser import JUnitXml, Failure, Error, Skipped
schema = xmlschema.XMLSchema(sys.argv[1])
for path in sys.argv[2:]:
    schema.validate(path)
    xml = JUnitXml.fromfile(path)
    tests = [test for suite in xml for test in suite]
    kinds = [kind for test in tests for kind in test.result]
    count = lambda of: sum(isinstance(kind, of) for kind in kinds)
    assert (xml.tests, xml.failures, xml.errors) == (len(tests), count(Failure), count(Error)), path
    assert all(test.name and test.classname for test in tests), path
    print(len(list(xml)), len(tests), count(Failure), count(Error), sum(bool(test.time) for test in tests))
"#;

#[test]
fn a_schema_and_a_real_reader_take_every_junit_file() {
    let server = server();
    let project = project(&server, &MARKDOWN);
    assert_eq!(project.run(&["run", "-q"]).code, 0);
    assert_eq!(project.run(&["baseline", "set", "-q"]).code, 0);
    project.run(&["gate", "--out", "out"]);
    project.run(&[
        "port",
        "--from",
        "a",
        "--to",
        "b",
        "--no-control",
        "--out",
        "out",
    ]);
    let compared = project.run(&["compare", "--table", "table.csv", "--format", "junit"]);
    project.write("out/compare.xml", &compared.out);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ci/junit.xsd");
    let names = [
        "bakeoff-report/junit.xml",
        "out/gate.xml",
        "out/port.xml",
        "out/compare.xml",
    ];
    let files = names.map(|name| project.path().join(name));
    let mut args: Vec<&Path> = vec![&schema];
    args.extend(files.iter().map(std::path::PathBuf::as_path));
    let Some(told) = python(JUNIT, &args) else {
        return;
    };
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[0], "2 60 50 10 50",
        "suites, tests, wrong, missing, with a time"
    );
}

const GITHUB: &str = r##"
import sys, re, cmarkgfm
from cmarkgfm.cmark import Options
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8", newline="").read()
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    bare = re.sub(r"<(pre|code)\b.*?</\1>", "", html, flags=re.S)
    # A comment ends a word, as an element does.
    words = re.sub(r"<!--.*?-->", "\0", bare, flags=re.S)
    words = re.sub(r"&lt;|&gt;|&quot;|&amp;", " ", words)
    for what, pattern in {
        "a link": r"<a\b", "an image": r"<img\b", "a script": r"<script\b", "a box": r"<input\b",
        "a mention": r"@[A-Za-z0-9]", "a reference": r"#\d|GH-\d", "an address": r"https?://|ftp://|www\.",
    }.items():
        hit = re.search(pattern, words)
        assert not hit, (path, what, words[max(0, hit.start() - 80):hit.end() + 40])
    for tag in ["details", "table", "pre", "code"]:
        opened, closed = (len(re.findall(p % tag, html)) for p in (r"<%s\b", r"</%s>"))
        assert opened == closed, (path, tag, opened, closed)
    heads = re.findall(r"<h[1-6]", bare)
    assert heads == ["<h3"], (path, heads)
    print(bare.count("<table"), html.count("<pre"), html.count("<details"))
"##;

#[test]
fn github_s_markdown_shows_what_was_said_and_obeys_none_of_it() {
    let server = server();
    let project = project(&server, &MARKDOWN);
    let step = super::Step::new();
    assert_eq!(step.run(&project, &["run", "-q"]).code, 0);
    assert_eq!(project.run(&["baseline", "set", "-q"]).code, 0);
    let suite = project.read("bakeoff.yaml").replace("{{q}}", "x {{q}}");
    project.write("bakeoff.yaml", &suite);
    assert_eq!(project.run(&["run", "-q", "--out", "again"]).code, 0);
    project.run(&["gate", "--out", "out"]);
    project.run(&[
        "port",
        "--from",
        "a",
        "--to",
        "b",
        "--no-control",
        "--out",
        "out",
    ]);
    project.write("step.md", &step.summary());
    let names = [
        "bakeoff-report/summary.md",
        "step.md",
        "out/gate.md",
        "out/port.md",
    ];
    let files = names.map(|name| project.path().join(name));
    let args: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    let Some(told) = python(GITHUB, &args) else {
        return;
    };
    let numbers: Vec<usize> = told
        .lines()
        .flat_map(|line| {
            line.split(' ')
                .map(|it| it.parse().unwrap())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(numbers.len(), 12, "{told}");
    assert!(
        numbers[0] >= 1 && numbers[1] == 20 && numbers[2] == 10,
        "{told}"
    );
    assert!(
        numbers[5] == MARKDOWN.len(),
        "all cases are in a step's summary: {told}"
    );
}
