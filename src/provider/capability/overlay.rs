//! Capabilities from elsewhere, laid over the own table: by provider and model.

use super::{Capabilities, Effort, Efforts, Reasons, Sampling};
use crate::provider::catalog::{self, Provider};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What another source says of models, by `provider/model`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overlay {
    /// The facts of each model.
    pub models: BTreeMap<String, Capabilities>,
}

impl Overlay {
    /// What is said of a model of a provider.
    pub fn find(&self, provider: Option<&Provider>, model: &str) -> Option<&Capabilities> {
        self.models.get(&format!("{}/{model}", provider?.name))
    }

    /// From LiteLLM's JSON of prices and capabilities: an object a model, by LiteLLM's name for it.
    /// Entries of providers that bakeoff does not know, and of models that do not chat, are left out.
    pub fn from_litellm(models: &Map<String, Value>) -> Overlay {
        let read = |(key, flags): (&String, &Value)| {
            let flags = flags.as_object()?;
            let mode = flags.get("mode").and_then(Value::as_str).unwrap_or("chat");
            let provider = catalog::provider(flags.get("litellm_provider")?.as_str()?)?;
            let model = match key.split_once('/') {
                Some((prefix, model)) if catalog::provider(prefix) == Some(provider) => model,
                _ => key,
            };
            let chats = matches!(mode, "chat" | "responses");
            let name = format!("{}/{model}", provider.name);
            chats.then(|| (name, Capabilities::from_litellm(flags)))
        };
        Overlay {
            models: models.iter().filter_map(read).collect(),
        }
    }
}

impl Capabilities {
    /// From one model's entry in LiteLLM's JSON. A flag that is not there says nothing.
    pub fn from_litellm(flags: &Map<String, Value>) -> Capabilities {
        let flag = |name: &str| flags.get(name).and_then(Value::as_bool);
        let count = |name: &str| flags.get(name).and_then(Value::as_u64);
        let adaptive = flag("supports_adaptive_thinking");
        let reasons = match flag("thinking_always_on") {
            Some(true) => Some(Reasons::Always),
            // that it can reason does not say when it does
            _ => (flag("supports_reasoning") == Some(false)).then_some(Reasons::Never),
        };
        let refused = flag("supports_sampling_params") == Some(false);
        let day = flags.get("deprecation_date").and_then(Value::as_str);
        Capabilities {
            reasons,
            efforts: efforts(flags),
            // budgets went when adaptive thinking came, except where the older form is named
            budget: match adaptive {
                Some(true) => Some(flag("supports_legacy_thinking") == Some(true)),
                _ => None,
            },
            adaptive,
            sampling: refused.then_some(Sampling::Refused),
            prefill: flag("supports_assistant_prefill"),
            tools: flag("supports_function_calling"),
            forced_tools: flag("supports_forced_tool_use"),
            schema: flag("supports_response_schema"),
            vision: flag("supports_vision"),
            max_input: count("max_input_tokens"),
            max_output: count("max_output_tokens"),
            deprecated: day.and_then(|day| day.parse().ok()),
            ..Capabilities::default()
        }
    }
}

/// The levels where they are listed; single flags only say how a known set differs, so they alone
/// are not enough.
fn efforts(flags: &Map<String, Value>) -> Option<Efforts> {
    let listed = flags.get("reasoning_effort_levels")?.as_array()?;
    let levels = listed
        .iter()
        .filter_map(|level| Effort::named(level.as_str()?));
    Some(Efforts::of(&levels.collect::<Vec<_>>()))
}
