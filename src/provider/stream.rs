//! What every dialect's decoder has in common: an answer is put together chunk by chunk, and
//! whatever goes wrong on the way keeps what had come.

use super::body::arguments_text;
use super::call::{Failure, Reply};
use super::{Frame, Seen, Segment, StreamDecoder, failure};
use crate::prompt::ToolCall;
use serde_json::Value;

/// An answer as far as it has come, in one dialect. A whole response is taken as one chunk, so that
/// streamed and unstreamed replies are read by the same code.
pub(super) trait Answer: Default + Send {
    /// Takes the next chunk; `event` is its frame's name. Errors in it are read elsewhere.
    fn take(&mut self, event: &str, chunk: &Value) -> Seen;

    /// Takes note of `[DONE]`.
    fn done(&mut self) {}

    /// Whether the end has come: a finish reason or a last event.
    fn ended(&self) -> bool;

    /// A failure that is told in another way than by an error body.
    fn failure(&self) -> Option<Failure> {
        None
    }

    /// Its parts as far as they have come.
    fn segments(&self) -> Vec<Segment<'_>>;

    /// The reply that has come so far.
    fn so_far(self) -> Reply;
}

/// The decoder of a stream of such an answer.
#[derive(Debug, Default)]
pub(super) struct Stream<A> {
    answer: A,
    failure: Option<Failure>,
}

impl<A: Answer> StreamDecoder for Stream<A> {
    fn frame(&mut self, frame: &Frame) -> Seen {
        let data = frame.data.trim();
        if data == "[DONE]" {
            self.answer.done();
            return Seen::Nothing;
        }
        if data.is_empty() || self.failure.is_some() {
            return Seen::Nothing;
        }
        let seen = match failure::json_of_frame(data) {
            Ok(chunk) => {
                let event = frame.event.as_deref().unwrap_or_default();
                let seen = self.answer.take(event, &chunk);
                self.failure = failure::in_body(&chunk);
                seen
            }
            Err(failure) => {
                self.failure = Some(failure);
                Seen::Nothing
            }
        };
        match self.failure {
            Some(_) => Seen::Nothing,
            None => seen,
        }
    }

    fn so_far(&self) -> Vec<Segment<'_>> {
        match self.failure {
            Some(_) => Vec::new(),
            None => self.answer.segments(),
        }
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        settle(self.answer, self.failure)
    }
}

/// The reply of an answer that is over, or the failure with what had come.
pub(super) fn settle<A: Answer>(answer: A, failure: Option<Failure>) -> Result<Reply, Failure> {
    let failure = failure.or_else(|| answer.failure());
    let ended = answer.ended();
    let reply = answer.so_far();
    let mut failure = match failure {
        Some(failure) => failure,
        None if ended => return Ok(reply),
        None => failure::broken(
            "stream_truncated",
            "the stream ended before the reply was finished",
        ),
    };
    failure.partial = (reply != Reply::default()).then(|| Box::new(reply));
    Err(failure)
}

/// The parts of a reply whose texts are kept in one each; thinking comes before what is said.
pub(super) fn flat<'a>(
    reasoning: Option<&'a String>,
    text: &'a str,
    refusal: Option<&'a String>,
) -> Vec<Segment<'a>> {
    vec![
        Segment::Reasoning(reasoning.map_or("", String::as_str), ""),
        Segment::Text(text),
        Segment::Refusal(refusal.map_or("", String::as_str)),
    ]
}

/// A call that came whole.
pub(super) fn whole_call(call: &ToolCall) -> Segment<'_> {
    Segment::Call(&call.id, &call.name, arguments_text(call).into())
}
