//! Recorded exchanges with real providers: every response, whole and cut at any byte, gives what
//! its record expects.

use crate::shared::{folder, say};
use bakeoff::provider::{Dialect, Failure, Frames, Framing, HttpResponse, Reply, dialect};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

#[derive(Default)]
struct Count {
    exchanges: usize,
    streams: usize,
    readings: usize,
    wrong: usize,
}

#[test]
fn recorded_exchanges_read_as_expected() {
    let Some(records) = exchanges() else { return };
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for record in records {
        let api = record["api"].as_str().unwrap();
        let Some(spoken) = dialect(api) else {
            *left_out.entry(api.into()).or_default() += 1;
            continue;
        };
        let count = counts.entry(api.into()).or_default();
        count.exchanges += 1;
        count.streams += usize::from(record["streaming"] == json!(true));
        for (way, outcome) in read(spoken.dialect, &record) {
            count.readings += 1;
            let differences = differences(&record["expected"], &outcome);
            if !differences.is_empty() {
                count.wrong += 1;
                let (id, provider) = (&record["id"], &record["provider"]);
                wrong.push(format!(
                    "{id} {provider} {api} {way}: {}",
                    differences.join("; ")
                ));
            }
        }
    }
    for (api, count) in &counts {
        let Count {
            exchanges,
            streams,
            readings,
            wrong,
        } = count;
        say(&format!(
            "recordings: {api}: {exchanges} exchanges ({streams} streams), {readings} readings, {wrong} wrong"
        ));
    }
    for (api, count) in &left_out {
        say(&format!(
            "recordings: {api}: {count} left out, no such dialect yet"
        ));
    }
    assert!(
        wrong.is_empty(),
        "{} readings differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// Every recorded exchange, if there are any here.
pub fn exchanges() -> Option<impl Iterator<Item = Value>> {
    let folder = folder("BAKEOFF_RECORDINGS", "recordings")?;
    let file = File::open(folder.join("exchanges.jsonl.gz")).expect("the recordings' file");
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    Some(lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()))
}

/// The response of a recorded exchange.
pub fn response(record: &Value) -> HttpResponse {
    let headers = record["response_headers"].as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_string()));
    HttpResponse {
        status: record["status"].as_u64().unwrap() as u16,
        headers: headers.collect(),
        body: match record["response_body_encoding"].as_str() {
            Some("base64") => base64(record["response_body"].as_str().unwrap()).into(),
            _ => record["response_body"].as_str().unwrap().to_string().into(),
        },
    }
}

/// The response read as its content type says, all at once.
pub fn outcome(dialect: &dyn Dialect, response: &HttpResponse) -> Result<Reply, Failure> {
    let framing = response.header("content-type").and_then(Framing::of);
    match framing.filter(|_| response.status == 200) {
        Some(framing) => stream(dialect, framing, &response.body, &[]),
        None => dialect.decode(response),
    }
}

/// Every way of reading one exchange, by name.
pub fn read(dialect: &dyn Dialect, record: &Value) -> Vec<(String, Result<Reply, Failure>)> {
    let response = response(record);
    let framing = response.header("content-type").and_then(Framing::of);
    let Some(framing) = framing.filter(|_| response.status == 200) else {
        return vec![("whole".into(), dialect.decode(&response))];
    };
    let body = &response.body;
    let mut ways = vec![
        ("stream".to_string(), vec![]),
        ("byte by byte".to_string(), (1..body.len()).collect()),
    ];
    let mut seed = record["id"]
        .as_str()
        .unwrap()
        .bytes()
        .fold(7u64, |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
    for round in 0..4 {
        let mut cuts: Vec<usize> = (0..1 + body.len() / 200)
            .map(|_| {
                // Knuth's MMIX generator: plain, and the same on every machine
                seed = seed
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                (seed >> 33) as usize % body.len().max(1)
            })
            .collect();
        cuts.sort_unstable();
        ways.push((format!("random cuts {round}"), cuts));
    }
    let read = ways
        .into_iter()
        .map(|(way, cuts)| (way, stream(dialect, framing, body, &cuts)));
    read.collect()
}

fn stream(
    dialect: &dyn Dialect,
    framing: Framing,
    body: &[u8],
    cuts: &[usize],
) -> Result<Reply, Failure> {
    let mut decoder = dialect.stream();
    let mut frames = Frames::new(framing);
    let mut out = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([body.len()]) {
        frames.push(&body[from..to], &mut out)?;
        from = to;
        for frame in out.drain(..) {
            decoder.frame(&frame);
        }
    }
    frames.end(&mut out)?;
    for frame in out.drain(..) {
        decoder.frame(&frame);
    }
    decoder.finish()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.bytes() {
        let Some(digit) = DIGITS.iter().position(|digit| *digit == byte) else {
            continue;
        };
        bits = bits << 6 | digit as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn differences(expected: &Value, outcome: &Result<Reply, Failure>) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |field: &str, got: Value| {
        if !same(&expected[field], &got) {
            found.push(format!("{field}: expected {}, got {got}", expected[field]));
        }
    };
    let reply = match outcome {
        Ok(reply) => {
            compare("error", Value::Null);
            Some(reply)
        }
        Err(failure) => {
            compare(
                "error",
                json!({
                    "type": failure.error_type,
                    "code": failure.code,
                    "message": failure.message,
                    "status": failure.status,
                }),
            );
            failure.partial.as_deref()
        }
    };
    let reply = match (reply, outcome) {
        (Some(reply), _) => reply,
        (None, Err(_)) if expected["text"] == json!("") && expected["usage_raw"].is_null() => {
            return found;
        }
        (None, _) => {
            found.push("what came before the error is lost".into());
            return found;
        }
    };
    let calls = reply
        .tool_calls
        .iter()
        .map(|call| json!({"name": call.name, "arguments": call.arguments}));
    compare("text", json!(reply.text));
    compare(
        "reasoning_text",
        json!(reply.reasoning_text.as_deref().unwrap_or_default()),
    );
    compare("refusal", json!(reply.refusal));
    compare("tool_calls", calls.collect());
    if outcome.is_ok() || reply.finish.is_some() {
        compare("finish_reason", json!(reply.finish));
        compare("finish_reason_raw", json!(reply.finish_raw));
    }
    compare("input_tokens", json!(reply.usage.input));
    compare("output_tokens", json!(reply.usage.output));
    compare("cached_input_tokens", json!(reply.usage.cached_input));
    compare("cache_write_tokens", json!(reply.usage.cache_write));
    compare("reasoning_tokens", json!(reply.usage.reasoning));
    compare("usage_raw", json!(reply.usage.raw));
    found
}

/// Equal as JSON, where 1 and 1.0 are one number and the order of keys does not count.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}
