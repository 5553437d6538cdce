//! The sample: the shipped dataset and its recorded replies, cut down, so that it runs at once and offline.

use super::job::Job;
use super::{Args, New, quoted, served};
use crate::dataset::{Dataset, Selection};
use crate::project::{Catalog, Sample};
use crate::source::Problem;
use std::collections::HashSet;

/// Cases of the new project.
const CASES: usize = 12;
/// The seed that they are drawn with: every new project is the same.
const SEED: u64 = 1;
/// The shipped dataset that a new project begins with.
const SHIPPED: &str = "datasets/support-triage";
/// The suite.
const SUITE: &str = include_str!("sample.yaml");
/// Its name where nobody gives another.
const NAME: &str = "support-triage";
/// Its models, the better one first.
const MODELS: [&str; 2] = ["qwen2.5-coder-1.5b", "smollm2-135m"];

/// The sample project for a job.
pub fn project(args: &Args, job: Job) -> Result<New, Vec<Problem>> {
    let suite = suite(args, job).map_err(|problem| vec![problem])?;
    Ok(New {
        files: files(suite)?,
        told: vec![
            "a sample: 12 support tickets, two small models whose replies were recorded".into(),
        ],
        before: Vec::new(),
        next: job.commands(MODELS[1], MODELS[0]),
    })
}

/// The suite as wished. A model goes in as a comment: its replies are not recorded, and the project must run at once.
fn suite(args: &Args, job: Job) -> Result<String, Problem> {
    let mut suite = SUITE.to_owned();
    if let Some(name) = &args.name {
        suite = suite.replace(
            &format!("name: {NAME}\n"),
            &format!("name: {}\n", quoted(name)),
        );
    }
    for model in &args.model {
        let key = match served(model)? {
            Some(key) => format!("export {key}=…, "),
            None => String::new(),
        };
        let line = format!(
            "  # - {model}  # to ask it: {key}and take out this `#` and the `replay:` line\n"
        );
        suite = suite.replace("\nparams:", &format!("\n{line}params:"));
    }
    let rules = job.rules("label");
    Ok(suite.replace("\nreplay:", &format!("\n{rules}replay:")))
}

/// Every file of it.
fn files(suite: String) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let shipped = Catalog::shipped();
    let text = |path: &str| {
        shipped
            .text(&format!("{SHIPPED}/{path}"))
            .map(|source| source.text.clone())
            .map_err(|problem| vec![problem])
    };
    let whole = Dataset::load(SHIPPED, &shipped)?;
    let sample = Some(Sample {
        n: CASES,
        by: Some("difficulty".into()),
    });
    let few = whole
        .select(&Selection {
            sample,
            seed: SEED,
            ..Selection::default()
        })
        .map_err(|problem| vec![problem])?;
    let ids: HashSet<&str> = few.cases.iter().map(|case| case.id.as_str()).collect();
    Ok(vec![
        ("bakeoff.yaml".into(), suite),
        (
            "datasets/tickets.csv".into(),
            rows(&text("data.csv")?, &ids)?,
        ),
        (
            "datasets/replies.jsonl".into(),
            replies(&text("replies.jsonl")?, &ids),
        ),
        ("prompts/triage.yaml".into(), text("prompts/triage.yaml")?),
        ("schemas/triage.json".into(), text("triage.schema.json")?),
    ])
}

/// The rows of a CSV file with these ids, in its first column.
fn rows(text: &str, ids: &HashSet<&str>) -> Result<String, Vec<Problem>> {
    let wrong = |e: csv::Error| {
        vec![Problem::error(format!(
            "cannot read the shipped dataset: {e}"
        ))]
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(reader.headers().map_err(wrong)?)
        .map_err(wrong)?;
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        if row.get(0).is_some_and(|id| ids.contains(id)) {
            writer.write_record(&row).map_err(wrong)?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| vec![Problem::error(e.to_string())])?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The recorded replies to these cases by the two models of the new suite.
fn replies(text: &str, ids: &HashSet<&str>) -> String {
    let wanted = |line: &&str| {
        let Ok(reply) = serde_json::from_str::<serde_json::Value>(line) else {
            return false;
        };
        let case = reply["case"].as_str().is_some_and(|id| ids.contains(id));
        case && reply["candidate"]
            .as_str()
            .is_some_and(|name| MODELS.contains(&name))
    };
    text.lines()
        .filter(wanted)
        .map(|line| format!("{line}\n"))
        .collect()
}
