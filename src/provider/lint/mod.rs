//! The portability lint: what a target refuses, ignores or changes of a call, known before it is sent.
//!
//! The rules are data, a file a theme; [`rules`] lists them in the order of their ids. A rule looks at
//! a neutral call, at where it goes, and at what is known of the model; where nothing is known it
//! says nothing. [`settle`] also leaves out what may be dropped, and tells what became of it.

mod asked;
mod field;
mod finding;
mod host;
mod messages;
mod output;
mod reasoning;
mod sampling;
mod schema;
mod settle;
mod shape;
mod size;
mod stop;
mod tools;
mod wish;

pub use asked::{Asked, Place};
pub use finding::{Finding, Severity, Transform};
pub use settle::{Drops, Settled, settle};
pub use wish::{Wish, told};

use finding::Found;

/// One rule.
pub struct Rule {
    /// `P001`.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// How bad it is at worst.
    pub severity: Severity,
    /// What to do about it.
    pub help: &'static str,
    /// Whether `--drop-params` leaves the fields out that it names.
    pub drops: bool,
    /// Whether it reads the conversation, which differs from case to case.
    pub per_case: bool,
    /// What it finds in a call.
    find: fn(&Asked<'_>) -> Option<Found>,
}

/// The themes, each with its rules.
const THEMES: &[&[Rule]] = &[
    sampling::RULES,
    stop::RULES,
    size::RULES,
    reasoning::RULES,
    tools::RULES,
    output::RULES,
    schema::RULES,
    messages::RULES,
    host::RULES,
];

/// Every rule, by its id.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = THEMES.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// What the rules find in a call, by their ids. Rules that read the conversation can be left out, and
/// so can all others: what those find is the same for all calls that differ only in it.
pub fn lint(asked: &Asked<'_>, scope: Scope) -> Vec<Finding> {
    let rules = THEMES.iter().copied().flatten();
    let rules = rules.filter(|rule| match scope {
        Scope::All => true,
        Scope::Call => !rule.per_case,
        Scope::Conversation => rule.per_case,
    });
    let mut findings: Vec<Finding> = rules
        .filter_map(|rule| Some((rule.find)(asked)?.by(rule)))
        .collect();
    findings.sort_by_key(|finding| finding.rule);
    findings
}

/// Which rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Those that do not read the conversation.
    Call,
    /// Those that do.
    Conversation,
}

#[cfg(test)]
mod tests;
