//! What a host makes of a call as a whole: P038, P041, P044.

use super::Rule;
use super::asked::Asked;
use super::finding::Found;
use super::finding::Severity::{Error, Warning};
use serde_json::Value;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P038",
        title: "stream_options where there are none: Anthropic, Bedrock, Cohere, Gemini, Mistral, Ollama, Perplexity",
        severity: Warning,
        help: "leave it out: usage is read wherever it is stated",
        drops: true,
        per_case: false,
        find: stream_options,
    },
    Rule {
        id: "P041",
        title: "a name that moves (-latest), or OpenRouter free to choose: what answers may change under the comparison",
        severity: Warning,
        help: "pin a dated name",
        drops: false,
        per_case: false,
        find: moving,
    },
    Rule {
        id: "P044",
        title: "a Bedrock model that is only served by an inference profile, without one",
        severity: Error,
        help: "write the profile's id: `us.`, `eu.`, `apac.` or `global.` before the model's",
        drops: false,
        per_case: false,
        find: on_demand,
    },
];

fn stream_options(asked: &Asked<'_>) -> Option<Found> {
    asked.extra(&["stream_options"])?;
    let speaks = asked.speaks(&["openai-chat", "openai-responses"]);
    let unknown = !speaks || asked.to.quirks.no_stream_options;
    let message = "stream_options is not known here, and may be refused";
    unknown.then(|| Found::new(message).at(["params.extra.stream_options"]))
}

fn moving(asked: &Asked<'_>) -> Option<Found> {
    if asked.can().alias == Some(true) {
        let message = format!(
            "{} leads to another model from time to time",
            asked.call.model
        );
        return Some(Found::new(message).at(["model"]));
    }
    if !asked.at(&["openrouter"]) {
        return None;
    }
    if asked.extra(&["models"]).is_some() {
        let message = "OpenRouter may answer with another of `models`";
        return Some(
            Found::new(message)
                .help("list one model")
                .at(["params.extra.models"]),
        );
    }
    let strict = asked.extra(&["provider", "require_parameters"]) == Some(&Value::Bool(true));
    let help = "pin it: `params: {extra: {provider: {order: […], allow_fallbacks: false, require_parameters: true}}}`";
    let message = "OpenRouter may choose a host that ignores parameters";
    (!strict).then(|| Found::new(message).help(help).at(["params.extra.provider"]))
}

/// Models that Bedrock serves by inference profiles only, by the beginning of their ids.
const BY_PROFILE: &[&str] = &[
    "anthropic.claude-3-5-sonnet-20241022",
    "anthropic.claude-3-5-haiku",
    "anthropic.claude-3-7",
    "anthropic.claude-sonnet-4",
    "anthropic.claude-sonnet-5",
    "anthropic.claude-opus-4",
    "anthropic.claude-opus-5",
    "anthropic.claude-haiku-4",
    "anthropic.claude-haiku-5",
    "anthropic.claude-fable",
    "anthropic.claude-mythos",
    "amazon.nova-premier",
    "amazon.nova-2",
    "deepseek.r1",
    "meta.llama3-1-405b",
    "meta.llama3-2",
    "meta.llama3-3",
    "meta.llama4",
    "mistral.pixtral-large",
    "writer.palmyra-x",
];

fn on_demand(asked: &Asked<'_>) -> Option<Found> {
    let model = asked.call.model.as_str();
    let bare = BY_PROFILE.iter().any(|begins| model.starts_with(begins));
    (asked.speaks(&["bedrock-converse"]) && bare).then(|| {
        let message = format!("{model} is not served on demand");
        let help = format!("write the profile's id, such as `us.{model}` or `global.{model}`");
        Found::new(message).help(help).at(["model"])
    })
}
