//! What the table says of well-known models.

use super::*;
use crate::provider::catalog::{provider, resolve};
use serde_json::json;

fn of(name: &str) -> Capabilities {
    let found = resolve(name).unwrap();
    Capabilities::of(Some(found.provider), &found.model, None)
}

#[test]
fn openai_reasons_by_generation() {
    for (model, plain, with_effort, switched_off) in [
        ("gpt-4o", false, false, false),
        ("o3-mini", true, true, true),
        ("gpt-5", true, true, true),
        ("gpt-5-2025-08-07", true, true, true),
        ("gpt-5-mini", true, true, true),
        ("gpt-5-chat-latest", false, false, false),
        ("gpt-5.1", false, true, false),
        ("gpt-5.1-codex-mini", true, true, true),
        ("gpt-5.2-pro", true, true, true),
        ("gpt-5.3-chat-latest", true, true, true),
        ("gpt-5.4-nano", false, true, false),
        ("gpt-5.5", true, true, false),
        ("gpt-5.6-terra", true, true, false),
    ] {
        let can = of(model);
        let seen = [None, Some(Effort::Low), Some(Effort::None)].map(|it| can.reasons_at(it, None));
        assert_eq!(
            seen,
            [Some(plain), Some(with_effort), Some(switched_off)],
            "{model}"
        );
    }
    assert_eq!(of("gpt-5.9").reasons, None, "nobody knows that one yet");
}

#[test]
fn claude_by_version_wherever_it_is_served() {
    for name in [
        "claude-opus-4-7",
        "anthropic/claude-opus-4-7-20260416",
        "bedrock/us.anthropic.claude-opus-4-7",
        "openrouter/anthropic/claude-opus-4.7",
    ] {
        let can = of(name);
        assert_eq!(can.sampling, Some(Sampling::Refused), "{name}");
        assert_eq!((can.budget, can.prefill), (Some(false), Some(false)));
    }
    let sonnet = of("claude-sonnet-4-20250514");
    assert_eq!((sonnet.budget, sonnet.schema), (Some(true), Some(false)));
    assert_eq!(sonnet.both_temperature_and_top_p, Some(true));
    let haiku = of("bedrock/anthropic.claude-haiku-4-5-20251001-v1:0");
    assert_eq!(haiku.both_temperature_and_top_p, Some(false));
    assert_eq!(haiku.prefill, Some(true));
    assert_eq!(of("claude-opus-5").forced_tools, Some(true));
    assert_eq!(of("claude-opus-5-5").forced_tools, Some(false));
    assert_eq!(of("claude-mythos-preview").reasons, Some(Reasons::Always));
}

#[test]
fn gemini_by_version() {
    assert_eq!(of("gemini-2.5-flash").budget, Some(true));
    assert_eq!(of("gemini-3-flash-preview").budget, Some(false));
    assert_eq!(of("gemini-3.6-flash").sampling, Some(Sampling::Refused));
    // from the price data
    assert_eq!(of("gemini-1.5-pro").context, Some(1_000_000));
}

#[test]
fn what_nobody_knows_stays_unknown() {
    let own = Capabilities::of(None, "house-model-7b", None);
    assert_eq!(own, Capabilities::default());
    let fifth = Capabilities::of(None, "gpt-5", None);
    assert_eq!(
        fifth.reasons,
        Some(Reasons::Always),
        "the name still speaks"
    );
}

#[test]
fn efforts_are_sets() {
    let set = of("gpt-5").efforts.unwrap();
    assert_eq!(set.names(), "minimal, low, medium, high");
    assert_eq!(set.nearest(Effort::None), Some(Effort::Minimal));
    assert_eq!(set.nearest(Effort::Max), Some(Effort::High));
    assert_eq!(Efforts::default().nearest(Effort::Low), None);
    let written = serde_json::to_value(set).unwrap();
    assert_eq!(written, json!(["minimal", "low", "medium", "high"]));
    assert_eq!(serde_json::from_value::<Efforts>(written).unwrap(), set);
}

#[test]
fn an_overlay_is_laid_over() {
    let entries = json!({
        "gpt-5": {"litellm_provider": "openai", "mode": "chat", "supports_vision": false,
            "max_input_tokens": 272000, "deprecation_date": "2027-02-03"},
        "groq/openai/gpt-oss-20b": {"litellm_provider": "groq", "reasoning_effort_levels": ["low", "high"]},
        "claude-new": {"litellm_provider": "anthropic", "supports_adaptive_thinking": true,
            "supports_sampling_params": false, "thinking_always_on": true},
        "dall-e": {"litellm_provider": "openai", "mode": "image_generation"},
        "x/y": {"litellm_provider": "nobody"},
    });
    let overlay = Overlay::from_litellm(entries.as_object().unwrap());
    assert_eq!(overlay.models.len(), 3);
    let openai = provider("openai");
    let can = Capabilities::of(openai, "gpt-5", Some(&overlay));
    assert_eq!((can.vision, can.max_input), (Some(false), Some(272_000)));
    assert_eq!(can.reasons, Some(Reasons::Always), "the rest stays");
    assert_eq!(can.deprecated.unwrap().to_string(), "2027-02-03");
    let groq = Capabilities::of(provider("groq"), "openai/gpt-oss-20b", Some(&overlay));
    assert_eq!(groq.efforts.unwrap().names(), "low, high");
    let new = Capabilities::of(provider("anthropic"), "claude-new", Some(&overlay));
    assert_eq!(
        (new.budget, new.sampling),
        (Some(false), Some(Sampling::Refused))
    );
    let written = serde_json::to_string(&overlay).unwrap();
    assert_eq!(serde_json::from_str::<Overlay>(&written).unwrap(), overlay);
}
