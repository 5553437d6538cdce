//! The dialect of Anthropic's Messages API.
//!
//! Requests are in `encode.rs`; a reply, whole or in events, is put together by one
//! [`decode::Blocks`].

mod decode;
pub(super) mod encode;

pub(super) use encode::MAX_TOKENS;

use super::call::{Call, Failure, Reply};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::stream::Stream;
use super::{Dialect, StreamDecoder, Unsupported};

/// The dialect's name.
pub(super) const NAME: &str = "anthropic-messages";

/// The Messages API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Messages;

impl Dialect for Messages {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        encode::request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        decode::whole(response)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<decode::Blocks>>::default()
    }
}

#[cfg(test)]
mod tests;
