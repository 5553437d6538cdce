//! What can be odd about a reply, and a candidate's replies with what is odd about each.

use super::script::{Script, dominant};
use super::shape::{Form, around, form};
use crate::dataset::Case;
use crate::plan::Snapshot;
use crate::provider::{FailureKind, Reply};
use crate::store::{Outcome, Record, Stored};
use crate::summary::odd;
use serde::Serialize;

/// What can be odd about a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// There is none.
    Failed,
    /// It is a refusal, or was filtered.
    Refused,
    /// The token limit cut it.
    Cut,
    /// It has neither text nor tool call.
    Empty,
    /// It has neither, and was reasoned about.
    EmptyAfterReasoning,
    /// It was to be JSON, and holds none.
    InvalidJson,
    /// Its JSON stands in a Markdown fence.
    Fenced,
    /// There is text around the answer.
    Around,
    /// A tool call's arguments are no object.
    MalformedToolCall,
    /// It is written in another script than the first model's answer.
    Language,
}

impl Oddity {
    /// Every one, in the order of reports.
    pub const ALL: [Oddity; 10] = [
        Oddity::Failed,
        Oddity::Refused,
        Oddity::Cut,
        Oddity::Empty,
        Oddity::EmptyAfterReasoning,
        Oddity::InvalidJson,
        Oddity::Fenced,
        Oddity::Around,
        Oddity::MalformedToolCall,
        Oddity::Language,
    ];
    /// Those that make a prompt not portable.
    pub const GUARDS: [Oddity; 4] = [Oddity::Failed, Oddity::Refused, Oddity::Cut, Oddity::Empty];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Oddity::Failed => "failed",
            Oddity::Refused => "refused",
            Oddity::Cut => "cut",
            Oddity::Empty => "empty",
            Oddity::EmptyAfterReasoning => "empty_after_reasoning",
            Oddity::InvalidJson => "invalid_json",
            Oddity::Fenced => "fenced",
            Oddity::Around => "around",
            Oddity::MalformedToolCall => "malformed_tool_call",
            Oddity::Language => "language",
        }
    }

    /// What readers are told.
    pub fn words(self) -> &'static str {
        match self {
            Oddity::Failed => "no reply",
            Oddity::Refused => "refused or filtered",
            Oddity::Cut => "cut by the token limit",
            Oddity::Empty => "empty",
            Oddity::EmptyAfterReasoning => "empty after reasoning",
            Oddity::InvalidJson => "no valid JSON",
            Oddity::Fenced => "JSON in a Markdown fence",
            Oddity::Around => "text around the answer",
            Oddity::MalformedToolCall => "malformed tool call",
            Oddity::Language => "another script",
        }
    }
}

/// One trial's end, looked at.
pub(super) struct Seen<'a> {
    /// Why there is no reply.
    pub failure: Option<FailureKind>,
    /// The reply.
    pub reply: Option<&'a Reply>,
    /// The trial's id.
    pub trial: &'a str,
    refused: bool,
    cut: bool,
    empty: bool,
    form: Form,
    around: bool,
    script: Option<Script>,
}

/// What the first model's replies lead to expect.
pub(super) struct Expected {
    /// Whether answers are to be JSON.
    pub json: bool,
    /// The script of the first model's answer to each case.
    scripts: Vec<Option<Script>>,
}

/// A candidate's replies by case.
pub(super) struct Replies<'a>(pub Vec<Vec<Seen<'a>>>);

impl<'a> Replies<'a> {
    /// Of the candidate of this name; `None` if the run has no such candidate.
    pub fn of(plan: &Snapshot, stored: &'a Stored, name: &str) -> Option<Replies<'a>> {
        let column = plan.candidates.iter().find(|column| column.name == name)?;
        let of_case = |case: &Case| {
            let ids = (0..plan.repeats).map(|repeat| plan.trial_id(case, column, repeat));
            let records = ids.filter_map(|id| stored.records.get(&id));
            records.map(|record| see(record, case)).collect()
        };
        Some(Replies(stored.cases.iter().map(of_case).collect()))
    }

    /// What others are to be like. Where the prompt has no schema, half of the answers being JSON says
    /// that it asks for JSON.
    pub fn expected(&self, schema: bool) -> Expected {
        let answered = self.0.iter().flatten().filter(|seen| seen.reply.is_some());
        let json = answered.clone().filter(|seen| seen.form != Form::None);
        let (json, all) = (json.count(), answered.count());
        let script = |case: &Vec<Seen<'_>>| case.iter().find_map(|seen| seen.script);
        Expected {
            json: schema || (json > 0 && 2 * json >= all),
            scripts: self.0.iter().map(script).collect(),
        }
    }

    /// The share of a case's trials that are odd in this way; `None` where none can be.
    pub fn share(&self, case: usize, odd: Oddity, expected: &Expected) -> Option<f64> {
        let seen = self.0[case].iter();
        let flags: Vec<bool> = seen.filter_map(|it| it.is(odd, case, expected)).collect();
        let odd = flags.iter().filter(|flag| **flag).count();
        (!flags.is_empty()).then(|| odd as f64 / flags.len() as f64)
    }
}

impl Seen<'_> {
    /// Whether it is odd in this way; `None` where that cannot be said of it.
    pub fn is(&self, odd: Oddity, case: usize, expected: &Expected) -> Option<bool> {
        let reply = match (odd, self.reply) {
            (Oddity::Failed, reply) => return Some(reply.is_none()),
            (_, reply) => reply?,
        };
        let said = !self.refused && !self.empty;
        Some(match odd {
            Oddity::Failed => false,
            Oddity::Refused => self.refused,
            Oddity::Cut => self.cut,
            Oddity::Empty => self.empty,
            Oddity::EmptyAfterReasoning => {
                let thought = reply.reasoning_text.as_ref();
                let thought = thought.is_some_and(|text| !text.trim().is_empty());
                self.empty && (thought || reply.usage.reasoning.unwrap_or(0) > 0)
            }
            Oddity::InvalidJson => {
                let text = !reply.text.trim().is_empty();
                expected.json && said && text && self.form == Form::None
            }
            Oddity::Fenced => self.form == Form::Fenced,
            Oddity::Around if expected.json => self.form == Form::Within,
            Oddity::Around => self.around,
            Oddity::MalformedToolCall => {
                let mut calls = reply.tool_calls.iter();
                calls.any(|call| !call.arguments.is_object())
            }
            Oddity::Language => {
                let pair = self
                    .script
                    .zip(expected.scripts.get(case).copied().flatten());
                pair.is_some_and(|(own, first)| own != first)
            }
        })
    }

    /// Everything odd about it, in words.
    pub fn words(&self, case: usize, expected: &Expected) -> Vec<&'static str> {
        let all = Oddity::ALL.into_iter();
        let odd = all.filter(|odd| self.is(*odd, case, expected) == Some(true));
        let odd: Vec<Oddity> = odd.collect();
        let told =
            |it: &&Oddity| **it != Oddity::Empty || !odd.contains(&Oddity::EmptyAfterReasoning);
        odd.iter().filter(told).map(|odd| odd.words()).collect()
    }
}

fn see<'a>(record: &'a Record, case: &Case) -> Seen<'a> {
    let reply = match &record.outcome {
        Outcome::Answered(reply) => reply,
        Outcome::Failed(failure) => {
            return Seen {
                failure: Some(failure.kind),
                reply: None,
                trial: &record.trial,
                refused: false,
                cut: false,
                empty: false,
                form: Form::None,
                around: false,
                script: None,
            };
        }
    };
    let [refused, cut, empty] = odd(reply);
    Seen {
        failure: None,
        reply: Some(reply.as_ref()),
        trial: &record.trial,
        refused,
        cut,
        empty,
        form: form(&reply.text),
        around: around(&reply.text, case.target.as_ref()).unwrap_or(false),
        script: dominant(&reply.text),
    }
}
