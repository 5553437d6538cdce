//! Prompts: templates that make a conversation from a case.
//!
//! Each text is one template, rendered once and by itself, so no value of a case can start a new
//! message, add a template, or be escaped. The target is no variable: only columns are.

mod conversation;
mod files;
mod kept;
mod message;
pub mod neutral;
mod read;
mod step;
mod survey;
mod turns;

pub use conversation::{Conversation, Next};
pub use files::Files;
pub use kept::{Asking, Kept, Saying};
pub use message::{Message, Part, Role, ToolCall};
pub use step::{Arguments, Calling, Picture, PictureKind, Piece, Say, Step};
pub use survey::survey;

use crate::dataset::Case;
use crate::project::{Params, Tool, ToolChoice};
use crate::source::{Problem, clip, did_you_mean};
use crate::template::Template;
use conversation::Line;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The variable that holds a prompt's few-shot examples.
const EXAMPLES: &str = "examples";

/// A prompt, read and parsed.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// Its name: as stated, else its file's without the ending.
    pub name: String,
    /// Hash of all that makes a call: messages, examples, parameters, tools.
    pub hash: String,
    /// The folder of its file, where the files that it names may lie.
    pub folder: String,
    /// Who says what.
    pub messages: Vec<Step>,
    /// Few-shot examples, the variable `examples`.
    pub examples: Vec<Value>,
    /// Parameters of its calls, the output's schema among them.
    pub params: Params,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// The column with a case's own tools.
    pub tools_from: Option<Column>,
    /// Which of them.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several may be called at once.
    pub parallel_tool_calls: Option<bool>,
    /// What tools answer, by name.
    pub tool_results: BTreeMap<String, Template>,
    /// Most requests of one conversation.
    pub max_turns: Option<u32>,
}

/// A column that a prompt names, and where.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Says where it is named.
    pub place: Box<Problem>,
}

impl Column {
    fn check(&self, columns: &[String]) -> Option<Problem> {
        if columns.contains(&self.name) {
            return None;
        }
        let title = format!("the dataset has no column `{}`", clip(&self.name));
        let mut problem = Problem {
            at: self.place.at.clone(),
            ..Problem::error(title)
        };
        if let Some(at) = &mut problem.at {
            at.label = "no such column".to_owned();
        }
        let near = did_you_mean(&self.name, columns.iter().map(String::as_str));
        Some(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("columns: {}", columns.join(", "))),
        })
    }
}

impl Prompt {
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let said = self.messages.iter().flat_map(Step::templates);
        said.chain(self.tool_results.values())
    }

    /// The columns that are named as such, not in a template.
    fn whole_columns(&self) -> impl Iterator<Item = &Column> {
        let spliced = self.messages.iter().filter_map(|step| match step {
            Step::From(column) => Some(column),
            _ => None,
        });
        spliced.chain(&self.tools_from)
    }

    /// A problem for each variable that is neither a column nor `examples`.
    pub fn check(&self, columns: &[String]) -> Vec<Problem> {
        let own = (!self.examples.is_empty()).then_some(EXAMPLES);
        let known = columns.iter().map(String::as_str).chain(own);
        let unknown = self
            .templates()
            .flat_map(|template| template.check(known.clone()));
        let missing = self
            .whole_columns()
            .filter_map(|column| column.check(columns));
        unknown.chain(missing).collect()
    }

    /// The columns that it uses.
    pub fn columns(&self) -> Vec<&str> {
        let names = self.templates().flat_map(Template::names);
        let names = names.map(|name| name.name.as_str());
        let whole = self.whole_columns().map(|column| column.name.as_str());
        let mut columns: Vec<&str> = Vec::new();
        for name in names.chain(whole) {
            let own = name == EXAMPLES && !self.examples.is_empty();
            if !own && !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }

    /// The values that its templates see for a case.
    fn vars<'a>(&self, case: &'a Case) -> Cow<'a, Map<String, Value>> {
        let mut vars = Cow::Borrowed(&case.vars);
        if !self.examples.is_empty() {
            let examples = Value::Array(self.examples.clone());
            vars.to_mut().insert(EXAMPLES.to_owned(), examples);
        }
        vars
    }

    /// The conversation for a case. Pictures are read from `files` now, not before.
    pub fn conversation(&self, case: &Case, files: &Files) -> Result<Conversation, Problem> {
        let vars = self.vars(case);
        let mut lines = Vec::new();
        for step in &self.messages {
            if matches!(step, Step::Reply) {
                lines.push(Line::Reply);
                continue;
            }
            let said = step.render(&vars, files, &self.folder);
            let said = said.map_err(|problem| of_case(problem, case))?;
            lines.extend(said.into_iter().map(Line::Said));
        }
        let result = |(name, template): (&String, &Template)| {
            let text = template.render(&vars);
            Ok((name.clone(), text.map_err(|it| of_case(it, case))?))
        };
        let results = self.tool_results.iter().map(result);
        let results = results.collect::<Result<_, Problem>>()?;
        Ok(Conversation::new(lines, results, self.max_turns))
    }

    /// The messages of a case's first request.
    pub fn render(&self, case: &Case, files: &Files) -> Result<Vec<Message>, Problem> {
        match self.conversation(case, files)?.next(&[]) {
            Next::Ask(messages) => Ok(messages),
            Next::Done { .. } => Ok(Vec::new()),
        }
    }

    /// The tools of a case: the prompt's own, and those that the case brings.
    pub fn tools_for(&self, case: &Case) -> Result<Vec<Tool>, Problem> {
        let mut tools = self.tools.clone();
        let Some(column) = &self.tools_from else {
            return Ok(tools);
        };
        let located = |problem: Problem| {
            let at = problem.at.or_else(|| column.place.at.clone());
            of_case(Problem { at, ..problem }, case)
        };
        match step::column_json(&case.vars, &column.name).map_err(located)? {
            Value::Null => {}
            list => {
                let own: Vec<Tool> = serde_json::from_value(list).map_err(|error| {
                    let title = format!("the column `{}` holds no tools: {error}", column.name);
                    let help = "a list of {\"name\", \"description\", \"parameters\"}";
                    located(Problem::error(title).help(help))
                })?;
                tools.extend(own);
            }
        }
        Ok(tools)
    }
}

/// A problem that says for which case.
fn of_case(problem: Problem, case: &Case) -> Problem {
    match case.line {
        0 => problem.help(format!("for the case `{}`", case.id)),
        line => problem.help(format!("for the case `{}` in line {line}", case.id)),
    }
}

#[cfg(test)]
mod tests;
