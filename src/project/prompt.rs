//! A prompt as the suite or a prompt file states it; its templates are parsed in `prompt`.

use super::{Params, Tool, ToolChoice, Turn};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

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
    /// The conversation, a turn each: `{system: …}`, `{user: …}`, `{assistant: …}`, `{tool: …}`,
    /// `{from: COLUMN}`, or `reply` where the model is to answer before it goes on.
    #[schemars(length(min = 1))]
    pub messages: Vec<Turn>,
    /// Few-shot examples for `{{#each examples}}`: a list, or the path of a dataset.
    #[serde(default)]
    pub examples: Option<Examples>,
    /// Parameters of this prompt's calls.
    #[serde(default)]
    pub params: Params,
    /// Tools that the model may call: written here, their file, or the column that holds them.
    #[serde(default)]
    pub tools: Option<ToolsSpec>,
    /// Which tool is to be called: `auto`, `none`, `required` or `{name: …}`.
    #[serde(default)]
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once.
    #[serde(default)]
    pub parallel_tool_calls: Option<bool>,
    /// What tools answer when the model calls them, a template by tool's name: the conversation then
    /// goes on with the results.
    #[serde(default)]
    pub tool_results: BTreeMap<String, String>,
    /// Most requests of one conversation, the calls of tools included.
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    pub max_turns: Option<u32>,
    /// The JSON Schema that the answer must follow: written here, or its file. A map of `name`,
    /// `schema` and `strict` says these three.
    #[serde(default)]
    pub output_schema: Option<SchemaSpec>,
}

/// Tools that the model may call.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ToolsSpec {
    /// A YAML or JSON file with a list of them.
    Path(String),
    /// The tools.
    List(Vec<Tool>),
    /// Each case brings its own.
    From(ToolsFrom),
}

/// The column that holds a case's tools.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolsFrom {
    /// Its name; a cell is a list in JSON, or empty.
    pub from: String,
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
