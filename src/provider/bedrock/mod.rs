//! The dialect of Bedrock's Converse API. Requests are signed elsewhere, when they leave.

mod decode;
mod encode;

use super::call::{Call, Failure, Reply};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::stream::Stream;
use super::{Dialect, StreamDecoder, Unsupported};

/// The dialect's name.
pub(super) const NAME: &str = "bedrock-converse";

/// `converse` and `converse-stream`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bedrock;

impl Dialect for Bedrock {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        encode::request(call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        decode::whole(response)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<decode::Converse>>::default()
    }
}
