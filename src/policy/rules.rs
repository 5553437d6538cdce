//! Rules: the first that fits a request decides; else a classifier, else one model.

use super::{Came, Classifier, Pick, Request, Seen, Step};
use crate::dataset::tagged;
use regex::Regex;
use serde_json::Value;

/// Rules in order, and what comes after them.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub rules: Vec<Rule>,
    pub classifier: Option<Classifier>,
    /// The hop where nothing else decides.
    pub otherwise: usize,
}

/// One rule: all that it says must hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    pub least: Option<u64>,
    pub most: Option<u64>,
    pub any: Vec<String>,
    pub none: Vec<String>,
    pub matches: Option<Regex>,
    pub column: Option<(String, Vec<String>)>,
    pub hop: usize,
}

impl Rule {
    fn fits(&self, request: &Request<'_>) -> bool {
        let tokens = request.prompt_tokens;
        let has = |tag: &String| tagged(request.tags, tag);
        self.least.is_none_or(|least| tokens >= least)
            && self.most.is_none_or(|most| tokens <= most)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
            && self
                .matches
                .as_ref()
                .is_none_or(|it| it.is_match(request.text))
            && self
                .column
                .as_ref()
                .is_none_or(|(column, values)| is(request, column, values))
    }

    /// What it looks at, in a few words.
    fn words(&self, request: &Request<'_>) -> String {
        let mut words = Vec::new();
        if self.least.is_some() || self.most.is_some() {
            words.push(format!("{} tokens", request.prompt_tokens));
        }
        words.extend(self.any.iter().find(|it| tagged(request.tags, it)).cloned());
        words.extend(self.none.iter().map(|tag| format!("not {tag}")));
        words.extend(self.matches.iter().map(|it| format!("matches {it}")));
        if let Some((column, _)) = &self.column {
            let value = value(request, column).unwrap_or_default();
            words.push(format!("{column} is {value}"));
        }
        words.join(", ")
    }
}

fn is(request: &Request<'_>, column: &str, values: &[String]) -> bool {
    value(request, column).is_some_and(|value| values.contains(&value))
}

/// A column's value as text.
fn value(request: &Request<'_>, column: &str) -> Option<String> {
    match request.vars?.get(column)? {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_owned()),
        other => Some(other.to_string()),
    }
}

impl Rules {
    pub fn classifier(&self) -> Option<&Classifier> {
        self.classifier.as_ref()
    }

    pub fn next(&self, seen: &Seen<'_>, so_far: &[Step]) -> Option<Pick> {
        let request = &seen.request;
        match (so_far, &self.classifier) {
            ([], classifier) => Some(match (self.fitting(request), classifier) {
                (Some((at, rule)), _) => {
                    Pick::new(rule.hop, format!("rule {}", at + 1), rule.words(request))
                }
                (None, Some(classifier)) => Pick::new(classifier.hop, "classifier", ""),
                (None, None) => Pick::new(self.otherwise, "else", ""),
            }),
            ([only], Some(classifier)) if only.hop == classifier.hop => Some(match &only.came {
                Came::Said(said) => match classifier.label(said) {
                    Some((label, hop)) => Pick::new(*hop, format!("label {label}"), ""),
                    None => Pick::new(self.otherwise, "else", "the classifier named no label"),
                },
                came => {
                    let words = came.words();
                    Pick::new(self.otherwise, "else", format!("the classifier: {words}"))
                }
            }),
            _ => None,
        }
    }

    fn fitting(&self, request: &Request<'_>) -> Option<(usize, &Rule)> {
        let mut rules = self.rules.iter().enumerate();
        rules.find(|(_, rule)| rule.fits(request))
    }

    pub fn paths(&self, seen: &Seen<'_>) -> Vec<Vec<usize>> {
        match (self.fitting(&seen.request), &self.classifier) {
            (Some((_, rule)), _) => vec![vec![rule.hop]],
            (None, None) => vec![vec![self.otherwise]],
            (None, Some(classifier)) => {
                let labels = classifier.labels.iter().map(|(_, hop)| *hop);
                let leaves = labels.chain([self.otherwise]);
                leaves.map(|hop| vec![classifier.hop, hop]).collect()
            }
        }
    }
}
