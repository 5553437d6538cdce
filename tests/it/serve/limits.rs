//! What is refused, and that limits hold: keys, hosts, sizes, caps; that nothing acknowledged is lost.

use super::{Endpoint, ask, either, log, streamed};
use crate::project::Project;
use crate::server::{Answer, Server, chat_frames};
use crate::shared::say;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A client's key, and the hash under which the suite knows it.
fn key(project: &Project, name: &str) -> (String, String) {
    let said = project.run(&["serve", "key", name]);
    assert_eq!(said.code, 0, "{}", said.err);
    let hash = said.err.split("hash: \"").nth(1).unwrap();
    (
        said.out.trim().to_owned(),
        hash.split('"').next().unwrap().to_owned(),
    )
}

fn suite(server: &Server, serve: &str) -> Project {
    Project::arithmetic(&server.base_url(), &["a", "b"], 1, serve)
}

/// A suite with one client of these limits, and its key.
fn limited(server: &Server, limits: &str) -> (Project, String) {
    let project = suite(server, "");
    let (key, hash) = key(&project, "web");
    let more = format!("serve: {{keys: [{{name: web, hash: \"{hash}\", {limits}}}]}}\n");
    let text = project.read("bakeoff.yaml");
    project.write("bakeoff.yaml", &format!("{text}{more}"));
    (project, key)
}

/// The statuses of so many requests at once.
async fn many(endpoint: &Endpoint, key: &str, n: usize, clients: usize) -> Vec<u16> {
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (http, url, key) = (endpoint.http.clone(), endpoint.url.clone(), key.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut statuses = Vec::new();
            for turn in 0..n / clients {
                let body = ask("a", &format!("{client} {turn}"));
                let request = http.post(format!("{url}/v1/chat/completions"));
                let request = request
                    .header("content-type", "application/json")
                    .bearer_auth(&key);
                let said = request.body(body.to_string()).send().await.unwrap();
                statuses.push(said.status().as_u16());
                said.bytes().await.unwrap();
            }
            statuses
        }));
    }
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.extend(task.await.unwrap());
    }
    statuses
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|it| **it == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_wanted_and_each_has_its_own_limits() {
    let server = Server::start(|request| either(request, "x"));
    let (project, key) = limited(&server, "models: [a], rpm: 40");
    let endpoint = Endpoint::start(&project, &[]);
    let with = |key: &str, model: &str| {
        endpoint
            .post("/v1/chat/completions", &ask(model, "x"))
            .bearer_auth(key)
    };
    let none = endpoint.say("/v1/chat/completions", &ask("a", "x")).await;
    assert_eq!(
        (none.status, none.json()["error"]["code"].as_str()),
        (401, Some("invalid_api_key"))
    );
    assert_eq!(with("bk-wrong", "a").send().await.unwrap().status(), 401);
    assert_eq!(with(&key, "b").send().await.unwrap().status(), 403);
    assert_eq!(endpoint.get("/metrics").await.status, 401);
    assert_eq!(endpoint.get("/v1/models").await.status, 401);
    assert_eq!(endpoint.get("/health").await.status, 200);
    let anthropic = endpoint
        .post("/v1/messages", &ask("a", "x"))
        .header("x-api-key", &key);
    assert_eq!(anthropic.send().await.unwrap().status(), 200);
    let statuses = many(&endpoint, &key, 64, 64).await;
    assert_eq!(
        (count(&statuses, 200), count(&statuses, 429)),
        (39, 25),
        "40 a minute"
    );
    assert_eq!(server.requests().len(), 40, "what is refused is not asked");
    let text = project.read("bakeoff.yaml");
    assert!(!text.contains(&key), "the suite holds the hash alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_no_more_requests_at_once_than_allowed() {
    let server = Server::start(|request| {
        std::thread::sleep(Duration::from_millis(30));
        either(request, "x")
    });
    let (project, key) = limited(&server, "concurrency: 5");
    let endpoint = Endpoint::start(&project, &[]);
    let statuses = many(&endpoint, &key, 640, 64).await;
    assert!(
        count(&statuses, 200) >= 5 && count(&statuses, 429) > 0,
        "{statuses:?}"
    );
    assert_eq!(count(&statuses, 200) + count(&statuses, 429), 640);
    assert!(server.most_in_flight() <= 5, "{}", server.most_in_flight());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spending_cap_holds_under_many_clients_and_over_a_restart() {
    // Each request costs exactly what it reserves at the most for its output, and less for its input.
    let server = Server::start(|request| {
        std::thread::sleep(Duration::from_millis(5));
        either(request, "x")
    });
    let (project, key) = limited(&server, "max_cost: 0.0030, per: month");
    let spent = || -> f64 {
        let rows = log(&project);
        rows.iter()
            .filter_map(|row| row["end"]["cost_usd"].as_f64())
            .sum()
    };
    for round in 0..2 {
        let endpoint = Endpoint::start(&project, &[]);
        let statuses = many(&endpoint, &key, 640, 64).await;
        let (good, refused) = (count(&statuses, 200), count(&statuses, 429));
        assert_eq!(good + refused, 640);
        match round {
            0 => assert!(good > 50, "{good}"),
            _ => assert!(good <= 3, "a restart forgets nothing: {good}"),
        }
        say(&format!(
            "serve: cap of $0.0030, round {round}: {good} answered, {refused} refused, ${:.6} spent",
            spent()
        ));
        assert!(spent() <= 0.0030, "{}", spent());
    }
    let paid = server.requests().len() as f64 * 0.000018;
    assert!((paid - spent()).abs() < 1e-9, "{paid} {}", spent());
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_and_other_names_are_refused() {
    let server = Server::start(|request| either(request, "x"));
    let project = suite(&server, "");
    let endpoint = Endpoint::start(&project, &[]);
    for (name, value, status) in [
        ("host", "evil.example", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:3000", 200),
        ("host", "localhost", 200),
        ("content-type", "text/plain", 400),
    ] {
        let request = endpoint
            .http
            .post(format!("{}/v1/chat/completions", endpoint.url));
        let request = request.header(name, value).body(ask("a", "x").to_string());
        let request = match name {
            "content-type" => request,
            _ => request.header("content-type", "application/json"),
        };
        assert_eq!(
            request.send().await.unwrap().status(),
            status,
            "{name}: {value}"
        );
    }
    let options = endpoint.http.request(
        reqwest::Method::OPTIONS,
        format!("{}/v1/chat/completions", endpoint.url),
    );
    let said = options.send().await.unwrap();
    assert_eq!(said.status(), 405);
    assert!(said.headers().get("access-control-allow-origin").is_none());
    let said = project.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nobody would need a key"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_the_callers_words() {
    let server = Server::start(|request| either(request, "x"));
    let project = suite(&server, "");
    let endpoint = Endpoint::start(&project, &[]);
    let (chat, messages) = ("/v1/chat/completions", "/v1/messages");
    let mut odd = ask("a", "x");
    odd["frobnicate"] = json!(1);
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let deep = format!("{{\"model\": \"a\", \"messages\": {deep}}}");
    let large = ask("a", &"x".repeat(33 << 20)).to_string();
    for (path, body, status, word) in [
        (chat, ask("aa", "x").to_string(), 404, "did you mean"),
        (messages, ask("aa", "x").to_string(), 404, "not_found_error"),
        (chat, odd.to_string(), 400, "`frobnicate` cannot be carried"),
        (
            messages,
            odd.to_string(),
            400,
            "`frobnicate` cannot be carried",
        ),
        (chat, "{".to_owned(), 400, "no JSON"),
        (chat, deep, 400, "nested more than"),
        (chat, large.clone(), 413, "larger than"),
        (messages, large, 413, "request_too_large"),
        ("/v1/nothing", "{}".to_owned(), 404, "nothing at"),
        ("/v1/models", "{}".to_owned(), 405, "takes GET"),
    ] {
        let request = endpoint.http.post(format!("{}{path}", endpoint.url));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        // A server that refuses a body may close while it is still being sent.
        let Ok(said) = request.send().await else {
            assert_eq!(status, 413);
            continue;
        };
        assert_eq!(said.status(), status, "{path} {word}");
        let text = said.text().await.unwrap();
        assert!(text.contains(word), "{word}: {text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap()["error"].is_object());
    }
    assert_eq!(server.requests().len(), 0);
    assert_eq!(
        endpoint.say(chat, &ask("a", "x")).await.status,
        200,
        "it goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_no_row_of_an_answer_that_was_given() {
    let server = Server::start(|request| either(request, "x y z"));
    let project = suite(&server, "serve: {max_cost: 5}\n");
    let mut given: BTreeSet<String> = BTreeSet::new();
    for round in 0..6 {
        let mut endpoint = Endpoint::start(&project, &[]);
        let mut tasks = Vec::new();
        for client in 0..16 {
            let (http, url) = (endpoint.http.clone(), endpoint.url.clone());
            tasks.push(tokio::spawn(async move {
                let mut ids = Vec::new();
                for turn in 0.. {
                    let mut body = ask("a", &format!("{round} {client} {turn}"));
                    if turn % 2 == 0 {
                        body = streamed(body);
                    }
                    let request = http.post(format!("{url}/v1/chat/completions"));
                    let request = request.header("content-type", "application/json");
                    let Ok(said) = request.body(body.to_string()).send().await else {
                        return ids;
                    };
                    let id = said.headers()["x-request-id"].to_str().unwrap().to_owned();
                    let Ok(text) = said.text().await else {
                        return ids;
                    };
                    if turn % 2 == 1 || text.ends_with("[DONE]\n\n") {
                        ids.push(id);
                    }
                }
                ids
            }));
        }
        tokio::time::sleep(Duration::from_millis(300 + 37 * round)).await;
        endpoint.child.kill().unwrap();
        endpoint.child.wait().unwrap();
        for task in tasks {
            given.extend(task.await.unwrap());
        }
    }
    let rows = log(&project);
    let kept: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row["end"]["status"] == 200)
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    let lost: Vec<_> = given
        .iter()
        .filter(|id| !kept.contains(id.as_str()))
        .collect();
    let open = rows.iter().filter(|row| row["end"].is_null()).count();
    say(&format!(
        "serve: 6 kills, {} answers given, {} rows lost, {open} left open",
        given.len(),
        lost.len()
    ));
    assert!(given.len() > 100 && lost.is_empty(), "{lost:?}");
    assert!(open <= 6 * 16, "only what was under way is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_leaves_when_what_is_under_way_is_done() {
    let pause = Duration::from_millis(120);
    let server = Server::start(move |request| {
        Answer::Stream(
            chat_frames(request.model(), "one two three four five"),
            pause,
        )
    });
    let project = suite(&server, "");
    let mut endpoint = Endpoint::start(&project, &[]);
    let body = streamed(ask("a", "count"));
    let mut response = endpoint
        .post("/v1/chat/completions", &body)
        .send()
        .await
        .unwrap();
    let mut text = String::from_utf8(response.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    endpoint.signal("-TERM");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let refused = endpoint.post("/v1/chat/completions", &body).send().await;
    assert!(
        refused.is_err() || refused.unwrap().status() == 503,
        "nothing new is begun"
    );
    while let Some(piece) = response.chunk().await.unwrap() {
        text.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(
        text.contains("five") && text.ends_with("[DONE]\n\n"),
        "{text}"
    );
    let begun = Instant::now();
    let status = endpoint.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(log(&project)[0]["end"]["status"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_streams_at_once() {
    let server = Server::start(|request| {
        Answer::Stream(
            chat_frames(request.model(), "one two three"),
            Duration::from_millis(400),
        )
    });
    let project = suite(&server, "");
    let endpoint = Endpoint::start(&project, &[]);
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for n in 0..1000 {
        let path = if n % 2 == 0 {
            "/v1/chat/completions"
        } else {
            "/v1/messages"
        };
        let request = endpoint.post(path, &streamed(ask("a", &n.to_string())));
        tasks.push(tokio::spawn(async move {
            let said = request.send().await.ok()?;
            let good = said.status() == 200;
            let text = said.text().await.ok()?;
            let whole = text.ends_with("[DONE]\n\n") || text.contains("message_stop");
            (good && whole && text.contains("three")).then_some(())
        }));
    }
    let mut whole = 0;
    for task in tasks {
        whole += usize::from(task.await.unwrap().is_some());
    }
    say(&format!(
        "serve: {whole} of 1000 streams whole in {:.1} s, {} at once upstream",
        begun.elapsed().as_secs_f64(),
        server.most_in_flight()
    ));
    assert_eq!(whole, 1000);
    assert_eq!(log(&project).len(), 1000);
}
