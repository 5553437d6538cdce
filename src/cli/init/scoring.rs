//! Which scorer fits the expected answers, and what a prompt must ask for so that it does.

use super::quoted;
use crate::dataset::Dataset;
use serde_json::Value;
use std::collections::BTreeSet;

/// Most labels.
const MOST_LABELS: usize = 30;
/// Longest label, in characters.
const LONGEST_LABEL: usize = 40;
/// Longest answer that is still compared as a whole, in characters.
const SHORT: usize = 60;
/// Most fields of a JSON answer that are compared.
const MOST_FIELDS: usize = 12;

/// How the answers are to be scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scoring {
    /// One of these labels.
    Labels(Vec<String>),
    /// A number.
    Number,
    /// A JSON object with these keys.
    Fields(Vec<String>),
    /// A short text.
    Short,
    /// A long text.
    Long,
    /// Nothing is expected.
    Nothing,
}

/// The scoring that fits the values of a column.
pub fn scoring(dataset: &Dataset, target: Option<&str>) -> Scoring {
    let Some(target) = target else {
        return Scoring::Nothing;
    };
    let full = |value: &&Value| !matches!(value, Value::Null) && value.as_str() != Some("");
    let values = dataset
        .cases
        .iter()
        .filter_map(|case| case.vars.get(target));
    let values: Vec<&Value> = values.filter(full).collect();
    if values.is_empty() {
        return Scoring::Nothing;
    }
    let objects: Option<Vec<Value>> = values.iter().map(|value| object(value)).collect();
    if let Some(objects) = objects {
        return Scoring::Fields(fields(&objects));
    }
    let texts: Vec<String> = values.iter().map(|value| text(value)).collect();
    if texts.iter().all(|text| text.trim().parse::<f64>().is_ok()) {
        return Scoring::Number;
    }
    let distinct: BTreeSet<&str> = texts.iter().map(|text| text.trim()).collect();
    let longest = texts.iter().map(|text| text.chars().count()).max();
    let longest = longest.unwrap_or(0);
    let few = (2..=MOST_LABELS).contains(&distinct.len()) && distinct.len() < texts.len();
    match longest {
        _ if few && longest <= LONGEST_LABEL => {
            Scoring::Labels(distinct.into_iter().map(str::to_owned).collect())
        }
        _ if longest <= SHORT => Scoring::Short,
        _ => Scoring::Long,
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The value as a JSON object, if it is one or the text of one.
fn object(value: &Value) -> Option<Value> {
    let read = match value {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    read.is_object().then_some(read)
}

/// The keys that every object has, in the order of the first.
fn fields(objects: &[Value]) -> Vec<String> {
    let first = objects[0].as_object();
    let keys = first.into_iter().flat_map(|object| object.keys());
    let common = |key: &&String| {
        objects
            .iter()
            .all(|object| object.get(key.as_str()).is_some())
    };
    keys.filter(common).take(MOST_FIELDS).cloned().collect()
}

impl Scoring {
    /// The name of the scorer that decides.
    pub fn primary(&self) -> &'static str {
        match self {
            Scoring::Labels(_) => "label",
            Scoring::Number => "number",
            Scoring::Fields(_) => "fields",
            Scoring::Short => "exact",
            Scoring::Long => "chrf",
            Scoring::Nothing => "answers",
        }
    }

    /// The suite's scorers, as YAML.
    pub fn yaml(&self) -> String {
        match self {
            Scoring::Labels(labels) => {
                let labels: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
                format!("  - {{name: label, label: {{of: [{}]}}}}\n", labels.join(", "))
            }
            Scoring::Number => "  - {name: number, numeric: {tolerance: 0}}\n".into(),
            Scoring::Fields(fields) => {
                let pointer = |key: &String| {
                    quoted(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
                };
                let fields: Vec<String> = fields.iter().map(pointer).collect();
                format!("  - {{name: fields, json: {{fields: [{}]}}}}\n", fields.join(", "))
            }
            Scoring::Short => "  - {name: exact, exact: {case: false, punctuation: ignore}}\n  \
                               - {name: words, squad: f1}\n"
                .into(),
            Scoring::Long => "  - {name: chrf, chrf: {summary: mean}}\n  \
                              # a judge reads better than any formula: `bakeoff explain judge`\n"
                .into(),
            Scoring::Nothing => "  - {name: answers, not: refusal}\n  \
                                 # no expected answers: let a judge grade them, `bakeoff explain judge`\n"
                .into(),
        }
    }

    /// What the prompt asks for; empty where it should only ask.
    pub fn instruction(&self) -> String {
        match self {
            Scoring::Labels(labels) => format!(
                "Answer with exactly one of these, and nothing else: {}.",
                labels.join(", ")
            ),
            Scoring::Number => "Answer with the number alone.".into(),
            Scoring::Fields(fields) => format!(
                "Answer with one JSON object and nothing else. Its keys: {}.",
                fields.join(", ")
            ),
            Scoring::Short => "Answer in as few words as possible, without an explanation.".into(),
            Scoring::Long | Scoring::Nothing => String::new(),
        }
    }

    /// What was found, for the user.
    pub fn told(&self) -> String {
        match self {
            Scoring::Labels(labels) => {
                let mut shown = labels
                    .iter()
                    .take(4)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ");
                if labels.len() > 4 {
                    shown += ", …";
                }
                format!("{} labels ({shown}), scored by `label`", labels.len())
            }
            Scoring::Number => "numbers, scored by `numeric`".into(),
            Scoring::Fields(fields) => {
                format!("JSON, scored by its fields {}", fields.join(", "))
            }
            Scoring::Short => "short texts, scored by `exact` and `squad`".into(),
            Scoring::Long => "long texts, scored by `chrf`".into(),
            Scoring::Nothing => "no values".into(),
        }
    }

    /// Tokens that an answer may have.
    pub fn max_tokens(&self) -> u32 {
        match self {
            Scoring::Labels(_) | Scoring::Number | Scoring::Short => 128,
            Scoring::Fields(_) => 512,
            Scoring::Long | Scoring::Nothing => 1024,
        }
    }
}
