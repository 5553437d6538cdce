//! The action's own steps, run as GitHub's runner runs them, with a `gh` that writes down what it is asked.

use super::Step;
use crate::project::Project;
use crate::run::right;
use crate::server::{Server, chat};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every step below `value` that has a key of this name.
fn found<'a>(value: &'a Value, key: &str, into: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get(key).map(|_| value));
            map.values().for_each(|it| found(it, key, into));
        }
        Value::Array(items) => items.iter().for_each(|it| found(it, key, into)),
        _ => {}
    }
}

/// Nothing that a stranger may choose is pasted into a script, and no workflow gives keys to a fork's code.
fn is_safe(name: &str, value: &Value) {
    let mut steps = Vec::new();
    found(value, "run", &mut steps);
    for step in steps {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "{name}: {script}");
    }
    let text = value.to_string();
    assert!(!text.contains("pull_request_target"), "{name}");
    let mut uses = Vec::new();
    found(value, "uses", &mut uses);
    for step in uses {
        let used = step["uses"].as_str().unwrap();
        assert!(used.contains('@'), "{name}: {used} has no version");
    }
}

/// What the runner fills in for `${{ … }}`.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (name, after) = after.split_once("}}").unwrap();
        out += before;
        out += known.get(name.trim()).map_or("", String::as_str);
        rest = after;
    }
    out + rest
}

struct Runner {
    step: Step,
    bin: tempfile::TempDir,
    known: BTreeMap<String, String>,
}

impl Runner {
    fn new(action: &Value) -> Runner {
        let bin = tempfile::tempdir().unwrap();
        let gh = bin.path().join("gh");
        let script = "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$GH_LOG\"\n\
            for word in \"$@\"; do case $word in body=@*) cat \"${word#body=@}\" > \"$GH_LOG.body\";; esac; done\n\
            case \"$*\" in *'--paginate'*) cat \"$GH_LOG.comments\" 2>/dev/null || true;; *repos/o/r/pulls*) echo 7;; esac\n";
        std::fs::write(&gh, script).unwrap();
        let chmod = Command::new("chmod").arg("+x").arg(&gh).status().unwrap();
        assert!(chmod.success());
        let inputs = action["inputs"].as_object().unwrap().iter();
        let mut known: BTreeMap<String, String> = inputs
            .map(|(name, input)| {
                let value = input["default"].as_str().unwrap_or_default();
                (format!("inputs.{name}"), value.to_owned())
            })
            .collect();
        known.insert("github.action_path".into(), root().display().to_string());
        known.insert("github.repository".into(), "o/r".into());
        known.insert("github.event.pull_request.number".into(), "5".into());
        Runner {
            step: Step::new(),
            bin,
            known,
        }
    }

    fn log(&self, end: &str) -> PathBuf {
        self.bin.path().join(format!("log{end}"))
    }

    fn said(&self, end: &str) -> String {
        std::fs::read_to_string(self.log(end)).unwrap_or_default()
    }

    /// Runs one step; what it puts out is known to the next.
    fn run(&mut self, step: &Value, folder: &Path) -> Output {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        let script = step["run"].as_str().unwrap();
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.bin.path().display()))
            .env("GH_LOG", self.log(""))
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", folder)
            .env("RUNNER_TEMP", self.bin.path());
        for name in ["summary", "output"] {
            let variable = match name {
                "summary" => "GITHUB_STEP_SUMMARY",
                _ => "GITHUB_OUTPUT",
            };
            command.env(variable, self.step.folder.path().join(name));
        }
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, filled(value.as_str().unwrap(), &self.known));
        }
        let output = command.output().unwrap();
        let id = step["id"].as_str().unwrap_or("none").to_owned();
        for (name, value) in self.step.outputs() {
            self.known
                .insert(format!("steps.{id}.outputs.{name}"), value);
        }
        output
    }
}

fn scripts(action: &Value) -> Vec<Value> {
    let steps = action["runs"]["steps"].as_array().unwrap();
    let with = steps.iter().filter(|step| step["run"].is_string());
    with.cloned().collect()
}

#[test]
fn the_action_runs_gates_comments_and_ends_as_the_gate_ended() {
    let action = yaml("action.yml");
    is_safe("action.yml", &action);
    let steps = scripts(&action);
    let names: Vec<&str> = steps
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "Get bakeoff",
            "Run and gate",
            "Comment",
            "End as bakeoff ended"
        ]
    );
    let server = Server::start(|request| match request.prompt().starts_with("Please") {
        true => chat(request.model(), "no"),
        false => chat(request.model(), &right(request)),
    });
    let project = crate::gate::project(&server, 60);
    let program = project.command(&[]).get_program().to_owned();
    for (nicely, code, verdict, body) in [
        (false, "0", "complete", "<!-- bakeoff run: arithmetic -->"),
        (false, "0", "pass", "<!-- bakeoff gate: arithmetic -->"),
        (true, "4", "undecided", "<!-- bakeoff gate: arithmetic -->"),
    ] {
        if nicely {
            crate::gate::ask_nicely(&project);
        }
        let mut runner = Runner::new(&action);
        let known = &mut runner.known;
        known.insert(
            "inputs.program".into(),
            program.to_str().unwrap().to_owned(),
        );
        known.insert(
            "inputs.run-args".into(),
            "--max-cost 1  --concurrency 8".into(),
        );
        // A comment of ours, and one of another bot.
        let comments = format!("11\t<!-- bakeoff other: x -->\n12\t{body}\n");
        std::fs::write(
            runner.log(".comments"),
            if nicely { comments } else { String::new() },
        )
        .unwrap();
        for step in &steps[..3] {
            let output = runner.run(step, project.path());
            assert!(output.status.success(), "{}: {output:?}", step["name"]);
        }
        let ended = runner.run(&steps[3], project.path());
        assert_eq!(ended.status.code().unwrap().to_string(), code);
        let output = |name: &str| {
            filled(
                action["outputs"][name]["value"].as_str().unwrap(),
                &runner.known,
            )
        };
        assert_eq!(
            (output("verdict").as_str(), output("status").as_str()),
            (verdict, code)
        );
        assert!(output("cost").parse::<f64>().is_ok());
        let asked = runner.said("");
        let wanted = match nicely {
            true => "api --silent -X PATCH repos/o/r/issues/comments/12 ",
            false => "api --silent -X POST repos/o/r/issues/5/comments ",
        };
        assert!(asked.contains(wanted), "{asked}");
        assert_eq!(runner.said(".body").lines().next(), Some(body));
        assert_eq!(
            project.run(&["baseline", "set", "-q"]).code,
            0,
            "from now on there is a gate"
        );
    }
}

#[test]
fn a_fork_s_file_is_text_and_goes_to_its_own_pull_request() {
    let action = yaml("comment/action.yml");
    is_safe("comment/action.yml", &action);
    let step = &scripts(&action)[0];
    let folder = tempfile::tempdir().unwrap();
    let comment = |body: &str, sha: &str| {
        std::fs::write(folder.path().join("gate.md"), body).unwrap();
        let mut runner = Runner::new(&action);
        let path = root().join("comment").display().to_string();
        let known = &mut runner.known;
        known.insert("github.action_path".into(), path);
        known.insert("inputs.body".into(), "gate.md".into());
        let event = "github.event.workflow_run";
        known.insert(
            format!("{event}.head_repository.owner.login"),
            "stranger".into(),
        );
        known.insert(
            format!("{event}.head_branch"),
            "x\"; $(touch pwned) #".into(),
        );
        known.insert(format!("{event}.head_sha"), sha.into());
        let output = runner.run(step, folder.path());
        (output, runner)
    };
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let long = format!("<!-- bakeoff gate: x -->\n@everyone {}", "x".repeat(90_000));
    let (output, runner) = comment(&long, sha);
    assert!(output.status.success(), "{output:?}");
    assert!(
        runner.said("").contains("issues/7/comments"),
        "{}",
        runner.said("")
    );
    let body = runner.said(".body");
    assert!(body.contains("&#64;everyone") && !body.contains('@'));
    assert!(body.len() < 61_000 && body.contains("fork, at 0123456789abcdef"));
    for (body, sha) in [
        ("# mine\n", sha),
        ("<!-- bakeoff gate: x -->\n", "$(touch pwned)"),
    ] {
        let (output, runner) = comment(body, sha);
        assert!(!output.status.success());
        assert!(!runner.said("").contains("issues/"), "{}", runner.said(""));
    }
    assert!(
        comment("", sha).0.status.success(),
        "nothing to say is no failure"
    );
    assert!(!folder.path().join("pwned").exists());
}

#[test]
fn every_workflow_that_is_shown_or_written_is_whole_and_keeps_keys_from_forks() {
    let project = Project::new(&[]);
    assert_eq!(project.run(&["init", "-y"]).code, 0);
    let text = project.read(".github/workflows/bakeoff.yml");
    is_safe("init", &serde_saphyr::from_str(&text).unwrap());
    let page = std::fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split_once("\n```").unwrap().0)
        .collect();
    assert!(blocks.len() >= 4, "{}", blocks.len());
    for block in &blocks {
        let value: Value =
            serde_saphyr::from_str(block).unwrap_or_else(|e| panic!("{e}:\n{block}"));
        is_safe("docs/ci.md", &value);
        let privileged = block.contains("workflow_run:");
        let mut uses = Vec::new();
        found(&value, "uses", &mut uses);
        let checkout = uses
            .iter()
            .any(|it| it["uses"].as_str().unwrap().contains("/checkout@"));
        assert!(
            !(privileged && checkout),
            "a fork's code beside a token:\n{block}"
        );
        if block.contains("on:") && block.contains("jobs:") {
            assert!(value["permissions"].is_object(), "{block}");
        }
    }
    assert!(blocks.iter().any(|block| block.contains("workflow_run:")));
}

#[test]
fn the_workflow_of_a_new_project_runs() {
    let project = Project::new(&[]);
    assert_eq!(project.run(&["init", "-y"]).code, 0);
    let workflow: Value =
        serde_saphyr::from_str(&project.read(".github/workflows/bakeoff.yml")).unwrap();
    let mut steps = Vec::new();
    found(&workflow, "run", &mut steps);
    let step = Step::new();
    let mut ran = 0;
    for script in steps.iter().filter_map(|step| step["run"].as_str()) {
        let Some(words) = script.strip_prefix("bakeoff ") else {
            continue;
        };
        if words.starts_with("gate") {
            assert_eq!(project.run(&["baseline", "set", "-q"]).code, 0);
        }
        let said = step.run(&project, &words.split(' ').collect::<Vec<_>>());
        assert_eq!(said.code, 0, "{script}: {}", said.err);
        ran += 1;
    }
    assert_eq!(ran, 3);
    assert!(step.summary().contains("bakeoff-report") || step.summary().contains("Made by"));
}
