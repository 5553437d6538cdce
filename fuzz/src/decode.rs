//! Bytes of a response, framed and decoded. `FUZZ_TARGET` names what is tried: `frames`, or a dialect.
//!
//! The first bytes of an input choose how it is given (content type, status, where it is cut); the rest
//! is the body. Nothing may panic, and where a body is cut may make no difference.

#![no_main]

use bakeoff::provider::{
    Dialect, Failure, Frame, Frames, Framing, HttpResponse, Reply, dialect, read_whole,
};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// How many bytes of an input say how the rest is given.
const HEAD: usize = 4;

fn target() -> &'static str {
    static TARGET: OnceLock<String> = OnceLock::new();
    TARGET.get_or_init(|| {
        std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names frames or a dialect")
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((head, body)) = input.split_at_checked(HEAD) else {
        return;
    };
    let framing = [Framing::Sse, Framing::Ndjson, Framing::Aws][usize::from(head[0] % 3)];
    let size = 1 + usize::from(head[1]);
    match target() {
        "frames" => frames(framing, body, size),
        name => {
            let spoken = dialect(name).expect("a known dialect");
            match head[2] % 4 {
                0 => whole(spoken.dialect, head[3], body),
                _ => streamed(spoken.dialect, framing, body, size),
            }
        }
    }
});

/// Framed at once and in pieces: the same frames, the same fault.
fn frames(framing: Framing, body: &[u8], size: usize) {
    let at_once = cut(framing, body, usize::MAX);
    let pieces = cut(framing, body, size);
    assert_eq!(at_once, pieces);
}

fn cut(framing: Framing, body: &[u8], size: usize) -> (Vec<Frame>, bool) {
    let mut frames = Frames::new(framing);
    let mut out = Vec::new();
    for piece in body.chunks(size) {
        if frames.push(piece, &mut out).is_err() {
            return (out, false);
        }
    }
    let ended = frames.end(&mut out).is_ok();
    (out, ended)
}

/// A stream at once and in pieces: the same outcome.
fn streamed(dialect: &dyn Dialect, framing: Framing, body: &[u8], size: usize) {
    let read = |size| -> Result<Reply, Failure> {
        let (frames, ended) = cut(framing, body, size);
        let mut decoder = dialect.stream();
        for frame in &frames {
            decoder.frame(frame);
        }
        if !ended {
            return Err(Failure::new(
                bakeoff::provider::FailureKind::Transport,
                "cut",
            ));
        }
        decoder.finish()
    };
    let (at_once, pieces) = (read(usize::MAX), read(size));
    assert_eq!(at_once, pieces);
    kept(at_once);
}

/// A body read whole, of any status.
fn whole(dialect: &dyn Dialect, status: u8, body: &[u8]) {
    const STATUS: [u16; 8] = [200, 200, 200, 400, 403, 429, 500, 529];
    let response = HttpResponse {
        status: STATUS[usize::from(status % 8)],
        headers: vec![("retry-after".into(), "1.5".into())],
        body: body.to_vec().into(),
    };
    kept(dialect.decode(&response));
    let _ = read_whole(dialect, &response);
}

/// What was read can be stored and is the same when it is read back.
fn kept(outcome: Result<Reply, Failure>) {
    let reply = match outcome {
        Ok(reply) => reply,
        Err(failure) => match failure.partial {
            Some(partial) => *partial,
            None => return,
        },
    };
    let text = serde_json::to_string(&reply).expect("a reply can be stored");
    let back: Reply = serde_json::from_str(&text).expect("a stored reply can be read");
    assert_eq!(serde_json::to_string(&back).expect("as before"), text);
}
