//! Exchanges written by hand, for what nobody has recorded: a folder each in `wire/DIALECT/CASE`.
//!
//! `call.json` (a neutral request) must become `request.json`; `response.json` (status, headers
//! and a body that is text or JSON) must become the fields that `reply.json` names. A stream is
//! read whole and byte by byte.

use bakeoff::provider::call_json::{Around, read_call, reply_json};
use bakeoff::provider::{
    Auth, Dialect, Endpoint, Failure, Frames, Framing, HttpResponse, Reply, dialect,
};
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn written_exchanges() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wire");
    let mut cases = 0;
    for folder in folders(&root) {
        let name = folder.file_name().unwrap().to_string_lossy().to_string();
        let dialect = dialect(&name)
            .unwrap_or_else(|| panic!("no dialect {name}"))
            .dialect;
        let base_url = match name.starts_with("openai") {
            true => "https://host.example/v1",
            false => "https://host.example",
        };
        for case in folders(&folder) {
            let name = case.strip_prefix(&root).unwrap().display().to_string();
            let read = |file: &str| {
                let text = fs::read_to_string(case.join(file)).ok()?;
                Some(
                    serde_json::from_str::<Value>(&text)
                        .unwrap_or_else(|problem| panic!("{name}/{file}: {problem}")),
                )
            };
            if let Some(call) = read("call.json") {
                let expected = read("request.json").expect("a request.json beside call.json");
                assert_eq!(
                    sent(dialect, base_url, &call),
                    expected,
                    "{name}: the request"
                );
            }
            if let Some(response) = read("response.json") {
                let expected = read("reply.json").expect("a reply.json beside response.json");
                for outcome in outcomes(dialect, &response) {
                    let got = reply_json(&outcome, &Around::default());
                    holds(&got, &expected, &name);
                }
            }
            cases += 1;
        }
    }
    assert!(cases > 10, "the folder of cases is not where it should be");
}

pub fn folders(root: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn sent(dialect: &dyn Dialect, base_url: &str, call: &Value) -> Value {
    let mut call = read_call(&call.to_string()).unwrap();
    call.model = "model-x".into();
    let to = Endpoint {
        base_url: base_url.into(),
        auth: Auth::Bearer,
        key: Some("sk-secret".to_string().into()),
        quirks: Default::default(),
    };
    match dialect.encode(&call, &to) {
        Ok(request) => {
            let mut shown = request.shown();
            shown["warnings"] = request.warnings.into();
            shown
        }
        Err(problem) => Value::String(problem.to_string()),
    }
}

fn outcomes(dialect: &dyn Dialect, response: &Value) -> Vec<Result<Reply, Failure>> {
    let headers = response["headers"].as_object().unwrap().iter();
    let response = HttpResponse {
        status: response["status"].as_u64().unwrap() as u16,
        headers: headers
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().into()))
            .collect(),
        body: crate::written::body(&response["body"]).into(),
    };
    let framing = response.header("content-type").and_then(Framing::of);
    let Some(framing) = framing.filter(|_| response.status == 200) else {
        return vec![dialect.decode(&response)];
    };
    let read = |size: usize| {
        let mut decoder = dialect.stream();
        let mut frames = Frames::new(framing);
        let mut out = Vec::new();
        for piece in response.body.chunks(size) {
            frames.push(piece, &mut out)?;
        }
        frames.end(&mut out)?;
        for frame in &out {
            decoder.frame(frame);
        }
        decoder.finish()
    };
    vec![read(usize::MAX), read(1)]
}

/// Every field that is expected is there; what is not named may be anything.
pub fn holds(got: &Value, expected: &Value, place: &str) {
    match expected {
        Value::Object(fields) => {
            for (name, value) in fields {
                holds(&got[name], value, &format!("{place}.{name}"));
            }
        }
        other => assert_eq!(got, other, "{place}"),
    }
}
