//! From a CSV and a prompt to a report, and from the report's numbers back to the cases.

use crate::project::{Project, Said};
use crate::server::{Server, chat, error};

/// Cases as people have them.
fn tickets(rows: usize) -> String {
    let mut text = String::from("Ticket ID,Subject,lang,Category\n");
    for n in 0..rows {
        let (lang, class) = (["en", "de"][n % 2], ["bug", "billing"][n % 2]);
        text += &format!("T-{n:02},this is the message of {class} number {n},{lang},{class}\n");
    }
    text
}

#[test]
fn a_table_and_a_prompt_become_a_report_in_one_command() {
    // It finds bugs, and takes all else for one too.
    let server = Server::start(|request| chat(request.model(), "bug"));
    let project = Project::new(&[
        ("tickets.csv", &tickets(12)),
        (
            "prompt.txt",
            "Sort this ticket: {Subject}\nbug or billing?\n",
        ),
    ]);
    let url = server.base_url();
    let init = ["init", "--data", "tickets.csv", "--prompt", "prompt.txt"];
    let more = ["--model", "m", "--base-url", &url, "--run"];
    let said = project.run(&[&init[..], &more[..]].concat());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for words in [
        "id     Ticket ID",
        "target Category: 2 labels (billing, bug), scored by `label`",
        "input  Subject",
        "tags   lang",
        "{Subject} became {{…}}",
    ] {
        assert!(said.out.contains(words), "{words:?}: {}", said.out);
    }
    assert!(said.out.contains("50%"), "{}", said.out);
    assert!(project.path().join("bakeoff-report/summary.html").is_file());
    let prompt = project.read("prompts/prompt.hbs");
    assert_eq!(prompt, "Sort this ticket: {{Subject}}\nbug or billing?\n");
    let suite = project.read("bakeoff.yaml");
    assert!(
        suite.starts_with("# yaml-language-server: $schema="),
        "{suite}"
    );
    assert!(
        suite.contains("id: \"Ticket ID\", target: Category, tags: [lang]"),
        "{suite}"
    );
    assert_eq!(server.requests().len(), 12);
    assert_eq!(
        project.run(&["init", "--data", "tickets.csv"]).code,
        2,
        "it does not overwrite"
    );
}

#[test]
fn each_job_begins_with_commands_that_run() {
    for (job, commands) in [
        ("select", vec!["run"]),
        (
            "port",
            vec!["port --from smollm2-135m --to qwen2.5-coder-1.5b"],
        ),
        ("gate", vec!["run", "baseline set", "gate"]),
    ] {
        let project = Project::new(&[]);
        let said = project.run(&["init", "--job", job]);
        assert_eq!(said.code, 0, "{}", said.err);
        for command in commands {
            assert!(
                said.out.contains(&format!("  bakeoff {command}\n")),
                "{}",
                said.out
            );
            let words: Vec<&str> = command.split(' ').collect();
            let said = project.run(&words);
            assert_eq!(said.code, 0, "{job}: {command}: {}{}", said.out, said.err);
        }
    }
}

#[test]
fn what_the_data_lacks_is_said() {
    let project = Project::new(&[(
        "notes.jsonl",
        "{\"note\": \"the first of them\"}\n{\"note\": \"the second\"}\n",
    )]);
    let said = project.run(&["init", "x", "--data", "notes.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("target none found"), "{}", said.out);
    assert!(project.read("x/bakeoff.yaml").contains("not: refusal"));
    let wrong = project.run(&["init", "y", "--data", "notes.jsonl", "--target", "nota"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean \"note\""), "{}", wrong.err);
    assert!(
        !project.path().join("y").exists(),
        "nothing is written of what is wrong"
    );
}

/// Half of a candidate's cases fail or are wrong.
fn mixed() -> (Project, Said) {
    let server = Server::start(
        |request| match (request.model(), request.body.to_string()) {
            (_, body) if body.contains("what is 3 + 1") => error(400, "no such question"),
            ("b", body) if body.contains("what is 1 + 1") => chat("b", "eleven"),
            (model, _) => chat(model, &crate::run::right(request)),
        },
    );
    let project = Project::arithmetic(
        &server.base_url(),
        &["a", "b"],
        6,
        "limits: {max_failed: 50%}\n",
    );
    let said = project.run(&["run"]);
    (project, said)
}

#[test]
fn from_every_number_it_is_one_step_to_its_cases() {
    let (project, said) = mixed();
    assert!(
        said.out
            .contains("the cases behind these numbers: bakeoff show"),
        "{}",
        said.out
    );
    let list = |flag: &str| project.run(&["show", "latest", flag]).out;
    let failed = list("--failed");
    assert!(
        failed.contains("failed: 1 of 6 cases") && failed.contains("q003"),
        "{failed}"
    );
    assert!(
        failed.contains("ask them again: bakeoff resume"),
        "{failed}"
    );
    let flips = list("--flips");
    assert!(
        flips.contains("b against a: 1") && flips.contains("q001  lost 1 → 0"),
        "{flips}"
    );
    let wrong = project
        .run(&["show", "latest", "--wrong", "--format", "json"])
        .json();
    assert_eq!(wrong["schema"], "bakeoff.cases/1");
    assert_eq!(wrong["rows"].as_array().unwrap().len(), 1);
    assert_eq!(wrong["rows"][0]["reply"], "eleven");
    let other = project.run(&["show", "latest", "--wrong", "--candidate", "bb"]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("did you mean \"b\""), "{}", other.err);
}

#[test]
fn a_case_reads_well_at_every_width() {
    let (project, _) = mixed();
    let at = |width: &str| -> String {
        let mut command = project.command(&["show", "latest", "q001"]);
        let said: Said = command.env("COLUMNS", width).output().unwrap().into();
        said.out
    };
    for width in [60, 80, 120, 200] {
        let out = at(&width.to_string());
        let widest = out.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{width}: {out}");
        assert_eq!(out.contains(" │ "), width >= 120, "{width}: {out}");
        for words in [
            "✗ b",
            "✓ a",
            "eleven",
            "what is 1 + 1?",
            "ask it again: bakeoff run --fresh --only q001",
        ] {
            assert!(out.contains(words), "{width}, {words:?}: {out}");
        }
    }
    let plain = at("80");
    assert!(!plain.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn the_summary_fits_every_width() {
    let (project, _) = mixed();
    for width in [60, 80, 120, 200] {
        for args in [
            &["show"][..],
            &["usage"],
            &["select", "--min-quality", "0.1"],
            &["config", "show", "--origin"],
        ] {
            // A path does not wrap.
            if args[0] == "config" && width < 80 {
                continue;
            }
            let mut command = project.command(args);
            let said: Said = command
                .env("COLUMNS", width.to_string())
                .output()
                .unwrap()
                .into();
            let wide = said.out.lines().find(|line| line.chars().count() > width);
            assert_eq!(wide, None, "{args:?} at {width}");
        }
    }
}

#[test]
fn colours_follow_the_rules() {
    let (project, _) = mixed();
    let said = |flags: &[&str], vars: &[(&str, &str)]| -> bool {
        let mut command = project.command(&[&["show"], flags].concat());
        command.env_remove("NO_COLOR").envs(vars.iter().copied());
        let said: Said = command.output().unwrap().into();
        said.out.contains('\u{1b}')
    };
    assert!(!said(&[], &[]), "a pipe has no colours");
    assert!(said(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(said(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!said(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!said(&[], &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]));
    assert!(!said(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn what_was_spent_is_told_by_model_key_and_day() {
    let server = Server::start(|request| chat(request.model(), &crate::run::right(request)));
    let project = Project::arithmetic(&server.base_url(), &["a", "b"], 4, "");
    let suite = project.read("bakeoff.yaml");
    // Nobody knows what the second one costs.
    let suite = suite.replacen("model: a,", "model: a, key: MY_KEY,", 1);
    let unpriced = suite.rfind(", price:").unwrap();
    let end = unpriced + suite[unpriced..].find("}}").unwrap() + 1;
    let suite = format!("{}{}", &suite[..unpriced], &suite[end..]);
    project.write("bakeoff.yaml", &suite);
    let mut run = project.command(&["run", "--quiet"]);
    let said: Said = run.env("MY_KEY", "k-123").output().unwrap().into();
    assert_eq!(said.code, 0, "{}", said.err);
    // From the cache: nothing is sent, so nothing is spent twice.
    let mut run = project.command(&["run", "--quiet"]);
    run.env("MY_KEY", "k-123").output().unwrap();
    let usage = project.run(&["usage", "--format", "json"]).json();
    assert_eq!(usage["schema"], "bakeoff.usage/1");
    assert_eq!(usage["total"]["answers"]["requests"], 8);
    assert_eq!(
        (
            &usage["total"]["answers"]["usd"],
            usage["total"]["answers"]["unknown"].as_u64()
        ),
        (&serde_json::Value::Null, Some(4))
    );
    let rows = usage["rows"].as_array().unwrap();
    assert_eq!(
        (rows.len(), rows[0]["key"].as_str(), rows[1]["key"].as_str()),
        (2, Some("MY_KEY"), None)
    );
    assert!(rows[0]["answers"]["usd"].as_f64() > Some(0.0));
    let shown = project.run(&["usage"]).out;
    assert!(
        shown.contains("unknown") && shown.contains("MY_KEY"),
        "{shown}"
    );
    assert!(!shown.contains("k-123"), "{shown}");
    let later = project.run(&["usage", "--since", "2999-01-01"]).out;
    assert!(
        later.contains("Nothing was sent since 2999-01-01."),
        "{later}"
    );
}

#[test]
fn every_setting_says_where_it_is_from() {
    let (project, _) = mixed();
    let said = project.run(&[
        "config",
        "show",
        "--origin",
        "--max-cost",
        "2",
        "--format",
        "json",
    ]);
    let settings = said.json()["settings"].as_array().unwrap().clone();
    let origin = |name: &str| {
        let found = settings.iter().find(|it| it["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is missing"))["origin"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(origin("limits.max_cost"), "--max-cost");
    assert_eq!(origin("limits.timeout"), "default");
    assert_eq!(origin("params.max_tokens"), "bakeoff.yaml:8");
    assert_eq!(origin("candidate a: temperature"), "bakeoff.yaml:8");
    assert_eq!(origin("candidate a: model"), "bakeoff.yaml:6");
    let one = project.run(&["config", "show", "timeout"]).out;
    assert_eq!(one, "limits.timeout  120 s\n");
}
