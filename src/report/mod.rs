//! Reports: from one finished struct to text, a file per format. Nothing here computes a result.

mod annotation;
mod case;
mod cases;
mod charts;
mod compare;
mod csv;
mod differences;
mod explorer;
mod facts;
mod figures;
#[cfg(test)]
mod fixture;
mod gate;
mod gather;
mod html;
mod json;
mod judges;
mod junit;
mod labels;
mod latencies;
mod link;
mod made;
mod markdown;
mod methods;
mod number;
mod outlook;
mod page;
mod parquet;
mod port;
mod prose;
mod reader;
mod route;
mod select;
mod sheet;
mod slices;
mod strips;
mod svg;
mod telling;
mod terminal;
#[cfg(test)]
mod tests;
mod trials;
mod usage;
mod view;
mod words;

pub use annotation::{Annotation, Level, Places, commands, of_report, quality};
pub use case::shell;
pub use cases::{Listing, Which, cases, listing};
pub use compare::{comparison, comparison_page};
pub use csv::raw_csv;
pub use gate::{Beside, GATE_FORMATS, gate, gate_page};
pub use gather::gather;
pub use json::document;
pub use made::Made;
pub use markdown::{bounded, markdown};
pub use number::counted;
pub use outlook::{origin, outlook};
pub use port::{PORT_FORMATS, port, port_page};
pub use prose::{Block, Table};
pub use reader::{Reading, reader};
pub use route::{
    Rehearsed, drills, fit, fit_page, rehearsal, simulation, simulation_page, verdict,
};
pub use select::{selection, selection_page};
pub(crate) use terminal::clip;
pub use usage::usage;
pub use view::{View, view};

use crate::prompt::{Kept, ToolCall};
use crate::source::{Problem, Source};
use crate::summary::Summary;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A way to show a report.
pub struct Format {
    /// Its name after `--format`.
    pub name: &'static str,
    /// The file it is written to in the report folder; empty for what is only printed.
    pub file: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
    /// Makes it: UTF-8 text, or bytes where the format has its own.
    pub render: fn(&Report, &Look) -> Result<Vec<u8>, Problem>,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    terminal::FORMAT,
    page::FORMAT,
    markdown::FORMAT,
    json::FORMAT,
    csv::FORMAT,
    parquet::FORMAT,
    junit::FORMAT,
    GITHUB,
    CODE_QUALITY,
];

/// Workflow commands, as a log of GitHub's runner obeys them.
const GITHUB: Format = Format {
    name: "github",
    file: "",
    about: "at most ten annotations, the worst first, for GitHub Actions",
    render: |report, _| Ok(commands(&of_report(report)).into_bytes()),
};

/// Cases on which not all is right, beside their lines.
const CODE_QUALITY: Format = Format {
    name: "codequality",
    file: "",
    about: "GitLab's code quality report",
    render: |report, _| Ok(quality(&of_report(report), &report.file).into_bytes()),
};

/// The format of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// How a report is to look: what depends on where it goes.
pub struct Look<'a> {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether the terminal shows colours.
    pub color: bool,
    /// A template or style by its path (`reports/summary.html.hbs`): the project's own, else the shipped one.
    pub part: &'a (dyn Fn(&str) -> Result<Arc<Source>, Problem> + Sync),
}

/// A value as text: a string as it is, anything else as JSON.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// All that a format sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The numbers.
    pub summary: Summary,
    /// The cases, in the dataset's order, each with its trials.
    pub cases: Vec<CaseView>,
    /// The version of bakeoff.
    pub version: String,
    /// The command that shows one trial: `bakeoff show RUN CASE`.
    pub show: String,
    /// The command that asks one case again, but for the case.
    #[serde(default)]
    pub again: String,
    /// The prompts as the models were asked them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<PromptView>,
    /// The file that the cases are written in, as the repository knows it; empty if unknown.
    #[serde(default)]
    pub file: String,
    /// What the run was made of, by its hashes.
    #[serde(default)]
    pub made: Vec<Made>,
}

/// A prompt, and who was asked it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromptView {
    /// Its name.
    pub name: String,
    /// The candidates, by their place in the suite.
    pub candidates: Vec<usize>,
    /// Its messages.
    pub kept: Kept,
}

/// One case and what every candidate made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CaseView {
    /// The case's id.
    pub id: String,
    /// The line that it begins at, from 1; 0 (and not written) if its file has none.
    #[serde(default, skip_serializing_if = "none")]
    pub line: usize,
    /// The variables the prompt was made from.
    pub vars: serde_json::Map<String, Value>,
    /// The expected answer.
    pub target: Option<Value>,
    /// Tags.
    pub tags: Vec<String>,
    /// One per candidate and repeat, candidates in the suite's order.
    pub trials: Vec<TrialView>,
}

/// One trial as a reader sees it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TrialView {
    /// The candidate's name.
    pub candidate: String,
    /// From 0.
    pub repeat: u32,
    /// The visible text; null if it failed or was not asked.
    pub text: Option<String>,
    /// The model's reasoning text.
    pub reasoning: Option<String>,
    /// The refusal, where it has a place of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Tools that the model called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Of a failure: what had been said until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
    /// `stop`, `length` …
    pub finish: Option<String>,
    /// Kind and message of the failure.
    pub failure: Option<String>,
    /// Scores by scorer.
    pub scores: BTreeMap<String, ScoreView>,
    /// Cost of the successful attempt, USD.
    pub cost_usd: Option<f64>,
    /// Where the cost comes from: `stated`, `suite`, `prices:DATE`.
    pub cost_source: Option<String>,
    /// Cost of failed attempts, USD.
    pub waste_usd: Option<f64>,
    /// Successful attempt, sent to end, ms; null when it is not to be counted (cache).
    pub latency_ms: Option<f64>,
    /// Sent to first token, ms.
    pub first_token_ms: Option<f64>,
    /// Input tokens.
    pub input_tokens: Option<u64>,
    /// Output tokens.
    pub output_tokens: Option<u64>,
    /// HTTP exchanges.
    pub attempts: usize,
    /// Each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Try>,
    /// `live`, `cache` or `recorded DATE`.
    pub origin: String,
    /// The model that answered.
    pub served_model: Option<String>,
    /// Of a chain, which of its models answered: `hop 2: groq/llama-3.3-70b-versatile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<String>,
}

/// One HTTP exchange as a reader sees it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Try {
    /// From 1.
    pub number: u32,
    /// Of a chain: the model that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Milliseconds from the trial's beginning until it was sent: in the queue, and between attempts.
    pub sent_after_ms: f64,
    /// From sent to end, ms.
    pub ms: f64,
    /// What it cost, USD; null is unknown.
    pub cost_usd: Option<f64>,
    /// `answered`, `answered, passed over: …`, or kind and message of the failure.
    pub how: String,
}

/// One score as a reader sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScoreView {
    /// The number; null if it could not be scored.
    pub value: Option<f64>,
    /// Whether it passed.
    pub passed: Option<bool>,
    /// Why, or why there is no score.
    pub why: String,
}

/// No line.
fn none(line: &usize) -> bool {
    *line == 0
}
