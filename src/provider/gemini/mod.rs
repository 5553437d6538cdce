//! The dialect of Google's `generateContent`, spoken by the Gemini API and Vertex AI.
//!
//! Requests are in `encode.rs`; a reply, whole or in chunks, is put together by one
//! [`decode::Content`].

mod decode;
mod encode;

use super::call::{Call, Failure, Reply};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::stream::Stream;
use super::{Dialect, StreamDecoder, Unsupported};

/// The dialect's name.
pub(super) const NAME: &str = "gemini";

/// `generateContent` and `streamGenerateContent`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        encode::request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        decode::whole(response)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<decode::Content>>::default()
    }
}

#[cfg(test)]
mod tests;
