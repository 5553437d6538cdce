//! `compare`: within a run, between two runs, from a table; and what it says when there is nothing to say.

use crate::project::Project;
use crate::server::{Server, chat};
use serde_json::Value;

/// Answers right, but for every nth question of a model called `m-n`.
fn server() -> Server {
    Server::start(|request| {
        let question = request.prompt();
        let number = question
            .split_whitespace()
            .find_map(|word| word.parse().ok());
        let n: usize = number.unwrap_or(0);
        let model = request.model();
        let every: usize = model
            .rsplit('-')
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let wrong = every > 0 && n.is_multiple_of(every);
        chat(model, &(n + 1 + usize::from(wrong)).to_string())
    })
}

fn verdicts(found: &Value) -> Vec<String> {
    let contrasts = found["contrasts"].as_array().unwrap();
    let word = |c: &Value| c["verdict"].as_str().unwrap().to_owned();
    contrasts.iter().map(word).collect()
}

#[test]
fn candidates_of_a_run_are_held_against_each_other() {
    let server = server();
    let project = Project::arithmetic(&server.base_url(), &["m-0", "m-3", "m-40"], 80, "");
    assert_eq!(project.run(&["run"]).code, 0);
    let found = project.run(&["compare", "--format", "json"]).json();
    assert_eq!(found["schema"], "bakeoff.compare/1");
    assert_eq!(found["contrasts"].as_array().unwrap().len(), 3);
    let found = project
        .run(&["compare", "m-3", "m-0", "--format", "json"])
        .json();
    assert_eq!(verdicts(&found), ["regressed"]);
    let contrast = &found["contrasts"][0];
    assert_eq!(
        (&contrast["gains"], &contrast["losses"]),
        (&0.into(), &27.into())
    );
    assert!(contrast["noise_floor"].is_null());
    assert_eq!(contrast["moved"][0]["a"], 0.0);
    assert!(contrast["latency_ratio"]["low"].is_number());
    let said = project.run(&["compare", "m-3", "m-0"]);
    assert!(
        said.out.starts_with("m-3 is worse than m-0 on exact"),
        "{}",
        said.out
    );
    assert!(said.out.lines().all(|line| line.chars().count() <= 80));
    let said = project.run(&["compare", "--reference", "m-0", "--format", "markdown"]);
    assert!(
        said.out.contains("**m-0 and m-40 could be the best"),
        "{}",
        said.out
    );
    let said = project.run(&["compare", "m-3", "m0"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean \"m-0\""), "{}", said.err);
}

#[test]
fn two_runs_meet_on_the_cases_that_stayed_the_same() {
    let server = server();
    let project = Project::arithmetic(&server.base_url(), &["m-0"], 120, "");
    assert_eq!(project.run(&["run"]).code, 0);
    let runs = project.run(&["list", "runs", "--format", "json"]).json();
    let first = runs.as_array().or(runs["runs"].as_array()).unwrap()[0]["id"].clone();
    let first = first.as_str().unwrap();
    // one case asks something else now, one is gone: within the 2 % that may be unmatched
    let data = project
        .read("data.csv")
        .replace("what is 5 + 1?,6", "what is 5 and 1?,6");
    let data = data.replace("q007,what is 7 + 1?,8\n", "");
    project.write("data.csv", &data);
    assert_eq!(project.run(&["run"]).code, 0);
    let found = project
        .run(&["compare", first, "latest", "--format", "json"])
        .json();
    let contrast = &found["contrasts"][0];
    assert_eq!(contrast["difference"]["n"], 118);
    assert_eq!(
        contrast["unmatched_cases"]["changed_ids"],
        serde_json::json!(["q005"])
    );
    assert_eq!(
        contrast["unmatched_cases"]["only_a_ids"],
        serde_json::json!(["q007"])
    );
    assert_eq!(verdicts(&found), ["not_worse"]);
    let said = project.run(&["compare", first, "latest"]);
    assert!(said.out.contains("q005"), "{}", said.out);
    let said = project.run(&["compare", first, "m-0"]);
    assert_eq!(said.code, 2);
}

#[test]
fn repeats_give_a_noise_floor() {
    let server = server();
    let project = Project::arithmetic(&server.base_url(), &["m-0", "m-2"], 10, "repeats: 2\n");
    assert_eq!(project.run(&["run"]).code, 0);
    let found = project.run(&["compare", "--format", "json"]).json();
    assert_eq!(found["contrasts"][0]["noise_floor"], 0.0);
    assert_eq!(found["candidates"][0]["repeats"]["per_case"], 2.0);
}

#[test]
fn a_table_is_compared_like_a_run() {
    let project = Project::new(&[]);
    let mut rows = String::from("case,candidate,score,group,cost_usd,latency_ms\n");
    for case in 0..100 {
        for (name, every, cost) in [("old", 10, 0.002), ("new", 3, 0.001)] {
            let score = u8::from(case % every != 0);
            let latency = 100 + case % 7 + if name == "new" { 300 } else { 0 };
            rows += &format!("c{case},{name},{score},,{cost},{latency}\n");
        }
    }
    project.write("scores.csv", &rows);
    let table = ["compare", "--table", "scores.csv"];
    let said = project.run(&[&table[..], &["new", "old"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.starts_with("new is worse than old on score"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("new is 2.00 times cheaper"),
        "{}",
        said.out
    );
    assert!(said.out.contains("times slower"), "{}", said.out);
    project.write("scores.csv", &rows.replace("c7,new,1", "c7,new,NaN"));
    let said = project.run(&table);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("scores.csv:17"), "{}", said.err);
}

#[test]
fn nothing_matched_is_never_green() {
    let project = Project::new(&[]);
    for (rows, words) in [
        ("a,x,1\nb,y,1\n", "no case has a score for both"),
        ("a,x,\na,y,\n", "no case has a score for either"),
    ] {
        project.write("s.csv", &format!("case,candidate,score\n{rows}"));
        let said = project.run(&["compare", "--table", "s.csv"]);
        assert_eq!(said.code, 2);
        assert!(said.out.contains(words), "{}", said.out);
    }
    for rows in ["a,x,1\na,y,0\n", "a,x,0.5\na,y,0.5\nb,x,0.5\nb,y,0.5\n"] {
        project.write("s.csv", &format!("case,candidate,score\n{rows}"));
        let said = project.run(&["compare", "--table", "s.csv", "--format", "json"]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(verdicts(&said.json()), ["inconclusive"]);
    }
}

#[test]
fn a_run_recommends_and_plans_the_next_one() {
    let server = server();
    let project = Project::arithmetic(&server.base_url(), &["m-0", "m-60", "m-2"], 60, "");
    let before = project.run(&[
        "plan",
        "--cases",
        "100",
        "--repeats",
        "1",
        "--format",
        "json",
    ]);
    assert_eq!(before.json()["spread"]["from"], Value::Null);
    assert_eq!(project.run(&["run"]).code, 0);
    let found = project.run(&["select", "--format", "json"]).json();
    assert_eq!(found["schema"], "bakeoff.select/1");
    assert_eq!(found["candidates"][2]["tied"], false);
    assert_ne!(found["recommended"]["name"], "m-2");
    let strict = [
        "select",
        "--max-cost",
        "0.0000001",
        "--max-p95",
        "1ms",
        "--format",
        "json",
    ];
    let found = project.run(&strict).json();
    assert!(found["recommended"].is_null());
    assert_eq!(found["candidates"][0]["constraints"][0]["met"], "no");
    let said = project.run(&["select", "--weights", "quality=1,cost=0.1"]);
    assert!(
        said.out.starts_with("Take m-") || said.out.starts_with("The data do not"),
        "{}",
        said.out
    );
    assert!(
        said.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        said.out
    );
    let said = project.run(&["select", "--weights", "speed=1"]);
    assert_eq!(said.code, 2);
    let plan = project
        .run(&[
            "plan",
            "--cases",
            "100",
            "--repeats",
            "1",
            "--format",
            "json",
        ])
        .json();
    assert_eq!(plan["spread"]["scorer"], "exact");
    assert!(plan["rows"][0]["cost_usd"].as_f64().unwrap() > 0.0);
    let check = project.run(&["check", "--format", "json"]).json();
    assert_eq!(check["spread"]["from"], plan["spread"]["from"]);
    assert_eq!(project.run(&["plan"]).code, 0);
}
