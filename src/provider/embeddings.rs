//! Dialects of embedding endpoints: texts in, vectors out. A call's messages are the texts, in order.
//!
//! Formats: OpenAI's `/embeddings` (which most services speak), Ollama's `/api/embed`, Gemini's
//! `batchEmbedContents`, Cohere's `/v2/embed`.

use super::body::{Body, address, in_path, post, unsupported};
use super::call::{Call, Failure, Reply, Usage};
use super::http::{Endpoint, HttpRequest, HttpResponse};
use super::lenient::{at, count, list, words};
use super::{Dialect, Frame, Seen, Segment, StreamDecoder, Unsupported, failure};
use serde_json::{Value, json};

/// OpenAI's form.
pub(super) const OPENAI: Embeddings = Embeddings {
    name: "openai-embeddings",
    request: |call, to, texts| {
        let mut body = Body::default();
        body.set("model", call.model.as_str());
        body.set("input", texts);
        (address(&to.base_url, "/embeddings"), body)
    },
    vectors: |body| {
        let mut data: Vec<&Value> = list(body, &["data"]).iter().collect();
        data.sort_by_key(|item| count(item, &["index"]));
        data.into_iter()
            .map(|item| at(item, &["embedding"]))
            .collect()
    },
    input: &["usage", "prompt_tokens"],
};

/// Ollama's form.
pub(super) const OLLAMA: Embeddings = Embeddings {
    name: "ollama-embed",
    request: |call, to, texts| {
        let mut body = Body::default();
        body.set("model", call.model.as_str());
        body.set("input", texts);
        let base = to.base_url.trim_end_matches('/').trim_end_matches("/v1");
        (address(base, "/api/embed"), body)
    },
    vectors: |body| list(body, &["embeddings"]).iter().map(Some).collect(),
    input: &["prompt_eval_count"],
};

/// Gemini's form.
pub(super) const GEMINI: Embeddings = Embeddings {
    name: "gemini-embed",
    request: |call, to, texts| {
        let model = match call.model.contains('/') {
            true => call.model.clone(),
            false => format!("models/{}", call.model),
        };
        let one = |text: &String| json!({"model": model, "content": {"parts": [{"text": text}]}});
        let mut body = Body::default();
        body.set("requests", texts.iter().map(one).collect::<Vec<_>>());
        let path = format!("/v1beta/{}:batchEmbedContents", in_path(&model, b"/"));
        (address(&to.base_url, &path), body)
    },
    vectors: |body| {
        let all = list(body, &["embeddings"]).iter();
        all.map(|item| at(item, &["values"])).collect()
    },
    input: &["usageMetadata", "promptTokenCount"],
};

/// Cohere's form.
pub(super) const COHERE: Embeddings = Embeddings {
    name: "cohere-embed",
    request: |call, to, texts| {
        let mut body = Body::default();
        body.set("model", call.model.as_str());
        body.set("texts", texts);
        body.set("input_type", "clustering");
        body.set("embedding_types", vec!["float"]);
        (address(&to.base_url, "/v2/embed"), body)
    },
    vectors: |body| {
        list(body, &["embeddings", "float"])
            .iter()
            .map(Some)
            .collect()
    },
    input: &["meta", "billed_units", "input_tokens"],
};

/// One form of embedding endpoint.
pub(super) struct Embeddings {
    pub name: &'static str,
    /// The address and the body.
    request: fn(&Call, &Endpoint, Vec<String>) -> (String, Body),
    /// The lists of numbers in an answer, in the order of the texts.
    vectors: fn(&Value) -> Vec<Option<&Value>>,
    /// Where the answer counts the input's tokens.
    input: &'static [&'static str],
}

impl Dialect for Embeddings {
    fn encode(&self, call: &Call, to: &Endpoint) -> Result<HttpRequest, Unsupported> {
        let tools = !call.tools.is_empty();
        if tools || call.params.response_schema.is_some() {
            let field = if tools { "tools" } else { "response_schema" };
            return Err(unsupported(self.name, field, "it makes vectors of texts"));
        }
        let texts = call.messages.iter().map(|turn| turn.joined_text());
        let (url, mut body) = (self.request)(call, to, texts.collect());
        body.merge(&call.params.extra);
        Ok(post(url, to, false, body))
    }

    fn decode(&self, response: &HttpResponse) -> Result<Reply, Failure> {
        let body = failure::json_of(response)?;
        let numbers = |list: &Value| -> Option<Vec<f32>> {
            let all = list.as_array()?.iter();
            all.map(|one| {
                one.as_f64()
                    .map(|one| one as f32)
                    .filter(|one| one.is_finite())
            })
            .collect()
        };
        let found = (self.vectors)(&body).into_iter();
        let vectors: Option<Vec<_>> = found.map(|list| numbers(list?)).collect();
        let vectors = vectors.filter(|all| !all.is_empty());
        let vectors = vectors.ok_or_else(|| failure::without("embeddings", &body))?;
        let raw = ["usage", "usageMetadata", "meta"].iter();
        Ok(Reply {
            vectors,
            served_model: words(&body, &["model"]).map(Into::into),
            usage: Usage {
                input: count(&body, self.input),
                output: Some(0),
                raw: raw.filter_map(|key| at(&body, &[key])).next().cloned(),
                ..Usage::default()
            },
            ..Reply::default()
        })
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::new(Streamed)
    }

    fn embeds(&self) -> bool {
        true
    }
}

/// A stream where none was asked for and none is known.
struct Streamed;

impl StreamDecoder for Streamed {
    fn frame(&mut self, _: &Frame) -> Seen {
        Seen::Nothing
    }

    fn so_far(&self) -> Vec<Segment<'_>> {
        Vec::new()
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        Err(failure::broken(
            "stream_truncated",
            "embeddings are never streamed",
        ))
    }
}

/// Vectors as they are stored: each the base64 of its numbers, four bytes little-endian each.
pub(super) mod stored {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    /// Writes them.
    pub fn serialize<S: Serializer>(all: &[Vec<f32>], to: S) -> Result<S::Ok, S::Error> {
        let text = |one: &Vec<f32>| {
            let bytes: Vec<u8> = one.iter().flat_map(|number| number.to_le_bytes()).collect();
            BASE64_STANDARD.encode(bytes)
        };
        all.iter().map(text).collect::<Vec<_>>().serialize(to)
    }

    /// Reads them back.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<f32>>, D::Error> {
        let read = |text: &String| {
            let bytes = BASE64_STANDARD.decode(text).ok()?;
            let (numbers, rest) = bytes.as_chunks::<4>();
            let numbers = numbers.iter().map(|four| f32::from_le_bytes(*four));
            rest.is_empty().then(|| numbers.collect())
        };
        let texts = Vec::<String>::deserialize(from)?;
        let all: Option<_> = texts.iter().map(read).collect();
        all.ok_or_else(|| D::Error::custom("these are no vectors"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{Message, Role};
    use crate::provider::catalog::provider;
    use crate::provider::{Auth, DIALECTS, Prices, embedder};

    const ALL: [&Embeddings; 4] = [&OPENAI, &OLLAMA, &GEMINI, &COHERE];

    fn sent(form: &Embeddings, base_url: &str) -> (String, Value) {
        let call = Call {
            model: "m".into(),
            messages: ["a", "b"]
                .map(|text| Message::text(Role::User, text))
                .into(),
            stream: true,
            ..Call::default()
        };
        let to = Endpoint {
            base_url: base_url.into(),
            auth: Auth::Bearer,
            key: None,
            quirks: Default::default(),
        };
        let request = form.encode(&call, &to).unwrap();
        (request.url, serde_json::from_slice(&request.body).unwrap())
    }

    #[test]
    fn each_form_is_asked_in_its_way() {
        let (url, body) = sent(&OPENAI, "https://h/v1");
        assert_eq!(
            (url.as_str(), body),
            (
                "https://h/v1/embeddings",
                json!({"model": "m", "input": ["a", "b"]})
            )
        );
        assert_eq!(
            sent(&OLLAMA, "http://localhost:11434").0,
            "http://localhost:11434/api/embed"
        );
        let (url, body) = sent(&GEMINI, "https://g/v1beta");
        assert_eq!(url, "https://g/v1beta/models/m:batchEmbedContents");
        assert_eq!(
            body["requests"][1],
            json!({"model": "models/m", "content": {"parts": [{"text": "b"}]}})
        );
        let (url, body) = sent(&COHERE, "https://c");
        assert_eq!(
            (url.as_str(), &body["texts"]),
            ("https://c/v2/embed", &json!(["a", "b"]))
        );
    }

    fn read(form: &Embeddings, body: Value) -> Result<Reply, Failure> {
        form.decode(&HttpResponse {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into(),
        })
    }

    #[test]
    fn each_form_is_read() {
        let vectors = [vec![1.0, 0.5], vec![0.0, -2.0]];
        for (form, body, tokens) in [
            (
                &OPENAI,
                json!({"object": "list", "model": "served", "data": [{"index": 1, "embedding": [0, -2.0]}, {"index": 0, "embedding": [1, 0.5]}], "usage": {"prompt_tokens": 7, "total_tokens": 7}}),
                Some(7),
            ),
            (
                &OLLAMA,
                json!({"model": "served", "embeddings": [[1, 0.5], [0, -2]], "prompt_eval_count": 7}),
                Some(7),
            ),
            (
                &GEMINI,
                json!({"embeddings": [{"values": [1, 0.5]}, {"values": [0, -2]}]}),
                None,
            ),
            (
                &COHERE,
                json!({"embeddings": {"float": [[1, 0.5], [0, -2]]}, "meta": {"billed_units": {"input_tokens": 7}}}),
                Some(7),
            ),
        ] {
            let reply = read(form, body).unwrap();
            assert_eq!(
                (reply.vectors.as_slice(), reply.usage.input),
                (&vectors[..], tokens),
                "{}",
                form.name
            );
            let stored = serde_json::to_string(&reply).unwrap();
            assert!(stored.contains("\"AACAPwAAAD8=\""), "{stored}");
            assert_eq!(serde_json::from_str::<Reply>(&stored).unwrap(), reply);
        }
        assert!(
            !serde_json::to_string(&Reply::default())
                .unwrap()
                .contains("vectors")
        );
    }

    #[test]
    fn anything_else_is_a_failure() {
        for form in ALL {
            for body in [
                json!({}),
                json!([]),
                json!({"data": [{"embedding": "AAAA"}]}),
                json!({"data": []}),
                json!({"embeddings": [["x"]]}),
            ] {
                assert!(read(form, body.clone()).is_err(), "{}: {body}", form.name);
            }
            assert!(form.stream().finish().is_err());
            assert!(
                DIALECTS
                    .iter()
                    .any(|spoken| spoken.name == form.name && spoken.dialect.embeds())
            );
        }
    }

    #[test]
    fn the_usual_models_have_a_price() {
        let prices = Prices::bundled();
        let price = prices.list_price(provider("openai").unwrap(), "text-embedding-3-small");
        assert_eq!(
            price.map(|it| (it.rates.input, it.rates.output)),
            Some((0.02, 0.0))
        );
        let usage = Usage {
            input: Some(1_000_000),
            output: Some(0),
            ..Usage::default()
        };
        let cost = prices.cost(&crate::provider::price::Priced {
            provider: provider("openai"),
            asked: "text-embedding-3-small",
            served: None,
            service_tier: None,
            usage: &usage,
            stated: None,
            suite: None,
        });
        assert_eq!(cost.unwrap().usd, 0.02);
        assert_eq!(embedder("openai-chat").unwrap().name, "openai-embeddings");
        assert_eq!(embedder("cohere-embed").unwrap().name, "cohere-embed");
        assert!(embedder("anthropic-messages").is_none());
    }
}
