//! A row of the table: which models, at whom, and what is known of them.

use super::Capabilities;
use std::borrow::Cow;

/// Facts about all models whose name fits.
pub(super) struct Row {
    /// Providers at whom it holds; none listed: wherever a model of this name is served.
    pub at: &'static [&'static str],
    /// The beginning of the model's bare name, up to its end or a `-`, `:` or `@`; with a `*` at its
    /// end, any beginning.
    pub model: &'static str,
    /// What is known.
    pub can: Capabilities,
}

impl Row {
    /// Whether the row is about a model (by its bare name) at a provider.
    pub fn fits(&self, provider: &str, name: &str) -> bool {
        let here = self.at.is_empty() || self.at.contains(&provider);
        here && begins(name, self.model)
    }
}

/// Whether a name begins as a pattern says.
pub(in crate::provider) fn begins(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(pattern) => name.starts_with(pattern),
        None => name
            .strip_prefix(pattern)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':', '@'])),
    }
}

/// A model's name without what hosts put around it: makers (`anthropic/…`), regions and makers of
/// Bedrock (`us.anthropic.…`), fine-tunes (`ft:…`). Claude's versions are written with `-`.
pub fn bare(model: &str) -> Cow<'_, str> {
    let last = model.rsplit('/').next().unwrap_or(model);
    let name = last.strip_prefix("ft:").unwrap_or(last);
    let name = match name.rsplit_once("anthropic.") {
        Some((_, claude)) => claude,
        None => {
            let regions = [
                "us.", "eu.", "apac.", "global.", "us-gov.", "au.", "jp.", "ca.",
            ];
            let region = regions.iter().find_map(|region| name.strip_prefix(region));
            region.unwrap_or(name)
        }
    };
    let mut name = Cow::Borrowed(name);
    if name.contains(char::is_uppercase) {
        name = Cow::Owned(name.to_lowercase());
    }
    if name.starts_with("claude-") && name.contains('.') {
        name = Cow::Owned(name.replace('.', "-"));
    }
    name
}
