//! A call with where it goes: what the rules look at.

use super::finding::{Found, Severity};
use crate::prompt::{Message, Part, Role};
use crate::provider::call::{Call, ToolChoice};
use crate::provider::capability::{Capabilities, Effort, Overlay, bare, begins};
use crate::provider::catalog::{Provider, Quirks};
use crate::provider::lenient::at;
use serde_json::Value;
use std::borrow::Cow;

/// Where calls go, and what is known of the model there.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Who serves it; `None` for an endpoint of the user's own.
    pub provider: Option<&'static Provider>,
    /// The wire format's name.
    pub api: &'static str,
    /// How the place differs from its dialect's norm.
    pub quirks: Quirks,
    /// What is known of the model.
    pub can: Capabilities,
}

impl Place {
    /// A model (as its API spells it) at a provider, in a wire format.
    pub fn of(
        provider: Option<&'static Provider>,
        api: &'static str,
        model: &str,
        overlay: Option<&Overlay>,
    ) -> Place {
        Place {
            provider,
            api,
            quirks: provider.map_or_else(Quirks::default, |provider| provider.quirks),
            can: Capabilities::of(provider, model, overlay),
        }
    }
}

/// Hosts that pass calls on or serve whatever is loaded there: the model's name is a hint, no proof.
const ANYTHING: &[&str] = &[
    "openrouter",
    "litellm_proxy",
    "hosted_vllm",
    "llamacpp",
    "lm_studio",
    "ollama",
];

/// Hosts that put the conversation into whatever template came with the model.
const TEMPLATES: &[&str] = &["hosted_vllm", "llamacpp", "lm_studio", "ollama"];

/// A call, and where it goes.
pub struct Asked<'a> {
    /// The call.
    pub call: &'a Call,
    /// Where to.
    pub to: &'a Place,
    /// The model's bare name.
    name: Cow<'a, str>,
}

impl<'a> Asked<'a> {
    /// `call` on its way to a place.
    pub fn new(call: &'a Call, to: &'a Place) -> Self {
        Asked {
            call,
            to,
            name: bare(&call.model),
        }
    }

    /// The provider's name; empty for an endpoint of the user's own.
    pub(super) fn host(&self) -> &'static str {
        self.to.provider.map_or("", |provider| provider.name)
    }

    /// Whether it goes to one of these providers.
    pub(super) fn at(&self, hosts: &[&str]) -> bool {
        hosts.contains(&self.host())
    }

    /// Whether it goes to a host that fills the conversation into a template.
    pub(super) fn templated(&self) -> bool {
        self.at(TEMPLATES)
    }

    /// Whether it is put into one of these wire formats.
    pub(super) fn speaks(&self, dialects: &[&str]) -> bool {
        dialects.contains(&self.to.api)
    }

    /// Whether Anthropic's rules hold: its own API, or its models on Bedrock.
    pub(super) fn claude(&self) -> bool {
        match self.to.api {
            "anthropic-messages" => true,
            "bedrock-converse" => self.named("claude*"),
            _ => false,
        }
    }

    /// Whether the model's bare name begins so.
    pub(super) fn named(&self, pattern: &str) -> bool {
        begins(&self.name, pattern)
    }

    /// What is known of the model.
    pub(super) fn can(&self) -> &'a Capabilities {
        &self.to.can
    }

    /// A finding that rests on what is known of a model of this name: only a warning where the name
    /// proves nothing.
    pub(super) fn by_model(&self, message: impl Into<String>) -> Found {
        let found = Found::new(message);
        let hint = self.to.provider.is_none() || self.at(ANYTHING);
        match hint {
            true => found.at_most(Severity::Warning),
            false => found,
        }
    }

    /// A raw field of the body.
    pub(super) fn extra(&self, path: &[&str]) -> Option<&'a Value> {
        let (first, rest) = path.split_first()?;
        at(self.call.params.extra.get(*first)?, rest)
    }

    /// The reasoning effort that is asked for; switched off is none.
    pub(super) fn effort(&self) -> Option<Effort> {
        let wish = self.call.params.reasoning.as_ref();
        if wish.is_some_and(|wish| wish.off) {
            return Some(Effort::None);
        }
        let raw = || {
            self.extra(&["reasoning_effort"])
                .or_else(|| self.extra(&["reasoning", "effort"]))
                .and_then(Value::as_str)
        };
        Effort::named(wish.and_then(|wish| wish.effort.as_deref()).or_else(raw)?)
    }

    /// The budget of reasoning tokens that is asked for.
    pub(super) fn budget(&self) -> Option<u64> {
        let wish = self.call.params.reasoning.as_ref();
        wish.filter(|wish| !wish.off)
            .and_then(|wish| wish.budget_tokens)
            .or_else(|| self.extra(&["thinking", "budget_tokens"])?.as_u64())
    }

    /// Whether the model will reason; `None` if that is not known.
    pub(super) fn reasons(&self) -> Option<bool> {
        self.can().reasons_at(self.effort(), self.budget())
    }

    /// Whether a tool must be called.
    pub(super) fn forced(&self) -> bool {
        let choice = self.call.tool_choice.as_ref();
        matches!(choice, Some(ToolChoice::Required | ToolChoice::Named(_)))
    }

    /// The tool that must be called, if one is named.
    pub(super) fn named_tool(&self) -> Option<&'a str> {
        match &self.call.tool_choice {
            Some(ToolChoice::Named(name)) => Some(name),
            _ => None,
        }
    }

    /// The limit of output tokens, by whichever name it is given.
    pub(super) fn max_tokens(&self) -> Option<u64> {
        let raw = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
        let mut raw = raw.iter().filter_map(|name| self.extra(&[name])?.as_u64());
        self.call.params.max_tokens.or_else(|| raw.next())
    }

    /// The turns of the conversation.
    pub(super) fn turns(&self) -> &'a [Message] {
        &self.call.messages
    }

    /// The assistant's turn that ends the conversation, if one does.
    pub(super) fn prefill(&self) -> Option<&'a Message> {
        let last = self.turns().last()?;
        (last.role == Role::Assistant && last.tool_calls.is_empty()).then_some(last)
    }

    /// Pictures, wherever they stand.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &'a Part> {
        let parts = self.turns().iter().flat_map(|turn| &turn.parts);
        parts.filter(|part| matches!(part, Part::Image { .. }))
    }

    /// Bytes of text that are sent: the conversation and the tools.
    pub(super) fn bytes(&self) -> u64 {
        let said = self.turns().iter().map(|turn| turn.joined_text().len());
        let tools = self.call.tools.iter();
        let tools = tools.map(|tool| tool.name.len() + tool.parameters.to_string().len());
        (said.sum::<usize>() + tools.sum::<usize>()) as u64
    }
}
