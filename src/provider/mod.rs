//! The provider layer: neutral calls and replies, and their translation to HTTP and back.
//!
//! Everything here is pure: a dialect turns a [`Call`] into an [`HttpRequest`] and a response into
//! a [`Reply`]; the engine sends. A service that speaks a known dialect is a row in `catalog/rows.rs`.

mod allowance;
mod anthropic;
mod bedrock;
mod body;
mod call;
pub mod call_json;
pub mod capability;
pub mod catalog;
mod cohere;
mod embeddings;
mod failure;
mod frames;
mod gemini;
mod http;
pub mod keys;
mod lenient;
pub mod lint;
mod listing;
mod live;
mod logprobs;
mod mistral;
mod ollama;
mod openai_chat;
mod openai_responses;
pub mod price;
pub mod sigv4;
mod stream;
mod tool_calls;

pub use allowance::{Allowance, Counted, allowances};
pub use call::{
    Ask, Call, Failure, FailureKind, Finish, Params, Reasoning, Reply, ResponseSchema, Tool,
    ToolChoice, Usage,
};
pub use frames::{Frame, Frames, Framing};
pub use http::{Auth, Endpoint, HttpRequest, HttpResponse, Pictures};
pub use listing::listing;
pub use live::{Cursor, Delta, Segment};
pub use price::{Cost, Price, PriceTier, Prices};

/// A call asks for something that the dialect has no field for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{dialect} has no {field}: {help}")]
pub struct Unsupported {
    /// The dialect's name.
    pub dialect: &'static str,
    /// The neutral field.
    pub field: String,
    /// What to do instead.
    pub help: String,
}

/// A dialect's place in the registry.
pub struct Spoken {
    /// Its name, as `api:` in a suite spells it.
    pub name: &'static str,
    /// The translation.
    pub dialect: &'static dyn Dialect,
    /// How a key travels to a place that speaks it, unless the provider's row says otherwise.
    pub auth: Auth,
    /// A few words for a list.
    pub about: &'static str,
}

/// Every wire format that bakeoff speaks.
pub const DIALECTS: &[Spoken] = &[
    Spoken {
        name: openai_chat::OPENAI.name,
        dialect: &openai_chat::OPENAI,
        auth: Auth::Bearer,
        about: "chat completions, spoken by OpenAI and most others",
    },
    Spoken {
        name: openai_responses::NAME,
        dialect: &openai_responses::Responses,
        auth: Auth::Bearer,
        about: "OpenAI's Responses API, nothing stored there",
    },
    Spoken {
        name: anthropic::NAME,
        dialect: &anthropic::Messages,
        auth: Auth::Header("x-api-key"),
        about: "Anthropic's Messages API",
    },
    Spoken {
        name: gemini::NAME,
        dialect: &gemini::Gemini,
        auth: Auth::Header("x-goog-api-key"),
        about: "Google's generateContent, for the Gemini API and Vertex AI",
    },
    Spoken {
        name: mistral::MISTRAL.name,
        dialect: &mistral::MISTRAL,
        auth: Auth::Bearer,
        about: "Mistral's chat completions",
    },
    Spoken {
        name: bedrock::NAME,
        dialect: &bedrock::Bedrock,
        auth: Auth::Bearer,
        about: "Bedrock's Converse API, by its API key or signed",
    },
    Spoken {
        name: cohere::NAME,
        dialect: &cohere::Cohere,
        auth: Auth::Bearer,
        about: "Cohere's chat API, version 2",
    },
    Spoken {
        name: ollama::NAME,
        dialect: &ollama::Ollama,
        auth: Auth::Bearer,
        about: "Ollama's own API",
    },
    Spoken {
        name: embeddings::OPENAI.name,
        dialect: &embeddings::OPENAI,
        auth: Auth::Bearer,
        about: "OpenAI's embeddings, spoken by most others",
    },
    Spoken {
        name: embeddings::OLLAMA.name,
        dialect: &embeddings::OLLAMA,
        auth: Auth::Bearer,
        about: "Ollama's embeddings",
    },
    Spoken {
        name: embeddings::GEMINI.name,
        dialect: &embeddings::GEMINI,
        auth: Auth::Header("x-goog-api-key"),
        about: "Gemini's embeddings",
    },
    Spoken {
        name: embeddings::COHERE.name,
        dialect: &embeddings::COHERE,
        auth: Auth::Bearer,
        about: "Cohere's embeddings",
    },
];

/// The dialect of this name, or the one that the provider of this name speaks.
pub fn dialect(name: &str) -> Option<&'static Spoken> {
    let provider = catalog::provider(name).map(|provider| provider.dialect);
    let named = |wanted| DIALECTS.iter().find(|known| known.name == wanted);
    named(name).or_else(|| named(provider?))
}

/// The dialect in which a place that speaks `api` is asked for embeddings.
pub fn embedder(api: &str) -> Option<&'static Spoken> {
    let name = match api {
        "openai-chat" | "openai-responses" | "mistral-chat" => embeddings::OPENAI.name,
        "ollama-chat" => embeddings::OLLAMA.name,
        "gemini" => embeddings::GEMINI.name,
        "cohere-v2" => embeddings::COHERE.name,
        own => own,
    };
    DIALECTS
        .iter()
        .find(|known| known.name == name && known.dialect.embeds())
}

/// The reply in a response that was collected whole, even if it is a stream under another name.
pub fn read_whole(dialect: &dyn Dialect, response: &HttpResponse) -> Result<Reply, Failure> {
    let stream = Framing::guess(&response.body).filter(|_| response.status == 200);
    let mut reply = match stream {
        None => dialect.decode(response)?,
        Some(framing) => {
            let mut decoder = dialect.stream();
            for frame in Frames::of(framing, &response.body)? {
                decoder.frame(&frame);
            }
            decoder.finish()?
        }
    };
    reply.stated_cost = reply.stated_cost.or(header_cost(response));
    Ok(reply)
}

/// What LiteLLM's proxy says that a reply cost, whichever dialect it was asked in.
fn header_cost(response: &HttpResponse) -> Option<f64> {
    let cost = response.header("x-litellm-response-cost")?.parse::<f64>();
    // the proxy says 0 of a model that it has no price for
    cost.ok().filter(|cost| cost.is_finite() && *cost > 0.0)
}

/// A wire format: neutral call to HTTP request, HTTP response to neutral reply. No I/O, no clock.
pub trait Dialect: Send + Sync {
    /// The request that asks `call` of `to`.
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported>;
    /// The reply (or failure) in a whole response, of any status.
    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure>;
    /// A decoder for one streamed response of status 200.
    fn stream(&self) -> Box<dyn StreamDecoder>;
    /// Whether it makes vectors of texts and answers nothing.
    fn embeds(&self) -> bool {
        false
    }
}

/// Frames of one streamed response in, a reply out; the engine stamps the times.
pub trait StreamDecoder: Send {
    /// Takes the next frame and says whether it carried generated tokens.
    fn frame(&mut self, frame: &Frame) -> Seen;
    /// The reply as far as it has come, for those who pass it on while it comes.
    fn so_far(&self) -> Vec<Segment<'_>>;
    /// The reply, once the stream has ended.
    fn finish(self: Box<Self>) -> Result<Reply, Failure>;
}

/// What a frame brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// No generated token (a ping, a role, usage).
    Nothing,
    /// A generated token that the user does not see (reasoning).
    Token,
    /// Visible output: text, refusal or a tool call.
    Visible,
}

#[cfg(test)]
mod tests;
