//! Answers as JSON: P022–P024.

use super::Rule;
use super::asked::Asked;
use super::finding::Found;
use super::finding::Severity::Error;
use crate::provider::call::ToolChoice;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "P022",
        title: "a schema for the answer together with tools: Gemini before 3, Groq, DeepSeek, Mistral with a forced tool",
        severity: Error,
        help: "ask for one of them, or make the answer a tool",
        drops: false,
        per_case: false,
        find: with_tools,
    },
    Rule {
        id: "P023",
        title: "a schema for the answer in a stream on Groq",
        severity: Error,
        help: "a run asks for the reply whole, so its first token has no time; in `call` give `--no-stream`",
        drops: true,
        per_case: false,
        find: streamed,
    },
    Rule {
        id: "P024",
        title: "JSON output that the model or the API has not: DeepSeek, Claude before 4.1, Bedrock, Ollama's cloud; JSON without a schema on Anthropic",
        severity: Error,
        help: "give a tool with that schema and require it: `tool_choice: required`",
        drops: true,
        per_case: false,
        find: missing,
    },
];

const SCHEMA: &str = "params.response_schema";

fn with_tools(asked: &Asked<'_>) -> Option<Found> {
    let both = asked.call.params.response_schema.is_some() && !asked.call.tools.is_empty();
    if !both || asked.call.tool_choice == Some(ToolChoice::None) {
        return None;
    }
    let found = |message: String| Found::new(message).at([SCHEMA]);
    if asked.at(&["groq"]) {
        return Some(found("Groq takes no schema together with tools".into()));
    }
    if asked.speaks(&["mistral-chat"]) && asked.forced() {
        let message = "Mistral takes a schema with tools only where the model may choose";
        return Some(found(message.into()).help("`tool_choice: auto`"));
    }
    (asked.can().schema_with_tools == Some(false)).then(|| {
        let message = format!("{} takes no schema together with tools", asked.call.model);
        asked.by_model(message).at([SCHEMA])
    })
}

fn streamed(asked: &Asked<'_>) -> Option<Found> {
    let schema = asked.call.params.response_schema.is_some() && asked.call.stream;
    let message = "Groq takes no schema in a stream";
    (schema && asked.at(&["groq"])).then(|| Found::new(message).at(["stream"]))
}

fn missing(asked: &Asked<'_>) -> Option<Found> {
    let params = &asked.call.params;
    let json = params.response_json && params.response_schema.is_none();
    if json && asked.speaks(&["anthropic-messages", "bedrock-converse"]) {
        let found = Found::new("the API has no JSON mode without a schema");
        let found = match asked.can().schema {
            Some(true) if !asked.speaks(&["bedrock-converse"]) => {
                found.help("give a schema: `output_schema:` of a prompt")
            }
            _ => found,
        };
        return Some(found.at(["params.response_json"]));
    }
    params.response_schema.as_ref()?;
    if asked.speaks(&["bedrock-converse"]) {
        return Some(Found::new("the API takes no schema for the answer").at([SCHEMA]));
    }
    let cloud = asked.call.model.ends_with("-cloud") || asked.call.model.ends_with(":cloud");
    if asked.at(&["ollama"]) && cloud {
        return Some(Found::new("Ollama's cloud takes no schema for the answer").at([SCHEMA]));
    }
    (asked.can().schema == Some(false)).then(|| {
        let message = format!("{} takes no schema for the answer", asked.call.model);
        asked.by_model(message).at([SCHEMA])
    })
}
