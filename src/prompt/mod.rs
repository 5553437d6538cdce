//! Prompts: templates that make a conversation from a case.
//!
//! Each message is one template, rendered once and by itself, so no value of a case can start a new
//! message, add a template, or be escaped. The target is no variable: only columns are.

mod message;
mod read;

pub use message::{Message, Part, Role, ToolCall};

use crate::dataset::Case;
use crate::project::{Params, Tool, ToolChoice};
use crate::source::Problem;
use crate::template::Template;
use serde_json::Value;
use std::borrow::Cow;

/// The variable that holds a prompt's few-shot examples.
const EXAMPLES: &str = "examples";

/// A prompt, read and parsed.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// Its name: as stated, else its file's without the ending.
    pub name: String,
    /// Hash of all that makes a call: messages, examples, parameters, tools.
    pub hash: String,
    /// Who says what.
    pub messages: Vec<(Role, Template)>,
    /// Few-shot examples, the variable `examples`.
    pub examples: Vec<Value>,
    /// Parameters of its calls, the output's schema among them.
    pub params: Params,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// Which of them.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several may be called at once.
    pub parallel_tool_calls: Option<bool>,
}

impl Prompt {
    /// A problem for each variable that is neither a column nor `examples`.
    pub fn check(&self, columns: &[String]) -> Vec<Problem> {
        let own = (!self.examples.is_empty()).then_some(EXAMPLES);
        let known = columns.iter().map(String::as_str).chain(own);
        let templates = self.messages.iter().map(|(_, template)| template);
        templates
            .flat_map(|template| template.check(known.clone()))
            .collect()
    }

    /// The columns that its templates use.
    pub fn columns(&self) -> Vec<&str> {
        let names = self
            .messages
            .iter()
            .flat_map(|(_, template)| template.names());
        let mut columns: Vec<&str> = Vec::new();
        for name in names.map(|name| name.name.as_str()) {
            let own = name == EXAMPLES && !self.examples.is_empty();
            if !own && !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }

    /// The conversation for a case.
    pub fn render(&self, case: &Case) -> Result<Vec<Message>, Problem> {
        let mut vars = Cow::Borrowed(&case.vars);
        if !self.examples.is_empty() {
            let examples = Value::Array(self.examples.clone());
            vars.to_mut().insert(EXAMPLES.to_owned(), examples);
        }
        let message = |(role, template): &(Role, Template)| {
            let text = template.render(&vars);
            let text = text.map_err(|problem| match case.line {
                0 => problem.help(format!("for the case `{}`", case.id)),
                line => problem.help(format!("for the case `{}` in line {line}", case.id)),
            })?;
            Ok(Message::text(*role, text))
        };
        self.messages.iter().map(message).collect()
    }
}

#[cfg(test)]
mod tests;
