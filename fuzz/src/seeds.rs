//! Inputs to begin with: `seeds FOLDER` writes the bodies of the recordings (where `BAKEOFF_RECORDINGS`
//! names some) and of the exchanges written by hand, a folder a target.

use base64::Engine;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Longer bodies slow the search down and show nothing that shorter ones do not.
const LONGEST: usize = 16 * 1024;

fn main() {
    let into = PathBuf::from(std::env::args().nth(1).expect("usage: seeds FOLDER"));
    let mut written = 0;
    if let Some(folder) = std::env::var_os("BAKEOFF_RECORDINGS") {
        let file =
            fs::File::open(Path::new(&folder).join("exchanges.jsonl.gz")).expect("the recordings");
        for line in BufReader::new(GzDecoder::new(file)).lines() {
            let record: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
            let text = record["response_body"].as_str().unwrap_or_default();
            let body = match record["response_body_encoding"].as_str() {
                Some("base64") => base64::engine::general_purpose::STANDARD
                    .decode(text)
                    .expect("base64"),
                _ => text.as_bytes().to_vec(),
            };
            let api = record["api"].as_str().unwrap_or_default();
            let kind = record["response_headers"]["content-type"]
                .as_str()
                .unwrap_or_default();
            written += put(&into, api, kind, record["status"].as_u64(), &body);
        }
    }
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/it/wire");
    for dialect in folders(&wire) {
        let api = dialect
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for case in folders(&dialect) {
            let Ok(text) = fs::read_to_string(case.join("response.json")) else {
                continue;
            };
            let response: Value = serde_json::from_str(&text).expect("JSON");
            let body = match &response["body"] {
                Value::String(text) => text.clone(),
                Value::Array(lines) if lines.iter().all(Value::is_string) => {
                    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                    lines.join("\n")
                }
                json => json.to_string(),
            };
            let kind = response["headers"]["content-type"]
                .as_str()
                .unwrap_or_default();
            written += put(
                &into,
                &api,
                kind,
                response["status"].as_u64(),
                body.as_bytes(),
            );
        }
    }
    println!("{written} seeds in {}", into.display());
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// A body with the head that tells the targets how to give it.
fn put(into: &Path, api: &str, kind: &str, status: Option<u64>, body: &[u8]) -> usize {
    if body.is_empty() || body.len() > LONGEST {
        return 0;
    }
    let framing = match kind.split(';').next().unwrap_or_default() {
        "text/event-stream" => Some(0),
        "application/x-ndjson" => Some(1),
        "application/vnd.amazon.eventstream" => Some(2),
        _ => None,
    };
    let status = match status {
        Some(400) => 3,
        Some(403) => 4,
        Some(429) => 5,
        Some(500) => 6,
        Some(529) => 7,
        _ => 0,
    };
    let head = [
        framing.unwrap_or(0),
        63,
        u8::from(framing.is_some()),
        status,
    ];
    let input = [&head[..], body].concat();
    let targets = [Some(api), framing.map(|_| "frames")];
    let mut name = std::hash::DefaultHasher::new();
    std::hash::Hasher::write(&mut name, &input);
    let name = format!("{:016x}", std::hash::Hasher::finish(&name));
    for target in targets.into_iter().flatten() {
        fs::create_dir_all(into.join(target)).expect("a folder");
        fs::write(into.join(target).join(&name), &input).expect("a file");
    }
    1
}
