//! A prompt as the suite or a prompt file states it; its templates are parsed in `prompt`.

use super::{Params, Tool, ToolChoice};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A prompt: its file, or the prompt itself.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PromptSpec {
    /// A `.yaml`, `.toml`, `.hbs` or `.j2` file.
    Path(String),
    /// The prompt, written here.
    Inline(Box<PromptMap>),
}

/// What a prompt file holds.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(title = "bakeoff prompt")]
#[serde(deny_unknown_fields)]
pub struct PromptMap {
    /// The prompt's name; by default its file's.
    #[serde(default)]
    pub name: Option<String>,
    /// The conversation, a turn each: `{system: …}`, `{user: …}`, `{assistant: …}`.
    #[schemars(length(min = 1))]
    pub messages: Vec<Turn>,
    /// Few-shot examples for `{{#each examples}}`: a list, or the path of a dataset.
    #[serde(default)]
    pub examples: Option<Examples>,
    /// Parameters of this prompt's calls.
    #[serde(default)]
    pub params: Params,
    /// Tools that the model may call.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Which tool is to be called: `auto`, `none`, `required` or `{name: …}`.
    #[serde(default)]
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once.
    #[serde(default)]
    pub parallel_tool_calls: Option<bool>,
    /// The JSON Schema that the answer must follow: written here, or its file.
    #[serde(default)]
    pub output_schema: Option<SchemaSpec>,
}

/// One message: who speaks, and the template of what is said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Instructions above the conversation.
    System(String),
    /// The person (or program) asking.
    User(String),
    /// The model, as an example of what it should say.
    Assistant(String),
}

/// Few-shot examples.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Examples {
    /// A dataset's path.
    Path(String),
    /// The examples.
    List(Vec<Value>),
}

/// A JSON Schema.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SchemaSpec {
    /// A JSON (or YAML) file.
    Path(String),
    /// The schema.
    Inline(Map<String, Value>),
}
