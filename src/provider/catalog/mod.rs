//! Providers as data: name → dialect, base URL, key variable, quirks; and what a model's name means.

mod family;
mod pinned;
mod rows;

pub use family::family;
pub use pinned::{Pinned, pinned};
pub use rows::PROVIDERS;

use super::http::Auth;
use crate::source::did_you_mean;
use genai_prices::Calculator;

/// How a service differs from its dialect's norm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks {
    /// The service knows `max_completion_tokens` (OpenAI itself), not only `max_tokens`.
    pub max_completion_tokens: bool,
    /// The service refuses `stream_options`.
    pub no_stream_options: bool,
    /// The service takes `top_k`, which OpenAI's API does not have.
    pub top_k: bool,
    /// User and assistant must alternate: consecutive turns of one role are merged.
    pub merge_turns: bool,
    /// How reasoning is asked for.
    pub thinking: Thinking,
    /// Anthropic's API as Vertex AI has it: the model stands in the path.
    pub vertex: bool,
}

/// How a service that speaks OpenAI's dialect is told to reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Thinking {
    /// `reasoning_effort: "high"`.
    #[default]
    Effort,
    /// As above, and `thinking: {type: disabled}` switches it off (DeepSeek, Z.ai).
    Switch,
    /// `reasoning: {effort}` or `reasoning: {max_tokens}` (OpenRouter).
    Object,
}

/// A service that answers calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name, LiteLLM's spelling: what stands before the first slash of a model's name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The dialect it speaks.
    pub dialect: &'static str,
    /// Where it is; `{NAME|OTHER=usual}` in it is filled from the environment, where every customer
    /// has an address of their own.
    pub base_url: Option<&'static str>,
    /// Its own origins, to which its key may go; `*` stands for the beginning of a label.
    pub origins: &'static [&'static str],
    /// How the key travels.
    pub auth: Auth,
    /// Environment variables that hold its key; the first one set counts.
    pub keys: &'static [&'static str],
    /// How it differs from its dialect's norm.
    pub quirks: Quirks,
    /// Its id in the price data.
    pub prices: Option<&'static str>,
    /// Requests may be signed with AWS credentials where there is no key.
    pub signs: bool,
    /// Beginnings of the model names that this row is for; none means all that no other row takes.
    pub models: &'static [&'static str],
    /// Beginnings of model names that mean this provider when no provider is named.
    pub bare: &'static [&'static str],
}

/// Beginnings of bare names that several providers serve, although one of them seems to own them.
const SHARED: &[&str] = &["gpt-oss"];

/// What a model's name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Who serves it.
    pub provider: &'static Provider,
    /// The model as its API spells it.
    pub model: String,
}

/// Why a model's name means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// What stands before the slash is no provider.
    #[error("no provider is called `{prefix}`{}", near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default())]
    Provider {
        /// What was written.
        prefix: String,
        /// The known name that it resembles.
        near: Option<&'static str>,
    },
    /// Several providers serve a model of this bare name.
    #[error("{}", ambiguous(name, choices))]
    Ambiguous {
        /// What was written.
        name: String,
        /// Full names to choose from.
        choices: Vec<String>,
    },
    /// A bare name that nothing is known of.
    #[error(
        "no provider is known to serve `{name}`, write `provider/{name}`, or give the model an `api` and a `base_url`"
    )]
    Model {
        /// What was written.
        name: String,
    },
}

/// What to write instead of a name that does not say who serves it.
fn ambiguous(name: &str, choices: &[String]) -> String {
    match choices {
        [one] => format!("`{name}` does not say who serves it, write {one}"),
        many => {
            let some = many.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
            let more = if many.len() > 6 { ", …" } else { "" };
            format!("several providers serve `{name}`, write one of: {some}{more}")
        }
    }
}

/// The provider of this name or alias.
pub fn provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS
        .iter()
        .find(|known| known.name == name || known.aliases.contains(&name))
}

/// The row of a provider that is for this model.
fn serving_at(prefix: &str, model: &str) -> Option<&'static Provider> {
    let rows = PROVIDERS.iter();
    let mut own = rows.filter(|known| known.name == prefix || known.aliases.contains(&prefix));
    let takes = |row: &&Provider| row.models.iter().any(|start| model.starts_with(start));
    own.clone()
        .find(takes)
        .or_else(|| own.find(|row| row.models.is_empty()))
}

/// Who serves a model, from a name as a suite writes it: `groq/llama-3.3-70b-versatile`, or a bare
/// well-known name.
pub fn resolve(name: &str) -> Result<Resolved, Unresolved> {
    if let Some((prefix, model)) = name.split_once('/').filter(|(_, model)| !model.is_empty()) {
        let known = || {
            PROVIDERS.iter().flat_map(|known| {
                [known.name]
                    .into_iter()
                    .chain(known.aliases.iter().copied())
            })
        };
        return match serving_at(prefix, model) {
            Some(provider) => Ok(Resolved {
                provider,
                model: model.into(),
            }),
            None => Err(Unresolved::Provider {
                near: did_you_mean(prefix, known()),
                prefix: prefix.into(),
            }),
        };
    }
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let owner = PROVIDERS.iter().find(|known| begins(known.bare));
    if let Some(provider) = owner.filter(|_| !begins(SHARED)) {
        return Ok(Resolved {
            provider,
            model: name.into(),
        });
    }
    let choices = serving(name);
    match choices.is_empty() {
        true => Err(Unresolved::Model { name: name.into() }),
        false => Err(Unresolved::Ambiguous {
            name: name.into(),
            choices,
        }),
    }
}

/// Priced models of the known providers whose name holds this one.
fn serving(name: &str) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut choices = Vec::new();
    for priced in Calculator::bundled().providers() {
        let mut known = PROVIDERS.iter();
        let Some(known) = known.find(|known| known.prices == Some(priced.id())) else {
            continue;
        };
        let models = priced.models().map(|model| model.id());
        let models = models.filter(|id| !wanted.is_empty() && id.to_lowercase().contains(&wanted));
        choices.extend(models.take(2).map(|id| format!("{}/{id}", known.name)));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::dialect;

    fn name(model: &str) -> String {
        match resolve(model) {
            Ok(found) => format!("{} {}", found.provider.name, found.model),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn names_with_a_provider() {
        assert_eq!(
            name("groq/llama-3.3-70b-versatile"),
            "groq llama-3.3-70b-versatile"
        );
        assert_eq!(
            name("openrouter/meta-llama/llama-3"),
            "openrouter meta-llama/llama-3"
        );
        assert_eq!(name("google/gemini-2.5-pro"), "gemini gemini-2.5-pro");
        assert_eq!(name("together/x/y"), "together_ai x/y");
        assert_eq!(
            name("gorq/llama"),
            "no provider is called `gorq`, did you mean `groq`?"
        );
        assert_eq!(
            name("meta-llama/llama-3"),
            "no provider is called `meta-llama`"
        );
    }

    #[test]
    fn bare_names() {
        assert_eq!(name("gpt-4o"), "openai gpt-4o");
        assert_eq!(
            name("claude-3-5-sonnet-20241022"),
            "anthropic claude-3-5-sonnet-20241022"
        );
        assert_eq!(name("gemini-1.5-pro"), "gemini gemini-1.5-pro");
        assert_eq!(name("mistral-large-latest"), "mistral mistral-large-latest");
        assert!(name("smollm2").starts_with("no provider is known to serve `smollm2`"));
        assert!(matches!(resolve(""), Err(Unresolved::Model { .. })));
        assert!(matches!(resolve("groq/"), Err(Unresolved::Model { .. })));
    }

    #[test]
    fn ambiguous_bare_names_list_the_choices() {
        let Err(Unresolved::Ambiguous { choices, .. }) = resolve("llama-3.3-70b") else {
            panic!("{}", name("llama-3.3-70b"));
        };
        assert!(
            choices.contains(&"groq/llama-3.3-70b-versatile".to_string()),
            "{choices:?}"
        );
        assert!(matches!(
            resolve("gpt-oss-120b"),
            Err(Unresolved::Ambiguous { .. })
        ));
    }

    #[test]
    fn rows_are_whole() {
        for row in PROVIDERS {
            assert!(
                dialect(row.dialect).is_some(),
                "{} speaks {}",
                row.name,
                row.dialect
            );
            if let Some(base) = row.base_url.filter(|base| !base.contains('{')) {
                assert!(
                    row.origins.iter().any(|origin| base.starts_with(origin)),
                    "{}",
                    row.name
                );
            }
            if let Some(id) = row.prices.filter(|id| *id != "litellm") {
                let found = Calculator::bundled().find_provider(Some(id), None).unwrap();
                assert_eq!(found.unwrap().id(), id);
            }
        }
    }
}
