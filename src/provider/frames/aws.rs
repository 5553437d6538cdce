//! AWS event-stream messages, as the Smithy specification of `application/vnd.amazon.eventstream`
//! has them: lengths, headers and a payload, with two checksums.

use super::{FRAME_LIMIT, Frame, broken};
use crate::provider::call::Failure;

/// Length of the message, length of its headers, checksum of these two.
const PRELUDE: usize = 12;

/// The first message in `bytes` with its length; `None` if it is not all there.
pub(super) fn message(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Failure> {
    let Some(prelude) = bytes.get(..PRELUDE) else {
        return Ok(None);
    };
    let total = number(&prelude[..4]) as usize;
    let headers = number(&prelude[4..8]) as usize;
    if number(&prelude[8..]) != crc32(&prelude[..8]) {
        return Err(bad("its prelude's checksum is wrong"));
    }
    if total > FRAME_LIMIT {
        return Err(broken(
            "frame_too_large",
            "an event of the stream is larger than 1 MiB",
        ));
    }
    if headers + PRELUDE + 4 > total {
        return Err(bad("its lengths do not fit"));
    }
    let Some(whole) = bytes.get(..total) else {
        return Ok(None);
    };
    let (checked, checksum) = whole.split_at(total - 4);
    if number(checksum) != crc32(checked) {
        return Err(bad("its checksum is wrong"));
    }
    let (headers, payload) = checked[PRELUDE..].split_at(headers);
    let frame = Frame {
        event: event(headers),
        data: String::from_utf8_lossy(payload).into_owned(),
    };
    Ok(Some((frame, total)))
}

/// What kind of event it is; of an exception, which one.
fn event(mut headers: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some((name, value, rest)) = header(headers) {
        if matches!(name, b":event-type" | b":exception-type" | b":error-code") {
            found = Some(String::from_utf8_lossy(value).into_owned());
        }
        headers = rest;
    }
    found
}

/// The first header: its name, its value's bytes, and what follows.
fn header(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        6 | 7 => {
            let (length, rest) = rest.split_at_checked(2)?;
            (number(length) as usize, rest)
        }
        9 => (16, rest),
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((name, value, rest))
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn bad(why: &str) -> Failure {
    broken(
        "bad_frame",
        &format!("an event of the stream is broken: {why}"),
    )
}

/// The checksum of IEEE 802.3, reflected, as in zlib.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let mut value = n as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 {
                    value >> 1 ^ 0xEDB8_8320
                } else {
                    value >> 1
                };
                bit += 1;
            }
            table[n] = value;
            n += 1;
        }
        table
    };
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        TABLE[usize::from(sum as u8 ^ byte)] ^ sum >> 8
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Frames, Framing};

    fn encode(event: &str, payload: &str) -> Vec<u8> {
        let mut headers = Vec::new();
        for (name, value) in [(":event-type", event), (":message-type", "event")] {
            headers.push(name.len() as u8);
            headers.extend(name.bytes());
            headers.push(7);
            headers.extend((value.len() as u16).to_be_bytes());
            headers.extend(value.bytes());
        }
        let total = (PRELUDE + headers.len() + payload.len() + 4) as u32;
        let mut bytes = [total.to_be_bytes(), (headers.len() as u32).to_be_bytes()].concat();
        bytes.extend(crc32(&bytes).to_be_bytes());
        bytes.extend(headers);
        bytes.extend(payload.bytes());
        bytes.extend(crc32(&bytes).to_be_bytes());
        bytes
    }

    #[test]
    fn the_checksum_is_zlibs() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn messages_in_pieces() {
        let bytes = [
            encode("messageStart", "{}"),
            encode("metadata", "{\"é\":1}"),
        ]
        .concat();
        let mut out = Vec::new();
        let mut frames = Frames::new(Framing::Aws);
        for byte in &bytes {
            frames.push(std::slice::from_ref(byte), &mut out).unwrap();
        }
        frames.end(&mut out).unwrap();
        assert_eq!(out, Frames::of(Framing::Aws, &bytes).unwrap());
        assert_eq!(out[1].event.as_deref(), Some("metadata"));
        assert_eq!(out[1].data, "{\"é\":1}");
    }

    #[test]
    fn broken_messages_are_failures() {
        let good = encode("messageStart", "{}");
        for at in [0, 5, 9, 20, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Frames::of(Framing::Aws, &bad).is_err(), "{at}");
        }
        assert_eq!(
            Frames::of(Framing::Aws, &good[..good.len() - 1]).unwrap(),
            []
        );
    }
}
