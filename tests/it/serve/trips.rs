//! What the vendors' SDKs put on the wire, read as a caller's request and sent on in the same dialect:
//! it is the same request, or it is refused by the name of the field that cannot be carried.

use crate::sdk_requests::{normal, place};
use crate::shared::{folder, say};
use bakeoff::provider::catalog::provider;
use bakeoff::provider::{Call, Endpoint, dialect};
use bakeoff::serve::wire::Wire;
use bakeoff::serve::{anthropic, openai};
use serde_json::{Value, json};
use std::fs;

/// What a whole reply has no place for.
const REFUSED: [&str; 2] = ["n", "logprobs"];

fn trip(api: &str, wire: &dyn Wire, body: &Value) -> Result<Value, String> {
    let asked = wire
        .read(body)
        .map_err(|trouble| trouble.param.unwrap_or(trouble.message))?;
    let (api, row, base_url) = place(api).unwrap();
    let row = provider(row).unwrap();
    let to = Endpoint {
        base_url: base_url.into(),
        auth: row.auth,
        key: None,
        quirks: row.quirks,
    };
    let call = Call {
        model: asked.model,
        ..asked.call
    };
    let request = dialect(api).unwrap().dialect.encode(&call, &to);
    let request = request.map_err(|error| format!("encoding: {error}"))?;
    Ok(serde_json::from_slice(&request.body).unwrap())
}

#[test]
fn requests_of_the_sdks_come_through_unchanged() {
    let Some(folder) = folder("BAKEOFF_SDK_REQUESTS", "sdk_requests") else {
        return;
    };
    let wires: [(&str, &dyn Wire); 2] = [
        ("openai-chat", &openai::Chat),
        ("anthropic-messages", &anthropic::Messages),
    ];
    let mut wrong = Vec::new();
    for (api, wire) in wires {
        for label in ["2025", "latest"] {
            let name = format!("{api}.{label}.jsonl");
            let text = fs::read_to_string(folder.join(&name)).unwrap();
            let (mut same, mut refused) = (0, 0);
            for line in text.lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let body = &record["body"];
                if !body.is_object() {
                    continue;
                }
                let wrap = |body: &Value| normal(api, &json!({"body": body}));
                match trip(api, wire, body) {
                    Ok(ours) if wrap(&ours) == wrap(body) => same += 1,
                    Ok(ours) => wrong.push(format!(
                        "{name} {}:\n  ours   {ours}\n  theirs {body}",
                        record["call"]
                    )),
                    Err(field) if REFUSED.contains(&field.as_str()) && !body[&field].is_null() => {
                        refused += 1
                    }
                    Err(why) => wrong.push(format!("{name} {}: {why}", record["call"])),
                }
            }
            say(&format!(
                "serve: {name}: {same} requests unchanged, {refused} refused by name"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
