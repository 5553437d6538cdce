//! A model as a deployment of LiteLLM: `litellm_params`, as `litellm/types/router.py` has them.

use crate::project::{HopMap, Key, KeySource, ModelSpec, Params, Project, RouteMap};
use crate::provider::Prices;
use crate::provider::catalog::resolve;
use crate::provider::price::Rates;
use serde_json::{Map, Value, json};

/// `litellm_params` of a model of a route, and what they do not say.
pub(super) fn deployment(
    project: &Project,
    prices: &Prices,
    hop: &HopMap,
    map: &RouteMap,
) -> (Value, Vec<String>) {
    let mut lost = Vec::new();
    let suite = &project.suite;
    let listed = suite.listed(&hop.model).filter(|it| it.chain().is_none());
    let model = hop.model(listed.map(ModelSpec::options).as_ref());
    let known = match (&model.base_url, model.model.contains('/')) {
        (Some(_), false) => None,
        _ => resolve(&model.model).ok(),
    };
    let api = model
        .api
        .as_deref()
        .or(known.as_ref().map(|it| it.provider.dialect));
    let wire = known
        .as_ref()
        .map_or(model.model.as_str(), |it| it.model.as_str());
    let prefix = match (&model.base_url, &known, api.unwrap_or("openai-chat")) {
        (None, Some(known), _) => known.provider.name,
        (_, _, "openai-chat") => "openai",
        (_, _, "openai-responses") => "openai/responses",
        (_, _, "anthropic-messages" | "anthropic") => "anthropic",
        (_, _, "gemini") => "gemini",
        (_, _, "ollama") => "ollama_chat",
        (_, Some(known), _) => known.provider.name,
        (_, None, other) => {
            lost.push(format!(
                "{}: LiteLLM is told the api {other} as openai",
                hop.model
            ));
            "openai"
        }
    };
    if known.is_none() && model.base_url.is_none() {
        let title = format!(
            "{}: no provider is known for it: give the model a base_url",
            hop.model
        );
        lost.push(title);
    }
    let mut out = Map::new();
    out.insert("model".into(), json!(format!("{prefix}/{wire}")));
    if let Some(url) = &model.base_url {
        out.insert("api_base".into(), json!(url.trim_end_matches('/')));
    }
    let own = known.as_ref().filter(|_| model.base_url.is_none());
    let usual = own.and_then(|it| it.provider.keys.first());
    let variable = match &model.key {
        Some(Key::Variable(name) | Key::From(KeySource::Env(name))) => Some(name.as_str()),
        Some(Key::From(_)) => {
            lost.push(format!(
                "{}: its key is in a file or from a program; give LiteLLM an api_key",
                hop.model
            ));
            None
        }
        None => usual.copied(),
    };
    match variable {
        Some(name) => drop(out.insert("api_key".into(), json!(format!("os.environ/{name}")))),
        None if model.base_url.is_some() => drop(out.insert("api_key".into(), json!("none"))),
        None => {}
    }
    let price = model
        .price
        .clone()
        .or_else(|| suite.prices.get(&model.model).cloned());
    let rates = match (&price, &known) {
        (Some(price), _) => {
            if !price.tiers.is_empty() || price.per_request.is_some() {
                lost.push(format!(
                    "{}: of its price only input and output tokens are written",
                    hop.model
                ));
            }
            Some(Rates::of(price, 0))
        }
        (None, Some(known)) => prices.list_price(known.provider, wire).map(|it| it.rates),
        (None, None) => None,
    };
    if let Some(rates) = rates {
        out.insert("input_cost_per_token".into(), json!(per_token(rates.input)));
        out.insert(
            "output_cost_per_token".into(),
            json!(per_token(rates.output)),
        );
    }
    let params = suite.params.with(&map.params).with(&model.params);
    for field in sampling(&params, &mut out) {
        lost.push(format!(
            "{}: the parameter `{field}` is not carried",
            hop.model
        ));
    }
    (Value::Object(out), lost)
}

/// USD a token, of USD per million, without what division adds to its last digit.
fn per_token(million: f64) -> f64 {
    format!("{million}e-6").parse().unwrap_or(million / 1e6)
}

/// Writes the parameters that LiteLLM has by the same name; those that it has not.
fn sampling(params: &Params, out: &mut Map<String, Value>) -> Vec<String> {
    const SAME: [&str; 9] = [
        "temperature",
        "top_p",
        "top_k",
        "max_tokens",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "service_tier",
    ];
    let Ok(Value::Object(fields)) = serde_json::to_value(params) else {
        return Vec::new();
    };
    let mut lost = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), &params.reasoning) {
            (same, _) if SAME.contains(&same) => drop(out.insert(name, value)),
            ("reasoning", Some(reasoning)) if reasoning.effort.is_some() => {
                out.insert("reasoning_effort".into(), json!(reasoning.effort));
            }
            _ => lost.push(name),
        }
    }
    lost
}
