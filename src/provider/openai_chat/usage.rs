//! OpenAI-shaped token counts and costs → inclusive counts.

use crate::provider::call::Usage;
use crate::provider::lenient::{at, count, money};
use serde_json::Value;

/// The counts in a usage object.
///
/// The field means the same everywhere but for three habits, each told by the numbers and not by
/// the provider's name: reasoning apart from the completion (xAI), audio apart from the prompt
/// (Mistral), cached tokens apart from the prompt (Grok on Azure).
pub(super) fn counts(raw: Option<Value>, model: Option<&str>) -> Usage {
    let Some(raw) = raw else {
        return Usage::default();
    };
    let stated = |path: &[&str]| count(&raw, path);
    let prompt = stated(&["prompt_tokens"]);
    let completion = stated(&["completion_tokens"]);
    let total = stated(&["total_tokens"]);
    let reasoning = stated(&["completion_tokens_details", "reasoning_tokens"]);
    let audio = stated(&["prompt_tokens_details", "audio_tokens"]).unwrap_or(0);
    let cached = stated(&["prompt_tokens_details", "cached_tokens"])
        .or_else(|| stated(&["prompt_cache_hit_tokens"]));

    let (mut input, mut output) = (prompt, completion);
    if let (Some(prompt), Some(completion), Some(total)) = (prompt, completion, total) {
        let apart = total.saturating_sub(prompt).saturating_sub(completion);
        match reasoning.unwrap_or(0) {
            0 if apart > 0 && audio == apart => input = Some(prompt + audio),
            // Google's compatible endpoint shows thinking only as what is missing to the total
            0 if model.is_some_and(|model| model.contains("gemini")) => {
                output = Some(completion + apart);
            }
            reasoning if reasoning == apart => output = Some(completion + reasoning),
            _ => {}
        }
    }
    if let (Some(prompt), Some(cached)) = (input, cached)
        && cached > prompt
    {
        input = Some(prompt + cached);
    }
    Usage {
        input,
        output,
        cached_input: cached,
        cache_write: stated(&["prompt_tokens_details", "cache_write_tokens"]),
        reasoning,
        raw: Some(raw),
    }
}

/// What the provider says the call cost, in USD.
pub(in crate::provider) fn stated_cost(usage: &Value) -> Option<f64> {
    if let Some(cost) = money(usage, &["cost"]) {
        // OpenRouter with the user's own key bills its fee only; the model is billed upstream
        let own_key = at(usage, &["is_byok"]).and_then(Value::as_bool) == Some(true);
        let upstream = money(usage, &["cost_details", "upstream_inference_cost"]);
        return match own_key {
            true => Some(cost + upstream?),
            false => Some(cost),
        };
    }
    money(usage, &["cost", "total_cost"])
        // xAI: a tick is 1e-10 USD
        .or_else(|| money(usage, &["cost_in_usd_ticks"]).map(|ticks| ticks * 1e-10))
}
