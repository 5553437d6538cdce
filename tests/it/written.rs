//! Response bodies as they stand in a fixture: text, lines, JSON, or AWS frames by their headers and payload.

use serde_json::Value;

/// The bytes that a fixture's `body` stands for.
pub fn body(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        Value::Array(parts) if parts.iter().all(Value::is_object) => {
            parts.iter().flat_map(aws_frame).collect()
        }
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
            lines.join("\n").into_bytes()
        }
        json => json.to_string().into_bytes(),
    }
}

/// A message of `application/vnd.amazon.eventstream`: lengths, their checksum, string headers,
/// payload, checksum of all.
fn aws_frame(frame: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in frame["headers"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        headers.push(name.len() as u8);
        headers.extend(name.as_bytes());
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let payload = frame["payload"].to_string();
    let total = 12 + headers.len() + payload.len() + 4;
    let mut out = Vec::new();
    out.extend((total as u32).to_be_bytes());
    out.extend((headers.len() as u32).to_be_bytes());
    out.extend(crc32(&out).to_be_bytes());
    out.extend(headers);
    out.extend(payload.as_bytes());
    out.extend(crc32(&out).to_be_bytes());
    out
}

/// CRC-32 (IEEE 802.3), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc));
    !bytes.iter().fold(!0, byte)
}
