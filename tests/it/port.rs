//! `bakeoff port`: lint, one interleaved run with a control, a verdict with its exit code.

mod edges;

use crate::project::{Project, Said};
use crate::run::right;
use crate::server::{Answer, Server, chat};
use serde_json::Value;

/// A server that answers rightly, but the model `bad` every second time, and `polite` only where it
/// is asked nicely.
fn server() -> Server {
    Server::start(|request| {
        let right = right(request);
        let number: usize = right.parse().unwrap_or(0);
        let wrong = match request.model() {
            "bad" => number.is_multiple_of(2),
            "polite" => !request.prompt().starts_with("Please"),
            _ => false,
        };
        chat(request.model(), if wrong { "no" } else { &right })
    })
}

fn project(server: &Server, models: &[&str], cases: usize) -> Project {
    Project::arithmetic(&server.base_url(), models, cases, "")
}

fn port(project: &Project, args: &str) -> (i32, Value) {
    let said = ported(project, &format!("{args} --format json"));
    (said.code, said.json())
}

fn ported(project: &Project, args: &str) -> Said {
    let args = args.split_whitespace();
    project.run(&["port"].into_iter().chain(args).collect::<Vec<_>>())
}

#[test]
fn a_model_is_portable_to_itself_and_a_second_time_costs_nothing() {
    let server = server();
    let project = project(&server, &["good"], 60);
    let (code, found) = port(&project, "--from good --to good");
    assert_eq!(code, 0, "{found:#}");
    assert_eq!(found["schema"], "bakeoff.port/1");
    assert_eq!(found["verdict"], "portable");
    assert_eq!(found["contrast"]["verdict"], "not_worse");
    assert_eq!(found["contrast"]["difference"]["n"], 60);
    assert_eq!(found["control"]["difference"]["value"], 0.0);
    assert_eq!(found["flips"], serde_json::json!([]));
    assert_eq!(found["cost_ratio"]["value"], 1.0);
    assert!(found["run"].is_string());
    assert_eq!(
        server.requests().len(),
        180,
        "each on its own, and the control"
    );
    let (code, again) = port(&project, "--from good --to good");
    assert_eq!((code, &again["verdict"]), (0, &"portable".into()));
    assert_eq!(server.requests().len(), 180, "a second port asks nothing");
    let (code, fewer) = port(&project, "--from good --to good --no-control");
    assert_eq!((code, &fewer["control"]), (0, &Value::Null));
}

#[test]
fn a_worse_model_is_not_portable_and_the_cases_are_named() {
    let server = server();
    let project = project(&server, &["good", "bad"], 60);
    assert_eq!(project.run(&["run", "--quiet"]).code, 0);
    assert_eq!(project.run(&["baseline", "set"]).code, 0);
    let (code, found) = port(&project, "--from good --to bad");
    assert_eq!((code, &found["verdict"]), (1, &"not_portable".into()));
    let sentence = found["sentence"].as_str().unwrap();
    let begins = "not portable: exact fell by 50 points";
    assert!(sentence.starts_with(begins), "{sentence}");
    assert_eq!(found["contrast"]["losses"], 30);
    let flips = found["flips"].as_array().unwrap();
    assert_eq!(flips.len(), 30);
    assert_eq!(
        (&flips[0]["from"], &flips[0]["to"]),
        (&1.0.into(), &0.0.into())
    );
    assert_eq!(
        (&flips[0]["from_text"], &flips[0]["to_text"]),
        (&"2".into(), &"no".into())
    );
    assert!(!flips[0]["why"].as_str().unwrap().is_empty());
    // Both ways round, and without a trace in what the gate looks at.
    let (code, found) = port(&project, "--from bad --to good");
    assert_eq!(
        (code, &found["contrast"]["verdict"]),
        (0, &"improved".into())
    );
    assert_eq!(
        project.run(&["gate"]).code,
        0,
        "the port is no run of the suite"
    );
    let text = ported(&project, "--from good --to bad --out there");
    assert!(
        text.out.starts_with("not portable: exact fell"),
        "{}",
        text.out
    );
    assert!(
        text.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        text.out
    );
    assert!(project.read("there/port.md").contains("not portable"));
    let written: Value = serde_json::from_str(&project.read("there/port.json")).unwrap();
    assert_eq!(written["schema"], "bakeoff.port/1");
}

#[test]
fn few_cases_decide_nothing_and_say_how_many_would() {
    let server = server();
    let project = project(&server, &["good", "other"], 8);
    let (code, found) = port(&project, "--from good --to other");
    assert_eq!((code, &found["verdict"]), (4, &"inconclusive".into()));
    let need = found["contrast"]["need"].as_u64().unwrap();
    assert!(need > 8, "{need}");
    let sentence = found["sentence"].as_str().unwrap();
    assert!(
        sentence.contains(&format!("about {need} cases")),
        "{sentence}"
    );
    let (code, _) = port(&project, "--from good --to other --margin 50%");
    assert_eq!(code, 0, "a wider margin is easier to show");
}

#[test]
fn what_the_target_refuses_is_said_without_a_request() {
    let server = server();
    let url = server.base_url();
    let project = project(&server, &["good"], 10);
    let new = format!(
        "models:\n  - {{name: new, model: openai/gpt-5, base_url: \"{url}\", price: {{input: 1, output: 2}}}}"
    );
    let suite = project.read("bakeoff.yaml").replace("models:", &new);
    project.write(
        "bakeoff.yaml",
        &suite.replace("max_tokens: 16", "max_tokens: 2000"),
    );
    for more in ["", " --lint-only"] {
        let (code, found) = port(&project, &format!("--from good --to new{more}"));
        assert_eq!(
            (code, &found["verdict"]),
            (1, &"not_portable".into()),
            "{found:#}"
        );
        assert_eq!(found["contrast"], Value::Null);
        assert_eq!(found["run"], Value::Null);
        let rows = found["lint"].as_array().unwrap();
        let errors = rows.iter().filter(|row| row["severity"] == "error");
        assert!(errors.clone().count() > 0 && errors.clone().all(|row| row["candidate"] == "new"));
        assert!(!found["hints"].as_array().unwrap().is_empty());
    }
    let own = ported(&project, "--from new --to good");
    assert_eq!(
        own.code, 2,
        "the first model's own errors are the suite's: {}",
        own.out
    );
    assert_eq!(
        ported(&project, "--from good --to good --lint-only").code,
        0
    );
    assert_eq!(server.requests().len(), 0);
    let dropped = ported(&project, "--from good --to new --drop-params --margin 30%");
    assert_eq!(dropped.code, 0, "{}{}", dropped.out, dropped.err);
    assert_eq!(server.requests().len(), 30);
}

#[test]
fn another_prompt_rescues() {
    let server = server();
    let project = project(&server, &["good", "polite", "bad"], 60);
    project.write(
        "please.yaml",
        "messages: [{user: \"Please: {{question}}\"}]",
    );
    let (code, found) = port(&project, "--from good --to polite --rewrite please.yaml");
    assert_eq!(
        (code, &found["verdict"]),
        (0, &"portable_after_rewrite".into()),
        "{found:#}"
    );
    assert_eq!(found["contrast"]["verdict"], "regressed");
    assert_eq!(found["rewrite"]["verdict"], "portable");
    assert_eq!(found["rewrite"]["gain"]["gains"], 60);
    let sentence = found["sentence"].as_str().unwrap();
    assert!(sentence.contains("with the prompt please"), "{sentence}");
    let nice = server
        .requests()
        .iter()
        .filter(|it| it.prompt().starts_with("Please"))
        .count();
    assert_eq!((nice, server.requests().len()), (60, 240));
    // A prompt of the suite by its name is what replaces, not what is replaced; one that helps nobody rescues nobody.
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("models:", "  - please.yaml\nmodels:"),
    );
    let args = "--from good --to polite --to bad --rewrite please";
    let (code, found) = port(&project, args);
    assert_eq!(
        (code, &found["schema"]),
        (1, &"bakeoff.port-matrix/1".into())
    );
    let words: Vec<&str> = found["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["portable_after_rewrite", "not_portable"]);
    let text = ported(&project, args);
    assert!(
        text.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        text.out
    );
}

#[test]
fn several_prompts_are_judged_each_and_ranked() {
    let server = server();
    let project = project(&server, &["good", "polite"], 60);
    project.write(
        "please.yaml",
        "messages: [{user: \"Please: {{question}}\"}]",
    );
    let suite = project.read("bakeoff.yaml");
    project.write(
        "bakeoff.yaml",
        &suite.replace("models:", "  - please.yaml\nmodels:"),
    );
    let (code, found) = port(&project, "--from good --to polite");
    let ports = found["ports"].as_array().unwrap();
    assert_eq!((code, ports.len()), (1, 2));
    assert_eq!(
        (&ports[0]["from"], &ports[1]["to"]),
        (&"good @ ask".into(), &"polite @ please".into())
    );
    assert_eq!(
        (&ports[0]["verdict"], &ports[1]["verdict"]),
        (&"not_portable".into(), &"portable".into())
    );
    let spread = &found["spread"][0];
    assert_eq!(
        (&spread["to"], &spread["prompts"][0]["to"]),
        (&"polite".into(), &0.0.into())
    );
    assert_eq!(spread["pairs"][0]["difference"]["value"], -1.0);
    assert_eq!(spread["pairs"][0]["shown"], true);
    let (code, one) = port(&project, "--from good --to polite --prompt please");
    assert_eq!((code, &one["schema"]), (0, &"bakeoff.port/1".into()));
}

#[test]
fn a_fence_around_json_is_seen_and_has_its_hint() {
    let server = Server::start(|request| {
        let json = format!("{{\"n\": {}}}", right(request));
        match request.model() {
            "fencing" => chat("fencing", &format!("```json\n{json}\n```")),
            model => chat(model, &json),
        }
    });
    let project = project(&server, &["good", "fencing"], 20);
    let (_, found) = port(&project, "--from good --to fencing");
    let fenced = &found["shifts"]["fenced"];
    assert_eq!((&fenced["from"], &fenced["to"]), (&0.0.into(), &1.0.into()));
    assert_eq!(found["shifts"]["invalid_json"]["to"], 0.0);
    let hints = found["hints"].as_array().unwrap();
    let hint = |it: &&Value| it.as_str().unwrap().contains("`output_schema`");
    assert_eq!(hints.iter().filter(hint).count(), 1, "{hints:?}");
}

#[test]
fn a_broken_guard_is_not_outweighed() {
    let server = Server::start(|request| {
        let mut frames = crate::server::chat_frames(request.model(), &right(request));
        if request.model() == "cutting" {
            frames
                .iter_mut()
                .for_each(|it| *it = it.replace("\"stop\"", "\"length\""));
        }
        Answer::Stream(frames, std::time::Duration::ZERO)
    });
    let project = project(&server, &["good", "cutting"], 60);
    let (code, found) = port(&project, "--from good --to cutting");
    assert_eq!(
        (code, &found["contrast"]["verdict"]),
        (1, &"not_worse".into())
    );
    assert_eq!(found["verdict"], "not_portable");
    let guards = found["guards"].as_array().unwrap();
    let broken: Vec<&Value> = guards.iter().filter(|it| it["broken"] == true).collect();
    assert_eq!((broken.len(), &broken[0]["name"]), (1, &"cut".into()));
    let sentence = found["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("not portable: cut rose by 100 points"),
        "{sentence}"
    );
    let hints = found["hints"].to_string();
    assert!(hints.contains("`params.max_tokens` (now 16)"), "{hints}");
}

#[test]
fn equivalence_is_shown_in_both_directions() {
    let server = server();
    let project = project(&server, &["good", "vendor", "bad"], 150);
    let (code, same) = port(
        &project,
        "--from good --to vendor --equivalence --no-control",
    );
    assert_eq!(
        (code, &same["equivalent"]),
        (0, &true.into()),
        "{}",
        same["sentence"]
    );
    let (code, better) = port(&project, "--from bad --to good --equivalence --no-control");
    assert_eq!((code, &better["equivalent"]), (1, &false.into()));
    assert_eq!(better["verdict"], "not_portable");
    let (code, better) = port(&project, "--from bad --to good --no-control");
    assert_eq!((code, &better["verdict"]), (0, &"portable".into()));
}
