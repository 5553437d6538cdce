//! Eight shapes of keys, sent back by the server in every form it can think of: they come to stand nowhere.

use crate::project::{Project, Said};
use crate::server::{Answer, Request, Server, chat, chat_frames};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const KEYS: [&str; 8] = [
    "sk-proj-0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P",
    "sk-ant-api03-Zz9-_yY8xX7wW6vV5uU4tT3sS2rR1qQ",
    "AIzaSyD-0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5",
    "gsk_0A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r",
    "0123456789abcdef0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "a/b+c=d?e&f#g%h i~j",
    "quo\"ted\\back'slash<tag>key",
];

fn percent(text: &str, upper: bool) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        byte if upper => format!("%{byte:02X}"),
        byte => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}

/// The forms that a server sends a key back in, by their names.
const FORMS: [&str; 9] = [
    "plain",
    "header",
    "base64",
    "base64url",
    "base64 header",
    "base64 pair",
    "percent",
    "percent lower",
    "json",
];

fn formed(form: &str, key: &str) -> String {
    let header = format!("Bearer {key}");
    match form {
        "plain" => key.to_owned(),
        "header" => header,
        "base64" => STANDARD.encode(key),
        "base64url" => URL_SAFE.encode(key),
        "base64 header" => STANDARD.encode(header),
        "base64 pair" => STANDARD.encode(format!("ab:{key}:x")),
        "percent" => percent(key, true),
        "percent lower" => percent(key, false),
        "json" => json!(key).to_string(),
        other => panic!("no form {other}"),
    }
}

/// The parts of a text that betray the key: itself, escaped, or in base64 at any place among other bytes.
fn traces(key: &str) -> Vec<String> {
    let escaped = json!(key).to_string();
    let html = key
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let html = html.replace('"', "&quot;");
    let mut all = vec![key.to_owned(), escaped.trim_matches('"').to_owned(), html];
    all.extend([percent(key, true), percent(key, false)]);
    for before in 0..3 {
        let whole = STANDARD_NO_PAD.encode(format!("{}{key}", "x".repeat(before)));
        // Its first and last characters hold bits of what stands around it.
        let core = whole[4..whole.len() - 4].to_owned();
        all.push(core.replace('+', "-").replace('/', "_"));
        all.push(core);
    }
    all
}

fn server() -> Server {
    Server::start(|request: &Request| {
        let key = request.header("authorization").unwrap_or_default();
        let key = key.strip_prefix("Bearer ").unwrap_or(key).to_owned();
        let prompt = request.prompt();
        let (how, form) = prompt.split_once(' ').unwrap();
        let text = format!("you sent {} to me", formed(form, &key));
        let head = vec![
            ("x-request-id", formed("base64", &key)),
            ("x-key", percent(&key, true)),
        ];
        let stream = request.body["stream"] == true;
        match how {
            "answer" if stream => {
                // Letter by letter, so that no frame holds it.
                let letters: Vec<char> = text.chars().collect();
                let all: String = letters.iter().map(|c| format!("{c}\u{1}")).collect();
                let frames = all.split_inclusive('\u{1}').flat_map(|it| {
                    let it = it.trim_end_matches('\u{1}');
                    chat_frames(&text, it).into_iter().skip(1).take(1)
                });
                let mut frames: Vec<String> = frames.collect();
                frames.extend(chat_frames(&text, "").into_iter().rev().take(2).rev());
                Answer::Stream(frames, Duration::ZERO)
            }
            "answer" => {
                let body = json!({"model": text, "id": text, "choices": [{"index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text, "reasoning_content": text}}],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "echo": text}});
                Answer::Whole(200, head, body.to_string())
            }
            "refuse" => {
                let body = json!({"error": {"message": text, "type": text, "code": text}});
                Answer::Whole(400, head, body.to_string())
            }
            "html" => Answer::Whole(502, head, format!("<html>{text}</html>")),
            "raw" => Answer::Whole(200, head, text),
            _ => chat(&text, &text),
        }
    })
}

fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, into),
            false => into.push((path.display().to_string(), std::fs::read(&path).unwrap())),
        }
    }
}

fn has(place: &[u8], text: &str) -> bool {
    place
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn a_key_that_is_sent_back_in_any_form_comes_to_stand_nowhere() {
    let server = server();
    let url = server.base_url();
    let ways = ["answer", "refuse", "html", "raw", "stream"];
    let rows = ways
        .iter()
        .flat_map(|how| FORMS.iter().map(move |form| (how, form)));
    let rows: String = rows
        .map(|(how, form)| format!("{how}-{form},{how} {form}\n"))
        .collect();
    let rows = format!("id,q\n{rows}");
    let suite = format!(
        "name: keys\ndataset: data.csv\nprompts:\n  - {{name: ask, messages: [{{user: \"{{{{q}}}}\"}}]}}\n\
         models:\n  - {{name: m, api: openai-chat, base_url: \"{url}\", model: m, key: THE_SECRET, price: {{input: 1, output: 1}}}}\n\
         scorers: [{{name: echo, script: {{command: [sh, echo.sh]}}}}, {{contains: x}}]\nprimary: contains\n\
         limits: {{attempts: 1, max_failed: 1}}\n"
    );
    // What a program is given: its environment and what it reads, put where we look.
    let script = "env > child-env.txt\nwhile read -r line; do echo \"$line\" >> child-in.txt; echo '{\"value\": 1}'; done\n";
    let mut looked = 0;
    for key in KEYS {
        let project = Project::new(&[
            ("data.csv", &rows),
            ("bakeoff.yaml", &suite),
            ("echo.sh", script),
        ]);
        let run = |args: &[&str]| -> Said {
            let mut command = project.command(args);
            command
                .env("THE_SECRET", key)
                .env("GITHUB_STEP_SUMMARY", "step.md");
            command.output().unwrap().into()
        };
        let mut places: Vec<(String, Vec<u8>)> = Vec::new();
        let mut say = |args: &[&str]| {
            let said = run(args);
            places.push((format!("{args:?} stdout"), said.out.clone().into_bytes()));
            places.push((format!("{args:?} stderr"), said.err.clone().into_bytes()));
            said
        };
        let args = [
            "run",
            "--allow-exec",
            "--events",
            "events.jsonl",
            "--record",
            "replies.jsonl",
        ];
        let said = say(&args);
        assert!([0, 3].contains(&said.code), "{}", said.err);
        for format in "terminal json markdown html junit github codequality csv".split(' ') {
            say(&["report", "--format", format]);
        }
        for case in [
            "answer-plain",
            "refuse-base64 header",
            "html-percent",
            "raw-json",
        ] {
            assert_eq!(say(&["show", "latest", case]).code, 0);
            say(&["show", "latest", case, "--format", "json"]);
        }
        say(&["doctor"]);
        say(&["baseline", "set"]);
        say(&["check"]);
        for how in ["answer base64 header", "refuse plain", "raw percent lower"] {
            for more in ["--stream", "--no-stream", "--dry-run"] {
                let call = [
                    "call",
                    "m",
                    "--api",
                    "openai-chat",
                    "--base-url",
                    &url,
                    "--key-env",
                    "THE_SECRET",
                ];
                say(&[&call[..], &["--attempts", "1", "--prompt", how, more]].concat());
            }
        }
        let seen = server.requests();
        let header = seen.last().unwrap().header("authorization").unwrap();
        assert_eq!(
            header,
            format!("Bearer {key}"),
            "the server did have it to send back"
        );
        assert!(
            run(&["show", "latest", "answer-plain"])
                .out
                .contains("[redacted]")
        );
        files(project.path(), &mut places);
        for needed in [
            "events.jsonl",
            "replies.jsonl",
            "store.db",
            "child-env.txt",
            "child-in.txt",
            "junit.xml",
            "trials.csv",
            "step.md",
        ] {
            assert!(
                places.iter().any(|(name, _)| name.ends_with(needed)),
                "{needed} was not written"
            );
        }
        for (name, bytes) in &places {
            for trace in traces(key) {
                assert!(!has(bytes, &trace), "{key} stands in {name} as {trace}");
                looked += 1;
            }
        }
    }
    assert!(looked > 2000, "{looked}");
}
