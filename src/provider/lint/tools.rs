//! Tools and their choice: P010, P019–P021, P029, P042.

use super::Rule;
use super::asked::Asked;
use super::finding::Severity::Error;
use super::finding::{Found, Transform};
use crate::prompt::Role;
use crate::provider::call::ToolChoice;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P010",
        title: "a tool that must be called while Claude thinks by a budget, or on Claude that cannot be forced",
        severity: Error,
        help: "let the model choose: `tool_choice: auto`",
        drops: true,
        per_case: false,
        find: forced,
    },
    Rule {
        id: "P019",
        title: "tools on Perplexity and on models that have none",
        severity: Error,
        help: "take another model, or ask for JSON in the prompt",
        drops: false,
        per_case: false,
        find: no_tools,
    },
    Rule {
        id: "P020",
        title: "a named tool where none can be named: Cohere, Ollama, llama.cpp, DeepSeek while it thinks, Llama on Bedrock",
        severity: Error,
        help: "let the model choose: `tool_choice: auto`, or give it one tool only",
        drops: true,
        per_case: false,
        find: unnamed,
    },
    Rule {
        id: "P021",
        title: "a tool that must be called, where there is none or none of that name",
        severity: Error,
        help: "list it under `tools:`, or leave `tool_choice` out",
        drops: true,
        per_case: false,
        find: nothing_to_call,
    },
    Rule {
        id: "P029",
        title: "a tool's name with other characters than letters, digits, _ and -, or longer than 64",
        severity: Error,
        help: "rename the tool",
        drops: false,
        per_case: false,
        find: names,
    },
    Rule {
        id: "P042",
        title: "a tool's result without its call, or a call without its result",
        severity: Error,
        help: "give each call of a turn one result, right after it",
        drops: false,
        per_case: true,
        find: pairs,
    },
];

fn forced(asked: &Asked<'_>) -> Option<Found> {
    if !asked.forced() || !asked.claude() {
        return None;
    }
    let found = |message: String| asked.by_model(message).at(["tool_choice"]);
    if asked.can().forced_tools == Some(false) {
        return Some(found(format!(
            "{} cannot be made to call a tool",
            asked.call.model
        )));
    }
    asked.budget()?;
    Some(found(
        "while it thinks by a budget, Claude cannot be made to call a tool".into(),
    ))
}

fn no_tools(asked: &Asked<'_>) -> Option<Found> {
    if asked.call.tools.is_empty() {
        return None;
    }
    if asked.at(&["perplexity"]) {
        return Some(Found::new("Perplexity has no tools").at(["tools"]));
    }
    (asked.can().tools == Some(false)).then(|| {
        let message = format!("{} has no tools", asked.call.model);
        asked.by_model(message).at(["tools"])
    })
}

fn unnamed(asked: &Asked<'_>) -> Option<Found> {
    let found = |message: &str| Found::new(message).at(["tool_choice"]);
    if !asked.forced() || asked.call.tools.is_empty() {
        return None;
    }
    if asked.speaks(&["ollama-chat"]) {
        return Some(found("Ollama has no tool_choice"));
    }
    if asked.at(&["deepseek"]) && asked.reasons() == Some(true) {
        return Some(found("DeepSeek refuses a forced tool while it thinks"));
    }
    let llama = asked.named("meta.llama*") || asked.named("llama*");
    if asked.speaks(&["bedrock-converse"]) && llama {
        return Some(found("Llama on Bedrock has no tool_choice"));
    }
    asked.named_tool()?;
    if asked.speaks(&["cohere-v2"]) {
        let found = found("Cohere cannot name a tool: it is sent alone, and must be called");
        return Some(found.warning().becomes(Transform::Changed));
    }
    let quiet = "llama.cpp takes a named tool as `auto` without a word";
    asked.at(&["llamacpp"]).then(|| found(quiet).warning())
}

fn nothing_to_call(asked: &Asked<'_>) -> Option<Found> {
    let tools = &asked.call.tools;
    let message = match &asked.call.tool_choice {
        Some(ToolChoice::Required) if tools.is_empty() => {
            "a tool must be called, and there is none".to_owned()
        }
        Some(ToolChoice::Named(name)) if !tools.iter().any(|tool| tool.name == *name) => {
            format!("there is no tool {name:?} to be called")
        }
        _ => return None,
    };
    Some(Found::new(message).at(["tool_choice"]))
}

fn names(asked: &Asked<'_>) -> Option<Found> {
    let gemini = asked.speaks(&["gemini"]);
    let good = |name: &str| {
        let allowed =
            |c: char| c.is_ascii_alphanumeric() || "_-".contains(c) || (gemini && ".:".contains(c));
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let begins = !gemini || name.starts_with(first);
        !name.is_empty() && name.len() <= 64 && name.chars().all(allowed) && begins
    };
    let mut bad = asked.call.tools.iter().filter(|tool| !good(&tool.name));
    let bad = bad.next()?;
    let found = Found::new(format!("{:?} is no name for a tool", bad.name)).at(["tools"]);
    // local servers take what they are given
    let local = asked.host().is_empty() || asked.templated();
    Some(if local { found.warning() } else { found })
}

fn pairs(asked: &Asked<'_>) -> Option<Found> {
    let mut open: Vec<&str> = Vec::new();
    let found = |message: String| Some(Found::new(message).at(["messages"]));
    for turn in asked.turns() {
        if turn.role != Role::Tool {
            if let Some(id) = open.first() {
                return found(format!("the tool call {id:?} has no result"));
            }
            open = turn
                .tool_calls
                .iter()
                .map(|call| call.id.as_str())
                .collect();
            continue;
        }
        let id = turn.tool_call_id.as_deref();
        let answered = match id {
            Some(id) => open.iter().position(|call| *call == id),
            None => (!open.is_empty()).then_some(0),
        };
        match answered {
            Some(at) => drop(open.remove(at)),
            None => {
                let id = id.unwrap_or_default();
                return found(format!("the tool result {id:?} answers no call before it"));
            }
        }
    }
    open.first()
        .and_then(|id| found(format!("the tool call {id:?} has no result")))
}
