//! One entry of a prompt's `messages`, as it is written.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// One message: who speaks, and the template of what is said.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Instructions above the conversation.
    System(Content),
    /// The person (or program) asking.
    User(Content),
    /// The model, as an example of what it should say; as the last message, the start of its answer.
    Assistant(Said),
    /// The result of a tool that the message before called.
    Tool(ToolResult),
    /// Messages from this column: a list in JSON, with `role`, `content` and the rest.
    From(String),
    /// The model answers here, and the conversation goes on with what it said.
    Reply,
}

/// What is said: a text, or texts and pictures in order.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Content {
    /// A text.
    Text(String),
    /// Texts and pictures.
    Parts(#[schemars(length(min = 1))] Vec<Piece>),
}

/// A text or a picture.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    /// The template of a text.
    Text(String),
    /// A picture.
    Image(ImageSpec),
}

/// A picture: a template of its file's path, its http(s) address or its `data:` address; or one of
/// the three by name.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ImageSpec {
    /// A path or an address, told apart by how it begins.
    Reference(String),
    /// Said which of them it is.
    Map(ImageMap),
}

/// A picture whose kind is said: one of `file`, `url` and `data`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImageMap {
    /// Its file: beside the dataset, beside the prompt, or from the project's folder.
    pub file: Option<String>,
    /// Its http(s) address; the provider fetches it.
    pub url: Option<String>,
    /// Its bytes in base64.
    pub data: Option<String>,
    /// `image/png` and the like, with `data`; by default what the bytes say.
    pub media_type: Option<String>,
}

/// What the model says: a text, or a text with calls of tools.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Said {
    /// A text.
    Text(String),
    /// A text, tool calls, or both.
    Whole(Saying),
}

/// What the model says, with the tools it calls.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Saying {
    /// The text before the calls.
    pub text: Option<String>,
    /// The calls.
    pub tool_calls: Vec<CallSpec>,
}

/// A tool call that the model is said to have made.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// Its id, if results are to name it; by default one is made.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments: a map whose texts are templates, or the template of a JSON object.
    #[serde(default)]
    #[schemars(schema_with = "arguments")]
    pub arguments: Value,
}

fn arguments(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "The arguments: a map whose texts are templates, or the template of a JSON object.",
        "anyOf": [{"type": "object"}, {"type": "string"}],
    })
}

/// A tool's result: its text, or with the call that it answers.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ToolResult {
    /// The text; it answers the first call that has no result yet.
    Text(String),
    /// The text, and which call it answers.
    Whole(Answer),
}

/// A tool's result and the call that it answers.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The id of the call.
    #[serde(default)]
    pub call: Option<String>,
    /// The tool's name, where the call has no id: the first call of it that has no result yet.
    #[serde(default)]
    pub name: Option<String>,
    /// What the tool said.
    pub content: Content,
}
