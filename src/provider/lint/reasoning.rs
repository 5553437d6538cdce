//! Effort and budget: P008, P034, P035, P045.

use super::Rule;
use super::asked::Asked;
use super::finding::Found;
use super::finding::Severity::Error;
use crate::prompt::Role;
use crate::provider::capability::{Effort, Efforts, Reasons};
use crate::provider::catalog::Thinking;
use crate::provider::lenient::{at, list};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P008",
        title: "a thinking budget on Claude 4.7 and later, which only thinks adaptively",
        severity: Error,
        help: "give an effort: `reasoning: {effort: high}`",
        drops: true,
        per_case: false,
        find: adaptive_only,
    },
    Rule {
        id: "P034",
        title: "a reasoning effort that the model does not take",
        severity: Error,
        help: "take one that it knows, or leave it out",
        drops: true,
        per_case: false,
        find: effort,
    },
    Rule {
        id: "P035",
        title: "a reasoning budget where an effort is taken, or the reverse, or a budget out of range",
        severity: Error,
        help: "say how much to reason in the model's own way",
        drops: true,
        per_case: false,
        find: budget,
    },
    Rule {
        id: "P045",
        title: "a conversation of Gemini 3 or of DeepSeek's thinking without what the model said to itself",
        severity: Error,
        help: "leave such turns to the model, or switch its reasoning off",
        drops: false,
        per_case: true,
        find: forgotten,
    },
];

const BUDGET: &str = "params.reasoning.budget_tokens";
const EFFORT: &str = "params.reasoning.effort";

/// The field that holds the effort.
fn place(asked: &Asked<'_>) -> &'static str {
    match &asked.call.params.reasoning {
        Some(wish) if wish.off => "params.reasoning.off",
        Some(wish) if wish.effort.is_some() => EFFORT,
        _ if asked.extra(&["reasoning_effort"]).is_some() => "params.extra.reasoning_effort",
        _ => "params.extra.reasoning.effort",
    }
}

fn budget_place(asked: &Asked<'_>) -> &'static str {
    let wish = asked.call.params.reasoning.as_ref();
    match wish.and_then(|wish| wish.budget_tokens) {
        Some(_) => BUDGET,
        None => "params.extra.thinking.budget_tokens",
    }
}

fn adaptive_only(asked: &Asked<'_>) -> Option<Found> {
    asked.budget()?;
    let can = asked.can();
    let only = can.adaptive == Some(true) && can.budget == Some(false);
    (asked.claude() && only).then(|| {
        let message = format!("{} takes no budget, it thinks adaptively", asked.call.model);
        asked.by_model(message).at([budget_place(asked)])
    })
}

/// The levels that a wire format can spell; `None` if it spells any.
fn spelled(api: &str) -> Option<Efforts> {
    use Effort::{High, Low, Max, Minimal};
    Some(match api {
        "anthropic-messages" => Efforts::range(Low, Max).set(Effort::None, true),
        "gemini" => Efforts::range(Minimal, High).set(Effort::None, true),
        "ollama-chat" => Efforts::range(Low, High).set(Effort::None, true),
        _ => return None,
    })
}

/// Whether the API takes budgets and no efforts.
fn budgets_only(asked: &Asked<'_>) -> bool {
    asked.speaks(&["cohere-v2", "bedrock-converse"])
}

fn effort(asked: &Asked<'_>) -> Option<Found> {
    let model = asked.call.model.as_str();
    let wish = asked.call.params.reasoning.as_ref();
    if let Some(word) = wish.and_then(|wish| wish.effort.as_deref())
        && Effort::named(word).is_none()
    {
        let levels = Efforts::of(&Effort::ALL).names();
        let found = Found::new(format!("there is no reasoning effort {word:?}"));
        return Some(found.help(format!("levels: {levels}")).at([EFFORT]));
    }
    let level = asked.effort()?;
    let can = asked.can();
    if level == Effort::None && can.reasons == Some(Reasons::Always) {
        let message = format!("{model} always reasons, it cannot be switched off");
        let least = can.efforts.and_then(|set| set.nearest(level));
        let found = asked.by_model(message).at([place(asked)]);
        return Some(match least {
            Some(least) => found.help(format!("its least effort is {}", least.name())),
            None => found,
        });
    }
    // A switch of its own turns it off, whatever the levels are.
    let switch = spelled(asked.to.api).is_some()
        || budgets_only(asked)
        || asked.to.quirks.thinking != Thinking::Effort;
    if level == Effort::None && switch {
        return None;
    }
    // P035 knows how to say it by a budget
    if budgets_only(asked) || (asked.speaks(&["gemini"]) && can.budget == Some(true)) {
        return None;
    }
    let set = match (can.efforts, spelled(asked.to.api)) {
        (Some(set), _) => asked
            .by_model("")
            .at([place(asked)])
            .levels(set, level, model),
        (None, Some(set)) => Found::new("")
            .at([place(asked)])
            .levels(set, level, asked.to.api),
        (None, None) => return None,
    };
    let found = set?;
    let budget = can.budget == Some(true) && can.efforts == Some(Efforts::default());
    Some(match budget {
        true => found.help("give a budget: `reasoning: {budget_tokens: 2048}`"),
        false => found,
    })
}

impl Found {
    /// That a level is not in a set, with the nearest one that is.
    fn levels(self, set: Efforts, level: Effort, who: &str) -> Option<Found> {
        if set.has(level) {
            return None;
        }
        let level_name = level.name();
        Some(match set.nearest(level) {
            None => self
                .says(format!("{who} takes no reasoning effort"))
                .help("leave it out for this model"),
            Some(near) => self
                .says(format!("{who} has no effort {level_name}"))
                .help(format!(
                    "the nearest is {}; it has {}",
                    near.name(),
                    set.names()
                )),
        })
    }
}

fn budget(asked: &Asked<'_>) -> Option<Found> {
    let can = asked.can();
    let reasons = asked.effort().is_some_and(|level| level != Effort::None);
    if let Some(tokens) = asked.budget() {
        return wrong_budget(asked, tokens);
    }
    let by_budget = "give a budget: `reasoning: {budget_tokens: 2048}`";
    if reasons && budgets_only(asked) && (asked.claude() || asked.speaks(&["cohere-v2"])) {
        let message = format!("{} takes a budget, no effort", asked.to.api);
        return Some(Found::new(message).help(by_budget).at([place(asked)]));
    }
    if reasons && asked.speaks(&["gemini"]) && can.budget == Some(true) {
        let message = format!("{} takes a budget, no effort", asked.call.model);
        return Some(asked.by_model(message).help(by_budget).at([place(asked)]));
    }
    None
}

fn wrong_budget(asked: &Asked<'_>, tokens: u64) -> Option<Found> {
    let can = asked.can();
    let by_effort = "give an effort: `reasoning: {effort: low}`";
    let openai = asked.speaks(&["openai-chat", "mistral-chat"])
        && asked.to.quirks.thinking != Thinking::Object;
    if openai || asked.speaks(&["openai-responses", "ollama-chat"]) {
        let found = Found::new("the API takes an effort, no token budget");
        return Some(found.help(by_effort).at([BUDGET]));
    }
    if asked.speaks(&["gemini"]) && can.budget == Some(false) {
        let message = format!("{} takes an effort, no token budget", asked.call.model);
        return Some(
            asked
                .by_model(message)
                .help(by_effort)
                .at([budget_place(asked)]),
        );
    }
    let most = asked.max_tokens().unwrap_or(u64::MAX);
    let (least, most) = match () {
        () if asked.claude() && can.budget != Some(false) => (1024, most.saturating_sub(1)),
        () if asked.named("gemini-2.5-pro") => (128, 32_768),
        () if asked.named("gemini-2.5-flash") => (0, 24_576),
        () => return None,
    };
    (tokens < least || tokens > most).then(|| {
        let found = asked.by_model(format!("a budget of {tokens} tokens is out of range"));
        let help = match (asked.claude(), tokens < least) {
            (true, false) => "it must be below max_tokens".to_owned(),
            (_, true) => format!("at least {least}"),
            (false, false) => format!("at most {most}"),
        };
        found.help(help).at([budget_place(asked)])
    })
}

fn forgotten(asked: &Asked<'_>) -> Option<Found> {
    let said = asked
        .turns()
        .iter()
        .filter(|turn| turn.role == Role::Assistant);
    let turns = asked.turns().len();
    let found = |message: &str| Found::new(message).at(["messages"]);
    if asked.at(&["deepseek"]) && asked.named("deepseek-v4*") && asked.reasons() == Some(true) {
        let path = ["openai-chat", "fields", "reasoning_content"];
        let kept = |state: &serde_json::Value| at(state, &path).is_some();
        let mut said = said;
        let bare = said.any(|turn| !turn.state.as_ref().is_some_and(kept));
        return bare.then(|| found("DeepSeek's thinking wants its reasoning_content back"));
    }
    let third = asked.speaks(&["gemini"]) && (asked.named("gemini-3*") || asked.named("gemini-4*"));
    let signed = |state: &serde_json::Value| {
        let mut parts = list(state, &["gemini", "parts"]).iter();
        parts.any(|part| at(part, &["thoughtSignature"]).is_some())
    };
    let mut calls = said.filter(|turn| !turn.tool_calls.is_empty() && turns > 1);
    let bare = third && calls.any(|turn| !turn.state.as_ref().is_some_and(signed));
    bare.then(|| found("Gemini 3 wants the thoughtSignature of its tool calls back"))
}
