//! Routes for elsewhere: as a file of their own, or as the config of a LiteLLM proxy. What a format
//! cannot carry is said, each with its place.

mod deployment;
mod litellm;
mod own;

pub use litellm::litellm;
pub use own::own;

use crate::project::Project;
use crate::source::{Problem, Severity, to_yaml};
use serde_json::Value;

/// Routes written in another format.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The file.
    pub text: String,
    /// What it does not carry, or otherwise than here.
    pub lost: Vec<Problem>,
}

/// A warning at a place of the suite.
fn warning(project: &Project, pointer: &str, title: impl Into<String>) -> Problem {
    let problem = project.doc.problem(pointer, title, "");
    Problem {
        severity: Severity::Warning,
        ..problem
    }
}

/// The file: its first lines, what is lost as comments, the value.
fn file(head: &[&str], lost: Vec<Problem>, value: &Value) -> Exported {
    let mut text: String = head.iter().map(|line| format!("# {line}\n")).collect();
    if !lost.is_empty() {
        text.push_str("# Not carried, or otherwise than in bakeoff:\n");
    }
    for problem in &lost {
        let place = problem.at.as_ref().map_or(String::new(), |at| {
            let (line, _) = at.source.line_column(at.span.start);
            format!("{}:{line}: ", at.source.name)
        });
        let line = crate::source::plain_line(&problem.title).into_owned();
        text.push_str(&format!("#   {place}{line}\n"));
    }
    text.push_str(&to_yaml(value));
    Exported { text, lost }
}
