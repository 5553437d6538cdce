//! LiteLLM's `model_prices_and_context_window.json` as a price table.
//!
//! A flat map: `{"gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": …}}`,
//! a field for each price, its name ending in what it is for: `…_above_200k_tokens`, `…_batches`,
//! `…_flex`. Only what answers chat and is served by a provider in the catalog is taken.

use crate::provider::catalog::{PROVIDERS, provider};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// LiteLLM's fields, and the unit that each prices with its factor (their prices are per token).
const UNITS: &[(&str, &str, f64)] = &[
    ("input_cost_per_token", "input_mtok", 1e6),
    ("output_cost_per_token", "output_mtok", 1e6),
    (
        "output_cost_per_reasoning_token",
        "output_reasoning_mtok",
        1e6,
    ),
    ("cache_read_input_token_cost", "cache_read_mtok", 1e6),
    (
        "cache_creation_input_token_cost_above_1hr",
        "cache_write_1h_mtok",
        1e6,
    ),
    ("cache_creation_input_token_cost", "cache_write_mtok", 1e6),
    ("input_cost_per_request", "requests_kcount", 1e3),
];

/// Endings for another way of serving, and the context that asks a price table for it.
const VARIANTS: &[(&str, &str, &str)] = &[
    ("_batches", "processing", "batch"),
    ("_flex", "service_tier", "flex"),
    ("_priority", "service_tier", "priority"),
    ("_ultrafast", "service_tier", "ultrafast"),
    ("_balanced", "service_tier", "balanced"),
];

const MODES: &[&str] = &["chat", "responses", "completion"];

/// Whether a JSON object is LiteLLM's file.
pub(super) fn is(models: &Map<String, Value>) -> bool {
    models
        .values()
        .any(|model| model.get("litellm_provider").is_some())
}

/// Every model that bakeoff can ask: the id of its provider in price data, its name as that
/// provider's API spells it, and LiteLLM's entry.
fn models(models: &Map<String, Value>) -> Vec<(&'static str, &str, &Value)> {
    let mut found = Vec::new();
    for (key, model) in models.iter().filter(|(key, _)| *key != "sample_spec") {
        let mode = model["mode"].as_str().unwrap_or("chat");
        let Some(named) = model["litellm_provider"]
            .as_str()
            .filter(|_| MODES.contains(&mode))
        else {
            continue;
        };
        // `vertex_ai-anthropic_models` is a part of `vertex_ai`.
        let name = named.split('-').next().unwrap_or(named);
        let Some(row) = provider(named).or_else(|| provider(name)) else {
            continue;
        };
        let own = |prefix: &&str| {
            [row.name, named, name].contains(prefix) || row.aliases.contains(prefix)
        };
        let model_name = match key.split_once('/') {
            Some((prefix, rest)) if own(&prefix) => rest,
            _ => key.as_str(),
        };
        found.push((row.name, model_name, model));
    }
    found
}

/// The same prices as genai-prices' data, version 2.
pub(super) fn table(entries: &Map<String, Value>) -> Value {
    let mut by_provider: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    let entries = models(entries);
    // Two rows may share a provider in price data: the first row's own prices stand.
    for row in PROVIDERS {
        let Some(id) = row.prices else { continue };
        let own = entries.iter().filter(|(name, ..)| *name == row.name);
        for (_, name, entry) in own {
            let id_of_model = name.to_lowercase();
            let known = by_provider.entry(id).or_default();
            if let Some(model) =
                priced(&id_of_model, entry).filter(|_| !known.contains_key(&id_of_model))
            {
                known.insert(id_of_model, model);
            }
        }
    }
    let providers = by_provider.into_iter().map(|(id, models)| {
        let models: Vec<Value> = models.into_values().collect();
        // No address of a request is ever matched: providers are asked for by their id.
        json!({"id": id, "name": id, "api_pattern": "^$", "models": models})
    });
    providers.collect()
}

/// One model with its prices; `None` without a price for input and output tokens.
fn priced(name: &str, entry: &Value) -> Option<Value> {
    let mut base = prices(entry, "");
    if !base.contains_key("input_mtok") || !base.contains_key("output_mtok") {
        return None;
    }
    complete(&mut base);
    if let Some(fee) = search_fee(name, entry).filter(|_| !base.contains_key("requests_kcount")) {
        base.insert("requests_kcount".into(), fee.into());
    }
    let mut variants = Vec::new();
    for (ending, key, value) in VARIANTS {
        let mut prices = prices(entry, ending);
        if !base.contains_key("cache_write_mtok") && !prices.contains_key("cache_write_mtok") {
            prices.remove("cache_write_1h_mtok");
        }
        if !prices.is_empty() {
            variants.push(json!({"when": {*key: value}, "prices": prices}));
        }
    }
    let mut model = json!({"id": name, "match": {"equals": name}, "prices": base});
    if !variants.is_empty() {
        model["price_variants"] = variants.into();
    }
    if let Some(window) = entry["max_input_tokens"].as_u64() {
        model["context_window"] = window.into();
    }
    Some(model)
}

/// Perplexity searches for every request and bills that as a fee, by how much is read: the dearest, as
/// the bundled table has it. Deep research searches as often as it likes.
fn search_fee(name: &str, entry: &Value) -> Option<f64> {
    let searches = entry["litellm_provider"] == "perplexity" && !name.contains("deep-research");
    let fee = &entry["search_context_cost_per_query"]["search_context_size_high"];
    fee.as_f64().filter(|_| searches).map(|usd| usd * 1e3)
}

/// The hour's price is only read beside the usual one.
fn complete(prices: &mut Map<String, Value>) {
    if prices.contains_key("cache_write_1h_mtok") && !prices.contains_key("cache_write_mtok") {
        let input = prices["input_mtok"].clone();
        prices.insert("cache_write_mtok".into(), input);
    }
}

/// The prices whose field ends in `ending`, by unit; with steps for long prompts where there are any.
fn prices(entry: &Value, ending: &str) -> Map<String, Value> {
    let mut prices = Map::new();
    for (field, unit, factor) in UNITS {
        let amount = |name: &str| {
            let price = entry[name].as_f64()? * factor;
            // A price per token times a million: what rounding added goes again.
            (price >= 0.0).then(|| (price * 1e9).round() / 1e9)
        };
        let Some(price) = amount(&format!("{field}{ending}")) else {
            continue;
        };
        let tiers: Vec<Value> = steps(entry, field, ending)
            .into_iter()
            .filter_map(|(start, name)| Some(json!({"start": start, "price": amount(&name)?})))
            .chain(
                listed(entry, field, *factor)
                    .into_iter()
                    .filter(|_| ending.is_empty()),
            )
            .collect();
        let value = match tiers.is_empty() {
            true => json!(price),
            false => json!({"base": price, "tiers": tiers}),
        };
        prices.insert((*unit).to_owned(), value);
    }
    prices
}

/// Fields for long prompts, `FIELD_above_200kTOKENS` with the ending: where the step is, and the field.
fn steps(entry: &Value, field: &str, ending: &str) -> Vec<(u64, String)> {
    let fields = entry.as_object().into_iter().flat_map(Map::keys);
    let steps = fields.filter_map(|name| {
        let rest = name.strip_prefix(field)?.strip_prefix("_above_")?;
        let thousands = rest.strip_suffix(ending)?.strip_suffix("k_tokens")?;
        Some((thousands.parse::<u64>().ok()? * 1000, name.clone()))
    });
    steps.collect()
}

/// Steps in LiteLLM's other spelling: `tiered_pricing: [{range: [0, 32000], input_cost_per_token: …}, …]`.
fn listed(entry: &Value, field: &str, factor: f64) -> Vec<Value> {
    let tiers = entry["tiered_pricing"].as_array();
    let steps = tiers.into_iter().flatten().filter_map(|tier| {
        let start = tier["range"][0].as_f64().filter(|start| *start > 0.0)?;
        let price = tier[field].as_f64()? * factor;
        Some(json!({"start": start as u64, "price": (price * 1e9).round() / 1e9}))
    });
    steps.collect()
}
