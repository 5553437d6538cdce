//! Opaque state: what providers signed or encrypted goes back with the next request, unchanged.

use crate::recordings::read;
use crate::shared::{folder, say};
use bakeoff::prompt::{Message, Role};
use bakeoff::provider::{Auth, Call, Endpoint, dialect};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

/// The fields that hold what only the provider understands.
const OPAQUE: &[&str] = &[
    "signature",
    "thoughtSignature",
    "thought_signature",
    "encrypted_content",
    "redactedContent",
];

/// The opaque texts in a value.
fn opaque(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| opaque(item, into)),
        Value::Object(fields) => {
            for (name, inner) in fields {
                match inner.as_str().filter(|text| !text.is_empty()) {
                    Some(text) if OPAQUE.contains(&name.as_str()) => into.push(text.to_owned()),
                    _ => opaque(inner, into),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_was_signed_goes_back() {
    let Some(folder) = folder("BAKEOFF_RECORDINGS", "recordings") else {
        return;
    };
    let file = File::open(folder.join("exchanges.jsonl.gz")).expect("the recordings' file");
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let record: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (api, id) = (record["api"].as_str().unwrap(), &record["id"]);
        let Some(spoken) = dialect(api) else { continue };
        let Ok(reply) = read(spoken.dialect, &record).remove(0).1 else {
            continue;
        };
        let mut kept = Vec::new();
        opaque(&reply.state.clone().unwrap_or_default(), &mut kept);
        // what the body holds whole must be in the state
        let body = record["response_body"].as_str().unwrap_or_default();
        let mut stated = Vec::new();
        let pieces = body
            .lines()
            .map(|line| line.trim_start_matches("data:").trim());
        for piece in pieces.chain([body]) {
            if let Ok(value) = serde_json::from_str::<Value>(piece) {
                opaque(&value, &mut stated);
            }
        }
        if !stated.is_empty() {
            assert!(
                !kept.is_empty(),
                "{id} {api}: {} signed and lost",
                stated.len()
            );
        }
        if kept.is_empty() {
            continue;
        }
        let call = Call {
            model: record["model"].as_str().unwrap_or("m").to_owned(),
            messages: vec![
                Message::text(Role::User, "one"),
                reply.message(),
                Message::text(Role::User, "two"),
            ],
            ..Call::default()
        };
        let to = Endpoint {
            base_url: "https://provider.example".into(),
            auth: Auth::Bearer,
            key: None,
            quirks: Default::default(),
        };
        let request = spoken.dialect.encode(&call, &to).unwrap();
        let mut sent = Vec::new();
        opaque(&serde_json::from_slice(&request.body).unwrap(), &mut sent);
        for text in &kept {
            assert!(
                sent.contains(text),
                "{id} {api}: {text:.40} does not go back"
            );
        }
        let count = counts.entry(api.to_owned()).or_default();
        count.0 += 1;
        count.1 += kept.len();
    }
    for (api, (replies, texts)) in &counts {
        say(&format!(
            "state: {api}: {replies} replies with {texts} opaque texts, all go back"
        ));
    }
    for api in [
        "anthropic-messages",
        "gemini",
        "openai-responses",
        "bedrock-converse",
    ] {
        assert!(counts.contains_key(api), "no recording of {api} is signed");
    }
}
