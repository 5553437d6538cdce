//! Streams: passed on as they come, tools in pieces, fallback only before the first word, going away.

use super::{Endpoint, ask, chained, either, log, streamed};
use crate::project::Project;
use crate::server::{Answer, Server, chat_frames, error};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn pieces_are_passed_on_as_they_come() {
    let pause = Duration::from_millis(150);
    let server = Server::start(move |request| {
        Answer::Stream(chat_frames(request.model(), "one two three four"), pause)
    });
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "");
    let endpoint = Endpoint::start(&project, &[]);
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let begun = Instant::now();
        let mut response = endpoint
            .post(path, &streamed(ask("a", "count")))
            .send()
            .await
            .unwrap();
        let mut arrivals = Vec::new();
        let mut text = String::new();
        while let Some(piece) = response.chunk().await.unwrap() {
            arrivals.push(begun.elapsed());
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        let (first, last) = (arrivals[0], arrivals[arrivals.len() - 1]);
        assert!(arrivals.len() >= 4, "{arrivals:?}");
        // the role's frame says nothing; the first word comes with the second one
        assert!(first < 4 * pause, "the first piece after {first:?}");
        assert!(last - first >= 3 * pause, "{arrivals:?}");
        assert!(text.contains("one") && text.contains("four"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_goes_on_until_a_word_is_out() {
    let server = Server::start(
        |request| match (request.model(), request.prompt().as_str()) {
            ("a", "cut") => Answer::Cut(chat_frames("a", "one two three four five six")),
            ("a", "slow") => error(429, "slow down"),
            ("a", _) => error(500, "a is broken"),
            _ => either(request, "from b"),
        },
    );
    let project = chained(&server, "limits: {attempts: 1}\n");
    let endpoint = Endpoint::start(&project, &[]);
    let said = endpoint
        .say("/v1/chat/completions", &ask("safe", "x"))
        .await;
    assert_eq!(
        said.json()["choices"][0]["message"]["content"],
        "from b",
        "{}",
        said.text
    );
    assert_eq!(said.header("x-bakeoff-served-by"), "b");
    assert_eq!(said.header("x-bakeoff-why"), "fallback: a server");
    assert_eq!(said.header("x-bakeoff-attempts"), "2");
    let said = endpoint
        .say("/v1/messages", &streamed(ask("safe", "x")))
        .await;
    assert!(
        said.text.contains("from ") && said.text.contains("message_stop"),
        "{}",
        said.text
    );
    let before = server.requests().len();
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let said = endpoint.say(path, &streamed(ask("safe", "cut"))).await;
        assert_eq!(said.status, 200);
        let last = said.events().pop().unwrap();
        assert!(
            last["error"]["message"]
                .as_str()
                .unwrap()
                .contains("before the reply was finished"),
            "{last}"
        );
        assert!(!said.text.contains("[DONE]") && !said.text.contains("message_stop"));
        assert!(!said.text.contains("from b"), "two answers in one");
    }
    assert_eq!(
        server.requests().len() - before,
        2,
        "nobody was asked after the first word"
    );
    let row = log(&project).pop().unwrap();
    assert_eq!(row["end"]["trouble"], "transport");
    // alone, what the provider says is said in the caller's words
    let said = endpoint.say("/v1/chat/completions", &ask("a", "x")).await;
    assert_eq!(
        (said.status, said.json()["error"]["type"].as_str()),
        (502, Some("server_error"))
    );
    assert_eq!(said.header("x-should-retry"), "false");
    let said = endpoint.say("/v1/messages", &ask("a", "slow")).await;
    assert_eq!(
        (said.status, said.json()["error"]["type"].as_str()),
        (429, Some("rate_limit_error"))
    );
    assert_eq!(said.header("x-should-retry"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_go_there_and_back() {
    let server = Server::start(|request| {
        let turns = request.body["messages"].as_array().unwrap();
        if turns.last().unwrap()["role"] == "tool" {
            return either(request, "18 degrees");
        }
        let delta = |delta: Value| {
            format!(
                "data: {}\n\n",
                json!({"model": "a", "choices": [{"index": 0, "delta": delta}]})
            )
        };
        let call = |more: Value| delta(json!({"tool_calls": [more]}));
        let end = json!({"model": "a", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 5, "completion_tokens": 2}});
        Answer::Stream(
            vec![
                call(
                    json!({"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}}),
                ),
                call(json!({"index": 0, "function": {"arguments": "{\"city\":"}})),
                call(json!({"index": 0, "function": {"arguments": "\"Paris\"}"}})),
                format!("data: {end}\n\ndata: [DONE]\n\n"),
            ],
            Duration::from_millis(20),
        )
    });
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "");
    let endpoint = Endpoint::start(&project, &[]);
    let mut body = streamed(ask("a", "weather?"));
    body["tools"] = json!([{"name": "weather", "input_schema": {"type": "object"}}]);
    let said = endpoint.say("/v1/messages", &body).await;
    let pieces = said
        .events()
        .iter()
        .filter_map(|event| event["delta"]["partial_json"].as_str().map(str::to_owned))
        .collect::<Vec<_>>();
    assert!(
        pieces.len() >= 2,
        "the arguments come in pieces: {pieces:?}"
    );
    assert_eq!(pieces.concat(), "{\"city\":\"Paris\"}");
    assert!(said.text.contains("\"stop_reason\":\"tool_use\""));
    let mut body = ask("a", "weather?");
    body["messages"] = json!([{"role": "user", "content": "weather?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Paris"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "18"}]}]);
    let said = endpoint.say("/v1/messages", &body).await;
    assert_eq!(said.json()["content"][0]["text"], "18 degrees");
    let sent = server.requests().pop().unwrap().body;
    assert_eq!(
        sent["messages"][1]["tool_calls"][0]["function"]["arguments"],
        "{\"city\":\"Paris\"}"
    );
    assert_eq!(
        sent["messages"][2],
        json!({"role": "tool", "tool_call_id": "c1", "content": "18"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_stops_the_provider_too() {
    let server = Server::start(|_| Answer::Endless);
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "");
    let endpoint = Endpoint::start(&project, &[]);
    let mut response = endpoint
        .post("/v1/chat/completions", &streamed(ask("a", "go on")))
        .send()
        .await
        .unwrap();
    for _ in 0..5 {
        assert!(response.chunk().await.unwrap().is_some());
    }
    drop(response);
    let begun = Instant::now();
    loop {
        let page = endpoint.get("/metrics").await.text;
        if page.contains("bakeoff_in_flight 0") && page.contains("status=\"499\"") {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "still asking:\n{page}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(log(&project)[0]["end"]["trouble"], "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_stands_still_fills_no_memory() {
    let server = Server::start(|_| Answer::Endless);
    let project = Project::arithmetic(&server.base_url(), &["a"], 1, "");
    let endpoint = Endpoint::start(&project, &[]);
    let mut held = Vec::new();
    for _ in 0..8 {
        let body = streamed(ask("a", "go on"));
        let mut response = endpoint
            .post("/v1/chat/completions", &body)
            .send()
            .await
            .unwrap();
        response.chunk().await.unwrap();
        held.push(response);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", endpoint.child.id()));
    let Ok(status) = status else { return };
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib < 200 << 10, "{kib} KiB");
}
