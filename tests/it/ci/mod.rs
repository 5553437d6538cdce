//! What a CI service gets: files, commands, exit codes; and that nothing said by a model is obeyed.

mod action;
mod hostile;
mod keys;
mod logs;
mod readers;
mod shards;

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Request, Server, chat};
use std::collections::BTreeMap;

/// The files that GitHub's runner gives a step.
pub struct Step {
    folder: tempfile::TempDir,
}

impl Step {
    pub fn new() -> Step {
        Step {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn run(&self, project: &Project, args: &[&str]) -> Said {
        let file = |name: &str| self.folder.path().join(name);
        let mut command = project.command(args);
        command
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", project.path().parent().unwrap())
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("GITHUB_OUTPUT", file("output"));
        command.output().unwrap().into()
    }

    pub fn summary(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("summary")).unwrap_or_default()
    }

    pub fn outputs(&self) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    }
}

/// Wrong about every third case.
fn often_right() -> Server {
    Server::start(|request: &Request| {
        let right = right(request);
        let number: usize = right.parse().unwrap_or(0);
        let text = if number.is_multiple_of(3) {
            "no".into()
        } else {
            right
        };
        chat(request.model(), &text)
    })
}

#[test]
fn a_step_gets_a_summary_outputs_and_the_worst_ten_beside_their_lines() {
    let server = often_right();
    let project = Project::arithmetic(&server.base_url(), &["m"], 60, "");
    let folder = project.path().file_name().unwrap().to_str().unwrap();
    let step = Step::new();
    let said = step.run(&project, &["run", "--format", "github"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    let place = format!("::warning file={folder}/data.csv,line=");
    let commands: Vec<&&str> = lines
        .iter()
        .take_while(|it| it.starts_with(&place))
        .collect();
    assert_eq!(commands.len(), 10, "{}", said.out);
    for command in commands {
        // q002 is in line 4: a line of heads comes first.
        let number = |at: &str, end: char| -> usize {
            let rest = command.split_once(at).unwrap().1;
            rest.split(end).next().unwrap().parse().unwrap()
        };
        assert_eq!(number("line=", ','), number("case q", ':') + 2, "{command}");
    }
    let token = lines[10].strip_prefix("::stop-commands::").unwrap();
    assert_eq!(*lines.last().unwrap(), format!("::{token}::"));
    assert!(step.summary().contains("| m |") || step.summary().contains("| **m** |"));
    let outputs = step.outputs();
    assert_eq!(outputs["verdict"], "complete");
    assert!(outputs["cost"].parse::<f64>().unwrap() > 0.0);
    assert!(outputs["report"].ends_with("bakeoff-report"));
    assert!(
        project
            .read("bakeoff-report/summary.md")
            .starts_with("<!-- bakeoff run: arithmetic -->\n")
    );

    // Being there adds, and changes nothing of what is found.
    let inside = step.run(&project, &["run", "--format", "json"]);
    let outside = project.run(&["run", "--format", "json"]);
    let named = |said: &Said| {
        said.out
            .replace(said.json()["run"].as_str().unwrap(), "RUN")
    };
    assert_eq!(
        (inside.code, named(&inside)),
        (outside.code, named(&outside))
    );
}

#[test]
fn a_full_summary_is_not_overrun() {
    let server = often_right();
    let project = Project::arithmetic(&server.base_url(), &["m"], 30, "");
    let step = Step::new();
    std::fs::write(step.folder.path().join("summary"), "x".repeat(898_950)).unwrap();
    assert_eq!(step.run(&project, &["run", "-q"]).code, 0);
    let summary = step.summary();
    assert!(
        summary.len() > 898_950 && summary.len() <= 900_000,
        "{}",
        summary.len()
    );
    assert!(summary.contains("full report"), "{}", &summary[898_950..]);
    assert_eq!(step.run(&project, &["run", "-q"]).code, 0);
    assert!(step.summary().len() <= 900_000);
}

#[test]
fn a_gate_tells_its_verdict_and_shows_what_was_lost() {
    let wrong = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(40));
    let server = crate::gate::worse_when_asked_nicely(wrong);
    let project = crate::gate::project(&server, 100);
    assert_eq!(project.run(&["run", "-q"]).code, 0);
    assert_eq!(project.run(&["baseline", "set", "-q"]).code, 0);
    crate::gate::ask_nicely(&project);
    assert_eq!(project.run(&["run", "-q"]).code, 0);
    let step = Step::new();
    let said = step.run(&project, &["gate", "--format", "github", "--out", "out"]);
    assert_eq!(said.code, 4, "{}", said.err);
    let commands: Vec<&str> = said.out.lines().take(10).collect();
    assert!(
        commands[0].starts_with("::warning title=exact"),
        "{}",
        said.out
    );
    assert!(
        commands[1]
            .contains("data.csv,line=2,title=case q000::exact of m: 1 in the baseline, 0 now")
    );
    assert!(commands.iter().all(|line| line.starts_with("::warning ")));
    assert_eq!(step.outputs()["verdict"], "undecided");
    assert!(step.outputs()["report"].ends_with("out"));
    assert!(step.summary().contains("Cases that moved"));
    assert!(
        project
            .read("out/gate.md")
            .starts_with("<!-- bakeoff gate: arithmetic -->\n### ")
    );
    let quality = project.run(&["gate", "--format", "codequality"]).json();
    assert_eq!(quality.as_array().unwrap().len(), 41);
    assert_eq!(quality[1]["location"]["lines"]["begin"], 2);
}

#[test]
fn a_port_and_a_comparison_are_told_too() {
    let server = Server::start(|request| {
        let text = match request.model() {
            "b" => "no".to_owned(),
            _ => right(request),
        };
        chat(request.model(), &text)
    });
    let project = Project::arithmetic(&server.base_url(), &["a", "b"], 60, "");
    let step = Step::new();
    let port = [
        "port", "--from", "a", "--to", "b", "--format", "github", "--out", "out",
    ];
    let said = step.run(&project, &port);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.out.starts_with("::error title=a → b::"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("data.csv,line=2,title=case q000::"),
        "{}",
        said.out
    );
    assert_eq!(step.outputs()["verdict"], "not_portable");
    let junit = project.read("out/port.xml");
    let junit = quick_junit::Report::deserialize_from_str(&junit).unwrap();
    assert!(junit.failures >= 1, "{junit:?}");
    assert!(
        project
            .read("out/port.md")
            .starts_with("<!-- bakeoff port: arithmetic -->\n")
    );
    assert_eq!(project.run(&["run", "-q"]).code, 0);
    let said = step.run(&project, &["compare", "b", "a", "--format", "github"]);
    assert!(
        said.out.starts_with("::warning title=b − a::"),
        "{}",
        said.out
    );
    let said = project.run(&["compare", "b", "a", "--format", "junit"]);
    let junit = quick_junit::Report::deserialize_from_str(&said.out).unwrap();
    assert_eq!((junit.tests, junit.failures), (1, 1));
}

#[test]
fn junit_tells_wrong_from_missing_and_names_line_and_time() {
    let server = Server::start(|request| match right(request).as_str() {
        "2" => chat(request.model(), "no"),
        "3" => crate::server::error(400, "not today"),
        right => chat(request.model(), right),
    });
    let more = "limits: {max_failed: 0.5}\n";
    let project = Project::arithmetic(&server.base_url(), &["m", "n"], 4, more);
    let said = project.run(&["run", "--format", "junit"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out, project.read("bakeoff-report/junit.xml"));
    let junit = quick_junit::Report::deserialize_from_str(&said.out).unwrap();
    assert_eq!((junit.tests, junit.failures, junit.errors), (8, 2, 2));
    assert_eq!(junit.test_suites.len(), 2);
    let test = &junit.test_suites[0].test_cases[1];
    assert_eq!(
        (
            test.name.as_str(),
            test.classname.as_ref().unwrap().as_str()
        ),
        ("q001", "m")
    );
    assert!(test.time.unwrap().as_secs_f64() > 0.0);
    let extra = |name: &str| test.extra.get(name).map(|it| it.as_str().to_owned());
    assert!(extra("file").unwrap().ends_with("data.csv"));
    assert_eq!(extra("line").as_deref(), Some("3"));
    let is = |name: &str, value: &str| {
        let mut all = test.properties.iter();
        all.any(|it| it.name.as_str() == name && it.value.as_str() == value)
    };
    assert!(
        is("exact", "0") && is("target", "2"),
        "{:?}",
        test.properties
    );
}

#[test]
fn gitlab_gets_its_files_and_an_unknown_format_is_told() {
    let server = often_right();
    let project = Project::arithmetic(&server.base_url(), &["m"], 6, "");
    let mut command = project.command(&["run", "-q"]);
    let said: Said = command.env("GITLAB_CI", "true").output().unwrap().into();
    assert_eq!(said.code, 0, "{}", said.err);
    let quality: serde_json::Value =
        serde_json::from_str(&project.read("bakeoff-report/codequality.json")).unwrap();
    assert_eq!(quality.as_array().unwrap().len(), 2);
    assert_eq!(quality[0]["location"]["path"], "data.csv");
    assert!(project.path().join("bakeoff-report/junit.xml").is_file());
    for command in ["run", "report", "gate", "port --from m --to m"] {
        let words = command.split(' ').chain(["--format", "junitt"]);
        let said = project.run(&words.collect::<Vec<_>>());
        assert_eq!(said.code, 2);
        assert!(said.err.contains("did you mean \"junit\""), "{}", said.err);
    }
}

#[test]
fn without_its_key_a_run_is_wrong_and_not_undecided() {
    let project = Project::arithmetic("http://127.0.0.1:9/v1", &[], 4, "");
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("models:\n", "models: [openai/gpt-4o]\n"),
    );
    let step = Step::new();
    let said = step.run(&project, &["run"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("OPENAI_API_KEY is not set"),
        "{}",
        said.err
    );
    assert_eq!(step.run(&project, &["check"]).code, 0, "a fork may check");
}
