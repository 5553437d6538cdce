//! One line of `bakeoff score --try`: a scorer, an output and what belongs to them in, a score out.

use super::build::definition;
use super::{Ask, Build, Graded};
use crate::dataset::Case;
use crate::prompt::ToolCall;
use crate::provider::{Finish, Reply, Usage};
use crate::source::{Document, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What a line holds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    /// A scorer as in a suite: a name, or a map.
    #[expect(
        dead_code,
        reason = "read from the document, where its places are known"
    )]
    scorer: Value,
    /// What the model answered.
    output: String,
    /// The tools that it called: `{name, arguments}` each.
    #[serde(default)]
    tool_calls: Vec<Called>,
    /// The refusal's text, where the provider has a place for it.
    #[serde(default)]
    refusal: Option<String>,
    /// Why the model stopped: stop, length, tool_calls, content_filter …
    #[serde(default)]
    finish_reason: Option<String>,
    /// The case's target.
    #[serde(default)]
    target: Value,
    /// The case's columns.
    #[serde(default)]
    vars: Map<String, Value>,
    /// The case's tags.
    #[serde(default)]
    tags: Vec<String>,
    /// How long the answer took.
    #[serde(default)]
    latency_ms: Option<f64>,
    /// What it cost.
    #[serde(default)]
    cost_usd: Option<f64>,
    /// Its output tokens.
    #[serde(default)]
    output_tokens: Option<u64>,
}

/// A tool call as a line has it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Called {
    /// The tool's name.
    name: String,
    /// Its arguments: an object, or the text that the model wrote instead.
    #[serde(default)]
    arguments: Value,
}

/// The answer to a line (the `number`-th, from 1), as a line of JSON: `value`, `passed` and `why`;
/// or `unscored` with the reason; or `error` where the line itself is wrong.
pub async fn try_line(number: usize, line: &str, build: &Build<'_>, ask: &dyn Ask) -> String {
    let answer = match scored(number, line, build, ask).await {
        Ok(Ok(score)) => json!({"value": score.value, "passed": score.passed, "why": score.why}),
        Ok(Err(unscored)) => json!({"unscored": unscored.0}),
        Err(problems) => {
            let told: Vec<String> = problems.iter().map(told).collect();
            json!({"error": told.join("; "), "line": number})
        }
    };
    answer.to_string()
}

type Result<T> = std::result::Result<T, Vec<Problem>>;

async fn scored(
    number: usize,
    line: &str,
    build: &Build<'_>,
    ask: &dyn Ask,
) -> Result<std::result::Result<super::Score, super::Unscored>> {
    let source = Arc::new(Source::new(format!("line-{number}.json"), line));
    let document = Document::parse(source).map_err(|problem| vec![problem])?;
    let top = document.top();
    let line: Line = top.read()?;
    let columns: Vec<String> = line.vars.keys().cloned().collect();
    let build = build.over(&columns);
    let scorer = top
        .child("scorer")
        .expect("the line could not be read without it");
    let named = definition(&scorer, &build)?;
    let case = Case {
        id: number.to_string(),
        vars: line.vars,
        target: Some(line.target).filter(|target| !target.is_null()),
        group: None,
        tags: line.tags,
        line: number,
    };
    if !named.applies(&case) {
        return Ok(Err(super::Unscored(
            "the scorer is not for this case (`when`)".into(),
        )));
    }
    let calls = line.tool_calls.into_iter().enumerate();
    let finish = line.finish_reason.as_deref();
    let reply = Reply {
        text: line.output,
        tool_calls: calls
            .map(|(index, call)| ToolCall {
                id: format!("call_{index}"),
                name: call.name,
                arguments: call.arguments,
            })
            .collect(),
        refusal: line.refusal,
        finish: finish.map(|word| {
            let known = serde_json::from_value(json!(word));
            known.unwrap_or(Finish::Other)
        }),
        usage: Usage {
            output: line.output_tokens,
            ..Usage::default()
        },
        ..Reply::default()
    };
    let graded = Graded {
        target: case.target.as_ref(),
        case: &case,
        reply: &reply,
        latency_ms: line.latency_ms,
        cost_usd: line.cost_usd,
    };
    Ok(named.score(graded, ask).await)
}

/// A problem in a line.
fn told(problem: &Problem) -> String {
    match problem.help.is_empty() {
        true => problem.title.clone(),
        false => format!("{} ({})", problem.title, problem.help.join("; ")),
    }
}

#[cfg(test)]
mod tests;
