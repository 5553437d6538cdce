//! `bakeoff doctor`: each thing that can be wrong is found, said with what to do, and decides the exit code.

use crate::project::{Project, Said};
use crate::server::{Answer, Server, chat};
use serde_json::Value;

const SECRET: &str = "sk-never-to-be-shown";

fn checks(said: &Said) -> Vec<(String, String, String)> {
    let shown = said.json();
    assert_eq!(shown["schema"], "bakeoff.doctor/1");
    assert_eq!(shown["fine"], said.code == 0, "{}", said.out);
    let checks = shown["checks"].as_array().unwrap().iter();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = checks.map(|it| (word(it, "about"), word(it, "state"), word(it, "text")));
    checks.collect()
}

/// The state and the text of the one check about this.
fn about(checks: &[(String, String, String)], what: &str) -> (String, String) {
    let mut found = checks.iter().filter(|(about, ..)| about == what);
    let (_, state, text) = found
        .next()
        .unwrap_or_else(|| panic!("nothing about {what}: {checks:?}"));
    assert!(found.next().is_none(), "several about {what}: {checks:?}");
    (state.clone(), text.clone())
}

fn doctor(project: &Project, env: &[(&str, &str)], args: &[&str]) -> Said {
    let args: Vec<&str> = ["doctor", "--format", "json"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let said: Said = project
        .command(&args)
        .envs(env.iter().copied())
        .output()
        .unwrap()
        .into();
    assert!(
        !format!("{said:?}").contains(SECRET),
        "a key is shown: {said:?}"
    );
    said
}

fn lists_models(status: u16, date: Option<&str>) -> Server {
    let date = date.map(str::to_owned);
    Server::start(move |_| {
        let headers = date.iter().map(|date| ("date", date.clone())).collect();
        Answer::Whole(status, headers, r#"{"data": []}"#.into())
    })
}

fn now() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now.timestamp())
        .unwrap()
}

#[test]
fn all_is_well() {
    let server = lists_models(200, Some(&now()));
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let suite = project
        .read("bakeoff.yaml")
        .replace("model: m,", "model: m, key: OWN_KEY,");
    project.write("bakeoff.yaml", &suite);
    let env = [("OWN_KEY", SECRET)];
    let said = doctor(&project, &env, &[]);
    let found = checks(&said);
    assert_eq!(said.code, 0, "{}", said.out);
    for what in ["suite", "key", "proxy", "store"] {
        assert_eq!(about(&found, what).0, "ok", "{found:?}");
    }
    // The bundled table grows old one day.
    assert_ne!(about(&found, "prices").0, "broken");
    assert!(about(&found, "key").1.contains("OWN_KEY is set"));
    assert!(
        server.requests().is_empty(),
        "nothing is sent without --ping"
    );

    let said = doctor(&project, &env, &["--ping"]);
    let found = checks(&said);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(
        about(&found, "reach").1.contains("takes the key"),
        "{found:?}"
    );
    assert_eq!(about(&found, "clock").0, "ok");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line, "GET /v1/models");
    assert_eq!(
        requests[0].header("authorization"),
        Some(format!("Bearer {SECRET}").as_str())
    );

    let said: Said = project
        .command(&["doctor"])
        .envs(env)
        .output()
        .unwrap()
        .into();
    assert!(
        said.out.contains("nothing was sent") && said.out.contains("nothing is billed"),
        "{}",
        said.out
    );
}

#[test]
fn keys_that_are_missing_misplaced_or_misspelt() {
    let project = Project::new(&[("data.csv", "id,q\na,b\n")]);
    let suite = |models: &str, more: &str| {
        format!(
            "name: s\ndataset: data.csv\nprompts: [{{name: p, messages: [{{user: \"{{{{q}}}}\"}}]}}]\nmodels:\n{models}scorers: [exact]\n{more}"
        )
    };
    project.write(
        "bakeoff.yaml",
        &suite("  - openai/gpt-4o\n  - openai/gpt-4o-mini\n", ""),
    );
    let said = doctor(&project, &[], &[]);
    let (state, text) = about(&checks(&said), "key");
    assert_eq!((said.code, state.as_str()), (2, "broken"));
    assert!(
        text.contains("OPENAI_API_KEY is not set") && said.out.contains("--env-file"),
        "{text}"
    );

    project.write("replies.jsonl", "");
    project.write(
        "bakeoff.yaml",
        &suite("  - openai/gpt-4o\n", "replay: replies.jsonl\n"),
    );
    assert_eq!(doctor(&project, &[], &[]).code, 0, "a replay needs no key");

    let moved = "  - {name: m, model: x, api: openai-chat, base_url: \"https://elsewhere.example/v1\", key: OPENAI_API_KEY}\n";
    project.write("bakeoff.yaml", &suite(moved, ""));
    let said = doctor(&project, &[("OPENAI_API_KEY", SECRET)], &[]);
    let (state, text) = about(&checks(&said), "key");
    assert_eq!((said.code, state.as_str()), (2, "broken"));
    assert!(
        text.contains("does not go to https://elsewhere.example"),
        "{text}"
    );

    project.write("bakeoff.yaml", &suite("  - openai/gpt-4o\n", ""));
    for (value, told) in [
        (format!("{SECRET}\n"), "white space"),
        (format!("\"{SECRET}\""), "quotation"),
        (String::new(), "empty"),
    ] {
        let said = doctor(&project, &[("OPENAI_API_KEY", value.as_str())], &[]);
        assert!(
            said.code == 2 && said.out.contains(told),
            "{told}: {}",
            said.out
        );
    }
}

#[test]
fn without_a_suite_every_known_provider_is_looked_at() {
    let project = Project::new(&[]);
    let said = doctor(&project, &[("GROQ_API_KEY", SECRET)], &[]);
    let found = checks(&said);
    assert_eq!(said.code, 0, "{}", said.out);
    assert_eq!(about(&found, "suite").0, "note");
    let keys: Vec<_> = found.iter().filter(|(about, ..)| about == "key").collect();
    assert!(
        keys.iter()
            .any(|(_, state, text)| state == "ok" && text == "groq: GROQ_API_KEY is set"),
        "{keys:?}"
    );
    assert!(
        keys.iter()
            .any(|(_, state, text)| state == "note" && text.contains("openai")),
        "{keys:?}"
    );
    project.write("bakeoff.yaml", "name: [");
    let said = doctor(&project, &[], &[]);
    assert_eq!(
        (said.code, about(&checks(&said), "suite").0.as_str()),
        (2, "broken")
    );
}

#[test]
fn endpoints_that_refuse_fail_or_live_in_another_time() {
    let project = |base: &str| {
        let project = Project::arithmetic(base, &["m"], 3, "");
        let suite = project
            .read("bakeoff.yaml")
            .replace("model: m,", "model: m, key: OWN_KEY,");
        project.write("bakeoff.yaml", &suite);
        project
    };
    let env = [("OWN_KEY", SECRET)];
    for (status, code, state, told) in [
        (401, 2, "broken", "refuses the key"),
        (404, 0, "ok", "lists no models"),
        (503, 0, "warning", "in trouble"),
    ] {
        let server = lists_models(status, None);
        let said = doctor(&project(&server.base_url()), &env, &["--ping"]);
        let (found, text) = about(&checks(&said), "reach");
        assert_eq!(
            (said.code, found.as_str()),
            (code, state),
            "{status}: {}",
            said.out
        );
        assert!(text.contains(told), "{text}");
    }
    let server = Server::start(|request| chat(request.model(), "never"));
    let dead = format!("http://127.0.0.1:{}/v1", server.port);
    drop(server);
    let said = doctor(&project(&dead), &env, &["--ping"]);
    assert_eq!(
        (said.code, about(&checks(&said), "reach").0.as_str()),
        (2, "broken")
    );

    let server = lists_models(200, Some("Fri, 02 Jan 2026 03:04:05 GMT"));
    let said = doctor(&project(&server.base_url()), &env, &["--ping"]);
    let (state, text) = about(&checks(&said), "clock");
    assert_eq!((said.code, state.as_str()), (2, "broken"));
    assert!(text.contains("fast"), "{text}");
}

#[test]
fn proxies_and_a_damaged_store() {
    let server = Server::start(|request| chat(request.model(), "1"));
    let project = Project::arithmetic(&server.base_url(), &["m"], 3, "");
    let proxied = [
        ("HTTPS_PROXY", "http://user:sk-never-to-be-shown@proxy:3128"),
        ("NO_PROXY", "internal"),
    ];
    let (state, text) = about(&checks(&doctor(&project, &proxied, &[])), "proxy");
    assert_eq!(state, "note");
    assert!(
        text.contains("HTTPS_PROXY=http://***@proxy:3128") && text.contains("internal"),
        "{text}"
    );

    assert_eq!(project.run(&["run"]).code, 0);
    project.write(".bakeoff/store.left.lock", "");
    let found = checks(&doctor(&project, &[], &[]));
    let stores: Vec<_> = found
        .iter()
        .filter(|(about, ..)| about == "store")
        .collect();
    assert!(
        stores[0].1 == "ok" && stores[0].2.contains("1 runs"),
        "{stores:?}"
    );
    assert!(
        stores[1].1 == "warning" && stores[1].2.contains("store.left.lock"),
        "{stores:?}"
    );
    std::fs::write(
        project.path().join(".bakeoff/store.db"),
        "no database, whatever its name says",
    )
    .unwrap();
    let said = doctor(&project, &[], &[]);
    assert_eq!(said.code, 2, "{}", said.out);
    project.write(
        "litellm.json",
        include_str!("../../src/provider/price/litellm.json"),
    );
    assert_eq!(
        project
            .run(&[
                "prices",
                "update",
                "--from",
                "litellm.json",
                "--date",
                "2020-01-01"
            ])
            .code,
        0
    );
    let (state, text) = about(&checks(&doctor(&project, &[], &[])), "prices");
    assert!(state == "warning" && text.contains("days old"), "{text}");
}
