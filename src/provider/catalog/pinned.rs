//! Whether a model's name means one model for good, as far as the name and its provider can tell.

use super::Provider;

/// What a name says of the model behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinned {
    /// It names a snapshot, or the provider's names do not move.
    Yes,
    /// It is an alias that moves by its own words: `…-latest`.
    Alias,
    /// The provider has dated snapshots, and this names none.
    Undated,
    /// Nothing is known: a server of one's own, or open weights under a plain name.
    Unknown,
}

/// Whether `model`, as its API spells it, is pinned at this provider.
///
/// OpenAI dates its snapshots `-2024-08-06` (older ones `-0613`), Anthropic `-20241022`, Mistral `-2411`;
/// Gemini numbers them `-001` or dates its previews. What serves open weights names the weights.
pub fn pinned(provider: Option<&Provider>, model: &str) -> Pinned {
    let name = model.rsplit('/').next().unwrap_or(model);
    let words: Vec<&str> = name.split(['-', ':', '@']).collect();
    if words.contains(&"latest") {
        return Pinned::Alias;
    }
    let digits = |count: usize| {
        move |word: &&str| word.len() == count && word.bytes().all(|b| b.is_ascii_digit())
    };
    let any = |count: usize| words.iter().any(digits(count));
    let month_day = words.windows(2).any(|two| two.iter().all(digits(2)));
    let dated = match provider.map(|provider| provider.name) {
        Some("openai" | "azure") => any(4),
        Some("anthropic") => any(8),
        Some("mistral") => any(4),
        Some("gemini" | "vertex_ai") => any(3) || month_day || any(4),
        Some("bedrock") => any(8) || words.iter().any(|word| word.starts_with('v')),
        _ => return Pinned::Unknown,
    };
    match dated {
        true => Pinned::Yes,
        false => Pinned::Undated,
    }
}

#[cfg(test)]
mod tests {
    use super::super::resolve;
    use super::*;

    #[test]
    fn snapshots_and_aliases() {
        for (name, expected) in [
            ("openai/gpt-4o-2024-08-06", Pinned::Yes),
            ("openai/gpt-4-0613", Pinned::Yes),
            ("openai/gpt-4o", Pinned::Undated),
            ("openai/chatgpt-4o-latest", Pinned::Alias),
            ("anthropic/claude-3-5-haiku-20241022", Pinned::Yes),
            ("anthropic/claude-3-5-haiku-latest", Pinned::Alias),
            ("anthropic/claude-sonnet-4-5", Pinned::Undated),
            ("mistral/mistral-large-2411", Pinned::Yes),
            ("mistral/mistral-large-latest", Pinned::Alias),
            ("gemini/gemini-1.5-pro-002", Pinned::Yes),
            ("gemini/gemini-2.5-flash-preview-05-20", Pinned::Yes),
            ("gemini/gemini-1.5-pro", Pinned::Undated),
            ("groq/llama-3.3-70b-versatile", Pinned::Unknown),
        ] {
            let found = resolve(name).unwrap();
            assert_eq!(
                pinned(Some(found.provider), &found.model),
                expected,
                "{name}"
            );
        }
        assert_eq!(pinned(None, "smollm2:latest"), Pinned::Alias);
        assert_eq!(pinned(None, "smollm2"), Pinned::Unknown);
    }
}
