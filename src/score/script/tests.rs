use super::super::testing::{self, Project, case, graded, reply};
use super::super::{Named, Nobody};
use super::*;
use crate::prompt::ToolCall;
use std::path::Path;
use std::sync::LazyLock;

/// A project with this text in `it.sh`.
fn project(script: &str) -> Project {
    Project::new(&[("it.sh", script)])
}

fn built(project: &Project, params: &str) -> Result<Vec<Named>, Vec<Problem>> {
    static AROUND: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            ("MINE", "yes"),
            ("OTHER", "no"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    });
    project.build_allowing(&format!("- script: {params}"), &AROUND)
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}

/// Scores these outputs one after the other.
fn scores(script: &str, params: &str, outputs: &[&str]) -> Vec<Result<Score, String>> {
    let project = project(script);
    let named =
        built(&project, params).unwrap_or_else(|problems| panic!("{}", testing::told(&problems)));
    runtime().block_on(async {
        let mut all = Vec::new();
        for output in outputs {
            let (case, reply) = (case(Some(json!("t"))), reply(output));
            let score = named[0].score(graded(&case, &reply), &Nobody).await;
            all.push(score.map_err(|unscored| unscored.0));
        }
        all
    })
}

fn unscored(script: &str, params: &str) -> String {
    scores(script, params, &["x"]).remove(0).unwrap_err()
}

const SH: &str = "[sh, it.sh]";

#[test]
fn a_line_in_a_line_out_and_the_program_stays() {
    let script = "n=0; while read -r line; do n=$((n+1)); echo \"{\\\"value\\\": 0.$n, \\\"why\\\": \\\"$$ $n\\\"}\"; done";
    let all = scores(
        script,
        "{command: [sh, it.sh], workers: 1}",
        &["a", "b", "c"],
    );
    let all: Vec<Score> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!([0.1, 0.2, 0.3], [all[0].value, all[1].value, all[2].value]);
    let pid = |score: &Score| score.why.split(' ').next().unwrap().to_owned();
    assert_eq!(pid(&all[0]), pid(&all[2]));
    assert!(
        !Path::new("/proc").join(pid(&all[0])).exists(),
        "it is still there"
    );
}

#[test]
fn the_question_holds_it_all_output_first() {
    let (mut case, mut reply) = (
        case(Some(json!({"a": 1}))),
        reply("say \"hi\",\"target\":\n"),
    );
    case.vars.insert("q".into(), json!("?"));
    reply.tool_calls = vec![ToolCall {
        id: "1".into(),
        name: "f".into(),
        arguments: json!({"x": 1}),
    }];
    let line = question(&graded(&case, &reply));
    assert!(line.starts_with("{\"output\":\"say \\\"hi\\\",\\\"target\\\":\\n\",\"target\":{\"a\":1},\"vars\":{\"q\":\"?\"},\"case\":\"1\""), "{line}");
    assert_eq!(line.matches(",\"target\":").count(), 1);
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        value["reply"]["tool_calls"],
        json!([{"name": "f", "arguments": {"x": 1}}])
    );
}

#[test]
fn whatever_goes_wrong_is_unscored_with_its_reason() {
    for (script, reason) in [
        (
            "echo oops >&2; read -r line; exit 3",
            "the program ended with status 3 without an answer; stderr: oops",
        ),
        (
            "read -r line; kill -9 $$",
            "the program was killed by signal 9 without an answer",
        ),
        ("exit 0", "the program ended without an answer"),
        (
            "read -r line; echo hello",
            "the program's answer is no JSON object (expected value at line 1 column 1): hello",
        ),
        (
            "read -r line; echo '{\"value\": 7}'",
            "the program's value 7 is not from 0 to 1",
        ),
        (
            "read -r line; echo '{\"vlaue\": 1}'",
            "the program's answer is wrong: unknown field `vlaue`, expected one of `value`, `passed`, `why`, `unscored`",
        ),
        (
            "read -r line; echo '{\"why\": \"x\"}'",
            "the program's answer has no `value`",
        ),
        (
            "read -r line; echo '{\"unscored\": \"no target\"}'",
            "no target",
        ),
        (
            "read -r line; echo '[1]'",
            "the program's answer is no JSON object (invalid type: sequence, expected a map at line 1 column 0): [1]",
        ),
        (
            "read -r line; head -c 1500000 /dev/zero; sleep 9",
            "the program's answer is longer than 1048576 bytes",
        ),
        (
            "read -r line; printf '\\377\\n'; sleep 9",
            "the program's answer is no UTF-8",
        ),
    ] {
        let why = unscored(script, SH);
        assert!(why.starts_with(reason), "{script}: {why}");
    }
    assert!(unscored("", "[no-such-program]").contains("no-such-program"));
}

#[test]
fn a_crash_costs_one_score() {
    let script = "while read -r line; do case $line in *bad*) exit 1;; *slow*) sleep 9;; esac; echo '{\"passed\": true}'; done";
    let params = "{command: [sh, it.sh], workers: 1, timeout: 300ms, startup: 700ms}";
    let all = scores(script, params, &["good", "bad", "good", "slow", "good"]);
    let good: Vec<bool> = all.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, true, false, true], "{all:?}");
    assert_eq!(
        all[3].as_ref().unwrap_err(),
        "the program gave no answer in 0.3 s (does it flush what it prints?)"
    );
    assert_eq!(
        (
            all[0].as_ref().unwrap().value,
            all[0].as_ref().unwrap().passed
        ),
        (1.0, Some(true))
    );
}

#[test]
fn a_program_for_one_line_is_started_again() {
    let one = "read -r line; echo '{\"value\": 1}'";
    let all = scores(one, "{command: [sh, it.sh], workers: 1}", &["a", "b", "c"]);
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let two = r#"while read -r line; do printf '{"value": 1}\n{"value": 0}\n'; done"#;
    let all = scores(two, "{command: [sh, it.sh], workers: 1}", &["a", "b"]);
    assert!(
        all.iter().all(|score| score.as_ref().unwrap().value == 1.0),
        "an answer too many is never another's"
    );
}

#[test]
fn nothing_of_it_is_left() {
    let script = "sleep 60 & echo $! > pids; echo $$ >> pids; read -r line; sleep 60";
    let project = project(script);
    let named = built(
        &project,
        "{command: [sh, it.sh], timeout: 200ms, startup: 300ms}",
    )
    .unwrap();
    let (case, reply) = (case(None), reply("x"));
    let score = runtime().block_on(named[0].score(graded(&case, &reply), &Nobody));
    assert!(score.unwrap_err().0.contains("no answer in 0.5 s"));
    let pids = std::fs::read_to_string(project.path().join("pids")).unwrap();
    assert_eq!(pids.lines().count(), 2);
    // the background one is no child of ours: its death may take a moment, and somebody else reaps it
    let gone = |pid: &str| {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z")
    };
    let soon = async {
        while !pids.lines().all(gone) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let limit = std::time::Duration::from_secs(5);
    let all = runtime().block_on(async { tokio::time::timeout(limit, soon).await });
    assert!(all.is_ok(), "something of it is still there");
    let own = pids.lines().nth(1).unwrap();
    assert!(!Path::new("/proc").join(own).exists(), "a zombie is left");
}

#[test]
fn environment_and_memory_are_limited() {
    let script = "read -r line; echo \"{\\\"value\\\": 1, \\\"why\\\": \\\"$(env | cut -d= -f1 | sort | tr '\\n' ' ')\\\"}\"";
    let why = scores(
        script,
        "{command: [sh, it.sh], env: [MINE, ABSENT]}",
        &["x"],
    )
    .remove(0)
    .unwrap()
    .why;
    let mut names: Vec<&str> = why
        .split_whitespace()
        .filter(|name| !["_", "PWD", "OLDPWD", "SHLVL"].contains(name))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["LANG", "MINE", "PATH", "PYTHONUNBUFFERED", "PYTHONUTF8"]
    );
    let hungry =
        "read -r line; x=$(head -c 200000000 /dev/zero | tr '\\0' x) && echo '{\"value\": 1}'";
    let why = unscored(hungry, "{command: [sh, it.sh], memory: 100MB}");
    assert!(why.starts_with("the program"), "{why}");
}

#[test]
fn what_may_not_be_is_told() {
    let project = project("");
    let wrong = |built: Result<Vec<Named>, Vec<Problem>>| {
        testing::told(&built.err().expect("has problems"))
    };
    assert_eq!(
        wrong(project.build("- script: [sh, it.sh]")),
        "2:12 the suite wants to run the program \"sh\" | allow it with --allow-exec, if you trust this suite"
    );
    assert_eq!(wrong(built(&project, "[]")), "2:11 the command is empty | ");
    for name in ["OPENAI_API_KEY", "MY_TOKEN", "db_password", "SSH_AUTH_SOCK"] {
        let told = wrong(built(
            &project,
            &format!("{{command: [sh], env: [{name}]}}"),
        ));
        assert!(told.contains("looks like a key"), "{told}");
    }
    assert!(wrong(built(&project, "{command: [sh], memory: lots}")).contains("512MB"));
}

#[test]
fn the_programs_file_is_part_of_the_definition() {
    let hash = |script: &str| built(&project(script), SH).unwrap().remove(0).definition;
    assert_eq!(hash("exit 1"), hash("exit 1"));
    assert_ne!(hash("exit 1"), hash("exit 2"));
}
