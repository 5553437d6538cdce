//! Bytes of a streamed response → frames: server-sent events, lines of JSON, AWS messages.
//!
//! Only framing happens here: what a frame says is the dialect's business. Text is decoded after
//! framing, so a character split between two reads stays whole. Server-sent events are read as in
//! the WHATWG HTML standard, section 9.2.6, but for one thing: a last event without an empty line
//! is still an event, because many servers end their streams that way.

mod aws;

use super::call::{Failure, FailureKind};
use memchr::{memchr, memchr2};

/// The most bytes that one frame may hold.
pub const FRAME_LIMIT: usize = 1 << 20;

/// One event of a stream: a server-sent event, a line of NDJSON, an AWS event-stream message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The event's name, where the framing has one.
    pub event: Option<String>,
    /// Its data, joined lines and all.
    pub data: String,
}

impl Frame {
    /// Whether nothing follows it: the word by which a stream of its kind ends. Many streams end
    /// without one.
    pub fn is_last(&self) -> bool {
        const EVENTS: [&str; 4] = [
            "message_stop",
            "response.completed",
            "response.incomplete",
            "response.failed",
        ];
        let event = self.event.as_deref();
        self.data.trim() == "[DONE]" || event.is_some_and(|event| EVENTS.contains(&event))
    }
}

/// How a streamed body is cut into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// A JSON value a line.
    Ndjson,
    /// AWS event-stream messages.
    Aws,
}

impl Framing {
    /// The framing that a content type announces; `None` for a body to be read whole.
    pub fn of(content_type: &str) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "text/event-stream" => Some(Framing::Sse),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Framing::Ndjson)
            }
            "application/vnd.amazon.eventstream" => Some(Framing::Aws),
            _ => None,
        }
    }
}

impl Framing {
    /// The framing of a whole body that was sent under another content type, by its first bytes.
    pub fn guess(body: &[u8]) -> Option<Self> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let body = body.trim_ascii_start();
        let begins = [&b"data:"[..], b"event:", b": ", b"id:"];
        let found = begins.iter().any(|begin| body.starts_with(begin));
        found.then_some(Framing::Sse)
    }
}

/// Cuts a body that comes in pieces of any size into frames.
#[derive(Debug)]
pub struct Frames {
    framing: Framing,
    /// A line (of AWS: a message) whose end has not come yet.
    line: Vec<u8>,
    /// The last piece ended in CR: a LF at the start of the next belongs to it.
    after_cr: bool,
    /// No line has been read yet, so a byte order mark may come.
    at_start: bool,
    event: String,
    data: Vec<u8>,
    has_data: bool,
}

impl Frames {
    /// A cutter at the start of a body.
    pub fn new(framing: Framing) -> Self {
        Frames {
            framing,
            line: Vec::new(),
            after_cr: false,
            at_start: true,
            event: String::new(),
            data: Vec::new(),
            has_data: false,
        }
    }

    /// Takes the next piece of the body and adds the frames that it completes to `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<Frame>) -> Result<(), Failure> {
        if self.framing == Framing::Aws {
            return self.push_messages(bytes, out);
        }
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = self.line_end(bytes) {
            if self.line.is_empty() {
                self.take_line(&bytes[..end], out)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&bytes[..end]);
                self.take_line(&line, out)?;
                line.clear();
                self.line = line;
            }
            let crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
            self.after_cr = bytes[end] == b'\r' && end + 1 == bytes.len();
            bytes = &bytes[end + 1 + usize::from(crlf)..];
        }
        self.line.extend_from_slice(bytes);
        self.check(self.line.len())
    }

    /// Says that the body is over; adds the frame that was still open, if any.
    pub fn end(mut self, out: &mut Vec<Frame>) -> Result<(), Failure> {
        let line = std::mem::take(&mut self.line);
        // half an AWS message is nothing; the dialect sees that the end is missing
        if !line.is_empty() && self.framing != Framing::Aws {
            self.take_line(&line, out)?;
        }
        self.dispatch(out);
        Ok(())
    }

    /// All frames of a whole body.
    pub fn of(framing: Framing, body: &[u8]) -> Result<Vec<Frame>, Failure> {
        let mut out = Vec::new();
        let mut frames = Frames::new(framing);
        frames.push(body, &mut out)?;
        frames.end(&mut out)?;
        Ok(out)
    }

    fn push_messages(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> Result<(), Failure> {
        self.line.extend_from_slice(bytes);
        let mut taken = 0;
        while let Some((frame, length)) = aws::message(&self.line[taken..])? {
            out.push(frame);
            taken += length;
        }
        self.line.drain(..taken);
        Ok(())
    }

    fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        match self.framing {
            Framing::Sse => memchr2(b'\n', b'\r', bytes),
            Framing::Ndjson | Framing::Aws => memchr(b'\n', bytes),
        }
    }

    fn take_line(&mut self, mut line: &[u8], out: &mut Vec<Frame>) -> Result<(), Failure> {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        self.check(line.len() + self.data.len())?;
        match self.framing {
            Framing::Sse if line.is_empty() => self.dispatch(out),
            Framing::Sse => self.take_field(line),
            Framing::Ndjson | Framing::Aws => {
                self.has_data = !line.trim_ascii().is_empty();
                self.data.extend_from_slice(line.trim_ascii());
                self.dispatch(out);
            }
        }
        Ok(())
    }

    fn take_field(&mut self, line: &[u8]) {
        let colon = memchr(b':', line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"event" => self.event = String::from_utf8_lossy(value).into_owned(),
            // comments (an empty name), `id`, `retry`, and fields that nobody knows
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut Vec<Frame>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            let data = std::mem::take(&mut self.data);
            out.push(Frame {
                event: (!event.is_empty()).then_some(event),
                data: String::from_utf8(data)
                    .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
            });
        }
    }

    fn check(&self, bytes: usize) -> Result<(), Failure> {
        if bytes <= FRAME_LIMIT {
            return Ok(());
        }
        Err(broken(
            "frame_too_large",
            "an event of the stream is larger than 1 MiB",
        ))
    }
}

fn broken(error_type: &str, message: &str) -> Failure {
    let mut failure = Failure::new(FailureKind::Transport, message);
    failure.error_type = Some(error_type.into());
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn data(body: &str) -> Vec<String> {
        let frames = Frames::of(Framing::Sse, body.as_bytes()).unwrap();
        frames.into_iter().map(|frame| frame.data).collect()
    }

    #[test]
    fn every_line_end_and_an_open_last_event() {
        for end in ["\n", "\r\n", "\r"] {
            let body = "event: a\ndata: 1\ndata:2\n\n: comment\nid: 7\n\ndata:  3 \n\ndata: 4";
            assert_eq!(data(&body.replace('\n', end)), ["1\n2", " 3 ", "4"]);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_field() {
        assert_eq!(data("\u{FEFF}data: 1\n\n"), ["1"]);
    }

    #[test]
    fn an_event_keeps_its_name_and_empty_events_vanish() {
        let frames = Frames::of(Framing::Sse, b"event: ping\n\nevent: x\ndata\n\n").unwrap();
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].event.as_deref(), Some("x"));
        assert_eq!(frames[0].data, "");
    }

    #[test]
    fn lines_of_json() {
        let frames = Frames::of(Framing::Ndjson, b"{\"a\":1}\r\n\n {\"b\":2} \n{\"c\"").unwrap();
        let lines: Vec<_> = frames.iter().map(|frame| frame.data.as_str()).collect();
        assert_eq!(lines, ["{\"a\":1}", "{\"b\":2}", "{\"c\""]);
    }

    #[test]
    fn an_endless_event_fails_and_what_came_before_is_kept() {
        let long = format!("data: 1\n\ndata: {}", "x".repeat(FRAME_LIMIT));
        let mut out = Vec::new();
        let mut frames = Frames::new(Framing::Sse);
        let failure = frames.push(long.as_bytes(), &mut out).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Transport);
        assert_eq!(out.len(), 1);
    }

    #[test]
    fn content_types() {
        assert_eq!(
            Framing::of("text/event-stream;charset=UTF-8"),
            Some(Framing::Sse)
        );
        assert_eq!(Framing::of("application/x-ndjson"), Some(Framing::Ndjson));
        assert_eq!(Framing::of("application/json"), None);
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_frames(
            lines in prop::collection::vec("(data: ?|event: ?|: |)[a-zé🦊:]{0,5}(\n|\r\n|\r)(\n|\r\n|\r)?", 0..12),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            ndjson in any::<bool>(),
        ) {
            let framing = if ndjson { Framing::Ndjson } else { Framing::Sse };
            let body = lines.concat().into_bytes();
            let whole = Frames::of(framing, &body).unwrap();
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
            at.sort_unstable();
            let mut out = Vec::new();
            let mut frames = Frames::new(framing);
            let mut from = 0;
            for to in at.into_iter().chain([body.len()]) {
                frames.push(&body[from..to], &mut out).unwrap();
                from = to;
            }
            frames.end(&mut out).unwrap();
            prop_assert_eq!(out, whole);
        }

        #[test]
        fn hostile_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            Frames::of(Framing::Sse, &body).unwrap();
            Frames::of(Framing::Ndjson, &body).unwrap();
        }
    }
}
