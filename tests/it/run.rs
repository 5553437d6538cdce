//! `bakeoff run` against a loopback server: what is asked, what is stored, what is printed, how it ends.

use crate::project::Project;
use crate::server::{Answer, Request, Server, chat, chat_frames, error};
use serde_json::json;
use std::time::Duration;

/// Answers "what is N + 1?" rightly.
pub fn right(request: &Request) -> String {
    let number: i64 = request
        .prompt()
        .split_whitespace()
        .find_map(|word| word.parse().ok())
        .unwrap_or(0);
    (number + 1).to_string()
}

fn truthful() -> Server {
    Server::start(|request| chat(request.model(), &right(request)))
}

#[test]
fn every_case_is_asked_once_of_every_candidate_and_scored() {
    let server = Server::start(|request| {
        let text = if request.model() == "wrong" {
            "0".into()
        } else {
            right(request)
        };
        chat(request.model(), &text)
    });
    let project = Project::arithmetic(&server.base_url(), &["right", "wrong"], 20, "");
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["schema"], "bakeoff.summary/1");
    assert_eq!(summary["complete"], true);
    assert_eq!(
        summary["usage"],
        json!({"requests": 40, "retries": 0, "cache_hits": 0, "replayed": 0})
    );
    let [first, second] = summary["candidates"].as_array().unwrap().as_slice() else {
        panic!("two candidates")
    };
    assert_eq!(first["scores"]["exact"]["value"], 1.0);
    assert_eq!(second["scores"]["exact"]["value"], 0.0);
    assert_eq!(first["scores"]["exact"]["method"], "wilson");
    assert_eq!(
        first["cost_usd"]["per_case"], 18e-6,
        "12 tokens at $1 and 3 at $2 per million"
    );
    assert_eq!(summary["best"]["tied"], json!(["right"]));
    assert_eq!(summary["contrasts"][0]["verdict"], "regressed");
    assert_eq!(server.requests().len(), 40);
    for file in [
        "summary.html",
        "summary.json",
        "summary.md",
        "trials.csv",
        "trials.parquet",
    ] {
        assert!(
            project.path().join("bakeoff-report").join(file).exists(),
            "{file}"
        );
    }
}

#[test]
fn a_second_run_comes_from_the_cache_and_has_no_latency() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 5, "");
    assert_eq!(project.run(&["run"]).code, 0);
    let again = project.run(&["run", "--format", "json"]).json();
    assert_eq!(again["usage"]["requests"], 0);
    assert_eq!(again["usage"]["cache_hits"], 5);
    assert_eq!(again["candidates"][0]["latency_ms"]["n"], 0);
    assert_eq!(again["candidates"][0]["latency_ms"]["excluded"], 5);
    assert_eq!(server.requests().len(), 5);
    assert_eq!(project.run(&["run", "--fresh"]).code, 0);
    assert_eq!(server.requests().len(), 10, "--fresh asks again");
}

#[test]
fn what_is_recorded_is_replayed_to_the_same_figures() {
    let server = Server::start(|request| chat(request.model(), &right(request)));
    let project = Project::arithmetic(&server.base_url(), &["a", "b"], 6, "");
    let live = project
        .run(&["run", "--record", "replies.jsonl", "--format", "json"])
        .json();
    drop(server);
    std::fs::remove_dir_all(project.path().join(".bakeoff")).unwrap();
    let replay = project.run(&[
        "run",
        "--offline",
        "--replay",
        "replies.jsonl",
        "--format",
        "json",
    ]);
    assert_eq!(replay.code, 0, "{}", replay.err);
    let replay = replay.json();
    assert_eq!(live["candidates"], replay["candidates"]);
    assert_eq!(live["contrasts"], replay["contrasts"]);
    assert!(
        replay["recorded"].is_string(),
        "a replay says when it was recorded"
    );
    project.write("replies.jsonl", "");
    std::fs::remove_dir_all(project.path().join(".bakeoff")).unwrap();
    let missing = project.run(&["run", "--offline", "--replay", "replies.jsonl"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("case q000"), "{}", missing.err);
}

#[test]
fn streams_give_first_token_times() {
    let server = Server::start(|request| {
        Answer::Stream(
            chat_frames(request.model(), &right(request)),
            Duration::from_millis(20),
        )
    });
    let project = Project::arithmetic(&server.base_url(), &["m"], 4, "");
    let summary = project.run(&["run", "--format", "json"]).json();
    let row = &summary["candidates"][0];
    let first = row["first_token_ms"]["p50"]["value"].as_f64().unwrap();
    let whole = row["latency_ms"]["p50"]["value"].as_f64().unwrap();
    assert!(
        first >= 40.0 && whole >= 80.0 && first < whole,
        "first token {first} ms, whole {whole} ms"
    );
}

#[test]
fn a_wrong_key_stops_its_lane_and_is_never_green() {
    let bad = Server::start(|_| error(401, "Incorrect API key provided"));
    let good = truthful();
    let project = Project::arithmetic(&good.base_url(), &["good"], 30, "");
    let more = format!(
        "  - {{name: bad, api: openai-chat, base_url: \"{}\", model: bad}}\nparams",
        bad.base_url()
    );
    let suite =
        project.read("bakeoff.yaml").replace("params", &more) + "limits: {concurrency: 2}\n";
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["run", "--format", "json"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let summary = said.json();
    assert_eq!(summary["candidates"][0]["answered"], 30);
    assert_eq!(summary["candidates"][1]["failures"]["auth"], 30);
    assert_eq!(
        summary["candidates"][1]["scores"]["exact"]["value"],
        json!(null),
        "missing is not wrong"
    );
    assert!(
        bad.requests().len() <= 2,
        "{} requests were sent on a closed lane",
        bad.requests().len()
    );
}

#[test]
fn a_missing_key_is_named_before_any_call() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let suite = project.read("bakeoff.yaml").replace("params", "  - openai/gpt-4o\n  - {name: mine, api: openai-chat, base_url: \"https://llm.example/v1\", model: x, key: MY_KEY}\nparams");
    project.write("bakeoff.yaml", &suite);
    let said = project.run(&["run"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("OPENAI_API_KEY") && said.err.contains("MY_KEY"),
        "{}",
        said.err
    );
    assert!(server.requests().is_empty());
    let check = project.run(&["check"]);
    assert_eq!(
        check.code, 0,
        "for check a missing key is a warning: {}",
        check.err
    );
}

#[test]
fn a_key_is_sent_to_its_place_and_shown_nowhere() {
    let server = Server::start(|request| {
        error(
            400,
            &format!("you sent {:?}", request.header("authorization")),
        )
    });
    let project = Project::arithmetic(&server.base_url(), &[], 2, "");
    let model = format!(
        "models:\n  - {{name: m, api: openai-chat, base_url: \"{}\", model: m, key: SECRET}}\n",
        server.base_url()
    );
    let suite = project.read("bakeoff.yaml").replace("models:\n", &model);
    project.write("bakeoff.yaml", &suite);
    let secret = "sk-very-secret-0123456789";
    let said: crate::project::Said = project
        .command(&["run", "--events", "events.jsonl"])
        .env("SECRET", secret)
        .output()
        .unwrap()
        .into();
    assert_eq!(said.code, 3);
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some(&*format!("Bearer {secret}"))
    );
    let mut places = vec![said.out.into_bytes(), said.err.into_bytes()];
    for folder in ["", ".bakeoff", "bakeoff-report"] {
        for entry in std::fs::read_dir(project.path().join(folder))
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().is_file())
        {
            places.push(std::fs::read(entry.path()).unwrap());
        }
    }
    for place in places {
        assert!(
            !place
                .windows(secret.len())
                .any(|window| window == secret.as_bytes()),
            "the key stands in {}",
            String::from_utf8_lossy(&place)
        );
    }
}

#[test]
fn the_same_replies_give_the_same_bytes_at_any_concurrency() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["a", "b", "c"], 15, "");
    assert_eq!(project.run(&["run", "--record", "r.jsonl"]).code, 0);
    let mut seen = Vec::new();
    for (concurrency, threads) in [("1", "1"), ("40", "4")] {
        let out = format!("out{concurrency}");
        let args = [
            "run",
            "--offline",
            "--replay",
            "r.jsonl",
            "--concurrency",
            concurrency,
            "--out",
            &out,
        ];
        let said: crate::project::Said = project
            .command(&args)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap()
            .into();
        assert_eq!(said.code, 0, "{}", said.err);
        let id: serde_json::Value =
            serde_json::from_str(&project.read(&format!("{out}/summary.json"))).unwrap();
        let id = id["run"].as_str().unwrap().to_owned();
        // The run is named by its id, or by a beginning of it that no other run has.
        let files = ["summary.json", "summary.html", "summary.md", "trials.csv"].map(|file| {
            let text = project.read(&format!("{out}/{file}"));
            (8..=id.len())
                .rev()
                .fold(text, |text, length| text.replace(&id[..length], "RUN"))
        });
        seen.push((files, said.out));
    }
    assert_eq!(seen[0].0, seen[1].0);
    assert_eq!(seen[0].1, seen[1].1);
}

#[test]
fn what_is_meant_for_this_machine_goes_through_no_proxy() {
    let server = truthful();
    let project = Project::arithmetic(&server.base_url(), &["m"], 2, "");
    let said: crate::project::Said = project
        .command(&["run"])
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("http_proxy", "http://127.0.0.1:9")
        .output()
        .unwrap()
        .into();
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(server.requests().len(), 2);
}
