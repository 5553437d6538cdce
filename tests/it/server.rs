//! A loopback server for tests: answers by a function of the request, and misbehaves when told to.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST /v1/chat/completions`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// How many requests with this very body came before.
    pub seen: usize,
}

impl Request {
    /// The text of the last message.
    pub fn prompt(&self) -> String {
        let last = self.body["messages"]
            .as_array()
            .and_then(|messages| messages.last())
            .cloned()
            .unwrap_or_default();
        last["content"].as_str().unwrap_or_default().to_owned()
    }

    pub fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What goes back.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Status, extra headers, body.
    Whole(u16, Vec<(&'static str, String)>, String),
    /// Status, all headers, body; then the connection closes, which is the body's only end.
    Raw(u16, Vec<(String, String)>, Vec<u8>),
    /// SSE frames, each after this pause; then the end.
    Stream(Vec<String>, Duration),
    /// The head and half of the frames, then the connection closes.
    Cut(Vec<String>),
    /// The connection is closed before anything is said.
    Reset,
    /// Nothing, for this long.
    Silent(Duration),
    /// A body that never ends.
    Endless,
}

type Script = dyn Fn(&Request) -> Answer + Send + Sync;

/// All requests so far, and how often each body came.
#[derive(Default)]
struct Seen {
    all: Vec<Request>,
    bodies: HashMap<String, usize>,
}

/// A server on a port of its own; stops with the value.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    most: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(script: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let script: Arc<Script> = Arc::new(script);
        let (seen, most, over) = (
            Arc::default(),
            Arc::default(),
            Arc::new(AtomicBool::new(false)),
        );
        let server = Server {
            port,
            seen: Arc::clone(&seen),
            most: Arc::clone(&most),
            over: Arc::clone(&over),
        };
        let flying = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (script, seen, flying, most) = (
                    script.clone(),
                    Arc::clone(&seen),
                    flying.clone(),
                    Arc::clone(&most),
                );
                thread::spawn(
                    move || while serve(&stream, &*script, &seen, &flying, &most).is_some() {},
                );
            }
        });
        server
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().all.clone()
    }

    /// Most requests in flight at once.
    pub fn most_in_flight(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    mut stream: &TcpStream,
    script: &Script,
    seen: &Mutex<Seen>,
    flying: &AtomicUsize,
    most: &AtomicUsize,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let asked = ["POST ", "GET "].iter().any(|verb| line.starts_with(verb));
    asked.then_some(())?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let request = {
        let mut seen = seen.lock().unwrap();
        let count = seen.bodies.entry(body.to_string()).or_default();
        *count += 1;
        let before = *count - 1;
        seen.all.push(Request {
            line: line
                .rsplit_once(' ')
                .map_or("", |(line, _)| line)
                .to_owned(),
            headers,
            body,
            seen: before,
        });
        seen.all.last().unwrap().clone()
    };
    most.fetch_max(flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let answer = script(&request);
    let kept = say(stream, answer);
    flying.fetch_sub(1, Ordering::SeqCst);
    let _ = stream.flush();
    kept
}

const STREAM_HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// Says it; `None` if the connection is over.
fn say(mut stream: &TcpStream, answer: Answer) -> Option<()> {
    match answer {
        Answer::Whole(status, headers, body) => {
            let mut head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream
                .write_all(format!("{head}\r\n{body}").as_bytes())
                .ok()?;
            return Some(());
        }
        Answer::Raw(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
            stream.write_all(&body).ok()?;
        }
        Answer::Stream(frames, pause) => {
            stream.write_all(STREAM_HEAD).ok()?;
            for frame in frames {
                thread::sleep(pause);
                stream.write_all(frame.as_bytes()).ok()?;
            }
        }
        Answer::Cut(frames) => {
            stream.write_all(STREAM_HEAD).ok()?;
            for frame in &frames[..frames.len() / 2] {
                stream.write_all(frame.as_bytes()).ok()?;
            }
        }
        Answer::Reset => {}
        Answer::Silent(time) => thread::sleep(time),
        Answer::Endless => {
            stream.write_all(STREAM_HEAD).ok()?;
            let frame = format!(
                "data: {}\n\n",
                json!({"choices": [{"index": 0, "delta": {"content": "x".repeat(4096)}}]})
            );
            while stream.write_all(frame.as_bytes()).is_ok() {}
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Both);
    None
}

/// An OpenAI chat stream that says `text`, word by word.
pub fn chat(model: &str, text: &str) -> Answer {
    Answer::Stream(chat_frames(model, text), Duration::ZERO)
}

/// The frames of [`chat`].
pub fn chat_frames(model: &str, text: &str) -> Vec<String> {
    let frame = |delta: Value, finish: Value| {
        let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "model": model,
                           "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        format!("data: {chunk}\n\n")
    };
    let mut frames = vec![frame(
        json!({"role": "assistant", "content": ""}),
        Value::Null,
    )];
    frames.extend(
        text.split_inclusive(' ')
            .map(|word| frame(json!({"content": word}), Value::Null)),
    );
    frames.push(frame(json!({}), json!("stop")));
    let usage = json!({"model": model, "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}});
    frames.push(format!("data: {usage}\n\ndata: [DONE]\n\n"));
    frames
}

/// A JSON error of this status.
pub fn error(status: u16, message: &str) -> Answer {
    let body = json!({"error": {"message": message, "type": "test_error", "code": null}});
    Answer::Whole(status, Vec::new(), body.to_string())
}
