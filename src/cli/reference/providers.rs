//! The page of providers, from the catalog.

use super::cell;
use crate::provider::catalog::{PROVIDERS, Provider};

/// Every known provider: what it speaks, where it is, which variables hold its key.
pub fn page() -> String {
    let mut page = String::from(
        "# Providers that are known\n\nMade from the program; `bakeoff list providers` says also which keys are set. How models and \
         keys are written: [providers](../providers.md).\n\n| provider | wire format | key from | address |\n|---|---|---|---|\n",
    );
    page.extend(PROVIDERS.iter().map(row));
    page
}

fn row(provider: &Provider) -> String {
    let code = |word: &&str| format!("`{word}`");
    let mut names: Vec<String> = vec![code(&provider.name)];
    names.extend(provider.aliases.iter().map(code));
    let mut keys: Vec<String> = provider.keys.iter().map(code).collect();
    if provider.signs {
        keys.push("AWS credentials (signed)".to_owned());
    }
    let keys = match keys.is_empty() {
        true => "none needed".to_owned(),
        false => keys.join(", "),
    };
    let address = match provider.base_url {
        Some(address) => format!("`{}`", cell(address)),
        None => "give `base_url`".to_owned(),
    };
    let (names, dialect) = (names.join(", "), provider.dialect);
    format!("| {names} | `{dialect}` | {keys} | {address} |\n")
}
