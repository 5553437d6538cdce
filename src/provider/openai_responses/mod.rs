//! The dialect of OpenAI's Responses API.
//!
//! Requests are in `encode.rs`; a reply, whole or from the last event of a stream, is read by
//! `decode.rs`.

mod decode;
mod encode;

use super::call::{Call, Failure, Reply};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::stream::Stream;
use super::{Dialect, StreamDecoder, Unsupported};

/// The dialect's name.
pub(super) const NAME: &str = "openai-responses";

/// The Responses API, always with `store: false`: nothing is kept at the provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Responses;

impl Dialect for Responses {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        encode::request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        decode::whole(response)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<decode::Events>>::default()
    }
}

#[cfg(test)]
mod tests;
