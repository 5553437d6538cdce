//! The cheapest question to an endpoint: which models are there? Nothing is generated, nothing billed.

use super::body::{address, secret};
use super::http::{Endpoint, HttpRequest, Pictures};
use super::{anthropic, bedrock, cohere, ollama};
use bytes::Bytes;

/// The request for the list of models of a place that speaks the dialect `api`. Bedrock's runtime has
/// no such list: there the bare address is asked for, without the key, and any answer shows that it is
/// reached.
pub fn listing(api: &str, to: &Endpoint) -> HttpRequest {
    let path = match api {
        anthropic::NAME | cohere::NAME => "/v1/models",
        ollama::NAME => "/api/tags",
        bedrock::NAME => "/",
        _ => "/models",
    };
    let mut headers = vec![("accept", "application/json".to_owned())];
    if api == anthropic::NAME {
        headers.push(("anthropic-version", anthropic::encode::VERSION.to_owned()));
    }
    HttpRequest {
        method: "GET",
        url: address(&to.base_url, path),
        headers,
        secret: secret(to).filter(|_| api != bedrock::NAME),
        sign: None,
        body: Bytes::new(),
        pictures: Pictures::default(),
        warnings: Vec::new(),
        wishes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::catalog::PROVIDERS;

    #[test]
    fn where_each_provider_lists_its_models() {
        let urls = PROVIDERS.iter().filter_map(|row| {
            let to = Endpoint {
                base_url: row.base_url?.to_owned(),
                auth: row.auth,
                key: None,
                quirks: row.quirks,
            };
            Some((row.name, listing(row.dialect, &to).url))
        });
        let urls: std::collections::BTreeMap<_, _> = urls.collect();
        assert_eq!(urls["openai"], "https://api.openai.com/v1/models");
        assert_eq!(urls["anthropic"], "https://api.anthropic.com/v1/models");
        assert_eq!(
            urls["gemini"],
            "https://generativelanguage.googleapis.com/v1beta/models"
        );
        assert_eq!(urls["mistral"], "https://api.mistral.ai/v1/models");
        assert_eq!(urls["cohere"], "https://api.cohere.com/v1/models");
        assert_eq!(urls["ollama"], "http://localhost:11434/api/tags");
    }
}
