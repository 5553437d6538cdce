//! The shards of a run, each in a store of its own, and the run that they are parts of.

use super::often_right;
use crate::project::Project;
use serde_json::Value;

/// A project with replies on file, so that every run of it says the same.
fn recorded(cases: usize, more: &str) -> Project {
    let server = often_right();
    let project = Project::arithmetic(&server.base_url(), &["a", "b"], cases, more);
    let said = project.run(&[
        "run",
        "-q",
        "--record",
        "replies.jsonl",
        "--store",
        "first.db",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    project
}

fn shard(project: &Project, part: &str, store: &str, more: &[&str]) {
    let args = ["run", "-q", "--replay", "replies.jsonl", "--offline"];
    let args = [&args[..], &["--shard", part, "--store", store], more].concat();
    let said = project.run(&args);
    assert_eq!(said.code, 0, "{}", said.err);
}

/// The summary without what names the run.
fn summary(project: &Project, folder: &str) -> Value {
    let mut summary: Value =
        serde_json::from_str(&project.read(&format!("{folder}/summary.json"))).unwrap();
    summary["run"] = Value::Null;
    summary
}

#[test]
fn merged_shards_are_the_run_that_was_not_sharded() {
    for cases in [20, 21, 22] {
        let project = recorded(cases, "repeats: 2\n");
        let whole = ["run", "-q", "--replay", "replies.jsonl", "--offline"];
        let args = [&whole[..], &["--store", "whole.db", "--out", "whole"]].concat();
        assert_eq!(project.run(&args).code, 0);
        for part in 1..=3 {
            shard(&project, &format!("{part}/3"), &format!("{part}.db"), &[]);
        }
        let merge = ["merge", "3.db", "1.db", "2.db", "--store", "all.db"];
        let said = project.run(&[&merge[..], &["--out", "merged"]].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(summary(&project, "merged"), summary(&project, "whole"));
        let id = |folder: &str| -> String {
            let text = project.read(&format!("{folder}/summary.json"));
            let summary: Value = serde_json::from_str(&text).unwrap();
            summary["run"].as_str().unwrap().to_owned()
        };
        for file in ["trials.csv", "junit.xml", "summary.md", "summary.html"] {
            let text = |folder: &str| {
                let text = project.read(&format!("{folder}/{file}"));
                let id = id(folder);
                text.replace(&id, "RUN")
                    .replace(&id[..13], "RUN")
                    .replace(&id[..8], "RUN")
            };
            assert!(text("merged") == text("whole"), "{file} of {cases} cases");
        }
        // Once more: the same run, not another one.
        assert_eq!(
            project
                .run(&[&merge[..], &["--out", "again"]].concat())
                .code,
            0
        );
        assert_eq!(
            project.read("again/summary.json"),
            project.read("merged/summary.json")
        );
        let runs = project.run(&["list", "runs", "--store", "all.db", "--format", "json"]);
        assert_eq!(runs.json().as_array().unwrap().len(), 1, "{}", runs.out);
    }
}

#[test]
fn shards_of_one_store_come_together_in_it_and_are_gated() {
    let project = recorded(30, "gate: {rules: [{scorer: exact, min: 0.9}]}\n");
    for part in ["1/2", "2/2", "1/2"] {
        shard(&project, part, "s.db", &[]);
    }
    let said = project.run(&["merge", "--store", "s.db", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["cases"], 30);
    let gate = project.run(&["gate", "--store", "s.db", "--format", "json"]);
    assert_eq!(gate.code, 1, "{}", gate.err);
    assert_eq!(
        gate.json()["run"],
        said.json()["run"],
        "the merged run is the newest"
    );
    // Nothing is left to ask.
    let args = [
        "resume",
        "--store",
        "s.db",
        "--replay",
        "replies.jsonl",
        "--offline",
    ];
    assert_eq!(project.run(&args).code, 0);
}

#[test]
fn what_are_not_the_shards_of_one_run_does_not_come_together() {
    let project = recorded(12, "");
    let refused = |args: &[&str], told: &[&str]| {
        let said = project.run(&[&["merge"], args, &["--store", "all.db"]].concat());
        assert_eq!(said.code, 2, "{args:?}: {}", said.out);
        for told in told {
            assert!(said.err.contains(told), "{told} is not in:\n{}", said.err);
        }
    };
    refused(&["1.db"], &["there is no store 1.db"]);
    refused(&["first.db"], &["first.db holds no run of a shard"]);
    shard(&project, "1/2", "1.db", &[]);
    shard(&project, "2/2", "2.db", &[]);
    refused(&["1.db"], &["2/2 is missing"]);
    refused(&["1.db", "2.db", "1.db"], &["are the same shard, 1/2"]);
    shard(&project, "2/3", "3.db", &[]);
    refused(
        &["1.db", "3.db"],
        &["not shards of one run", "parts: 2 and 3"],
    );
    shard(&project, "2/2", "seed.db", &["--seed", "9"]);
    refused(&["1.db", "seed.db"], &["seed: was 0, is 9"]);
    shard(&project, "2/2", "few.db", &["--limit", "8"]);
    refused(&["1.db", "few.db"], &["dataset: was data.csv"]);
    shard(&project, "2/2", "model.db", &["--model", "a"]);
    refused(&["1.db", "model.db"], &["candidates: was a, b, is a"]);
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("[exact]", "[{name: exact, contains: \"1\"}]"),
    );
    shard(&project, "2/2", "scorer.db", &[]);
    refused(&["1.db", "scorer.db"], &["scorers: exact ("]);
    assert!(
        !project.path().join("all.db").exists(),
        "nothing was written"
    );
    assert_eq!(project.run(&["merge", "--store", "first.db"]).code, 2);
}

#[test]
fn a_failed_trial_of_a_shard_is_asked_again_in_the_whole() {
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let seen = broken.clone();
    let server = crate::server::Server::start(move |request| {
        let right = crate::run::right(request);
        match right == "4" && seen.load(std::sync::atomic::Ordering::Relaxed) {
            true => crate::server::error(400, "not today"),
            false => crate::server::chat(request.model(), &right),
        }
    });
    let project = Project::arithmetic(&server.base_url(), &["a"], 8, "");
    for (part, code) in [("1/2", 0), ("2/2", 3)] {
        let store = format!("{}.db", &part[..1]);
        let said = project.run(&["run", "-q", "--shard", part, "--store", &store]);
        assert_eq!(said.code, code, "{}", said.err);
    }
    let said = project.run(&["merge", "1.db", "2.db", "--format", "json"]);
    assert_eq!(said.json()["candidates"][0]["failed"], 1, "{}", said.err);
    let before = server.requests().len();
    broken.store(false, std::sync::atomic::Ordering::Relaxed);
    let said = project.run(&["resume", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["candidates"][0]["answered"], 8);
    assert_eq!(server.requests().len(), before + 1, "only what failed");
}
