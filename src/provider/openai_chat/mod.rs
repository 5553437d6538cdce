//! The dialect of OpenAI's chat completions, which most services speak in some accent.
//!
//! Requests are in `encode.rs`; a reply, whole or in pieces, is put together by one
//! [`decode::Chat`]; token counts are in `usage.rs`.

mod decode;
mod encode;
mod usage;

pub(super) use usage::stated_cost;

use super::call::{Call, Failure, Reply};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::stream::Stream;
use super::{Dialect, StreamDecoder, Unsupported};
use decode::Chat;

/// Chat completions as one API spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenAiChat {
    /// The dialect's name.
    pub name: &'static str,
    /// The path below the base address, where that is an origin alone.
    pub path: &'static str,
    /// The field of the sampling seed.
    pub seed: &'static str,
    /// The word for "some tool must be called".
    pub required: &'static str,
    /// An image part is its address alone, not an object with one.
    pub bare_image: bool,
    /// The end user's id stands in `metadata.user_id`.
    pub user_in_metadata: bool,
    /// `top_k` is a field of the API, whatever the service.
    pub top_k: bool,
    /// There is no `stream_options` field; usage comes unasked.
    pub no_stream_options: bool,
    /// `logprobs` and `service_tier` are taken by few models or none.
    pub few_options: bool,
}

/// As OpenAI spells it.
pub(super) const OPENAI: OpenAiChat = OpenAiChat {
    name: "openai-chat",
    path: "/chat/completions",
    seed: "seed",
    required: "required",
    bare_image: false,
    user_in_metadata: false,
    top_k: false,
    no_stream_options: false,
    few_options: false,
};

impl Dialect for OpenAiChat {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        encode::request(self, call, to)
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        decode::whole(response)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<Stream<Chat>>::default()
    }
}

#[cfg(test)]
mod tests;
