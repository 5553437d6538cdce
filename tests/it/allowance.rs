//! A server that states what is left of its limits is never driven to a 429; one that does not, is.

use crate::project::Project;
use crate::run::right;
use crate::server::{Answer, Server, error};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many requests a window allows.
const LIMIT: u64 = 30;
const WINDOW: Duration = Duration::from_millis(800);

/// A fixed window: its beginning, and what was used of it.
struct Window(Instant, u64);

/// A server that allows [`LIMIT`] requests a window, and says so in the headers of this style.
fn limited(style: &'static str) -> Server {
    let window = Mutex::new(Window(Instant::now(), 0));
    Server::start(move |request| {
        let (allowed, left, reset) = {
            let mut window = window.lock().unwrap();
            if window.0.elapsed() >= WINDOW {
                *window = Window(Instant::now(), 0);
            }
            let allowed = window.1 < LIMIT;
            window.1 += u64::from(allowed);
            // A little late rather than early: what is sent on the stroke must not be refused.
            let reset = (WINDOW + Duration::from_millis(20)).saturating_sub(window.0.elapsed());
            (allowed, LIMIT - window.1, reset)
        };
        std::thread::sleep(Duration::from_millis(20));
        let headers = match style {
            "openai" => vec![
                ("x-ratelimit-limit-requests", LIMIT.to_string()),
                ("x-ratelimit-remaining-requests", left.to_string()),
                (
                    "x-ratelimit-reset-requests",
                    format!("{}ms", reset.as_millis()),
                ),
            ],
            "plain" => vec![
                ("x-ratelimit-limit", LIMIT.to_string()),
                ("x-ratelimit-remaining", left.to_string()),
                ("x-ratelimit-reset", format!("{:.3}", reset.as_secs_f64())),
            ],
            _ => Vec::new(),
        };
        match allowed {
            true => Answer::Whole(
                200,
                headers,
                answer(request.model(), &right(request)).to_string(),
            ),
            false => match error(429, "slow down") {
                Answer::Whole(status, _, body) => Answer::Whole(status, headers, body),
                other => other,
            },
        }
    })
}

fn answer(model: &str, text: &str) -> Value {
    json!({"model": model, "choices": [{"index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": text}}], "usage": {"prompt_tokens": 12, "completion_tokens": 3}})
}

/// Runs 120 cases; requests sent, 429s among them, seconds.
fn drive(style: &'static str) -> (usize, usize, f64) {
    let server = limited(style);
    let project = Project::arithmetic(
        &server.base_url(),
        &["m"],
        120,
        "limits: {concurrency: 16, attempts: 20}\n",
    );
    let start = Instant::now();
    let said = project.run(&["run", "--format", "json"]);
    let took = start.elapsed().as_secs_f64();
    assert_eq!(said.code, 0, "{style}: {}", said.err);
    let summary = said.json();
    assert_eq!(summary["candidates"][0]["answered"], 120, "{style}");
    let sent = server.requests().len();
    (sent, sent - 120, took)
}

#[test]
fn stated_limits_are_obeyed_before_the_first_429() {
    let (_, blind, took) = drive("silent");
    println!("without headers: {blind} 429s, {took:.2} s");
    assert!(blind > 0, "the server limits nothing: {blind}");
    for style in ["openai", "plain"] {
        let (sent, refused, took) = drive(style);
        println!("{style}: {sent} requests, {refused} 429s, {took:.2} s");
        assert_eq!(refused, 0, "{style}");
    }
}
