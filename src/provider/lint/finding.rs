//! What a rule found: how bad, what, where in the call, what to do, what becomes of it.

use super::Rule;
use serde::Serialize;
use serde_json::Value;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is sent in other words; nothing is lost.
    Note,
    /// It is ignored or changed.
    Warning,
    /// The target refuses the call.
    Error,
}

impl Severity {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What becomes of the fields that a finding names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// They are sent as they are.
    None,
    /// They are sent under another name.
    Renamed,
    /// Something else is sent.
    Changed,
    /// They are not sent, as there is no place for them.
    LeftOut,
    /// They were taken out of the call, as was asked for.
    Dropped,
}

/// What a rule found in a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The fields of the call that it is about (`params.temperature`).
    pub fields: Vec<&'static str>,
    /// What becomes of them.
    pub transform: Transform,
    /// Whether `--drop-params` leaves the fields out.
    pub drops: bool,
    /// Whether it may be otherwise for another case.
    #[serde(skip)]
    pub per_case: bool,
    /// What is sent instead, where that is known.
    #[serde(skip)]
    pub sent: Option<Value>,
}

/// A finding as a rule states it.
pub(super) struct Found {
    message: String,
    most: Severity,
    fields: Vec<&'static str>,
    help: Option<String>,
    transform: Transform,
    sent: Option<Value>,
}

impl Found {
    /// As bad as the rule says.
    pub fn new(message: impl Into<String>) -> Self {
        Found {
            message: message.into(),
            most: Severity::Error,
            fields: Vec::new(),
            help: None,
            transform: Transform::None,
            sent: None,
        }
    }

    /// In other words.
    pub fn says(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// About these fields.
    pub fn at(mut self, fields: impl IntoIterator<Item = &'static str>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// No worse than this.
    pub fn at_most(mut self, severity: Severity) -> Self {
        self.most = self.most.min(severity);
        self
    }

    /// Only a warning.
    pub fn warning(self) -> Self {
        self.at_most(Severity::Warning)
    }

    /// Help that fits better than the rule's own.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What becomes of the fields.
    pub fn becomes(mut self, transform: Transform) -> Self {
        self.transform = transform;
        self
    }

    /// What is sent instead.
    pub fn sends(mut self, value: impl Into<Value>) -> Self {
        self.sent = Some(value.into());
        self.becomes(Transform::Changed)
    }

    /// The finding of a rule.
    pub fn by(self, rule: &Rule) -> Finding {
        Finding {
            rule: rule.id,
            severity: self.most.min(rule.severity),
            message: self.message,
            help: self.help.unwrap_or_else(|| rule.help.to_owned()),
            fields: self.fields,
            transform: self.transform,
            drops: rule.drops,
            per_case: rule.per_case,
            sent: self.sent,
        }
    }
}

/// Fields in words: `temperature and top_p`.
pub(super) fn words(fields: &[&'static str]) -> String {
    let short = |field: &&'static str| {
        let name = field.strip_prefix("params.").unwrap_or(field);
        name.strip_prefix("extra.").unwrap_or(name)
    };
    let names: Vec<&str> = fields.iter().map(short).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `is` or `are`, by how many fields there are.
pub(super) fn is(fields: &[&'static str]) -> &'static str {
    if fields.len() == 1 { "is" } else { "are" }
}
