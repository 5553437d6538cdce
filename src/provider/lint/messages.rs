//! The conversation: P009, P030–P033, P043.

use super::Rule;
use super::asked::Asked;
use super::finding::Severity::{Error, Warning};
use super::finding::{Found, Transform};
use crate::prompt::{Part, Role};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P009",
        title: "an assistant message at the end, to be gone on with: refused by Claude 4.6 and later, a finished turn elsewhere",
        severity: Error,
        help: "end with a user message, and ask for the form in words or by a schema",
        drops: false,
        per_case: true,
        find: prefill,
    },
    Rule {
        id: "P030",
        title: "several messages of one role in a row: merged on Perplexity, Anthropic and Gemini, refused by some templates",
        severity: Warning,
        help: "make one message of them",
        drops: false,
        per_case: true,
        find: in_a_row,
    },
    Rule {
        id: "P031",
        title: "a system message that is not the first, or more than one",
        severity: Error,
        help: "put all instructions into one system message at the start",
        drops: false,
        per_case: true,
        find: systems,
    },
    Rule {
        id: "P032",
        title: "a picture by its address on Gemini, Bedrock or Ollama, which want its bytes",
        severity: Error,
        help: "give the file itself",
        drops: false,
        per_case: true,
        find: addresses,
    },
    Rule {
        id: "P033",
        title: "a picture for a model that does not see",
        severity: Error,
        help: "take a model with vision",
        drops: false,
        per_case: true,
        find: blind,
    },
    Rule {
        id: "P043",
        title: "an empty message on Anthropic, Bedrock or Gemini",
        severity: Error,
        help: "is a column of the case empty? leave the case out, or say something around it",
        drops: false,
        per_case: true,
        find: empty,
    },
];

fn prefill(asked: &Asked<'_>) -> Option<Found> {
    let last = asked.prefill()?;
    if last.joined_text().is_empty() {
        return None;
    }
    if asked.claude() {
        let message = format!(
            "{} refuses an assistant message at the end",
            asked.call.model
        );
        let refused = asked.can().prefill == Some(false);
        return refused.then(|| asked.by_model(message).at(["messages"]));
    }
    let found = Found::new("the assistant message at the end is read as a finished turn");
    let found = match asked.host() {
        "mistral" => found.help("Mistral wants `prefix: true` on it, which is not sent"),
        "deepseek" => found.help("DeepSeek goes on with it only at its /beta address"),
        _ => found,
    };
    Some(found.warning().at(["messages"]))
}

fn in_a_row(asked: &Asked<'_>) -> Option<Found> {
    let turns = asked.turns();
    let talks = |role: Role| matches!(role, Role::User | Role::Assistant);
    let mut pairs = turns.windows(2);
    pairs.find(|pair| pair[0].role == pair[1].role && talks(pair[0].role))?;
    let found = |message: &str| Some(Found::new(message).at(["messages"]));
    if asked.to.quirks.merge_turns {
        let merged = found("messages of one role in a row are sent as one");
        return merged.map(|found| found.becomes(Transform::Changed));
    }
    if asked.speaks(&["anthropic-messages", "gemini"]) {
        return found("messages of one role in a row are read as one");
    }
    if asked.speaks(&["bedrock-converse"]) || asked.templated() {
        return found("messages of one role in a row may be refused");
    }
    None
}

fn systems(asked: &Asked<'_>) -> Option<Found> {
    let turns = asked.turns();
    let system = |turn: &crate::prompt::Message| turn.role == Role::System;
    let leading = turns.iter().take_while(|turn| system(turn)).count();
    let late = turns[leading..].iter().any(system);
    let found = |message: &str| Found::new(message).at(["messages"]);
    if late && asked.speaks(&["anthropic-messages", "bedrock-converse", "gemini"]) {
        let moved = "a system message in the middle of the conversation is moved to its start";
        return Some(found(moved).warning().becomes(Transform::Changed));
    }
    if late && asked.at(&["perplexity"]) {
        return Some(found("a system message after the first turn is refused"));
    }
    let many = turns.iter().filter(|turn| system(turn)).count() > 1;
    ((late || many) && asked.templated()).then(|| {
        let message = "many chat templates take one system message, and only at the start";
        found(message).warning()
    })
}

fn addresses(asked: &Asked<'_>) -> Option<Found> {
    let mut remote = asked.pictures().filter_map(|part| match part {
        Part::Image {
            url: Some(url),
            data: None,
            ..
        } => Some(url),
        _ => None,
    });
    remote.find(|url| !url.starts_with("data:"))?;
    let found = |message: &str| Found::new(message).at(["messages"]);
    match asked.to.api {
        "gemini" => {
            let message = "the address of a picture is sent as fileData, which may be refused";
            Some(found(message).warning())
        }
        "bedrock-converse" | "ollama-chat" => Some(found("pictures are taken as bytes only")),
        _ => None,
    }
}

fn blind(asked: &Asked<'_>) -> Option<Found> {
    asked.pictures().next()?;
    (asked.can().vision == Some(false)).then(|| {
        let message = format!("{} does not see pictures", asked.call.model);
        asked.by_model(message).at(["messages"])
    })
}

fn empty(asked: &Asked<'_>) -> Option<Found> {
    if !asked.claude() && !asked.speaks(&["gemini", "bedrock-converse"]) {
        return None;
    }
    let hollow = |part: &Part| matches!(part, Part::Text { text } if text.trim().is_empty());
    let turn = asked.turns().iter().find(|turn| {
        let silent = turn.parts.iter().all(hollow);
        let acts = !turn.tool_calls.is_empty() || turn.state.is_some() || turn.role == Role::Tool;
        !acts && (silent || turn.parts.iter().any(hollow))
    })?;
    let role = match turn.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let found = Found::new(format!("a {role} message is empty"));
    Some(found.at(["messages"]))
}
