//! What a bill counts: tokens by kind, from a reply's usage.

use crate::provider::call::Usage;
use crate::provider::lenient::{at, count, list, text};

/// Tokens and searches of one request, each counted where it is billed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Every input token.
    pub input: u64,
    /// Every output token.
    pub output: u64,
    /// Of the input: read from a cache.
    pub cached: u64,
    /// Of the input: written to a cache.
    pub written: u64,
    /// Of those written: kept for an hour.
    pub hour: u64,
    /// Searches that the provider ran.
    pub searches: u64,
}

impl Counts {
    /// The counts of this usage; `None` where input or output is not stated.
    pub fn of(usage: &Usage) -> Option<Counts> {
        let (mut input, mut output) = both(usage)?;
        let raw = usage.raw.as_ref();
        if let Some(billed) = raw.and_then(|raw| at(raw, &["billed_units"])) {
            // Cohere counts every token and bills fewer.
            input = count(billed, &["input_tokens"])?;
            output = count(billed, &["output_tokens"])?;
        }
        let cached = usage.cached_input.unwrap_or(0).min(input);
        let written = usage.cache_write.unwrap_or(0).min(input - cached);
        let stated = |path: &[&str]| raw.and_then(|raw| count(raw, path));
        // Anthropic's two lives of a cache; Bedrock lists the same with a time to live each.
        let hour = stated(&["cache_creation", "ephemeral_1h_input_tokens"]).or_else(|| {
            let details = list(raw?, &["cacheDetails"]).iter();
            let hours = details.filter(|one| text(one, &["ttl"]) == Some("1h"));
            Some(hours.filter_map(|one| count(one, &["inputTokens"])).sum())
        });
        Some(Counts {
            input,
            output,
            cached,
            written,
            hour: hour.filter(|hour| *hour <= written).unwrap_or(0),
            searches: stated(&["server_tool_use", "web_search_requests"]).unwrap_or(0),
        })
    }

    /// The same tokens with nothing known of caches.
    pub fn plain(self) -> Counts {
        Counts {
            input: self.input,
            output: self.output,
            ..Counts::default()
        }
    }
}

/// Input and output, if the cost can be known from them. A prompt that was blocked has no output:
/// Google then states the input as the total and leaves the output out.
fn both(usage: &Usage) -> Option<(u64, u64)> {
    let input = usage.input?;
    let nothing_else = || {
        let total = count(usage.raw.as_ref()?, &["totalTokenCount"])?;
        (total == input).then_some(0)
    };
    Some((input, usage.output.or_else(nothing_else)?))
}
