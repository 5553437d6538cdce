//! A parameter on its way: asked of us → sent by us → acknowledged by the provider.

use super::field;
use super::finding::{Finding, Transform};
use crate::provider::call::{Call, Reply};
use serde_json::{Value, json};

/// A parameter that was asked for, and what was sent of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The rule by which something else is sent, if one is.
    pub rule: Option<&'static str>,
    /// The field, without `params.`.
    pub field: &'static str,
    /// What was asked; null if nothing was.
    pub asked: Value,
    /// What is sent; `None` if nothing is.
    pub sent: Option<Value>,
}

/// Parameters that some providers state back.
const STATED: &[&str] = &[
    "params.temperature",
    "params.top_p",
    "params.max_tokens",
    "params.service_tier",
    "params.reasoning.effort",
    "parallel_tool_calls",
];

/// What was asked in a call, what is sent of it, and by which rule; parameters that are sent as they
/// are count only if a provider may state them back.
pub(super) fn wishes(asked: &Call, sent: &Call, findings: &[Finding]) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for finding in findings {
        let instead = match finding.transform {
            Transform::None | Transform::Renamed => continue,
            Transform::Changed => match &finding.sent {
                Some(value) => Some(value.clone()),
                None => continue,
            },
            Transform::LeftOut | Transform::Dropped => None,
        };
        wishes.extend(finding.fields.iter().map(|name| Wish {
            rule: Some(finding.rule),
            field: short(name),
            asked: field::value(asked, name).unwrap_or_default(),
            sent: instead.clone(),
        }));
    }
    for name in STATED {
        let known = wishes.iter().any(|wish| wish.field == short(name));
        if let Some(value) = field::value(sent, name).filter(|_| !known) {
            wishes.push(Wish {
                rule: None,
                field: short(name),
                asked: value.clone(),
                sent: Some(value),
            });
        }
    }
    wishes
}

/// What a reply's reader should know of the wishes: all that were not sent as asked, and those that
/// the provider states otherwise.
pub fn told(wishes: &[Wish], reply: &Reply) -> Vec<String> {
    let told = wishes.iter().filter_map(|wish| {
        let stated = stated(wish.field, reply);
        let heeded = match (&stated, &wish.sent) {
            (Some(stated), Some(sent)) => same(stated, sent),
            _ => true,
        };
        if wish.rule.is_none() && heeded {
            return None;
        }
        let shown = |value: Option<&Value>, none: &str| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => none.to_owned(),
            Some(Value::Number(number)) => number.as_f64().unwrap_or_default().to_string(),
            Some(value) => value.to_string(),
        };
        let asked = shown(Some(&wish.asked), "nothing");
        let sent = shown(wish.sent.as_ref(), "nothing");
        let rule = wish.rule.map(|rule| format!(" ({rule})"));
        let acknowledged = shown(stated.as_ref(), "nothing");
        Some(format!(
            "{}: asked {asked} → sent {sent}{} → acknowledged {acknowledged}",
            wish.field,
            rule.unwrap_or_default()
        ))
    });
    told.collect()
}

/// What the reply states of a parameter.
fn stated(field: &str, reply: &Reply) -> Option<Value> {
    match field {
        "service_tier" => reply.service_tier.as_ref().map(|tier| json!(tier)),
        _ => reply.stated.get(field).cloned(),
    }
}

/// Whether a provider states what was sent; `auto` leaves it the choice.
fn same(stated: &Value, sent: &Value) -> bool {
    match (stated.as_f64(), sent.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-6,
        _ => stated == sent || sent == "auto",
    }
}

fn short(field: &'static str) -> &'static str {
    field.strip_prefix("params.").unwrap_or(field)
}
