//! Our usage and cost beside those of genai-prices' own extractors, on every recording: what differs
//! is explained, and an unexplained difference fails.

use crate::recordings::{exchanges, outcome, response};
use crate::shared::say;
use bakeoff::provider::catalog::provider;
use bakeoff::provider::price::Priced;
use bakeoff::provider::{Prices, Reply, dialect};
use genai_prices::{Calculator, ExtractRequest, PriceRequest, UsageKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who is who: the recordings' provider and dialect; our name for it, and the shapes that genai-prices
/// reads for its counts and for its bill.
fn known(provider: &str, api: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let shape = match api {
        "openai-responses" => "responses",
        "openai-chat" => "chat",
        "anthropic-messages" => "anthropic",
        _ => "default",
    };
    let (ours, counts, bill) = match (provider, shape) {
        ("google" | "vertex", shape) => ("gemini", shape, shape),
        ("bedrock", shape @ ("default" | "anthropic")) => ("bedrock", shape, shape),
        ("anthropic", "anthropic") => ("anthropic", "default", "default"),
        ("cohere", "default") => ("cohere", "tokens", "default"),
        ("mistral", "default") => ("mistral", "default", "default"),
        ("groq", "chat") => ("groq", "default", "default"),
        ("perplexity", "chat") => ("perplexity", "default", "default"),
        ("openai", shape @ ("chat" | "responses")) => ("openai", shape, shape),
        ("azure", shape @ ("chat" | "responses" | "anthropic")) => ("azure", shape, shape),
        ("xai", shape @ ("chat" | "responses")) => ("xai", shape, shape),
        ("cerebras", "chat") => ("cerebras", "chat", "chat"),
        ("deepseek", "chat") => ("deepseek", "chat", "chat"),
        ("openrouter", "chat") => ("openrouter", "chat", "chat"),
        _ => return None,
    };
    Some((ours, counts, bill))
}

/// One exchange, read twice.
struct Both {
    record: Value,
    reply: Reply,
    ours: Counts,
    theirs: Counts,
    our_usd: Option<f64>,
    their_usd: Option<f64>,
    /// Some tokens are of a kind that may have a price of its own.
    by_kind: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cached: u64,
    written: u64,
}

fn both(record: Value, prices: &Prices) -> Option<Result<Both, &'static str>> {
    let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let (ours, counts, bill) = known(&text("provider"), &text("api"))?;
    let row = provider(ours).unwrap();
    let spoken = dialect(&text("api")).unwrap();
    let reply = match outcome(spoken.dialect, &response(&record)) {
        Ok(reply) => reply,
        Err(_) => return Some(Err("failed: there is no reply")),
    };
    let Some(raw) = reply.usage.raw.clone() else {
        return Some(Err("no usage is stated"));
    };
    // A stream has no body of its own: its last usage stands where an unstreamed one has it.
    let (root, model) = match text("api").as_str() {
        "gemini" => ("usageMetadata", "modelVersion"),
        _ => ("usage", "model"),
    };
    let body = json!({root: raw, model: reply.served_model});
    let calculator = Calculator::bundled();
    let extract = |flavor: &str| {
        let request = ExtractRequest::from_value(&body)
            .with_provider_id(row.prices.unwrap())
            .with_api_flavor(flavor);
        let extracted = calculator.extract_provider_usage(&request);
        extracted.map(|it| it.usage).unwrap_or_default()
    };
    let (extracted, billed) = (extract(counts), extract(bill));
    let count = |key: UsageKey| extracted.get(key.as_str()).map(|n| n as u64);
    let theirs = Counts {
        input: count(UsageKey::INPUT_TOKENS),
        output: count(UsageKey::OUTPUT_TOKENS),
        cached: count(UsageKey::CACHE_READ_TOKENS).unwrap_or(0),
        written: count(UsageKey::CACHE_WRITE_TOKENS).unwrap_or(0),
    };
    let asked = text("model");
    let priced = Priced {
        provider: Some(row),
        asked: &asked,
        served: reply.served_model.as_deref(),
        service_tier: None,
        usage: &reply.usage,
        stated: None,
        suite: None,
    };
    let names = reply
        .served_model
        .as_deref()
        .into_iter()
        .chain([asked.as_str()]);
    let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(NOON);
    let their_usd = names.into_iter().find_map(|model| {
        let request = PriceRequest::new(model, &billed)
            .with_provider_id(row.prices.unwrap())
            .with_timestamp(at);
        calculator.calculate(&request).ok().map(|it| it.total_price)
    });
    let usage = &reply.usage;
    Some(Ok(Both {
        ours: Counts {
            input: usage.input,
            output: usage.output,
            cached: usage.cached_input.unwrap_or(0),
            written: usage.cache_write.unwrap_or(0),
        },
        theirs,
        our_usd: prices.cost(&priced).map(|cost| cost.usd),
        their_usd,
        by_kind: billed
            .keys()
            .any(|key| KINDS.contains(&key.as_str()) && billed.get(key.as_str()) > Some(0.0)),
        reply,
        record,
    }))
}

/// Noon of the bundled table's day.
const NOON: u64 = 1_793_361_600;

/// Counts that only matter where a kind of token has a price of its own.
const KINDS: &[&str] = &[
    "input_audio_tokens",
    "input_image_tokens",
    "input_video_tokens",
    "output_audio_tokens",
    "output_image_tokens",
    "output_video_tokens",
    "cache_audio_read_tokens",
    "cache_image_read_tokens",
];

impl Both {
    fn raw(&self, path: &str) -> u64 {
        let raw = self.reply.usage.raw.as_ref();
        raw.and_then(|raw| raw.pointer(path)?.as_u64()).unwrap_or(0)
    }
}

/// Why the counts differ; `None` is a difference that nobody has explained. Each reason is a rule of the
/// recordings' own expectations, told by the numbers.
fn why_counts(both: &Both) -> Option<&'static str> {
    let (ours, theirs) = (both.ours, both.theirs);
    let (prompt, completion) = (both.raw("/prompt_tokens"), both.raw("/completion_tokens"));
    let total = both.raw("/total_tokens");
    let reasoning = both.raw("/completion_tokens_details/reasoning_tokens");
    let audio = both.raw("/prompt_tokens_details/audio_tokens");
    let with = |counts: Counts| counts == ours;
    if theirs.cached > theirs.input?
        && with(Counts {
            input: Some(theirs.input? + theirs.cached),
            ..theirs
        })
    {
        return Some("cached tokens apart from the prompt, by the numbers (Grok on Azure)");
    }
    if audio > 0
        && total == prompt + audio + completion
        && with(Counts {
            input: Some(prompt + audio),
            ..theirs
        })
    {
        return Some("audio apart from the prompt, by the total (Mistral)");
    }
    if theirs.cached == 0
        && with(Counts {
            cached: ours.cached,
            ..theirs
        })
    {
        let stated = [
            both.raw("/prompt_tokens_details/cached_tokens"),
            both.raw("/prompt_cache_hit_tokens"),
        ];
        return stated
            .contains(&ours.cached)
            .then_some("cache reads that the extractor does not read (Cerebras, DeepSeek)");
    }
    if theirs.written == 0
        && with(Counts {
            written: ours.written,
            ..theirs
        })
    {
        let stated = both.raw("/prompt_tokens_details/cache_write_tokens");
        return (stated == ours.written).then_some("cache writes that the extractor does not read");
    }
    if reasoning > 0
        && with(Counts {
            output: Some(completion),
            ..theirs
        })
        && total == prompt + completion
    {
        return Some("reasoning is in the completion already, by the total (xAI)");
    }
    if reasoning > 0
        && with(Counts {
            output: Some(completion + reasoning),
            ..theirs
        })
        && total == prompt + completion + reasoning
    {
        return Some("reasoning is apart from the completion, by the total");
    }
    if total > prompt + completion
        && with(Counts {
            output: Some(total - prompt),
            ..theirs
        })
    {
        return Some(
            "thinking shows only as what is missing to the total (Gemini at OpenAI's endpoint)",
        );
    }
    let searched = both.raw("/citation_tokens") + both.raw("/reasoning_tokens");
    if searched > 0
        && with(Counts {
            output: Some(theirs.output?.checked_sub(searched)?),
            ..theirs
        })
    {
        return Some(
            "citations and reasoning beside the completion: Perplexity states what they cost",
        );
    }
    None
}

/// Why the costs differ although the counts agree.
fn why_cost(both: &Both) -> Option<&'static str> {
    let counts = both.ours;
    if both.our_usd.is_none() && counts.output.is_none() {
        return Some("output is not stated: the cost is unknown, not that of the input alone");
    }
    if both.their_usd.is_none() && counts.cached + counts.written > counts.input? {
        return Some("cache reads and writes overlap: writes count as far as there is input left");
    }
    if both.their_usd.is_none() && counts.cached > counts.input? {
        return Some("more cache reads than input: the input counts, at the price of reads");
    }
    if both.by_kind {
        return Some(
            "tokens of sound or pictures have prices of their own; bakeoff counts them as text",
        );
    }
    let searches = [
        "/num_search_queries",
        "/server_tool_use/web_search_requests",
        "/tool_calls_details/search_web/invocation",
    ];
    if searches.iter().any(|path| both.raw(path) > 0) {
        return Some("searches are billed beside the tokens: these providers state what they cost");
    }
    None
}

#[test]
fn usage_and_cost_agree_with_the_price_crates_extractors() {
    let Some(records) = exchanges() else { return };
    let prices = Prices::bundled();
    let (mut same, mut priced, mut others) = (0, 0, 0);
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unknown = Vec::new();
    for record in records {
        let both = match both(record, &prices) {
            None => {
                others += 1;
                continue;
            }
            Some(Err(why)) => {
                *classes.entry(why).or_default() += 1;
                continue;
            }
            Some(Ok(both)) => both,
        };
        let tell = |what: &str, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
            let (id, provider, api, model) = (
                &both.record["id"],
                &both.record["provider"],
                &both.record["api"],
                &both.record["model"],
            );
            let raw = both.reply.usage.raw.as_ref().map(Value::to_string);
            format!(
                "{id} {provider} {api} {model} {what}: ours {ours:?}, theirs {theirs:?}\n    {}",
                raw.unwrap_or_default()
            )
        };
        if both.ours != both.theirs {
            match why_counts(&both) {
                Some(why) => *classes.entry(why).or_default() += 1,
                None => unknown.push(tell("counts", &both.ours, &both.theirs)),
            }
            continue;
        }
        same += 1;
        let agree = match (both.our_usd, both.their_usd) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() < 1e-12,
            (ours, theirs) => ours == theirs,
        };
        match agree {
            true => priced += usize::from(both.our_usd.is_some()),
            false => match why_cost(&both) {
                Some(why) => *classes.entry(why).or_default() += 1,
                None => unknown.push(tell("cost", &both.our_usd, &both.their_usd)),
            },
        }
    }
    say(&format!(
        "extractors: {same} usages the same, {priced} costs the same, {others} of providers without an extractor"
    ));
    for (why, n) in &classes {
        say(&format!("extractors: {n} {why}"));
    }
    assert!(
        unknown.is_empty(),
        "{} unexplained:\n{}",
        unknown.len(),
        unknown.join("\n")
    );
    assert!(same > 200, "only {same} usages were compared");
}
